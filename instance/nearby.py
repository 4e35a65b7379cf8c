"""What neighbours keep beside the board: seen in a circle, as long as its author is known to live there.

Nothing of it leaves town, and nothing has to be taken down when somebody moves out or is suspended: whoever reads asks
the store anew, in one question, whether its author is still a neighbour.
"""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, and_, or_, select, true
from sqlalchemy.orm import Mapped, Session, declared_attr, mapped_column, relationship

from instance import assurance, listings, notices, residents
from instance.assurance import Level
from instance.audience import Audience, Reader
from instance.base import Refused, Row
from instance.notices import State
from instance.places import Building, Lot, Quarter
from instance.residents import Resident


class Nearby(Row):
    """Something of a neighbour that stands in a circle of theirs: the building, the quarter or the town."""

    __abstract__ = True

    author_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    reach: Mapped[int] = mapped_column()
    circle: Mapped[str] = mapped_column(String(40), index=True)
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    quarter_id: Mapped[int | None] = mapped_column(ForeignKey("quarter.id"))
    state: Mapped[str] = mapped_column(String(20))
    updated_at: Mapped[datetime] = mapped_column()

    @declared_attr
    def author(cls) -> Mapped[Resident]:  # noqa: N805 - SQLAlchemy calls it with the class
        """Whose it is."""
        return relationship()

    @declared_attr
    def building(cls) -> Mapped[Building | None]:  # noqa: N805 - as above
        """The building it stays in."""
        return relationship()

    @declared_attr
    def quarter(cls) -> Mapped[Quarter | None]:  # noqa: N805 - as above
        """The quarter it was written in."""
        return relationship()

    @property
    def audience(self) -> Audience:
        """How far it reaches."""
        return Audience(self.reach)

    @property
    def is_live(self) -> bool:
        """Whether it stands: neither taken away nor hidden."""
        return self.state == State.LIVE

    @property
    def is_remote(self) -> bool:
        """Whether it came from another town: never."""
        return False

    @property
    def wording(self) -> str:
        """All that is said in it: what is reported, and told when a moderator decides."""
        raise NotImplementedError


def put(session: Session, *, row: Nearby, by: Resident, audience: Audience, building: Building | None) -> None:
    """Say in which circle it stands. `building` says which, for somebody who lives in several.

    Raises Refused (no_home, place_missing, stays_in_town), each at "audience".
    """
    if audience is Audience.NETWORK:
        raise Refused("stays_in_town", field="audience")
    known = residents.buildings_of(session, resident=by)
    home, quarter = listings.choose(known, audience=audience, building=building)
    circle, home, quarter = notices.place(audience, building=home, quarter=quarter)
    row.reach, row.circle = audience.value, circle
    row.building_id = home.id if home is not None else None
    row.quarter_id = quarter.id if quarter is not None else None


def seen(kind: type[Nearby], *, reader: Reader) -> ColumnElement[bool]:
    """What this reader may see of a kind: of their circles, of neighbours whose home is known and account open."""
    active = select(Resident.id).where(Resident.id == kind.author_id, Resident.state == residents.State.ACTIVE.value)
    return and_(
        kind.state == State.LIVE.value,
        kind.circle.in_(reader.circles),
        active.correlate(kind).exists(),
        or_(
            and_(kind.reach == Audience.BUILDING.value, _known(kind, where=Lot.building_id == kind.building_id)),
            and_(kind.reach == Audience.QUARTER.value, _known(kind, where=Building.quarter_id == kind.quarter_id)),
            and_(kind.reach == Audience.INSTANCE.value, _known(kind, where=true())),
        ),
    )


def _known(kind: type[Nearby], *, where: ColumnElement[bool]) -> ColumnElement[bool]:
    return assurance.is_known(kind.author_id, least=Level.BUILDING, where=where)


def hold_own(session: Session, *, row: Nearby, by: Resident) -> None:
    """Hold a row of one's own, as it is now, until the transaction ends. Raises Refused (suspended, not_yours)."""
    residents.check_active(session, resident=by)
    hold(session, row=row)
    if row.author_id != by.id:
        raise Refused("not_yours")


def hold(session: Session, *, row: Nearby) -> None:
    """Hold a row as it is now: who takes it away and who asks about it come one after the other."""
    session.refresh(row, with_for_update={"key_share": True})
