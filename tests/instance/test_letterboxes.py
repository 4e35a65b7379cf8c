"""The letterbox somebody means, by what they type."""

import pytest

from instance import letterboxes, places, streets
from instance.base import Refused
from instance.places import Lot
from instance.streets import Address, Street
from tests.instance.neighbourhood import Neighbourhood


@pytest.fixture
def built(stored_town: Neighbourhood) -> Neighbourhood:
    town = stored_town
    places.add_building(
        town.session,
        quarter=town.north,
        name="Le Mûrier",
        street="12 rue de la République",
        lots=["A1", "A2"],
        now=town.now,
    )
    return town


def called(town: Neighbourhood, where: str, number: str) -> list[str]:
    found = letterboxes.called(town.session, where=where, number=number)
    return [f"{one.building.name} {one.number}" for one in found]


@pytest.mark.parametrize(
    "where",
    [
        "Le Mûrier",
        "le murier",
        "12 rue de la République",
        "12 R DE LA REPUBLIQUE",
        "12 rue de la republique 99000 Ville-d’Essai",
        "Le Mûrier, 12 rue de la République",
    ],
)
def test_a_building_is_found_as_people_write_it(built: Neighbourhood, where: str) -> None:
    assert called(built, where, " a1 ") == ["Le Mûrier A1"]


@pytest.mark.parametrize(
    ("where", "lot", "code", "field"),
    [
        ("", "1", "missing", "where"),
        ("Les Lilas", " ", "missing", "lot"),
        ("x" * 201, "1", "too_long", "where"),
        ("Les Lilas", "1" * 13, "too_long", "lot"),
        ("99 rue de la République", "A1", "building_unknown", "where"),
        ("%", "1", "building_unknown", "where"),
        ("rue", "7", "lot_unknown", "lot"),
        ("Les Lilas", "77", "lot_unknown", "lot"),
    ],
)
def test_what_is_not_there_is_said_at_its_field(
    built: Neighbourhood, where: str, lot: str, code: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        called(built, where, lot)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_several_are_told_apart_and_never_more_than_five(built: Neighbourhood) -> None:
    assert called(built, "1 rue", "1") == ["Au Loin 1", "Les Lilas 1", "Les Tilleuls 1"]
    for number in range(9):
        places.add_building(
            built.session, quarter=built.south, name=f"Bloc {number}", street="3 rue Longue", lots=["1"], now=built.now
        )
    assert len(called(built, "3 rue Longue", "1")) == letterboxes.MOST


def test_a_slip_of_the_hand_in_an_address_of_the_national_base_is_forgiven(built: Neighbourhood) -> None:
    session, city = built.session, built.north.city
    street = Street(
        city=city, postcode="99000", name="Rue des Glycines", spelled="rue des glycines", created_at=built.now
    )
    session.add(street)
    session.flush()
    for letters in {*streets.spelling.pieces("glycines")}:
        session.add(streets.StreetPiece(letters=letters, street_id=street.id, size=9))
    address = Address(id="99001_1_00005", street=street, number=5, suffix="")
    session.add(address)
    session.flush()
    streets.put(session, building=built.lilas, address=address)
    assert called(built, "5 rue des Glicines", "2") == ["Les Lilas 2"]


def test_a_home_is_written_in_full(built: Neighbourhood) -> None:
    lot = built.session.get_one(Lot, built.lilas.lots[0].id)
    assert letterboxes.home(lot) == "Les Lilas, 1 rue Les Lilas"
