"""Who joins, signs in, and how they are named to whom."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from instance import residents, verification
from instance.base import Refused
from instance.residents import Resident
from tests.instance.neighbourhood import NOW, PASSWORD, PEPPER, Neighbourhood


def join(town: Neighbourhood, code: str, **more: object) -> Resident:
    given = {
        "login": "ines",
        "first_name": "Inès",
        "last_name": "Exemple",
        "password": PASSWORD,
        "email": None,
        "locale": "fr",
    }
    return residents.join(town.session, code=code, pepper=PEPPER, now=town.now, **{**given, **more})


def issue(town: Neighbourhood, at: int = 0) -> str:
    return verification.issue(town.session, lot=town.lilas.lots[at], pepper=PEPPER, now=town.now)


def test_a_code_makes_a_neighbour(stored_town: Neighbourhood) -> None:
    town = stored_town
    code = issue(town)
    ines = join(town, code)
    assert ines.email is None, "nobody needs one to live somewhere"
    assert residents.buildings_of(town.session, resident=ines) == [town.lilas]
    assert residents.quarters_of(town.session, resident=ines, now=town.now) == [town.north]
    assert residents.neighbours(town.session, building=town.lilas) == [ines]
    assert residents.count_lots_registered(town.session, building=town.lilas) == 1
    with pytest.raises(Refused, match="code_dead"):
        join(town, code, login="autre")


def test_a_refused_form_does_not_use_up_the_code(town: Neighbourhood) -> None:
    code = issue(town)
    with pytest.raises(Refused, match="password_short"):
        join(town, code, password="court")
    assert join(town, code).login == "ines"


def test_joining_with_wrong_codes_counts_the_tries(town: Neighbourhood) -> None:
    code = verification.tidy(issue(town))
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    for _ in range(5):
        with pytest.raises(Refused) as refused:
            join(town, wrong)
        assert (refused.value.code, refused.value.field) == ("code_dead", "code")
    with pytest.raises(Refused, match="code_dead"):
        join(town, code)
    assert town.session.scalar(select(func.count()).select_from(Resident)) == 0


@pytest.mark.parametrize(
    ("given", "code", "field"),
    [
        ({"login": "a"}, "login_shape", "login"),
        ({"login": "-ines"}, "login_shape", "login"),
        ({"login": "inès"}, "login_shape", "login"),
        ({"login": "ines voisine"}, "login_shape", "login"),
        ({"login": "i" * 31}, "login_shape", "login"),
        ({"login": " PREMIER "}, "login_taken", "login"),
        ({"first_name": "  "}, "missing", "first_name"),
        ({"last_name": ""}, "missing", "last_name"),
        ({"last_name": "x" * 61}, "too_long", "last_name"),
        ({"password": "1234567"}, "password_short", "password"),
        ({"password": "x" * 129}, "password_long", "password"),
        ({"email": "pas une adresse"}, "email_shape", "email"),
        ({"email": "Premier@EXEMPLE.example.org"}, "email_taken", "email"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(
    town: Neighbourhood, given: dict[str, str], code: str, field: str
) -> None:
    first = town.resident(name="Premier")
    residents.set_email(town.session, resident=first, email="premier@exemple.example.org")
    with pytest.raises(Refused) as refused:
        join(town, issue(town), **given)
    assert (refused.value.code, refused.value.field) == (code, field)


def test_moving_in_twice_is_living_there_once(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    residents.move_in(town.session, resident=ines, lot=town.lilas.lots[0], now=NOW)
    assert len(ines.homes) == 1
    residents.move_in(town.session, resident=ines, lot=town.far.lots[0], now=NOW)
    assert set(residents.quarters_of(town.session, resident=ines, now=town.now)) == {town.north, town.south}


def test_named_in_full_inside_the_building_only(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas, name="Ines")
    ines.last_name = "Éluard"
    near, beside, far, homeless = (
        town.resident(*homes) for homes in ([town.lilas], [town.tilleuls], [town.far, town.tilleuls], [])
    )
    names = {
        who: residents.name_for(town.session, resident=ines, reader=town.reader(somebody))
        for who, somebody in {"ines": ines, "near": near, "beside": beside, "far": far, "homeless": homeless}.items()
    }
    assert names == {
        "ines": "Ines Éluard",
        "near": "Ines Éluard",
        "beside": "Ines É.",
        "far": "Ines É.",
        "homeless": "Ines É.",
    }


def test_an_address_may_be_set_kept_and_removed(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    for _ in range(2):
        residents.set_email(town.session, resident=ines, email=" ines@exemple.example.org ")
        assert ines.email == "ines@exemple.example.org"
    residents.set_email(town.session, resident=ines, email="  ")
    assert ines.email is None


@given(st.integers(1, 60), st.integers(0, 60))
def test_a_number_of_lots_is_told_in_fives_and_never_says_that_all_are_there(lots: int, more: int) -> None:
    registered = min(lots, more)
    told = residents.lots_told(registered=registered, lots=lots)
    assert told % 5 == 0
    assert 0 <= told <= registered
    assert told < lots
    assert registered - told < 5 or registered == lots
