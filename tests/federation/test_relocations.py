"""Somebody who is followed here moves: only if both of their documents say so, once a month, and follows go along."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from activitypub import codec
from federation import peers
from federation.http import Client
from federation.models import Activity, Direction, Follow, FollowState, Peer, PeerState, Relocation
from tests.federation.mail import Receive, Settle, letters, meet
from tests.federation.neighbours import OURS, Neighbour
from web import stores

Says = Callable[..., None]


@pytest.fixture
def bob(stranger: Neighbour) -> str:
    """Where Alice moves to: another host."""
    return f"{stranger.origin}/users/bob"


@pytest.fixture
def says(peer: Neighbour, stranger: Neighbour, alice: str, bob: str, pems: list[str]) -> Says:
    """What the two documents say of each other."""

    def go(*, old: Any = bob, new: Any = alice, **more: Any) -> None:
        peer.actor("/users/alice", pem=pems[0], movedTo=old)
        stranger.actor("/users/bob", pem=pems[1], alsoKnownAs=[new], **more)

    return go


@pytest.fixture
def followed(town: stores.Store, client: Client, alice: str, clock: datetime) -> None:
    """Two of ours follow Alice; a third one has stopped."""
    meet(town, client, alice, clock)
    with town.write.begin() as session:
        for own, state in (("palier", FollowState.ACCEPTED), ("ciq", FollowState.ACCEPTED)):
            row = peers.follow(session, own_username=own, target=alice, now=clock)
            row.state = state
        peers.unfollow(
            session, follow_id=peers.follow(session, own_username="endoume", target=alice, now=clock).id, now=clock
        )


def move(old: str, new: str, *, number: int = 1, actor: str | None = None) -> dict[str, Any]:
    by = actor or old
    return {"id": f"{by}/moves/{number}", "type": "Move", "actor": by, "object": old, "target": new}


def follows(town: stores.Store, uri: str) -> dict[str, str]:
    with town.read() as session:
        wanted = select(Follow).where(Follow.direction == Direction.OUT, Follow.remote_uri == uri).order_by(Follow.id)
        return {row.own_username: row.state for row in session.scalars(wanted)}


def last(town: stores.Store) -> tuple[str, str]:
    return letters(town)[-1].state, letters(town)[-1].sentence


@pytest.mark.usefixtures("followed")
def test_follows_go_along(
    town: stores.Store, receive: Receive, settle: Settle, says: Says, alice: str, bob: str, pems: list[str]
) -> None:
    says()
    receive(move(alice, bob), pem=pems[0])
    settle()
    assert last(town) == ("handled", f"moved to {bob}; follows that went along: 2")
    assert follows(town, bob) == {"palier": "wanted", "ciq": "wanted"}
    assert set(follows(town, alice).values()) == {"ended"}
    with town.read() as session:
        undone = [codec.load(one.body) for one in session.scalars(select(Activity).where(Activity.type == "Undo"))]
        assert {(one["actor"], one["object"]["object"]) for one in undone} == {
            (f"{OURS}/actor", alice),
            (f"{OURS}/users/ciq", alice),
        }
        assert session.scalars(select(Relocation.new_uri)).all() == [bob]


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize(
    ("old", "new", "more", "why"),
    [
        (None, "alice", {}, "moves, and its own document does not say so"),
        ("https://evil.example/users/x", "alice", {}, "moves, and its own document does not say so"),
        ("bob", "https://evil.example/users/x", {}, "moves to somebody who does not know it"),
        ("bob", "alice", {"movedTo": "https://la.example/users/c"}, "moves to somebody who has moved on"),
        ("bob", "alice", {"movedTo": "alice"}, "moves to somebody who has moved on"),
        ("bob", "alice", {"kind": "Application"}, "moves to somebody who cannot be followed"),
    ],
    ids=["unsaid", "elsewhere", "forged target", "chain", "cycle", "an instance"],
)
def test_what_one_of_the_two_does_not_say_moves_nobody(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    says: Says,
    alice: str,
    bob: str,
    pems: list[str],
    old: str | None,
    new: str,
    more: dict[str, str],
    why: str,
) -> None:
    names = {"alice": alice, "bob": bob}
    says(
        old=names.get(old or "", old),
        new=names.get(new, new),
        **{key: names.get(value, value) for key, value in more.items()},
    )
    receive(move(alice, bob), pem=pems[0])
    settle()
    assert last(town) == ("refused", why)
    assert follows(town, alice)["palier"] == "accepted"
    assert follows(town, bob) == {}


@pytest.mark.usefixtures("followed")
@pytest.mark.parametrize(
    ("target", "why"),
    [
        (f"{OURS}/users/endoume", "moves to one of ours"),
        ("alice", "moves to an address that cannot be used"),
        ("bob", "moves to a blocked host"),
    ],
)
def test_where_nobody_is_asked_at_all(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    says: Says,
    peer: Neighbour,
    stranger: Neighbour,
    alice: str,
    bob: str,
    pems: list[str],
    clock: datetime,
    target: str,
    why: str,
) -> None:
    says()
    with town.write.begin() as session:
        blocked = stranger.origin.partition("//")[2]
        session.add(
            Peer(host=blocked, state=PeerState.BLOCKED, directory=[], note="", name="", added_at=clock, attempts=0)
        )
    asked = len(peer.requests)
    receive(move(alice, {"alice": alice, "bob": bob}.get(target, target)), pem=pems[0])
    settle()
    assert last(town) == ("refused", why)
    assert (len(peer.requests), len(stranger.requests)) == (asked, 0)


def test_nobody_is_moved_by_somebody_else_and_strangers_move_as_they_like(
    town: stores.Store,
    client: Client,
    receive: Receive,
    settle: Settle,
    alice: str,
    bob: str,
    eve: str,
    pems: list[str],
    clock: datetime,
    stranger: Neighbour,
) -> None:
    meet(town, client, alice, clock)
    meet(town, client, eve, clock)
    asked = len(stranger.requests)
    receive(move(alice, bob, actor=eve), pem=pems[1])
    assert last(town) == ("refused", "moves somebody else")
    receive(move(alice, bob), pem=pems[0])
    assert last(town) == ("handled", "nobody here follows whoever moves")
    settle()
    assert len(stranger.requests) == asked


@pytest.mark.usefixtures("followed")
def test_once_a_month_and_never_on_or_back_meanwhile(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    says: Says,
    alice: str,
    bob: str,
    pems: list[str],
    clock: datetime,
) -> None:
    says()
    for old, new, days, why in (
        (bob, alice, 29, "moved less than a month ago"),
        (alice, bob, 29, "moved less than a month ago"),
        ("https://la.example/users/x", alice, 29, "moved less than a month ago"),
        (alice, bob, 31, None),
    ):
        with town.write.begin() as session:
            session.query(Relocation).delete()
            session.add(Relocation(old_uri=old, new_uri=new, name="", at=clock - timedelta(days=days)))
        receive(move(alice, bob, number=days + len(letters(town))), pem=pems[0])
        settle()
        assert last(town)[0] == ("handled" if why is None else "refused")
        assert why is None or last(town)[1] == why
