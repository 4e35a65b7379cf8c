"""Outlines of quarters: what one instance shows of where its quarters lie, as places with a geometry.

The geometry is one text (well-known text, OGC 06-103r4 §7, as GeoSPARQL's `geo:asWKT` has it): JSON-LD 1.0 knows no
lists of lists, and a document of thousands of small arrays is what strict readers refuse. Source: FEDERATION.md,
"Outlines of quarters".
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from activitypub.context import ACTIVITYSTREAMS
from activitypub.wire import Malformed, demand_uri, each, text, uri

# Degrees of WGS 84, longitude first, as GeoSPARQL reads a text without a reference system. A ring ends where it begins;
# a polygon's first ring is its outer one, the others are holes.
Point: TypeAlias = tuple[float, float]
Ring: TypeAlias = tuple[Point, ...]
Polygon: TypeAlias = tuple[Ring, ...]
Shape: TypeAlias = tuple[Polygon, ...]

TERMS: Final[dict[str, object]] = {
    "geo": "http://www.opengis.net/ont/geosparql#",
    "Geometry": "geo:Geometry",
    "hasGeometry": "geo:hasGeometry",
    "asWKT": {"@id": "geo:asWKT", "@type": "geo:wktLiteral"},
}
MOST_OUTLINES: Final = 500
MOST_POINTS: Final = 1000
MOST_POINTS_TOGETHER: Final = 40_000
# No quarter reaches further, in degrees: some 100 km.
WIDEST: Final = 1.0
_LONGEST: Final = 48 * MOST_POINTS
_LONGEST_NAME: Final = 200
_POINT: Final = re.compile(r"(-?[0-9]{1,3}(?:\.[0-9]{1,15})?) (-?[0-9]{1,2}(?:\.[0-9]{1,15})?)")
_KINDS: Final = {"POLYGON": "({})", "MULTIPOLYGON": "{}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """Where a quarter lies, by the address of its actor; `wkt` is what `shape` reads."""

    quarter: str
    name: str
    wkt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlines:
    """What an instance (`author`, its Application) shows: outlines with their shapes, and whose cannot be read."""

    id: str
    author: str
    shapes: tuple[tuple[Outline, Shape], ...]
    unread: tuple[str, ...]


def write(outlines: Iterable[Outline], *, id: str, author: str) -> dict[str, Any]:  # noqa: A002  # the word's own name
    """The document that shows these outlines."""
    items = [
        {
            "type": "Place",
            "name": one.name,
            "attributedTo": one.quarter,
            "hasGeometry": {"type": "Geometry", "asWKT": one.wkt},
        }
        for one in outlines
    ]
    return {
        "@context": [ACTIVITYSTREAMS, TERMS],
        "id": id,
        "type": "Collection",
        "attributedTo": author,
        "totalItems": len(items),
        "items": items,
    }


def read(doc: Mapping[str, Any]) -> Outlines:
    """What a document shows. One outline that cannot be read is named and left out.

    Raises Malformed: it is no such document, or holds more than 500 outlines or 40,000 points.
    """
    if doc.get("type") != "Collection":
        raise Malformed("not a collection", where="outlines")
    items = each(doc.get("items"))
    if len(items) > MOST_OUTLINES:
        raise Malformed("more than 500 outlines", where="outlines")
    found: list[tuple[Outline, Shape]] = []
    unread: list[str] = []
    for number, item in enumerate(items, start=1):
        try:
            found.append(_item(item))
        except Malformed:
            unread.append(_called(item) or str(number))
    if sum(points(one) for _, one in found) > MOST_POINTS_TOGETHER:
        raise Malformed("more than 40,000 points", where="outlines")
    return Outlines(
        id=demand_uri(doc, "id", where="outlines"),
        author=demand_uri(doc, "attributedTo", where="outlines"),
        shapes=tuple(found),
        unread=tuple(unread),
    )


def _called(item: object) -> str:
    return (text(item, "name") or "").strip()[:_LONGEST_NAME] if isinstance(item, dict) else ""


def _item(item: object) -> tuple[Outline, Shape]:
    geometry = item.get("hasGeometry") if isinstance(item, dict) else None
    quarter = uri(item.get("attributedTo")) if isinstance(item, dict) else None
    wkt = geometry.get("asWKT") if isinstance(geometry, dict) else None
    if quarter is None or not isinstance(wkt, str):
        raise Malformed("not the outline of a quarter", where="items")
    return Outline(quarter=quarter, name=_called(item), wkt=wkt), shape(wkt)


def points(of: Shape) -> int:
    """How many points a shape has."""
    return sum(len(ring) for polygon in of for ring in polygon)


def middle(of: Shape) -> Point:
    """The middle of the box around a shape, in thousandths of a degree: some hundred metres."""
    corners = [point for polygon in of for point in polygon[0]]
    longitudes, latitudes = [one[0] for one in corners], [one[1] for one in corners]
    return _between(longitudes), _between(latitudes)


def _between(numbers: list[float]) -> float:
    return round((min(numbers) + max(numbers)) / 2, 3) + 0.0  # no minus before a zero


def shape(wkt: str) -> Shape:
    """The shape that a well-known text (POLYGON or MULTIPOLYGON, two numbers a point) draws.

    Raises Malformed: another kind, numbers that are no degrees, rings that are open or of fewer than four points, more
    than 1,000 points, or wider than one degree.
    """
    if len(wkt) > _LONGEST:
        raise Malformed("too long", where="outline")
    kind, opened, body = wkt.partition("(")
    pattern = _KINDS.get(kind.strip().upper())
    if pattern is None:
        raise Malformed("neither POLYGON nor MULTIPOLYGON", where="outline")
    tight = pattern.format(_tightened(opened + body))
    if not (tight.startswith("(((") and tight.endswith(")))")):
        raise Malformed("not in three brackets", where="outline")
    drawn = tuple(tuple(_ring(ring) for ring in polygon.split("),(")) for polygon in tight[3:-3].split(")),(("))
    if points(drawn) > MOST_POINTS:
        raise Malformed("more than 1,000 points", where="outline")
    for place in (0, 1):
        numbers = [point[place] for polygon in drawn for ring in polygon for point in ring]
        if max(numbers) - min(numbers) > WIDEST:
            raise Malformed("wider than one degree", where="outline")
    return drawn


def _tightened(body: str) -> str:
    """One space between numbers, none beside a comma or a bracket."""
    single = " ".join(body.split())
    for mark in ",()":
        single = single.replace(f" {mark}", mark).replace(f"{mark} ", mark)
    return single


def _ring(written: str) -> Ring:
    ring = tuple(_point(one) for one in written.split(","))
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise Malformed("a ring that is not closed", where="outline")
    return ring


def _point(written: str) -> Point:
    found = _POINT.fullmatch(written)
    if found is None:
        raise Malformed("not a point", where="outline")
    longitude, latitude = float(found[1]), float(found[2])
    if abs(longitude) > 180 or abs(latitude) > 90:
        raise Malformed("not on this earth", where="outline")
    return longitude, latitude
