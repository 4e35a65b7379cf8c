"""How somebody is known: the level is what the proofs say, and nothing else."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance import assurance, residents
from instance.assurance import Kind, Level, Mark
from tests.instance.neighbourhood import Neighbourhood

HOME = 1
MARKS = st.one_of(
    st.builds(Mark, kind=st.sampled_from([one for one in Kind if one is not Kind.VOUCHED])),
    st.builds(Mark, kind=st.just(Kind.VOUCHED), household=st.integers(1, 4)),
)


def level(*kinds: Kind | int) -> Level:
    marks = [Mark(kind=one) if isinstance(one, Kind) else Mark(kind=Kind.VOUCHED, household=one) for one in kinds]
    return assurance.level(marks, home=HOME)


@pytest.mark.parametrize(
    ("proofs", "expected"),
    [
        ((), Level.ACCOUNT),
        ((Kind.PRESENCE,), Level.QUARTER),
        ((Kind.NOTE,), Level.QUARTER),
        ((2,), Level.QUARTER),
        ((2, 2), Level.QUARTER),  # two of one household are one
        ((HOME, 2), Level.QUARTER),  # one's own household is none
        ((2, 3), Level.BUILDING),
        ((Kind.PRESENCE, 2), Level.BUILDING),
        ((Kind.PRESENCE, Kind.NOTE), Level.BUILDING),
        ((Kind.LETTER,), Level.BUILDING),
        ((Kind.CHECKED,), Level.BUILDING),
        ((Kind.LOT_LIST,), Level.ACCOUNT),  # which account it is, the list does not say
        ((Kind.LOT_LIST, Kind.PRESENCE), Level.QUARTER),
        ((Kind.LOT_LIST, Kind.LETTER), Level.LOT_LIST),
        ((Kind.LOT_LIST, 2, 3), Level.LOT_LIST),
    ],
)
def test_a_level_follows_from_the_proofs(proofs: tuple[Kind | int, ...], expected: Level) -> None:
    assert level(*proofs) is expected


@given(st.lists(MARKS, max_size=6), MARKS)
def test_one_proof_more_never_lowers_and_one_less_never_raises(marks: list[Mark], more: Mark) -> None:
    assert assurance.level([*marks, more], home=HOME) >= assurance.level(marks, home=HOME)


@given(st.lists(MARKS, max_size=6))
def test_the_building_needs_a_letter_a_check_or_two_sides(marks: Iterable[Mark]) -> None:
    marks = list(marks)
    sides = {(one.kind, one.household) for one in marks} - {(Kind.VOUCHED, HOME), (Kind.LOT_LIST, None)}
    strong = {Kind.LETTER, Kind.CHECKED} & {one.kind for one in marks}
    opens = assurance.level(marks, home=HOME) >= Level.BUILDING
    assert opens == bool(strong or len(sides) >= 2)


def test_to_say_that_one_lives_somewhere_opens_nothing(town: Neighbourhood) -> None:
    somebody = town.resident()
    residents.settle(town.session, resident=somebody, lot=town.lilas.lots[0], now=town.now)
    assert [one.level for one in residents.dwellings(town.session, resident=somebody)] == [Level.ACCOUNT]
    assert residents.buildings_of(town.session, resident=somebody) == []
    assert residents.quarters_of(town.session, resident=somebody, now=town.now) == []
    assert residents.neighbours(town.session, building=town.lilas) == []


def test_the_quarter_opens_before_the_building(town: Neighbourhood) -> None:
    somebody, lot = town.resident(), town.lilas.lots[0]
    residents.settle(town.session, resident=somebody, lot=lot, now=town.now)
    given = {"resident_id": somebody.id, "lot_id": lot.id, "now": town.now}
    assurance.give(town.session, kind=Kind.PRESENCE, **given)
    assert residents.quarters_of(town.session, resident=somebody, now=town.now) == [town.north]
    assert residents.buildings_of(town.session, resident=somebody) == []
    assert residents.count_lots_registered(town.session, building=town.lilas) == 0
    note = assurance.give(town.session, kind=Kind.NOTE, **given)
    assert residents.buildings_of(town.session, resident=somebody) == [town.lilas]
    assert residents.neighbours(town.session, building=town.lilas) == [somebody]
    assurance.revoke(town.session, proof=note, now=town.now)
    assert residents.buildings_of(town.session, resident=somebody) == [], "at once"
    assert residents.quarters_of(town.session, resident=somebody, now=town.now) == [town.north]


def test_a_proof_of_one_home_opens_no_other(town: Neighbourhood) -> None:
    somebody = town.resident(town.lilas)
    residents.settle(town.session, resident=somebody, lot=town.far.lots[0], now=town.now)
    assert residents.buildings_of(town.session, resident=somebody) == [town.lilas]
    assert residents.quarters_of(town.session, resident=somebody, now=town.now) == [town.north]


def test_the_same_proof_is_kept_once(town: Neighbourhood) -> None:
    somebody = town.resident(town.lilas)
    lot = town.lilas.lots[0]
    residents.move_in(town.session, resident=somebody, lot=lot, now=town.now)
    proofs = assurance.of_resident(town.session, resident_id=somebody.id)
    assert [one.kind for one in proofs] == [Kind.LETTER]
