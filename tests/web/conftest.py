"""Pages are read in their languages: the compiled catalogues are made before the first page is asked for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web import pages_place
from tests.web.pages_place import Place
from web import catalogues, stores


@pytest.fixture(scope="session", autouse=True)
def _compiled_catalogues() -> None:
    catalogues.compile_all()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = pages_place.make(tmp_path)
    yield made
    for store in stores.of(made.app).values():
        store.close()
