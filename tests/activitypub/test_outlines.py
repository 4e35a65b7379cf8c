"""Outlines as a document: what is written is read again, and no line of a stranger is believed that is none."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub import codec, outlines
from activitypub.codec import Malformed
from activitypub.outlines import Outline

HERE = "https://ici.example"
SQUARE = "POLYGON((5 43,5.01 43,5.01 43.01,5 43.01,5 43))"
names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40).map(str.strip)


def outline(**more: Any) -> Outline:
    return Outline(**{"quarter": f"{HERE}/users/le_port", "name": "Le Port", "wkt": SQUARE} | more)


def document(*found: Outline, **more: Any) -> dict[str, Any]:
    return {**outlines.write(found, id=f"{HERE}/actor/outlines", author=f"{HERE}/actor"), **more}


@given(st.lists(st.builds(outline, name=names), max_size=4))
def test_what_is_written_is_read_again(found: list[Outline]) -> None:
    read = outlines.read(codec.load(codec.encode(document(*found))))
    assert ([one for one, _ in read.shapes], read.unread) == (found, ())
    assert (read.id, read.author) == (f"{HERE}/actor/outlines", f"{HERE}/actor")
    assert all(shape[0][0][1] == (5.01, 43.0) for _, shape in read.shapes)


def test_the_middle_of_an_outline_is_that_of_its_outer_lines_in_some_hundred_metres() -> None:
    drawn = outlines.shape("MULTIPOLYGON(((5 43,5.0109 43,5.0109 43.02,5 43)),((5.1 43,5.11 43,5.11 43.1,5.1 43)))")
    assert outlines.middle(drawn) == (5.055, 43.05)
    assert outlines.middle(outlines.shape("POLYGON((-0.0004 0,0.0002 0,0 0.0001,-0.0004 0))")) == (0.0, 0.0)


def test_holes_and_parts_are_told_apart() -> None:
    ring = "0 0,9e-1 0,0 1,0 0".replace("9e-1", "0.9")
    (first, second) = outlines.shape(f" multipolygon ( ( ({ring}) , ( {ring} ) ) ,(({ring})))")
    assert (len(first), len(second)) == (2, 1)
    assert outlines.points((first, second)) == 12


@pytest.mark.parametrize(
    "wkt",
    [
        "",
        "POINT(5 43)",
        "POLYGON EMPTY",
        "POLYGON",
        "POLYGON(5 43,5.1 43,5.1 43.1,5 43)",
        "POLYGON((5 43,5.1 43,5 43))",
        "POLYGON((5 43,5.1 43,5.1 43.1,5.2 43))",
        "POLYGON((5 43 1,5.1 43 1,5.1 43.1 1,5 43 1))",
        "POLYGON((5 NaN,5.1 43,5.1 43.1,5 NaN))",
        "POLYGON((inf 43,5.1 43,5.1 43.1,inf 43))",
        "POLYGON((1e1 43,5.1 43,5.1 43.1,1e1 43))",
        "POLYGON((181 43,181.1 43,181.1 43.1,181 43))",
        "POLYGON((5 91,5.1 91,5.1 91.1,5 91))",
        "POLYGON((5 43,6.1 43,6.1 43.1,5 43))",
        "POLYGON((900000 6200000,900100 6200000,900100 6200100,900000 6200000))",
        "POLYGON((5 43,5.1 43,5.1 43.1,5 43)",
        "POLYGON((5 43,5.1 43,5.1 43.1,5 43)))",
        "POLYGON((5 43,5.1 43,5.1 43.1,5 43),)",
        "MULTIPOLYGON((5 43,5.1 43,5.1 43.1,5 43))",
        "<http://www.opengis.net/def/crs/EPSG/0/2154> POLYGON((5 43,5.1 43,5.1 43.1,5 43))",
        "POLYGON" + "(" * 40_000,
        "POLYGON((" + " " * 40_000 + "))",
        "POLYGON((5 43," + "5 43," * 1000 + "5 43))",
        "POLYGON((" + "9" * 50_000 + " 43))",
        "POLYGON((٥ 43,5.1 43,5.1 43.1,٥ 43))",
    ],
)
def test_a_line_that_is_none_is_named_and_left_out(wkt: str) -> None:
    with pytest.raises(Malformed):
        outlines.shape(wkt)
    read = outlines.read(codec.load(codec.encode(document(outline(wkt=wkt), outline(name="Le Moulin")))))
    assert [one.name for one, _ in read.shapes] == ["Le Moulin"]
    assert read.unread == ("Le Port",)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_an_item_of_any_kind_is_at_worst_left_out(item: object) -> None:
    for odd in (item, {"hasGeometry": item}, {"hasGeometry": {"asWKT": item}, "attributedTo": item, "name": item}):
        read = outlines.read(document(items=[odd, *document(outline())["items"]]))
        assert len(read.shapes) == 1


@pytest.mark.parametrize(
    "doc",
    [
        {},
        document(type="OrderedCollection"),
        document(id="urn:x"),
        document(attributedTo=None),
        document(items=[{}] * 501),
        document(*[outline(wkt="POLYGON((5 43," + "5.001 43.001," * 900 + "5 43))")] * 45),
    ],
)
def test_what_is_no_such_document_is_not_read(doc: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        outlines.read(doc)
