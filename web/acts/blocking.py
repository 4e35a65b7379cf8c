"""Blocking a neighbouring town and lifting it: one act that concerns both stores, in an order that survives a crash."""

from datetime import datetime

from sqlalchemy.orm import Session

from federation import blocks, peers
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
    if not by.is_moderator:
        raise Refused("not_moderator")
    reason = decisions.read_reason(reason)
    peer = peers.block(outside, host=host, note=reason, now=now)
    moderation.note(home, step=Step.BLOCK, target=f"town {peer.host}", reason=reason, by=by, now=now)
    # A block covers the subdomains and ports of a name, so what comes down is asked, not compared.
    for one in sorted(blocks.among(outside, hosts=moderation.hosts_shown(home))):
        moderation.forget_host(home, host=one, now=now)
    outside.commit()
    return peer.host


def lift(home: Session, *, outside: Session, host: str, reason: str, by: Resident, now: datetime) -> str:
    """Speak to a town again. What was taken down stays down, and follows do not come back by themselves.

    Commits `outside` and leaves `home` to its door.
    Raises Refused (not_moderator, missing, too_long) and PeerRefused (peer_malformed, peer_is_us, peer_unknown).
    """
    if not by.is_moderator:
        raise Refused("not_moderator")
    reason = decisions.read_reason(reason)
    peer = peers.unblock(outside, host=host, now=now)
    moderation.note(home, step=Step.UNBLOCK, target=f"town {peer.host}", reason=reason, by=by, now=now)
    outside.commit()
    return peer.host
