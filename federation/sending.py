"""Sending: rows are leased, signed and sent side by side, and their answers recorded together.

One loop owns all hands, so that it alone decides who gets one: a host never more than its window (`health`), hosts that
are not proven never more than a third together. Within one object and inbox the older letter goes first.
"""

from __future__ import annotations

import queue
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import BindParameter, ColumnElement, Executable, Row, and_, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session, aliased, sessionmaker

from federation import followers, health, identity, recording
from federation.base import Answer, passing
from federation.health import Health, HostState
from federation.models import Activity, Delivery, DeliveryState, Exposure, HostHealth, OwnActor
from federation.recording import Parcel

if TYPE_CHECKING:
    from federation.http import Client

HANDS: Final = 48
HANDS_FOR_UNPROVEN: Final = 16
UNDER_WAY: Final = 2 * HANDS  # so that each hand finds the next letter while answers are written down
BATCH: Final = 128
UNPROVEN_SHARE: Final = 10  # to look through what is owed to silent hosts takes a tenth of the time, however many
LEASE: Final = timedelta(seconds=60)  # an attempt ends after 15
LINGER_SECONDS: Final = 0.01  # for the answers that are about to come: a commit each would be the limit
LOOK_SECONDS: Final = 0.25  # how long a new letter may wait while others are under way
_UNSENT: Final = (DeliveryState.DUE, DeliveryState.LEASED)


def hosts_due(session: Session, *, now: datetime) -> list[str]:
    """List the hosts that something may be sent to now."""
    return list(session.scalars(select(Delivery.host).where(_ready(now)).distinct().order_by(Delivery.host)))


def is_idle(session: Session, *, now: datetime) -> bool:
    """Whether nothing may be sent now."""
    return session.scalar(select(Delivery.id).where(_ready(now)).limit(1)) is None


def _ready(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
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
    _unproven_again: float = 0.0
    _is_stopped: bool = False

    def run(self) -> int:
        """Go on until nothing is under way and nothing may be taken; returns how many letters were taken."""
        sent = 0
        answered: list[tuple[Parcel, Answer]] = []
        while True:
            with self.federation.begin() as session:
                sent += recording.record(session, answered=answered, now=self.now())
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

    def stop(self) -> None:
        """Take no more, and end when what is under way has its answers; safe from any thread."""
        self._is_stopped = True

    def _take(self, session: Session) -> list[Parcel]:
        if self._is_stopped:
            return []
        began = time.monotonic()
        is_time = began >= self._unproven_again or not self._busy
        parcels = lease(
            session,
            busy=self._busy,
            room=UNDER_WAY - self._busy.total(),
            unproven=HANDS_FOR_UNPROVEN - self._unproven if is_time else 0,
            only=self.only,
            now=self.now(),
        )
        if is_time:
            self._unproven_again = began + UNPROVEN_SHARE * (time.monotonic() - began)
        for parcel in parcels:
            self._busy[parcel.host] += 1
            self._unproven += not parcel.is_proven
        return parcels

    def _send(self, parcel: Parcel) -> None:
        try:
            answer = self.client.post(parcel.inbox, body=parcel.body, key=parcel.key, headers=parcel.headers)
        except Exception as error:  # noqa: BLE001 — whatever it was, the hand must come back and the row say so
            answer = Answer(status=0, error=type(error).__name__)
        passing("out: sent")
        self._answers.put((parcel, answer))

    def _collect(self) -> list[tuple[Parcel, Answer]]:
        """Wait for an answer, and take with it whatever has come in meanwhile: one commit records them all."""
        found: list[tuple[Parcel, Answer]] = []
        try:
            one = self._answers.get(timeout=LOOK_SECONDS)
            time.sleep(LINGER_SECONDS)
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
    # The unproven first: they are given few hands, and would get none where the others want all.
    for proven, most in ((False, unproven), (True, room)):
        many, full = min(most, room - len(taken)), set[str]()
        while many > 0 and (rows := _candidates(session, full=full, taken=taken, proven=proven, only=only, now=now)):
            for row in rows:
                if held[row.host] >= _allowance(row, now=now):
                    full.add(row.host)
                elif many > 0:
                    held[row.host] += 1
                    many -= 1
                    taken.append((row, proven))
    return _wrap(session, taken, now=now)


def _candidates(
    session: Session,
    *,
    full: Collection[str],
    taken: Sequence[tuple[Row[Any], bool]],
    proven: bool,
    only: str | None,
    now: datetime,
) -> Sequence[Any]:
    given = {"now": now, "full": list(full), "taken": [row.id for row, _ in taken], "only": only}
    return session.execute(_wanted(proven=proven, for_one=only is not None), given).all()


@cache
def _wanted(*, proven: bool, for_one: bool) -> Executable:
    """What `_candidates` asks. Put together once: that takes longer than the answer does."""
    good = select(HostHealth.host).where(HostHealth.state == HostState.HEALTHY, HostHealth.ok_at.is_not(None))
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
        # Not by what is joined: SQLite would first ask of each row whether something older is unsent.
        .where(Delivery.host.in_(good) if proven else Delivery.host.not_in(good), _ready(bindparam("now")))
        .where(Delivery.host.not_in(bindparam("full", expanding=True)))
        .where(Delivery.id.not_in(bindparam("taken", expanding=True)))
        # Fresh letters first: one that a host always fails at must not be its every probe.
        .order_by(Delivery.attempts, Delivery.id)
        .limit(BATCH)
        .with_for_update(of=Delivery, skip_locked=True)
    )
    return wanted.where(Delivery.host == bindparam("only")) if for_one else wanted


def _allowance(row: Row[Any], *, now: datetime) -> int:
    state = HostState.HEALTHY if row.host_state is None else HostState(row.host_state)
    return health.window(Health(state=state, ok_at=row.ok_at, probe_at=row.probe_at), now=now)


_LEASED: Final = (
    update(Delivery)
    .where(Delivery.id.in_(bindparam("rows", expanding=True)))
    .values(state=bindparam("to"), lease_until=bindparam("until"))
    .execution_options(synchronize_session=False)
)
_TRIED: Final = (
    update(Exposure)
    .where(
        Exposure.id.in_(
            select(Exposure.id)
            .join(Delivery, and_(Delivery.object_uri == Exposure.object_uri, Delivery.inbox == Exposure.inbox))
            .where(Delivery.id.in_(bindparam("rows", expanding=True)), Exposure.tried_at.is_(None))
        )
    )
    .values(tried_at=bindparam("now"))
    .execution_options(synchronize_session=False)
)
_WORDS: Final = (
    select(Activity, OwnActor)
    .join(OwnActor, OwnActor.username == Activity.actor_username)
    .where(Activity.id.in_(bindparam("wanted", expanding=True)))
)


def _wrap(session: Session, taken: Sequence[tuple[Row[Any], bool]], *, now: datetime) -> list[Parcel]:
    """Lease the rows taken, and add to each what is sent; what was withdrawn while somebody else held it is not."""
    if not taken:
        return []
    wanted = list({row.activity_id for row, _ in taken})
    words = {activity.id: (activity, actor) for activity, actor in session.execute(_WORDS, {"wanted": wanted})}
    gone = [row.id for row, _ in taken if words[row.activity_id][0].blanked]
    kept = [(row, is_proven) for row, is_proven in taken if not words[row.activity_id][0].blanked]
    if gone:
        session.execute(_LEASED, {"rows": gone, "to": DeliveryState.ABANDONED, "until": None})
    if kept:
        rows = [row.id for row, _ in kept]
        session.execute(_LEASED, {"rows": rows, "to": DeliveryState.LEASED, "until": now + LEASE})
        # From here on nobody can tell whether it arrived, whatever becomes of its row.
        session.execute(_TRIED, {"rows": rows, "now": now})
    said = _headers(session, [(*words[row.activity_id], row.host) for row, _ in kept])
    return [
        _parcel(row, *words[row.activity_id], is_proven=is_proven, headers=said.get((row.activity_id, row.host), {}))
        for row, is_proven in kept
    ]


def _headers(
    session: Session, kept: Iterable[tuple[Activity, OwnActor, str]]
) -> dict[tuple[int, str], Mapping[str, str]]:
    """What is said of followers, by activity and host: only with what is addressed to them (FEP-8fcf)."""
    asked = [(activity.id, actor, host) for activity, actor, host in kept if activity.to_followers]
    if not asked:
        return {}
    origin = identity.origin_of(asked[0][1])
    pairs = {(actor.username, host) for _, actor, host in asked}
    found = followers.headers(session, pairs=pairs, origin=origin)
    return {(activity_id, host): found[actor.username, host] for activity_id, actor, host in asked}


def _parcel(
    row: Row[Any], activity: Activity, actor: OwnActor, *, is_proven: bool, headers: Mapping[str, str]
) -> Parcel:
    return Parcel(
        delivery_id=row.id,
        activity_id=row.activity_id,
        host=row.host,
        inbox=row.inbox,
        type=activity.type,
        body=activity.body,
        created_at=row.created_at,
        attempts=row.attempts,
        key=identity.key(actor),
        is_letter=recording.is_letter(activity),
        is_proven=is_proven,
        headers=headers,
    )
