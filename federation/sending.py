"""Sending: rows are leased, signed and sent side by side, and their answers recorded together.

One loop owns all hands, so that it alone decides who gets one: a host never more than its window (`health`), hosts that
are not proven never more than a third together. Within one object and inbox the older letter goes first.
"""

from __future__ import annotations

import queue
import random
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Row, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased, sessionmaker

from federation import health, identity, policy
from federation.base import Answer, OwnKey, passing
from federation.health import Health, HostState
from federation.models import Activity, Delivery, DeliveryState, HostHealth, OwnActor
from federation.policy import Outcome

if TYPE_CHECKING:
    from federation.http import Client

HANDS: Final = 48
HANDS_FOR_UNPROVEN: Final = 16
BATCH: Final = 64
LEASE: Final = timedelta(seconds=60)  # an attempt ends after 15
LOOK_SECONDS: Final = 0.25  # how long a new letter may wait while others are under way
# A failed one is not over: somebody may replay it.
OVER: Final = (DeliveryState.SENT, DeliveryState.ABANDONED)
_UNSENT: Final = (DeliveryState.DUE, DeliveryState.LEASED)


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
    is_proven: bool


def hosts_due(session: Session, *, now: datetime) -> list[str]:
    """List the hosts that something may be sent to now."""
    return list(session.scalars(select(Delivery.host).where(_ready(now)).distinct().order_by(Delivery.host)))


def is_idle(session: Session, *, now: datetime) -> bool:
    """Whether nothing may be sent now."""
    return session.scalar(select(Delivery.id).where(_ready(now)).limit(1)) is None


def _ready(now: datetime) -> ColumnElement[bool]:
    """Whether a row may be taken: due or leased by somebody who died, and nothing older of that object unsent there."""
    earlier = aliased(Delivery)
    return and_(
        or_(
            and_(Delivery.state == DeliveryState.DUE, Delivery.due_at <= now),
            and_(Delivery.state == DeliveryState.LEASED, Delivery.lease_until <= now),
        ),
        ~exists().where(
            earlier.object_uri == Delivery.object_uri,
            earlier.inbox == Delivery.inbox,
            earlier.id < Delivery.id,
            earlier.state.in_(_UNSENT),
        ),
    )


def drain(
    federation: sessionmaker[Session], *, client: Client, host: str, origin: str, now: Callable[[], datetime]
) -> int:
    """Send what is owed to `host` until nothing more may be sent now; returns how many went.

    Sending is at-least-once: a crash after the answer and before its record sends again, and receivers know the id.
    """
    del origin  # keys already name it; kept so that all of the courier's jobs are called alike
    with ThreadPoolExecutor(health.WINDOW, thread_name_prefix="hand") as pool:
        return Round(federation=federation, client=client, pool=pool, now=now, only=host).run()


@dataclass(slots=True, kw_only=True)
class Round:
    """One loop of leasing, sending and recording, until nothing may be sent; `only` keeps it to one host."""

    federation: sessionmaker[Session]
    client: Client
    pool: ThreadPoolExecutor
    now: Callable[[], datetime]
    only: str | None = None
    _answers: queue.SimpleQueue[tuple[Parcel, Answer] | None] = field(default_factory=queue.SimpleQueue)
    _busy: Counter[str] = field(default_factory=Counter)
    _unproven: int = 0

    def run(self) -> int:
        """Go on until nothing is under way and nothing may be taken; returns how many letters were taken."""
        sent = 0
        answered: list[tuple[Parcel, Answer]] = []
        while True:
            with self.federation.begin() as session:
                sent += record(session, answered=answered, now=self.now())
                parcels = self._take(session)
                passing("out: before recording commits" if answered else "out: before leasing commits")
            passing("out: recorded" if answered else "out: leased")
            for parcel in parcels:
                self.pool.submit(self._send, parcel)
            if not self._busy:
                return sent
            answered = self._collect()

    def wake(self) -> None:
        """Look for new letters at once; safe from any thread."""
        self._answers.put(None)

    def _take(self, session: Session) -> list[Parcel]:
        parcels = lease(
            session,
            busy=self._busy,
            room=HANDS - self._busy.total(),
            unproven=HANDS_FOR_UNPROVEN - self._unproven,
            only=self.only,
            now=self.now(),
        )
        for parcel in parcels:
            self._busy[parcel.host] += 1
            self._unproven += not parcel.is_proven
        return parcels

    def _send(self, parcel: Parcel) -> None:
        try:
            answer = self.client.post(parcel.inbox, body=parcel.body, key=parcel.key)
        except Exception as error:  # noqa: BLE001 — whatever it was, the hand must come back and the row say so
            answer = Answer(status=0, error=type(error).__name__)
        passing("out: sent")
        self._answers.put((parcel, answer))

    def _collect(self) -> list[tuple[Parcel, Answer]]:
        """Wait for an answer, and take with it whatever has come in meanwhile: one commit records them all."""
        found: list[tuple[Parcel, Answer]] = []
        try:
            one = self._answers.get(timeout=LOOK_SECONDS)
            while True:
                if one is not None:
                    found.append(one)
                one = self._answers.get_nowait()
        except queue.Empty:
            pass
        for parcel, _ in found:
            self._busy[parcel.host] -= 1
            if not self._busy[parcel.host]:
                del self._busy[parcel.host]
            self._unproven -= not parcel.is_proven
        return found


# --- leasing


def lease(
    session: Session,
    *,
    busy: Counter[str],
    room: int,
    unproven: int,
    only: str | None = None,
    now: datetime,
) -> list[Parcel]:
    """Take up to `room` rows so that nobody else does: row locks on PostgreSQL, the one writer's lock on SQLite.

    `busy` counts what is under way to each host already; at most `unproven` rows are for hosts that have yet to answer.
    """
    taken: list[tuple[Row[Any], bool]] = []
    held = Counter(busy)
    full: set[str] = set()
    while len(taken) < room:
        rows = _candidates(session, full=full, taken=[row.id for row, _ in taken], proven=unproven <= 0, only=only, now=now)
        if not rows:
            break
        for row in rows:
            is_proven, may = _allowance(row, now=now)
            if held[row.host] >= may:
                full.add(row.host)
            elif len(taken) < room and (is_proven or unproven > 0):
                held[row.host] += 1
                unproven -= not is_proven
                taken.append((row, is_proven))
    return _wrap(session, taken, now=now)


def _candidates(
    session: Session, *, full: Collection[str], taken: Collection[int], proven: bool, only: str | None, now: datetime
) -> Sequence[Row[Any]]:
    wanted = (
        select(
            Delivery.id,
            Delivery.activity_id,
            Delivery.host,
            Delivery.inbox,
            Delivery.created_at,
            Delivery.attempts,
            HostHealth.state.label("host_state"),
            HostHealth.ok_at,
            HostHealth.probe_at,
        )
        .outerjoin(HostHealth, HostHealth.host == Delivery.host)
        .where(_ready(now))
        # Fresh letters first: one that a host always fails at must not be its every probe.
        .order_by(Delivery.attempts, Delivery.id)
        .limit(BATCH)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    if full:
        wanted = wanted.where(Delivery.host.not_in(full))
    if taken:
        wanted = wanted.where(Delivery.id.not_in(taken))
    if only is not None:
        wanted = wanted.where(Delivery.host == only)
    if proven:
        wanted = wanted.where(HostHealth.state == HostState.HEALTHY, HostHealth.ok_at.is_not(None))
    return session.execute(wanted).all()


def _allowance(row: Row[Any], *, now: datetime) -> tuple[bool, int]:
    state = HostState.HEALTHY if row.host_state is None else HostState(row.host_state)
    known = Health(state=state, ok_at=row.ok_at, probe_at=row.probe_at)
    return known.is_proven, health.window(known, now=now)


def _wrap(session: Session, taken: Sequence[tuple[Row[Any], bool]], *, now: datetime) -> list[Parcel]:
    """Lease the rows taken, and add to each what is sent; what was withdrawn while somebody else held it is not."""
    if not taken:
        return []
    words = {
        activity.id: (activity, identity.key(actor))
        for activity, actor in session.execute(
            select(Activity, OwnActor)
            .join(OwnActor, OwnActor.username == Activity.actor_username)
            .where(Activity.id.in_({row.activity_id for row, _ in taken}))
        )
    }
    gone = [row.id for row, _ in taken if words[row.activity_id][0].blanked]
    kept = [(row, is_proven) for row, is_proven in taken if not words[row.activity_id][0].blanked]
    _change(session, gone, state=DeliveryState.ABANDONED)
    _change(session, [row.id for row, _ in kept], state=DeliveryState.LEASED, lease_until=now + LEASE)
    return [
        Parcel(
            delivery_id=row.id,
            activity_id=row.activity_id,
            host=row.host,
            inbox=row.inbox,
            type=words[row.activity_id][0].type,
            body=words[row.activity_id][0].body,
            created_at=row.created_at,
            attempts=row.attempts,
            key=words[row.activity_id][1],
            is_proven=is_proven,
        )
        for row, is_proven in kept
    ]


def _change(session: Session, ids: Collection[int], **values: Any) -> None:
    if ids:
        session.execute(
            update(Delivery).where(Delivery.id.in_(ids)).values(**values).execution_options(synchronize_session=False)
        )


# --- recording


def record(session: Session, *, answered: Iterable[tuple[Parcel, Answer]], now: datetime) -> int:
    """Write down what hosts said, of their letters and by it of themselves; returns how many letters were taken."""
    by_host: dict[str, list[tuple[Parcel, Answer]]] = {}
    for parcel, answer in answered:
        by_host.setdefault(parcel.host, []).append((parcel, answer))
    sent = 0
    for host, found in by_host.items():
        for parcel, answer in found:
            sent += _record_one(session, parcel=parcel, answer=answer, now=now) is Outcome.SENT
        _record_host(session, host=host, answers=[answer for _, answer in found], now=now)
    return sent


def _record_one(session: Session, *, parcel: Parcel, answer: Answer, now: datetime) -> Outcome:
    attempts = parcel.attempts + 1
    outcome = policy.weigh(answer.status, attempts=attempts)
    state, due_at = _next(parcel, answer, outcome=outcome, now=now)
    values: dict[str, Any] = {
        "attempts": attempts,
        "lease_until": None,
        "last_status": answer.status or None,
        "last_error": answer.error or None,
        "state": state,
    }
    if due_at is not None:
        values["due_at"] = due_at
    if state is DeliveryState.SENT:
        values["sent_at"] = now
    wanted = update(Delivery).where(Delivery.id == parcel.delivery_id)
    if state is not DeliveryState.SENT:
        # Blocked or withdrawn while it was under way: it stays so.
        wanted = wanted.where(Delivery.state == DeliveryState.LEASED)
    session.execute(wanted.values(**values).execution_options(synchronize_session=False))
    if state in OVER and parcel.type == "Create":
        blank_if_over(session, activity_id=parcel.activity_id)
    return outcome


def _next(
    parcel: Parcel, answer: Answer, *, outcome: Outcome, now: datetime
) -> tuple[DeliveryState, datetime | None]:
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


def _record_host(session: Session, *, host: str, answers: Sequence[Answer], now: datetime) -> None:
    """Any answer for itself shows that a host lives; else it failed, once, and all that is owed to it waits."""
    row = session.get(HostHealth, host)
    known = Health() if row is None else read_health(row)
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


def blank_if_over(session: Session, *, activity_id: int) -> None:
    """Forget the text of a desk letter once it is sent or given up: it is a resident's private answer in transit."""
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
    """Say whether an activity is a direct message, not something public or an answer between servers."""
    return activity.type == "Create" and not activity.public
