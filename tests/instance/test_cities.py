"""Cities and quarters as they are typed: what is taken, what is refused and where, and what nothing changes."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instance import cities, organisations, places
from instance.base import Refused
from instance.cities import BadLine, Line
from instance.organisations import Kind
from instance.places import City, Quarter

NOW = datetime(2027, 5, 11, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("La Blancarde 13004", Line(name="La Blancarde", postcode="13004")),
        ("13004 La Blancarde", Line(name="La Blancarde", postcode="13004")),
        ("  La   Blancarde ,  13004 ", Line(name="La Blancarde", postcode="13004")),
        ("13004;La Blancarde", Line(name="La Blancarde", postcode="13004")),
        ("La Blancarde\t13004", Line(name="La Blancarde", postcode="13004")),
        ("La Blancarde (13004)", Line(name="La Blancarde", postcode="13004")),
        ("Cité du 8 Mai 1945 13004", Line(name="Cité du 8 Mai 1945", postcode="13004")),
    ],
)
def test_a_quarter_is_read_as_people_write_it(typed: str, read: Line) -> None:
    assert cities.read_quarters(f"\n{typed}\n\n") == [read]


@pytest.mark.parametrize(
    ("typed", "code", "number"),
    [
        ("La Blancarde", "quarter_line", 1),
        ("13004", "quarter_line", 1),
        ("13004 13004", "quarter_line", 1),
        ("La Blancarde 1300", "quarter_line", 1),
        ("La Blancarde 130040", "quarter_line", 1),
        ("A 13001\n\nB 13002\na, 13001", "quarter_twice", 4),
        ("A 13001\n" + "B" * 121 + " 13002", "too_long", 2),
    ],
)
def test_a_line_that_cannot_be_read_is_named(typed: str, code: str, number: int) -> None:
    with pytest.raises(BadLine) as refused:
        cities.read_quarters(typed)
    assert (refused.value.code, refused.value.field, refused.value.number) == (code, "quarters", number)


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "quarters_missing"), (" \n ", "quarters_missing"), ("A 13001\n" * 501, "quarters_too_many")],
)
def test_no_line_and_too_many_lines(typed: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        cities.read_quarters(typed)
    assert (refused.value.code, refused.value.field) == (code, "quarters")


@pytest.mark.parametrize(
    ("typed", "read"), [("13055", "13055"), (" 2a004 ", "2A004"), ("2B 033", "2B033"), ("97105", "97105")]
)
def test_a_code_of_insee(typed: str, read: str) -> None:
    assert cities.read_insee(typed) == read


@pytest.mark.parametrize("typed", ["", "1305", "130555", "2C004", "A3055", "13O55", "٢٣٤٥٦"])
def test_no_code_of_insee(typed: str) -> None:
    with pytest.raises(Refused) as refused:
        cities.read_insee(typed)
    assert (refused.value.code, refused.value.field) == ("insee_shape", "insee")


def enter(session: Session, **how: str) -> City:
    given = {"name": "Ajaccio", "insee": "2A004", "quarters": "Les Salines 20090\nSaint-Jean 20000"} | how
    lines = cities.read_quarters(given["quarters"])
    return cities.enter_city(session, name=given["name"], insee=given["insee"], quarters=lines, now=NOW)


def test_a_city_comes_with_its_first_quarters(home_session: Session) -> None:
    city = enter(home_session)
    assert [one.name for one in cities.quarters_of(home_session, city=city)] == ["Saint-Jean", "Les Salines"]
    assert cities.city(home_session, insee="2a004") is city
    assert cities.cities(home_session) == [city]
    assert cities.count_quarters(home_session) == 2
    assert all(one.opened_at is None for one in places.quarters(home_session))


def test_a_city_is_entered_once(home_session: Session) -> None:
    enter(home_session)
    with pytest.raises(Refused, match="city_known"):
        enter(home_session, name="Autre nom")
    assert home_session.scalar(select(func.count()).select_from(City)) == 1


def test_quarters_go_in_all_or_none(home_session: Session) -> None:
    city = enter(home_session)
    with pytest.raises(BadLine) as refused:
        cities.enter_quarters(
            home_session, city=city, quarters=cities.read_quarters("Nouveau 20090\n\nles salines 20090"), now=NOW
        )
    assert (refused.value.code, refused.value.number) == ("quarter_known", 3)
    assert cities.count_quarters(home_session) == 2


def test_a_quarter_nobody_knows_is_renamed_with_its_address(home_session: Session) -> None:
    city = enter(home_session, quarters="Les Salinse 20000")
    (quarter,) = cities.quarters_of(home_session, city=city)
    building = places.add_building(
        home_session, quarter=quarter, name="Le Phare", street="1 rue de l’Essai", lots=["1"], now=NOW
    )
    cities.rename_quarter(home_session, quarter=quarter, name=" Les  Salines ", postcode="20090")
    assert building.postcode == "20090"
    assert (quarter.name, quarter.slug, quarter.postcode) == ("Les Salines", "les_salines", "20090")
    cities.rename_quarter(home_session, quarter=quarter, name="Les salines", postcode="20090")
    assert (quarter.name, quarter.slug) == ("Les salines", "les_salines")


def test_a_new_name_takes_nobody_elses_address(home_session: Session) -> None:
    city = enter(home_session)
    organisations.found(
        home_session, name="Le Port", kind=Kind.ASSOCIATION, summary="Le port.", slug="le_port", now=NOW
    )
    first = cities.quarters_of(home_session, city=city)[0]
    cities.rename_quarter(home_session, quarter=first, name="Le Port", postcode="20000")
    assert first.slug == "le_port_2"


def test_what_cannot_be_renamed(home_session: Session) -> None:
    city = enter(home_session)
    first, second = cities.quarters_of(home_session, city=city)
    for name, postcode, code in (
        ("les salines", "20000", "quarter_known"),
        ("", "20000", "missing"),
        ("x" * 121, "20000", "too_long"),
        ("Autre", "2000", "postcode_shape"),
    ):
        with pytest.raises(Refused, match=code):
            cities.rename_quarter(home_session, quarter=first, name=name, postcode=postcode)
    places.open_quarter(home_session, quarter=second, now=NOW)
    with pytest.raises(Refused, match="quarter_open"):
        cities.rename_quarter(home_session, quarter=second, name="Autre", postcode="20000")
    assert {one.name for one in home_session.scalars(select(Quarter))} == {"Saint-Jean", "Les Salines"}
