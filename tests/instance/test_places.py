"""Cities, quarters, buildings, and lots as people type them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from instance import journal, organisations, places
from instance.base import Refused
from instance.organisations import Kind
from tests.instance.neighbourhood import NOW, Neighbourhood

SLUG = re.compile(r"[a-z0-9_]{1,30}")


@pytest.mark.parametrize(
    ("text", "lots"),
    [
        ("1-3", ["1", "2", "3"]),
        ("1–3", ["1", "2", "3"]),
        (" 1 - 3 ", ["1", "2", "3"]),
        ("3-1", ["1", "2", "3"]),
        ("A1, A2;B1\nB2", ["A1", "A2", "B1", "B2"]),
        ("A1\r\nA2\r\n", ["A1", "A2"]),
        ("1-2, 4, Rdc gauche", ["1", "2", "4", "Rdc gauche"]),
        (",,7,,", ["7"]),
    ],
)
def test_lots_are_read_as_people_type_them(text: str, lots: list[str]) -> None:
    assert places.read_lots(text) == lots


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "lots_missing"),
        (" , \n", "lots_missing"),
        ("1, 1", "lots_twice"),
        ("1-5, 3", "lots_twice"),
        ("1-9999", "lots_too_many"),
        ("1-2000, 2001", "lots_too_many"),
        ("x" * 13, "lot_too_long"),
    ],
)
def test_what_cannot_be_a_list_of_lots_is_refused(text: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        places.read_lots(text)
    assert (refused.value.code, refused.value.field) == (code, "lots")


@given(st.lists(st.text("AB12 -", min_size=1, max_size=8).map(str.strip).filter(bool), max_size=8))
def test_a_lot_that_was_typed_is_never_dropped_in_silence(typed: list[str]) -> None:
    try:
        read = places.read_lots("\n".join(typed))
    except Refused:
        return
    assert len(read) >= len(typed)


@given(st.text(max_size=60))
def test_a_slug_can_stand_in_an_address(name: str) -> None:
    slug = places.slug_of(name)
    assert slug == "" or SLUG.fullmatch(slug)


def test_marseille_is_shipped_and_loads_once(town: Neighbourhood) -> None:
    first = places.load_marseille(town.session, now=NOW)
    again = places.load_marseille(town.session, now=NOW)
    assert len({one.id for one in first}) == 111
    assert [one.id for one in first] == [one.id for one in again]
    assert len({one.slug for one in first}) == 111
    assert all(SLUG.fullmatch(one.slug) for one in first)
    assert {one.city.insee for one in first} == {"13055"}
    assert {one.district for one in first} == set(range(1, 17))
    assert all(one.opened_at is None for one in first), "none speaks outside before somebody opened it"


def test_no_quarter_takes_a_name_that_means_something_else(town: Neighbourhood) -> None:
    shop = organisations.found(town.session, name="Le Centre", kind=Kind.SHOP, summary="Un magasin.", now=NOW)
    names = ["Le Centre", "Instance", "Palier", "北区", "Quartier Nord", "Quartier-Nord", "é" * 60, "É" * 60]
    for name in names:
        quarter = places.add_quarter(
            town.session, city=town.north.city, name=name, postcode="99000", district=None, now=NOW
        )
        assert SLUG.fullmatch(quarter.slug), name
        assert quarter.slug not in {shop.slug, "instance", "palier"}, "one name, one actor"
    slugs = [one.slug for one in places.quarters(town.session)]
    assert len(set(slugs)) == len(slugs)


def test_opening_a_quarter_is_journaled_once(town: Neighbourhood) -> None:
    places.open_quarter(town.session, quarter=town.north, now=NOW)
    places.open_quarter(town.session, quarter=town.north, now=town.later(days=1))
    changes = town.session.scalars(select(journal.Change)).all()
    assert [(one.subject, one.subject_id) for one in changes] == [("quarter", town.north.public_id)]
    assert places.open_quarters(town.session) == [town.north]
    assert town.north.opened_at == NOW


def test_lots_keep_the_order_they_were_typed_in(town: Neighbourhood) -> None:
    lots = places.read_lots("10, 9, B1, 1-3")
    building = places.add_building(town.session, quarter=town.south, name="Bis", street="2 rue Bis", lots=lots, now=NOW)
    town.session.expire_all()
    assert [one.number for one in building.lots] == lots
    assert places.count_lots(town.session, building=building) == 6
    assert building.postcode == town.south.postcode


@pytest.mark.parametrize(("name", "street", "field"), [(" ", "x", "name"), ("x", "", "street")])
def test_a_building_without_name_or_street_is_refused(town: Neighbourhood, name: str, street: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        places.add_building(town.session, quarter=town.south, name=name, street=street, lots=["1"], now=NOW)
    assert (refused.value.code, refused.value.field) == ("missing", field)
