"""From when until when, and where, something is lent: what makes sense, by the town's clock."""

from dataclasses import dataclass
from datetime import date, datetime

from instance import hours, lending
from instance.base import Refused

LONGEST_PLACE = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What one of two proposes; an offer from elsewhere may name no day. Without a place it is said elsewhere."""

    pickup_at: datetime | None
    due_on: date | None
    place: str | None


def read(*, pickup_at: datetime | None, due_on: date | None, place: str, now: datetime) -> Proposal:
    """What somebody typed, with its place on one line. Raises Refused("too_long", field="place") and as `check`."""
    words = " ".join(place.split())
    if len(words) > LONGEST_PLACE:
        raise Refused("too_long", field="place")
    proposal = Proposal(pickup_at=pickup_at, due_on=due_on, place=words or None)
    check(proposal, now=now)
    return proposal


def check(proposal: Proposal, *, now: datetime) -> None:
    """Say whether it makes sense.

    Raises Refused (missing, pickup_past, pickup_far, due_early, due_far), each with its field.
    """
    pickup_at, due_on = proposal.pickup_at, proposal.due_on
    if pickup_at is None:
        raise Refused("missing", field="pickup")
    if pickup_at <= now:
        raise Refused("pickup_past", field="pickup")
    if pickup_at > now + lending.PICKUP_WITHIN:
        raise Refused("pickup_far", field="pickup")
    if due_on is None:
        raise Refused("missing", field="due")
    check_day(due_on, since=hours.town_day(pickup_at))


def check_day(due_on: date | None, *, since: date) -> None:
    """Say whether a thing can be lent from one day to another, if one is named. Raises Refused (due_early, due_far)."""
    if due_on is not None and due_on < since:
        raise Refused("due_early", field="due")
    if due_on is not None and due_on > since + lending.LONGEST:
        raise Refused("due_far", field="due")
