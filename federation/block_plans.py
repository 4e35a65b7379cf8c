"""A list of blocks as it would be applied: first looked at, then applied exactly as it was shown, all or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation import arrears, blocklists, blocks, peers, policy
from federation.base import PeerRefused
from federation.blocklists import Row, Severity, Unread
from federation.models import Follow, Peer, PeerState
from federation.neighbours import BlocklistDraft

DRAFT_KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a list would do.

    `new` hosts were unmarked, `changed` ones stand otherwise, `same` ones stand so already, `kept` ones were decided
    here by hand and are stricter, `nothing` is what the list only mentions. `mark` names the plan: another list, or
    another state of this store, has another one.
    """

    new: Sequence[Row]
    changed: Sequence[Row]
    same: int
    kept: Sequence[Row]
    nothing: int
    follows_ending: int
    unread: Sequence[Unread]
    mark: str


def plan(session: Session, *, data: bytes, own_host: str, loosen: bool) -> Plan:
    """Say what a list would do now; nothing is changed.

    Raises:
        PeerRefused: what `blocklists.read` raises.
    """
    read = blocklists.read(data, own_host=own_host)
    standing = _standing(session)
    found: dict[str, list[Row]] = {"new": [], "changed": [], "same": [], "kept": [], "nothing": []}
    for row in read.rows:
        found[_fate(row, standing.get(row.host), loosen=loosen)].append(row)
    acted = [*found["new"], *found["changed"]]
    parts = [f"{row.host} {row.severity} {row.comment}" for row in sorted(acted, key=lambda one: one.host)]
    ending = _follows_ending(session, rows=acted)
    return Plan(
        new=found["new"],
        changed=found["changed"],
        same=len(found["same"]),
        kept=found["kept"],
        nothing=len(found["nothing"]),
        follows_ending=ending,
        unread=read.unread,
        mark=policy.digest(str(ending), *parts),
    )


def _standing(session: Session) -> Mapping[str, tuple[Severity, bool]]:
    """How each marked host stands, and whether a list said so."""
    wanted = select(Peer.host, Peer.state, Peer.by_list).where(
        (Peer.state == PeerState.BLOCKED) | Peer.limited_at.is_not(None)
    )
    return {
        host: (Severity.SUSPEND if state == PeerState.BLOCKED else Severity.SILENCE, by_list)
        for host, state, by_list in session.execute(wanted)
    }


def _fate(row: Row, standing: tuple[Severity, bool] | None, *, loosen: bool) -> str:
    if row.severity is Severity.NOOP:
        return "nothing"
    if standing is None:
        return "new"
    severity, by_list = standing
    if severity is row.severity:
        return "same"
    loosens = row.severity is Severity.SILENCE
    return "kept" if loosens and not by_list and not loosen else "changed"


def _follows_ending(session: Session, *, rows: Sequence[Row]) -> int:
    cut = {row.host for row in rows if row.severity is Severity.SUSPEND}
    uris = session.scalars(select(Follow.remote_uri).where(Follow.state.in_(peers.ACTIVE), Follow.remote_uri != ""))
    return sum(1 for uri in uris if cut & blocks.with_parents(policy.authority(uri)))


def carry_out(session: Session, *, plan: Plan, now: datetime) -> None:
    """Do what a plan says, in the transaction of the caller."""
    rows = [*plan.new, *plan.changed]
    known = {peer.host: peer for peer in session.scalars(select(Peer))} if rows else {}
    cut = {host for host, peer in known.items() if peer.state == PeerState.BLOCKED}
    for row in rows:
        peer = known.get(row.host)
        if peer is None:
            peer = Peer(host=row.host, name="", directory=[], note="", added_at=now, attempts=0)
            session.add(peer)
        _mark(peer, row=row, now=now)
    session.flush()
    peers.cut_off(session, now=now)
    for row in rows:
        if row.host in cut and row.severity is Severity.SILENCE:
            arrears.owe(session, host=row.host, now=now)


def _mark(peer: Peer, *, row: Row, now: datetime) -> None:
    if row.severity is Severity.SUSPEND:
        peers.shut(peer, now=now, by_list=True)
    else:
        if peer.state == PeerState.BLOCKED:
            peer.state = PeerState.NEW
        peer.limited_at = now
        peer.decided_at = now
        peer.by_list = True
    peer.public_comment = row.comment or peer.public_comment or ""


# --- a list that was looked at


def keep(session: Session, *, data: bytes, loosen: bool, now: datetime) -> UUID:
    """Keep a list until it is applied, a day at most; returns its name."""
    session.execute(delete(BlocklistDraft).where(BlocklistDraft.added_at <= now - DRAFT_KEPT))
    draft = BlocklistDraft(uuid=uuid4(), content=data, loosen=loosen, added_at=now)
    session.add(draft)
    session.flush()
    return draft.uuid


def apply(session: Session, *, draft: UUID, mark: str, own_host: str, now: datetime) -> Plan:
    """Apply a kept list if it would still do exactly what `mark` named.

    Raises:
        PeerRefused: `blocklist_gone`, `blocklist_stale`.
    """
    row = session.get(BlocklistDraft, draft)
    if row is None or row.added_at <= now - DRAFT_KEPT:
        raise PeerRefused("blocklist_gone")
    found = plan(session, data=row.content, own_host=own_host, loosen=row.loosen)
    if found.mark != mark:
        raise PeerRefused("blocklist_stale")
    carry_out(session, plan=found, now=now)
    session.delete(row)
    session.flush()
    return found


def export(session: Session) -> str:
    """Write what is blocked and limited here as Mastodon's table; names with a port have no place in it."""
    wanted = select(Peer).where((Peer.state == PeerState.BLOCKED) | Peer.limited_at.is_not(None)).order_by(Peer.host)
    return blocklists.write(
        Row(
            line=0,
            host=peer.host,
            severity=Severity.SUSPEND if peer.state == PeerState.BLOCKED else Severity.SILENCE,
            comment=peer.public_comment,
        )
        for peer in session.scalars(wanted)
        if ":" not in peer.host
    )
