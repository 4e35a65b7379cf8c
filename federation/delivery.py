"""Sending: one row per activity and inbox, oldest first per object, signed when sent, tried until told otherwise."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import Session, aliased, sessionmaker

from activitypub import codec, vocabulary
from federation import blocks, identity, policy
from federation.base import Answer, OwnKey
from federation.models import (
    Activity,
    Delivery,
    DeliveryState,
    Exposure,
    OwnActor,
)
from federation.policy import Outcome

if TYPE_CHECKING:
    from federation.http import Client

BATCH = 20
ROUNDS = 10  # then others get their turn
LEASE = timedelta(minutes=6)  # twenty sends of fifteen seconds, and some air
# A failed one is not over: somebody may replay it.
_OVER = (DeliveryState.SENT, DeliveryState.ABANDONED)
_UNSENT = (DeliveryState.DUE, DeliveryState.LEASED)
AGAINST_CHARTER = "against a charter"


def write(
    session: Session,
    *,
    word: vocabulary.Activity,
    actor_username: str,
    change_uuid: UUID | None = None,
    part: int = 0,
    document_uri: str | None = None,
    public: bool = False,
    now: datetime,
) -> Activity:
    """Store an activity as the bytes that every inbox will get."""
    doc = codec.write(word)
    author = identity.find(session, actor_username)
    activity = Activity(
        uri=word.id,
        change_uuid=change_uuid,
        part=part,
        document_uri=document_uri,
        actor_username=actor_username,
        type=type(word).__name__,
        body=codec.encode(doc if author is None else identity.prove(author, doc, now=now)),
        created_at=now,
        public=public,
        blanked=False,
    )
    session.add(activity)
    session.flush()
    return activity


def post(session: Session, *, activity: Activity, inboxes: Iterable[str], object_uri: str, now: datetime) -> int:
    """Owe `activity` to each inbox once, and remember that it is exposed there; blocked hosts get nothing.

    Returns how many deliveries were added; doing it again adds none.
    """
    session.flush()
    wanted = {inbox for inbox in inboxes if policy.fit([inbox])}
    blocked = blocks.among(session, hosts={policy.authority(inbox) for inbox in wanted})
    wanted = {inbox for inbox in wanted if policy.authority(inbox) not in blocked}
    owed = set(session.scalars(select(Delivery.inbox).where(Delivery.activity_id == activity.id)))
    shown = set(session.scalars(select(Exposure.inbox).where(Exposure.object_uri == object_uri)))
    for inbox in sorted(wanted - owed):
        session.add(
            Delivery(
                activity_id=activity.id,
                inbox=inbox,
                host=policy.authority(inbox),
                object_uri=object_uri,
                state=DeliveryState.DUE,
                attempts=0,
                due_at=now,
                created_at=now,
            )
        )
    for inbox in sorted(wanted - shown):
        session.add(Exposure(object_uri=object_uri, inbox=inbox, first_at=now))
    session.flush()
    return len(wanted - owed)


def exposed(session: Session, *, object_uri: str) -> set[str]:
    """List every inbox that was ever owed this object: Update and Delete go to all of them."""
    return set(session.scalars(select(Exposure.inbox).where(Exposure.object_uri == object_uri)))


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


def hosts_due(session: Session, *, now: datetime) -> list[str]:
    """List the hosts that something may be sent to now."""
    return list(session.scalars(select(Delivery.host).where(_ready(now)).distinct().order_by(Delivery.host)))


@dataclass(frozen=True, slots=True)
class _Parcel:
    """What sending one delivery takes, read before the network is touched."""

    delivery_id: int
    inbox: str
    type: str
    body: bytes
    created_at: datetime
    attempts: int
    key: OwnKey


def drain(
    federation: sessionmaker[Session], *, client: Client, host: str, origin: str, now: Callable[[], datetime]
) -> int:
    """Send what is owed to `host`, stopping when the host as a whole seems down; returns how many went.

    Sending is at-least-once: a crash after the answer and before its record sends again, and receivers know the id.
    """
    del origin  # keys already name it; kept so that all of the courier's jobs are called alike
    sent = 0
    for _ in range(ROUNDS):
        went, is_over = _drain_batch(federation, client=client, host=host, now=now)
        sent += went
        if is_over:
            break
    return sent


def _drain_batch(
    federation: sessionmaker[Session], *, client: Client, host: str, now: Callable[[], datetime]
) -> tuple[int, bool]:
    """Lease one batch and send it; the answer says how many went, and whether there is nothing more to try."""
    with federation.begin() as session:
        parcels = _lease(session, host=host, now=now())
    sent = 0
    for place, parcel in enumerate(parcels):
        answer = client.post(parcel.inbox, body=parcel.body, key=parcel.key)
        with federation.begin() as session:
            outcome = _record(session, parcel=parcel, answer=answer, now=now())
            sent += outcome is Outcome.SENT
            if outcome is Outcome.RETRY and policy.is_down(answer.status):
                _hold(session, host=host, after=parcel.delivery_id, leased=parcels[place + 1 :])
                return sent, True
    return sent, not parcels


def _lease(session: Session, *, host: str, now: datetime) -> list[_Parcel]:
    """Take rows so that nobody else does: row locks on PostgreSQL, the one writer's lock on SQLite."""
    rows = session.execute(
        select(Delivery, Activity, OwnActor)
        .join(Activity, Activity.id == Delivery.activity_id)
        .join(OwnActor, OwnActor.username == Activity.actor_username)
        .where(Delivery.host == host, _ready(now))
        .order_by(Delivery.id)
        .limit(BATCH)
        .with_for_update(of=Delivery, skip_locked=True)
    ).all()
    parcels = []
    for delivery, activity, actor in rows:
        if activity.blanked:
            # Withdrawn while somebody else held it: there is nothing left to send.
            delivery.state = DeliveryState.ABANDONED
            continue
        delivery.state = DeliveryState.LEASED
        delivery.lease_until = now + LEASE
        parcels.append(
            _Parcel(
                delivery.id,
                delivery.inbox,
                activity.type,
                activity.body,
                delivery.created_at,
                delivery.attempts,
                identity.key(actor),
            )
        )
    return parcels


def _record(session: Session, *, parcel: _Parcel, answer: Answer, now: datetime) -> Outcome:
    delivery = session.get_one(Delivery, parcel.delivery_id)
    delivery.attempts = parcel.attempts + 1
    delivery.lease_until = None
    delivery.last_status = answer.status or None
    delivery.last_error = answer.error or None
    outcome = policy.weigh(answer.status, attempts=delivery.attempts)
    match outcome:
        case Outcome.SENT:
            delivery.state = DeliveryState.SENT
            delivery.sent_at = now
        case Outcome.FAIL:
            delivery.state = DeliveryState.FAILED
        case Outcome.RETRY:
            wait = policy.delay(
                delivery.attempts,
                kind=parcel.type,
                age=now - parcel.created_at,
                jitter=random.random(),  # noqa: S311 — spreads retries, guards nothing
                status=answer.status,
            )
            if wait is None:
                delivery.state = DeliveryState.ABANDONED
            else:
                delivery.state = DeliveryState.DUE
                delivery.due_at = now + max(wait, answer.retry_after or timedelta(0))
    session.flush()
    if delivery.state in _OVER:
        _blank_if_over(session, activity_id=delivery.activity_id)
    return outcome


def _hold(session: Session, *, host: str, after: int, leased: Sequence[_Parcel]) -> None:
    """Let everything else owed to a host that is down wait as long as the row that found out."""
    probe = session.get_one(Delivery, after)
    until = None if probe.state != DeliveryState.DUE else probe.due_at
    for parcel in leased:
        delivery = session.get_one(Delivery, parcel.delivery_id)
        delivery.state = DeliveryState.DUE
        delivery.lease_until = None
    session.flush()
    if until is not None:
        session.execute(
            update(Delivery)
            .where(Delivery.host == host, Delivery.state == DeliveryState.DUE, Delivery.due_at < until)
            .values(due_at=until)
        )


def _blank_if_over(session: Session, *, activity_id: int) -> None:
    """Forget the text of a desk letter once it is sent or given up: it is a resident's private answer in transit."""
    activity = session.get_one(Activity, activity_id)
    if not is_letter(activity):
        return
    waiting = session.scalar(
        select(Delivery.id).where(Delivery.activity_id == activity_id, Delivery.state.not_in(_OVER)).limit(1)
    )
    if waiting is None:
        activity.body = b""
        activity.blanked = True
        session.flush()


def abandon(session: Session, *, deliveries: Iterable[Delivery], why: str) -> None:
    """Send these no more, and forget desk letters that nobody is left to get."""
    for delivery in deliveries:
        delivery.state = DeliveryState.ABANDONED
        delivery.last_error = why
        session.flush()
        _blank_if_over(session, activity_id=delivery.activity_id)


def is_letter(activity: Activity) -> bool:
    """Say whether an activity is a direct message, not something public or an answer between servers."""
    return activity.type == "Create" and not activity.public


def replay(session: Session, *, delivery: Delivery, now: datetime) -> bool:
    """Owe a failed or abandoned delivery anew; False when there is nothing to send, or a charter stopped it."""
    activity = session.get_one(Activity, delivery.activity_id)
    if delivery.last_error == AGAINST_CHARTER:
        return False
    if delivery.state not in {DeliveryState.FAILED, DeliveryState.ABANDONED} or activity.blanked:
        return False
    delivery.state = DeliveryState.DUE
    delivery.attempts = 0
    delivery.due_at = now
    # Patience starts again with the person who asked for it.
    delivery.created_at = now
    session.flush()
    return True
