"""Who signs in, on which browser, for how long, and who ends it."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from instance import logins, residents
from instance.base import Refused
from instance.logins import AT_LONGEST, FRESH_FOR, HALFWAY_FOR, SIGNED_IN_FOR, Browser, HalfwayLogin, Login
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, PASSWORD, Neighbourhood


def test_name_or_address_with_the_password_say_who_it_is(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    residents.set_email(town.session, resident=ines, email="Ines@exemple.example.org")
    for name in (ines.login, f" {ines.login.upper()} ", "ines@EXEMPLE.example.org"):
        assert logins.check_password(town.session, name=name, password=PASSWORD) is ines


@pytest.mark.parametrize(
    ("name", "password"), [("voisin1", "wrong horse"), ("nobody", PASSWORD), ("", ""), ("voisin1", "")]
)
def test_wrong_name_and_wrong_password_are_one_refusal(town: Neighbourhood, name: str, password: str) -> None:
    town.resident(town.lilas)
    with pytest.raises(Refused) as refused:
        logins.check_password(town.session, name=name, password=password)
    assert (refused.value.code, refused.value.field) == ("wrong_credentials", None)


def test_each_browser_has_its_own_token_and_only_hashes_are_kept(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    tokens = {logins.open_login(town.session, resident=ines, now=NOW) for _ in range(3)}
    assert len(tokens) == 3
    assert not tokens & set(town.session.scalars(select(Login.token_hash)))
    for token in tokens:
        found = logins.signed_in(town.session, token=token, now=NOW)
        assert found is not None
        assert found.resident is ines


def test_a_suspended_account_signs_in_and_is_signed_in_nowhere(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    token = logins.open_login(town.session, resident=ines, now=NOW)
    halfway = logins.open_halfway(town.session, resident=ines, now=NOW)
    ines.state = residents.State.SUSPENDED.value
    assert logins.signed_in(town.session, token=token, now=NOW) is None
    assert logins.halfway(town.session, token=halfway, now=NOW) is ines
    assert logins.locked_out(town.session, token=token, now=NOW) is ines
    assert logins.locked_out(town.session, token=token, now=NOW + SIGNED_IN_FOR) is None
    assert logins.locked_out(town.session, token="", now=NOW) is None
    assert residents.neighbours(town.session, building=town.lilas) == []
    with pytest.raises(Refused, match="wrong_credentials"):
        logins.check_password(town.session, name=ines.login, password="wrong horse")
    assert logins.check_password(town.session, name=ines.login, password=PASSWORD) is ines
    ines.state = residents.State.ACTIVE.value
    assert logins.locked_out(town.session, token=token, now=NOW) is None


def test_signing_out_closes_one_browser(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    first, second = (logins.open_login(town.session, resident=ines, now=NOW) for _ in range(2))
    logins.sign_out(town.session, token=first)
    assert logins.signed_in(town.session, token=first, now=NOW) is None
    assert logins.signed_in(town.session, token=second, now=NOW) is not None
    assert logins.signed_in(town.session, token=second, now=NOW + SIGNED_IN_FOR) is None
    assert logins.signed_in(town.session, token="", now=NOW) is None


@given(pauses=st.lists(st.integers(min_value=0, max_value=40 * 24), max_size=30))
def test_use_renews_a_browser_but_never_beyond_half_a_year(pauses: list[int]) -> None:
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        token = logins.open_login(session, resident=town.resident(town.lilas), now=NOW)
        moment = used = NOW
        for hours in pauses:
            moment += timedelta(hours=hours)
            found = logins.signed_in(session, token=token, now=moment)
            assert (found is not None) == (moment < min(used + SIGNED_IN_FOR, NOW + AT_LONGEST))
            if found is None:
                return
            # Renewed once a day, as the entrance does.
            if logins.wants_renewal(found, now=moment):
                logins.renew(session, token=token, now=moment)
                used = moment
            assert found.used_on.time().isoformat() == "00:00:00", "the day only"


def test_renewing_a_browser_that_is_out_opens_nothing(town: Neighbourhood) -> None:
    token = logins.open_login(town.session, resident=town.resident(town.lilas), now=NOW)
    logins.renew(town.session, token=token, now=NOW + SIGNED_IN_FOR)
    logins.prove(town.session, token=token, now=NOW + SIGNED_IN_FOR)
    assert logins.signed_in(town.session, token=token, now=NOW + SIGNED_IN_FOR) is None


def test_a_proof_counts_for_a_quarter_of_an_hour(town: Neighbourhood) -> None:
    token = logins.open_login(town.session, resident=town.resident(town.lilas), now=NOW)
    login = logins.signed_in(town.session, token=token, now=NOW)
    assert login is not None
    assert logins.is_fresh(login, now=NOW + FRESH_FOR - timedelta(seconds=1))
    assert not logins.is_fresh(login, now=NOW + FRESH_FOR)
    logins.prove(town.session, token=token, now=NOW + FRESH_FOR)
    assert logins.is_fresh(login, now=NOW + FRESH_FOR)


def test_somebody_sees_and_closes_their_own_browsers_only(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, other = town.resident(town.lilas), town.resident(town.lilas)
    mine = logins.open_login(town.session, resident=ines, now=NOW, browser=Browser(family="Firefox", system="Linux"))
    logins.open_login(town.session, resident=ines, now=NOW + timedelta(days=1))
    theirs = logins.open_login(town.session, resident=other, now=NOW)
    listed = logins.of_resident(town.session, resident=ines, now=NOW + timedelta(days=1))
    assert [(one.family, one.system) for one in listed] == [(None, None), ("Firefox", "Linux")]
    assert [logins.is_this(one, token=mine) for one in listed] == [False, True]
    foreign = logins.signed_in(town.session, token=theirs, now=NOW)
    assert foreign is not None
    with pytest.raises(Refused, match="not_found"):
        logins.close(town.session, resident=ines, public_id=foreign.public_id)
    logins.close(town.session, resident=ines, public_id=listed[0].public_id)
    assert len(logins.of_resident(town.session, resident=ines, now=NOW)) == 1
    logins.open_login(town.session, resident=ines, now=NOW)
    logins.close_logins(town.session, resident=ines, but=mine)
    (left,) = logins.of_resident(town.session, resident=ines, now=NOW)
    assert logins.is_this(left, token=mine)
    assert logins.signed_in(town.session, token=theirs, now=NOW) is not None
    assert logins.of_resident(town.session, resident=ines, now=NOW + SIGNED_IN_FOR) == []


def test_halfway_is_not_signed_in_and_does_not_last(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    token = logins.open_halfway(town.session, resident=ines, now=NOW)
    assert logins.signed_in(town.session, token=token, now=NOW) is None
    assert logins.halfway(town.session, token=token, now=NOW) is ines
    assert logins.halfway(town.session, token=token, now=NOW + HALFWAY_FOR) is None
    logins.close_halfway(town.session, token=token)
    assert logins.halfway(town.session, token=token, now=NOW) is None
    logins.open_halfway(town.session, resident=ines, now=NOW)
    logins.close_logins(town.session, resident=ines)
    assert town.session.scalars(select(HalfwayLogin)).all() == []


def test_a_new_password_signs_out_everywhere(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    token = logins.open_login(town.session, resident=ines, now=NOW)
    with pytest.raises(Refused) as refused:
        logins.change_password(town.session, resident=ines, old="wrong", new="battery staple")
    assert (refused.value.code, refused.value.field) == ("wrong_password", "old")
    with pytest.raises(Refused) as refused:
        logins.change_password(town.session, resident=ines, old=PASSWORD, new="court")
    assert (refused.value.code, refused.value.field) == ("password_short", "new")
    assert logins.signed_in(town.session, token=token, now=NOW) is not None
    logins.change_password(town.session, resident=ines, old=PASSWORD, new="battery staple")
    assert logins.signed_in(town.session, token=token, now=NOW) is None
    assert logins.check_password(town.session, name=ines.login, password="battery staple") is ines


def test_an_older_hash_is_renewed_when_its_password_is_given(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    ines.password_hash = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    before = ines.password_hash
    logins.check_password(town.session, name=ines.login, password=PASSWORD)
    assert ines.password_hash != before


def test_the_real_hasher_is_argon2id_at_its_library_s_strength() -> None:
    assert PasswordHasher().hash("x").startswith("$argon2id$")
