"""The town's clocks: what a form says, quiet hours, months; also in the two nights in which clocks are changed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance import hours
from instance.base import Refused

MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 12, 31)).map(lambda one: one.replace(tzinfo=UTC))  # noqa: DTZ001 - made aware here
HOURS = st.integers(0, 23)


def test_a_day_and_an_hour_are_the_town_s() -> None:
    assert hours.read("2027-05-11", "18:30", field="day_1") == datetime(2027, 5, 11, 16, 30, tzinfo=UTC)
    assert hours.read(" 2027-12-11 ", "18:30:00", field="day_1") == datetime(2027, 12, 11, 17, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "hour", "code"),
    [
        ("2027-03-28", "02:00", "hour_skipped"),
        ("2027-03-28", "02:59", "hour_skipped"),
        ("2027-10-31", "02:00", "hour_twice"),
        ("2027-10-31", "02:30", "hour_twice"),
        ("2027-02-30", "10:00", "moment_shape"),
        ("28/03/2027", "10:00", "moment_shape"),
        ("2027-03-28", "", "moment_shape"),
        ("", "10:00", "moment_shape"),
        ("2027-03-28", "25:00", "moment_shape"),
        ("2027-03-28", "10:00+02:00", "moment_shape"),
        ("0001-01-01", "00:00", "moment_shape"),
        ("9999-12-31", "23:59", None),
    ],
)
def test_what_no_clock_shows_is_said_clearly(day: str, hour: str, code: str | None) -> None:
    if code is None:
        assert hours.read(day, hour, field="day_2").year == 9999
        return
    with pytest.raises(Refused) as refused:
        hours.read(day, hour, field="day_2")
    assert (refused.value.code, refused.value.field) == (code, "day_2")


@pytest.mark.parametrize(("hour", "at"), [("01:59", 0), ("03:00", 1)])
def test_the_hours_around_a_change_exist_once(hour: str, at: int) -> None:
    assert hours.read("2027-03-28", hour, field="x").hour == at
    assert hours.read("2027-10-31", hour, field="x") is not None


@given(moment=MOMENTS)
def test_what_a_clock_shows_once_is_read_back(moment: datetime) -> None:
    local = moment.astimezone(hours.TOWN_TIME)
    typed = (local.strftime("%Y-%m-%d"), local.strftime("%H:%M:%S.%f"))
    if local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset():
        assert (local.month, local.hour) == (10, 2)
        with pytest.raises(Refused, match="hour_twice"):
            hours.read(*typed, field="x")
    else:
        assert hours.read(*typed, field="x") == moment


@given(moment=MOMENTS, begins=HOURS, ends=HOURS)
def test_quiet_hours_end_when_they_say_and_not_later(moment: datetime, begins: int, ends: int) -> None:
    found = hours.after_night(moment, begins=begins, ends=ends)
    local = found.astimezone(hours.TOWN_TIME)
    span = (ends - begins) % 24
    assert moment <= found <= moment + timedelta(hours=span + 1)
    assert (local.hour - begins) % 24 >= span or _is_skipped(local, ends=ends)
    if span == 0:
        assert found == moment


def _is_skipped(local: datetime, *, ends: int) -> bool:
    """The hour in which quiet ends is one that is left out that night: it is three o'clock at once."""
    return local.month == 3 and ends == 2 and local.hour == 3


def test_nights_end_at_eight_also_when_clocks_change() -> None:
    noon = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)
    assert hours.after_night(noon, begins=21, ends=8) == noon
    evening = datetime(2027, 1, 31, 21, 0, tzinfo=UTC)  # 22 h in winter
    assert hours.after_night(evening, begins=21, ends=8) == datetime(2027, 2, 1, 7, 0, tzinfo=UTC)
    before = datetime(2027, 1, 31, 3, 0, tzinfo=UTC)
    assert hours.after_night(before, begins=21, ends=8) == datetime(2027, 1, 31, 7, 0, tzinfo=UTC)
    # The night the clocks go forward is one hour shorter, and eight is still eight.
    changed = datetime(2027, 3, 27, 22, 0, tzinfo=UTC)
    assert hours.after_night(changed, begins=21, ends=8) == datetime(2027, 3, 28, 6, 0, tzinfo=UTC)
    # By day, for somebody who works at night.
    assert hours.after_night(noon, begins=9, ends=17) == datetime(2027, 1, 31, 16, 0, tzinfo=UTC)


@given(moment=MOMENTS)
def test_a_moment_is_in_its_month(moment: datetime) -> None:
    begin, end = hours.month(moment)
    assert begin <= moment < end
    local = begin.astimezone(hours.TOWN_TIME)
    assert (local.day, local.hour, local.minute) == (1, 0, 0)
    assert hours.month(end)[0] == end
