"""What hosts answered, written down: of their letters, and by it of themselves; many answers in few statements."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, bindparam, insert, or_, select, update
from sqlalchemy.orm import Session

from federation import absences, health, policy
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
    # More to sign and send: what is said of followers at that host.
    headers: Mapping[str, str] = field(default_factory=dict)


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
    known = read_all(session, by_host)
    found = {
        host: after
        for host, answers in by_host.items()
        if (after := _record_host(session, host=host, known=known.get(host, Health()), answers=answers, now=now))
    }
    keep_all(session, found=found, known=known)
    return sum(len(parcels) for parcels in taken.values())


_SENT: Final = (
    update(Delivery)
    .where(Delivery.id.in_(bindparam("rows", expanding=True)))
    .values(
        state=DeliveryState.SENT,
        attempts=Delivery.attempts + 1,
        lease_until=None,
        last_status=bindparam("status"),
        last_error=None,
        sent_at=bindparam("now"),
    )
    .execution_options(synchronize_session=False)
)


def _record_sent(session: Session, *, parcels: Sequence[Parcel], status: int, now: datetime) -> None:
    session.execute(_SENT, {"rows": [parcel.delivery_id for parcel in parcels], "status": status, "now": now})
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
    if answer.status == HTTPStatus.GONE and not answer.error:  # theirs, and not our own word for "never"
        absences.doubt_readers(session, inbox=parcel.inbox, now=now)


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
            wait = policy.heed(answer.retry_after, table=wait, attempts=parcel.attempts + 1)
            return DeliveryState.DUE, now + wait


def _jitter() -> float:
    return random.random()  # noqa: S311 — spreads retries, guards nothing


def _record_host(
    session: Session, *, host: str, known: Health, answers: Sequence[Answer], now: datetime
) -> Health | None:
    """Any answer for itself shows that a host lives; else it failed, once, and all that is owed to it waits.

    Gives how it is doing from now on, where that is news.
    """
    down = [answer for answer in answers if policy.is_down(answer.status)]
    if len(down) < len(answers):
        if known.failures:
            _release(session, host=host, now=now)
        return None if known.is_proven else health.succeeded(known, now=now)
    asked = max((answer.retry_after or timedelta(0) for answer in down), default=timedelta(0))
    table = policy.delay(known.failures + 1, kind="", jitter=_jitter()) or timedelta(0)
    wait = policy.heed(asked, table=table, attempts=known.failures + 1)
    found = health.failed(known, wait=wait, now=now)
    if found.probe_at is not None:
        _change_due(session, Delivery.host == host, Delivery.due_at < found.probe_at, to=found.probe_at)
    return found


_HEALTH: Final = select(HostHealth.__table__).where(HostHealth.host.in_(bindparam("hosts", expanding=True)))


def read_all(session: Session, hosts: Collection[str]) -> dict[str, Health]:
    """Say how these hosts are doing, as far as they were ever tried."""
    return {row.host: _read(row) for row in session.execute(_HEALTH, {"hosts": list(hosts)})}


def _read(row: Row[Any]) -> Health:
    return Health(
        state=HostState(row.state),
        failures=row.failures,
        ok_at=row.ok_at,
        down_since=row.down_since,
        failed_at=row.failed_at,
        probe_at=row.probe_at,
    )


_KEPT: Final = tuple(one.name for one in fields(Health))


def keep_all(session: Session, *, found: Mapping[str, Health], known: Collection[str]) -> None:
    """Write down how hosts are doing; those in `known` have their row."""
    rows = [{"host": host, **{name: getattr(one, name) for name in _KEPT}} for host, one in found.items()]
    new, old = [row for row in rows if row["host"] not in known], [row for row in rows if row["host"] in known]
    if new:
        session.execute(insert(HostHealth), new)
    if old:
        session.execute(update(HostHealth), old)


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
    known = read_all(session, hosts)
    found = {host: after for host, before in known.items() if (after := health.heard(before, now=now)) != before}
    keep_all(session, found=found, known=known)
    for host in found:
        _release(session, host=host, now=now)


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
