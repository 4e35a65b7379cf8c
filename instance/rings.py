"""Widening rings: a request that begins in its author's building and reaches further, step by step, until it is over.

The row says how far its author let it go and when the next ring opens; it is gone once no other will. A ring is opened
by the home worker's clock, one at a time, by day, as a change of the notice like any other. Nothing here knows who read
anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import holds, hours, listings, needs, notices, residents
from instance.audience import Audience
from instance.base import Refused, Row
from instance.listings import LONGEST_BYLINE, Direction, Listing
from instance.needs import AT_LEAST, Need, next_at
from instance.notices import Notice
from instance.places import Building
from instance.residents import Resident
from instance.residents import State as Standing

EVENING: Final = time(18)
MORNING: Final = time(9)
TWO_HOURS: Final = timedelta(hours=2)


class Pace(StrEnum):
    """How fast the rings open. `AT_ONCE` begins with everybody who was chosen."""

    AT_ONCE = "at_once"
    HOURS = "hours"
    EVENING = "evening"
    TOMORROW = "tomorrow"


NEXT: Final[Mapping[Audience, Audience]] = {
    Audience.BUILDING: Audience.QUARTER,
    Audience.QUARTER: Audience.INSTANCE,
    Audience.INSTANCE: Audience.NETWORK,
}


class Widening(Row):
    """What is still to open of a request: its next ring, at `next_at`. `furthest` is never passed."""

    __tablename__ = "widening"

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), unique=True)
    pace: Mapped[str] = mapped_column(String(10))
    # The ring it stands in. When the notice stands in another, its author narrowed it: it widens no more.
    ring: Mapped[int] = mapped_column()
    furthest: Mapped[int] = mapped_column()
    # How its author signs beyond the town.
    byline: Mapped[str | None] = mapped_column(String(LONGEST_BYLINE))
    next_at: Mapped[datetime] = mapped_column(index=True)
    listing: Mapped[Listing] = relationship()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The ring that opens next, and when."""

    audience: Audience
    at: datetime


def opens(pace: Pace, *, since: datetime) -> datetime:
    """When the next ring opens after the one of `since`; never between 21 and 8 in town. Pure.

    "This evening" is 18:00, at least an hour ahead; "tomorrow" is 9:00 on the next day.
    """
    match pace:
        case Pace.HOURS:
            return hours.by_day(since + TWO_HOURS)
        case Pace.EVENING:
            return next_at(EVENING, after=since + AT_LEAST)
        case Pace.TOMORROW:
            midnight = next_at(time(0), after=since + timedelta(microseconds=1))
            return next_at(MORNING, after=midnight)
        case Pace.AT_ONCE:
            return since


def schedule(pace: Pace, *, furthest: Audience, since: datetime) -> tuple[Ahead, ...]:
    """Which ring opens when, at the earliest, for a request hung now; nothing where all see it at once. Pure."""
    rings: list[Ahead] = []
    ring, moment = Audience.BUILDING, since
    while pace is not Pace.AT_ONCE and ring < furthest:
        ring, moment = NEXT[ring], opens(pace, since=moment)
        rings.append(Ahead(audience=ring, at=moment))
    return tuple(rings)


def ask(
    session: Session,
    *,
    by: Resident,
    title: str,
    body: str,
    audience: Audience,
    need: Need,
    pace: Pace,
    now: datetime,
    building: Building | None = None,
    byline: str | None = None,
) -> Listing:
    """Hang a request for whom `audience` says: all of them at once, or the building first and the others at a pace.

    Raises Refused as `listings.request`, and ("pace_late", field="pace") when it ends before it would widen.
    """
    paced = pace is not Pace.AT_ONCE and audience is not Audience.BUILDING
    signed = listings.read_byline(byline, audience=audience)
    if paced:
        listings.home(session, by=by, audience=audience, building=building, now=now)
    first = opens(pace, since=now)
    if paced and first >= needs.until(need, now=now):
        raise Refused("pace_late", field="pace")
    listing = listings.request(
        session,
        by=by,
        title=title,
        body=body,
        audience=Audience.BUILDING if paced else audience,
        need=need,
        now=now,
        building=building,
        byline=byline,
    )
    if paced:
        widening = Widening(
            listing=listing,
            pace=pace.value,
            ring=listing.reach,
            furthest=audience.value,
            byline=signed,
            next_at=first,
            created_at=now,
        )
        session.add(widening)
        session.flush()
    return listing


def of(session: Session, *, listing: Listing) -> Widening | None:
    """What is still to open of a request; None when nothing is."""
    return session.scalar(select(Widening).where(Widening.listing_id == listing.id))


def ahead(session: Session, *, listing: Listing) -> Ahead | None:
    """The ring that opens next, for the author's eyes; None when none will."""
    widening = of(session, listing=listing)
    if widening is None or not listing.is_live or widening.ring != listing.reach:
        return None
    if listing.expires_at is not None and widening.next_at >= listing.expires_at:
        return None
    return Ahead(audience=NEXT[listing.audience], at=widening.next_at)


# --- by the clock


def open_due(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Open the next ring of every request whose time has come, one ring each; returns how many opened.

    Nothing opens at night. Both rows are held while they are looked at, so that an author who says stop is never
    overtaken; what was narrowed, taken down or hidden when its time came widens no more.
    """
    if hours.by_day(now) != now:
        return 0
    return sum(_open(session, widening=one, now=now) for one in _due(session, now=now, limit=limit))


def _due(session: Session, *, now: datetime, limit: int) -> Sequence[Widening]:
    held = (
        select(Widening.id)
        .join(Notice.__table__, Notice.__table__.c.id == Widening.listing_id)
        .where(Widening.next_at <= now)
        .order_by(Widening.next_at, Widening.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = session.scalars(held).all()
    wanted = select(Widening).where(Widening.id.in_(ids)).order_by(Widening.next_at, Widening.id)
    return session.scalars(wanted.execution_options(populate_existing=True)).all()


def _open(session: Session, *, widening: Widening, now: datetime) -> bool:
    listing = widening.listing
    session.refresh(listing)
    if not _may_widen(session, widening=widening, now=now):
        session.delete(widening)
        session.flush()
        return False
    wider = NEXT[listing.audience]
    circle, building, quarter = notices.place(wider, building=None, quarter=listing.quarter)
    listing.reach, listing.circle = wider.value, circle
    listing.building, listing.quarter = building, quarter
    widening.ring = wider.value
    if wider is Audience.NETWORK:
        listing.byline = widening.byline
    if wider.value >= widening.furthest:
        session.delete(widening)
    else:
        widening.next_at = opens(Pace(widening.pace), since=now)
    notices.change(session, notice=listing, now=now)
    return True


def _may_widen(session: Session, *, widening: Widening, now: datetime) -> bool:
    """Whether it still hangs where the last ring put it, and its author is still a neighbour there."""
    listing = widening.listing
    hangs = listing.is_live and (listing.expires_at is None or listing.expires_at > now)
    if not hangs or not widening.ring == listing.reach < widening.furthest:
        return False
    return _belongs(session, listing=listing, now=now)


def _belongs(session: Session, *, listing: Listing, now: datetime) -> bool:
    """Whether the author might hang it one ring further now: nobody's slip wanders through a quarter they left."""
    author = listing.author
    if author is None or author.state != Standing.ACTIVE:
        return False
    wider = residents.hang_from(session, resident=author, audience=NEXT[listing.audience], now=now)
    return listing.quarter_id in {one.quarter_id for one in wider}


# --- by its author


def stay(session: Session, *, listing: Listing, by: Resident) -> None:
    """Widen no more; whoever sees it now still does. Raises Refused("not_yours"|"not_live")."""
    notices.hold_own(session, notice=listing, by=by)
    _stop(session, listing=listing)


def found(session: Session, *, listing: Listing, by: Resident, now: datetime) -> None:
    """The author found somebody: the request comes down wherever it got. Raises Refused (not_yours, not_live, …).

    `not_request` for an offer.
    """
    if listing.direction != Direction.REQUEST:
        raise Refused("not_request")
    notices.withdraw(session, notice=listing, by=by, now=now)
    _stop(session, listing=listing)


def answered(session: Session, *, listing: Listing, now: datetime) -> None:
    """The first yes: somebody agreed to lend it, or to meet about it. What `found` does is done, whoever agreed last.

    A request of another town is that town's to take down; an offer goes on.
    """
    if listing.direction != Direction.REQUEST or listing.is_remote:
        return
    # As every act of its author: the clock is waited for, and finds it stopped.
    holds.alone(session, listing_id=listing.id)
    session.refresh(listing)
    if listing.is_live:
        listing.state = notices.State.WITHDRAWN.value
        notices.change(session, notice=listing, now=now)
    _stop(session, listing=listing)


def _stop(session: Session, *, listing: Listing) -> None:
    widening = of(session, listing=listing)
    if widening is not None:
        session.delete(widening)
        session.flush()
