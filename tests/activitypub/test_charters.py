"""The charter as a document: what is written is read again, and nothing is half understood."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub import charters, codec
from activitypub.charters import Charter, Pair
from activitypub.codec import Malformed

HERE, THERE = "https://ici.example", "https://la.example"
moments = st.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1)).map(  # noqa: DTZ001 — made aware below
    lambda one: one.replace(microsecond=0, tzinfo=UTC)
)
pairs = st.builds(
    Pair,
    own=st.just(f"{HERE}/users/le_port"),
    other=st.from_regex(r"[a-z]{1,20}", fullmatch=True).map(lambda name: f"{THERE}/users/{name}"),
    other_name=st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40),
)
whole = st.builds(
    Charter,
    id=st.just(f"{HERE}/users/instance/charters/1"),
    author=st.just(f"{HERE}/users/instance"),
    partner=st.just(THERE),
    version=st.integers(1, 10**6),
    since=moments,
    updated=moments,
    news=st.booleans(),
    offers=st.sampled_from(charters.OFFERS),
    reports=st.booleans(),
    pairs=st.lists(pairs, max_size=5).map(tuple),
)


@given(whole)
def test_what_is_written_is_read_again(charter: Charter) -> None:
    assert charters.read(codec.load(codec.encode(charters.write(charter)))) == charter


def example(**more: Any) -> dict[str, Any]:
    now = datetime(2027, 3, 1, tzinfo=UTC)
    made = Charter(
        id=f"{HERE}/users/instance/charters/1",
        author=f"{HERE}/users/instance",
        partner=THERE,
        version=1,
        since=now,
        updated=now,
        news=True,
        offers="all",
        reports=True,
        pairs=(),
    )
    return {**charters.write(made), **more}


SAID = {"news": True, "offers": "all", "reports": True}


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "Note"},
        {"id": None},
        {"attributedTo": "not an address"},
        {"target": 3},
        {"version": 0},
        {"version": True},
        {"version": "1"},
        {"version": 2**31},
        {"updated": "yesterday"},
        {"exchanges": None},
        {"exchanges": SAID | {"news": "yes"}},
        {"exchanges": SAID | {"reports": 1}},
        {"exchanges": SAID | {"offers": "some"}},
        {"exchanges": SAID | {"offers": ["all"]}},
        {"neighbours": ["x"]},
        {"neighbours": [{"own": HERE}]},
        {"neighbours": [{"own": HERE, "other": THERE}] * 501},
    ],
)
def test_a_promise_that_is_half_understood_is_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        charters.read(example(**wrong))


def test_no_pairs_are_no_pairs() -> None:
    assert charters.read(example(neighbours=None)).pairs == ()
    assert charters.read(example()).pairs == ()


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=10), inside, max_size=3),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(list(example())), json_values))
def test_nothing_but_malformed_is_raised(wrong: dict[str, Any]) -> None:
    try:
        charters.read(example(**wrong))
    except Malformed:
        return
