"""The town fixture: on SQLite and on PostgreSQL."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from tests.town.houses import Town


@pytest.fixture
def town(make_store: Callable[..., str], tmp_path: Path, now: datetime) -> Iterator[Town]:
    """An empty town; `town.build("marseille")` adds an instance."""
    made = Town(now=now, folder=tmp_path / "town", make_store=make_store)
    yield made
    made.close()
