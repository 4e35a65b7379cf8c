"""What the inbox takes in, what it answers, and whose word it is."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from activitypub import codec
from activitypub.vocabulary import Note
from federation import documents, inbox, peers, policy, settling
from federation.base import Unreachable
from federation.http import Client
from federation.inbox import Receipt
from federation.models import RemoteActor
from tests.federation.mail import Receive, Settle, create, letters, meet, only
from tests.federation.neighbours import OURS, Neighbour, Reply, signed
from web import stores

# --- taking in


def test_an_unknown_key_waits_then_is_fetched(
    town: stores.Store, receive: Receive, settle: Settle, peer: Neighbour, alice: str, pems: list[str]
) -> None:
    receipt = receive(create(alice), pem=pems[0])
    assert receipt.status == 202
    assert receipt.letter_id is not None
    assert only(town).state == "waiting"
    assert peer.requests == []
    assert settle() == 1
    letter = only(town)
    assert (letter.state, letter.author_uri, letter.object_uri) == ("verified", alice, f"{alice}/notes/n1")
    assert letter.content is not None
    word = codec.read_object(codec.load(letter.content))
    assert isinstance(word, Note)
    assert word.content == "<p>I have a ladder.</p>"
    assert [request.target for request in peer.requests] == ["/users/alice"]


def test_a_known_key_is_used_at_once(
    town: stores.Store, receive: Receive, client: Client, alice: str, pems: list[str], clock: datetime
) -> None:
    meet(town, client, alice, clock)
    assert receive(create(alice), pem=pems[0]).status == 202
    assert only(town).state == "verified"


def test_the_same_letter_twice_is_one(
    town: stores.Store, receive: Receive, client: Client, alice: str, pems: list[str], clock: datetime, settle: Settle
) -> None:
    receive(create(alice), pem=pems[0])
    receive(create(alice), pem=pems[0])
    settle()
    assert receive(create(alice), pem=pems[0], now=clock + timedelta(seconds=9)).letter_id is None
    assert [letter.state for letter in letters(town)] == ["verified"]


def test_two_updates_under_one_id_are_two(
    town: stores.Store, receive: Receive, client: Client, alice: str, pems: list[str], clock: datetime
) -> None:
    meet(town, client, alice, clock)
    for text in ("<p>One.</p>", "<p>Two.</p>"):
        receive({**create(alice, content=text), "type": "Update"}, pem=pems[0])
    assert len(letters(town)) == 2


def test_a_forgery_does_not_occupy_the_id_of_the_genuine_letter(
    town: stores.Store, receive: Receive, settle: Settle, alice: str, pems: list[str]
) -> None:
    assert receive(create(alice), pem=pems[1]).status == 202
    assert receive(create(alice), pem=pems[0]).status == 202
    settle()
    assert sorted(letter.state for letter in letters(town)) == ["refused", "verified"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>", 400),
        (b'{"a":1,"a":2}', 400),
        (b'{"@graph":[]}', 400),
        (b"{}", 202),
        (
            b'{"type":"Like","id":"https://a.example/1","actor":"https://a.example/u","object":"https://b.example/1"}',
            202,
        ),
        (b'{"type":"Create","id":"https://a.example/1"}', 202),
        (b'{"type":"Create","id":5,"actor":[],"object":{}}', 202),
        (b" " * (1024 * 1024 + 1), 413),
    ],
)
def test_what_cannot_be_used_is_answered_and_not_stored(
    town: stores.Store, receive: Receive, pems: list[str], body: bytes, status: int
) -> None:
    assert receive(body, pem=pems[0], key_id="https://a.example/u#main-key").status == status
    assert letters(town) == []


def test_unsigned_or_forged_is_401(
    town: stores.Store, receive: Receive, client: Client, alice: str, pems: list[str], clock: datetime
) -> None:
    meet(town, client, alice, clock)
    assert receive(create(alice), pem=pems[1]).status == 401
    good = signed(create(alice), pem=pems[0], key_id=f"{alice}#main-key", now=clock)
    unsigned = {name: value for name, value in good.headers.items() if name != "Signature"}
    bad = [
        inbox.Arrival(method="POST", target="/inbox", headers=unsigned, body=good.body, remote_addr="127.0.0.1"),
        inbox.Arrival(method="POST", target="/inbox", headers=good.headers, body=good.body + b" ", remote_addr=""),
        inbox.Arrival(method="POST", target="/other", headers=good.headers, body=good.body, remote_addr=""),
        inbox.Arrival(
            method="POST",
            target="/inbox",
            headers={**good.headers, "Host": "x.example"},
            body=good.body,
            remote_addr="",
        ),
    ]
    for arrival in bad:
        with town.write.begin() as session:
            assert inbox.receive(session, arrival=arrival, origin=OURS, now=clock).status == 401
    assert receive(create(alice), pem=pems[0], now=clock - timedelta(minutes=61)).status == 401
    assert receive(create(alice), pem=pems[0], now=clock + timedelta(minutes=61)).status == 401
    assert letters(town) == []


def test_a_valid_signature_of_somebody_else_proves_nothing(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    client: Client,
    peer: Neighbour,
    alice: str,
    pems: list[str],
    clock: datetime,
) -> None:
    mallory = peer.actor("/users/mallory", pem=pems[1])
    for actor in (alice, mallory):
        meet(town, client, actor, clock)
    assert receive(create(alice), pem=pems[1], key_id=f"{mallory}#main-key").status == 202
    settle()
    assert only(town).state == "refused"
    assert "signature" in only(town).sentence


def test_speaking_in_our_name_is_401(receive: Receive, pems: list[str]) -> None:
    ours = f"{OURS}/users/ciq"
    assert receive(create(ours), pem=pems[2]).status == 401


def test_an_activity_of_another_host_is_401(receive: Receive, alice: str, pems: list[str]) -> None:
    assert receive({**create(alice), "id": "https://b.example/1"}, pem=pems[0]).status == 401


def test_blocked_hosts_are_answered_like_others_and_dropped(
    town: stores.Store, receive: Receive, peer: Neighbour, alice: str, pems: list[str], clock: datetime
) -> None:
    with town.write.begin() as session:
        peers.block(session, host=peer.authority, now=clock)
    assert receive(create(alice), pem=pems[0]) == Receipt(status=202)
    assert letters(town) == []


def test_strangers_deleting_themselves_leave_no_trace(
    town: stores.Store, receive: Receive, peer: Neighbour, alice: str, pems: list[str]
) -> None:
    doc = {"id": f"{alice}#delete", "type": "Delete", "actor": alice, "object": alice}
    assert receive(doc, pem=pems[0]) == Receipt(status=202)
    assert letters(town) == []
    assert peer.requests == []


def test_one_sender_fills_only_its_own_share(
    town: stores.Store, receive: Receive, pems: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "WAITING_LIMIT", 3)
    for number in range(3):
        assert receive(create(f"https://a{number}.example/u"), pem=pems[0]).status == 202
    full = receive(create("https://a9.example/u"), pem=pems[0])
    assert (full.status, full.retry_after) == (429, 60)
    assert receive(create("https://b.example/u"), pem=pems[0], remote="192.0.2.7").status == 202
    assert len(letters(town)) == 4


def test_nobody_waits_behind_all_the_letters_of_another_sender(
    town: stores.Store, receive: Receive, settle: Settle, peer: Neighbour, alice: str, pems: list[str]
) -> None:
    """Whoever owns a domain writes from a hundred hosts that never answer: each takes its fifteen seconds."""
    port = peer.server.server_port
    for number in range(3 * settling.BATCH):
        receive(create(f"http://slow{number}.localhost:{port}/u"), pem=pems[0], remote="192.0.2.7")
    for number in range(2):
        receive(create(alice, name=f"n{number}"), pem=pems[0], remote="192.0.2.8")
    assert settle() == settling.BATCH
    states = [(one.state, one.activity_uri) for one in letters(town) if one.host == peer.authority]
    assert states == [("verified", f"{alice}/acts/n0"), ("verified", f"{alice}/acts/n1")]


# --- keys


def test_a_changed_key_is_fetched_once_when_ours_is_old(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    client: Client,
    peer: Neighbour,
    alice: str,
    pems: list[str],
    clock: datetime,
) -> None:
    meet(town, client, alice, clock - timedelta(minutes=10))
    peer.actor("/users/alice", pem=pems[1])
    assert receive(create(alice), pem=pems[1]).status == 202
    assert only(town).state == "waiting"
    settle()
    assert only(town).state == "verified"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_host_that_is_down_is_waited_for(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    alice: str,
    pems: list[str],
    clock: datetime,
    status: int,
) -> None:
    shown = peer.answers["/users/alice"]
    peer.answers["/users/alice"] = Reply(status=status)
    receive(create(alice), pem=pems[0])
    settle()
    assert only(town).state == "waiting"
    assert settle() == 0
    peer.answers["/users/alice"] = shown
    assert settle(clock + timedelta(minutes=5)) == 1
    assert only(town).state == "verified"


def test_patience_with_a_missing_key_ends(
    town: stores.Store, receive: Receive, settle: Settle, peer: Neighbour, alice: str, pems: list[str], clock: datetime
) -> None:
    peer.answers["/users/alice"] = Reply(status=500)
    receive(create(alice), pem=pems[0])
    settle(clock + timedelta(days=3))
    letter = only(town)
    assert (letter.state, letter.raw, letter.headers) == ("refused", b"", {})
    assert letter.sentence


@pytest.mark.parametrize("field", ["id", "inbox", "outbox", "sharedInbox", "keyId", "owner"])
def test_an_actor_spread_over_hosts_is_not_stored(
    town: stores.Store, client: Client, peer: Neighbour, pems: list[str], clock: datetime, field: str
) -> None:
    doc = peer.actor_doc("/users/alice", pem=pems[0])
    elsewhere = "http://127.0.0.3:9/users/alice"
    match field:
        case "sharedInbox":
            doc["endpoints"] = {"sharedInbox": elsewhere}
        case "keyId":
            doc["publicKey"]["id"] = f"{elsewhere}#main-key"
        case "owner":
            doc["publicKey"]["owner"] = elsewhere
        case _:
            doc[field] = elsewhere
    uri = peer.show("/users/alice", doc)
    try:
        found = documents.actor(town.write, client=client, uri=uri, now=clock)
    except (Unreachable, codec.Malformed):
        with town.read() as session:
            assert session.scalars(select(RemoteActor)).all() == []
    else:
        # Reading may leave a part out that does not belong; then it must not be stored.
        stored = [found.uri, found.inbox, found.shared_inbox, found.outbox, found.key_id]
        assert all(part is None or part.startswith(peer.origin) for part in stored)


def test_an_actor_never_changes_its_kind(
    town: stores.Store, client: Client, peer: Neighbour, alice: str, pems: list[str], clock: datetime
) -> None:
    meet(town, client, alice, clock)
    peer.actor("/users/alice", pem=pems[0], kind="Group")
    with pytest.raises(Unreachable, match="kind"):
        documents.actor(town.write, client=client, uri=alice, now=clock, fresh_for=timedelta(0))


def test_a_host_that_does_not_answer_holds_up_nobody_else(
    town: stores.Store, receive: Receive, settle: Settle, peer: Neighbour, alice: str, eve: str, pems: list[str]
) -> None:
    peer.answers["/users/alice"] = Reply(status=503)
    for name in ("n1", "n2", "n3"):
        receive(create(alice, name=name), pem=pems[0])
    receive(create(eve), pem=pems[1])
    assert settle() == 2
    assert [letter.state for letter in letters(town)] == ["waiting", "waiting", "waiting", "verified"]
    assert len(peer.requests) == 1
