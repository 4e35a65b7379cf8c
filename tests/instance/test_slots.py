"""Weekly windows by the town's clocks: what can be booked, also in the two nights in which clocks are changed."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance import slots
from instance.base import Refused
from instance.hours import TOWN_TIME
from instance.slots import Window

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)


def window(day: date, begins: int, ends: int, minutes: int = 30, **more: date | None) -> Window:
    """A window in full hours on the weekday of a day."""
    given = {"first": day - timedelta(days=30), **more}
    return Window(weekday=day.weekday(), begins=begins * 60, ends=ends * 60, minutes=minutes, **given)


def walls(found: Window, day: date) -> list[str]:
    """What the clock on the wall says when the slots of a day begin."""
    return [f"{one.starts_at.astimezone(TOWN_TIME):%H:%M}" for one in slots.on(found, day=day)]


def test_a_window_is_cut_into_slots() -> None:
    tuesday = date(2026, 11, 24)
    assert walls(window(tuesday, 18, 20), tuesday) == ["18:00", "18:30", "19:00", "19:30"]
    assert walls(window(tuesday, 18, 20, 45), tuesday) == ["18:00", "18:45"]
    assert walls(window(tuesday, 18, 20), tuesday + timedelta(days=1)) == []
    (first, *_) = slots.on(window(tuesday, 18, 20), day=tuesday)
    assert first.starts_at == datetime(2026, 11, 24, 17, tzinfo=UTC)
    assert first.ends_at == datetime(2026, 11, 24, 17, 30, tzinfo=UTC)


def test_a_window_holds_from_its_first_to_its_last_day() -> None:
    tuesday = date(2026, 11, 24)
    week = timedelta(days=7)
    found = window(tuesday, 18, 19, 60, first=tuesday, last=tuesday + week)
    assert [bool(walls(found, tuesday + week * n)) for n in (-1, 0, 1, 2)] == [False, True, True, False]


def test_the_same_hour_on_the_wall_is_another_moment_after_the_clocks_were_changed() -> None:
    found = window(SPRING, 18, 19, 60)
    before, after = (next(slots.on(found, day=SPRING + timedelta(days=days))).starts_at for days in (-7, 0))
    assert after - before == timedelta(days=7) - timedelta(hours=1)


def test_what_begins_in_the_hour_left_out_does_not_exist() -> None:
    assert walls(window(SPRING, 1, 4), SPRING) == ["01:00", "01:30", "03:00", "03:30"]
    assert walls(window(SPRING, 2, 3), SPRING) == []


def test_the_hour_that_comes_twice_is_there_once_the_first_time() -> None:
    assert walls(window(AUTUMN, 1, 4), AUTUMN) == ["01:00", "01:30", "02:00", "02:30", "03:00", "03:30"]
    found = [one.starts_at for one in slots.on(window(AUTUMN, 2, 4, 60), day=AUTUMN)]
    assert found == [datetime(2026, 10, 25, 0, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC)]


def test_a_slot_that_reaches_into_the_hour_left_out_meets_no_other() -> None:
    found = Window(weekday=6, begins=105, ends=240, minutes=45, first=SPRING)  # 1:45, 2:30, 3:15
    assert walls(found, SPRING) == ["01:45"]


@given(
    begins=st.integers(0, 23 * 60),
    length=st.integers(0, 6 * 60),
    minutes=st.sampled_from(slots.LENGTHS),
    day=st.dates(date(2025, 1, 1), date(2030, 1, 1)) | st.sampled_from([SPRING, AUTUMN]),
)
def test_slots_never_overlap_and_are_what_the_wall_says(begins: int, length: int, minutes: int, day: date) -> None:
    ends = min(begins + length, slots.DAY - 1)
    found = Window(weekday=day.weekday(), begins=begins, ends=ends, minutes=minutes, first=day)
    spans = list(slots.on(found, day=day))
    for one in spans:
        wall = one.starts_at.astimezone(TOWN_TIME)
        since = wall.hour * 60 + wall.minute
        assert wall.date() == day
        assert begins <= since <= ends - minutes
        assert (since - begins) % minutes == 0
        assert one.ends_at - one.starts_at == timedelta(minutes=minutes)
    assert all(one.ends_at <= other.starts_at for one, other in pairwise(spans))
    if day not in {SPRING, AUTUMN} and wall_is_whole(day):
        assert len(spans) == max(0, ends - begins) // minutes


def wall_is_whole(day: date) -> bool:
    """Whether a day has twenty-four hours."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=TOWN_TIME)
    return (midnight + timedelta(days=1)).astimezone(UTC) - midnight.astimezone(UTC) == timedelta(days=1)


@given(hours=st.integers(0, 24 * 20), weekday=st.integers(0, 6))
def test_what_is_ahead_is_what_each_day_has(hours: int, weekday: int) -> None:
    found = Window(weekday=weekday, begins=0, ends=slots.DAY - 1, minutes=60, first=date(2026, 10, 1))
    begin = datetime(2026, 10, 15, tzinfo=UTC) + timedelta(hours=hours)
    end = begin + timedelta(days=14)
    days = [date(2026, 10, 10) + timedelta(days=n) for n in range(60)]
    expected = [one for day in days for one in slots.on(found, day=day) if begin < one.starts_at < end]
    assert list(slots.between(found, begin=begin, end=end)) == expected


def test_windows_overlap_on_one_weekday_at_one_time_in_one_season() -> None:
    day = date(2026, 11, 24)
    found = window(day, 18, 20, first=day, last=day + timedelta(days=30))
    assert found.overlaps(window(day, 19, 21))
    assert not found.overlaps(window(day, 20, 21))
    assert not found.overlaps(window(day + timedelta(days=1), 18, 20))
    assert not found.overlaps(window(day, 18, 20, first=day + timedelta(days=31)))


def test_a_time_is_read_as_forms_send_it() -> None:
    assert slots.read_time(" 18:30 ", field="begins") == 18 * 60 + 30
    for wrong in ("", "25:00", "18 h", "18:30:10", "18:30+02:00"):
        with pytest.raises(Refused, match="time_shape") as refused:
            slots.read_time(wrong, field="begins")
        assert refused.value.field == "begins"
