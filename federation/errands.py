"""What the courier does for who added or followed somebody: looking hosts up, finding actors, asking to follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from activitypub import codec, vocabulary, webfinger
from activitypub.vocabulary import Actor, ActorKind, Collection
from federation import blocks, delivery, documents, identity, policy
from federation.base import JRD, OwnKey, Unreachable
from federation.models import Direction, Follow, FollowState, Peer, PeerState

if TYPE_CHECKING:
    from federation.http import Client

BATCH = 10
LOOK_AGAIN_AFTER = timedelta(days=1)
DIRECTORY_LIMIT = 1000
STREAM_LIMIT = 4
PAGES = 12
TRIES_BEFORE_UNREACHABLE = 3


def run(federation: sessionmaker[Session], *, client: Client, origin: str, now: datetime) -> int:
    """Look up peers that are due and send wanted follows; returns how many errands were run."""
    with federation() as session:
        peers = session.scalars(
            select(Peer.id)
            .where(Peer.state != PeerState.BLOCKED, Peer.due_at <= now)
            .order_by(Peer.due_at)
            .limit(BATCH)
        ).all()
        follows = session.scalars(
            select(Follow.id)
            .where(Follow.direction == Direction.OUT, Follow.state == FollowState.WANTED, Follow.due_at <= now)
            .order_by(Follow.due_at)
            .limit(BATCH)
        ).all()
    for peer_id in peers:
        _look_up_peer(federation, client=client, origin=origin, peer_id=peer_id, now=now)
    for follow_id in follows:
        _send_follow(federation, client=client, origin=origin, follow_id=follow_id, now=now)
    return len(peers) + len(follows)


# --- peers


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What a peer shows of itself."""

    name: str
    application_uri: str
    desk_uri: str | None
    directory: list[dict[str, Any]]


def _look_up_peer(
    federation: sessionmaker[Session], *, client: Client, origin: str, peer_id: int, now: datetime
) -> None:
    with federation() as session:
        host = session.get_one(Peer, peer_id).host
        key = identity.fetching_key(session)
    found: _Found | None = None
    trouble: tuple[str, bool] = ("", False)
    try:
        found = _look_up(client, base=f"{urlsplit(origin).scheme}://{host}", key=key)
    except Unreachable as error:
        trouble = (error.why, error.transient)
    except codec.Malformed as error:
        trouble = (str(error), False)
    with federation.begin() as session:
        peer = session.get_one(Peer, peer_id)
        if peer.state == PeerState.BLOCKED:
            return
        peer.checked_at = now
        if found is None:
            _note_trouble(peer, why=trouble[0], transient=trouble[1], now=now)
        else:
            _note_found(peer, found=found, now=now)


def _note_found(peer: Peer, *, found: _Found, now: datetime) -> None:
    peer.state = PeerState.KNOWN
    peer.name = found.name
    peer.application_uri = found.application_uri
    peer.desk_uri = found.desk_uri
    peer.directory = found.directory
    peer.attempts = 0
    peer.last_error = None
    peer.due_at = now + LOOK_AGAIN_AFTER


def _note_trouble(peer: Peer, *, why: str, transient: bool, now: datetime) -> None:
    peer.attempts += 1
    peer.last_error = why
    if not transient or peer.attempts >= TRIES_BEFORE_UNREACHABLE:
        peer.state = PeerState.UNREACHABLE
    wait = policy.delay(peer.attempts, kind="Lookup") if transient else None
    peer.due_at = now + (wait or LOOK_AGAIN_AFTER)


def _look_up(client: Client, *, base: str, key: OwnKey | None) -> _Found:
    """Read the peer's Application and the directory that its streams are.

    Raises:
        Unreachable, codec.Malformed: it did not come, or it is not one of our kind.
    """
    application = documents.fetch_actor(client, uri=f"{base}/actor", key=key)
    if application.kind is not ActorKind.APPLICATION:
        raise Unreachable("no instance behind this address", transient=False)
    shown = [
        actor
        for stream in application.streams[:STREAM_LIMIT]
        if policy.same_origin(application.id, stream)
        for actor in _read_stream(client, uri=stream, key=key)
        if policy.same_origin(application.id, actor.id)
    ][:DIRECTORY_LIMIT]
    return _Found(
        name=(application.name or application.username)[: documents.NAME_LIMIT],
        application_uri=application.id,
        desk_uri=next((actor.id for actor in shown if actor.kind is ActorKind.SERVICE), None),
        directory=[_entry(actor) for actor in shown if actor.kind is not ActorKind.SERVICE],
    )


def _entry(actor: Actor) -> dict[str, Any]:
    return {
        "uri": actor.id,
        "kind": str(actor.kind),
        "name": (actor.name or actor.username)[: documents.NAME_LIMIT],
        "username": actor.username[: documents.NAME_LIMIT],
    }


def _read_stream(client: Client, *, uri: str, key: OwnKey | None) -> list[Actor]:
    """The actors of a stream, page by page where it has pages; a stream without end is left at some point."""
    found: list[Actor] = []
    next_uri: str | None = uri
    for _ in range(PAGES):
        if next_uri is None or not policy.same_origin(uri, next_uri):
            break
        shown = codec.read_collection(client.fetch_json(next_uri, key=key).doc)
        found += [item for item in shown.items if isinstance(item, Actor) and policy.fit([item.id])]
        next_uri = shown.first if isinstance(shown, Collection) else shown.next
    return found


# --- follows


def _send_follow(
    federation: sessionmaker[Session], *, client: Client, origin: str, follow_id: int, now: datetime
) -> None:
    with federation() as session:
        wish = session.get_one(Follow, follow_id)
        key = identity.fetching_key(session)
        target, handle = wish.remote_uri, wish.handle
    try:
        actor = find_actor(client, target=target, handle=handle, scheme=urlsplit(origin).scheme, key=key)
        with federation.begin() as session:
            _ask(session, follow_id=follow_id, actor=actor, now=now)
    except (Unreachable, codec.Malformed) as error:
        transient = isinstance(error, Unreachable) and error.transient
        with federation.begin() as session:
            _note_failure(session, follow_id=follow_id, why=str(error), transient=transient, now=now)


def find_actor(client: Client, *, target: str, handle: str, scheme: str, key: OwnKey | None) -> Actor:
    """Find the actor meant: an actor's address, else a profile page or handle that WebFinger explains (RFC 7033)."""
    if target:
        try:
            return documents.fetch_actor(client, uri=target, key=key)
        except (Unreachable, codec.Malformed) as error:
            if isinstance(error, Unreachable) and error.transient:
                raise
        return documents.fetch_actor(client, uri=_ask_webfinger(client, target, base=_base(target)), key=key)
    _, name, host = handle.split("@")
    uri = _ask_webfinger(client, f"acct:{name}@{host}", base=f"{scheme}://{host}")
    return documents.fetch_actor(client, uri=uri, key=key)


def _base(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise Unreachable("an address that cannot be used", transient=False) from error
    return f"{parts.scheme}://{parts.netloc}"


def _ask_webfinger(client: Client, resource: str, *, base: str) -> str:
    asked = webfinger.question(resource=resource, origin=base)
    return webfinger.read(client.fetch_json(asked, accept=JRD).doc)


def _ask(session: Session, *, follow_id: int, actor: Actor, now: datetime) -> None:
    """Turn the wish into a Follow that is owed to the actor's inbox."""
    wish = session.get_one(Follow, follow_id)
    own = identity.find(session, wish.own_username)
    if wish.state != FollowState.WANTED or own is None:
        return
    if blocks.is_blocked(session, policy.authority(actor.id)) or _is_followed(session, wish=wish, uri=actor.id):
        wish.state = FollowState.ENDED
        wish.decided_at = now
        return
    remote = documents.keep_actor(session, actor=actor, now=now)
    wish.remote_uri = remote.uri
    wish.remote_name = remote.name
    wish.state = FollowState.PENDING
    wish.last_error = None
    session.flush()
    asked = vocabulary.Follow(
        id=wish.activity_uri, actor=identity.address(own), object=remote.uri, to=(remote.uri,), published=now
    )
    activity = delivery.write(session, word=asked, actor_username=own.username, now=now)
    delivery.post(session, activity=activity, inboxes=[remote.inbox], object_uri=wish.activity_uri, now=now)


def _is_followed(session: Session, *, wish: Follow, uri: str) -> bool:
    """Say whether another wish already leads to the same actor: a handle and its URL are two spellings of one."""
    found = session.scalar(
        select(Follow.id).where(
            Follow.id != wish.id,
            Follow.direction == Direction.OUT,
            Follow.own_username == wish.own_username,
            Follow.remote_uri == uri,
            Follow.state.in_((FollowState.WANTED, FollowState.PENDING, FollowState.ACCEPTED)),
        )
    )
    return found is not None


def _note_failure(session: Session, *, follow_id: int, why: str, transient: bool, now: datetime) -> None:
    wish = session.get_one(Follow, follow_id)
    wish.attempts += 1
    wish.last_error = why
    wait = policy.delay(wish.attempts, kind="Follow", age=now - wish.created_at) if transient else None
    if wait is None:
        wish.state = FollowState.REFUSED
        wish.decided_at = now
    else:
        wish.due_at = now + wait
    session.flush()
