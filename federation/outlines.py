"""Outlines of quarters: ours, as the hatch brought them; theirs, looked at to suggest who is a neighbour of whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from activitypub import codec, outlines
from activitypub.outlines import Outline, Outlines
from activitypub.vocabulary import ActorKind
from federation import identity, nearness, policy, quarters
from federation.base import OwnKey, Unreachable
from federation.models import Peer, PeerState
from federation.neighbours import OwnOutline, TheirOutlines
from federation.shareables import QuarterProfile

if TYPE_CHECKING:
    from federation.http import Client

BATCH = 10
LOOK_AGAIN_AFTER = timedelta(days=1)
# Of outlines that cannot be read, this many are named.
NAMED = 5


def address(application: str) -> str:
    """Give the address at which an instance shows the outlines of its quarters, by that of its Application."""
    return f"{application}/outlines"


# --- ours


def show(session: Session, *, profile: QuarterProfile) -> bool:
    """Show the outline of a quarter of ours as it crossed, or no longer; an older one changes nothing.

    What others show is compared anew then. Returns whether that was all there is to tell: the quarter's actor stands
    already as the profile has it, and nobody who follows it needs to hear of a line on a map.
    """
    _keep(session, profile=profile)
    actor = identity.find(session, profile.slug)
    return actor is not None and (actor.kind, actor.name, actor.summary) == (
        ActorKind.GROUP,
        profile.name,
        profile.city_name,
    )


def _keep(session: Session, *, profile: QuarterProfile) -> None:
    row = session.get(OwnOutline, profile.slug)
    if row is None:
        if profile.outline is None:
            return
        row = OwnOutline(username=profile.slug, version=0, wkt="")
        session.add(row)
    if profile.version <= row.version:
        return
    row.version = profile.version
    row.wkt = profile.outline or ""
    session.flush()
    session.execute(update(TheirOutlines).values(due_at=TheirOutlines.checked_at))


def ask_again(session: Session, *, host: str, now: datetime) -> None:
    """Have their outlines looked at in the courier's next round."""
    session.execute(update(TheirOutlines).where(TheirOutlines.host == host).values(due_at=now))


def middle(session: Session, *, quarter: str | None) -> outlines.Point | None:
    """Give the middle of a quarter of ours, when everybody may see where it lies."""
    row = session.get(OwnOutline, quarter) if quarter else None
    return outlines.middle(outlines.shape(row.wkt)) if row is not None and row.wkt else None


def shown(session: Session, *, origin: str) -> dict[str, Any] | None:
    """Give the document that shows our outlines; None when there are none."""
    found = _ours(session, origin=origin)
    application = identity.uri(origin, identity.APPLICATION)
    return outlines.write(found, id=address(application), author=application) if found else None


def _ours(session: Session, *, origin: str) -> list[Outline]:
    drawn = {one.username: one.wkt for one in session.scalars(select(OwnOutline).where(OwnOutline.wkt != ""))}
    return [
        Outline(quarter=identity.uri(origin, one.username), name=one.name, wkt=drawn[one.username])
        for one in identity.all_of(session, ActorKind.GROUP)
        if one.username in drawn
    ]


# --- theirs


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """A quarter of ours and one of theirs whose outlines meet, and nobody declared it yet."""

    own_username: str
    own_name: str
    their_uri: str
    their_name: str


def suggested(session: Session, *, host: str) -> list[Neighbours]:
    """List the quarters of a host that lie beside ours and are not declared, by name of ours and theirs."""
    row = session.get(TheirOutlines, host)
    peer = session.scalar(select(Peer).where(Peer.host == host))
    if row is None or peer is None:
        return []
    own = {one.username: one.name for one in identity.all_of(session, ActorKind.GROUP)}
    theirs = {str(one["uri"]): str(one["name"]) for one in peer.directory if one["kind"] == ActorKind.GROUP}
    known = {(one.own_username, one.their_uri) for one in quarters.declared(session, host=host)}
    near = {(str(one["own"]), str(one["their"])) for one in row.near} - known
    found = [
        Neighbours(own_username=mine, own_name=own[mine], their_uri=uri, their_name=theirs[uri])
        for mine, uri in near
        if mine in own and uri in theirs
    ]
    return sorted(found, key=lambda one: (one.own_name, one.their_name, one.their_uri))


def declare_all(session: Session, *, host: str, now: datetime) -> int:
    """Declare all that is suggested; returns how many pairs. Raises PeerRefused as `quarters.declare` does."""
    found = suggested(session, host=host)
    for one in found:
        quarters.declare(session, host=host, own_username=one.own_username, their_uri=one.their_uri, now=now)
    return len(found)


# --- the errand


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """What looking at the outlines of others takes; no transaction is open meanwhile."""

    federation: sessionmaker[Session]
    client: Client
    key: OwnKey | None
    ours: Sequence[Outline]
    origin: str
    now: datetime


def run(federation: sessionmaker[Session], *, client: Client, origin: str, now: datetime) -> int:
    """Look at the outlines of others that are due, if we have some ourselves; returns how many hosts were asked."""
    with federation() as session:
        ours = _ours(session, origin=origin)
        key = identity.fetching_key(session)
        due = (
            select(Peer.host, Peer.application_uri)
            .outerjoin(TheirOutlines, TheirOutlines.host == Peer.host)
            .where(
                Peer.state == PeerState.KNOWN,
                Peer.application_uri.is_not(None),
                TheirOutlines.due_at.is_(None) | (TheirOutlines.due_at <= now),
            )
            .order_by(Peer.id)
            .limit(BATCH)
        )
        hosts = session.execute(due).all() if ours else []
    errand = _Errand(federation=federation, client=client, key=key, ours=ours, origin=origin, now=now)
    for host, application in hosts:
        _look(errand, host=host, application=str(application))
    return len(hosts)


def _look(errand: _Errand, *, host: str, application: str) -> None:
    """Fetch what one host shows and keep who is near whom, or why it could not be told; then the last answer stands."""
    trouble: str | None = None
    found: tuple[int, list[dict[str, Any]]] | None = (0, [])
    try:
        read = _fetch(errand, application=application)
        found = len(read.shapes), _near(errand, read)
        if read.unread:
            trouble = f"outlines not read: {', '.join(read.unread[:NAMED])}"
    except Unreachable as error:
        # 404 and 410 are answers: there are none.
        if error.status not in {404, 410}:
            found, trouble = None, error.why
    except codec.Malformed as error:
        found, trouble = None, f"its outlines are not believed: {error}"
    except nearness.TooTangled:
        found, trouble = None, "its outlines are too tangled to compare"
    with errand.federation.begin() as session:
        row = session.get(TheirOutlines, host)
        if row is None:
            row = TheirOutlines(host=host)
            session.add(row)
        row.checked_at = errand.now
        row.due_at = errand.now + LOOK_AGAIN_AFTER
        row.last_error = trouble
        if found is not None:
            row.shown, row.near = found


def _fetch(errand: _Errand, *, application: str) -> Outlines:
    uri = address(application)
    fetched = errand.client.fetch_json(uri, key=errand.key)
    read = outlines.read(fetched.doc)
    if (read.id, read.author) != (uri, application) or not policy.same_origin(fetched.url, uri):
        raise codec.Malformed("outlines of somebody else")
    return read


def _near(errand: _Errand, read: Outlines) -> list[dict[str, Any]]:
    """Who is near whom; of quarters that are not the host's own nothing is said."""
    theirs = [(one.quarter, shape) for one, shape in read.shapes if policy.same_origin(one.quarter, read.author)]
    own = [identity.username_of(one.quarter, origin=errand.origin) for one in errand.ours]
    ours = [outlines.shape(one.wkt) for one in errand.ours]
    met = nearness.pairs(ours, [shape for _, shape in theirs])
    return [{"own": own[mine], "their": theirs[other][0]} for mine, other in met]
