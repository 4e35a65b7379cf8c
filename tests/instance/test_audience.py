"""Audience arithmetic: nested, ordered, never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from instance import audience
from instance.audience import CITY_CIRCLE, Audience, Reader

ids = st.integers(min_value=1, max_value=2**63 - 1)
readers = st.builds(
    Reader,
    resident_id=ids,
    building_ids=st.frozensets(ids, max_size=4),
    quarter_ids=st.frozensets(ids, max_size=4),
    organisation_ids=st.frozensets(ids, max_size=1),
)


def test_there_are_four_and_each_is_wider_than_the_one_before() -> None:
    assert list(Audience) == sorted(Audience)
    assert [one.word for one in Audience] == ["building", "quarter", "instance", "network"]


@given(st.sampled_from(Audience))
def test_a_word_reads_back(one: Audience) -> None:
    assert Audience.parse(f" {one.word.title()} ") is one


@given(st.text())
def test_any_other_word_is_refused(word: str) -> None:
    if word.strip().upper() not in Audience.__members__:
        with pytest.raises(KeyError):
            Audience.parse(word)


@given(st.sampled_from(Audience), st.none() | ids, st.none() | ids)
def test_a_circle_is_exact_or_refused(one: Audience, building: int | None, quarter: int | None) -> None:
    needed = {Audience.BUILDING: building, Audience.QUARTER: quarter}.get(one, 0)
    if needed is None:
        with pytest.raises(ValueError, match=one.name):
            audience.circle(one, building_id=building, quarter_id=quarter)
        return
    found = audience.circle(one, building_id=building, quarter_id=quarter)
    assert len(found) <= 40, "fits its column"
    assert found == {
        Audience.BUILDING: f"building:{building}",
        Audience.QUARTER: f"quarter:{quarter}",
    }.get(one, CITY_CIRCLE)


@given(readers, st.sampled_from(Audience), ids, ids)
def test_who_may_read_is_who_stands_in_the_circle(reader: Reader, one: Audience, building: int, quarter: int) -> None:
    circle = audience.circle(one, building_id=building, quarter_id=quarter)
    expected = {
        Audience.BUILDING: building in reader.building_ids,
        Audience.QUARTER: quarter in reader.quarter_ids,
        # An account alone is nobody in particular.
        Audience.INSTANCE: reader.of_the_town,
    }.get(one, True)
    assert audience.may_read(reader, audience=one, circle=circle) is expected


def test_an_account_of_which_nothing_is_known_reads_what_a_visitor_reads() -> None:
    assert Reader(resident_id=1).circles == ()
    assert Reader(resident_id=1, organisation_ids=frozenset({1})).circles == (CITY_CIRCLE,)
    assert Reader(resident_id=1, moderator=True).circles == (CITY_CIRCLE,)
    assert Reader(resident_id=1, quarter_ids=frozenset({2})).circles == ("quarter:2", CITY_CIRCLE)


def test_whose_building_is_still_being_built_reads_that_building() -> None:
    assert Reader(resident_id=1, building_ids=frozenset({7})).circles == ("building:7",)


@given(ids, ids)
def test_a_visitor_reads_only_what_is_for_everybody(building: int, quarter: int) -> None:
    # Even one whose places somebody filled in by mistake: no resident, no circle.
    visitor = Reader(building_ids=frozenset({building}), quarter_ids=frozenset({quarter}))
    assert visitor.circles == ()
    for one in Audience:
        circle = audience.circle(one, building_id=building, quarter_id=quarter)
        assert audience.may_read(visitor, audience=one, circle=circle) is (one is Audience.NETWORK)


@given(ids)
def test_the_same_number_is_not_the_same_place(number: int) -> None:
    reader = Reader(resident_id=1, building_ids=frozenset({number}))
    assert not audience.may_read(reader, audience=Audience.QUARTER, circle=audience.quarter_circle(number))


def test_staff_stand_in_no_further_circle() -> None:
    homes = {"building_ids": frozenset({7}), "quarter_ids": frozenset({3})}
    plain = Reader(resident_id=1, **homes)
    staff = Reader(resident_id=1, moderator=True, administrator=True, **homes)
    assert staff.circles == plain.circles
