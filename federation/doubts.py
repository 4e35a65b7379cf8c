"""Actors that are said to be gone: their own host is asked, and only its word ends follows and stops deliveries.

A 410 of an inbox may be a proxy's, and a Delete may be signed with a key that was lost: both are a reason to look, and
neither is believed by itself.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, sessionmaker

from activitypub import codec
from activitypub.vocabulary import Actor, Delete
from federation import delivery, documents, following, identity, policy
from federation.absences import Cause, Doubt
from federation.base import Unreachable
from federation.models import Activity, Delivery, DeliveryState, Letter, LetterState, RemoteActor

if TYPE_CHECKING:
    from federation.http import Client

BATCH: Final = 10
PATIENCE: Final = timedelta(days=2)
GONE: Final = "it is gone, as its own host confirms"
LIVES: Final = "it is still there"
NO_MORE: Final = "its receiver is gone"
# A withdrawal finds out by itself: whoever asks is told what became of it.
WITHDRAWAL: Final = "Delete"
# In place of the HTTP method of a letter: its actor's host confirmed it when it was asked.
CONFIRMED: Final = "ASKED"


def run(federation: sessionmaker[Session], *, client: Client, now: datetime) -> int:
    """Ask about those who are said to be gone; returns how many were asked about."""
    with federation() as session:
        due = select(Doubt.actor_uri).where(Doubt.due_at <= now).order_by(Doubt.due_at, Doubt.actor_uri).limit(BATCH)
        uris = session.scalars(due).all()
    for uri in uris:
        _settle(federation, client=client, uri=uri, now=now)
    return len(uris)


def _settle(federation: sessionmaker[Session], *, client: Client, uri: str, now: datetime) -> None:
    with federation() as session:
        key = identity.fetching_key(session)
    try:
        found = documents.find_living(client, uri=uri, key=key)
    except (Unreachable, codec.Malformed) as error:
        with federation.begin() as session:
            _leave_open(session.get_one(Doubt, uri), error, now=now)
        return
    with federation.begin() as session:
        row = session.get_one(Doubt, uri)
        row.due_at, row.settled_at = None, now
        row.verdict = GONE if found is None else LIVES
        if found is None:
            bury(session, uri=uri, now=now)
            if row.cause == Cause.DELETE:
                _tell_home(session, uri=uri, now=now)
        else:
            _revive(session, found, row=row, now=now)


def _revive(session: Session, found: Actor, *, row: Doubt, now: datetime) -> None:
    """Keep a living actor as it is now: the inbox that is gone may have moved."""
    try:
        documents.keep_actor(session, actor=found, now=now)
    except Unreachable as error:
        row.verdict = error.why


def _leave_open(row: Doubt, error: Unreachable | codec.Malformed, *, now: datetime) -> None:
    """Ask again later, as long as an answer may come; without one nothing is dropped."""
    row.attempts += 1
    row.verdict = str(error)
    is_transient = isinstance(error, Unreachable) and error.transient
    wait = policy.delay(row.attempts, kind="Lookup") if is_transient else None
    if wait is None or now - row.raised_at > PATIENCE:
        row.due_at, row.settled_at = None, now
    else:
        row.due_at = now + wait


def bury(session: Session, *, uri: str, now: datetime) -> None:
    """Have nothing more to do with an actor that is gone: follows end, and what waits for it alone is given up."""
    actor = documents.stored_actor(session, uri)
    following.part(session, remote_uri=uri, now=now)
    if actor is None:
        return
    actor.gone_at = now
    session.flush()
    if _is_read_by_others(session, actor):
        return
    waiting = (
        select(Delivery)
        .join(Activity, Activity.id == Delivery.activity_id)
        .where(Delivery.inbox == actor.inbox, Delivery.state == DeliveryState.DUE, Activity.type != WITHDRAWAL)
    )
    delivery.abandon(session, deliveries=session.scalars(waiting).all(), why=NO_MORE)


def _tell_home(session: Session, *, uri: str, now: datetime) -> None:
    """Seal for home that somebody withdrew everything: as its letter said, now that it is confirmed."""
    word = Delete(id=f"{uri}#gone", actor=uri, object=uri)
    session.add(
        Letter(
            activity_uri=word.id,
            dedupe_key=policy.digest(word.id, now.isoformat()),
            type=WITHDRAWAL,
            actor_uri=uri,
            host=policy.authority(uri),
            method=CONFIRMED,
            target=uri,
            raw=codec.encode(codec.write(word)),
            object_uri=uri,
            author_uri=uri,
            received_at=now,
            state=LetterState.VERIFIED,
        )
    )
    session.flush()


def _is_read_by_others(session: Session, actor: RemoteActor) -> bool:
    others = select(RemoteActor.id).where(
        or_(RemoteActor.inbox == actor.inbox, RemoteActor.shared_inbox == actor.inbox),
        RemoteActor.uri != actor.uri,
        RemoteActor.gone_at.is_(None),
    )
    return session.scalar(others.limit(1)) is not None
