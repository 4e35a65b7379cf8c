"""One town for each test of a command, on each engine; on SQLite alone where the engine does not matter."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.conftest import StoreUrls
from tests.web.commands import offices
from tests.web.commands.offices import Office
from web import stores, tables


@pytest.fixture
def office(store_urls: StoreUrls, tmp_path: Path) -> Iterator[Office]:
    """The town, on each engine."""
    yield from offices.build(store_urls, folder=tmp_path)


@pytest.fixture
def small_office(tmp_path: Path) -> Iterator[Office]:
    """The town, on SQLite: for what has nothing to do with the engine."""
    urls = StoreUrls(*(f"sqlite:///{tmp_path}/{side}/store.sqlite" for side in (stores.HOME, stores.FEDERATION)))
    servers.fill(urls.home, tables.HOME)
    servers.fill(urls.federation, tables.FEDERATION)
    yield from offices.build(urls, folder=tmp_path)
