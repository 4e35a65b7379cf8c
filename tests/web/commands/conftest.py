"""One town for each test of a command, on each engine; on SQLite alone where the engine does not matter."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import StoreUrls
from tests.web.commands import offices
from tests.web.commands.offices import Office


@pytest.fixture
def office(store_urls: StoreUrls, tmp_path: Path) -> Iterator[Office]:
    """The town, on each engine."""
    yield from offices.build(store_urls, folder=tmp_path)


@pytest.fixture
def small_office(sqlite_template: Callable[[str], Path], tmp_path: Path) -> Iterator[Office]:
    """The town, on SQLite: for what has nothing to do with the engine."""
    urls = []
    for side in ("home", "federation"):
        file = tmp_path / side / "store.sqlite"
        file.parent.mkdir()
        shutil.copyfile(sqlite_template(side), file)
        urls.append(f"sqlite:///{file}")
    yield from offices.build(StoreUrls(*urls), folder=tmp_path)
