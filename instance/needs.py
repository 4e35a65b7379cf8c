"""What a request is for, and until when it makes sense: an egg is for tonight, a drill for the week. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from instance.hours import TOWN_TIME

# When a kitchen closes: what was not found by then is not needed today.
KITCHEN_CLOSES: Final = time(23)
# Less than this before, tonight is tomorrow night.
AT_LEAST: Final = timedelta(hours=1)
STANDING: Final = timedelta(days=90)


class Need(StrEnum):
    """What is asked for. Whoever does not say asks for something else."""

    INGREDIENT = "ingredient"
    TOOL = "tool"
    HAND = "hand"
    MINDING = "minding"
    OTHER = "other"


LASTS: Final[Mapping[Need, timedelta]] = {
    Need.TOOL: timedelta(days=7),
    Need.HAND: timedelta(days=14),
    Need.MINDING: timedelta(days=14),
    Need.OTHER: timedelta(days=30),
}


def until(need: Need, *, now: datetime) -> datetime:
    """Until when such a request hangs: an ingredient until 23:00 by the town's clock, the others for days.

    Asked for in the last hour before, it is for the next evening.
    """
    if need is not Need.INGREDIENT:
        return now + LASTS[need]
    return next_at(KITCHEN_CLOSES, after=now + AT_LEAST)


def next_at(hour: time, *, after: datetime) -> datetime:
    """The first moment at or after `after` when the town's clock shows this hour, in UTC.

    Counted in days of the calendar, so that it is right on the two days a year that have 23 or 25 hours.
    """
    today = after.astimezone(TOWN_TIME).date()
    for day in (today, today + timedelta(days=1)):
        found = datetime.combine(day, hour, tzinfo=TOWN_TIME).astimezone(UTC)
        if found >= after:
            return found
    msg = "a day has every hour"
    raise AssertionError(msg)
