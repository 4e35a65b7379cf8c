"""Neighbouring towns, and who follows whom, as staff and members read it: from rows of the federation store."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import policy
from federation.models import Direction, Follow, FollowState, OwnActor, Peer, PeerState, Relocation, RemoteActor
from web.frame import reasons

STATES: Final = {
    PeerState.NEW: lazy_gettext("Looking it up"),
    PeerState.KNOWN: lazy_gettext("Known"),
    PeerState.UNREACHABLE: lazy_gettext("Cannot be reached"),
    PeerState.BLOCKED: lazy_gettext("Blocked"),
}
LIMITED: Final = "limited"
FOLLOWS: Final = {
    FollowState.WANTED: lazy_gettext("Looking it up"),
    FollowState.PENDING: lazy_gettext("Waiting for their answer"),
    FollowState.ACCEPTED: lazy_gettext("Followed"),
    FollowState.REFUSED: lazy_gettext("Not followed"),
    FollowState.ENDED: lazy_gettext("No longer followed"),
}
# In the order in which a person looks for them.
SORTS: Final = {
    "Group": lazy_gettext("Quarter"),
    "Organization": lazy_gettext("Organisation"),
    "Service": lazy_gettext("Mutual-aid desk"),
}
ACTIVE: Final = (FollowState.WANTED, FollowState.PENDING, FollowState.ACCEPTED)
ICONS: Final = {"known": "check", "accepted": "check", "new": "clock", "wanted": "clock", "pending": "clock"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A state as a word with an icon, and why if something is wrong."""

    state: str
    word: str
    icon: str
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowLine:
    """One of our follows."""

    follow_id: int
    uri: str
    handle: str
    name: str
    host: str
    standing: Standing
    since: datetime
    active: bool
    # Whom we followed before they moved there, and when they did.
    moved_from: str = ""
    moved_on: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Somebody in a town's directory, and whether we follow them already."""

    uri: str
    name: str
    sort: str
    handle: str
    follow: FollowLine | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A neighbouring town with its directory."""

    host: str
    name: str
    standing: Standing
    checked: datetime | None
    note: str
    entries: Sequence[Entry]
    decided: datetime | None
    approved: bool

    @property
    def limited(self) -> bool:
        """Whether it is kept at a distance."""
        return self.standing.state == LIMITED

    @property
    def blocked(self) -> bool:
        """Whether nothing is exchanged with it."""
        return self.standing.state == PeerState.BLOCKED


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Somebody elsewhere who follows one of our public profiles."""

    name: str
    uri: str
    host: str
    ours: str
    own_username: str
    since: datetime


def _standing(state: str, *, word: str, why: str | None) -> Standing:
    return Standing(state=state, word=word, icon=ICONS.get(state, "triangle-alert"), why=reasons.sentence(why))


def follows(session: Session, *, own_username: str) -> list[FollowLine]:
    """What one of our actors follows or asked to follow, newest first; what was ended is left out."""
    wanted = (
        select(Follow, RemoteActor)
        .outerjoin(RemoteActor, RemoteActor.uri == Follow.remote_uri)
        .where(
            Follow.direction == Direction.OUT,
            Follow.own_username == own_username,
            Follow.state != FollowState.ENDED,
        )
        .order_by(Follow.id.desc())
    )
    names = _names(session)
    moves = {one.new_uri: one for one in session.scalars(select(Relocation).order_by(Relocation.id))}
    return [
        _follow_line(
            row,
            name=row.remote_name or _own_word(actor) or names.get(row.remote_uri, ""),
            move=moves.get(row.remote_uri),
        )
        for row, actor in session.execute(wanted)
    ]


def _own_word(actor: RemoteActor | None) -> str:
    """The name an actor gives itself, once it was looked up."""
    return actor.name if actor is not None else ""


def _names(session: Session) -> dict[str, str]:
    """What the towns' directories call their actors: an address alone tells a person nothing."""
    directories = session.scalars(select(Peer.directory).where(Peer.state != PeerState.BLOCKED))
    return {str(one["uri"]): str(one["name"]) for directory in directories for one in directory}


def _follow_line(row: Follow, *, name: str, move: Relocation | None = None) -> FollowLine:
    state = FollowState(row.state)
    why = None if state is FollowState.ACCEPTED else row.last_error
    if state is FollowState.REFUSED and why is None:
        why = "refused by the other side"
    return FollowLine(
        follow_id=row.id,
        uri=row.remote_uri,
        handle=row.handle,
        name=name or row.handle,
        host=policy.authority(row.remote_uri) or row.handle.rpartition("@")[2],
        standing=_standing(state, word=str(FOLLOWS[state]), why=why),
        since=row.decided_at or row.created_at,
        active=state in ACTIVE,
        moved_from=policy.authority(move.old_uri) if move is not None else "",
        moved_on=move.at if move is not None else None,
    )


def towns(session: Session, *, own_username: str) -> list[Town]:
    """All towns in the list, by name; the follows shown are those of one of our actors."""
    held = _by_uri(session, own_username=own_username)
    # What a list of blocks brought and nobody here ever spoke to is read on the page of lists: there are thousands.
    shown = select(Peer).where(Peer.by_list.is_(False) | Peer.approved_at.is_not(None))
    found = session.scalars(shown.order_by(Peer.name, Peer.host)).all()
    return [_town(one, held=held) for one in found]


def town(session: Session, *, host: str, own_username: str) -> Town | None:
    """One town of the list."""
    found = session.scalar(select(Peer).where(Peer.host == host))
    return _town(found, held=_by_uri(session, own_username=own_username)) if found is not None else None


def _by_uri(session: Session, *, own_username: str) -> dict[str, FollowLine]:
    rows = session.scalars(
        select(Follow).where(
            Follow.direction == Direction.OUT, Follow.own_username == own_username, Follow.state.in_(ACTIVE)
        )
    )
    return {row.remote_uri or row.handle: _follow_line(row, name=row.remote_name) for row in rows}


def _town(peer: Peer, *, held: Mapping[str, FollowLine]) -> Town:
    state = PeerState(peer.state)
    why = peer.last_error if state is not PeerState.KNOWN else None
    order = list(SORTS)
    shown = [one for one in (*peer.directory, *_desk(peer)) if one.get("kind") in SORTS]
    shown.sort(key=lambda one: (order.index(one["kind"]), str(one["name"]).casefold()))
    return Town(
        host=peer.host,
        name=peer.name or peer.host,
        standing=_town_standing(peer, state=state, why=why),
        checked=peer.checked_at,
        decided=peer.decided_at,
        approved=peer.approved_at is not None,
        note=peer.note,
        entries=[_entry(one, host=peer.host, held=held) for one in shown],
    )


def _town_standing(peer: Peer, *, state: PeerState, why: str | None) -> Standing:
    if peer.limited_at is not None:
        return _standing(LIMITED, word=gettext("Limited"), why=why)
    return _standing(state, word=str(STATES[state]), why=why)


def _desk(peer: Peer) -> list[dict[str, Any]]:
    if peer.desk_uri is None:
        return []
    return [{"uri": peer.desk_uri, "kind": "Service", "name": peer.name, "username": "instance"}]


def _entry(one: Mapping[str, Any], *, host: str, held: Mapping[str, FollowLine]) -> Entry:
    return Entry(
        uri=str(one["uri"]),
        name=str(one["name"]),
        sort=str(SORTS[one["kind"]]),
        handle=f"@{one['username']}@{host}",
        follow=held.get(str(one["uri"])) or held.get(f"@{one['username']}@{host}"),
    )


def followers(session: Session) -> list[Follower]:
    """Who elsewhere follows us, by which of our public profiles. Only staff read this; no number leaves."""
    wanted = (
        select(Follow, OwnActor, RemoteActor)
        .join(OwnActor, OwnActor.username == Follow.own_username)
        .outerjoin(RemoteActor, RemoteActor.uri == Follow.remote_uri)
        .where(Follow.direction == Direction.IN, Follow.state == FollowState.ACCEPTED)
        .order_by(OwnActor.name, Follow.id)
    )
    names = _names(session)
    return [
        Follower(
            name=row.remote_name or _own_word(remote) or names.get(row.remote_uri, row.remote_uri),
            uri=row.remote_uri,
            host=policy.authority(row.remote_uri),
            ours=own.name,
            own_username=own.username,
            since=row.created_at,
        )
        for row, own, remote in session.execute(wanted)
    ]


def accepted_uris(session: Session, *, own_username: str) -> list[str]:
    """The actors elsewhere that one of ours follows with their consent."""
    return list(
        session.scalars(
            select(Follow.remote_uri).where(
                Follow.direction == Direction.OUT,
                Follow.own_username == own_username,
                Follow.state == FollowState.ACCEPTED,
            )
        )
    )


def may_end(session: Session, *, follow_id: int, own_username: str) -> bool:
    """Whether this follow is one that this actor of ours asked for."""
    row = session.get(Follow, follow_id)
    return row is not None and row.direction == Direction.OUT and row.own_username == own_username
