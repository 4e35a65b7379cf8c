"""Our followers as their own host may know them, and what another host says of ours (FEP-8fcf).

A host is told about its own people and nobody else's: a digest with what is sent to followers, and their list, to whom
signs the question with a key of that host.
"""

from collections.abc import Collection as Many
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urldefrag

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activitypub import follower_lists, senders
from activitypub.signatures import Forged
from activitypub.vocabulary import Collection
from federation import blocks, identity, policy
from federation.models import ActorState, Comparison, Direction, Follow, FollowState, OwnActor, RemoteActor, StrangeKey

NAME = "followers_synchronization"
# How often one list of followers is compared at most: a difference that nobody can mend must not keep two hosts busy.
COMPARE_AGAIN_AFTER = timedelta(hours=6)
ASK_AGAIN_AFTER = timedelta(hours=1)


# --- what we say


def headers(session: Session, *, pairs: Many[tuple[str, str]], origin: str) -> dict[tuple[str, str], dict[str, str]]:
    """Give the header for letters of each of our actors to followers at a host, by (username, host)."""
    if not pairs:
        return {}
    held: dict[tuple[str, str], set[str]] = {pair: set() for pair in pairs}
    rows = session.execute(
        select(Follow.own_username, RemoteActor.host, RemoteActor.uri)
        .join(RemoteActor, RemoteActor.uri == Follow.remote_uri)
        .where(
            RemoteActor.host.in_({host for _, host in pairs}),
            Follow.direction == Direction.IN,
            # Hidden from SQLite's choice of an index: by these it would read every follower for every few letters.
            func.coalesce(Follow.state, "") == FollowState.ACCEPTED,
            func.coalesce(Follow.own_username, "").in_({username for username, _ in pairs}),
        )
    )
    for username, host, uri in rows:
        if (username, host) in held:
            held[username, host].add(uri)
    return {pair: _header(pair[0], uris, origin=origin) for pair, uris in held.items()}


def _header(username: str, uris: set[str], *, origin: str) -> dict[str, str]:
    me = identity.uri(origin, username)
    question = follower_lists.Question(
        collection=f"{me}/followers", url=f"{me}/{NAME}", digest=follower_lists.digest(uris)
    )
    return {follower_lists.HEADER: follower_lists.write(question)}


def of_host(session: Session, *, actor: OwnActor, host: str, origin: str) -> Collection:
    """Give the followers of an actor of ours who are at home on one host: the only list of people that we show."""
    uris = session.scalars(
        select(RemoteActor.uri)
        .join(Follow, Follow.remote_uri == RemoteActor.uri)
        .where(
            Follow.direction == Direction.IN,
            Follow.state == FollowState.ACCEPTED,
            Follow.own_username == actor.username,
            RemoteActor.host == host,
        )
        .order_by(RemoteActor.uri)
    ).all()
    return Collection(id=f"{identity.uri(origin, actor.username)}/{NAME}", items=tuple(uris))


def asker(
    session: Session, *, target: str, headers: Mapping[str, str], origin: str, now: datetime
) -> tuple[str | None, str]:
    """Say which host signed a question; None and the key it would take, when that cannot be said.

    Nothing is fetched: the key has to be known.
    """
    try:
        claim = senders.parse(headers)
        known = session.scalar(select(RemoteActor).where(RemoteActor.key_id == claim.key_id))
        if known is None or known.public_pem is None or known.gone_at is not None:
            return None, claim.key_id
        senders.verify(
            claim=claim,
            method="GET",
            target=target,
            headers=headers,
            body=None,
            public_key_pem=known.public_pem,
            origin=origin,
            now=now,
        )
    except Forged:
        return None, ""
    return (None, "") if blocks.is_blocked(session, known.host) else (known.host, "")


def want_key(session: Session, *, key_id: str, now: datetime) -> None:
    """Have an unknown key fetched, if it is of a host on which somebody follows us: the next question is answered."""
    host = policy.authority(key_id)
    if not policy.fit([key_id]) or blocks.is_blocked(session, host):
        return
    tied = (
        select(Follow.id)
        .join(RemoteActor, RemoteActor.uri == Follow.remote_uri)
        .where(Follow.direction == Direction.IN, Follow.state == FollowState.ACCEPTED, RemoteActor.host == host)
        .limit(1)
    )
    if session.scalar(tied) is None:
        return
    row = session.get(StrangeKey, host)
    if row is None:
        row = StrangeKey(host=host)
        session.add(row)
    elif now - row.asked_at < ASK_AGAIN_AFTER:
        return
    row.key_id, row.asked_at, row.due_at = urldefrag(key_id).url, now, now
    session.flush()


# --- what they say


def heed(session: Session, *, headers: Mapping[str, str], sender: str, origin: str, now: datetime) -> None:
    """Compare what the sender of a genuine letter says of its followers here; the courier asks where it differs."""
    question = follower_lists.read(headers)
    if question is None or not policy.fit([question.url]) or not policy.same_origin(question.url, sender):
        return
    known = session.scalar(select(RemoteActor).where(RemoteActor.uri == sender))
    if known is None or known.followers != question.collection:
        return
    row = session.get(Comparison, sender)
    if question.digest == follower_lists.digest(followed_by(session, remote_uri=sender, origin=origin)):
        if row is not None:
            row.due_at = None
        return
    if row is None:
        row = Comparison(actor_uri=sender)
        session.add(row)
    elif row.checked_at is not None and now - row.checked_at < COMPARE_AGAIN_AFTER:
        return
    row.url, row.due_at = question.url, now
    session.flush()


def followed_by(session: Session, *, remote_uri: str, origin: str) -> set[str]:
    """Give those of our actors that follow somebody elsewhere with their consent."""
    usernames = session.scalars(
        select(Follow.own_username)
        .join(OwnActor, OwnActor.username == Follow.own_username)
        .where(
            Follow.direction == Direction.OUT,
            Follow.remote_uri == remote_uri,
            Follow.state == FollowState.ACCEPTED,
            OwnActor.state == ActorState.ACTIVE,
        )
    )
    return {identity.uri(origin, username) for username in usernames}
