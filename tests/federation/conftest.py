"""A town's federation side, its neighbours, and the moment everything happens in."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from activitypub import keys
from activitypub.vocabulary import ActorKind
from federation import identity, inbox
from federation.http import Client
from federation.inbox import Receipt
from tests.federation.mail import Receive, Settle
from tests.federation.neighbours import OURS, Neighbour, signed
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


@pytest.fixture
def receive(town: stores.Store, clock: datetime) -> Receive:
    def go(
        doc: dict[str, Any] | bytes, *, pem: str, key_id: str | None = None, now: datetime = clock, **more: Any
    ) -> Receipt:
        if key_id is None:
            assert isinstance(doc, dict)
            key_id = f"{doc['actor']}#main-key"
        arrival = signed(doc, pem=pem, key_id=key_id, now=now, **more)
        with town.write.begin() as session:
            return inbox.receive(session, arrival=arrival, origin=OURS, now=clock)

    return go


@pytest.fixture
def settle(town: stores.Store, client: Client, clock: datetime) -> Settle:
    def go(now: datetime = clock) -> int:
        return inbox.settle(town.write, client=client, origin=OURS, now=now)

    return go


@pytest.fixture
def alice(peer: Neighbour, pems: list[str]) -> str:
    return peer.actor("/users/alice", pem=pems[0])


@pytest.fixture
def eve(stranger: Neighbour, pems: list[str]) -> str:
    return stranger.actor("/users/eve", pem=pems[1])
