"""Which quarters elsewhere are neighbours of which of ours, as administrators declare it."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub import codec
from activitypub.vocabulary import ActorKind, Note
from federation import identity
from federation.base import PeerRefused
from federation.models import ActorState, Document, Peer
from federation.neighbours import NeighbourQuarter


def declared(session: Session, *, host: str) -> Sequence[NeighbourQuarter]:
    """List what was declared about a host, in the order in which it was."""
    wanted = select(NeighbourQuarter).where(NeighbourQuarter.host == host).order_by(NeighbourQuarter.id)
    return session.scalars(wanted).all()


def declare(session: Session, *, host: str, own_username: str, their_uri: str, now: datetime) -> NeighbourQuarter:
    """Declare a quarter of a town a neighbour of one of ours; declared twice it is the same.

    Raises:
        PeerRefused: `quarter_unknown` for ours, or for one that the town does not show.
    """
    own = identity.find(session, own_username)
    if own is None or own.kind != ActorKind.GROUP or own.state != ActorState.ACTIVE:
        raise PeerRefused("quarter_unknown", field="own")
    peer = session.scalar(select(Peer).where(Peer.host == host))
    named = [one for one in peer.directory if one["uri"] == their_uri and one["kind"] == "Group"] if peer else []
    if not named:
        raise PeerRefused("quarter_unknown", field="their")
    row = session.scalar(
        select(NeighbourQuarter).where(
            NeighbourQuarter.own_username == own_username, NeighbourQuarter.their_uri == their_uri
        )
    )
    if row is None:
        row = NeighbourQuarter(own_username=own_username, their_uri=their_uri, host=host, declared_at=now)
        session.add(row)
    row.their_name = str(named[0]["name"])
    session.flush()
    return row


def undeclare(session: Session, *, own_username: str, their_uri: str) -> None:
    """Take a declaration back.

    Raises:
        PeerRefused: `quarter_unknown`.
    """
    row = session.scalar(
        select(NeighbourQuarter).where(
            NeighbourQuarter.own_username == own_username, NeighbourQuarter.their_uri == their_uri
        )
    )
    if row is None:
        raise PeerRefused("quarter_unknown", field="their")
    session.delete(row)
    session.flush()


def of_document(session: Session, *, document: Document) -> str | None:
    """Give the quarter of ours that a listing is from, by address; None when its name does not say it for certain."""
    word = codec.read_object(codec.load(document.body))
    name = word.location.name if isinstance(word, Note) and word.location else None
    found = [one for one in identity.all_of(session, ActorKind.GROUP) if one.name == name]
    return identity.address(found[0]) if len(found) == 1 else None


def named(session: Session, *, host: str, name: str | None) -> str | None:
    """Give the declared quarter of a host that has this name: a listing names its quarter and gives no address."""
    wanted = (name or "").strip().casefold()
    return next(
        (one.their_uri for one in declared(session, host=host) if wanted and one.their_name.casefold() == wanted), None
    )
