"""Looking somebody elsewhere up before following them: who it is and what they wrote last, fetched by the courier.

What was found is kept an hour, on the side that talks to others, and shown to whoever looked. Nobody is told of it but
the host that is asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session, sessionmaker

from activitypub import codec
from activitypub.vocabulary import (
    PUBLIC,
    Actor,
    Announce,
    Article,
    Collection,
    CollectionPage,
    Create,
    Event,
    Note,
    Word,
)
from federation import blocks, errands, identity, peers, policy
from federation.base import OwnKey, PeerRefused, Unreachable
from federation.models import ActorState, Lookup, LookupState

if TYPE_CHECKING:
    from federation.http import Client

KEPT = timedelta(hours=1)
# Looked at again within so long, nobody is asked a second time.
FRESH = timedelta(minutes=5)
FAILED_FOR = timedelta(minutes=1)
MOST_WAITING = 10
BATCH = 5
PIECES = 5
LONGEST_TEXT = 2000
LONGEST_NAME = 200


def ask(session: Session, *, own_username: str, target: str, now: datetime) -> Lookup:
    """Have somebody looked up, given by URL or @name@host, for one of our actors; the courier does it.

    Raises:
        PeerRefused: `follow_malformed`, `follow_self`, `peer_blocked`, `actor_unknown`, `lookups_many`.
    """
    own = identity.find(session, own_username)
    if own is None or own.state != ActorState.ACTIVE:
        raise PeerRefused("actor_unknown")
    uri, handle, host = peers.read_target(target, origin=identity.origin_of(own))
    if blocks.is_blocked(session, host):
        raise PeerRefused("peer_blocked", field="target")
    known = session.scalar(
        select(Lookup).where(
            Lookup.own_username == own_username,
            Lookup.target == uri,
            Lookup.handle == handle,
            Lookup.created_at > now - FRESH,
            or_(Lookup.state != LookupState.FAILED, Lookup.created_at > now - FAILED_FOR),
        )
    )
    if known is not None:
        return known
    waiting = select(func.count()).where(Lookup.own_username == own_username, Lookup.state == LookupState.WANTED)
    if (session.scalar(waiting) or 0) >= MOST_WAITING:
        raise PeerRefused("lookups_many", field="target")
    wish = Lookup(
        key=uuid4(), own_username=own_username, target=uri, handle=handle, state=LookupState.WANTED, created_at=now
    )
    session.add(wish)
    session.flush()
    return wish


def find(session: Session, *, key: UUID, own_username: str) -> Lookup | None:
    """A look of one of our actors; None when there is none, or no longer."""
    return session.scalar(select(Lookup).where(Lookup.key == key, Lookup.own_username == own_username))


# --- the courier's half


def run(federation: sessionmaker[Session], *, client: Client, origin: str, now: datetime) -> int:
    """Look up who is wanted, and forget what is an hour old; returns how many were looked up."""
    with federation() as session:
        wanted = select(Lookup.id).where(Lookup.state == LookupState.WANTED).order_by(Lookup.id).limit(BATCH)
        waiting = session.scalars(wanted).all()
        is_old = session.scalar(select(Lookup.id).where(Lookup.created_at <= now - KEPT).limit(1)) is not None
    if is_old:
        with federation.begin() as session:
            session.execute(delete(Lookup).where(Lookup.created_at <= now - KEPT))
    for lookup_id in waiting:
        _look(federation, client=client, origin=origin, lookup_id=lookup_id)
    return len(waiting)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What was found, or why nothing was."""

    found: dict[str, Any] | None
    why: str | None = None


def _look(federation: sessionmaker[Session], *, client: Client, origin: str, lookup_id: int) -> None:
    with federation() as session:
        wish = session.get(Lookup, lookup_id)
        key = identity.fetching_key(session)
    if wish is None:
        return
    seen = _see(client, target=wish.target, handle=wish.handle, scheme=urlsplit(origin).scheme, key=key)
    with federation.begin() as session:
        row = session.get(Lookup, lookup_id)
        if row is None:
            return
        if seen.found is not None and blocks.is_blocked(session, policy.authority(seen.found["uri"])):
            seen = _Seen(found=None, why="host blocked")
        row.state = LookupState.FAILED if seen.found is None else LookupState.FOUND
        row.found, row.last_error = seen.found, seen.why


def _see(client: Client, *, target: str, handle: str, scheme: str, key: OwnKey | None) -> _Seen:
    """Ask once: somebody waits for it, and can ask again."""
    try:
        actor = errands.find_actor(client, target=target, handle=handle, scheme=scheme, key=key)
    except (Unreachable, codec.Malformed) as error:
        return _Seen(found=None, why=str(error))
    return _Seen(found=_describe(actor, pieces=_newest(client, actor=actor, key=key)))


def _describe(actor: Actor, *, pieces: list[dict[str, Any]]) -> dict[str, Any]:
    host = policy.authority(actor.id)
    name = policy.visible(actor.username)[:LONGEST_NAME] or host
    return {
        "uri": actor.id,
        "kind": str(actor.kind),
        "name": policy.visible(actor.name or "")[:LONGEST_NAME] or name,
        "handle": f"@{name}@{host}",
        "summary": (actor.summary or "")[:LONGEST_TEXT],
        "pieces": pieces,
    }


# --- what they wrote last


def _newest(client: Client, *, actor: Actor, key: OwnKey | None) -> list[dict[str, Any]]:
    """The newest public things on the first page of an outbox; none when it does not show them, which is its right."""
    if actor.outbox is None:
        return []
    try:
        shown = codec.read_collection(client.fetch_json(actor.outbox, key=key).doc)
        first = shown.first if isinstance(shown, Collection) and not shown.items else None
        if first is not None and policy.same_origin(actor.id, first):
            shown = codec.read_collection(client.fetch_json(first, key=key).doc)
    except (Unreachable, codec.Malformed):
        return []
    return list(_pieces(shown, actor=actor))[:PIECES]


def _pieces(shown: Collection | CollectionPage, *, actor: Actor) -> Iterator[dict[str, Any]]:
    for item in shown.items:
        word = _written(item, actor=actor)
        if word is not None:
            yield {
                "title": (word.name or "")[:LONGEST_TEXT],
                "html": (word.summary or word.content)[:LONGEST_TEXT],
                "published": word.published.isoformat() if word.published else None,
            }


def _written(item: Word | str, *, actor: Actor) -> Article | Event | Note | None:
    """The public text in an activity, if its host speaks for it: written by the actor, or passed on by a quarter."""
    if isinstance(item, Announce) and item.actor == actor.id:
        item = item.object
    if not isinstance(item, Create) or not isinstance(item.object, Article | Event | Note):
        return None
    word = item.object
    is_theirs = word.attributed_to == item.actor and policy.same_origin(actor.id, item.actor, word.id)
    is_answer = isinstance(word, Article | Note) and word.in_reply_to is not None
    return word if is_theirs and PUBLIC in {*word.to, *word.cc} and not is_answer else None
