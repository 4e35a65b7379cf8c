"""What is owed to others: one row per activity and inbox, the same bytes for all, until sent, given up or replayed."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from activitypub import codec, vocabulary
from federation import blocks, identity, policy, recording
from federation.models import Activity, Delivery, DeliveryState, Exposure

AGAINST_CHARTER = "against a charter"
BLOCKED = "host blocked"
# Stopped here by whoever wrote it: nothing failed.
RECALLED = "withdrawn before it was sent"
TAKEN_BACK = "its author took everything back"


def write(
    session: Session,
    *,
    word: vocabulary.Activity,
    actor_username: str,
    change_uuid: UUID | None = None,
    part: int = 0,
    document_uri: str | None = None,
    public: bool = False,
    shape: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
    now: datetime,
) -> Activity:
    """Store an activity as the bytes that every inbox will get; `shape` says it in another dialect, id included."""
    doc = codec.write(word) if shape is None else shape(codec.write(word))
    author = identity.find(session, actor_username)
    activity = Activity(
        uri=str(doc["id"]),
        change_uuid=change_uuid,
        part=part,
        document_uri=document_uri,
        actor_username=actor_username,
        type=type(word).__name__,
        body=codec.encode(doc if author is None else identity.prove(author, doc, now=now)),
        created_at=now,
        public=public,
        to_followers=author is not None and f"{identity.address(author)}/followers" in {*word.to, *word.cc},
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
    expose(session, object_uri=object_uri, inboxes=wanted, now=now)
    return len(wanted - owed)


def expose(session: Session, *, object_uri: str, inboxes: Iterable[str], now: datetime) -> None:
    """Remember that these inboxes may have an object, or are to get it."""
    for inbox in sorted(set(inboxes) - exposed(session, object_uri=object_uri)):
        session.add(Exposure(object_uri=object_uri, inbox=inbox, first_at=now))
    session.flush()


def exposed(session: Session, *, object_uri: str) -> set[str]:
    """List every inbox that was ever owed this object: Update and Delete go to all of them."""
    return set(session.scalars(select(Exposure.inbox).where(Exposure.object_uri == object_uri)))


def abandon(session: Session, *, deliveries: Iterable[Delivery], why: str | None) -> None:
    """Send these no more, and forget desk letters that nobody is left to get; without `why` the last reason stands."""
    for delivery in deliveries:
        delivery.state = DeliveryState.ABANDONED
        delivery.last_error = why or delivery.last_error
        session.flush()
        recording.blank_if_over(session, activity_id=delivery.activity_id)


def replay(session: Session, *, delivery: Delivery, now: datetime) -> bool:
    """Owe a failed or abandoned delivery anew; False when there is nothing to send, or it would come too late.

    What a charter stopped stays, and so does what is older than what is there already.
    """
    activity = session.get_one(Activity, delivery.activity_id)
    if delivery.last_error == AGAINST_CHARTER:
        return False
    if delivery.state not in {DeliveryState.FAILED, DeliveryState.ABANDONED} or activity.blanked:
        return False
    if not recording.is_letter(activity) and _is_outdated(session, delivery=delivery, activity=activity):
        return False
    begin_anew(delivery, now=now)
    session.flush()
    return True


def _is_outdated(session: Session, *, delivery: Delivery, activity: Activity) -> bool:
    """Whether a later change of the same object is at that inbox, or under way to it: the older must not follow it.

    Letters of one thread are no versions of each other, nor are the parts in which one change is said.
    """
    later = (
        select(Delivery.id)
        .join(Activity, Activity.id == Delivery.activity_id)
        .where(
            Delivery.object_uri == delivery.object_uri,
            Delivery.inbox == delivery.inbox,
            Delivery.id > delivery.id,
            Delivery.state.in_((DeliveryState.SENT, DeliveryState.LEASED)),
            or_(Activity.change_uuid.is_(None), Activity.change_uuid != activity.change_uuid),
        )
    )
    return session.scalar(later.limit(1)) is not None


def begin_anew(delivery: Delivery, *, now: datetime) -> None:
    """Owe a letter as if it had just been written: patience starts again with whoever asks for it."""
    delivery.state = DeliveryState.DUE
    delivery.attempts = 0
    delivery.due_at = now
    delivery.created_at = now
    delivery.last_error = None


def replay_all(session: Session, *, host: str, now: datetime) -> int:
    """Owe everything anew that failed or was given up at a host and can be sent; returns how many."""
    over = Delivery.state.in_((DeliveryState.FAILED, DeliveryState.ABANDONED))
    found = session.scalars(select(Delivery).where(Delivery.host == host, over).order_by(Delivery.id)).all()
    return sum(replay(session, delivery=one, now=now) for one in found)
