"""Fixtures of the domain's tests: a quick password hasher and a small city in memory."""

from collections.abc import Iterator

import pytest
from hypothesis import settings
from sqlalchemy.orm import Session

from tests.instance import neighbourhood
from tests.instance.neighbourhood import Neighbourhood

# Two cores are shared with servers and browsers: how long one example takes says nothing.
settings.register_profile("domain", parent=settings(), deadline=None)
settings.load_profile("domain")


@pytest.fixture
def session() -> Iterator[Session]:
    """A writing session on an empty home store in memory."""
    with neighbourhood.fresh_session() as session:
        yield session


@pytest.fixture
def town(session: Session) -> Neighbourhood:
    """A small city in memory."""
    return neighbourhood.build(session)


@pytest.fixture
def stored_town(home_session: Session) -> Neighbourhood:
    """The same city in a real store, once on SQLite and once on PostgreSQL."""
    return neighbourhood.build(home_session)
