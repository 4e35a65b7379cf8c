"""Addresses: found as people type them, and put to buildings."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from instance import places, spelling, streets
from instance.base import Refused
from instance.streets import Address
from tests.instance import neighbourhood, places_on_file
from tests.instance.neighbourhood import NOW, Neighbourhood

NAMES = [
    "Rue de la République",
    "Rue du Public",
    "Avenue de la République",
    "Boulevard Saint-Charles",
    "Rue Foch",
    "Impasse du Brouillon",
    "Allée des Essais",
    "Place du 8 Mai 1945",
    "Chemin de la Rue",
]


@pytest.fixture
def numbered(stored_town: Neighbourhood) -> Neighbourhood:
    places_on_file.enter_addresses(stored_town.session, [(name, 30) for name in NAMES])
    return stored_town


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("12 r de la Republiqe", "12 Rue de la République"),
        ("12 RUE DE LA REPUBLIQUE 99000 VILLE D'ESSAI", "12 Rue de la République"),
        ("12 av republique", "12 Avenue de la République"),
        ("7 bd st charles", "7 Boulevard Saint-Charles"),
        ("7 boulvard saint-chrales", "7 Boulevard Saint-Charles"),
        ("3 rue fich", "3 Rue Foch"),
        ("3, imp. du brouilon", "3 Impasse du Brouillon"),
        ("4 pl du 8 mai 1945", "4 Place du 8 Mai 1945"),
        ("9 chemin de la rue", "9 Chemin de la Rue"),
        ("40 rue foch", "30 Rue Foch"),
        ("allee essais", "1 Allée des Essais"),
    ],
)
def test_an_address_is_found_as_it_is_typed(numbered: Neighbourhood, typed: str, found: str) -> None:
    assert streets.search(numbered.session, text=typed)[0].line == found


@pytest.mark.parametrize("typed", ["", "   ", "12", "zzzz", "12 xylophone", "?!", "\0", "%_", "'; DROP TABLE address"])
def test_what_is_like_no_address_finds_none(numbered: Neighbourhood, typed: str) -> None:
    assert streets.search(numbered.session, text=typed) == []


def test_a_suffix_that_was_typed_comes_first(stored_town: Neighbourhood) -> None:
    rows = [places_on_file.line(f"x{suffix}", 12, "Rue Foch", suffix=suffix) for suffix in ("", "bis", "ter", "a")]
    places_on_file.enter(stored_town.session, places_on_file.HEAD + "".join(rows))
    for typed, line in (
        ("12 rue foch", "12 Rue Foch"),
        ("12bis foch", "12 bis Rue Foch"),
        ("12 A foch", "12 a Rue Foch"),
    ):
        assert streets.search(stored_town.session, text=typed)[0].line == line


def test_a_postcode_tells_two_streets_apart(stored_town: Neighbourhood) -> None:
    rows = [places_on_file.line(f"x{one}", 12, "Rue Foch", postcode=one) for one in ("99000", "99001", "99002")]
    places_on_file.enter(stored_town.session, places_on_file.HEAD + "".join(rows))
    for one in ("99000", "99001", "99002"):
        assert streets.search(stored_town.session, text=f"12 rue foch {one}")[0].street.postcode == one


# --- one slip of the hand, anywhere in a street's name, among many streets

_SYLLABLES = ("ba", "cor", "del", "fu", "gan", "hou", "lis", "mar", "nel", "pri", "quo", "rus", "tal", "vi", "zan")
_KINDS = ("Rue", "Avenue", "Boulevard", "Impasse", "Chemin", "Place")
_TIES = (" ", " de ", " de la ", " du ", " des ")


def _invented(count: int) -> list[str]:
    draw = random.Random(4)
    made = set[str]()
    while len(made) < count:
        word = "".join(draw.choices(_SYLLABLES, k=draw.randint(2, 4))).title()
        given = f"{draw.choice(('Odile', 'Amir', 'Jean', 'Marthe'))} " if draw.random() < 0.3 else ""
        made.add(f"{draw.choice(_KINDS)}{draw.choice(_TIES)}{given}{word}")
    return sorted(made)


INVENTED = _invented(800)


@pytest.fixture(scope="module")
def many() -> Session:
    with neighbourhood.fresh_session() as session:
        neighbourhood.build(session)
        places_on_file.enter_addresses(session, [(name, 20) for name in INVENTED])
        yield session


def _slipped(name: str, *, at: int, how: str, letter: str) -> str:
    """A name with one letter of its own words wrong, missing, doubled, or changed places with the next."""
    kernel = max(spelling.kernel(spelling.spell(name)).split(), key=len)
    place = at % len(kernel)
    left, here, right = kernel[:place], kernel[place], kernel[place + 1 :]
    wrong = {
        "wrong": left + letter + right,
        "missing": left + right,
        "more": left + here + letter + right,
        "swapped": left + right[:1] + here + right[1:],
    }[how]
    return spelling.spell(name).replace(kernel, wrong)


@settings(max_examples=300)
@given(
    name=st.sampled_from(INVENTED),
    number=st.integers(1, 20),
    at=st.integers(0, 20),
    how=st.sampled_from(["wrong", "missing", "more", "swapped"]),
    letter=st.sampled_from("abdegilmnorstuvz"),
)
def test_an_address_with_one_slip_is_among_the_first_five(
    many: Session, name: str, number: int, at: int, how: str, letter: str
) -> None:
    typed = f"{number} {_slipped(name, at=at, how=how, letter=letter)}"
    found = [one.line for one in streets.search(many, text=typed)[:5]]
    assert f"{number} {name}" in found, typed


@given(text=st.text(max_size=80))
def test_no_text_breaks_the_search(many: Session, text: str) -> None:
    assert len(streets.search(many, text=text)) <= streets.SHOWN


# --- buildings


def test_a_building_has_several_addresses_and_an_address_several_buildings(numbered: Neighbourhood) -> None:
    session = numbered.session
    first, second = streets.search(session, text="1 rue foch")[0], streets.search(session, text="2 rue foch")[0]
    for building in (numbered.lilas, numbered.tilleuls):
        for address in (second, first, second):
            streets.put(session, building=building, address=address)
    assert streets.of_building(session, building=numbered.lilas) == [first, second]
    assert streets.buildings_at(session, address=first) == [numbered.lilas, numbered.tilleuls]
    streets.take_away(session, building=numbered.lilas, address=first)
    assert streets.of_building(session, building=numbered.lilas) == [second]
    assert streets.buildings_at(session, address=first) == [numbered.tilleuls]
    assert numbered.lilas.street == "1 rue Les Lilas"
    with pytest.raises(Refused, match="not_found"):
        streets.take_away(session, building=numbered.lilas, address=first)


def test_an_address_of_another_city_is_refused(numbered: Neighbourhood) -> None:
    session = numbered.session
    other = places.add_city(session, name="Autre-Ville", insee="99002", now=NOW)
    quarter = places.add_quarter(session, city=other, name="Là-bas", postcode="99100", district=None, now=NOW)
    there = places.add_building(session, quarter=quarter, name="Ici", street="1 rue Foch", lots=["1"], now=NOW)
    with pytest.raises(Refused, match="other_city"):
        streets.put(session, building=there, address=streets.search(session, text="1 rue foch")[0])


def test_an_address_is_the_one_that_is_written_so(numbered: Neighbourhood) -> None:
    session = numbered.session

    def exact(text: str, postcode: str = "99000") -> str | None:
        wish = streets.written(text, postcode=postcode, city="Ville-d’Essai")
        found = streets.written_so(session, wishes=[wish] if wish is not None else [])
        return session.get_one(Address, found[wish]).line if wish in found else None

    assert exact("12 R DE LA REPUBLIQUE") == "12 Rue de la République"
    assert exact("12 r de la République 99000 VILLE D ESSAI", "99999") == "12 Rue de la République"
    assert exact("12 rue de la Republiqe") is None
    assert exact("12 rue de la République", "99999") is None
    assert exact("rue de la République") is None
    assert exact("31 rue de la République") is None


def test_districts_of_three_cities_are_those_cities(stored_town: Neighbourhood) -> None:
    session = stored_town.session
    places.add_city(session, name="Marseille", insee="13055", now=NOW)
    found = streets.cities_by_code(session)
    assert set(found) == {"99001", "13055", *map(str, range(13201, 13217))}
    assert found["13204"].name == "Marseille"
