"""The second step: codes of an app near their time and once, recovery codes once, and no lock-out for ever."""

import threading
from datetime import timedelta

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from instance import logins, moderation, second_factor, spare_codes, verification
from instance.base import Refused
from instance.residents import Resident, Role
from instance.second_factor import FREE_TRIES, LONGEST_WAIT, STEP, Keys, Passed, SecondFactor, Wait, Wrong
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood
from web import stores

KEYS = Keys(sealing=bytes(range(32)), pepper=b"not a secret, this is a test")


def turn_on(town: Neighbourhood, resident: Resident) -> tuple[str, list[str]]:
    """An app that is confirmed a minute before now: its key, and the sheet."""
    secret = second_factor.propose(town.session, resident=resident, keys=KEYS, now=NOW)
    before = NOW - 2 * STEP
    code = pyotp.TOTP(secret).at(before)
    return secret, list(second_factor.confirm(town.session, resident=resident, code=code, keys=KEYS, now=before))


def attempt(town: Neighbourhood, resident: Resident, code: str, *, later: timedelta = timedelta(0)) -> object:
    return second_factor.check(town.session, resident=resident, code=code, keys=KEYS, now=NOW + later)


def test_an_app_is_on_after_its_first_code(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    with pytest.raises(Refused, match="app_not_proposed"):
        second_factor.confirm(town.session, resident=ines, code="000000", keys=KEYS, now=NOW)
    secret = second_factor.propose(town.session, resident=ines, keys=KEYS, now=NOW)
    assert second_factor.propose(town.session, resident=ines, keys=KEYS, now=NOW) == secret, "the QR code stays"
    assert not second_factor.is_on(town.session, resident=ines)
    wrong = pyotp.TOTP(secret).at(NOW + 40 * STEP)
    with pytest.raises(Refused) as refused:
        second_factor.confirm(town.session, resident=ines, code=wrong, keys=KEYS, now=NOW)
    assert (refused.value.code, refused.value.field) == ("code_wrong", "code")
    codes = second_factor.confirm(town.session, resident=ines, code=pyotp.TOTP(secret).at(NOW), keys=KEYS, now=NOW)
    assert second_factor.is_on(town.session, resident=ines)
    assert len(set(codes)) == spare_codes.HOW_MANY
    with pytest.raises(Refused, match="app_is_on"):
        second_factor.propose(town.session, resident=ines, keys=KEYS, now=NOW)


def test_the_key_is_kept_so_that_neither_another_key_nor_another_row_opens_it(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, other = town.resident(town.lilas), town.resident(town.lilas)
    secret, _ = turn_on(town, ines)
    kept = second_factor.of(town.session, resident=ines)
    assert kept is not None
    assert kept.sealed is not None
    assert secret.encode() not in kept.sealed
    code = pyotp.TOTP(secret).at(NOW)
    stranger = Keys(sealing=bytes(32), pepper=KEYS.pepper)
    with pytest.raises(Refused, match="key_lost"):
        second_factor.check(town.session, resident=ines, code=code, keys=stranger, now=NOW)
    turn_on(town, other)
    town.session.execute(
        update(SecondFactor).where(SecondFactor.resident_id == other.id).values(sealed=kept.sealed),
        execution_options={"synchronize_session": "fetch"},
    )
    with pytest.raises(Refused, match="key_lost"):
        attempt(town, other, code)
    assert isinstance(attempt(town, ines, code), Passed)


def test_a_key_never_confirmed_is_made_anew_when_the_key_file_was_replaced(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    first = second_factor.propose(town.session, resident=ines, keys=KEYS, now=NOW)
    stranger = Keys(sealing=bytes(32), pepper=KEYS.pepper)
    assert second_factor.propose(town.session, resident=ines, keys=stranger, now=NOW) != first


@given(offset=st.integers(min_value=-6, max_value=6), within=st.integers(min_value=0, max_value=29))
def test_a_code_is_taken_one_step_around_its_time_and_no_further(offset: int, within: int) -> None:
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        ines = town.resident(town.lilas)
        secret = second_factor.propose(session, resident=ines, keys=KEYS, now=NOW)
        early = NOW - 20 * STEP
        code = pyotp.TOTP(secret).at(early)
        second_factor.confirm(session, resident=ines, code=code, keys=KEYS, now=early)
        start = NOW.replace(second=0)
        code = pyotp.TOTP(secret).at(start + offset * STEP)
        near = {pyotp.TOTP(secret).at(start + one * STEP) for one in (-1, 0, 1)}
        found = second_factor.check(session, resident=ines, code=code, keys=KEYS, now=start + timedelta(seconds=within))
        assert isinstance(found, Passed) == (code in near)


@given(moments=st.lists(st.integers(min_value=-1, max_value=1), min_size=1, max_size=4), at=st.integers(0, 5))
def test_no_code_works_twice_nor_after_a_newer_one(moments: list[int], at: int) -> None:
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        ines = town.resident(town.lilas)
        secret, _ = turn_on(town, ines)
        newest = second_factor.step_of(NOW) - 2
        for offset in moments:
            step = second_factor.step_of(NOW) + offset
            found = second_factor.check(
                session, resident=ines, code=pyotp.TOTP(secret).generate_otp(step), keys=KEYS, now=NOW
            )
            assert isinstance(found, Passed) == (step > newest)
            newest = max(newest, step)


@pytest.mark.parametrize("code", ["", "12345", "1234567", "٠١٢٣٤٥", "abcdef", "x" * 5000, "0" * 6 + "\0"])
def test_what_is_no_code_is_wrong(town: Neighbourhood, code: str) -> None:
    ines = town.resident(town.lilas)
    turn_on(town, ines)
    assert isinstance(attempt(town, ines, code), Wrong)


def test_wrong_codes_make_one_wait_longer_and_never_for_ever(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    secret, _ = turn_on(town, ines)
    for _ in range(FREE_TRIES - 1):
        assert attempt(town, ines, "not it") == Wrong()
    passed, waits = timedelta(0), []
    for _ in range(9):
        outcome = attempt(town, ines, "not it", later=passed)
        assert isinstance(outcome, Wait)
        waits.append(outcome.until - (NOW + passed))
        # While waiting nothing is looked at, and asking again makes it no longer.
        right = pyotp.TOTP(secret).at(NOW + passed)
        assert attempt(town, ines, right, later=passed) == outcome
        passed += waits[-1]
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert waits[-1] == LONGEST_WAIT
    found = attempt(town, ines, pyotp.TOTP(secret).at(NOW + passed), later=passed)
    assert found == Passed(misses=FREE_TRIES + 8)
    assert attempt(town, ines, "not it", later=passed) == Wrong()


def test_a_recovery_code_works_once_however_it_is_typed(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, other = town.resident(town.lilas), town.resident(town.lilas)
    _, sheet = turn_on(town, ines)
    turn_on(town, other)
    assert isinstance(attempt(town, other, sheet[0]), Wrong), "of this person's sheet only"
    assert attempt(town, ines, f" {sheet[0].lower().replace('-', ' ')} ") == Passed(misses=0, left=9)
    assert isinstance(attempt(town, ines, sheet[0]), Wrong)
    assert spare_codes.count_left(town.session, resident=ines) == 9
    renewed = spare_codes.renew(town.session, resident=ines, pepper=KEYS.pepper, now=NOW)
    assert isinstance(attempt(town, ines, sheet[1]), Wrong), "the old sheet is void"
    assert attempt(town, ines, renewed[1]) == Passed(misses=2, left=9)


@given(st.lists(st.integers(min_value=0, max_value=9), max_size=25))
def test_a_sheet_opens_exactly_as_often_as_it_has_codes(tries: list[int]) -> None:
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        ines = town.resident(town.lilas)
        sheet = spare_codes.renew(session, resident=ines, pepper=KEYS.pepper, now=NOW)
        opened = [
            spare_codes.use(session, resident=ines, code=sheet[one], pepper=KEYS.pepper, now=NOW) for one in tries
        ]
        assert opened == [one not in tries[:at] for at, one in enumerate(tries)]
        assert spare_codes.count_left(session, resident=ines) == 10 - len(set(tries))


def test_only_hashes_of_the_sheet_are_kept_and_need_the_pepper(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    sheet = spare_codes.renew(town.session, resident=ines, pepper=KEYS.pepper, now=NOW)
    kept = set(town.session.scalars(select(spare_codes.SpareCode.code_hash)))
    assert not kept & {verification.tidy(one) for one in sheet}
    assert not spare_codes.use(town.session, resident=ines, code=sheet[0], pepper=b"another", now=NOW)


@pytest.mark.parametrize("what", ["a recovery code", "the app's digits"])
def test_of_two_who_use_one_code_at_the_same_moment_one_wins(home_store: stores.Store, what: str) -> None:
    with home_store.write() as session:
        town = neighbourhood.build(session)
        ines = town.resident(town.lilas)
        secret, sheet = turn_on(town, ines)
        session.commit()
        who = ines.id
    code = sheet[0] if what == "a recovery code" else pyotp.TOTP(secret).at(NOW)
    together, outcomes = threading.Barrier(2), []

    def try_it() -> None:
        with home_store.write() as session:
            together.wait(timeout=30)
            resident = session.get(Resident, who)
            assert resident is not None
            outcomes.append(second_factor.check(session, resident=resident, code=code, keys=KEYS, now=NOW))
            session.commit()

    threads = [threading.Thread(target=try_it) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert sorted(type(one).__name__ for one in outcomes) == ["Passed", "Wrong"]


def test_turning_the_app_off_throws_the_sheet_away_unless_a_passkey_is_asked_for(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    second_factor.turn_app_off(town.session, resident=ines)
    turn_on(town, ines)
    assert second_factor.ask_for_passkey(town.session, resident=ines, keys=KEYS, now=NOW) == []
    second_factor.turn_app_off(town.session, resident=ines)
    assert second_factor.is_on(town.session, resident=ines)
    assert spare_codes.count_left(town.session, resident=ines) == 10
    second_factor.stop_asking_for_passkey(town.session, resident=ines)
    assert not second_factor.is_on(town.session, resident=ines)
    assert spare_codes.count_left(town.session, resident=ines) == 0
    assert len(second_factor.ask_for_passkey(town.session, resident=ines, keys=KEYS, now=NOW)) == 10


def test_an_administrator_takes_it_away_with_a_reason_and_its_owner_is_told(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, admin = town.resident(town.lilas), town.resident(town.far, role=Role.ADMINISTRATOR)
    moderator = town.resident(town.far, role=Role.MODERATOR)
    turn_on(town, ines)
    token = logins.open_login(town.session, resident=ines, now=NOW)
    given = {"reason": "Telephone lost, seen in person.", "now": NOW}
    for by, resident, reason in (
        (moderator, ines, "not_administrator"),
        (admin, admin, "not_yourself"),
    ):
        with pytest.raises(Refused, match=reason):
            moderation.take_away_second_step(town.session, resident=resident, by=by, **given)
    with pytest.raises(Refused, match="missing"):
        moderation.take_away_second_step(town.session, resident=ines, by=admin, reason=" ", now=NOW)
    assert second_factor.is_on(town.session, resident=ines)
    moderation.take_away_second_step(town.session, resident=ines, by=admin, **given)
    assert not second_factor.is_on(town.session, resident=ines)
    assert logins.signed_in(town.session, token=token, now=NOW) is None
    (entered,) = moderation.measures(town.session, by=None)
    assert (entered.step, entered.by) == ("unlock", admin)
    told = second_factor.of(town.session, resident=ines)
    assert told is not None
    assert told.reset_at == NOW
    second_factor.read_reset(town.session, resident=ines)
    assert told.reset_at is None
