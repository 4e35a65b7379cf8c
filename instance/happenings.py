"""When and where something takes place that news announces: read from what was typed, by the town's clocks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from instance import hours
from instance.base import Refused

LONGEST_PLACE = 120
# One announces what began this morning, and not what is over; a typing error in the year is caught at the other end.
LATEST = timedelta(days=1)
FURTHEST = timedelta(days=2 * 366)
LONGEST = timedelta(days=366)
# How long something is taken to last that says no end.
LASTS = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """When it begins and, if anybody said so, ends, in UTC; where, in words; and whether it was called off."""

    begins: datetime
    ends: datetime | None = None
    place: str = ""
    called_off: bool = False

    @property
    def over_at(self) -> datetime:
        """From when on it is past."""
        return self.ends or self.begins + LASTS


def read(*, begins: str, ends: str, place: str, now: datetime, before: Happening | None = None) -> Happening | None:
    """What was typed, `2027-06-05T10:00` for a moment; None where all of it is empty.

    A beginning that has passed is taken when it stood there `before`. Raises Refused: begins_missing, begins_past,
    begins_far (field "begins"), ends_first, ends_far (field "ends"), too_long (field "place"), those of `hours.read`.
    """
    words = " ".join(place.split())
    if len(words) > LONGEST_PLACE:
        raise Refused("too_long", field="place")
    if not begins.strip():
        if ends.strip() or words:
            raise Refused("begins_missing", field="begins")
        return None
    start = _moment(begins, field="begins")
    end = _moment(ends, field="ends") if ends.strip() else None
    if before is None or start != before.begins:
        _check_beginning(start, now=now)
    if end is not None:
        _check_end(end, start=start)
    return Happening(begins=start, ends=end, place=words, called_off=before is not None and before.called_off)


def typed(happening: Happening | None) -> dict[str, str]:
    """The same as somebody would type it, for a form that is opened again."""
    if happening is None:
        return {"begins": "", "ends": "", "place": ""}
    ends = "" if happening.ends is None else _written(happening.ends)
    return {"begins": _written(happening.begins), "ends": ends, "place": happening.place}


def _written(moment: datetime) -> str:
    return moment.astimezone(hours.TOWN_TIME).strftime("%Y-%m-%dT%H:%M")


def _moment(value: str, *, field: str) -> datetime:
    day, _, hour = value.strip().replace(" ", "T", 1).partition("T")
    return hours.read(day, hour, field=field)


def _check_beginning(start: datetime, *, now: datetime) -> None:
    if start < now - LATEST:
        raise Refused("begins_past", field="begins")
    if start > now + FURTHEST:
        raise Refused("begins_far", field="begins")


def _check_end(end: datetime, *, start: datetime) -> None:
    if end <= start:
        raise Refused("ends_first", field="ends")
    if end > start + LONGEST:
        raise Refused("ends_far", field="ends")
