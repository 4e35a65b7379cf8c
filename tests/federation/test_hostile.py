"""Hostile neighbours: the classes of docs/federation/security.md that no other test of the federation side is about."""

import random
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from activitypub import codec, senders, signatures
from federation import documents, peers, policy
from federation.base import Unreachable
from federation.http import Client
from federation.inbox import Receipt
from federation.models import Follow, FollowState
from tests.federation.mail import Receive, Settle, create, follow, letters, meet, only
from tests.federation.neighbours import OURS, Neighbour
from web import stores

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


def announce(actor: str, thing: object, *, number: int = 1) -> dict[str, Any]:
    return {"id": f"{actor}/announces/{number}", "type": "Announce", "actor": actor, "to": [PUBLIC], "object": thing}


def follow_group(town: stores.Store, group: str, now: datetime) -> None:
    with town.write.begin() as session:
        peers.follow(session, own_username="instance", target=group, now=now).state = FollowState.ACCEPTED


# --- whose document is it


def test_a_document_under_the_id_of_another_host_is_not_believed(
    client: Client, peer: Neighbour, stranger: Neighbour, alice: str, pems: list[str]
) -> None:
    note = create(alice)["object"]
    url = stranger.show("/copy", note)
    with pytest.raises(Unreachable, match="another host"):
        documents.fetch_writing(client, uri=url, key=None)
    copy = stranger.show("/alice", peer.actor_doc("/users/alice", pem=pems[1]))
    with pytest.raises(Unreachable, match="another host"):
        documents.fetch_actor(client, uri=copy, key=None)
    assert peer.requests == [], "nobody is sent to the host that is named"


def test_a_text_written_on_another_host_is_not_believed(client: Client, peer: Neighbour, eve: str) -> None:
    note = {**create(eve)["object"], "id": f"{peer.origin}/notes/1"}
    with pytest.raises(Unreachable, match="attributes to another host"):
        documents.fetch_writing(client, uri=peer.show("/notes/1", note), key=None)


def test_a_document_that_stands_elsewhere_on_its_host_is_asked_for_there(client: Client, peer: Neighbour) -> None:
    alice = f"{peer.origin}/users/alice"
    peer.show("/notes/2", {**create(alice)["object"], "id": f"{peer.origin}/notes/1", "content": "a copy"})
    peer.show("/notes/1", {**create(alice)["object"], "id": f"{peer.origin}/notes/1", "content": "the text"})
    word = documents.fetch_writing(client, uri=f"{peer.origin}/notes/2", key=None)
    assert word.content == "the text"
    peer.show("/notes/1", {**create(alice)["object"], "id": f"{peer.origin}/notes/3"})
    with pytest.raises(Unreachable, match="its own id"):
        documents.fetch_writing(client, uri=f"{peer.origin}/notes/2", key=None)


def test_two_actors_that_name_one_key(client: Client, peer: Neighbour, alice: str, pems: list[str]) -> None:
    stolen = {**peer.actor_doc("/users/mallory", pem=pems[0])}
    stolen["publicKey"] = {**stolen["publicKey"], "id": f"{alice}#main-key", "owner": alice}
    peer.show("/users/mallory", stolen)
    with pytest.raises(Unreachable, match="belongs to another"):
        documents.fetch_actor(client, uri=f"{peer.origin}/users/mallory", key=None)


@pytest.mark.parametrize("signed_by", ["its own", "a stranger"])
def test_a_linked_data_signature_proves_nothing(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    alice: str,
    eve: str,
    pems: list[str],
    signed_by: str,
) -> None:
    key = alice if signed_by == "its own" else eve
    linked = {"type": "RsaSignature2017", "creator": f"{key}#main-key", "created": "2027-01-01T00:00:00Z"}
    doc = {**create(alice), "signature": {**linked, "signatureValue": "a" * 344}}
    receive(doc, pem=pems[1], key_id=f"{eve}#main-key")
    settle()
    assert only(town).state == "refused", "its origin does not know it"
    assert [request.target for request in peer.requests][-1] == "/users/alice/acts/n1", "the origin was asked"


def test_no_context_is_ever_fetched(
    town: stores.Store, receive: Receive, settle: Settle, peer: Neighbour, stranger: Neighbour, pems: list[str]
) -> None:
    alice = peer.actor("/users/alice", pem=pems[0])
    receive({**create(alice), "@context": [f"{stranger.origin}/context", {"x": "y:z"}]}, pem=pems[0])
    settle()
    assert only(town).state == "verified"
    assert stranger.requests == []


# --- what may not change, and what may not come


@pytest.mark.parametrize("way", ["Update", "Delete"])
def test_nobody_changes_the_actor_or_the_text_of_a_neighbour_on_the_same_host(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    client: Client,
    peer: Neighbour,
    alice: str,
    pems: list[str],
    clock: datetime,
    way: str,
) -> None:
    mallory = peer.actor("/users/mallory", pem=pems[1])
    receive(create(alice), pem=pems[0])
    settle()
    note = create(alice, content="<p>Changed.</p>")["object"]
    meant = note if way == "Update" else {"type": "Tombstone", "id": note["id"]}
    receive({"id": f"{mallory}/acts/1", "type": way, "actor": mallory, "object": meant}, pem=pems[1])
    profile = peer.actor_doc("/users/alice", pem=pems[1])
    receive({"id": f"{mallory}/acts/2", "type": "Update", "actor": mallory, "object": profile}, pem=pems[1])
    settle()
    assert [letter.state for letter in letters(town)] == ["verified", "refused", "refused"]
    assert meet(town, client, alice, clock).key_id == f"{alice}#main-key"


def test_a_blocked_author_does_not_come_in_by_the_announce_of_another(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    stranger: Neighbour,
    alice: str,
    pems: list[str],
    clock: datetime,
) -> None:
    group = peer.actor("/users/group", pem=pems[0], kind="Group")
    follow_group(town, group, clock)
    eve = stranger.actor("/users/eve", pem=pems[1])
    stranger.show("/users/eve/notes/n1", create(eve)["object"])
    with town.write.begin() as session:
        peers.block(session, host="localhost", now=clock)  # nobody we know
        peers.block(session, host=stranger.authority, now=clock)
    receive(announce(group, f"{eve}/notes/n1"), pem=pems[0])
    settle()
    assert (only(town).state, only(town).sentence) == ("refused", "written on a blocked host")


def test_an_announced_text_its_origin_does_not_know_leaves_nothing(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    eve: str,
    pems: list[str],
    clock: datetime,
) -> None:
    group = peer.actor("/users/group", pem=pems[0], kind="Group")
    follow_group(town, group, clock)
    receive(announce(group, create(eve)), pem=pems[0])
    settle()
    assert only(town).state == "refused"
    assert only(town).content is None


def test_nobody_accepts_for_another(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    alice: str,
    eve: str,
    pems: list[str],
    clock: datetime,
) -> None:
    with town.write.begin() as session:
        uri = peers.follow(session, own_username="instance", target=alice, now=clock)
        uri.activity_uri = f"{OURS}/users/instance/follows/1"
        uri.state = FollowState.PENDING
    receive(
        {"id": f"{eve}/acts/1", "type": "Accept", "actor": eve, "object": f"{OURS}/users/instance/follows/1"},
        pem=pems[1],
    )
    settle()
    with town.read() as session:
        assert [one.state for one in session.query(Follow)] == [FollowState.PENDING]


@pytest.mark.parametrize("kind", ["Join", "Offer", "Like", "FeatureRequest"])
def test_what_has_no_effect_costs_nothing(
    town: stores.Store, receive: Receive, peer: Neighbour, alice: str, pems: list[str], kind: str
) -> None:
    doc = {"id": f"{alice}/acts/1", "type": kind, "actor": alice, "object": alice, "target": alice}
    assert receive(doc, pem=pems[0]) == Receipt(status=202)
    assert letters(town) == []
    assert peer.requests == []


# --- names that deceive


@pytest.mark.parametrize(
    ("chosen", "seen"),
    [
        ("Mairie\u202egro.live", "Mairiegro.live"),
        ("Ma\u200birie", "Mairie"),
        ("\u2800\u3164", "alice"),
        ("Zoé 👩\u200d🚒", "Zoé 👩\u200d🚒"),
        ("deux\nlignes\tet\x00plus", "deux lignes etplus"),
        ("نادية", "نادية"),
    ],
)
def test_a_name_shows_what_it_is(
    town: stores.Store, client: Client, peer: Neighbour, pems: list[str], clock: datetime, chosen: str, seen: str
) -> None:
    uri = peer.actor("/users/alice", pem=pems[0], name=chosen.replace("\x00", "\x01"))
    assert meet(town, client, uri, clock).name == seen


def test_what_is_seen_stays_what_it_is() -> None:
    dice = random.Random(5)
    for _ in range(500):
        text = "".join(
            chr(dice.choice([dice.randrange(32, 0xD7FF), dice.randrange(0x2000, 0x2100)])) for _ in range(20)
        )
        assert policy.visible(policy.visible(text)) == policy.visible(text)


# --- text that makes a reader slow

HOSTILE_TEXTS = [
    "<" * 200_000,
    "aaaa!" * 40_000,
    '"' * 200_000,
    "a=" * 100_000,
    " ," * 100_000,
    "\\" * 200_000,
    "\u202e" * 99_999,
]


def _parse(text: str) -> None:
    headers = {"Signature": text, "Signature-Input": text, "Digest": text, "Date": text, "Host": text}
    for only_ in (("Signature",), tuple(headers)):
        try:
            senders.parse({name: headers[name] for name in only_})
        except signatures.Forged:
            continue


def _read(text: str) -> None:
    note = {"id": "https://a.example/1", "type": "Note", "attributedTo": "https://a.example/u", "content": text}
    codec.read_word({**note, "mediaType": "text/markdown", "contentMap": {text: text}, "url": text, "published": text})


READERS: list[Callable[[str], object]] = [_parse, _read, policy.visible, policy.authority]


@pytest.mark.parametrize("read", READERS)
def test_no_text_keeps_a_reader_busy(read: Callable[[str], object]) -> None:
    for text in HOSTILE_TEXTS:
        before = time.process_time()
        read(text)
        assert time.process_time() - before < 1, text[:10]


# --- the same again


def test_a_create_after_its_delete_stays_deleted_and_a_follow_twice_is_one(
    town: stores.Store, receive: Receive, settle: Settle, client: Client, alice: str, pems: list[str], clock: datetime
) -> None:
    meet(town, client, alice, clock)
    gone = {"id": f"{alice}/d/1", "type": "Delete", "actor": alice, "object": f"{alice}/notes/n1"}
    receive(gone, pem=pems[0])
    late = create(alice)
    receive({**late, "id": f"{alice}/acts/other"}, pem=pems[0])
    settle()
    assert [letter.state for letter in letters(town)] == ["verified", "refused"]
    for _ in range(2):
        receive(follow(alice), pem=pems[0])
    settle()
    with town.read() as session:
        assert session.query(Follow).count() == 1
    assert receive(create(alice, name="n9"), pem=pems[0], now=clock - timedelta(hours=2)).status == 401
