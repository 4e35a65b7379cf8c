"""Offers and requests between neighbours: three fields, an audience, and no trace of who did not answer."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from instance import needs, notices, residents
from instance.audience import Audience
from instance.base import Refused, older
from instance.needs import Need
from instance.notices import Notice, Origin
from instance.places import Building, Quarter
from instance.residents import Resident

LONGEST_BYLINE = 60


class Direction(StrEnum):
    """Something to give, or something needed."""

    OFFER = "offer"
    REQUEST = "request"


class Listing(Notice):
    """An offer or a request. `byline` is how its author signs where nobody knows them."""

    __tablename__ = "listing"

    id: Mapped[int] = mapped_column(BigInteger, ForeignKey("notice.id"), primary_key=True, autoincrement=False)
    direction: Mapped[str] = mapped_column(String(10))
    byline: Mapped[str | None] = mapped_column(String(LONGEST_BYLINE))
    # What a request of ours is for; empty for offers, and for what hangs here for another city.
    need: Mapped[str | None] = mapped_column(String(12))

    __mapper_args__ = {"polymorphic_identity": "listing"}  # noqa: RUF012 - SQLAlchemy's own class attribute

    @property
    def kind(self) -> str:
        """An offer or a request."""
        return self.direction

    def copy_details(self, newer: Notice) -> None:
        """Take over what a newer version from elsewhere says."""
        if isinstance(newer, Listing):
            self.direction = newer.direction


def hangs_until(listing: Listing, *, now: datetime) -> datetime:
    """Until when it would hang if it were hung now."""
    if listing.need is None:
        return now + needs.STANDING
    return needs.until(Need(listing.need), now=now)


def read_byline(value: str | None, *, audience: Audience) -> str | None:
    """How an author signs beyond the town, None for an audience that does not reach there.

    Raises Refused("byline_missing"|"too_long", field="byline").
    """
    if audience is not Audience.NETWORK:
        return None  # nobody beyond the city reads it, so nothing is kept
    text = " ".join((value or "").split())
    if not text:
        raise Refused("byline_missing", field="byline")
    if len(text) > LONGEST_BYLINE:
        raise Refused("too_long", field="byline")
    return text


def home(
    session: Session, *, by: Resident, audience: Audience, building: Building | None, now: datetime
) -> tuple[Building | None, Quarter | None]:
    """The author's own building and quarter: nobody hangs a slip on somebody else's board.

    Raises Refused at "audience": no_home, board_closed (what is known of them does not open that one, or not yet), and
    place_missing for somebody with several homes.
    """
    homes = residents.hang_from(session, resident=by, audience=audience, now=now)
    if not homes:
        others = residents.quarters_known(session, resident=by)
        raise Refused("board_closed" if others else "no_home", field="audience")
    return choose(homes, audience=audience, building=building)


def choose(
    homes: Sequence[Building], *, audience: Audience, building: Building | None
) -> tuple[Building | None, Quarter | None]:
    """Which of somebody's homes is meant, as building and quarter of an audience.

    Raises Refused("no_home"|"place_missing", field="audience").
    """
    if not homes:
        raise Refused("no_home", field="audience")
    if building is None and len(homes) == 1:
        building = homes[0]
    if building is None or building.id not in {one.id for one in homes}:
        raise Refused("place_missing", field="audience")
    return (building if audience is Audience.BUILDING else None), building.quarter


def may_hang_on(session: Session, *, listing: Listing, author: Resident, now: datetime) -> bool:
    """Whether its author could hang it anew where it hangs: what is known of them opens that board still."""
    homes = residents.hang_from(session, resident=author, audience=listing.audience, now=now)
    match listing.audience:
        case Audience.BUILDING:
            return listing.building_id in {one.id for one in homes}
        case Audience.QUARTER:
            return listing.quarter_id in {one.quarter_id for one in homes}
        case _:
            return bool(homes)


def _publish(
    session: Session,
    *,
    direction: Direction,
    by: Resident,
    title: str,
    body: str,
    audience: Audience,
    now: datetime,
    building: Building | None,
    byline: str | None,
    need: Need | None = None,
) -> Listing:
    residents.check_active(session, resident=by)
    building, quarter = home(session, by=by, audience=audience, building=building, now=now)
    circle, building, quarter = notices.place(audience, building=building, quarter=quarter)
    listing = Listing(
        direction=direction.value,
        byline=read_byline(byline, audience=audience),
        title=notices.read_title(title),
        body=notices.read_body(body),
        language=by.locale,
        reach=audience.value,
        circle=circle,
        building=building,
        quarter=quarter,
        author=by,
        created_at=now,
        need=need.value if need is not None else None,
    )
    listing.expires_at = hangs_until(listing, now=now)
    notices.publish(session, notice=listing, now=now)
    return listing


def offer(
    session: Session,
    *,
    by: Resident,
    title: str,
    body: str,
    audience: Audience,
    now: datetime,
    building: Building | None = None,
    byline: str | None = None,
) -> Listing:
    """Hang an offer: a standing one, for ninety days. `building` says which, for somebody who lives in several.

    Raises Refused (missing, too_long, no_home, board_closed, place_missing, byline_missing), each with its field.
    """
    return _publish(
        session,
        direction=Direction.OFFER,
        by=by,
        title=title,
        body=body,
        audience=audience,
        now=now,
        building=building,
        byline=byline,
    )


def request(
    session: Session,
    *,
    by: Resident,
    title: str,
    body: str,
    audience: Audience,
    now: datetime,
    building: Building | None = None,
    byline: str | None = None,
    need: Need = Need.OTHER,
) -> Listing:
    """Hang a request; otherwise as `offer`. `need` says what it is for, and so how long it makes sense."""
    return _publish(
        session,
        direction=Direction.REQUEST,
        by=by,
        title=title,
        body=body,
        audience=audience,
        now=now,
        building=building,
        byline=byline,
        need=need,
    )


def of_author(
    session: Session, *, author: Resident, limit: int = 50, after: uuid.UUID | None = None
) -> Sequence[Listing]:
    """Somebody's own offers and requests, whatever became of them, newest first, the stretch that follows `after`."""
    own = select(Listing).where(Listing.author_id == author.id, Listing.circle != "")
    wanted = older(own, of=Listing, than=after)
    return session.scalars(wanted.order_by(Listing.id.desc()).limit(limit)).all()


def narrow(
    session: Session,
    *,
    listing: Listing,
    by: Resident,
    audience: Audience,
    now: datetime,
    building: Building | None = None,
) -> None:
    """Let fewer people see a listing: it stays in its quarter, or goes to its author's building.

    `building` says which, for somebody who lives in several; no other audience needs a home, so that
    whoever moved out can still call a listing back from far away. The byline goes: nobody reads it now.
    Raises Refused (not_yours, not_live, not_narrower, no_home, board_closed, place_missing).
    """
    quarter = listing.quarter
    if audience is Audience.BUILDING or building is not None or quarter is None:
        building, quarter = home(session, by=by, audience=audience, building=building or listing.building, now=now)
    notices.narrow(session, notice=listing, by=by, audience=audience, building=building, quarter=quarter, now=now)
    listing.byline = None
    session.flush()


def welcome(
    session: Session,
    *,
    origin: Origin,
    direction: Direction,
    title: str,
    html: str,
    language: str,
    now: datetime,
) -> Notice:
    """Hang an offer or request from another city, or update it. Raises Refused("stranger")."""
    listing = Listing(direction=direction.value, title=title[: notices.LONGEST_TITLE], language=language[:5])
    return notices.welcome(session, notice=listing, origin=origin, html=html, now=now)
