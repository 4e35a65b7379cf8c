"""Outlines of quarters from a map: found by name, thinned out, all or nothing, and entered again in place."""

import json
import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from instance import outlines, places
from instance.base import Refused
from instance.imports import outlines as maps
from instance.imports import shapes
from instance.imports.outlines import Found
from instance.journal import Change
from tests.instance.neighbourhood import NOW, Neighbourhood

SIDE = 0.01


def square(x: float = 5.0, y: float = 43.0) -> dict[str, Any]:
    ring = [[x, y], [x + SIDE, y], [x + SIDE, y + SIDE], [x, y + SIDE], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(name: object, geometry: object = None, **more: object) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"nom": name, **more}, "geometry": geometry or square()}


def check(town: Neighbourhood, *features: dict[str, Any], **how: Any) -> Found:
    raw = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    return maps.check(town.session, features=maps.read(raw), **how)


def changes(town: Neighbourhood) -> int:
    return town.session.scalar(select(func.count()).select_from(Change)) or 0


@pytest.fixture
def town(stored_town: Neighbourhood) -> Neighbourhood:
    """One with a quarter whose name is written in many ways."""
    city = stored_town.north.city
    for name in ("Saint-Éloi", "La Belle-Étoile"):
        places.add_quarter(stored_town.session, city=city, name=name, postcode="99000", district=None, now=NOW)
    return stored_town


@pytest.mark.parametrize("typed", ["Saint-Éloi", "SAINT ELOI", "st eloi", "St. Éloi"])
def test_a_quarter_is_known_however_its_name_is_spelled(town: Neighbourhood, typed: str) -> None:
    found = check(town, feature(typed), feature("belle etoile"), feature("Nulle Part"))
    assert (found.new, found.wrong) == (2, [])
    assert [(one.number, one.name, one.code) for one in found.left] == [(3, "Nulle Part", "quarter_absent")]
    assert town.north.name in found.without
    assert "Saint-Éloi" not in found.without


def test_an_open_quarter_is_told_outside_once_for_each_change(town: Neighbourhood) -> None:
    session, name = town.session, town.north.name
    quarter = places.quarter(session, slug=town.north.slug)
    places.open_quarter(session, quarter=quarter, now=NOW)
    before = changes(town)
    for geometry, counts in ((square(), (1, 0, 0)), (square(), (0, 0, 1)), (square(5.1), (0, 1, 0))):
        found = check(town, feature(name, geometry))
        assert (found.new, found.changed, found.same) == counts
        maps.enter(session, found=found, now=NOW)
    assert changes(town) == before + 2
    row = outlines.of(session, quarter=quarter)
    assert row is not None
    assert (row.version, row.wkt) == (
        2,
        "MULTIPOLYGON(((5.1 43,5.11 43,5.11 43.01,5.1 43.01,5.1 43)))",
    )
    outlines.keep(session, quarter=quarter, wkt="", now=NOW)
    assert check(town, feature(name)).new == 1


def test_two_quarters_of_one_name_need_their_city(town: Neighbourhood) -> None:
    city = places.add_city(town.session, name="Autre-Essai", insee="99002", now=NOW)
    twin = places.add_quarter(town.session, city=city, name="Saint-Éloi", postcode="99020", district=None, now=NOW)
    assert [one.code for one in check(town, feature("Saint-Éloi")).left] == ["quarter_same_name"]
    assert list(check(town, feature("Saint-Éloi"), city=city).outlines) == [twin.id]


def test_the_property_that_names_is_found_or_said(town: Neighbourhood) -> None:
    odd = {"type": "Feature", "properties": {"NOM_QUA": "Saint-Éloi", "nom": "Ville", "X1": "9"}, "geometry": square()}
    assert check(town, odd).new == 1
    assert check(town, odd, called="nom").new == 0
    for called in ("nothing", "x2"):
        with pytest.raises(Refused, match="outline_unnamed"):
            check(town, odd, called=called)
    with pytest.raises(Refused, match="outline_unnamed"):
        check(town, {"type": "Feature", "properties": None, "geometry": square()})


RING = square()["coordinates"][0]


@pytest.mark.parametrize(
    ("geometry", "code"),
    [
        ({"type": "Point", "coordinates": [5, 43]}, "outline_kind"),
        ({"type": "GeometryCollection"}, "outline_kind"),
        ("POLYGON((5 43))", "outline_kind"),
        ({"type": "Polygon"}, "outline_ring"),
        ({"type": "Polygon", "coordinates": [RING[:-1]]}, "outline_ring"),
        ({"type": "Polygon", "coordinates": [[]]}, "outline_ring"),
        ({"type": "MultiPolygon", "coordinates": []}, "outline_ring"),
        ({"type": "Polygon", "coordinates": [[[5], [5], [5], [5]]]}, "outline_ring"),
        ({"type": "Polygon", "coordinates": [[["5", "43"]] * 4]}, "outline_ring"),
        ({"type": "Polygon", "coordinates": [[[True, False]] * 4]}, "outline_ring"),
        ({"type": "Polygon", "coordinates": [[[5, 43], [5.00001, 43], [5, 43.00001], [5, 43]]]}, "outline_ring"),
        ({"type": "Polygon", "coordinates": [[[893000, 6247000]] * 4]}, "outline_degrees"),
        ({"type": "Polygon", "coordinates": [[[10**400, 43]] * 4]}, "outline_degrees"),
        ({"type": "Polygon", "coordinates": [[[5, 43], [7, 43], [5, 44], [5, 43]]]}, "outline_large"),
        ({"type": "Polygon", "coordinates": [[[5, 43]] * 20_001]}, "outline_large"),
        ({"type": "Polygon", "coordinates": [[[5 + n % 2 / 50, 43 + n / 9000] for n in range(1100)] + [[5, 43]]]},
         "outline_large"),
    ],
)  # fmt: skip
def test_what_is_no_outline_says_why(geometry: object, code: str) -> None:
    with pytest.raises(Refused, match=code):
        shapes.thinned(shapes.read(geometry))


def test_what_is_wrong_is_told_with_its_place(town: Neighbourhood) -> None:
    found = check(town, feature("Saint-Éloi"), feature("Belle-Étoile", {"type": "Point"}), feature("saint eloi"))
    assert [(one.number, one.code) for one in found.wrong] == [(2, "outline_kind"), (3, "outline_twice")]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"[1]",
        b"\xff",
        b'{"type": "FeatureCollection", "features": []}',
        b'{"type": "FeatureCollection", "features": [1]}',
        b'{"type": "FeatureCollection", "features": [{"a": NaN}]}',
        b'{"type": "Topology", "features": [{}]}',
        b"[" * 200_000,
        b'{"type": "FeatureCollection", "features": [{"a": ' + b"9" * 5000 + b"}]}",
    ],
)
def test_what_is_no_map_is_refused_whole(raw: bytes) -> None:
    with pytest.raises(Refused, match="geojson_malformed"):
        maps.read(raw)


def test_too_many_outlines_are_refused() -> None:
    with pytest.raises(Refused, match="geojson_large"):
        maps.read(json.dumps({"type": "FeatureCollection", "features": [{}] * 5001}).encode())


# --- thinning out


@given(st.lists(st.floats(-0.002, 0.002), min_size=8, max_size=40), st.floats(-60, 60))
@settings(max_examples=30, deadline=None)
def test_no_point_of_the_old_line_is_far_from_the_new_one(bumps: list[float], latitude: float) -> None:
    turn = 2 * math.pi / len(bumps)
    reach = [0.01 + bump for bump in bumps]
    ring = [(far * math.cos(n * turn), latitude + far * math.sin(n * turn)) for n, far in enumerate(reach)]
    ring.append(ring[0])
    ((thin,),) = shapes.thinned([[ring]])
    assert thin[0] == thin[-1]
    assert len(thin) <= len(ring)
    east = shapes.METRES * math.cos(math.radians(latitude))
    flat = [(x * east, y * shapes.METRES) for x, y in thin]
    for x, y in ring:
        here = (x * east, y * shapes.METRES)
        # Two metres more: what is kept is rounded to five digits, and stands on another plane.
        assert min(away(here, a, b) for a, b in pairwise(flat)) <= shapes.TOLERANCES[0] + 2


def away(point: tuple[float, float], begin: tuple[float, float], end: tuple[float, float]) -> float:
    """The least distance from two hundred points along a line."""
    (ax, ay), (bx, by) = begin, end
    return min(math.dist(point, (ax + (bx - ax) * n / 200, ay + (by - ay) * n / 200)) for n in range(201))


def test_a_straight_line_of_many_points_is_one_line_and_rocks_go() -> None:
    lower = [(5 + SIDE * n / 3000, 43.0) for n in range(3000)]
    ring = [*lower, (5 + SIDE, 43.0), (5 + SIDE, 43 + SIDE), (5.0, 43 + SIDE), (5.0, 43.0)]
    rock = [(5.2, 43.0), (5.20001, 43.0), (5.2, 43.00001), (5.2, 43.0)]
    assert shapes.text(shapes.thinned([[ring], [rock]])) == ("MULTIPOLYGON(((5 43,5.01 43,5.01 43.01,5 43.01,5 43)))")
