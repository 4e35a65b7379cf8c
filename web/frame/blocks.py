"""Blocking a neighbouring town and lifting it: one act that concerns both stores, in an order that survives a crash."""

from federation import blocks, peers
from instance import moderation
from instance.base import Refused
from instance.moderation import Step
from instance.residents import Resident
from web.frame import context


def impose(*, host: str, reason: str, by: Resident) -> str:
    """Have nothing more to do with a town, take down what hangs here of it, and enter it in the book.

    The block is committed first: if the rest is lost, doing it again completes it, and meanwhile
    nothing more comes in. Returns the town's address as it is stored.
    Raises Refused (not_moderator, missing, too_long) and PeerRefused (peer_malformed, peer_is_us).
    """
    if not by.is_moderator:
        raise Refused("not_moderator")
    reason = moderation.read_reason(reason)
    home, outside, now = context.home(), context.federation(), context.now()
    peer = peers.block(outside, host=host, note=reason, now=now)
    moderation.note(home, step=Step.BLOCK, target=f"town {peer.host}", reason=reason, by=by, now=now)
    # A block covers the subdomains and ports of a name, so what comes down is asked, not compared.
    for one in sorted(blocks.among(outside, hosts=moderation.hosts_shown(home))):
        moderation.forget_host(home, host=one, now=now)
    context.commit_federation()
    context.commit()
    return peer.host


def lift(*, host: str, reason: str, by: Resident) -> str:
    """Speak to a town again. What was taken down stays down, and follows do not come back by themselves.

    Raises Refused (not_moderator, missing, too_long) and PeerRefused (peer_malformed, peer_is_us, peer_unknown).
    """
    home, now = context.home(), context.now()
    if not by.is_moderator:
        raise Refused("not_moderator")
    peer = peers.unblock(context.federation(), host=host, now=now)
    moderation.note(home, step=Step.UNBLOCK, target=f"town {peer.host}", reason=reason, by=by, now=now)
    context.commit_federation()
    context.commit()
    return peer.host
