"""Until when a request makes sense and when its rings open, by the town's clock; on days of 23 and 25 hours, too."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance import endings, hours, needs, rings
from instance.audience import Audience
from instance.hours import TOWN_TIME
from instance.needs import Need
from instance.rings import Pace

# Hypothesis adds the zone itself.
FIRST, LAST = datetime.fromisoformat("2026-01-01"), datetime.fromisoformat("2027-12-31")
moments = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


def at(text: str) -> datetime:
    """A moment by the town's clock."""
    return datetime.fromisoformat(text).replace(tzinfo=TOWN_TIME).astimezone(UTC)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        ("2026-11-12 19:00", "2026-11-12 22:00"),
        ("2026-11-12 22:00", "2026-11-12 22:00"),
        ("2026-11-12 22:01", "2026-11-13 22:00"),
        ("2026-11-12 23:30", "2026-11-13 22:00"),
        # The clock goes from 2 to 3 in the night to 29 March: 23:00 is 21:00 UTC from then on.
        ("2026-03-28 20:00", "2026-03-28 22:00"),
        ("2026-03-28 22:30", "2026-03-29 21:00"),
        ("2026-03-29 01:30", "2026-03-29 21:00"),
        ("2026-03-29 12:00", "2026-03-29 21:00"),
        # And from 3 to 2 in the night to 25 October.
        ("2026-10-24 20:00", "2026-10-24 21:00"),
        ("2026-10-24 23:30", "2026-10-25 22:00"),
        ("2026-10-25 02:30", "2026-10-25 22:00"),
        ("2026-10-25 12:00", "2026-10-25 22:00"),
    ],
)
def test_an_ingredient_is_for_tonight(asked: str, ends: str) -> None:
    assert needs.until(Need.INGREDIENT, now=at(asked)) == utc(ends)


def test_the_hour_that_comes_twice_is_one_evening() -> None:
    first, second = utc("2026-10-25 00:30"), utc("2026-10-25 01:30")  # both 2:30 in town
    assert first.astimezone(TOWN_TIME).hour == second.astimezone(TOWN_TIME).hour == 2
    assert needs.until(Need.INGREDIENT, now=first) == needs.until(Need.INGREDIENT, now=second)


@given(moments)
def test_every_need_ends_later_and_an_ingredient_at_eleven(now: datetime) -> None:
    for one in Need:
        ends = needs.until(one, now=now)
        assert now + timedelta(hours=1) <= ends <= now + timedelta(days=30)
    tonight = needs.until(Need.INGREDIENT, now=now).astimezone(TOWN_TIME)
    assert (tonight.hour, tonight.minute, tonight.second) == (23, 0, 0)
    assert tonight - now <= timedelta(hours=26)


@pytest.mark.parametrize(
    ("pace", "since", "opened"),
    [
        (Pace.HOURS, "2026-11-12 10:00", "2026-11-12 11:00"),
        (Pace.HOURS, "2026-11-12 18:59", "2026-11-12 19:59"),
        (Pace.HOURS, "2026-11-12 19:00", "2026-11-13 07:00"),
        (Pace.HOURS, "2026-11-12 03:00", "2026-11-12 07:00"),
        (Pace.HOURS, "2026-03-28 20:00", "2026-03-29 06:00"),
        (Pace.HOURS, "2026-10-24 20:00", "2026-10-25 07:00"),
        (Pace.EVENING, "2026-11-12 10:00", "2026-11-12 17:00"),
        (Pace.EVENING, "2026-11-12 17:00", "2026-11-12 17:00"),
        (Pace.EVENING, "2026-11-12 17:01", "2026-11-13 17:00"),
        (Pace.EVENING, "2026-03-28 18:00", "2026-03-29 16:00"),
        (Pace.EVENING, "2026-03-29 12:00", "2026-03-29 16:00"),
        (Pace.EVENING, "2026-10-24 18:00", "2026-10-25 17:00"),
        (Pace.EVENING, "2026-10-25 12:00", "2026-10-25 17:00"),
        (Pace.TOMORROW, "2026-11-12 10:00", "2026-11-13 08:00"),
        (Pace.TOMORROW, "2026-11-12 00:00", "2026-11-13 08:00"),
        (Pace.TOMORROW, "2026-11-12 23:59", "2026-11-13 08:00"),
        (Pace.TOMORROW, "2026-03-28 12:00", "2026-03-29 07:00"),
        (Pace.TOMORROW, "2026-10-24 12:00", "2026-10-25 08:00"),
    ],
)
def test_when_the_next_ring_opens(pace: Pace, since: str, opened: str) -> None:
    assert rings.opens(pace, since=at(since)) == utc(opened)


@given(st.sampled_from([one for one in Pace if one is not Pace.AT_ONCE]), moments)
def test_rings_open_by_day_and_never_at_once(pace: Pace, since: datetime) -> None:
    found = rings.opens(pace, since=since)
    assert since + timedelta(hours=1) <= found <= since + timedelta(hours=35)
    assert hours.by_day(found) == found
    assert (found.astimezone(TOWN_TIME).date() - since.astimezone(TOWN_TIME).date()).days in (
        {1} if pace is Pace.TOMORROW else {0, 1}
    )


@given(st.sampled_from(Pace), st.sampled_from(Audience), moments)
def test_a_schedule_goes_one_ring_at_a_time_to_the_furthest(pace: Pace, furthest: Audience, since: datetime) -> None:
    found = rings.schedule(pace, furthest=furthest, since=since)
    wanted = [] if pace is Pace.AT_ONCE else [one for one in Audience if Audience.BUILDING < one <= furthest]
    assert [one.audience for one in found] == wanted
    times = [since, *(one.at for one in found)]
    assert all(later > earlier for earlier, later in pairwise(times))


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        ("2026-11-12 20:00", "2026-11-11 09:00"),
        ("2026-03-29 20:00", "2026-03-28 09:00"),
        ("2026-03-30 20:00", "2026-03-29 08:00"),
        ("2026-10-25 20:00", "2026-10-24 08:00"),
        ("2026-10-26 00:30", "2026-10-25 09:00"),
    ],
)
def test_an_author_is_told_in_the_morning_of_the_day_before(ends: str, told: str) -> None:
    assert endings.told_at(at(ends)) == utc(told)
