"""Which other servers are marketplaces that want offers in their own way, as an administrator chose for each."""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.dialects import Dialect
from federation import policy
from federation.base import PeerRefused
from federation.models import Peer, PeerState


def choose(session: Session, *, host: str, dialect: Dialect | None) -> None:
    """Send offers to a host in this way from now on; None: as to everybody else.

    What was sent before stays as it is until it changes. Raises PeerRefused (peer_unknown, peer_blocked).
    """
    peer = session.scalar(select(Peer).where(Peer.host == host))
    if peer is None:
        raise PeerRefused("peer_unknown", field="host")
    if peer.state == PeerState.BLOCKED:
        raise PeerRefused("peer_blocked", field="host")
    peer.market = dialect.value if dialect is not None else None
    session.flush()


def chosen(session: Session, *, host: str) -> Dialect | None:
    """How a host wants offers; None for almost all."""
    found = session.scalar(select(Peer.market).where(Peer.host == host))
    return Dialect(found) if found is not None else None


def among(session: Session, *, inboxes: Collection[str]) -> Mapping[Dialect, frozenset[str]]:
    """Those of these inboxes that belong to marketplaces, by the way in which they want offers."""
    rows = session.execute(select(Peer.host, Peer.market).where(Peer.market.is_not(None))).all()
    markets = {host: Dialect(market) for host, market in rows if market is not None}
    found: dict[Dialect, set[str]] = {}
    for inbox in inboxes:
        dialect = markets.get(policy.authority(inbox))
        if dialect is not None:
            found.setdefault(dialect, set()).add(inbox)
    return {dialect: frozenset(some) for dialect, some in found.items()}
