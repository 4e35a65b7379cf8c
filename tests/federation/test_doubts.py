"""Who is said to be gone is asked for at its own host; only its word ends a follow or a delivery."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from federation import doubts, peers, sending
from federation.absences import Doubt
from federation.http import Client
from federation.models import Delivery, DeliveryState, Follow, RemoteActor
from tests.federation.mail import Receive, follow, letters, meet
from tests.federation.neighbours import OURS, Neighbour, Reply
from tests.federation.test_sending import owe
from web import stores

TOMBSTONE = "Tombstone"


@pytest.fixture
def reader(town: stores.Store, receive: Receive, client: Client, alice: str, pems: list[str], clock: datetime) -> str:
    """Alice, who follows a quarter."""
    meet(town, client, alice, clock)
    receive(follow(alice), pem=pems[0])
    return alice


def leave(receive: Receive, alice: str, pem: str) -> None:
    receive({"id": f"{alice}#delete", "type": "Delete", "actor": alice, "object": alice}, pem=pem)


def follows(town: stores.Store) -> list[str]:
    with town.read() as session:
        return list(session.scalars(select(Follow.state)))


@pytest.mark.parametrize("how", ["410", TOMBSTONE])
def test_a_delete_of_oneself_counts_once_its_host_confirms_it(
    town: stores.Store, receive: Receive, client: Client, peer: Neighbour, reader: str, pems: list[str],
    clock: datetime, how: str,
) -> None:  # fmt: skip
    leave(receive, reader, pems[0])
    assert follows(town) == ["accepted"]
    gone = {"id": reader, "type": TOMBSTONE}
    peer.show("/users/alice", gone, status=410 if how == "410" else 200)
    assert doubts.run(town.write, client=client, now=clock) == 1
    assert follows(town) == ["ended"]
    with town.read() as session:
        assert peers.followers_inboxes(session, own_usernames=["endoume"]) == set()
        assert session.get_one(Doubt, reader).verdict == doubts.GONE
        assert session.scalars(select(RemoteActor.gone_at)).one() == clock
    # Home learns now, and not before, that everything of theirs comes down.
    assert [(one.type, one.state) for one in letters(town)][1:] == [("Delete", "handled"), ("Delete", "verified")]
    assert doubts.run(town.write, client=client, now=clock + timedelta(days=3)) == 0


@pytest.mark.parametrize(("status", "verdict"), [(200, doubts.LIVES), (404, "answered 404"), (503, "answered 503")])
def test_a_delete_that_its_host_does_not_confirm_drops_nothing(
    town: stores.Store, receive: Receive, client: Client, peer: Neighbour, reader: str, pems: list[str],
    clock: datetime, status: int, verdict: str,
) -> None:  # fmt: skip
    leave(receive, reader, pems[0])
    if status != 200:
        peer.answers["/users/alice"] = Reply(status=status)
    doubts.run(town.write, client=client, now=clock)
    assert follows(town) == ["accepted"]
    with town.read() as session:
        row = session.get_one(Doubt, reader)
        assert row.verdict == verdict
        assert (row.due_at is None) == (status != 503), "an answer that may still come is waited for"
        assert peers.followers_inboxes(session, own_usernames=["endoume"])
    assert "verified" not in {one.state for one in letters(town)}


def test_an_inbox_that_says_it_is_gone_is_no_proof(
    town: stores.Store, client: Client, peer: Neighbour, reader: str, pems: list[str], clock: datetime
) -> None:
    def send() -> None:
        sending.drain(town.write, client=client, host=peer.authority, origin=OURS, now=lambda: clock)

    owed(town, peer, inboxes=[f"{reader}/inbox"], now=clock)
    peer.answers["/users/alice/inbox"] = Reply(status=410)
    send()
    with town.read() as session:
        assert session.get_one(Doubt, reader).cause == "inbox"
    # It moved to another inbox: that is where the next letter goes.
    peer.actor("/users/alice", pem=pems[0], inbox=f"{peer.origin}/new", endpoints={})
    doubts.run(town.write, client=client, now=clock)
    assert follows(town) == ["accepted"]
    with town.read() as session:
        assert peers.followers_inboxes(session, own_usernames=["endoume"]) == {f"{peer.origin}/new"}


def owed(town: stores.Store, peer: Neighbour, *, inboxes: list[str], now: datetime) -> None:
    """Owe three letters, a withdrawal among them, to certain inboxes of the neighbour."""
    owe(town, objects=1, hosts=[peer.authority], now=now)
    with town.write.begin() as session:
        rows = session.scalars(select(Delivery).where(Delivery.inbox.startswith("https://"))).all()
        for row in rows:
            row.inbox = inboxes[0]


def test_what_waits_for_somebody_who_is_gone_is_given_up_but_for_withdrawals(
    town: stores.Store, client: Client, peer: Neighbour, reader: str, clock: datetime
) -> None:
    owed(town, peer, inboxes=[f"{reader}/inbox"], now=clock)
    with town.write.begin() as session:
        doubts.bury(session, uri=reader, now=clock)
    with town.read() as session:
        states = session.scalars(
            select(Delivery.state).where(Delivery.object_uri.contains("/articles/")).order_by(Delivery.id)
        ).all()
    assert states == [DeliveryState.ABANDONED, DeliveryState.ABANDONED, DeliveryState.DUE]


def test_an_unreachable_address_is_not_a_410(
    town: stores.Store, client: Client, peer: Neighbour, reader: str, clock: datetime
) -> None:
    owed(town, peer, inboxes=["ftp://nowhere.example/inbox"], now=clock)
    sending.drain(town.write, client=client, host=peer.authority, origin=OURS, now=lambda: clock)
    with town.read() as session:
        assert session.scalars(select(Doubt)).all() == []
