"""Holds: one thing is in one place at a time, whether it was lent or booked; what loans and bookings ask before a yes.

Both ask here, under one lock for each notice, because neither room sees the other. A loan holds a thing from its
pick-up (from now on, once it has changed hands) to the end of the day on which it is due; what is not back by then is
not there until it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import BigInteger, Date, String, column, select, table
from sqlalchemy.orm import Session

from instance import lending
from instance.base import Refused, UtcDateTime
from instance.hours import TOWN_TIME
from instance.notices import Notice

# Named and not imported: both are built on this.
_LOANS = table(
    "loan",
    column("listing_id", BigInteger),
    column("state", String),
    column("pickup_at", UtcDateTime),
    column("due_on", Date),
)
_BOOKINGS = table(
    "booking",
    column("listing_id", BigInteger),
    column("conversation_id", BigInteger),
    column("state", String),
    column("starts_at", UtcDateTime),
    column("ends_at", UtcDateTime),
)
_BOOKED = "booked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when until when a thing is away; `ends_at` is None where nobody knows."""

    starts_at: datetime
    ends_at: datetime | None

    def meets(self, *, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether the two overlap."""
        return self.starts_at < ends_at and (self.ends_at is None or starts_at < self.ends_at)


def alone(session: Session, *, listing_id: int) -> None:
    """Let whoever promises this thing, by a loan or a booking, wait for whoever is just doing so."""
    notice = Notice.__table__
    session.execute(select(notice.c.id).where(notice.c.id == listing_id).with_for_update(key_share=True))


def span(*, due_on: date | None, now: datetime, pickup_at: datetime | None = None) -> Span:
    """For how long a loan takes a thing away: from now on where no pick-up is named, for good where no day is. Pure."""
    return Span(starts_at=pickup_at or now, ends_at=_end_of(due_on, now=now))


def _end_of(due_on: date | None, *, now: datetime) -> datetime | None:
    """When the day is over on which it is due; what is overdue has no end that is known."""
    if due_on is None:
        return None
    end = datetime.combine(due_on + timedelta(days=1), time(0), TOWN_TIME).astimezone(now.tzinfo)
    return end if end > now else None


def lent(session: Session, *, listing_id: int, now: datetime) -> Sequence[Span]:
    """When a thing is promised or out of the house."""
    wanted = select(_LOANS.c.state, _LOANS.c.pickup_at, _LOANS.c.due_on).where(
        _LOANS.c.listing_id == listing_id, _LOANS.c.state.in_([one.value for one in lending.HELD])
    )
    return [
        span(pickup_at=None if state in lending.OUT else pickup_at, due_on=due_on, now=now)
        for state, pickup_at, due_on in session.execute(wanted)
    ]


def check_unbooked(session: Session, *, listing_id: int, span: Span, now: datetime, talk_id: int | None = None) -> None:
    """Refuse to lend what somebody else booked in that time. Raises Refused("booked_meanwhile").

    `talk_id` is the conversation of the loan: what its borrower booked may well be the pick-up.
    """
    wanted = select(_BOOKINGS.c.starts_at, _BOOKINGS.c.ends_at).where(
        _BOOKINGS.c.listing_id == listing_id,
        _BOOKINGS.c.state == _BOOKED,
        _BOOKINGS.c.ends_at > now,
        _BOOKINGS.c.conversation_id.is_distinct_from(talk_id),
    )
    booked = session.execute(wanted).all()
    if any(span.meets(starts_at=starts_at, ends_at=ends_at) for starts_at, ends_at in booked):
        raise Refused("booked_meanwhile")
