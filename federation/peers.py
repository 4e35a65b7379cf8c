"""Other instances: adding, blocking and following them, and the errands that this leaves for the courier."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, sessionmaker

from activitypub import vocabulary
from federation import absences, arrears, blocks, charters, delivery, errands, identity, outlines, policy
from federation.base import PeerRefused, Unreachable
from federation.models import (
    ActorState,
    Delivery,
    DeliveryState,
    Direction,
    Follow,
    FollowState,
    Letter,
    LetterState,
    OwnActor,
    Peer,
    PeerState,
    RemoteActor,
)

if TYPE_CHECKING:
    from federation.http import Client

_HANDLE = re.compile(r"@?(?P<name>[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?)@(?P<host>[^@\s/]+)")
ACTIVE = (FollowState.WANTED, FollowState.PENDING, FollowState.ACCEPTED)


def add(session: Session, *, host: str, now: datetime) -> Peer:
    """Add another instance, given as host, host:port or any URL of it; the courier looks it up.

    One that is known is looked up again, with what was published there of late by those who are followed.

    Raises:
        PeerRefused: `peer_malformed`, `peer_is_us`, `peer_blocked`.
    """
    name = _read_host(session, host)
    peer = _find(session, name)
    if blocks.is_blocked(session, name):
        raise PeerRefused("peer_blocked", field="host")
    if peer is None:
        peer = Peer(host=name, state=PeerState.NEW, name="", directory=[], note="", added_at=now, attempts=0)
        session.add(peer)
    # Added again means: look again, now.
    peer.attempts = 0
    peer.due_at = now
    peer.approved_at = peer.approved_at or now
    session.flush()
    charters.ask_again(session, host=name, now=now)
    outlines.ask_again(session, host=name, now=now)
    absences.ask_all(session, since=now - absences.LOOK_BACK, now=now, host=name)
    return peer


def _find(session: Session, host: str) -> Peer | None:
    return session.scalar(select(Peer).where(Peer.host == host))


def _origin(session: Session) -> str:
    application = identity.find(session, identity.APPLICATION)
    if application is None:
        raise PeerRefused("not_set_up")
    return identity.origin_of(application)


def _read_host(session: Session, typed: str) -> str:
    """Read what a person typed into the one spelling that is stored and compared."""
    origin = _origin(session)
    scheme = urlsplit(origin).scheme
    text = typed.strip().lower()
    url = text if "://" in text else f"{scheme}://{text}"
    try:
        place = policy.locate(url, development=scheme == "http")
    except Unreachable as error:
        raise PeerRefused("peer_malformed", field="host") from error
    if place.authority == policy.authority(origin):
        raise PeerRefused("peer_is_us", field="host")
    return place.authority


def block(session: Session, *, host: str, note: str = "", now: datetime) -> Peer:
    """Have nothing more to do with a host: follows end both ways, nothing is sent, its letters are dropped unread.

    Raises:
        PeerRefused: `peer_malformed`, `peer_is_us`.
    """
    name = _read_host(session, host)
    peer = _find(session, name)
    if peer is None:
        peer = Peer(host=name, name="", directory=[], note="", added_at=now, attempts=0)
        session.add(peer)
    peer.note = note or peer.note
    shut(peer, now=now)
    session.flush()
    cut_off(session, now=now)
    return peer


def shut(peer: Peer, *, now: datetime, by_list: bool = False) -> None:
    """Mark a host as blocked; `cut_off` then ends what is under way."""
    peer.state = PeerState.BLOCKED
    peer.limited_at = None
    peer.approved_at = None
    peer.decided_at = now
    peer.by_list = by_list
    peer.due_at = None
    peer.directory = []


def limit(session: Session, *, host: str, note: str = "", now: datetime) -> Peer:
    """Keep a host at a distance: what is followed there goes on, follows from there wait, comments are held.

    Raises:
        PeerRefused: `peer_malformed`, `peer_is_us`, `peer_blocked`.
    """
    name = _read_host(session, host)
    if blocks.is_blocked(session, name):
        raise PeerRefused("peer_blocked", field="host")
    peer = _find(session, name)
    if peer is None:
        peer = Peer(host=name, name="", directory=[], note="", added_at=now, attempts=0)
        session.add(peer)
    peer.note = note or peer.note
    peer.limited_at = now
    peer.decided_at = now
    peer.by_list = False
    session.flush()
    return peer


def unlimit(session: Session, *, host: str, now: datetime) -> Peer:
    """Meet a limited host as any other again.

    Raises:
        PeerRefused: `peer_malformed`, `peer_is_us`, `peer_unknown`.
    """
    peer = _find(session, _read_host(session, host))
    if peer is None or peer.limited_at is None:
        raise PeerRefused("peer_unknown", field="host")
    peer.limited_at = None
    peer.decided_at = now
    peer.by_list = False
    peer.note = ""
    session.flush()
    return peer


def cut_off(session: Session, *, now: datetime) -> None:
    """Apply all blocks to follows, deliveries, letters and charters that are under way."""
    for host in sorted(blocks.among(session, hosts=charters.signed(session))):
        charters.end(session, host=host, now=now)
    follows = session.scalars(select(Follow).where(Follow.state.in_(ACTIVE))).all()
    away = blocks.among(session, hosts={policy.authority(follow.remote_uri) for follow in follows})
    for follow in follows:
        if policy.authority(follow.remote_uri) in away:
            follow.state = FollowState.ENDED
            follow.decided_at = now
    unsent = Delivery.state.in_((DeliveryState.DUE, DeliveryState.LEASED))
    owed = session.scalars(select(Delivery.host).where(unsent).distinct()).all()
    refused = select(Delivery).where(Delivery.host.in_(blocks.among(session, hosts=owed)), unsent)
    delivery.abandon(session, deliveries=session.scalars(refused).all(), why=delivery.BLOCKED)
    pending = (LetterState.WAITING, LetterState.VERIFIED)
    hosts = session.scalars(select(Letter.host).where(Letter.state.in_(pending)).distinct()).all()
    session.execute(
        update(Letter)
        .where(Letter.host.in_(blocks.among(session, hosts=hosts)), Letter.state.in_(pending))
        .values(
            # As every letter that is over: see `letters.finish`.
            state=LetterState.REFUSED,
            sentence=delivery.BLOCKED,
            raw=b"",
            content=None,
            headers={},
            sender="",
            handled_at=now,
            due_at=None,
        )
    )
    session.flush()


def unblock(session: Session, *, host: str, now: datetime) -> Peer:
    """Lift a block; follows do not come back by themselves, and what was withdrawn meanwhile is asked for.

    Raises:
        PeerRefused: `peer_malformed`, `peer_is_us`, `peer_unknown`.
    """
    peer = _find(session, _read_host(session, host))
    if peer is None:
        raise PeerRefused("peer_unknown", field="host")
    if peer.state == PeerState.BLOCKED:
        peer.state = PeerState.NEW
        peer.decided_at = now
        peer.by_list = False
        peer.attempts = 0
        peer.due_at = now
        session.flush()
        arrears.owe(session, host=peer.host, now=now)
    session.flush()
    return peer


def is_blocked(session: Session, host: str) -> bool:
    """Say whether `host` or a domain above it is blocked."""
    return blocks.is_blocked(session, host)


def follow(session: Session, *, own_username: str, target: str, now: datetime) -> Follow:
    """Wish that one of our actors follows theirs, given by URL or @name@host; the courier does the rest.

    An active follow of the same target is returned as it is.

    Raises:
        PeerRefused: `follow_malformed`, `follow_self`, `peer_blocked`, `actor_unknown`.
    """
    own = identity.find(session, own_username)
    if own is None or own.state != ActorState.ACTIVE:
        raise PeerRefused("actor_unknown")
    remote_uri, handle, host = read_target(target, origin=identity.origin_of(own))
    if blocks.is_blocked(session, host):
        raise PeerRefused("peer_blocked", field="target")
    existing = session.scalar(
        select(Follow).where(
            Follow.direction == Direction.OUT,
            Follow.own_username == own_username,
            Follow.state.in_(ACTIVE),
            or_(Follow.handle == handle, Follow.remote_uri == remote_uri) if remote_uri else Follow.handle == handle,
        )
    )
    if existing is not None:
        return existing
    wish = Follow(
        direction=Direction.OUT,
        own_username=own_username,
        remote_uri=remote_uri,
        activity_uri=f"{identity.address(own)}/follows/{uuid4()}",
        state=FollowState.WANTED,
        handle=handle,
        remote_name="",
        created_at=now,
        attempts=0,
        due_at=now,
    )
    session.add(wish)
    session.flush()
    return wish


def read_target(typed: str, *, origin: str) -> tuple[str, str, str]:
    """Read what a person typed into (URI or empty, handle, authority)."""
    text = typed.strip()
    scheme = urlsplit(origin).scheme
    handle = _HANDLE.fullmatch(text)
    url = f"{scheme}://{handle['host'].lower()}/" if handle else text
    try:
        place = policy.locate(url, development=scheme == "http")
    except Unreachable as error:
        raise PeerRefused("follow_malformed", field="target") from error
    if place.authority == policy.authority(origin):
        raise PeerRefused("follow_self", field="target")
    if handle:
        return "", f"@{handle['name'].lower()}@{place.authority}", place.authority
    return text, text, place.authority


def unfollow(session: Session, *, follow_id: int, now: datetime) -> None:
    """End a follow of ours; if it was ever sent, the other side is told."""
    row = session.get(Follow, follow_id)
    if row is None or row.direction != Direction.OUT or row.state not in ACTIVE:
        return
    remote = session.scalar(select(RemoteActor).where(RemoteActor.uri == row.remote_uri))
    own = identity.find(session, row.own_username)
    if row.state != FollowState.WANTED and remote is not None and own is not None:
        _send_undo(session, follow=row, own=own, remote=remote, now=now)
    row.state = FollowState.ENDED
    row.decided_at = now
    session.flush()


def _send_undo(session: Session, *, follow: Follow, own: OwnActor, remote: RemoteActor, now: datetime) -> None:
    me = identity.address(own)
    asked = vocabulary.Follow(id=follow.activity_uri, actor=me, object=remote.uri)
    activity = delivery.write(
        session,
        word=vocabulary.Undo(id=f"{follow.activity_uri}/undo", actor=me, object=asked, to=(remote.uri,)),
        actor_username=own.username,
        now=now,
    )
    delivery.post(session, activity=activity, inboxes=[remote.inbox], object_uri=follow.activity_uri, now=now)


def followers_inboxes(session: Session, *, own_usernames: Collection[str]) -> set[str]:
    """List where the followers of these actors of ours read, each shared inbox once."""
    rows = session.execute(
        select(RemoteActor.shared_inbox, RemoteActor.inbox)
        .join(Follow, Follow.remote_uri == RemoteActor.uri)
        .where(
            Follow.direction == Direction.IN,
            Follow.own_username.in_(own_usernames),
            Follow.state == FollowState.ACCEPTED,
            RemoteActor.gone_at.is_(None),
        )
    )
    return {shared or inbox for shared, inbox in rows}


def follows(session: Session, *, remote_uri: str) -> bool:
    """Say whether any actor of ours follows theirs, or has asked to: what they send may overtake their answer."""
    found = session.scalar(
        select(Follow.id)
        .where(
            Follow.direction == Direction.OUT,
            Follow.remote_uri == remote_uri,
            Follow.state.in_((FollowState.PENDING, FollowState.ACCEPTED)),
        )
        .limit(1)
    )
    return found is not None


def run_errands(federation: sessionmaker[Session], *, client: Client, origin: str, now: datetime) -> int:
    """Do what adding, following, charters and outlines left to do over the network; returns how many were run."""
    done = errands.run(federation, client=client, origin=origin, now=now)
    done += charters.run(federation, client=client, origin=origin, now=now)
    return done + outlines.run(federation, client=client, origin=origin, now=now)
