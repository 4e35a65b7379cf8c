"""The code on the wall: of this building, of these ten minutes and the ten before, and of no other."""

import uuid
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance import assurance, halls, joining, presence, residents, verification
from instance.assurance import Kind, Level
from instance.base import Refused
from tests.instance.neighbourhood import NOW, Neighbourhood

KEY = b"not a secret, this is a test"


def shown(town: Neighbourhood, *, key: bytes = KEY) -> str:
    return presence.code(key=key, building=town.lilas.public_id, window=presence.window(town.now))


@given(st.uuids(), st.timedeltas(min_value=timedelta(0), max_value=timedelta(hours=3)))
def test_a_code_works_for_ten_minutes_more_and_not_longer(building: uuid.UUID, later: timedelta) -> None:
    code = presence.code(key=KEY, building=building, window=presence.window(NOW))
    passed = presence.window(NOW + later) - presence.window(NOW)
    assert presence.matches(code, key=KEY, building=building, now=NOW + later) == (passed <= 1)
    assert not presence.matches(code, key=KEY, building=building, now=NOW - timedelta(minutes=10)), (
        "not before its time"
    )


@given(st.uuids(), st.uuids())
def test_buildings_and_keys_have_codes_of_their_own(one: uuid.UUID, other: uuid.UUID) -> None:
    window = presence.window(NOW)
    code = presence.code(key=KEY, building=one, window=window)
    assert len(code) == presence.LETTERS
    assert set(code) <= set(verification.LETTERS)
    assert (presence.code(key=KEY, building=other, window=window) == code) == (one == other)
    assert presence.code(key=b"another", building=one, window=window) != code


@given(st.text(max_size=20))
def test_whatever_is_typed_is_no_code(typed: str) -> None:
    assert not presence.matches(verification.tidy(typed), key=KEY, building=uuid.UUID(int=1), now=NOW)


def stand(town: Neighbourhood, somebody: residents.Resident, **more: object) -> object:
    given = {"code": shown(town), "lot_number": "2", "key": KEY, "now": town.now, **more}
    return joining.in_the_hall(town.session, resident=somebody, **given)  # type: ignore[arg-type]


def test_whoever_reads_the_wall_knows_the_quarter_and_not_the_building(town: Neighbourhood) -> None:
    halls.install(town.session, building=town.lilas, now=town.now)
    somebody = town.resident()
    code = presence.pretty(shown(town)).lower()
    assert stand(town, somebody, code=code, lot_number=" 2 ") == town.lilas.lots[1]
    (home,) = residents.dwellings(town.session, resident=somebody)
    assert (home.lot, home.level) == (town.lilas.lots[1], Level.QUARTER)
    stand(town, somebody)
    assert [one.kind for one in assurance.of_resident(town.session, resident_id=somebody.id)] == [Kind.PRESENCE]


def test_there_is_no_code_without_a_screen(town: Neighbourhood) -> None:
    somebody = town.resident()
    with pytest.raises(Refused, match="hall_code_dead"):
        stand(town, somebody)
    screen, _ = halls.install(town.session, building=town.lilas, now=town.now)
    halls.install(town.session, building=town.far, now=town.now)
    stand(town, somebody)
    halls.remove(town.session, public_id=screen.public_id, now=town.now)
    with pytest.raises(Refused, match="hall_code_dead"):
        stand(town, somebody)


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"code": "K7QF93MX"}, "hall_code_dead"),
        ({"lot_number": "99"}, "lot_unknown"),
        ({"code": "é"}, "hall_code_dead"),
    ],
)
def test_a_wrong_code_or_lot_changes_nothing(town: Neighbourhood, given: dict[str, str], code: str) -> None:
    halls.install(town.session, building=town.lilas, now=town.now)
    somebody = town.resident()
    with pytest.raises(Refused, match=code):
        stand(town, somebody, **given)
    assert residents.dwellings(town.session, resident=somebody) == []


def test_an_old_code_opens_nothing(town: Neighbourhood) -> None:
    halls.install(town.session, building=town.lilas, now=town.now)
    code, somebody = shown(town), town.resident()
    town.later(minutes=20)
    with pytest.raises(Refused, match="hall_code_dead"):
        stand(town, somebody, code=code)
