"""The notice that listings and news have in common: who may see it, who may change it, and those from elsewhere."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import arrivals, journal, organisations, prose, residents, stems
from instance import audience as audiences
from instance.audience import Audience, Reader
from instance.base import Refused, Row
from instance.organisations import Organisation
from instance.places import Building, Quarter
from instance.residents import Resident

LONGEST_TITLE = 120
LONGEST_BODY = 10_000


class State(StrEnum):
    """Whether a notice still hangs on the board, and if not, why."""

    LIVE = "live"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    HIDDEN = "hidden"


class Notice(Row):
    """One slip on the board. Nothing records who looked at it."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_feed", "circle", "state", "id"),)

    family: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(LONGEST_TITLE))
    body: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(5))
    reach: Mapped[int] = mapped_column()
    circle: Mapped[str] = mapped_column(String(40))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    quarter_id: Mapped[int | None] = mapped_column(ForeignKey("quarter.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    state: Mapped[str] = mapped_column(String(20))
    # What it is found by, see `spell`. The store keeps an index of it; hardly anybody else reads it.
    search_text: Mapped[str] = mapped_column(Text, default="", server_default="", deferred=True)
    version: Mapped[int] = mapped_column()
    # Stays true once the audience was ever NETWORK: a narrower version must then be told outside too.
    reached_network: Mapped[bool] = mapped_column()
    updated_at: Mapped[datetime] = mapped_column()
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    # Where it comes from, when it hangs here for another city.
    origin_uri: Mapped[str | None] = mapped_column(String(1000), unique=True)
    origin_actor: Mapped[str | None] = mapped_column(String(1000), index=True)
    origin_name: Mapped[str | None] = mapped_column(String(200))
    origin_host: Mapped[str | None] = mapped_column(String(255), index=True)
    origin_url: Mapped[str | None] = mapped_column(String(1000))

    author: Mapped[Resident | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
    building: Mapped[Building | None] = relationship()
    quarter: Mapped[Quarter | None] = relationship()

    # "*": whatever family a branch of the feed finds, its own columns come in the same query.
    __mapper_args__ = {"polymorphic_on": "family", "polymorphic_identity": "notice", "with_polymorphic": "*"}  # noqa: RUF012 - SQLAlchemy's own class attribute

    @property
    def audience(self) -> Audience:
        """How far it reaches."""
        return Audience(self.reach)

    @property
    def is_remote(self) -> bool:
        """Whether it was written in another city."""
        return self.origin_uri is not None

    @property
    def is_live(self) -> bool:
        """Whether it still hangs."""
        return self.state == State.LIVE

    @property
    def is_spent(self) -> bool:
        """Whether only its address is left of it, see `forgetting`."""
        return not self.circle

    def copy_details(self, newer: "Notice") -> None:
        """Take over what a family has beyond the common columns from a newer version."""

    @property
    def kind(self) -> str:
        """What it is: an offer, a request, news."""
        return self.family

    @property
    def wording(self) -> tuple[str, ...]:
        """All that is said in it, for searching."""
        return (self.title, self.body)

    def blank(self) -> None:
        """Lose all words."""
        self.title = self.body = self.html = self.search_text = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a notice from another city comes from."""

    uri: str
    actor_uri: str
    name: str
    host: str
    url: str | None
    updated: datetime


def read_title(value: str) -> str:
    """A title on one line. Raises Refused("missing"|"too_long", field="title")."""
    text = " ".join(value.split())
    if not text:
        raise Refused("missing", field="title")
    if len(text) > LONGEST_TITLE:
        raise Refused("too_long", field="title")
    return text


def read_body(value: str) -> str:
    """A body of several lines. Raises Refused("missing"|"too_long", field="body")."""
    text = value.replace("\r\n", "\n").strip()
    if not text:
        raise Refused("missing", field="body")
    if len(text) > LONGEST_BODY:
        raise Refused("too_long", field="body")
    return text


def place(
    audience: Audience, *, building: Building | None, quarter: Quarter | None
) -> tuple[str, Building | None, Quarter | None]:
    """The circle of an audience, with the places that go with it.

    Raises Refused("place_missing", field="audience") when a building or quarter is needed and not given.
    """
    if audience is not Audience.BUILDING:
        building = None
    elif building is not None:
        quarter = building.quarter
    try:
        circle = audiences.circle(
            audience,
            building_id=building.id if building else None,
            quarter_id=quarter.id if quarter else None,
        )
    except ValueError:
        raise Refused("place_missing", field="audience") from None
    return circle, building, quarter


def spell(notice: Notice) -> None:
    """Keep what it is found by in step with its words: marks of its own, then stems. Whoever changes words calls it.

    A mark begins with a colon and no word does: nobody finds one by typing it.
    """
    away = "away" if notice.is_remote else "here"
    marks = (f":kind:{notice.kind}", f":from:{away}", week_mark(notice.created_at))
    notice.search_text = " ".join((*marks, *sorted(stems.terms("\n".join(notice.wording)))))


def week_mark(moment: datetime) -> str:
    """The mark of a week, counted in sevens of days since the year 1 (UTC)."""
    return f":week:{moment.astimezone(UTC).date().toordinal() // 7}"


def publish(session: Session, *, notice: Notice, now: datetime) -> None:
    """Hang a notice that listings or news made, with its journal entry in the same transaction."""
    notice.version = 1
    notice.state = State.LIVE.value
    notice.reached_network = notice.audience is Audience.NETWORK and not notice.is_remote
    notice.html = prose.render(notice.body)
    notice.updated_at = now
    spell(notice)
    session.add(notice)
    session.flush()
    _journal(session, notice=notice, now=now)


def _journal(session: Session, *, notice: Notice, now: datetime) -> None:
    if notice.is_live:
        arrivals.tell(session, notice_id=notice.id, now=now)
    if notice.is_remote:
        return  # what came from outside never leaves again
    journal.record(
        session,
        subject=journal.Subject.NOTICE,
        subject_id=notice.public_id,
        version=notice.version,
        now=now,
    )


def change(session: Session, *, notice: Notice, now: datetime) -> None:
    """Count up a changed notice and journal it: the boundary looks at its newest version only.

    Counted from the row as it is now, held until the transaction ends: of two who change it at once, one comes second.
    """
    table = Notice.__table__
    held = select(table.c.version).where(table.c.id == notice.id).with_for_update()
    notice.version = session.scalars(held).one() + 1
    # Others compare whole seconds and ignore what is not newer: two changes never share one.
    notice.updated_at = max(now, notice.updated_at + timedelta(seconds=1))
    if not notice.is_remote:
        notice.html = prose.render(notice.body)
    spell(notice)
    notice.reached_network = notice.reached_network or (notice.audience is Audience.NETWORK and not notice.is_remote)
    session.flush()
    _journal(session, notice=notice, now=now)


def may_change(session: Session, *, notice: Notice, by: Resident) -> bool:
    """The author, or whoever writes for the organisation."""
    if notice.is_remote:
        return False
    if notice.organisation is not None:
        return organisations.may_write(session, organisation=notice.organisation, resident=by)
    return notice.author_id == by.id


def hold_own(session: Session, *, notice: Notice, by: Resident) -> None:
    """Hold a live notice of one's own, as it is now, until the transaction ends: the clock changes notices, too.

    Raises Refused("suspended"|"not_yours"|"not_live").
    """
    residents.check_active(session, resident=by)
    table = Notice.__table__
    session.execute(select(table.c.id).where(table.c.id == notice.id).with_for_update())
    session.refresh(notice)
    if not may_change(session, notice=notice, by=by):
        raise Refused("not_yours")
    if not notice.is_live:
        raise Refused("not_live")


def edit(session: Session, *, notice: Notice, by: Resident, title: str, body: str, now: datetime) -> None:
    """Change the words. Raises Refused (not_yours, not_live, missing, too_long)."""
    hold_own(session, notice=notice, by=by)
    # Both are read before either is set: what is refused changes nothing.
    notice.title, notice.body = read_title(title), read_body(body)
    change(session, notice=notice, now=now)


def withdraw(session: Session, *, notice: Notice, by: Resident, now: datetime) -> None:
    """Take a notice down. Raises Refused("not_yours"|"not_live")."""
    hold_own(session, notice=notice, by=by)
    notice.state = State.WITHDRAWN.value
    change(session, notice=notice, now=now)


def narrow(
    session: Session,
    *,
    notice: Notice,
    by: Resident,
    audience: Audience,
    building: Building | None,
    quarter: Quarter | None,
    now: datetime,
) -> None:
    """Let fewer people see it. Raises Refused (not_yours, not_live, not_narrower, place_missing)."""
    hold_own(session, notice=notice, by=by)
    if audience >= notice.audience:
        raise Refused("not_narrower", field="audience")
    circle, building, quarter = place(audience, building=building, quarter=quarter)
    notice.reach, notice.circle = audience.value, circle
    notice.building, notice.quarter = building, quarter
    change(session, notice=notice, now=now)


def expire(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Take down notices whose time has passed; returns how many."""
    table = Notice.__table__
    due = (
        select(table.c.id)
        .where(table.c.state == State.LIVE.value, table.c.expires_at <= now)
        # In an order of their own: what the store finds first depends on rows that are nobody's business outside.
        .order_by(table.c.expires_at, table.c.id)
        .limit(limit)
        # Whoever is just renewing one of them is let through.
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(due).all()
    wanted = select(Notice).where(Notice.id.in_(ids)).order_by(Notice.expires_at, Notice.id)
    passed = session.scalars(wanted.execution_options(populate_existing=True)).all()
    for notice in passed:
        notice.state = State.EXPIRED.value
        change(session, notice=notice, now=now)
    return len(passed)


def find(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Notice:
    """A live notice this reader may see.

    Raises Refused("not_found"), the same for a notice that never was and one that is not theirs.
    Somebody who may change a notice finds it after it was taken down, too.
    """
    notice = session.scalar(select(Notice).where(Notice.public_id == public_id))
    if notice is None:
        raise Refused("not_found")
    if _is_writer(notice, reader=reader) and notice.state != State.HIDDEN and not notice.is_spent:
        return notice
    if not notice.is_live or not audiences.may_read(reader, audience=notice.audience, circle=notice.circle):
        raise Refused("not_found")
    return notice


def _is_writer(notice: Notice, *, reader: Reader) -> bool:
    if not reader.signed_in:
        return False
    if notice.organisation_id is not None:  # whoever left the organisation left its notices, too
        return notice.organisation_id in reader.organisation_ids
    return notice.author_id == reader.resident_id


def by_origin(session: Session, *, uri: str) -> Notice | None:
    """The notice that hangs here for this address elsewhere."""
    return session.scalar(select(Notice).where(Notice.origin_uri == uri))


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Notice | None:
    """A notice by its public id, whoever asks: for the hatch, the moderators' desk, and links with a seal of ours."""
    return session.scalar(select(Notice).where(Notice.public_id == public_id))


def welcome(session: Session, *, notice: Notice, origin: Origin, html: str, now: datetime) -> Notice:
    """Hang a notice that another city published, or bring the one we have up to date.

    An upsert, because other software does not always tell a creation from an update. An older version
    than ours changes nothing, nor does anything after it was taken down or hidden here.
    Raises Refused (stranger, another_kind) when its author is not the one who first wrote it, and when an offer became
    news or news an offer: people have written and agreed about what they read.
    """
    known = by_origin(session, uri=origin.uri)
    if known is None:
        return _hang(session, notice=notice, origin=origin, html=html, now=now)
    if known.origin_actor != origin.actor_uri:
        raise Refused("stranger")
    if known.family != notice.family:
        raise Refused("another_kind")
    if known.is_live and origin.updated > known.updated_at:
        known.title, known.html = notice.title, prose.clean(html)
        known.body = prose.plain(known.html)
        known.copy_details(notice)
        known.updated_at = origin.updated
        known.version += 1
        spell(known)
        _journal(session, notice=known, now=now)
        session.flush()
    return known


def _hang(session: Session, *, notice: Notice, origin: Origin, html: str, now: datetime) -> Notice:
    notice.reach, notice.circle = Audience.INSTANCE.value, audiences.CITY_CIRCLE
    notice.state, notice.version, notice.reached_network = State.LIVE.value, 1, False
    notice.html = prose.clean(html)
    notice.body = prose.plain(notice.html)
    notice.created_at, notice.updated_at = now, origin.updated
    notice.origin_uri, notice.origin_actor, notice.origin_url = origin.uri, origin.actor_uri, origin.url
    notice.origin_name, notice.origin_host = origin.name[:200], origin.host
    spell(notice)
    session.add(notice)
    session.flush()
    _journal(session, notice=notice, now=now)
    session.flush()
    return notice


def farewell(session: Session, *, uri: str, actor_host: str, now: datetime) -> Notice | None:
    """Another city took its notice down: its words go from here, too. None when it never hung here.

    Raises Refused("stranger") when the host that says so is not the one it came from.
    """
    notice = by_origin(session, uri=uri)
    if notice is None:
        return None
    if notice.origin_host != actor_host:
        raise Refused("stranger")
    notice.state = State.WITHDRAWN.value
    notice.blank()
    notice.updated_at = now
    session.flush()
    return notice
