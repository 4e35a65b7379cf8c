"""P3, non-interference: two towns that differ in everything private cannot be told apart from outside.

Stronger than a search for marked values, because it needs no list of encodings: whatever of the private side has any
influence on what leaves, on its order, its length or its number, shows as a difference of bytes.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import String, func, select


from federation.hatch import boundary, outbox
from federation.models import Crossing
from instance import journal
from instance.residents import Resident
from tests.town import canaries
from tests.town.houses import House
from tests.town.proofs import script
from tests.town.proofs.script import Line, Twin
from tests.town.proofs.twins import EVENTS
from web import tables

Play = Callable[[int], tuple[Twin, list[Line]]]


@pytest.fixture
def play(make_store: Callable[..., str], tmp_path: Path, now: datetime) -> Play:
    """Tell the story of one twin."""
    return lambda twin: script.run(make_store, folder=tmp_path, now=now, twin=twin)


def differences(one: list[Line], other: list[Line]) -> list[str]:
    """Where two runs can be told apart."""
    found = [f"{a[0]}\n  {a[1]}\n  {b[1]}" for a, b in zip(one, other, strict=False) if a != b]
    return found if len(one) == len(other) else [*found, f"{len(one)} and {len(other)} lines"]


def test_two_towns_that_differ_in_everything_private_are_the_same_from_outside(play: Play) -> None:
    one, seen = play(0)
    other, seen_too = play(1)
    assert not differences(seen, seen_too)[:3]
    assert len(one.town.sent) > 40
    _have_nothing_private_in_common(one, other)


def _have_nothing_private_in_common(one: Twin, other: Twin) -> None:
    """What the proof rests on: every event happened, every table has other numbers, every private text other words."""
    for twin in (one, other):
        print(twin.lives[0].seen, twin.counts)
    assert 0
