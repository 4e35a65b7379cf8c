"""The last hop: requests and answers carry the headers of two literal lists, whatever anything above them sets."""

import pytest
from flask import Response

from activitypub import senders
from federation import http
from tests import keys
from tests.town.houses import Town
from web import door

# Headers in which others have told when a row changed, how long it took, who asked, or what runs there.
TELLING = {
    "age",
    "date",
    "etag",
    "from",
    "last-modified",
    "origin",
    "referer",
    "server",
    "server-timing",
    "set-cookie",
    "via",
    "x-forwarded-for",
    "x-powered-by",
    "x-ratelimit-remaining",
    "x-request-id",
    "x-runtime",
}


@pytest.fixture
def house(town: Town, monkeypatch: pytest.MonkeyPatch):
    keys.install(monkeypatch)
    made = town.build("marseille")
    made.quarter("Saint Julien")
    town.settle()
    return made


def test_the_lists_hold_nothing_that_tells() -> None:
    assert not door.SPOKEN & TELLING
    assert not http.SENT & TELLING - {"date"}  # a signature covers it
    assert all(name == name.lower() for name in door.SPOKEN | http.SENT)


@pytest.mark.sqlite
def test_an_answer_of_the_door_has_the_headers_of_the_list(house) -> None:
    def chatter(answer: Response) -> Response:
        for name in TELLING:
            answer.headers[name] = "Odile"
        answer.set_cookie("odile", "1")
        return answer

    house.door.after_request(chatter)
    client = house.door.test_client()
    paths = [
        "/actor",
        "/users/saint_julien",
        "/users/nobody",
        "/users/saint_julien/outbox",
        "/nodeinfo/2.1",
        "/nowhere",
    ]
    for path in paths:
        for method in ("GET", "HEAD", "OPTIONS", "POST", "PUT"):
            for accept in ("text/html", "application/activity+json"):
                answer = client.open(path, method=method, headers={"Accept": accept})
                names = {name.lower() for name, _ in answer.headers}
                assert names <= door.SPOKEN, (path, method)
                assert "referrer-policy" in names
                assert "Odile" not in str(answer.headers)


def _let_signing_chatter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A library that signs adds headers of its own, unasked."""
    sign = senders.sign
    added = dict.fromkeys(TELLING - {"date"}, "Odile")
    monkeypatch.setattr(senders, "sign", lambda **what: sign(**what) | added | {"X-Neighbour": "Odile"})


@pytest.mark.sqlite
def test_a_request_has_the_headers_of_the_list_and_its_signature_still_holds(
    town: Town, house, monkeypatch: pytest.MonkeyPatch
) -> None:
    _let_signing_chatter(monkeypatch)
    other = town.build("barnabe")
    other.quarter("Saint Barnabé")
    town.settle()
    house.add_peer(other)
    house.follow(f"{other.origin}/users/saint_barnabe")
    town.settle()
    ours = [one for one in town.sent if one.sender == house.origin]
    assert {one.method for one in ours} == {"GET", "POST"}
    for one in ours:
        assert {name.lower() for name in one.headers} <= http.SENT
        assert "Odile" not in str(one.headers)
    assert {one.state for one in other.letters()} == {"handled"}
