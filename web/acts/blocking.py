"""Blocking and limiting neighbouring towns: acts that concern both stores, in an order that survives a crash."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from federation import block_plans, blocks, peers
from federation.block_plans import Plan
from instance import decisions, moderation
from instance.base import Refused
from instance.moderation import Step
from instance.residents import Resident


def impose(home: Session, *, outside: Session, host: str, reason: str, by: Resident, now: datetime) -> str:
    """Have nothing more to do with a town, take down what hangs here of it, and enter it in the book.

    Commits `outside` and leaves `home` to its door: if the rest is lost, doing it again completes it, and
    meanwhile nothing more comes in. Returns the town's address as it is stored.
    Raises Refused (not_moderator, missing, too_long) and PeerRefused (peer_malformed, peer_is_us).
    """
    reason = _reason(reason, by=by)
    peer = peers.block(outside, host=host, note=reason, now=now)
    moderation.note(home, step=Step.BLOCK, target=f"town {peer.host}", reason=reason, by=by, now=now)
    _take_down(home, outside=outside, now=now)
    outside.commit()
    return peer.host


def _take_down(home: Session, *, outside: Session, now: datetime) -> None:
    # A block covers the subdomains and ports of a name, so what comes down is asked, not compared.
    for one in sorted(blocks.among(outside, hosts=moderation.hosts_shown(home))):
        moderation.forget_host(home, host=one, now=now)


def lift(home: Session, *, outside: Session, host: str, reason: str, by: Resident, now: datetime) -> str:
    """Speak to a town again. What was taken down stays down, and follows do not come back by themselves.

    Commits `outside` and leaves `home` to its door.
    Raises Refused (not_moderator, missing, too_long) and PeerRefused (peer_malformed, peer_is_us, peer_unknown).
    """
    reason = _reason(reason, by=by)
    peer = peers.unblock(outside, host=host, now=now)
    moderation.note(home, step=Step.UNBLOCK, target=f"town {peer.host}", reason=reason, by=by, now=now)
    outside.commit()
    return peer.host


def limit(home: Session, *, outside: Session, host: str, reason: str, by: Resident, now: datetime) -> str:
    """Keep a town at a distance: what is followed there goes on, follows from there wait, comments are held.

    Commits `outside` and leaves `home` to its door.
    Raises Refused (not_moderator, missing, too_long) and PeerRefused (peer_malformed, peer_is_us, peer_blocked).
    """
    reason = _reason(reason, by=by)
    peer = peers.limit(outside, host=host, note=reason, now=now)
    moderation.note(home, step=Step.LIMIT, target=f"town {peer.host}", reason=reason, by=by, now=now)
    outside.commit()
    return peer.host


def unlimit(home: Session, *, outside: Session, host: str, reason: str, by: Resident, now: datetime) -> str:
    """Meet a limited town as any other again; what is held stays with the moderators.

    Commits `outside` and leaves `home` to its door.
    Raises Refused (not_moderator, missing, too_long) and PeerRefused (peer_malformed, peer_is_us, peer_unknown).
    """
    reason = _reason(reason, by=by)
    peer = peers.unlimit(outside, host=host, now=now)
    moderation.note(home, step=Step.UNLIMIT, target=f"town {peer.host}", reason=reason, by=by, now=now)
    outside.commit()
    return peer.host


def apply_list(
    home: Session,
    *,
    outside: Session,
    draft: UUID,
    mark: str,
    own_host: str,
    reason: str,
    by: Resident,
    now: datetime,
) -> Plan:
    """Apply a list of blocks exactly as it was shown, take down what hangs here of blocked towns, and enter it once.

    Commits `outside` and leaves `home` to its door.
    Raises Refused (not_moderator, missing, too_long) and PeerRefused (blocklist_gone, blocklist_stale).
    """
    reason = _reason(reason, by=by)
    done = block_plans.apply(outside, draft=draft, mark=mark, own_host=own_host, now=now)
    count = len(done.new) + len(done.changed)
    moderation.note(home, step=Step.LIST, target=f"list {count}", reason=reason, by=by, now=now)
    _take_down(home, outside=outside, now=now)
    outside.commit()
    return done


def _reason(said: str, *, by: Resident) -> str:
    """What stands in the book. Raises Refused (not_moderator, missing, too_long)."""
    if not by.is_moderator:
        raise Refused("not_moderator")
    return decisions.read_reason(said)
