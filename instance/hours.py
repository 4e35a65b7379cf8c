"""Hours of the town: what its clocks say, also in the two nights a year in which they are changed."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from instance.base import Refused

TOWN_TIME = ZoneInfo("Europe/Paris")
# Between these hours nobody's telephone lights up because of us, except for what they asked for themselves.
NIGHT_BEGINS, NIGHT_ENDS = 21, 8


def read(day: str, hour: str, *, field: str) -> datetime:
    """A day (`2027-05-11`) and an hour (`18:30`) by the town's clocks, as forms send them (HTML), as a moment in UTC.

    Raises Refused at `field`: "moment_shape" for what is no day or hour, "hour_skipped" for one that the change to
    summer time leaves out, "hour_twice" for one that the change back has twice.
    """
    try:
        local = datetime.combine(date.fromisoformat(day.strip()), time.fromisoformat(hour.strip()))
        if local.tzinfo is not None:
            raise Refused("moment_shape", field=field)
        # PEP 495: the two folds of a local time differ only where clocks are changed.
        once, again = (local.replace(tzinfo=TOWN_TIME, fold=fold).astimezone(UTC) for fold in (0, 1))
    except (ValueError, OverflowError):
        raise Refused("moment_shape", field=field) from None
    if once == again:
        return once
    raise Refused("hour_skipped" if once > again else "hour_twice", field=field)


def town_day(moment: datetime) -> date:
    """The day it is by the town's clocks."""
    return moment.astimezone(TOWN_TIME).date()


def after_night(moment: datetime, *, begins: int, ends: int) -> datetime:
    """The moment itself outside of quiet hours, else when they end, in the moment's own zone. Pure.

    `begins` and `ends` are full hours by the town's clock, 0 to 23; equal ones mean that no hour is quiet.
    """
    local = moment.astimezone(TOWN_TIME)
    if not _is_between(local.hour, begins=begins, ends=ends):
        return moment
    day = local if local.hour < ends else local + timedelta(days=1)
    return day.replace(hour=ends, minute=0, second=0, microsecond=0).astimezone(moment.tzinfo)


def by_day(moment: datetime) -> datetime:
    """The moment itself between 8 and 21 by the town's clock, else the next 8 o'clock. Pure."""
    return after_night(moment, begins=NIGHT_BEGINS, ends=NIGHT_ENDS)


def _is_between(hour: int, *, begins: int, ends: int) -> bool:
    if begins <= ends:
        return begins <= hour < ends
    return hour >= begins or hour < ends


def month(moment: datetime) -> tuple[datetime, datetime]:
    """When the month of a moment begins by the town's clock, and when the next one does; both in UTC. Pure."""
    first = moment.astimezone(TOWN_TIME).replace(day=1, hour=0, minute=0, second=0, microsecond=0, fold=0)
    following = (first + timedelta(days=32)).replace(day=1)
    return first.astimezone(UTC), following.astimezone(UTC)
