"""How hosts fare in our eyes, under any order of events."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from federation import health
from federation.health import Health, HostState

START = datetime(2026, 5, 1, 8, tzinfo=UTC)
ASLEEP = (HostState.DORMANT, HostState.ARCHIVED)


@dataclass(frozen=True)
class Event:
    """Something that happens, so long after what happened before."""

    what: str
    after: timedelta
    wait: timedelta


EVENTS = st.builds(
    Event,
    what=st.sampled_from(["succeeds", "fails", "is heard"]),
    after=st.integers(0, 40 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
    wait=st.integers(0, 24 * 60).map(lambda minutes: timedelta(minutes=minutes)),
)


def step(known: Health, event: Event, now: datetime) -> Health:
    match event.what:
        case "succeeds":
            return health.succeeded(known, now=now)
        case "fails":
            return health.failed(known, wait=event.wait, now=now)
        case _:
            return health.heard(known, now=now)


@given(st.lists(EVENTS, max_size=30))
def test_whatever_happens_the_promises_hold(events: list[Event]) -> None:
    known, now = Health(), START
    for event in events:
        now += event.after
        before, known = known, step(known, event, now)
        assert 0 <= health.window(known, now=now) <= health.WINDOW
        # Only its own answer makes a host healthy, and one answer always does.
        if event.what == "succeeds":
            assert known.is_proven
            assert health.window(known, now=now) == health.WINDOW
        elif known.state is HostState.HEALTHY:
            assert before.state is HostState.HEALTHY
        # Never given up within a fortnight, and never for good: a time to ask again is always set.
        if known.state in ASLEEP:
            assert known.down_since is not None
            assert now - known.down_since >= health.DORMANT_AFTER
        if known.state is not HostState.HEALTHY:
            assert known.probe_at is not None
            assert health.window(known, now=max(now, known.probe_at)) >= 1
            assert known.probe_at - now <= max(timedelta(days=1), health.ARCHIVED_PROBE)
        # A bad host holds few hands.
        if not known.is_proven:
            assert health.window(known, now=now + timedelta(days=99)) <= health.DEGRADED_WINDOW


def test_the_way_down_and_back() -> None:
    known, now, seen = Health(ok_at=START), START, []
    for _ in range(110):
        known = health.failed(known, wait=timedelta(hours=12), now=now)
        assert health.window(known, now=now) == 0
        seen.append(known.state)
        assert known.probe_at is not None
        now = known.probe_at
    assert list(dict.fromkeys(seen)) == [HostState.DEGRADED, HostState.OPEN, HostState.DORMANT, HostState.ARCHIVED]
    heard = health.heard(known, now=now)
    assert (heard.state, health.window(heard, now=now)) == (HostState.HALF_OPEN, 1)
    again = health.failed(heard, wait=timedelta(hours=12), now=now)
    assert again.state is HostState.ARCHIVED
    # Writing to us every minute does not make us knock every minute.
    assert health.heard(again, now=now + timedelta(minutes=1)) == again
    assert health.heard(again, now=now + timedelta(minutes=11)).state is HostState.HALF_OPEN
    assert health.succeeded(heard, now=now) == Health(ok_at=now)


def test_a_burst_of_failures_counts_once() -> None:
    known = Health(ok_at=START)
    for _ in range(16):
        known = health.failed(known, wait=timedelta(seconds=30), now=START)
    assert (known.state, known.failures) == (HostState.DEGRADED, 1)
    longer = health.failed(known, wait=timedelta(minutes=10), now=START)
    assert (longer.failures, longer.probe_at) == (1, START + timedelta(minutes=10))
