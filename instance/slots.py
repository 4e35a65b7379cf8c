"""Slots: weekly windows by the town's clocks, cut into moments one can book. Pure.

A window is what a wall clock says ("Tuesdays from 18:00 to 20:00"). In the night that leaves an hour out, what begins
in that hour does not exist; in the night that has an hour twice, it exists once, the first time. No two slots of a
window ever overlap, whatever the clocks do.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from instance.base import Refused
from instance.hours import TOWN_TIME

LENGTHS: Final = (15, 30, 45, 60, 90, 120)
DAY: Final = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A weekly window: `weekday` 0 is Monday; `begins` and `ends` are minutes since midnight, a slot lasts `minutes`.

    `first` and `last` are the days between which it holds, both included; None for no end.
    """

    weekday: int
    begins: int
    ends: int
    minutes: int
    first: date
    last: date | None = None

    def overlaps(self, other: "Window") -> bool:
        """Whether both hold at some time of the same weekday, on days that may both be."""
        if self.weekday != other.weekday or self.begins >= other.ends or other.begins >= self.ends:
            return False
        ended = (self.last is not None and self.last < other.first) or (other.last and other.last < self.first)
        return not ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when until when, in UTC."""

    starts_at: datetime
    ends_at: datetime


def read_time(value: str, *, field: str) -> int:
    """A time of day as forms send it (HTML, `18:30`), in minutes since midnight. Raises Refused("time_shape")."""
    try:
        found = time.fromisoformat(value.strip())
    except ValueError:
        raise Refused("time_shape", field=field) from None
    if found.tzinfo is not None or found.second or found.microsecond:
        raise Refused("time_shape", field=field)
    return found.hour * 60 + found.minute


def moment(day: date, minutes: int) -> datetime | None:
    """A time of a day by the town's clocks as a moment in UTC: None if it is left out, the first one if it is twice."""
    local = datetime.combine(day, time(minutes // 60, minutes % 60), TOWN_TIME)
    # PEP 495: only what really is on the clock comes back as it went.
    there = local.astimezone(UTC)
    return there if there.astimezone(TOWN_TIME).replace(fold=0) == local.replace(fold=0) else None


def on(window: Window, *, day: date) -> Iterator[Span]:
    """The slots of a window on a day, the earliest first."""
    if day.weekday() != window.weekday or day < window.first or (window.last is not None and day > window.last):
        return
    length = timedelta(minutes=window.minutes)
    free_from: datetime | None = None
    for minutes in range(window.begins, window.ends - window.minutes + 1, window.minutes):
        starts_at = moment(day, minutes)
        # After a skipped hour the clock is ahead of what the slot before still lasts.
        if starts_at is None or (free_from is not None and starts_at < free_from):
            continue
        free_from = starts_at + length
        yield Span(starts_at=starts_at, ends_at=free_from)


def between(window: Window, *, begin: datetime, end: datetime) -> Iterator[Span]:
    """The slots of a window that begin after one moment and before another one."""
    day, last = (one.astimezone(TOWN_TIME).date() for one in (begin, end))
    while day <= last:
        yield from (one for one in on(window, day=day) if begin < one.starts_at < end)
        day += timedelta(days=1)
