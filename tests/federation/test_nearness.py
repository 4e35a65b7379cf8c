"""How near outlines come: the same from both sides, right where it begins to count, and never a long calculation."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from activitypub.outlines import Point, Polygon, Shape
from federation import nearness
from federation.nearness import DEGREE, NEAR, TooTangled

LATITUDE = 43.3
EAST = DEGREE * math.cos(math.radians(LATITUDE))


def at(x: float, y: float) -> Point:
    """A point so many metres east and north of somewhere."""
    return 5.3 + x / EAST, LATITUDE + y / DEGREE


def drawn(*corners: tuple[float, float]) -> Polygon:
    return ((*(at(*one) for one in corners), at(*corners[0])),)


def square(x: float, y: float, side: float = 500) -> Polygon:
    return drawn((x, y), (x + side, y), (x + side, y + side), (x, y + side))


def meet(one: Shape, other: Shape) -> bool:
    return nearness.pairs([one], [other]) == [(0, 0)]


@given(st.floats(0, 200), st.floats(-400, 400), st.booleans())
def test_squares_meet_within_fifty_metres_on_any_side(gap: float, shift: float, above: bool) -> None:
    away = (shift, 500 + gap) if above else (500 + gap, shift)
    if abs(gap - NEAR) > 0.5:
        assert meet((square(0, 0),), (square(*away),)) is (gap < NEAR)


corners = st.lists(st.tuples(st.integers(-800, 800), st.integers(-800, 800)), min_size=3, max_size=7, unique=True)


@given(corners, corners, st.integers(-2000, 2000))
@settings(max_examples=50, deadline=None)
def test_both_sides_say_the_same_as_every_metre_of_the_line(
    one: list[tuple[int, int]], other: list[tuple[int, int]], shift: int
) -> None:
    moved = [(x + shift, y) for x, y in other]
    mine, yours = (drawn(*one),), (drawn(*moved),)
    found = meet(mine, yours)
    assert meet(yours, mine) is found
    nearest = min(math.dist(a, b) for a in walked(one) for b in walked(moved))
    if nearest < NEAR - 1:
        assert found
    if abs(shift) > 1600 + NEAR + 1:
        assert not found


def walked(ring: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """Points along a closed line, no two further apart than a hundred metres."""
    found = []
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        steps = 1 + int(math.dist((ax, ay), (bx, by)) // 100)
        found += [(ax + (bx - ax) * n / steps, ay + (by - ay) * n / steps) for n in range(steps)]
    return found


def test_one_inside_the_other_meets_and_one_in_its_hole_only_near_the_edge() -> None:
    whole, pierced = square(0, 0, 3000), (*square(0, 0, 3000), *square(1000, 1000, 1000))
    inner = square(1300, 1300, 300)
    assert meet((whole,), (inner,))
    assert meet((inner,), (whole,))
    assert not meet((pierced,), (inner,))
    assert meet((pierced,), (square(1030, 1030, 300),))


def test_lines_that_cross_far_from_all_corners_meet() -> None:
    lying, standing = drawn((-900, 0), (900, 0), (900, 9), (-900, 9)), drawn((0, -900), (9, -900), (9, 900), (0, 900))
    assert meet((lying,), (standing,))


def test_any_part_of_a_quarter_counts() -> None:
    scattered = (square(-9000, -9000), square(520, 0))
    assert meet((square(0, 0),), scattered)
    assert nearness.pairs([(square(0, 0),), (square(5000, 5000),)], [(square(5500, 5000),), scattered]) == [
        (0, 1),
        (1, 0),
    ]


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_any_place_on_earth_can_be_asked(x: float, y: float) -> None:
    ring = tuple((max(-180, min(180, x + dx)), max(-90, min(90, y + dy))) for dx, dy in ((0, 0), (1e-3, 0), (0, 1e-3)))
    shape = (((*ring, ring[0]),),)
    assert meet(shape, shape)


def test_a_tangle_is_given_up_before_it_costs_anything() -> None:
    zigzag = drawn(*((n % 2 * 3000, n * 60) for n in range(900)))
    far = drawn(*((n % 2 * 3000 + 1, n * 60 + 30000) for n in range(900)))
    with pytest.raises(TooTangled):
        nearness.pairs([(zigzag,)] * 20, [(far,)] * 400)
