"""Outlines as GeoJSON has them (RFC 7946 §3.1): checked, thinned out, and written as well-known text. Pure."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from instance.base import Refused

Point: TypeAlias = tuple[float, float]
Ring: TypeAlias = list[Point]
Shape: TypeAlias = list[list[Ring]]

# How far a thinned outline may lie from the line it stands for, in metres: the smallest that leaves few enough points.
# Two outlines are neighbours within 50 m (`federation.nearness`): twice the greatest is still less.
TOLERANCES: Final = (10.0, 15.0, 20.0)
MOST_POINTS: Final = 1000
# Of one outline in a file: more is a map of another purpose.
MOST_POINTS_READ: Final = 20_000
# Five digits behind the point are one metre.
DIGITS: Final = 5
# No quarter reaches further, in degrees.
WIDEST: Final = 1.0
METRES: Final = 111_195.0


def read(geometry: object) -> Shape:
    """The polygons of a geometry.

    Raises Refused("outline_kind"|"outline_ring"|"outline_degrees"|"outline_large").
    """
    kind, drawn = (geometry.get("type"), geometry.get("coordinates")) if isinstance(geometry, dict) else (None, None)
    if kind == "Polygon":
        drawn = [drawn]
    elif kind != "MultiPolygon":
        raise Refused("outline_kind")
    if not isinstance(drawn, list) or not drawn:
        raise Refused("outline_ring")
    shape = [[_ring(ring) for ring in _list(polygon)] for polygon in drawn]
    _check_size(shape)
    return shape


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list) or not value:
        raise Refused("outline_ring")
    return value


def _ring(value: object) -> Ring:
    ring = [_point(one) for one in _list(value)]
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise Refused("outline_ring")
    return ring


def _point(value: object) -> Point:
    """A position; a height behind it is left away. Numbers that are no degrees are told apart: another projection."""
    numbers = [one for one in _list(value)[:2] if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) < 2:
        raise Refused("outline_ring")
    longitude, latitude = numbers
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise Refused("outline_degrees")
    return float(longitude), float(latitude)


def _check_size(shape: Shape) -> None:
    points = [point for polygon in shape for ring in polygon for point in ring]
    wide = any(max(column) - min(column) > WIDEST for column in zip(*points, strict=True))
    if wide or len(points) > MOST_POINTS_READ:
        raise Refused("outline_large")


def thinned(shape: Shape) -> Shape:
    """The outline with fewer points, none of the old line further away than a tolerance.

    Raises Refused("outline_large"|"outline_ring"): too many points are left, or too few.

    Rings too small to be seen at that tolerance go: rocks in the sea, and corners that surveys left between two lines.
    """
    for tolerance in TOLERANCES:
        drawn = [rings for polygon in shape if (rings := _polygon(polygon, tolerance=tolerance))]
        if not drawn:
            raise Refused("outline_ring")
        if sum(len(ring) for polygon in drawn for ring in polygon) <= MOST_POINTS:
            return drawn
    raise Refused("outline_large")


def _polygon(polygon: Sequence[Ring], *, tolerance: float) -> list[Ring]:
    """The rings that are left; nothing when the outer one is not."""
    outer, *holes = (_thin(ring, tolerance=tolerance) for ring in polygon)
    return [outer, *(hole for hole in holes if hole)] if outer else []


def _thin(ring: Ring, *, tolerance: float) -> Ring:
    """A ring thinned out from its first point and the one furthest from it; empty when less than a triangle is left."""
    east = METRES * math.cos(math.radians(ring[0][1]))
    flat = [(x * east, y * METRES) for x, y in ring]
    far = max(range(len(flat)), key=lambda place: math.dist(flat[0], flat[place]))
    kept = {0, far, len(ring) - 1} | _kept(flat, 0, far, tolerance) | _kept(flat, far, len(flat) - 1, tolerance)
    rounded = [(round(ring[place][0], DIGITS), round(ring[place][1], DIGITS)) for place in sorted(kept)]
    left = [rounded[0], *(after for before, after in pairwise(rounded) if after != before)]
    return left if len(left) >= 4 else []


def _kept(flat: Sequence[Point], first: int, last: int, tolerance: float) -> set[int]:
    """The places that stay between two (Douglas and Peucker, 1973), without recursion.

    Stops where there are more than an outline may have: what follows would be thrown away.
    """
    kept: set[int] = set()
    waiting = [(first, last)]
    while waiting and len(kept) <= MOST_POINTS:
        begin, end = waiting.pop()
        place, distance = _furthest(flat, begin, end)
        if distance > tolerance:
            kept.add(place)
            waiting += [(begin, place), (place, end)]
    return kept


def _furthest(flat: Sequence[Point], begin: int, end: int) -> tuple[int, float]:
    """The place between two that is furthest from the segment they are the ends of, and how far."""
    (ax, ay), (bx, by) = flat[begin], flat[end]
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy or 1.0
    found, most = begin, 0.0
    for place in range(begin + 1, end):
        x, y = flat[place]
        x, y = x - ax, y - ay
        along = (x * dx + y * dy) / length
        along = 0.0 if along < 0 else min(along, 1.0)
        x, y = x - along * dx, y - along * dy
        squared = x * x + y * y
        if squared > most:
            found, most = place, squared
    return found, math.sqrt(most)


def text(shape: Shape) -> str:
    """The well-known text of a shape: always a MULTIPOLYGON, longitude first."""
    polygons = (
        ",".join("(" + ",".join(f"{_number(x)} {_number(y)}" for x, y in ring) + ")" for ring in polygon)
        for polygon in shape
    )
    return "MULTIPOLYGON(" + ",".join(f"({one})" for one in polygons) + ")"


def _number(value: float) -> str:
    return f"{value:.{DIGITS}f}".rstrip("0").rstrip(".")
