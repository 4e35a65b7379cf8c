"""Follows as letters tell of them: theirs of ours are answered at once, ours of theirs wait for their own answer."""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub import vocabulary
from federation import absences, approvals, delivery, documents, identity
from federation.models import ActorState, Direction, Follow, FollowState, OwnActor, RemoteActor

ACTIVE = (FollowState.WANTED, FollowState.PENDING, FollowState.ACCEPTED)


def receive(session: Session, *, asked: vocabulary.Follow, origin: str, now: datetime) -> str:
    """Answer a Follow of one of our actors; returns the sentence for its letter.

    Quarters, organisations and the desk accept everybody who need not wait for an administrator; the instance's own
    actor accepts nobody.
    """
    own = _own(session, asked.object, origin=origin)
    remote = documents.stored_actor(session, asked.actor)
    if own is None or remote is None:
        return "follows nobody here"
    if own.username == identity.APPLICATION:
        _answer(session, word=vocabulary.Reject, own=own, remote=remote, asked=asked, now=now)
        return f"asked to follow {own.username}, which has no followers"
    row = _active(session, direction=Direction.IN, own=own.username, remote_uri=remote.uri)
    if row is None:
        row = Follow(
            direction=Direction.IN,
            own_username=own.username,
            remote_uri=remote.uri,
            handle="",
            created_at=now,
            attempts=0,
        )
        session.add(row)
    # Asked again under a new id: the answer must carry the id that they wait for.
    row.activity_uri = asked.id
    row.remote_name = remote.name
    if row.state != FollowState.ACCEPTED and approvals.waits(session, remote.host):
        row.state = FollowState.PENDING
        session.flush()
        return f"asks to follow {own.username} and waits for an administrator"
    row.state = FollowState.ACCEPTED
    row.decided_at = now
    session.flush()
    _answer(session, word=vocabulary.Accept, own=own, remote=remote, asked=asked, now=now)
    return f"follows {own.username}"


def _own(session: Session, uri: str, *, origin: str) -> OwnActor | None:
    username = identity.username_of(uri, origin=origin)
    own = identity.find(session, username) if username else None
    return own if own is not None and own.state == ActorState.ACTIVE else None


def _active(session: Session, *, direction: Direction, own: str, remote_uri: str) -> Follow | None:
    return session.scalar(
        select(Follow).where(
            Follow.direction == direction,
            Follow.own_username == own,
            Follow.remote_uri == remote_uri,
            Follow.state.in_(ACTIVE),
        )
    )


def _answer(
    session: Session,
    *,
    word: type[vocabulary.Accept | vocabulary.Reject],
    own: OwnActor,
    remote: RemoteActor,
    asked: vocabulary.Follow,
    now: datetime,
) -> None:
    me = identity.address(own)
    answer = word(id=f"{me}/answers/{uuid4()}", actor=me, object=asked, to=(remote.uri,))
    activity = delivery.write(session, word=answer, actor_username=own.username, now=now)
    delivery.post(session, activity=activity, inboxes=[remote.inbox], object_uri=asked.id, now=now)


def decide(session: Session, *, answer: vocabulary.Accept | vocabulary.Reject, origin: str, now: datetime) -> str:
    """Record their answer to our Follow; only the followed actor's own word counts (CVE-2025-30741 class)."""
    row = _meant(session, answer, origin=origin)
    if row is None or row.remote_uri != answer.actor:
        return "answers a follow that is not ours"
    row.decided_at = now
    if isinstance(answer, vocabulary.Accept):
        if row.state != FollowState.ACCEPTED:
            absences.ask(session, actor_uri=row.remote_uri, since=None, now=now)
        row.state = FollowState.ACCEPTED
        row.last_error = None
        sentence = f"lets {row.own_username} follow"
    else:
        row.state = FollowState.ENDED if row.state == FollowState.ACCEPTED else FollowState.REFUSED
        sentence = f"does not let {row.own_username} follow"
    session.flush()
    return sentence


def _meant(session: Session, answer: vocabulary.Accept | vocabulary.Reject, *, origin: str) -> Follow | None:
    """Find the follow of ours an answer is about, by id, else by who follows whom."""
    asked = answer.object
    uri = vocabulary.identify(asked)
    sent = (FollowState.PENDING, FollowState.ACCEPTED)
    if uri:
        return session.scalar(
            select(Follow).where(Follow.activity_uri == uri, Follow.direction == Direction.OUT, Follow.state.in_(sent))
        )
    if not isinstance(asked, vocabulary.Follow):
        return None
    own = _own(session, asked.actor, origin=origin)
    if own is None:
        return None
    return _active(session, direction=Direction.OUT, own=own.username, remote_uri=asked.object)


def undo(session: Session, *, undone: vocabulary.Follow | str, by: str, origin: str, now: datetime) -> str | None:
    """End their follow of ours; None when `undone` is a bare id that is no follow here."""
    uri = vocabulary.identify(undone)
    row = session.scalar(
        select(Follow).where(
            Follow.activity_uri == uri,
            Follow.direction == Direction.IN,
            Follow.remote_uri == by,
            Follow.state.in_(ACTIVE),
        )
    )
    if row is None and isinstance(undone, vocabulary.Follow) and undone.actor == by:
        own = _own(session, undone.object, origin=origin)
        row = _active(session, direction=Direction.IN, own=own.username, remote_uri=by) if own else None
    if row is None:
        return None if isinstance(undone, str) else "no longer follows; it did not"
    row.state = FollowState.ENDED
    row.decided_at = now
    session.flush()
    return f"no longer follows {row.own_username}"


def part(session: Session, *, remote_uri: str, own_username: str | None = None, now: datetime) -> None:
    """End every follow with a remote actor, both ways: it blocked us, or it is gone."""
    rows = session.scalars(
        select(Follow).where(
            Follow.remote_uri == remote_uri,
            Follow.state.in_(ACTIVE),
            *([Follow.own_username == own_username] if own_username else []),
        )
    )
    for row in rows:
        row.state = FollowState.ENDED
        row.decided_at = now
    session.flush()


def blocked_by(session: Session, *, word: vocabulary.Block, origin: str, now: datetime) -> str:
    """Stop sending to an actor that wants no more of ours; who it was is shown to nobody."""
    username = identity.username_of(word.object, origin=origin)
    if username is None:
        return "blocks nobody here"
    part(session, remote_uri=word.actor, own_username=username, now=now)
    return f"wants nothing more from {username}"
