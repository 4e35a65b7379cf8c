"""What another host says of its followers here: heeded of whoever signed it, about themselves, on their own host."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from activitypub import follower_lists
from activitypub.follower_lists import Question
from federation import peers, reconciling
from federation.http import Client
from federation.models import Comparison, Delivery, Follow, FollowState
from tests.federation.mail import Receive, Settle, create, meet, only
from tests.federation.neighbours import OURS, Neighbour
from web import stores

Run = Callable[[], int]


@pytest.fixture
def alice(peer: Neighbour, pems: list[str]) -> str:
    return peer.actor("/users/alice", pem=pems[0], followers=f"{peer.origin}/users/alice/followers")


@pytest.fixture
def run(town: stores.Store, client: Client, clock: datetime) -> Run:
    return lambda: reconciling.run(town.write, client=client, origin=OURS, now=clock)


@pytest.fixture
def followed(town: stores.Store, client: Client, alice: str, clock: datetime) -> None:
    meet(town, client, alice, clock)
    with town.write.begin() as session:
        peers.follow(session, own_username="ciq", target=alice, now=clock).state = FollowState.ACCEPTED


def said(alice: str, **other: str) -> dict[str, str]:
    """The header of a host that knows of no follower here."""
    usual = {"collection": f"{alice}/followers", "url": f"{alice}/followers_here", "digest": "0" * 64}
    return {follower_lists.HEADER: follower_lists.write(Question(**{**usual, **other}))}


def wanted(town: stores.Store) -> list[str]:
    """The lists that the courier is to fetch."""
    with town.read() as session:
        return list(session.scalars(select(Comparison.url).where(Comparison.due_at.is_not(None))))


def state(town: stores.Store) -> str:
    with town.read() as session:
        return session.scalars(select(Follow.state)).one()


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize(
    "other",
    [
        {"url": "https://evil.example/list"},
        {"collection": "https://evil.example/users/x/followers"},
        {"digest": follower_lists.digest([f"{OURS}/users/ciq"])},
    ],
    ids=["a list elsewhere", "of somebody else", "the same"],
)
def test_what_is_not_heeded(
    town: stores.Store, receive: Receive, alice: str, pems: list[str], other: dict[str, str]
) -> None:
    assert receive(create(alice), pem=pems[0], more=said(alice, **other)).status == 202
    assert wanted(town) == []


@pytest.mark.usefixtures("followed")
def test_a_header_nobody_can_read_costs_no_letter(
    town: stores.Store, receive: Receive, alice: str, pems: list[str]
) -> None:
    receive(create(alice), pem=pems[0], more={follower_lists.HEADER: "nonsense"})
    assert only(town).state == "verified"
    assert wanted(town) == []


def test_a_letter_that_waited_for_its_key_is_heeded_then(
    town: stores.Store, receive: Receive, settle: Settle, alice: str, eve: str, pems: list[str]
) -> None:
    receive(create(alice), pem=pems[0], more=said(alice, digest="1" * 64))
    assert wanted(town) == []
    settle()
    assert wanted(town) == [f"{alice}/followers_here"]
    receive(create(eve), pem=pems[0], more=said(eve))  # forged
    settle()
    assert wanted(town) == [f"{alice}/followers_here"]


def collection(uri: str, **more: Any) -> dict[str, Any]:
    return {"id": uri, "type": "OrderedCollection", **more}


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize("answer", ["nothing", "html", "endless"])
def test_a_list_that_does_not_come_whole_changes_nothing(
    town: stores.Store,
    receive: Receive,
    run: Run,
    peer: Neighbour,
    alice: str,
    pems: list[str],
    answer: str,
) -> None:
    url = f"{alice}/followers_here"
    if answer == "html":
        peer.show("/users/alice/followers_here", b"<html>", media="text/html")
    if answer == "endless":
        page = {"id": url, "type": "OrderedCollectionPage", "orderedItems": [], "next": url}
        peer.show("/users/alice/followers_here", page)
    receive(create(alice), pem=pems[0], more=said(alice))
    asked = len(peer.requests)
    assert run() == 1
    assert state(town) == FollowState.ACCEPTED
    assert len(peer.requests) - asked <= reconciling.PAGES
    assert run() == 0


@pytest.mark.usefixtures("followed")
def test_a_list_by_pages_is_read_whole_and_only_ours_count(
    town: stores.Store, receive: Receive, run: Run, peer: Neighbour, alice: str, pems: list[str]
) -> None:
    url = f"{alice}/followers_here"
    peer.show("/users/alice/followers_here", collection(url, first=f"{url}/1"))
    first = [f"{OURS}/users/nobody", "https://elsewhere.example/users/endoume", f"{OURS}/users/endoume"]
    for number, items, more in ((1, first, {"next": f"{url}/2"}), (2, [f"{OURS}/users/ciq"], {})):
        page = {"id": f"{url}/{number}", "type": "OrderedCollectionPage", "orderedItems": items, **more}
        peer.show(f"/users/alice/followers_here/{number}", page)
    receive(create(alice), pem=pems[0], more=said(alice))
    run()
    assert state(town) == FollowState.ACCEPTED
    with town.read() as session:
        # One of ours does not follow, and says so; one never was, and says nothing.
        assert [one.inbox for one in session.scalars(select(Delivery))] == [f"{alice}/inbox"]
