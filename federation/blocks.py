"""Which hosts we have nothing to do with, and which we keep at a distance."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from federation.models import Peer, PeerState

# An IN of more names than this no engine likes.
STRETCH = 500


def is_blocked(session: Session, host: str) -> bool:
    """Say whether `host` (with its port, if any) or a domain above it is blocked."""
    return bool(among(session, hosts=[host]))


def is_limited(session: Session, host: str) -> bool:
    """Say whether `host` or a domain above it is limited: we take what we asked for, and nothing else."""
    return bool(_found(session, hosts=[host], stands=Peer.limited_at.is_not(None)))


def among(session: Session, *, hosts: Iterable[str]) -> set[str]:
    """Give those of `hosts` that are blocked: a block covers the subdomains, which cost nothing to invent."""
    return _found(session, hosts=hosts, stands=Peer.state == PeerState.BLOCKED)


def _found(session: Session, *, hosts: Iterable[str], stands: ColumnElement[bool]) -> set[str]:
    wanted = {host: with_parents(host) for host in hosts}
    names = sorted({name for found in wanted.values() for name in found})
    standing: set[str] = set()
    for start in range(0, len(names), STRETCH):
        asked = select(Peer.host).where(Peer.host.in_(names[start : start + STRETCH]), stands)
        standing.update(session.scalars(asked))
    return {host for host, found in wanted.items() if standing & found}


def with_parents(host: str) -> set[str]:
    """Give the names under which a host can be blocked: itself, without its port, and the domains above it."""
    bare = host if host.startswith("[") else host.partition(":")[0]
    labels = bare.split(".")
    return {host, bare, *(".".join(labels[place:]) for place in range(1, len(labels) - 1))}
