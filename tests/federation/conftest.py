"""A town's federation side, its neighbours, and the moment everything happens in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from activitypub import keys
from activitypub.vocabulary import ActorKind
from federation import identity
from federation.http import Client
from tests.federation.neighbours import OURS, Neighbour
from web import stores


@contextmanager
def neighbour() -> Iterator[Neighbour]:
    one = Neighbour()
    try:
        yield one
    finally:
        one.close()


@pytest.fixture
def peer() -> Iterator[Neighbour]:
    with neighbour() as one:
        yield one


@pytest.fixture
def stranger() -> Iterator[Neighbour]:
    with neighbour() as one:
        yield one


@pytest.fixture(scope="session")
def pems() -> list[str]:
    """A few keys, made once: each takes a while."""
    return [keys.generate() for _ in range(3)]


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch, pems: list[str]) -> None:
    """Our own actors all get the same ready-made key."""
    monkeypatch.setattr(keys, "generate", lambda: pems[2])


@pytest.fixture
def clock() -> datetime:
    """The moment these tests live in; real, because signatures are checked against it."""
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
def town(federation_store: stores.Store, quick_keys: None, clock: datetime) -> stores.Store:
    """A federation store with our actors."""
    with federation_store.write.begin() as session:
        for username, kind in (
            ("palier", ActorKind.APPLICATION),
            ("instance", ActorKind.SERVICE),
            ("endoume", ActorKind.GROUP),
            ("ciq", ActorKind.ORGANIZATION),
        ):
            identity.ensure(
                session, username=username, kind=kind, name=username.title(), summary="", origin=OURS, now=clock
            )
    return federation_store


@pytest.fixture
def client(clock: datetime) -> Iterator[Client]:
    one = Client(origin=OURS, user_agent="Palier/test", development=True, clock=lambda: clock, total_seconds=3)
    yield one
    one.close()
