"""Whatever gives us an address, nobody near us is dialled: each thing that is fetched, times each kind of address."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest

from federation import charters, connections, documents, errands, lookups, outboxes, outlines, reconciling, relocations
from federation.base import OwnKey, Unreachable
from federation.http import Client
from federation.outboxes import Budget, Outbox
from tests.federation.test_policy import HOSTILE_URLS, REFUSED_ADDRESSES

OURS = "https://endoume.example"
NAME = "aix.example"
PUBLIC = "2600::1"


def post(client: Client, url: str, key: OwnKey) -> None:
    answer = client.post(url, body=b"{}", key=key)
    assert answer.status in {0, 410}
    raise Unreachable(answer.error or "", transient=False)


def find(client: Client, url: str, key: OwnKey, *, by_handle: bool) -> object:
    named = (
        {"target": "", "handle": f"@asso@{url.partition('//')[2].partition('/')[0]}"}
        if by_handle
        else {"target": url, "handle": ""}
    )
    return errands.find_actor(client, scheme="https", key=key, **named)


def preview(client: Client, url: str, key: OwnKey) -> None:
    seen = lookups._see(client, target=url, handle="", scheme="https", key=key)
    assert seen.found is None
    raise Unreachable(seen.why or "", transient=False)


def read_outbox(client: Client, url: str, key: OwnKey) -> object:
    budget = Budget(pages=3, items=10, size=10_000, bare=3)
    return list(outboxes.pages(Outbox(client=client, actor=url, address=url, key=key), budget=budget))


def errand(client: Client, key: OwnKey) -> SimpleNamespace:
    return SimpleNamespace(client=client, key=key, origin=OURS)


# Everything by which an address of others comes to be asked.
SOURCES: dict[str, Callable[[Client, str, OwnKey], object]] = {
    "an actor, and the key of a signature": lambda client, url, key: documents.fetch_actor(client, uri=url, key=key),
    "a text": lambda client, url, key: documents.fetch_writing(client, uri=url, key=key),
    "an inbox": post,
    "a handle": lambda client, url, key: find(client, url, key, by_handle=True),
    "a profile page": lambda client, url, key: find(client, url, key, by_handle=False),
    "a preview": preview,
    "a picture": lambda client, url, _key: client.fetch_file(url, limit=10_000),
    "an outbox": read_outbox,
    "a move": lambda client, url, key: relocations.confirm(client, old=url, new=url, key=key),
    "a list of followers": lambda client, url, key: reconciling._fetch(client, url=url, key=key, origin=OURS),
    "a charter": lambda client, url, key: charters._fetch(errand(client, key), by=url.removesuffix("/")),
    "outlines": lambda client, url, key: outlines._fetch(errand(client, key), application=url),
}


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Whom we tried to connect to."""
    found: list[object] = []

    def connect(address: object, *_: object) -> None:
        found.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(connections.socket, "create_connection", connect)
    return found


@pytest.fixture
def key(pems: list[str]) -> OwnKey:
    return OwnKey(key_id=f"{OURS}/actor#main-key", private_pem=pems[0])


def go(ask: Callable[[Client, str, OwnKey], object], url: str, key: OwnKey, *, leads_to: list[str]) -> None:
    client = Client(origin=OURS, resolve=lambda _host, _port: leads_to)
    try:
        with pytest.raises(Unreachable):
            ask(client, url, key)
    finally:
        client.close()


@pytest.mark.parametrize("source", SOURCES)
def test_a_name_that_leads_nearby_is_never_dialled(source: str, dialled: list[object], key: OwnKey) -> None:
    for address in REFUSED_ADDRESSES:
        for answer in ([address], [PUBLIC, address], [address, PUBLIC]):
            go(SOURCES[source], f"https://{NAME}/", key, leads_to=answer)
            assert dialled == [], (source, answer)


@pytest.mark.parametrize("source", SOURCES)
def test_no_spelling_of_an_address_is_dialled(source: str, dialled: list[object], key: OwnKey) -> None:
    literal = [f"https://{f'[{one}]' if ':' in one else one}/" for one in REFUSED_ADDRESSES]
    for url in [*literal, *(one for one in HOSTILE_URLS if one and "aix" not in one)]:
        go(SOURCES[source], url, key, leads_to=[PUBLIC])
        assert dialled == [], (source, url)


@pytest.mark.parametrize("source", SOURCES)
def test_each_of_them_would_dial_a_public_address(source: str, dialled: list[object], key: OwnKey) -> None:
    """So that the two above say something."""
    go(SOURCES[source], f"https://{NAME}/", key, leads_to=[PUBLIC])
    assert set(dialled) == {(PUBLIC, 443)}
