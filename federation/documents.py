"""Documents of other hosts: fetched, believed only where they speak for themselves (FEP-fe34), and kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urldefrag

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from activitypub import codec
from activitypub.vocabulary import Actor, Article, Event, Note, Tombstone, Unspoken
from federation import identity, policy
from federation.base import Fetched, OwnKey, Unreachable
from federation.models import RemoteActor

if TYPE_CHECKING:
    from federation.http import Client

NAME_LIMIT = 200
SUMMARY_LIMIT = 5000
FRESH_FOR = timedelta(days=1)

Writing = Article | Event | Note


def stored_actor(session: Session, uri: str) -> RemoteActor | None:
    """Find a remote actor as last fetched."""
    return session.scalar(select(RemoteActor).where(RemoteActor.uri == uri))


def actor(
    federation: sessionmaker[Session], *, client: Client, uri: str, now: datetime, fresh_for: timedelta = FRESH_FOR
) -> RemoteActor:
    """Give a remote actor, from the store when fetched lately, else from its host; no transaction is open meanwhile.

    Raises:
        Unreachable: it did not come, or what came does not speak for itself.
        codec.Malformed: what came is no actor.
    """
    with federation() as session:
        known = stored_actor(session, uri)
        key = identity.fetching_key(session)
    if known is not None and known.gone_at is None and now - known.fetched_at < fresh_for:
        return known
    found = fetch_actor(client, uri=uri, key=key)
    with federation.begin() as session:
        return keep_actor(session, actor=found, now=now)


def fetch_actor(client: Client, *, uri: str, key: OwnKey | None) -> Actor:
    """Fetch an actor and check that id, inboxes and key all belong to one origin (FEP-fe34; CVE-2024-23832 class).

    Raises:
        Unreachable, codec.Malformed: as `actor`.
    """
    fetched, found = _fetch_by_id(client, uri=uri, key=key)
    return _check_actor(client, fetched=fetched, found=found)


def find_living(client: Client, *, uri: str, key: OwnKey | None) -> Actor | None:
    """Fetch an actor that is said to be gone; None when its own host confirms that, by 410 or a Tombstone under its id.

    Raises:
        Unreachable, codec.Malformed: as `actor`; then nothing is known.
    """
    try:
        fetched, found = _fetch_by_id(client, uri=uri, key=key)
    except Unreachable as error:
        if error.status == HTTPStatus.GONE:
            return None
        raise
    if isinstance(codec.read_word(fetched.doc), Tombstone):
        return None
    return _check_actor(client, fetched=fetched, found=found)


def _check_actor(client: Client, *, fetched: Fetched, found: str) -> Actor:
    word = codec.read_actor(fetched.doc)
    parts = [found, word.inbox, *(part for part in (word.shared_inbox, word.outbox, word.followers) if part)]
    if word.key is not None:
        parts += [word.key.id, word.key.owner]
        if word.key.owner != word.id:
            raise Unreachable("an actor whose key belongs to another", transient=False)
    if not policy.same_origin(fetched.url, *parts) or not policy.fit(parts):
        raise Unreachable("an actor spread over several hosts", transient=False)
    client.heed(word.id, _standards(word))
    return word


def _standards(actor: Actor) -> list[str]:
    """What an actor's server keeps to, as it says itself or as its actor says of it (FEP-844e)."""
    said = [*actor.implements, *(actor.generator.implements if actor.generator else ())]
    return [one.href for one in said]


def fetch_writing(client: Client, *, uri: str, key: OwnKey | None) -> Writing:
    """Fetch an article, event or note from its own origin, written by somebody of that origin.

    Raises:
        Unreachable: it did not come (status 410 when it is gone), or is another type, or another host's.
        codec.Malformed: what came is broken.
    """
    fetched, found = _fetch_by_id(client, uri=uri, key=key)
    word = codec.read_object(fetched.doc)
    if isinstance(word, Tombstone):
        raise Unreachable("it was deleted", transient=False, status=410)
    if not isinstance(word, Writing):
        msg = f"a {_kind(word)}, which is not shown here"
        raise Unreachable(msg, transient=False)
    if not policy.same_origin(fetched.url, found, word.attributed_to):
        raise Unreachable("a text that its host attributes to another host", transient=False)
    return word


def _kind(word: object) -> str:
    return word.type[:40] if isinstance(word, Unspoken) else type(word).__name__


def _fetch_by_id(client: Client, *, uri: str, key: OwnKey | None) -> tuple[Fetched, str]:
    """Fetch `uri`; when the document names another id on the same host, fetch it once under that name."""
    wanted = urldefrag(uri).url
    fetched = client.fetch_json(wanted, key=key)
    found = _id(fetched)
    if found not in {wanted, uri}:
        if not policy.same_origin(wanted, found):
            raise Unreachable("a document that belongs to another host", transient=False)
        fetched = client.fetch_json(found, key=key)
        if _id(fetched) != found:
            raise Unreachable("a document that does not stand under its own id", transient=False)
    if not policy.same_origin(fetched.url, found) or not policy.fit([found]):
        raise Unreachable("a document that belongs to another host", transient=False)
    return fetched, found


def _id(fetched: Fetched) -> str:
    found = getattr(codec.read_word(fetched.doc), "id", None)
    if not found:
        raise Unreachable("a document without an id", transient=False)
    return str(found)


def keep_actor(session: Session, *, actor: Actor, now: datetime) -> RemoteActor:
    """Store a checked actor; an Update never changes its kind (actor-type confusion).

    Raises:
        Unreachable: when it claims another kind than before.
    """
    row = stored_actor(session, actor.id)
    if row is None:
        row = RemoteActor(uri=actor.id, kind=str(actor.kind))
        session.add(row)
    elif row.kind != actor.kind:
        raise Unreachable("an actor that changed its kind", transient=False)
    row.host = policy.authority(actor.id)
    row.username = (policy.visible(actor.username) or row.host)[:NAME_LIMIT]
    row.name = (policy.visible(actor.name or "") or row.username)[:NAME_LIMIT]
    row.summary = (actor.summary or "")[:SUMMARY_LIMIT]
    row.url = actor.url if actor.url and policy.fit([actor.url]) else None
    row.inbox = actor.inbox
    row.shared_inbox = actor.shared_inbox
    row.outbox = actor.outbox
    row.followers = actor.followers
    row.key_id = actor.key.id if actor.key else None
    row.public_pem = actor.key.pem if actor.key else None
    row.prover_keys = {one.id: one.multibase for one in actor.assertion if policy.same_origin(one.id, actor.id)}
    row.keeps_loans = identity.LOANS in _standards(actor)
    row.fetched_at = now
    row.gone_at = None
    session.flush()
    return row
