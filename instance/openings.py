"""Openings: when and where an offer can be had, week by week, in slots that neighbours book by themselves."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import hours, notices, slots
from instance.audience import Reader
from instance.base import Refused, Row
from instance.listings import Direction, Listing
from instance.residents import Resident
from instance.slots import Span, Window

MOST = 7
LONGEST_PLACE = 120
# As far ahead as neighbours can book: further away nobody knows.
AHEAD = timedelta(days=14)


class Opening(Row):
    """One weekly window of an offer. It names nobody; times are by the town's clocks, in minutes since midnight."""

    __tablename__ = "opening"

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), index=True)
    weekday: Mapped[int] = mapped_column()
    begins: Mapped[int] = mapped_column()
    ends: Mapped[int] = mapped_column()
    minutes: Mapped[int] = mapped_column()
    first_on: Mapped[date] = mapped_column()
    last_on: Mapped[date | None] = mapped_column()
    place: Mapped[str] = mapped_column(String(LONGEST_PLACE))
    listing: Mapped[Listing] = relationship()

    @property
    def window(self) -> Window:
        """What the clocks have to say about it."""
        return Window(
            weekday=self.weekday,
            begins=self.begins,
            ends=self.ends,
            minutes=self.minutes,
            first=self.first_on,
            last=self.last_on,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One slot of an offer, whether it is taken or not."""

    starts_at: datetime
    ends_at: datetime
    place: str


def add(session: Session, *, listing: Listing, by: Resident, window: Window, place: str, now: datetime) -> Opening:
    """Say when and where one's own offer can be had.

    Raises Refused (not_yours, not_live, not_an_offer, windows_many; with their fields weekday_shape, length_shape,
    window_short, window_over, window_overlaps, missing, too_long).
    """
    words = " ".join(place.split())
    if not words:
        raise Refused("missing", field="place")
    if len(words) > LONGEST_PLACE:
        raise Refused("too_long", field="place")
    _check(window, now=now)
    notices.hold_own(session, notice=listing, by=by)
    if listing.direction != Direction.OFFER:
        raise Refused("not_an_offer")
    known = of(session, listing=listing)
    if len(known) >= MOST:
        raise Refused("windows_many")
    if any(one.window.overlaps(window) for one in known):
        raise Refused("window_overlaps", field="begins")
    opening = Opening(
        listing=listing,
        weekday=window.weekday,
        begins=window.begins,
        ends=window.ends,
        minutes=window.minutes,
        first_on=window.first,
        last_on=window.last,
        place=words,
        created_at=now,
    )
    session.add(opening)
    session.flush()
    return opening


def _check(window: Window, *, now: datetime) -> None:
    if window.weekday not in range(7):
        raise Refused("weekday_shape", field="weekday")
    if window.minutes not in slots.LENGTHS:
        raise Refused("length_shape", field="minutes")
    if not 0 <= window.begins <= window.ends - window.minutes < slots.DAY:
        raise Refused("window_short", field="ends")
    today = now.astimezone(hours.TOWN_TIME).date()
    if window.last is not None and window.last < max(window.first, today):
        raise Refused("window_over", field="last")


def of(session: Session, *, listing: Listing) -> Sequence[Opening]:
    """The windows of an offer, as a week has them."""
    wanted = select(Opening).where(Opening.listing_id == listing.id)
    return session.scalars(wanted.order_by(Opening.weekday, Opening.begins, Opening.id)).all()


def find_own(session: Session, *, public_id: uuid.UUID, by: Resident, reader: Reader) -> Opening:
    """A window of one's own live offer. Raises Refused("not_found") for any other."""
    found = session.scalar(select(Opening).where(Opening.public_id == public_id))
    if found is None or not notices.may_change(session, notice=found.listing, by=by):
        raise Refused("not_found")
    if not notices.find(session, public_id=found.listing.public_id, reader=reader).is_live:
        raise Refused("not_found")
    return found


def remove(session: Session, *, opening: Opening, by: Resident) -> None:
    """Offer a window no longer; what is booked in it stays booked. Raises Refused("not_yours"|"not_live")."""
    notices.hold_own(session, notice=opening.listing, by=by)
    session.delete(opening)
    session.flush()


def slots_of(session: Session, *, listing: Listing, now: datetime) -> tuple[Slot, ...]:
    """All slots of an offer in the two weeks to come, while it hangs, the earliest first."""
    end = now + AHEAD
    if listing.expires_at is not None:
        end = min(end, listing.expires_at)
    found = [
        _slot(one, place=opening.place)
        for opening in of(session, listing=listing)
        for one in slots.between(opening.window, begin=now, end=end)
    ]
    return tuple(sorted(found, key=lambda one: one.starts_at))


def _slot(span: Span, *, place: str) -> Slot:
    return Slot(starts_at=span.starts_at, ends_at=span.ends_at, place=place)
