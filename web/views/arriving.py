"""How what we send arrives: the health of each town that we send to, its queue, and how long a letter takes there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Final

from babel.dates import format_timedelta
from flask_babel import gettext, lazy_gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation.health import HostState
from federation.models import Delivery, DeliveryState, HostHealth
from web.frame import locale, reasons

# How many of the last letters that arrived say how long one takes.
LAST: Final = 100
STATES: Final = {
    HostState.HEALTHY: lazy_gettext("Answers"),
    HostState.DEGRADED: lazy_gettext("Did not answer lately"),
    HostState.OPEN: lazy_gettext("Does not answer"),
    HostState.HALF_OPEN: lazy_gettext("Is asked whether it is back"),
    HostState.DORMANT: lazy_gettext("Silent for two weeks"),
    HostState.ARCHIVED: lazy_gettext("Silent for three months"),
}
NEVER: Final = lazy_gettext("Nothing sent yet")
_UNDER_WAY: Final = (DeliveryState.DUE, DeliveryState.LEASED)
_OVER: Final = (DeliveryState.FAILED, DeliveryState.ABANDONED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How what we send arrives at one host.

    `word` says how it answers and `again` when it is asked again; `usual` and `worst` are how long the last hundred
    letters took, from when they were owed to when they were taken.
    """

    state: HostState | None
    word: str
    again: datetime | None
    arrived: datetime | None
    waiting: int
    failed: int
    why: str
    usual: timedelta | None
    worst: timedelta | None

    @property
    def latency(self) -> str:
        """How long a letter takes, in words; nothing where none arrived."""
        if self.usual is None or self.worst is None:
            return ""
        usual, worst = (
            format_timedelta(one, granularity="second", locale=locale.current()) for one in (self.usual, self.worst)
        )
        return gettext(
            "Half of the last letters took at most %(usual)s, the slowest %(worst)s.", usual=usual, worst=worst
        )


def health(outside: Session, *, host: str) -> Health:
    """How what we send to a host arrives."""
    by_state = select(Delivery.state, func.count()).where(Delivery.host == host).group_by(Delivery.state)
    counted = {row[0]: row[1] for row in outside.execute(by_state)}
    trouble = outside.scalar(
        select(Delivery.last_error)
        .where(Delivery.host == host, Delivery.last_error.is_not(None), Delivery.state.in_((*_UNDER_WAY, *_OVER)))
        .order_by(Delivery.id.desc())
        .limit(1)
    )
    row = outside.get(HostHealth, host)
    arrived, taken = _last(outside, host=host)
    return Health(
        state=HostState(row.state) if row is not None else None,
        word=word(row.state if row is not None else None),
        again=row.probe_at if row is not None else None,
        arrived=arrived,
        waiting=sum(counted.get(one, 0) for one in _UNDER_WAY),
        failed=sum(counted.get(one, 0) for one in _OVER),
        why=reasons.sentence(trouble),
        usual=timedelta(seconds=median(one.total_seconds() for one in taken)) if taken else None,
        worst=max(taken, default=None),
    )


def _last(outside: Session, *, host: str) -> tuple[datetime | None, list[timedelta]]:
    """When something last arrived, and how long each of the last letters took."""
    wanted = (
        select(Delivery.sent_at, Delivery.created_at)
        .where(Delivery.host == host, Delivery.state == DeliveryState.SENT, Delivery.sent_at.is_not(None))
        .order_by(Delivery.id.desc())
        .limit(LAST)
    )
    found = [(sent, owed) for sent, owed in outside.execute(wanted) if sent is not None]
    return max((sent for sent, _ in found), default=None), [max(sent - owed, timedelta(0)) for sent, owed in found]


def word(state: str | None) -> str:
    """How a host answers, in words."""
    return str(STATES[HostState(state)]) if state is not None else str(NEVER)


def words(outside: Session) -> Mapping[str, str]:
    """How each host that was ever sent to answers, in words."""
    return {row.host: word(row.state) for row in outside.scalars(select(HostHealth))}


def queues(outside: Session) -> dict[str, int]:
    """How many parcels wait, by host."""
    wanted = select(Delivery.host, func.count()).where(Delivery.state.in_(_UNDER_WAY)).group_by(Delivery.host)
    return {row[0]: row[1] for row in outside.execute(wanted)}
