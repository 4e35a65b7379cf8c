"""Both ways of signing: read alike, and sent so that every host gets the one it knows."""

from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest

from activitypub import senders
from activitypub.senders import Scheme
from activitypub.signatures import Forged
from federation.http import Client
from federation.manners import KEPT, MANY, Manners
from tests.federation.conftest import Receive, Settle
from tests.federation.mail import create, letters, meet
from tests.federation.neighbours import OURS, Neighbour, Reply, Request, key_of, signed
from web import stores

INBOX = "/users/alice/inbox"
BODY = b'{"type":"Create"}'


def way(request: Request) -> Scheme:
    """How a request was signed; exactly one way."""
    assert "Signature" in request.headers
    newer = "Signature-Input" in request.headers
    assert newer is not ("Digest" in request.headers or "Date" in request.headers)
    return Scheme.RFC9421 if newer else Scheme.CAVAGE


def only(scheme: Scheme, neighbour: Neighbour, *, status: int = 202) -> Callable[[BaseHTTPRequestHandler], None]:
    """An answer of a host that knows one way of signing."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status if way(neighbour.requests[-1]) is scheme else 401)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


@pytest.mark.parametrize("scheme", Scheme)
def test_a_letter_is_taken_in_signed_either_way(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    client: Client,
    alice: str,
    pems: list[str],
    clock: datetime,
    scheme: Scheme,
) -> None:
    # First from a stranger, whose key has to be fetched, then with the key at hand.
    assert receive(create(alice), pem=pems[0], scheme=scheme).status == 202
    settle()
    meet(town, client, alice, clock)
    second = {**create(alice), "id": f"{alice}/second", "type": "Create"}
    assert receive(second, pem=pems[0], scheme=scheme).status == 202
    assert receive({**second, "id": f"{alice}/third"}, pem=pems[1], scheme=scheme).status == 401
    settle()
    assert [letter.state for letter in letters(town)] == ["verified", "verified"]


@pytest.mark.parametrize("scheme", Scheme)
def test_what_a_letter_waits_with_is_what_it_is_verified_by(pems: list[str], clock: datetime, scheme: Scheme) -> None:
    arrival = signed(BODY, pem=pems[0], key_id=f"{OURS}/a#main-key", now=clock, scheme=scheme)
    claim = senders.parse(arrival.headers)
    kept = {name.lower(): value for name, value in arrival.headers.items() if name.lower() in claim.fields}
    assert senders.parse(kept) == claim
    assert "date" in kept or scheme is Scheme.RFC9421


def test_a_host_that_knows_both_ways_gets_the_older_one(client: Client, peer: Neighbour, pems: list[str]) -> None:
    peer.answers[INBOX] = Reply(status=202)
    key = key_of(pems[0], f"{OURS}/actor")
    for _ in range(2):
        assert client.post(peer.origin + INBOX, body=BODY, key=key).status == 202
    assert [way(one) for one in peer.posts()] == [Scheme.CAVAGE, Scheme.CAVAGE]


def test_a_host_that_knows_only_the_newer_way_is_remembered(client: Client, peer: Neighbour, pems: list[str]) -> None:
    peer.answers[INBOX] = only(Scheme.RFC9421, peer)
    key = key_of(pems[0], f"{OURS}/actor")
    for _ in range(2):
        assert client.post(peer.origin + INBOX, body=BODY, key=key).status == 202
    assert [way(one) for one in peer.posts()] == [Scheme.CAVAGE, Scheme.RFC9421, Scheme.RFC9421]
    # It forgets the newer way, being set up anew: one more knock, and the older way is remembered again.
    peer.answers[INBOX] = only(Scheme.CAVAGE, peer)
    for _ in range(2):
        assert client.post(peer.origin + INBOX, body=BODY, key=key).status == 202
    assert [way(one) for one in peer.posts()[3:]] == [Scheme.RFC9421, Scheme.CAVAGE, Scheme.CAVAGE]


@pytest.mark.parametrize("status", [400, 403, 404, 410, 429, 500, 503])
def test_only_401_asks_for_the_other_way(client: Client, peer: Neighbour, pems: list[str], status: int) -> None:
    peer.answers[INBOX] = Reply(status=status)
    assert client.post(peer.origin + INBOX, body=BODY, key=key_of(pems[0], f"{OURS}/actor")).status == status
    assert len(peer.posts()) == 1


def test_a_host_that_takes_neither_is_asked_twice_and_no_more(client: Client, peer: Neighbour, pems: list[str]) -> None:
    peer.answers[INBOX] = Reply(status=401)
    key = key_of(pems[0], f"{OURS}/actor")
    for _ in range(2):
        assert client.post(peer.origin + INBOX, body=BODY, key=key).status == 401
    assert [way(one) for one in peer.posts()] == [Scheme.CAVAGE, Scheme.RFC9421] * 2


def test_a_wish_for_the_newer_way_is_heard(client: Client, peer: Neighbour, pems: list[str]) -> None:
    peer.answers[INBOX] = Reply(status=202, headers={"Accept-Signature": 'sig1=("@method" "@target-uri");created'})
    key = key_of(pems[0], f"{OURS}/actor")
    for _ in range(2):
        client.post(peer.origin + INBOX, body=BODY, key=key)
    assert [way(one) for one in peer.posts()] == [Scheme.CAVAGE, Scheme.RFC9421]


def test_a_signed_fetch_knocks_twice_and_an_unsigned_one_never(
    client: Client, peer: Neighbour, pems: list[str]
) -> None:
    peer.answers["/a"] = Reply(status=401)
    for key, many in ((key_of(pems[0], f"{OURS}/actor"), 2), (None, 1)):
        before = len(peer.requests)
        with pytest.raises(Exception, match="answered 401"):
            client.fetch_json(f"{peer.origin}/a", key=key)
        assert len(peer.requests) - before == many


def test_both_ways_at_once_are_read_as_the_newer_one(pems: list[str], clock: datetime) -> None:
    older, newer = (
        signed(BODY, pem=pems[0], key_id=f"{OURS}/a#main-key", now=clock, scheme=one).headers for one in Scheme
    )
    mixed = {**newer, "Signature": older["Signature"]}
    with pytest.raises(Forged):
        senders.parse(mixed)


def test_manners_are_forgotten_in_time_and_in_number(clock: datetime) -> None:
    manners = Manners()
    manners.learn("https://a.example/inbox", Scheme.RFC9421, status=202, head={}, now=clock)
    assert manners.of("https://a.example/other", now=clock + KEPT - timedelta(seconds=1)) is Scheme.RFC9421
    assert manners.of("https://a.example/other", now=clock + KEPT) is Scheme.CAVAGE
    for number in range(MANY):
        manners.learn(f"https://{number}.example/inbox", Scheme.RFC9421, status=202, head={}, now=clock)
    assert manners.of("https://a.example/inbox", now=clock) is Scheme.CAVAGE
    assert manners.of("https://0.example/inbox", now=clock) is Scheme.RFC9421


@pytest.mark.parametrize("said", ["generator", "implements"])
@pytest.mark.parametrize("href", [senders.STANDARD, "https://codeberg.org/fediverse/fep#other"])
def test_an_actor_that_says_its_server_knows_the_newer_way_is_taken_at_its_word(
    town: stores.Store, client: Client, peer: Neighbour, pems: list[str], clock: datetime, said: str, href: str
) -> None:
    standards = [{"href": href, "name": "HTTP Message Signatures"}]
    more = {"implements": standards} if said == "implements" else {"generator": {"implements": standards}}
    meet(town, client, peer.actor("/users/carol", pem=pems[0], **more), clock)
    peer.answers[INBOX] = Reply(status=202)
    client.post(peer.origin + INBOX, body=BODY, key=key_of(pems[0], f"{OURS}/actor"))
    assert way(peer.posts()[-1]) is (Scheme.RFC9421 if href == senders.STANDARD else Scheme.CAVAGE)


def test_what_a_host_did_counts_for_more_than_what_its_actors_say(clock: datetime) -> None:
    manners, url = Manners(), "https://m.example/inbox"
    manners.heed(url, [senders.STANDARD], now=clock)
    assert manners.of(url, now=clock) is Scheme.RFC9421
    manners.learn(url, Scheme.CAVAGE, status=202, head={}, now=clock)  # after 401 to the newer way
    manners.heed(url, [senders.STANDARD], now=clock)
    assert manners.of(url, now=clock) is Scheme.CAVAGE
    later = clock + KEPT
    manners.heed(url, [senders.STANDARD], now=later)
    assert manners.of(url, now=later) is Scheme.RFC9421
