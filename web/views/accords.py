"""How we stand with one neighbouring town, as administrators read it: charters, quarters, health, requests, lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import gettext, lazy_gettext
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from activitypub.dialects import Dialect
from activitypub.vocabulary import ActorKind
from federation import approvals, charters, identity, outlines, policy, quarters
from federation.block_plans import Plan
from federation.exchange import Offers
from federation.models import OwnActor, Peer, PeerState
from federation.neighbours import Charter, TheirCharter, TheirOutlines
from instance import moderation
from web.frame import reasons
from web.views import arriving

OFFERS: Final = {
    Offers.NONE: lazy_gettext("none"),
    Offers.NEIGHBOURS: lazy_gettext("of neighbouring quarters"),
    Offers.ALL: lazy_gettext("all"),
}
MARKETS: Final = {
    "": lazy_gettext("It is no marketplace"),
    Dialect.FLOHMARKT: lazy_gettext("A marketplace that runs Flohmarkt"),
    Dialect.PROPOSAL: lazy_gettext("A marketplace that wants a proposal attached"),
}
UNREAD: Final = {
    "empty": lazy_gettext("There is no town in this line."),
    "obfuscated": lazy_gettext("The name is hidden by stars."),
    "wildcard": lazy_gettext("Write the name without star: a block covers what lies below it."),
    "address": lazy_gettext("This is an address and not the name of a town."),
    "port": lazy_gettext("Write the name without port."),
    "two_meanings": lazy_gettext("This name could be two different towns. Write it as xn--…"),
    "suffix": lazy_gettext("Too many towns end like this."),
    "not_a_host": lazy_gettext("This is no name of a town."),
    "own_host": lazy_gettext("This would shut out your own town."),
    "severity": lazy_gettext("It does not say silence, suspend or noop."),
    "twice": lazy_gettext("The town stands there twice: the stricter line counts."),
}
SHOWN: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one side says it exchanges, in words."""

    news: str
    offers: str
    reports: str
    since: datetime | None
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two quarters that are neighbours: ours by its short name, theirs by address."""

    own: str
    own_name: str
    their_uri: str
    their_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accord:
    """All of it, for the page of one town."""

    ours: Side | None
    theirs: Side | None
    asked: datetime | None
    trouble: str
    declared: Sequence[Pair]
    suggested: Sequence[Pair]
    beside: Sequence[Pair]
    map_trouble: str
    own_quarters: Sequence[tuple[str, str]]
    their_quarters: Sequence[tuple[str, str]]
    health: arriving.Health
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody who asks to follow one of ours and waits."""

    uri: str
    name: str
    actor: str
    host: str
    ours: str
    own_username: str
    since: datetime


def _yes(value: bool) -> str:
    return gettext("yes") if value else gettext("no")


def _side(row: Charter | TheirCharter | None) -> Side | None:
    if row is None:
        return None
    return Side(
        news=_yes(row.news),
        offers=str(OFFERS[Offers(row.offers)]),
        reports=_yes(row.reports),
        since=row.since,
        version=row.version,
    )


def accord(outside: Session, home: Session, *, host: str) -> Accord:
    """Everything about one town of the list."""
    peer = outside.scalars(select(Peer).where(Peer.host == host)).one()
    row = outside.get(TheirCharter, host)
    looked = outside.get(TheirOutlines, host)
    own = identity.all_of(outside, ActorKind.GROUP)
    declared = _declared(outside, host=host, own=own)
    beside = _beside(outside, host=host)
    measure = moderation.last_about(home, target=f"town {host}")
    return Accord(
        ours=_side(charters.ours(outside, host=host)),
        theirs=_side(charters.theirs(outside, host=host)),
        asked=row.checked_at if row else None,
        trouble=reasons.sentence(row.last_error if row else None),
        declared=declared,
        suggested=_suggested(peer, row=row, own=own, declared=[*declared, *beside]),
        beside=beside,
        map_trouble=reasons.sentence(looked.last_error if looked else None),
        own_quarters=[(one.username, one.name) for one in own],
        their_quarters=[
            (str(one["uri"]), str(one["name"])) for one in peer.directory if one["kind"] == ActorKind.GROUP
        ],
        health=arriving.health(outside, host=host),
        by=measure.by.short_name if measure is not None and peer.decided_at is not None else "",
    )


def _declared(outside: Session, *, host: str, own: Sequence[OwnActor]) -> list[Pair]:
    names = {one.username: one.name for one in own}
    return [
        Pair(
            own=one.own_username,
            own_name=names.get(one.own_username, one.own_username),
            their_uri=one.their_uri,
            their_name=one.their_name,
        )
        for one in quarters.declared(outside, host=host)
    ]


def _beside(outside: Session, *, host: str) -> list[Pair]:
    """What lies side by side on the map and is not declared."""
    return [
        Pair(own=one.own_username, own_name=one.own_name, their_uri=one.their_uri, their_name=one.their_name)
        for one in outlines.suggested(outside, host=host)
    ]


def _suggested(
    peer: Peer, *, row: TheirCharter | None, own: Sequence[OwnActor], declared: Sequence[Pair]
) -> list[Pair]:
    """What they declared about us and we not about them, and no map says already."""
    names = {identity.address(one): one for one in own}
    theirs = {str(one["uri"]): str(one["name"]) for one in peer.directory}
    here = {(one.own, one.their_uri) for one in declared}
    return [
        Pair(own=mine.username, own_name=mine.name, their_uri=uri, their_name=theirs[uri])
        for one in (row.pairs if row is not None else ())
        if (mine := names.get(str(one["other"]))) is not None
        and (uri := str(one["own"])) in theirs
        and (mine.username, uri) not in here
    ]


def chartered(outside: Session) -> set[str]:
    """The hosts that we have a charter with."""
    return charters.signed(outside)


def requests(outside: Session) -> list[Request]:
    """Who asks to follow one of ours and waits, oldest first."""
    names = {one.username: one.name for one in outside.scalars(select(OwnActor))}
    return [
        Request(
            uri=row.activity_uri,
            name=row.remote_name or row.remote_uri,
            actor=row.remote_uri,
            host=policy.authority(row.remote_uri),
            ours=names[row.own_username],
            own_username=row.own_username,
            since=row.created_at,
        )
        for row in approvals.waiting(outside)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """How many towns are blocked and limited here, by whatever said so, and some of them: (address, is blocked)."""

    blocked: int
    limited: int
    some: Sequence[tuple[str, bool]]


def shut(outside: Session, *, containing: str) -> Shut:
    """Count what a list of blocks of ours would hold, and find the towns in it whose address contains something."""
    count = select(func.count()).select_from(Peer)
    marked = (Peer.state == PeerState.BLOCKED) | Peer.limited_at.is_not(None)
    wanted = select(Peer.host, Peer.state).where(marked, Peer.host.contains(containing.lower(), autoescape=True))
    return Shut(
        blocked=outside.scalar(count.where(Peer.state == PeerState.BLOCKED)) or 0,
        limited=outside.scalar(count.where(Peer.limited_at.is_not(None))) or 0,
        some=[
            (host, state == PeerState.BLOCKED)
            for host, state in outside.execute(wanted.order_by(Peer.host).limit(SHOWN))
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A line of a list that is not read, and why."""

    line: int
    text: str
    code: str
    sentence: str


def problems(plan: Plan) -> list[Problem]:
    """The lines that are not read, in words."""
    return [Problem(line=one.line, text=one.text, code=one.why, sentence=str(UNREAD[one.why])) for one in plan.unread]
