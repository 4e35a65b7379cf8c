"""How a page says when: today with its hour, then the day, then the date; in the town's own time."""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from flask_babel import gettext

from instance.places import Building
from web.frame import context, locale

TOWN: Final = ZoneInfo(locale.TIMEZONE)
# A board says the same few days again and again, and words for one take a tenth of a millisecond.
REMEMBERED: Final = 4_096


def hour(moment: datetime) -> str:
    """`9 h 05` in French, unbroken, `9:05 am` in English."""
    spoken_in = locale.current()
    pattern = "H\u00a0'h'\u00a0mm" if spoken_in == "fr" else "h:mm a"
    return str(format_time(_local(moment).time(), pattern, locale=spoken_in))


def day(moment: datetime) -> str:
    """`jeudi 12 novembre`, with the year when it is another one."""
    there = _local(moment).date()
    same_year = there.year == _local(context.now()).year
    return _written(there, "EEEE d MMMM" if same_year else "d MMMM y", locale.current())


@lru_cache(maxsize=REMEMBERED)
def _written(there: date, pattern: str, spoken_in: str) -> str:
    return str(format_date(there, pattern, locale=spoken_in))


def spoken(moment: datetime) -> str:
    """Today and yesterday by name and hour, anything else by its day."""
    days = (_local(context.now()).date() - _local(moment).date()).days
    if days == 0:
        return str(gettext("today, %(hour)s", hour=hour(moment)))
    if days == 1:
        return str(gettext("yesterday, %(hour)s", hour=hour(moment)))
    if days == -1:
        return str(gettext("tomorrow, %(hour)s", hour=hour(moment)))
    return day(moment)


def read(value: str) -> datetime | None:
    """A day and hour as a form sends them (HTML, local date and time), in the town's time; None for an empty one.

    Raises ValueError for anything else.
    """
    if not value.strip():
        return None
    return datetime.fromisoformat(value.strip()).replace(tzinfo=TOWN).astimezone(UTC)


def read_day(value: str) -> date | None:
    """A day as a form sends it (HTML, date); None for an empty one. Raises ValueError for anything else."""
    return date.fromisoformat(value.strip()) if value.strip() else None


def noon(day: date) -> datetime:
    """A moment of a day in the town's time, for what speaks of moments."""
    return datetime.combine(day, time(12), TOWN)


def to_come(building: Building) -> datetime | None:
    """The day on which a building will be handed over; None for one that stands."""
    if building.delivered_on is None or building.stands(now=context.now()):
        return None
    return noon(building.delivered_on)


def machine(moment: datetime) -> str:
    """The value of a `datetime` attribute."""
    return _utc(moment).isoformat(timespec="seconds")


def machine_day(moment: datetime) -> str:
    """The value of a field for days (HTML), in the town's time."""
    return _local(moment).date().isoformat()


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


def _local(moment: datetime) -> datetime:
    return moment.astimezone(TOWN)
