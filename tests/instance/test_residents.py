"""Who joins, signs in, and how they are named to whom."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from instance import residents, verification
from instance.base import Refused
from instance.residents import SIGNED_IN_FOR, Login, Resident
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
    assert residents.quarters_of(town.session, resident=ines) == [town.north]
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


def test_signing_in_by_name_or_address_makes_a_new_token_each_time(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = join(town, issue(town), email="Ines@exemple.example.org")
    tokens = {
        residents.sign_in(town.session, name=name, password=PASSWORD, now=NOW).token
        for name in ("ines", " INES ", "ines@EXEMPLE.example.org")
    }
    assert len(tokens) == 3
    kept = set(town.session.scalars(select(Login.token_hash)))
    assert not tokens & kept, "only hashes are kept"
    for token in tokens:
        assert residents.signed_in(town.session, token=token, now=NOW) is ines


@pytest.mark.parametrize(
    ("name", "password"), [("voisin1", "wrong horse"), ("nobody", PASSWORD), ("", ""), ("voisin1", "")]
)
def test_wrong_name_and_wrong_password_are_one_refusal(town: Neighbourhood, name: str, password: str) -> None:
    town.resident(town.lilas)
    with pytest.raises(Refused) as refused:
        residents.sign_in(town.session, name=name, password=password, now=NOW)
    assert (refused.value.code, refused.value.field) == ("wrong_credentials", None)


def test_a_suspended_account_says_so_only_to_its_owner(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    token = residents.sign_in(town.session, name=ines.login, password=PASSWORD, now=NOW).token
    ines.state = residents.State.SUSPENDED.value
    assert residents.signed_in(town.session, token=token, now=NOW) is None
    assert residents.neighbours(town.session, building=town.lilas) == []
    with pytest.raises(Refused, match="wrong_credentials"):
        residents.sign_in(town.session, name=ines.login, password="wrong horse", now=NOW)
    with pytest.raises(Refused, match="suspended"):
        residents.sign_in(town.session, name=ines.login, password=PASSWORD, now=NOW)


def test_signing_out_closes_one_browser(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    first, second = (residents.open_login(town.session, resident=ines, now=NOW) for _ in range(2))
    residents.sign_out(town.session, token=first)
    assert residents.signed_in(town.session, token=first, now=NOW) is None
    assert residents.signed_in(town.session, token=second, now=NOW) is ines
    assert residents.signed_in(town.session, token=second, now=NOW + SIGNED_IN_FOR) is None
    assert residents.signed_in(town.session, token="", now=NOW) is None


def test_a_new_password_signs_out_everywhere(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    token = residents.open_login(town.session, resident=ines, now=NOW)
    with pytest.raises(Refused) as refused:
        residents.change_password(town.session, resident=ines, old="wrong", new="battery staple")
    assert (refused.value.code, refused.value.field) == ("wrong_password", "old")
    with pytest.raises(Refused) as refused:
        residents.change_password(town.session, resident=ines, old=PASSWORD, new="court")
    assert (refused.value.code, refused.value.field) == ("password_short", "new")
    assert residents.signed_in(town.session, token=token, now=NOW) is ines
    residents.change_password(town.session, resident=ines, old=PASSWORD, new="battery staple")
    assert residents.signed_in(town.session, token=token, now=NOW) is None
    assert residents.sign_in(town.session, name=ines.login, password="battery staple", now=NOW).resident is ines


def test_an_older_hash_is_renewed_at_sign_in(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    ines.password_hash = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    before = ines.password_hash
    residents.sign_in(town.session, name=ines.login, password=PASSWORD, now=NOW)
    assert ines.password_hash != before


def test_the_real_hasher_is_argon2id_at_its_library_s_strength() -> None:
    assert PasswordHasher().hash("x").startswith("$argon2id$")


def test_moving_in_twice_is_living_there_once(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    residents.move_in(town.session, resident=ines, lot=town.lilas.lots[0], now=NOW)
    assert len(ines.homes) == 1
    residents.move_in(town.session, resident=ines, lot=town.far.lots[0], now=NOW)
    assert set(residents.quarters_of(town.session, resident=ines)) == {town.north, town.south}


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
