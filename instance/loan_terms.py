"""From when until when, and where, something is lent: what makes sense, by the town's clock."""

from datetime import date, datetime

from instance import hours, lending
from instance.base import Refused

LONGEST_PLACE = 120


def read_place(value: str) -> str:
    """A place on one line. Raises Refused("too_long", field="place")."""
    words = " ".join(value.split())
    if len(words) > LONGEST_PLACE:
        raise Refused("too_long", field="place")
    return words


def read(*, pickup_at: datetime | None, due_on: date | None, now: datetime) -> tuple[datetime, date]:
    """From when until when, if it makes sense.

    Raises Refused (missing, pickup_past, pickup_far, due_early, due_far), each with its field.
    """
    if pickup_at is None:
        raise Refused("missing", field="pickup")
    if pickup_at <= now:
        raise Refused("pickup_past", field="pickup")
    if pickup_at > now + lending.PICKUP_WITHIN:
        raise Refused("pickup_far", field="pickup")
    if due_on is None:
        raise Refused("missing", field="due")
    day = hours.town_day(pickup_at)
    if due_on < day:
        raise Refused("due_early", field="due")
    if due_on > day + lending.LONGEST:
        raise Refused("due_far", field="due")
    return pickup_at, due_on
