"""How another host is doing: one small machine of states, which says how much may be under way to it and when.

Nothing here reads a clock or a table. A host begins unproven and is given little; it earns the whole window by its
first answer. What fails is asked ever more seldom, by the table of `policy.delay`, and once for a burst of failures.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

WINDOW: Final = 20  # letters under way to a host that answers: fifty a second over 300 ms, and what each takes here
UNPROVEN_WINDOW: Final = 1
DEGRADED_WINDOW: Final = 2
FAILURES_UNTIL_OPEN: Final = 5
DORMANT_AFTER: Final = timedelta(days=14)
ARCHIVED_AFTER: Final = timedelta(days=90)
DORMANT_PROBE: Final = timedelta(days=1)
ARCHIVED_PROBE: Final = timedelta(days=7)
# A host that writes to us and never answers must not have us knock at its every letter.
HEARD_AGAIN_AFTER: Final = timedelta(minutes=10)


class HostState(StrEnum):
    """What we expect of a host."""

    HEALTHY = "healthy"
    DEGRADED = "degraded"
    OPEN = "open"  # as a circuit is: one letter at a time asks whether it is back
    HALF_OPEN = "half_open"
    DORMANT = "dormant"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """All that is remembered of a host. `probe_at` is when it may be tried again; None is at any time."""

    state: HostState = HostState.HEALTHY
    failures: int = 0
    ok_at: datetime | None = None
    down_since: datetime | None = None
    failed_at: datetime | None = None
    probe_at: datetime | None = None

    @property
    def is_proven(self) -> bool:
        """Whether it answers, as far as we know: such hosts share more than half of all hands."""
        return self.state is HostState.HEALTHY and self.ok_at is not None


def window(health: Health, *, now: datetime) -> int:
    """How many letters may be under way to it at once."""
    if health.probe_at is not None and now < health.probe_at:
        return 0
    match health.state:
        case HostState.HEALTHY:
            return WINDOW if health.ok_at is not None else UNPROVEN_WINDOW
        case HostState.DEGRADED:
            return DEGRADED_WINDOW
        case HostState.OPEN | HostState.HALF_OPEN | HostState.DORMANT | HostState.ARCHIVED:
            return 1


def succeeded(_health: Health, *, now: datetime) -> Health:
    """It answered, whatever it said of the letter: all is well, and nothing is held against it."""
    return Health(ok_at=now)


def failed(health: Health, *, wait: timedelta, now: datetime) -> Health:
    """It did not answer, or not for itself; `wait` is what the table, or its own Retry-After, says.

    Failures of letters that were under way together count once: the first has set `probe_at`.
    """
    if health.probe_at is not None and now < health.probe_at:
        return replace(health, probe_at=max(health.probe_at, now + wait)) if wait > timedelta(0) else health
    since = health.down_since or now
    failures = health.failures + 1
    state = _state(failures, down_for=now - since)
    return Health(
        state=state,
        failures=failures,
        ok_at=health.ok_at,
        down_since=since,
        failed_at=now,
        probe_at=now + max(wait, _LEAST_WAIT.get(state, timedelta(0))),
    )


_LEAST_WAIT: Final = {HostState.DORMANT: DORMANT_PROBE, HostState.ARCHIVED: ARCHIVED_PROBE}


def _state(failures: int, *, down_for: timedelta) -> HostState:
    if down_for >= ARCHIVED_AFTER:
        return HostState.ARCHIVED
    if down_for >= DORMANT_AFTER:
        return HostState.DORMANT
    return HostState.DEGRADED if failures < FAILURES_UNTIL_OPEN else HostState.OPEN


def heard(health: Health, *, now: datetime) -> Health:
    """A genuine letter came from it: one that was given up is asked once whether it also listens.

    To be heard proves no more than that (Mastodon #31118): only its own answer makes it healthy.
    """
    asleep = health.state in {HostState.DORMANT, HostState.ARCHIVED}
    if not asleep or (health.failed_at is not None and now - health.failed_at < HEARD_AGAIN_AFTER):
        return health
    return replace(health, state=HostState.HALF_OPEN, probe_at=now)
