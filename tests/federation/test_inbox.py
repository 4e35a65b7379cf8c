"""Letters: what is taken in, what is believed, and how each one ends."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from activitypub import codec, keys
from activitypub.vocabulary import Article, Note
from federation import delivery, documents, inbox, peers, policy
from federation.base import Unreachable
from federation.http import Client
from federation.inbox import Receipt
from federation.models import Delivery, Follow, FollowState, GoneObject, Letter, RemoteActor
from tests.federation.neighbours import OURS, Neighbour, Reply, signed
from web import stores

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
Receive = Callable[..., Receipt]
Settle = Callable[..., int]


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


def meet(town: stores.Store, client: Client, uri: str, now: datetime) -> RemoteActor:
    return documents.actor(town.write, client=client, uri=uri, now=now)


def letters(town: stores.Store) -> list[Letter]:
    with town.read() as session:
        return list(session.scalars(select(Letter).order_by(Letter.id)))


def only(town: stores.Store) -> Letter:
    [letter] = letters(town)
    return letter


def create(actor: str, *, name: str = "n1", **more: Any) -> dict[str, Any]:
    note = {
        "id": f"{actor}/notes/{name}",
        "type": "Note",
        "attributedTo": actor,
        "content": "<p>I have a ladder.</p>",
        "to": [f"{OURS}/users/instance"],
        **more,
    }
    return {"id": f"{actor}/acts/{name}", "type": "Create", "actor": actor, "to": note["to"], "object": note}


def follow(actor: str, target: str = "endoume", *, number: int = 1) -> dict[str, Any]:
    uri = f"{OURS}/actor" if target == "palier" else f"{OURS}/users/{target}"
    return {"id": f"{actor}/follows/{number}", "type": "Follow", "actor": actor, "object": uri}


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


# --- objects


def test_a_text_of_somebody_else_is_refused(
    town: stores.Store, receive: Receive, settle: Settle, eve: str, alice: str, pems: list[str]
) -> None:
    forged = create(eve)
    forged["object"]["attributedTo"] = alice
    receive(forged, pem=pems[1])
    settle()
    assert only(town).state == "refused"


def test_an_object_of_another_host_is_fetched_and_its_author_must_agree(
    town: stores.Store, receive: Receive, settle: Settle, peer: Neighbour, alice: str, eve: str, pems: list[str]
) -> None:
    peer.show("/users/alice/notes/n1", create(alice)["object"])
    stolen = create(eve)
    stolen["object"] = f"{alice}/notes/n1"
    receive(stolen, pem=pems[1])
    settle()
    assert (only(town).state, only(town).sentence) == ("refused", "the text is somebody else's")


def test_a_reference_is_fetched(
    town: stores.Store, receive: Receive, settle: Settle, peer: Neighbour, alice: str, pems: list[str]
) -> None:
    doc = create(alice)
    peer.show("/users/alice/notes/n1", doc["object"])
    receive({**doc, "object": doc["object"]["id"]}, pem=pems[0])
    settle()
    assert only(town).state == "verified"


def test_forwarded_letters_are_read_at_their_origin(
    town: stores.Store, receive: Receive, settle: Settle, peer: Neighbour, alice: str, eve: str, pems: list[str]
) -> None:
    altered = create(alice, content="<p>Altered.</p>")
    receive(altered, pem=pems[1], key_id=f"{eve}#main-key")
    settle()
    assert only(town).state == "refused"
    peer.show("/users/alice/acts/n2", create(alice, name="n2"))
    receive(create(alice, name="n2", content="<p>Altered.</p>"), pem=pems[1], key_id=f"{eve}#main-key")
    settle()
    second = letters(town)[1]
    assert second.state == "verified"
    assert b"ladder" in (second.content or b"")
    assert b"Altered" not in second.raw


def announce(group: str, inner: Any) -> dict[str, Any]:
    return {"id": f"{group}/announces/1", "type": "Announce", "actor": group, "to": [PUBLIC], "object": inner}


def follow_group(town: stores.Store, group: str, now: datetime) -> None:
    with town.write.begin() as session:
        wish = peers.follow(session, own_username="instance", target=group, now=now)
        wish.state = FollowState.ACCEPTED


def test_an_announce_of_a_stranger_moves_nobody(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    stranger: Neighbour,
    alice: str,
    pems: list[str],
) -> None:
    group = stranger.actor("/users/group", pem=pems[1], kind="Group")
    receive(announce(group, f"{alice}/notes/n1"), pem=pems[1])
    settle()
    assert only(town).state == "handled"
    assert peer.requests == []


def test_an_announced_text_is_fetched_from_its_author(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    stranger: Neighbour,
    alice: str,
    pems: list[str],
    clock: datetime,
) -> None:
    group = stranger.actor("/users/group", pem=pems[1], kind="Group")
    follow_group(town, group, clock)
    article = {
        "id": f"{alice}/articles/1",
        "type": "Article",
        "attributedTo": alice,
        "name": "Fair",
        "content": "<p>On Sunday.</p>",
    }
    peer.show("/users/alice/articles/1", article)
    forged = {"id": f"{alice}/acts/1", "type": "Create", "actor": alice, "object": {**article, "name": "Forged"}}
    receive(announce(group, forged), pem=pems[1])
    settle()
    letter = only(town)
    assert (letter.state, letter.author_uri) == ("verified", alice)
    word = codec.read_object(codec.load(letter.content or b""))
    assert isinstance(word, Article)
    assert word.name == "Fair"
    with town.read() as session:
        assert documents.stored_actor(session, alice) is not None


def test_an_announced_text_of_the_same_host_needs_no_fetch(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    alice: str,
    pems: list[str],
    clock: datetime,
) -> None:
    group = peer.actor("/users/group", pem=pems[1], kind="Group")
    follow_group(town, group, clock)
    receive(announce(group, create(alice)), pem=pems[1])
    settle()
    assert (only(town).state, only(town).author_uri) == ("verified", alice)
    assert "/users/alice/notes/n1" not in [request.target for request in peer.requests]


# --- withdrawals


def delete(actor: str, uri: str, *, number: int = 1) -> dict[str, Any]:
    return {
        "id": f"{actor}/deletes/{number}",
        "type": "Delete",
        "actor": actor,
        "object": {"id": uri, "type": "Tombstone"},
    }


def test_a_withdrawal_comes_through_and_outlives_a_replay(
    town: stores.Store, receive: Receive, client: Client, alice: str, pems: list[str], clock: datetime
) -> None:
    meet(town, client, alice, clock)
    uri = f"{alice}/notes/n1"
    receive(delete(alice, uri), pem=pems[0])
    receive(create(alice), pem=pems[0])
    assert [letter.state for letter in letters(town)] == ["verified", "refused"]
    assert letters(town)[0].object_uri == uri


def test_nobody_withdraws_what_others_wrote(
    town: stores.Store,
    receive: Receive,
    client: Client,
    peer: Neighbour,
    alice: str,
    eve: str,
    pems: list[str],
    clock: datetime,
) -> None:
    mallory = peer.actor("/users/mallory", pem=pems[1])
    for actor in (alice, eve, mallory):
        meet(town, client, actor, clock)
    receive(create(alice), pem=pems[0])
    receive(delete(eve, f"{alice}/notes/n1"), pem=pems[1])
    receive(delete(mallory, f"{alice}/notes/n1"), pem=pems[1])
    receive(delete(mallory, f"{alice}/notes/n2", number=2), pem=pems[1])
    receive(create(alice, name="n2"), pem=pems[0])
    assert [letter.state for letter in letters(town)] == ["verified", "refused", "refused", "verified", "verified"]
    with town.read() as session:
        assert session.scalars(select(GoneObject.by)).all() == [mallory]


def test_an_actor_that_leaves_ends_its_follows(
    town: stores.Store, receive: Receive, client: Client, alice: str, pems: list[str], clock: datetime
) -> None:
    meet(town, client, alice, clock)
    receive(follow(alice), pem=pems[0])
    receive({"id": f"{alice}#delete", "type": "Delete", "actor": alice, "object": alice}, pem=pems[0])
    with town.read() as session:
        assert session.scalars(select(Follow.state)).all() == ["ended"]
        assert peers.followers_inboxes(session, own_usernames=["endoume"]) == set()


# --- follows


def test_a_quarter_accepts_and_embeds_the_follow(
    town: stores.Store, receive: Receive, client: Client, peer: Neighbour, alice: str, pems: list[str], clock: datetime
) -> None:
    meet(town, client, alice, clock)
    receive(follow(alice), pem=pems[0])
    letter = only(town)
    assert (letter.state, letter.sentence, letter.raw) == ("handled", "follows endoume", b"")
    with town.read() as session:
        assert peers.followers_inboxes(session, own_usernames=["endoume", "ciq"]) == {f"{peer.origin}/inbox"}
    peer.answers["/users/alice/inbox"] = Reply(status=202)
    delivery.drain(town.write, client=client, host=peer.authority, origin=OURS, now=lambda: clock)
    answer = codec.load(peer.posts()[0].body)
    assert answer["type"] == "Accept"
    assert isinstance(answer["object"], dict)
    assert answer["object"]["id"] == f"{alice}/follows/1"


def test_asking_twice_is_one_follower_with_the_newer_id(
    town: stores.Store, receive: Receive, client: Client, alice: str, pems: list[str], clock: datetime
) -> None:
    meet(town, client, alice, clock)
    receive(follow(alice), pem=pems[0])
    receive(follow(alice, number=2), pem=pems[0])
    with town.read() as session:
        assert session.scalars(select(Follow.activity_uri)).all() == [f"{alice}/follows/2"]
        assert len(session.scalars(select(Delivery)).all()) == 2


def test_the_application_has_no_followers(
    town: stores.Store, receive: Receive, client: Client, alice: str, pems: list[str], clock: datetime
) -> None:
    meet(town, client, alice, clock)
    receive(follow(alice, "palier"), pem=pems[0])
    with town.read() as session:
        assert session.scalars(select(Follow)).all() == []
    assert "no followers" in only(town).sentence


@pytest.mark.parametrize("by_id", [True, False])
def test_undo_ends_a_follow(
    town: stores.Store, receive: Receive, client: Client, alice: str, pems: list[str], clock: datetime, by_id: bool
) -> None:
    meet(town, client, alice, clock)
    receive(follow(alice), pem=pems[0])
    undone = f"{alice}/follows/1" if by_id else {**follow(alice), "id": f"{alice}/other"}
    receive({"id": f"{alice}/undo/1", "type": "Undo", "actor": alice, "object": undone}, pem=pems[0])
    with town.read() as session:
        assert session.scalars(select(Follow.state)).all() == ["ended"]


def test_nobody_else_undoes_a_follow(
    town: stores.Store, receive: Receive, client: Client, alice: str, eve: str, pems: list[str], clock: datetime
) -> None:
    for actor in (alice, eve):
        meet(town, client, actor, clock)
    receive(follow(alice), pem=pems[0])
    receive({"id": f"{eve}/undo/1", "type": "Undo", "actor": eve, "object": follow(alice)}, pem=pems[1])
    with town.read() as session:
        assert session.scalars(select(Follow.state)).all() == ["accepted"]


def test_only_the_followed_actor_accepts(
    town: stores.Store, receive: Receive, client: Client, alice: str, eve: str, pems: list[str], clock: datetime
) -> None:
    for actor in (alice, eve):
        meet(town, client, actor, clock)
    with town.write.begin() as session:
        wish = peers.follow(session, own_username="instance", target=alice, now=clock)
        wish.state = FollowState.PENDING
        uri = wish.activity_uri
    asked = {"id": uri, "type": "Follow", "actor": f"{OURS}/users/instance", "object": alice}
    receive({"id": f"{eve}/accepts/1", "type": "Accept", "actor": eve, "object": asked}, pem=pems[1])
    with town.read() as session:
        assert not peers.follows(session, remote_uri=alice)
    receive({"id": f"{alice}/accepts/1", "type": "Accept", "actor": alice, "object": uri}, pem=pems[0])
    with town.read() as session:
        assert peers.follows(session, remote_uri=alice)
    receive({"id": f"{alice}/rejects/1", "type": "Reject", "actor": alice, "object": asked}, pem=pems[0])
    with town.read() as session:
        assert session.scalars(select(Follow.state)).all() == ["ended"]


def test_a_block_ends_the_follow(
    town: stores.Store, receive: Receive, client: Client, alice: str, pems: list[str], clock: datetime
) -> None:
    meet(town, client, alice, clock)
    receive(follow(alice), pem=pems[0])
    blocked = {"id": f"{alice}/blocks/1", "type": "Block", "actor": alice, "object": f"{OURS}/users/endoume"}
    receive(blocked, pem=pems[0])
    with town.read() as session:
        assert session.scalars(select(Follow.state)).all() == ["ended"]


def test_a_changed_profile_is_fetched_not_believed(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    client: Client,
    peer: Neighbour,
    alice: str,
    pems: list[str],
    clock: datetime,
) -> None:
    meet(town, client, alice, clock)
    claimed = peer.actor_doc("/users/alice", pem=pems[1], name="Claimed")
    peer.actor("/users/alice", pem=pems[0], name="Shown")
    receive({"id": f"{alice}/updates/1", "type": "Update", "actor": alice, "object": claimed}, pem=pems[0])
    settle()
    with town.read() as session:
        known = documents.stored_actor(session, alice)
        assert known is not None
        assert known.name == "Shown"
        assert known.public_pem == keys.public_pem(pems[0])
