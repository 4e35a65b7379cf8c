"""Residences of several buildings: said, taken back, and kept when the register comes again."""

import pytest
from sqlalchemy import func, select

from instance import places, residences, residents
from instance.audience import Audience
from instance.base import Refused
from instance.places import Building, Residence
from tests.instance import places_on_file
from tests.instance.neighbourhood import Neighbourhood
from tests.instance.places_on_file import REGISTER_HEAD as HEAD
from tests.instance.places_on_file import residence

NUMBER = "AA0000001"


def together(town: Neighbourhood, building: Building) -> list[Building]:
    found = residences.of_building(town.session, building=building)
    return [] if found is None else list(residences.buildings(town.session, residence=found))


def join(town: Neighbourhood, building: Building, other: Building, number: str = "") -> Residence:
    return residences.join(town.session, building=building, other=other, number=number, now=town.now)


def add(town: Neighbourhood, name: str, street: str) -> Building:
    given = {"quarter": town.north, "name": name, "street": street, "lots": ["1", "2"], "now": town.now}
    return places.add_building(town.session, **given)  # type: ignore[arg-type]


def test_buildings_are_one_residence_once_one_of_them_or_the_register_names_it(stored_town: Neighbourhood) -> None:
    town = stored_town
    third = add(town, "Zéphyr", "9 rue Rêvée")
    with pytest.raises(Refused, match="residence_number"):
        join(town, town.lilas, third)
    with pytest.raises(Refused, match="registered_shape"):
        join(town, town.lilas, third, "n° 1")
    with pytest.raises(Refused, match="residence_itself"):
        join(town, third, third, NUMBER)
    assert together(town, town.lilas) == []
    made = join(town, town.lilas, third, " aa 0000001 ")
    assert made.number == NUMBER
    assert set(together(town, third)) == {town.lilas, third}
    fourth = add(town, "Alizé", "11 rue Rêvée")
    assert join(town, third, fourth) is made, "the one that has a residence tells, whichever is named first"
    assert together(town, fourth)[0] is fourth
    assert join(town, town.far, fourth, "AA0000002") is made, "no second number"
    assert town.session.scalar(select(func.count()).select_from(Residence)) == 1


def test_of_two_residences_the_other_ones_counts_and_a_building_leaves_alone(stored_town: Neighbourhood) -> None:
    town = stored_town
    one, two, three = (add(town, f"Maison {n}", f"{n} rue Rêvée") for n in (1, 2, 3))
    first, second = join(town, one, two, NUMBER), join(town, three, town.lilas, "AA0000002")
    join(town, one, three)
    assert set(together(town, three)) == {one, three, town.lilas}
    assert together(town, two) == [two]
    residences.leave(town.session, building=one)
    assert (together(town, one), len(together(town, three))) == ([], 2)
    assert {first.number, second.number} == set(town.session.scalars(select(Residence.number)))


def test_the_register_comes_again_and_keeps_what_was_said(stored_town: Neighbourhood) -> None:
    town = stored_town
    text = HEAD + residence(NUMBER, "3 rue Rêvée", name="Le Phare", lots=4)
    places_on_file.enter_register(town.session, text, quarter=town.north)
    (phare,) = town.session.scalars(select(Building).where(Building.residence_id.is_not(None)))
    second = add(town, "Bâtiment B", "5 rue Rêvée")
    join(town, second, phare)
    later = HEAD + residence(NUMBER, "3 rue Rêvée", name="Le Grand Phare", lots=9)
    found = places_on_file.enter_register(town.session, later, quarter=town.north)
    assert (found.changed, found.new, found.joined) == (1, 0, 0)
    assert set(together(town, second)) == {phare, second}
    assert (phare.name, second.name, second.street) == ("Le Grand Phare", "Bâtiment B", "5 rue Rêvée")
    assert [len(phare.lots), len(second.lots)] == [4, 2], "nobody knows in which building the new lots are"
    residences.leave(town.session, building=second)
    residences.leave(town.session, building=phare)
    again = places_on_file.enter_register(town.session, later, quarter=town.north)
    assert (again.same, again.new, again.joined) == (1, 0, 0)
    assert together(town, phare) == together(town, second) == [], "who was taken out stays out"


def test_a_number_that_was_typed_is_known_to_the_register_and_renames_nothing(stored_town: Neighbourhood) -> None:
    town = stored_town
    second = add(town, "Bâtiment B", "5 rue Rêvée")
    join(town, second, town.lilas, NUMBER)
    before = [(one.name, one.street, len(one.lots)) for one in (second, town.lilas)]
    text = HEAD + residence(NUMBER, "5 rue Rêvée", name="Le Phare", lots=40)
    found = places_on_file.enter_register(town.session, text, quarter=town.north)
    assert (found.changed, found.new, found.joined) == (1, 0, 0)
    assert [(one.name, one.street, len(one.lots)) for one in (second, town.lilas)] == before
    assert set(together(town, second)) == {second, town.lilas}


def test_a_residence_opens_no_board_of_another_building(stored_town: Neighbourhood) -> None:
    town = stored_town
    ana = town.resident(town.lilas)
    second = add(town, "Bâtiment B", "5 rue Rêvée")
    opened = {
        one: residents.hang_from(town.session, resident=ana, audience=one, now=town.now)
        for one in (Audience.BUILDING, Audience.QUARTER)
    }
    join(town, second, town.lilas, NUMBER)
    assert residents.buildings_of(town.session, resident=ana) == [town.lilas]
    assert residents.neighbours(town.session, building=second) == []
    for one, before in opened.items():
        assert residents.hang_from(town.session, resident=ana, audience=one, now=town.now) == before
