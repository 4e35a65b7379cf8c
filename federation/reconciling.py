"""The courier's half of comparing followers (FEP-8fcf): fetch their list, and let both sides say the same again."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from activitypub import codec, vocabulary
from activitypub.vocabulary import identify
from federation import blocks, delivery, documents, identity, peers, policy
from federation.base import OwnKey, Unreachable
from federation.models import Comparison, Direction, Follow, FollowState, RemoteActor, StrangeKey

if TYPE_CHECKING:
    from federation.http import Client

BATCH = 10
PAGES = 5
UNDONE_AT_ONCE = 20
NOT_LISTED = "no longer on their list of followers"

log = logging.getLogger(__name__)


def run(federation: sessionmaker[Session], *, client: Client, origin: str, now: datetime) -> int:
    """Fetch keys that somebody asked with, and the lists that differ from ours; returns how many were looked at."""
    with federation() as session:
        keys = session.scalars(select(StrangeKey.host).where(StrangeKey.due_at <= now).limit(BATCH)).all()
        lists = session.scalars(
            select(Comparison.actor_uri).where(Comparison.due_at <= now).order_by(Comparison.due_at).limit(BATCH)
        ).all()
        key = identity.fetching_key(session)
    for host in keys:
        _learn_key(federation, client=client, host=host, now=now)
    for uri in lists:
        _compare(federation, client=client, key=key, uri=uri, origin=origin, now=now)
    return len(keys) + len(lists)


def _learn_key(federation: sessionmaker[Session], *, client: Client, host: str, now: datetime) -> None:
    """Fetch whose key it is, once; whoever needs it asks again."""
    with federation.begin() as session:
        row = session.get_one(StrangeKey, host)
        row.due_at = None
        uri = row.key_id
    try:
        documents.actor(federation, client=client, uri=uri, now=now, fresh_for=timedelta(0))
    except (Unreachable, codec.Malformed) as error:
        log.info("a key of %s could not be had: %s", host, error)


def _compare(
    federation: sessionmaker[Session], *, client: Client, key: OwnKey | None, uri: str, origin: str, now: datetime
) -> None:
    with federation.begin() as session:
        row = session.get_one(Comparison, uri)
        url = row.url
        row.due_at, row.checked_at = None, now
        is_blocked = blocks.is_blocked(session, policy.authority(uri))
    if is_blocked:
        return
    try:
        listed = _fetch(client, url=url, key=key, origin=origin)
    except (Unreachable, codec.Malformed) as error:
        # Nothing is known, so nothing is changed; their next letter asks again.
        log.info("followers at %s could not be compared: %s", policy.authority(uri), error)
        return
    with federation.begin() as session:
        _mend(session, remote_uri=uri, listed=listed, origin=origin, now=now)


def _fetch(client: Client, *, url: str, key: OwnKey | None, origin: str) -> set[str]:
    """Fetch the whole list of ours, over a few pages at most.

    Raises:
        Unreachable: it did not come, or not whole.
        codec.Malformed: what came is no collection.
    """
    found: set[str] = set()
    wanted = url
    for _ in range(PAGES):
        fetched = client.fetch_json(wanted, key=key)
        if not policy.same_origin(fetched.url, url):
            raise Unreachable("a list of another host", transient=False)
        page = codec.read_collection(fetched.doc)
        found |= {one for item in page.items if policy.same_origin(one := identify(item), origin)}
        following = _next(page)
        if following is None:
            return found
        wanted = following
    raise Unreachable("a list longer than is read", transient=False)


def _next(page: vocabulary.Collection | vocabulary.CollectionPage) -> str | None:
    if isinstance(page, vocabulary.CollectionPage):
        return page.next
    return None if page.items else page.first


def _mend(session: Session, *, remote_uri: str, listed: set[str], origin: str, now: datetime) -> None:
    """Let both sides say the same again: their list is their word on who follows them, ours is on who wants to."""
    held = session.scalars(
        select(Follow).where(
            Follow.direction == Direction.OUT, Follow.remote_uri == remote_uri, Follow.state.in_(peers.ACTIVE)
        )
    ).all()
    for row in held:
        is_listed = identity.uri(origin, row.own_username) in listed
        if row.state == FollowState.ACCEPTED and not is_listed:
            row.state, row.decided_at, row.last_error = FollowState.REFUSED, now, NOT_LISTED
        elif row.state == FollowState.PENDING and is_listed:
            # Their answer was lost; the list, from their own host, says the same.
            row.state, row.decided_at, row.last_error = FollowState.ACCEPTED, now, None
    session.flush()
    ours = {identity.uri(origin, row.own_username) for row in held}
    for uri in sorted(listed - ours)[:UNDONE_AT_ONCE]:
        _undo(session, remote_uri=remote_uri, uri=uri, origin=origin, now=now)


def _undo(session: Session, *, remote_uri: str, uri: str, origin: str, now: datetime) -> None:
    """Tell them that an actor of ours does not follow them; nobody can speak for one that never was."""
    username = identity.username_of(uri, origin=origin)
    own = identity.find(session, username) if username else None
    remote = session.scalar(select(RemoteActor).where(RemoteActor.uri == remote_uri))
    if own is None or remote is None:
        return
    last = session.scalar(
        select(Follow.activity_uri)
        .where(Follow.direction == Direction.OUT, Follow.own_username == own.username, Follow.remote_uri == remote_uri)
        .order_by(Follow.id.desc())
        .limit(1)
    )
    made = f"{uri}/follows/{uuid4()}"
    asked = vocabulary.Follow(id=last or made, actor=uri, object=remote_uri)
    word = vocabulary.Undo(id=f"{made}/undo", actor=uri, object=asked, to=(remote_uri,))
    activity = delivery.write(session, word=word, actor_username=own.username, now=now)
    delivery.post(session, activity=activity, inboxes=[remote.inbox], object_uri=asked.id, now=now)
