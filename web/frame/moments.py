"""How a page says when: today with its hour, then the day, then the date; in the town's own time."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from flask_babel import format_datetime, get_locale, gettext, to_user_timezone

from instance.places import Building
from web.frame import context, locale


def hour(moment: datetime) -> str:
    """`9 h 05` in French, unbroken, `9:05 am` in English."""
    pattern = "H\u00a0'h'\u00a0mm" if str(get_locale()) == "fr" else "h:mm a"
    return str(format_datetime(_utc(moment), pattern))


def day(moment: datetime) -> str:
    """`jeudi 12 novembre`, with the year when it is another one."""
    same_year = _local(moment).year == _local(context.now()).year
    return str(format_datetime(_utc(moment), "EEEE d MMMM" if same_year else "d MMMM y"))


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
    return datetime.fromisoformat(value.strip()).replace(tzinfo=ZoneInfo(locale.TIMEZONE)).astimezone(UTC)


def read_day(value: str) -> date | None:
    """A day as a form sends it (HTML, date); None for an empty one. Raises ValueError for anything else."""
    return date.fromisoformat(value.strip()) if value.strip() else None


def noon(day: date) -> datetime:
    """A moment of a day in the town's time, for what speaks of moments."""
    return datetime.combine(day, time(12), ZoneInfo(locale.TIMEZONE))


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
    local: datetime = to_user_timezone(_utc(moment))
    return local
