"""What hosts answered, written down: of their letters, and by it of themselves; many answers in few statements."""

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from federation import health, policy
from federation.base import Answer, OwnKey
from federation.health import Health, HostState
from federation.models import Activity, Delivery, DeliveryState, HostHealth
from federation.policy import Outcome

# A failed one is not over: somebody may replay it.
OVER: Final = (DeliveryState.SENT, DeliveryState.ABANDONED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What sending one delivery takes, read before the network is touched."""

    delivery_id: int
    activity_id: int
    host: str
    inbox: str
    type: str
    body: bytes
    created_at: datetime
    attempts: int
    key: OwnKey
    is_letter: bool
    is_proven: bool


Answered = Sequence[tuple[Parcel, Answer]]


def record(session: Session, *, answered: Answered, now: datetime) -> int:
    """Write down what hosts said, of their letters and by it of themselves; returns how many letters were taken."""
    if not answered:
        return 0
    taken: dict[int, list[Parcel]] = {}
    by_host: dict[str, list[Answer]] = {}
    for parcel, answer in answered:
        by_host.setdefault(parcel.host, []).append(answer)
        if policy.weigh(answer.status, attempts=parcel.attempts + 1) is Outcome.SENT:
            taken.setdefault(answer.status, []).append(parcel)
        else:
            _record_failure(session, parcel=parcel, answer=answer, now=now)
    for status, parcels in taken.items():
        _record_sent(session, parcels=parcels, status=status, now=now)
    known = {row.host: read_health(row) for row in session.scalars(_rows(by_host))}
    for host, answers in by_host.items():
        _record_host(session, host=host, known=known.get(host, Health()), answers=answers, now=now)
    return sum(len(parcels) for parcels in taken.values())


def _rows(hosts: Collection[str]) -> Any:
    return select(HostHealth).where(HostHealth.host.in_(hosts))


def _record_sent(session: Session, *, parcels: Sequence[Parcel], status: int, now: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.id.in_([parcel.delivery_id for parcel in parcels]))
        .values(
            state=DeliveryState.SENT,
            attempts=Delivery.attempts + 1,
            lease_until=None,
            last_status=status,
            last_error=None,
            sent_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    for activity_id in {parcel.activity_id for parcel in parcels if parcel.is_letter}:
        blank_if_over(session, activity_id=activity_id)


def _record_failure(session: Session, *, parcel: Parcel, answer: Answer, now: datetime) -> None:
    attempts = parcel.attempts + 1
    state, due_at = _next(parcel, answer, outcome=policy.weigh(answer.status, attempts=attempts), now=now)
    session.execute(
        update(Delivery)
        # Blocked or withdrawn while it was under way: it stays so.
        .where(Delivery.id == parcel.delivery_id, Delivery.state == DeliveryState.LEASED)
        .values(
            state=state,
            attempts=attempts,
            lease_until=None,
            last_status=answer.status or None,
            last_error=answer.error or None,
            due_at=due_at or Delivery.due_at,
        )
        .execution_options(synchronize_session=False)
    )
    if state in OVER and parcel.is_letter:
        blank_if_over(session, activity_id=parcel.activity_id)


def _next(parcel: Parcel, answer: Answer, *, outcome: Outcome, now: datetime) -> tuple[DeliveryState, datetime | None]:
    match outcome:
        case Outcome.SENT:
            return DeliveryState.SENT, None
        case Outcome.FAIL:
            return DeliveryState.FAILED, None
        case Outcome.RETRY:
            wait = policy.delay(
                parcel.attempts + 1,
                kind=parcel.type,
                age=now - parcel.created_at,
                jitter=_jitter(),
                status=answer.status,
            )
            if wait is None:
                return DeliveryState.ABANDONED, None
            # What the host asked for is not shortened, and comes instead of our own table.
            return DeliveryState.DUE, now + (answer.retry_after or wait)


def _jitter() -> float:
    return random.random()  # noqa: S311 — spreads retries, guards nothing


def _record_host(session: Session, *, host: str, known: Health, answers: Sequence[Answer], now: datetime) -> None:
    """Any answer for itself shows that a host lives; else it failed, once, and all that is owed to it waits."""
    down = [answer for answer in answers if policy.is_down(answer.status)]
    if len(down) < len(answers):
        if not known.is_proven:
            keep_health(session, host=host, found=health.succeeded(known, now=now))
        if known.failures:
            _release(session, host=host, now=now)
        return
    asked = max((answer.retry_after or timedelta(0) for answer in down), default=timedelta(0))
    wait = asked or policy.delay(known.failures + 1, kind="", jitter=_jitter()) or timedelta(0)
    found = health.failed(known, wait=wait, now=now)
    keep_health(session, host=host, found=found)
    if found.probe_at is not None:
        _change_due(session, Delivery.host == host, Delivery.due_at < found.probe_at, to=found.probe_at)


def read_health(row: HostHealth) -> Health:
    """The row of a host as the machine of states knows it."""
    return Health(
        state=HostState(row.state),
        failures=row.failures,
        ok_at=row.ok_at,
        down_since=row.down_since,
        failed_at=row.failed_at,
        probe_at=row.probe_at,
    )


def keep_health(session: Session, *, host: str, found: Health) -> None:
    """Write down how a host is doing."""
    row = session.get(HostHealth, host)
    if row is None:
        row = HostHealth(host=host)
        session.add(row)
    row.state = found.state
    row.failures = found.failures
    row.ok_at = found.ok_at
    row.down_since = found.down_since
    row.failed_at = found.failed_at
    row.probe_at = found.probe_at
    session.flush()


def _release(session: Session, *, host: str, now: datetime) -> None:
    """Send what waited for a host to come back; what it refused by itself goes on waiting."""
    held = or_(Delivery.last_status.is_(None), Delivery.last_status == 429, Delivery.last_status >= 500)
    _change_due(session, Delivery.host == host, Delivery.due_at > now, held, to=now)


def _change_due(session: Session, *which: ColumnElement[bool], to: datetime) -> None:
    session.execute(
        update(Delivery)
        .where(Delivery.state == DeliveryState.DUE, *which)
        .values(due_at=to)
        .execution_options(synchronize_session=False)
    )


def hear(session: Session, *, hosts: Collection[str], now: datetime) -> None:
    """Note that genuine letters came from these hosts: one that was given up is asked whether it also listens."""
    asleep = _rows(hosts).where(HostHealth.state.in_((HostState.DORMANT, HostState.ARCHIVED)))
    for row in session.scalars(asleep).all():
        before = read_health(row)
        after = health.heard(before, now=now)
        if after != before:
            keep_health(session, host=row.host, found=after)
            _release(session, host=row.host, now=now)


def blank_if_over(session: Session, *, activity_id: int) -> None:
    """Forget what a letter says once it is sent or given up: it is a resident's private word in transit."""
    activity = session.get_one(Activity, activity_id)
    if not is_letter(activity):
        return
    waiting = session.scalar(
        select(Delivery.id).where(Delivery.activity_id == activity_id, Delivery.state.not_in(OVER)).limit(1)
    )
    if waiting is None:
        activity.body = b""
        activity.blanked = True
        session.flush()


def is_letter(activity: Activity) -> bool:
    """Say whether an activity is for one desk alone, a letter or a word about a loan: no document stands behind it."""
    return activity.document_uri == activity.uri
