"""How notices and recommendations end: a word to their author before, and a longer time for whoever wishes one."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import doorbell, listings, notices, recommendations
from instance.base import Refused
from instance.hours import TOWN_TIME
from instance.listings import Listing
from instance.notices import State
from instance.outgoing import Kind
from instance.recommendations import Recommendation
from instance.residents import Resident

# When in the morning of the day before.
TOLD_AT: Final = 10
# Whoever hung it yesterday knows.
NOT_BEFORE: Final = timedelta(days=2)
# Two years are not renewed between two doors: whoever recommends somebody may want to look at their papers first.
ADVICE_AHEAD: Final = timedelta(days=7)
# A shorter gain is no renewal.
WORTH: Final = timedelta(hours=20)


def told_at(ends: datetime) -> datetime:
    """When an author is told that a notice ends: at 10 on the day before, by the town's clock. Pure."""
    day = (ends.astimezone(TOWN_TIME) - timedelta(days=1)).date()
    return datetime(day.year, day.month, day.day, TOLD_AT, tzinfo=TOWN_TIME).astimezone(ends.tzinfo)


def renewed_until(listing: Listing, *, now: datetime) -> datetime | None:
    """Until when it would hang if it were renewed now; None when that would gain nothing, or it no longer hangs."""
    if not listing.is_live or listing.is_remote or listing.expires_at is None:
        return None
    longer = listings.hangs_until(listing, now=now)
    return longer if longer - listing.expires_at >= WORTH else None


def renew(session: Session, *, listing: Listing, by: Resident, now: datetime) -> None:
    """Let it hang as long as if it were hung now. Raises Refused (not_yours, not_live, board_closed, not_longer)."""
    notices.hold_own(session, notice=listing, by=by)
    if not listings.may_hang_on(session, listing=listing, author=by, now=now):
        raise Refused("board_closed")
    longer = renewed_until(listing, now=now)
    if longer is None:
        raise Refused("not_longer")
    listing.expires_at = longer
    notices.change(session, notice=listing, now=now)


def remind(session: Session, *, now: datetime) -> None:
    """Have authors told of what ends tomorrow, once each, if they wish to hear from us; of advice, a week before."""
    for word in recommendations.ending(session, begins=now, ends=now + ADVICE_AHEAD):
        _tell_of_advice(session, word=word, now=now)
    wanted = (
        select(Listing)
        .where(
            Listing.state == State.LIVE.value,
            Listing.author_id.is_not(None),
            Listing.expires_at > now,
            Listing.expires_at <= now + timedelta(days=2),
            Listing.created_at <= now - NOT_BEFORE,
        )
        .order_by(Listing.expires_at, Listing.id)
    )
    for one in session.scalars(wanted).all():
        _tell(session, listing=one, now=now)


def _tell(session: Session, *, listing: Listing, now: datetime) -> None:
    author, ends = listing.author, listing.expires_at
    if author is None or ends is None or now < told_at(ends):
        return
    doorbell.tell(
        session,
        kind=Kind.ENDING,
        cause=f"ending:{listing.public_id}:{ends:%Y%m%d}",
        to=author,
        subject_id=listing.public_id,
        now=now,
    )


def _tell_of_advice(session: Session, *, word: Recommendation, now: datetime) -> None:
    doorbell.tell(
        session,
        kind=Kind.ADVICE,
        cause=f"advice:{word.public_id}:{word.expires_at:%Y%m%d}",
        to=word.author,
        subject_id=word.public_id,
        now=now,
    )
