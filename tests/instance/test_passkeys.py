"""Passkeys: a challenge answers once and for its purpose, a counter never goes back, a key has one owner."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from instance import forgetting, passkeys, residents, second_factor
from instance.base import Refused
from instance.passkeys import ANSWER_WITHIN, AT_MOST, Ceremony, Offered, PasskeyChallenge, Shown
from instance.residents import Resident
from tests.instance.neighbourhood import NOW, Neighbourhood
from tests.instance.test_second_factor import KEYS


def keep(town: Neighbourhood, resident: Resident, key: bytes = b"key", *, count: int = 0) -> passkeys.Passkey:
    return passkeys.add(
        town.session,
        resident=resident,
        name="  My   telephone ",
        handle=passkeys.handle_of(town.session, resident=resident),
        offered=Offered(credential_id=key, public_key=b"public", sign_count=count),
        now=NOW,
    )


def accept(town: Neighbourhood, resident: Resident | None, **given: object) -> Resident:
    shown = Shown(**{"credential_id": b"key", "sign_count": 0, "handle": None, **given})
    return passkeys.accept(town.session, shown=shown, resident=resident, now=NOW)


def answer(town: Neighbourhood, challenge: bytes, ceremony: Ceremony, who: Resident | None, **later: float) -> None:
    passkeys.answer(town.session, challenge=challenge, ceremony=ceremony, resident=who, now=NOW + timedelta(**later))


def test_a_challenge_answers_once(stored_town: Neighbourhood) -> None:
    town = stored_town
    challenge = passkeys.ask(town.session, ceremony=Ceremony.SIGN_IN, resident=None, now=NOW)
    kept = town.session.scalars(select(PasskeyChallenge.challenge_hash)).one()
    assert kept != challenge.hex(), "only its hash is kept"
    answer(town, challenge, Ceremony.SIGN_IN, None)
    with pytest.raises(Refused, match="passkey_late"):
        answer(town, challenge, Ceremony.SIGN_IN, None)


def test_a_challenge_answers_for_its_purpose_and_person_and_time_only(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, other = town.resident(town.lilas), town.resident(town.lilas)
    challenge = passkeys.ask(town.session, ceremony=Ceremony.PROVE, resident=ines, now=NOW)
    for ceremony, who, later in (
        (Ceremony.SIGN_IN, ines, 0),
        (Ceremony.PROVE, other, 0),
        (Ceremony.PROVE, None, 0),
        (Ceremony.PROVE, ines, ANSWER_WITHIN.total_seconds()),
    ):
        with pytest.raises(Refused, match="passkey_late"):
            answer(town, challenge, ceremony, who, seconds=later)
    answer(town, challenge, Ceremony.PROVE, ines, seconds=1)


def test_challenges_nobody_answered_are_forgotten(stored_town: Neighbourhood) -> None:
    town = stored_town
    passkeys.ask(town.session, ceremony=Ceremony.SIGN_IN, resident=None, now=NOW)
    assert forgetting.forget_spent(town.session, now=NOW) == 0
    assert forgetting.forget_spent(town.session, now=NOW + ANSWER_WITHIN) == 1


def test_all_keys_of_one_person_have_one_handle_that_says_nothing(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, other = town.resident(town.lilas), town.resident(town.lilas)
    first, second = keep(town, ines, b"one"), keep(town, ines, b"two")
    assert first.handle == second.handle
    assert len(first.handle) == 32
    assert keep(town, other, b"three").handle != first.handle
    assert first.name == "My telephone"


def test_a_key_opens_for_its_owner_and_its_counter_only_grows(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, other = town.resident(town.lilas), town.resident(town.lilas)
    mine = keep(town, ines, count=4)
    assert accept(town, None, sign_count=5, handle=mine.handle) is ines
    assert accept(town, ines, sign_count=9) is ines
    for count in (9, 8, 0):
        with pytest.raises(Refused, match="passkey_copied"):
            accept(town, None, sign_count=count)
    assert mine.sign_count == 9
    assert mine.used_on == NOW.replace(hour=0, minute=0, second=0)
    with pytest.raises(Refused, match="passkey_unknown"):
        accept(town, other, sign_count=10)
    with pytest.raises(Refused, match="passkey_unknown"):
        accept(town, None, sign_count=10, handle=b"another")
    with pytest.raises(Refused, match="passkey_unknown"):
        accept(town, None, credential_id=b"unknown", sign_count=10)
    ines.state = residents.State.SUSPENDED.value
    assert accept(town, None, sign_count=10) is ines, "it opens the page of decisions about its owner"


def test_a_device_that_does_not_count_is_let_in_each_time(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    keep(town, ines)
    assert accept(town, None) is accept(town, None) is ines


def test_a_key_is_known_once_and_there_is_an_end_to_them(town: Neighbourhood) -> None:
    ines, other = town.resident(town.lilas), town.resident(town.lilas)
    keep(town, ines, b"0")
    with pytest.raises(Refused, match="passkey_known"):
        keep(town, other, b"0")
    for at in range(1, AT_MOST):
        keep(town, ines, str(at).encode())
    with pytest.raises(Refused, match="passkeys_enough"):
        keep(town, ines, b"one more")


@pytest.mark.parametrize(("name", "code"), [("  ", "missing"), ("x" * 61, "too_long")])
def test_a_key_wants_a_name(name: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        passkeys.tidy_name(name)
    assert (refused.value.code, refused.value.field) == (code, "name")


def test_removing_the_last_key_ends_asking_for_one(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, other = town.resident(town.lilas), town.resident(town.lilas)
    first, second = keep(town, ines, b"one"), keep(town, ines, b"two")
    second_factor.ask_for_passkey(town.session, resident=ines, keys=KEYS, now=NOW)
    with pytest.raises(Refused, match="not_found"):
        passkeys.remove(town.session, resident=other, public_id=first.public_id)
    assert passkeys.remove(town.session, resident=ines, public_id=first.public_id) == "My telephone"
    assert second_factor.is_on(town.session, resident=ines)
    passkeys.remove(town.session, resident=ines, public_id=second.public_id)
    assert not second_factor.is_on(town.session, resident=ines)
    assert passkeys.of_resident(town.session, resident=ines) == []
