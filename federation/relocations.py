"""Somebody who is followed here moves: both of their documents have to say so, then what follows them goes along.

Sources: ActivityPub `Move` as Mastodon sends it, with `movedTo` and `alsoKnownAs`; FEP-7628.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from activitypub.vocabulary import Actor, ActorKind
from federation import blocks, documents, identity, peers, policy
from federation.base import OwnKey, Unreachable
from federation.models import ActorState, Direction, Follow, Relocation

if TYPE_CHECKING:
    from federation.http import Client

ONCE_IN = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmed:
    """Both documents of somebody who moves, each of which names the other."""

    before: Actor
    after: Actor


def refusal(session: Session, *, old: str, new: str, origin: str, now: datetime) -> str | None:
    """Say why nobody is even asked about a move; None when both documents are worth fetching."""
    if policy.authority(new) == policy.authority(origin):
        return "moves to one of ours"
    if new == old or not policy.fit([new]):
        return "moves to an address that cannot be used"
    if blocks.is_blocked(session, policy.authority(new)):
        return "moves to a blocked host"
    # Also what would be a chain of moves, or back again; two may well move into one.
    lately = or_(Relocation.old_uri.in_((old, new)), Relocation.new_uri == old)
    known = select(Relocation.id).where(lately, Relocation.at > now - ONCE_IN).limit(1)
    return None if session.scalar(known) is None else "moved less than a month ago"


def confirm(client: Client, *, old: str, new: str, key: OwnKey | None) -> Confirmed:
    """Fetch both documents and compare what they say of each other.

    Raises:
        Unreachable: one did not come, or says something else (never transient).
        codec.Malformed: what came is no actor.
    """
    before = documents.fetch_actor(client, uri=old, key=key)
    if (before.id, before.moved_to) != (old, new):
        raise Unreachable("moves, and its own document does not say so", transient=False)
    after = documents.fetch_actor(client, uri=new, key=key)
    if after.id != new or old not in after.also_known_as:
        raise Unreachable("moves to somebody who does not know it", transient=False)
    if after.moved_to is not None:
        raise Unreachable("moves to somebody who has moved on", transient=False)
    if after.kind is ActorKind.APPLICATION:
        raise Unreachable("moves to somebody who cannot be followed", transient=False)
    return Confirmed(before=before, after=after)


def carry(session: Session, *, move: Confirmed, now: datetime) -> str:
    """Let every follow of ours go along: the new one is asked, the old one ends. Returns the letter's sentence."""
    old = documents.keep_actor(session, actor=move.before, now=now)
    new = documents.keep_actor(session, actor=move.after, now=now)
    held = session.scalars(
        select(Follow).where(
            Follow.direction == Direction.OUT, Follow.remote_uri == old.uri, Follow.state.in_(peers.ACTIVE)
        )
    ).all()
    for row in held:
        own = identity.find(session, row.own_username)
        if own is not None and own.state == ActorState.ACTIVE:
            peers.follow(session, own_username=row.own_username, target=new.uri, now=now)
        peers.unfollow(session, follow_id=row.id, now=now)
    session.add(Relocation(old_uri=old.uri, new_uri=new.uri, name=old.name, at=now))
    session.flush()
    return f"moved to {new.uri}; follows that went along: {len(held)}"
