"""The charter: what one instance says it exchanges with another, as a small document with a proof by its desk.

A type of our own, read as plain JSON by Palier and ignored by others. Source: FEDERATION.md, "Charters".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from activitypub.context import ACTIVITYSTREAMS
from activitypub.wire import Malformed, demand_uri, each, moment, stamp, text

TYPE: Final = "Charter"
# Names without a host: an address here would be one that somebody has to keep.
TERMS: Final[dict[str, object]] = {
    "palier": "urn:palier:",
    "Charter": "palier:Charter",
    "version": "palier:version",
    "exchanges": "palier:exchanges",
    "news": "palier:news",
    "offers": "palier:offers",
    "reports": "palier:reports",
    "neighbours": "palier:neighbours",
    "own": {"@id": "palier:own", "@type": "@id"},
    "other": {"@id": "palier:other", "@type": "@id"},
    "otherName": "palier:otherName",
}
OFFERS: Final = ("none", "neighbours", "all")
MOST_PAIRS: Final = 500
_LONGEST_NAME: Final = 200
_HIGHEST: Final = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A quarter of the writer's and one of the other side that are neighbours; the name is the other's."""

    own: str
    other: str
    other_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Charter:
    """What `author` (an actor) exchanges with the instance whose origin is `partner`; moments are aware, in UTC."""

    id: str
    author: str
    partner: str
    version: int
    since: datetime
    updated: datetime
    news: bool
    offers: str
    reports: bool
    pairs: tuple[Pair, ...]


def write(charter: Charter) -> dict[str, Any]:
    """The document, without its proof."""
    return {
        "@context": [ACTIVITYSTREAMS, TERMS],
        "id": charter.id,
        "type": TYPE,
        "attributedTo": charter.author,
        "target": charter.partner,
        "version": charter.version,
        "published": stamp(charter.since),
        "updated": stamp(charter.updated),
        "exchanges": {"news": charter.news, "offers": charter.offers, "reports": charter.reports},
        "neighbours": [{"own": one.own, "other": one.other, "otherName": one.other_name} for one in charter.pairs],
    }


def read(doc: Mapping[str, Any]) -> Charter:
    """The charter that a document is. Raises Malformed: a promise that is half understood is none."""
    if doc.get("type") != TYPE:
        raise Malformed("not a charter", where="type")
    said = doc.get("exchanges")
    if not isinstance(said, dict):
        raise Malformed("missing", where="exchanges")
    return Charter(
        id=demand_uri(doc, "id", where="charter"),
        author=demand_uri(doc, "attributedTo", where="charter"),
        partner=demand_uri(doc, "target", where="charter"),
        version=_version(doc.get("version")),
        since=_moment(doc, "published"),
        updated=_moment(doc, "updated"),
        news=_truth(said, "news"),
        offers=_offers(said.get("offers")),
        reports=_truth(said, "reports"),
        pairs=_pairs(doc.get("neighbours")),
    )


def _version(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < _HIGHEST:
        raise Malformed("not a number from one on", where="version")
    return value


def _moment(doc: Mapping[str, Any], key: str) -> datetime:
    found = moment(doc.get(key))
    if found is None:
        raise Malformed("not a moment", where=key)
    return found


def _truth(said: Mapping[str, Any], key: str) -> bool:
    found = said.get(key)
    if not isinstance(found, bool):
        raise Malformed("neither true nor false", where=f"exchanges.{key}")
    return found


def _offers(value: object) -> str:
    if not isinstance(value, str) or value not in OFFERS:
        raise Malformed("none of none, neighbours and all", where="exchanges.offers")
    return value


def _pairs(value: object) -> tuple[Pair, ...]:
    found = each(value) if value is not None else []
    if len(found) > MOST_PAIRS:
        raise Malformed("more than 500 pairs", where="neighbours")
    return tuple(_pair(one) for one in found)


def _pair(one: object) -> Pair:
    if not isinstance(one, dict):
        raise Malformed("not a pair", where="neighbours")
    return Pair(
        own=demand_uri(one, "own", where="neighbours"),
        other=demand_uri(one, "other", where="neighbours"),
        other_name=(text(one, "otherName") or "")[:_LONGEST_NAME],
    )
