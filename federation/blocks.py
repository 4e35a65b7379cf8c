"""Which hosts we have nothing to do with."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.models import Peer, PeerState


def is_blocked(session: Session, host: str) -> bool:
    """Say whether `host` (with its port, if any) or a domain above it is blocked."""
    return bool(among(session, hosts=[host]))


def among(session: Session, *, hosts: Iterable[str]) -> set[str]:
    """Give those of `hosts` that are blocked: a block covers the subdomains, which cost nothing to invent."""
    wanted = {host: _with_parents(host) for host in hosts}
    names = {name for found in wanted.values() for name in found}
    if not names:
        return set()
    blocked = set(session.scalars(select(Peer.host).where(Peer.host.in_(names), Peer.state == PeerState.BLOCKED)))
    return {host for host, found in wanted.items() if blocked & found}


def _with_parents(host: str) -> set[str]:
    bare = host if host.startswith("[") else host.partition(":")[0]
    labels = bare.split(".")
    return {host, bare, *(".".join(labels[place:]) for place in range(1, len(labels) - 1))}
