"""A process killed at every numbered point, and at random ones: nothing is lost, nothing happens twice."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from activitypub import keys
from federation import base
from tests import servers
from tests.conftest import tables_of
from tests.town import crashing
from tests.town.houses import Town

RUNS = 15


@pytest.fixture(scope="module")
def pem() -> str:
    """One key for all: none of these tests is about keys."""
    return keys.generate()


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch, pem: str) -> None:
    monkeypatch.setattr(keys, "generate", lambda: pem)


@pytest.fixture
def place(make_store: Callable[..., str], quick_keys: None, tmp_path: Path, now: datetime) -> Iterator[crashing.Place]:
    town = Town(now=now, folder=tmp_path / "town", make_store=make_store)
    yield crashing.settle_in(town, tmp_path)
    town.close()


@pytest.mark.parametrize("point", base.POINTS)
def test_dying_at_each_point_loses_and_doubles_nothing(place: crashing.Place, point: str) -> None:
    assert crashing.run(place, seed=point, listeners=[crashing.at_point(point)]) == 1, f"{point} was never passed"


@pytest.mark.sqlite
@pytest.mark.timeout(300)
def test_runs_with_crashes_anywhere(quick_keys: None, tmp_path: Path, now: datetime) -> None:
    runs = crashing.copies(tmp_path, now=now, blank=blank)
    died = sum(runs.run(seed) for seed in range(RUNS))
    assert died > RUNS


def blank(side: str, file: Path) -> None:
    servers.fill(f"sqlite:///{file}", tables_of(side))
