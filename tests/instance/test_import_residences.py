"""The national register of co-owned residences: buildings in the right quarter, and nobody's home taken away."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import places, residents, streets
from instance.base import Refused
from instance.imports import rnic
from instance.places import Building, Lot, Quarter, Residence
from instance.residents import Occupancy
from tests.instance import neighbourhood, places_on_file
from tests.instance.neighbourhood import NOW, Neighbourhood
from tests.instance.places_on_file import REGISTER_HEAD as HEAD
from tests.instance.places_on_file import residence

LATER = NOW + timedelta(days=30)


@pytest.fixture
def east(stored_town: Neighbourhood) -> Quarter:
    """A quarter that has its postcode for itself."""
    city = stored_town.north.city
    return places.add_quarter(
        stored_town.session, city=city, name="Quartier Est", postcode="99010", district=None, now=NOW
    )


def building(session: Session, number: str) -> Building:
    wanted = select(Building).join(Residence).where(Residence.number == number)
    return session.scalars(wanted).one()


def test_a_residence_becomes_a_building_in_the_quarter_of_its_postcode(
    stored_town: Neighbourhood, east: Quarter
) -> None:
    session = stored_town.session
    text = HEAD + residence("AA0000001", "3 rue Rêvée", name="Le Phare", postcode="99010", lots=30, dwellings=12)
    text += residence("AA0000002", "5 rue Rêvée", postcode="99010", lots="7.0")
    found = places_on_file.enter_register(session, text)
    assert (found.lines, found.new, found.lots, found.left.wrong) == (2, 2, 19, 0)
    phare, other = building(session, "AA0000001"), building(session, "AA0000002")
    assert (phare.name, phare.street, phare.postcode, phare.quarter) == ("Le Phare", "3 rue Rêvée", "99010", east)
    assert [one.number for one in phare.lots] == [str(one) for one in range(1, 13)]
    assert (other.name, len(other.lots)) == ("5 rue Rêvée", 7)


def test_who_runs_a_residence_is_read_nowhere(stored_town: Neighbourhood, east: Quarter) -> None:
    session = stored_town.session
    places_on_file.enter_register(session, HEAD + residence("AA1", "3 rue Rêvée", postcode="99010"))
    for table in (Residence, Building):
        assert "NE PAS LIRE" not in repr([tuple(one) for one in session.execute(table.__table__.select())])


def test_where_several_quarters_have_a_postcode_one_is_named_or_the_line_is_told(stored_town: Neighbourhood) -> None:
    session = stored_town.session
    text = HEAD + residence("AA1", "3 rue Rêvée") + residence("AA2", "4 rue Rêvée", lots=0)
    found = places_on_file.enter_register(session, text)
    assert (found.new, found.left.wrong) == (0, 2)
    assert [(one.line, one.column, one.code) for one in found.left.first] == [
        (2, rnic.POSTCODE, "quarter_unclear"),
        (3, rnic.POSTCODE, "quarter_unclear"),
    ]
    found = places_on_file.enter_register(session, text, quarter=stored_town.south)
    assert (found.new, [one.code for one in found.left.first]) == (1, ["residence_empty"])
    assert building(session, "AA1").quarter == stored_town.south
    # Known from now on: no quarter has to be named again.
    assert places_on_file.enter_register(session, text).same == 1


def test_a_named_quarter_takes_no_residence_of_another_postcode(stored_town: Neighbourhood, east: Quarter) -> None:
    session = stored_town.session
    text = HEAD + residence("AA1", "3 rue Rêvée") + residence("AA2", "3 rue Là", postcode="99010")
    found = places_on_file.enter_register(session, text, quarter=east)
    assert (found.new, found.left.wrong) == (1, 1)
    assert building(session, "AA2").quarter == east


@pytest.mark.parametrize(
    ("postcode", "commune", "here"),
    [
        ("99010", "Ville-d’Essai", True),
        ("99010", "VILLE D ESSAI", True),
        ("99010", "Ville-d'Essai 3e Arrondissement", True),
        ("99010", "VILLE-D'ESSAI CEDEX 03", True),
        ("99010", "99001", True),
        ("99010", "", True),
        ("99010", "Autre-Ville", False),
        ("99011", "Ville-d’Essai", False),
        ("", "Ville-d’Essai", False),
    ],
)
def test_residences_of_other_cities_are_passed_over(
    stored_town: Neighbourhood, east: Quarter, postcode: str, commune: str, here: bool
) -> None:
    text = HEAD + residence("AA1", "3 rue Rêvée", postcode=postcode, commune=commune)
    found = places_on_file.enter_register(stored_town.session, text)
    assert (found.new, found.elsewhere) == ((1, 0) if here else (0, 1))


def test_a_building_that_was_entered_by_hand_is_known_again_and_keeps_its_own(stored_town: Neighbourhood) -> None:
    session = stored_town.session
    text = HEAD + residence("AA1", "1 RUE LES LILAS", name="SDC DU 1", lots=40)
    found = places_on_file.enter_register(session, text)
    assert (found.joined, found.new, found.left.wrong) == (1, 0, 0)
    lilas = building(session, "AA1")
    assert (lilas.id, lilas.name, lilas.street, len(lilas.lots)) == (
        stored_town.lilas.id,
        "Les Lilas",
        "1 rue Les Lilas",
        2,
    )
    found = places_on_file.enter_register(session, text.replace("SDC DU 1", "SDC").replace("40", "50"), now=LATER)
    assert (found.changed, found.new) == (1, 0)
    assert (building(session, "AA1").name, len(building(session, "AA1").lots)) == ("Les Lilas", 2)


def test_a_newer_register_changes_what_nobody_changed_here_and_moves_nobody_out(
    stored_town: Neighbourhood, east: Quarter
) -> None:
    session = stored_town.session
    old = residence("AA1", "3 rue Rêvée", name="Le Phare", postcode="99010", lots=3)
    places_on_file.enter_register(session, HEAD + old)
    phare = building(session, "AA1")
    somebody = stored_town.resident(phare)
    phare.name = "Le Grand Phare"
    for lots, there in ((5, 5), (2, 5), (9, 5)):
        text = HEAD + residence("AA1", "3 bis rue Rêvée", name="Phare", postcode="99010", lots=lots)
        assert places_on_file.enter_register(session, text, now=LATER).changed == 1
        assert len(building(session, "AA1").lots) == there
    phare = building(session, "AA1")
    assert (phare.name, phare.street) == ("Le Grand Phare", "3 bis rue Rêvée")
    assert residents.buildings_of(session, resident=somebody) == [phare]
    assert places_on_file.enter_register(session, HEAD + residence("AA2", "7 rue Là", postcode="99010")).new == 1
    assert building(session, "AA1") == phare


def test_a_building_is_put_to_the_addresses_that_are_known(stored_town: Neighbourhood, east: Quarter) -> None:
    session = stored_town.session
    rows = [places_on_file.line(f"x{n}", n, "Rue Rêvée", postcode="99010") for n in range(1, 9)]
    places_on_file.enter(session, places_on_file.HEAD + "".join(rows))
    more = "5 r Revee 99010 VILLE D ESSAI"
    places_on_file.enter_register(session, HEAD + residence("AA1", "3 RUE REVEE", postcode="99010", more=more))
    found = streets.of_building(session, building=building(session, "AA1"))
    assert [one.line for one in found] == ["3 Rue Rêvée", "5 Rue Rêvée"]


WRONG = [
    ("", 1, None, "file_empty"),
    (HEAD.replace("Nombre total de lots", "Lots"), 1, rnic.LOTS, "heading_missing"),
    (HEAD + residence("A", "1 rue B"), 2, rnic.NUMBER, "registered_shape"),
    (HEAD + residence("AA1", "1 rue B") + residence("aa1", "2 rue B"), 3, rnic.NUMBER, "residence_twice"),
    (HEAD + residence("AA1", " "), 2, rnic.STREET, "missing"),
    (HEAD + residence("AA1", "x" * 121), 2, rnic.STREET, "too_long"),
    (HEAD + residence("AA1", "1 rue B", name="x" * 121), 2, rnic.NAME, "too_long"),
    (HEAD + residence("AA1", "1 rue B", lots="many"), 2, rnic.LOTS, "number_shape"),
    (HEAD + residence("AA1", "1 rue B", dwellings="-4"), 2, rnic.DWELLINGS, "number_shape"),
    (HEAD + residence("AA1", '"1 rue B'), 2, None, "table_malformed"),
    (HEAD + residence("AA1", "1, rue, B"), 2, None, "cells_too_many"),
]


@pytest.mark.parametrize(("text", "at", "column", "code"), WRONG)
def test_a_mistake_is_told_and_nothing_is_entered(
    town: Neighbourhood, text: str, at: int, column: str | None, code: str
) -> None:
    lines = text.splitlines(keepends=True)
    found = rnic.check(town.session, lines=lines)
    assert [(one.line, one.column, one.code) for one in found.told.first] == [(at, column, code)]
    assert town.session.scalars(select(Residence)).all() == []
    with pytest.raises(Refused, match="file_changed"):
        rnic.enter(town.session, lines=lines, now=NOW)


def test_too_many_lots_are_left_to_people(stored_town: Neighbourhood, east: Quarter) -> None:
    text = HEAD + residence("AA1", "3 rue Rêvée", postcode="99010", lots=2001)
    found = places_on_file.enter_register(stored_town.session, text)
    assert (found.new, [one.code for one in found.left.first]) == (0, ["residence_large"])


_ROWS = st.lists(
    st.tuples(
        st.sampled_from(["AA1", "AA2", "AA3"]),
        st.sampled_from(["1 rue A", "2 rue A", "1 rue Les Lilas"]),
        st.integers(0, 6),
    ),
    max_size=3,
    unique_by=lambda one: one[0],
)


@settings(max_examples=50)
@given(files=st.lists(_ROWS, max_size=5))
def test_no_sequence_of_registers_loses_a_lot_or_doubles_a_residence(
    files: list[list[tuple[str, str, int]]],
) -> None:
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        somebody = town.resident(town.lilas)
        lots: set[int] = set(session.scalars(select(Lot.id)))
        for rows in files:
            text = HEAD + "".join(residence(number, street, lots=count) for number, street, count in rows)
            found = places_on_file.enter_register(session, text, quarter=town.north)
            done = found.new + found.joined + found.changed + found.same + found.left.wrong
            assert done == found.lines == len(rows)
            now_there = set(session.scalars(select(Lot.id)))
            assert lots <= now_there
            lots = now_there
            numbers = session.scalars(select(Residence.number)).all()
            assert len(numbers) == len(set(numbers))
            assert session.scalars(select(Occupancy.resident_id)).all() == [somebody.id]
