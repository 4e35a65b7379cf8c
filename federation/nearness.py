"""How near two outlines come to each other: pure arithmetic, in metres on a plane laid under both.

A plane is good enough for what is decided with it, whether two quarters touch: the metre is that of the middle of ours.
What lies across the 180th meridian is not found.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, TypeAlias

from activitypub.outlines import Polygon, Shape

# Each side is thinned out by at most 20 m (`instance.imports.shapes`), and maps of two towns differ by some more.
NEAR: Final = 50.0
# The mean radius of the earth, in metres.
RADIUS: Final = 6_371_008.8
DEGREE: Final = math.pi / 180 * RADIUS
# About a second of work. Two towns of a hundred quarters each that lie side by side need a tenth of it.
MOST_STEPS: Final = 4_000_000

Segment: TypeAlias = tuple[float, float, float, float]
Box: TypeAlias = tuple[float, float, float, float]


class TooTangled(Exception):
    """Comparing these outlines takes longer than they are worth."""


def pairs(
    ours: Sequence[Shape], theirs: Sequence[Shape], *, within: float = NEAR, most: int = MOST_STEPS
) -> list[tuple[int, int]]:
    """Give those of our outlines and theirs, by place, that overlap, touch or come within some metres of each other.

    Raises:
        TooTangled: after `most` comparisons.
    """
    found: list[tuple[int, int]] = []
    boxes = [_degrees(one) for one in theirs]
    purse = _Purse(most)
    for mine, shape in enumerate(ours):
        box = _degrees(shape)
        east, north = _scale(box)
        margin = (within / east, within / north)
        for other, their_box in enumerate(boxes):
            purse.spend(1)
            if _meet(box, their_box, margin=margin):
                purse.spend(_size(shape) + _size(theirs[other]))
                laid = _laid(shape, east, north), _laid(theirs[other], east, north)
                if _near(*laid, within=within, purse=purse):
                    found.append((mine, other))
    return found


class _Purse:
    """The comparisons that are left."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def spend(self, steps: int) -> None:
        """Take some out, before the work is done. Raises TooTangled when there are not so many."""
        self.left -= steps
        if self.left < 0:
            raise TooTangled


def _degrees(shape: Shape) -> Box:
    points = [point for polygon in shape for point in polygon[0]]
    longitudes, latitudes = [one[0] for one in points], [one[1] for one in points]
    return min(longitudes), min(latitudes), max(longitudes), max(latitudes)


def _scale(box: Box) -> tuple[float, float]:
    """Metres in a degree eastwards and northwards, in the middle of a box; at the poles no less than a metre."""
    return max(1.0, DEGREE * math.cos(math.radians((box[1] + box[3]) / 2))), DEGREE


def _meet(one: Box, other: Box, *, margin: tuple[float, float]) -> bool:
    return (
        one[0] - margin[0] <= other[2]
        and other[0] - margin[0] <= one[2]
        and one[1] - margin[1] <= other[3]
        and other[1] - margin[1] <= one[3]
    )


def _laid(shape: Shape, east: float, north: float) -> Shape:
    """The shape in metres."""
    return tuple(tuple(tuple((x * east, y * north) for x, y in ring) for ring in polygon) for polygon in shape)


def _near(one: Shape, other: Shape, *, within: float, purse: _Purse) -> bool:
    """Say whether two shapes in metres come near. Raises TooTangled."""
    mine = _beside(one, _degrees(other), within=within)
    yours = _beside(other, _degrees(one), within=within)
    purse.spend(len(mine) * len(yours))
    margin, limit = (within, within), within * within
    for box, segment in mine:
        for their_box, theirs in yours:
            if _meet(box, their_box, margin=margin) and _squared(segment, theirs) <= limit:
                return True
    # Neither border comes near the other: one lies inside the other, or they lie apart.
    purse.spend(_size(one) * len(other) + _size(other) * len(one))
    return any(_holds(one, polygon) for polygon in other) or any(_holds(other, polygon) for polygon in one)


def _beside(shape: Shape, box: Box, *, within: float) -> list[tuple[Box, Segment]]:
    """The segments of a shape that can be near something in a box, each with its own."""
    margin = (within, within)
    boxed = ((_box(segment), segment) for segment in _segments(shape))
    return [(own, segment) for own, segment in boxed if _meet(own, box, margin=margin)]


def _size(shape: Shape) -> int:
    return sum(len(ring) for polygon in shape for ring in polygon)


def _segments(shape: Shape) -> Iterator[Segment]:
    for polygon in shape:
        for ring in polygon:
            for begin, end in pairwise(ring):
                yield (*begin, *end)


def _box(segment: Segment) -> Box:
    x, y, x2, y2 = segment
    return (min(x2, x), min(y2, y), max(x, x2), max(y, y2))


def _holds(shape: Shape, polygon: Polygon) -> bool:
    """Whether the first point of a polygon lies inside a shape: every border passed on the way out counts."""
    x, y = polygon[0][0]
    inside = False
    for ax, ay, bx, by in _segments(shape):
        if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
            inside = not inside
    return inside


def _squared(one: Segment, other: Segment) -> float:
    """The square of the distance between two segments."""
    if _cross(one, other):
        return 0.0
    return min(
        _from(one[0], one[1], other),
        _from(one[2], one[3], other),
        _from(other[0], other[1], one),
        _from(other[2], other[3], one),
    )


def _cross(one: Segment, other: Segment) -> bool:
    """Whether each goes from one side of the other to the other side."""
    return (
        _side(one, other[0], other[1]) * _side(one, other[2], other[3]) < 0
        and _side(other, one[0], one[1]) * _side(other, one[2], one[3]) < 0
    )


def _side(segment: Segment, x: float, y: float) -> float:
    ax, ay, bx, by = segment
    return (bx - ax) * (y - ay) - (by - ay) * (x - ax)


def _from(x: float, y: float, segment: Segment) -> float:
    """The square of the distance of a point from a segment."""
    ax, ay, bx, by = segment
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    along = 0.0 if length == 0 else max(0.0, min(1.0, ((x - ax) * dx + (y - ay) * dy) / length))
    return (x - ax - along * dx) ** 2 + (y - ay - along * dy) ** 2
