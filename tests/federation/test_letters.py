"""What is believed of a genuine letter, and how each kind ends."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import select

from activitypub import codec, keys, proofs
from activitypub.vocabulary import Article, Undo
from federation import delivery, documents, identity, peers, sending
from federation.http import Client
from federation.models import Delivery, Follow, FollowState, GoneObject
from tests.federation.mail import Receive, Settle, create, follow, letters, meet, only
from tests.federation.neighbours import OURS, Neighbour, Reply
from web import stores

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


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


@pytest.fixture
def prover() -> Ed25519PrivateKey:
    """The key Alice proves her documents with."""
    return Ed25519PrivateKey.generate()


@pytest.fixture
def proving(peer: Neighbour, alice: str, pems: list[str], prover: Ed25519PrivateKey) -> str:
    """The key's address; Alice's profile shows it."""
    method = f"{alice}#ed25519-key"
    multibase = proofs.public_multibase(prover.public_key())
    shown = {"id": method, "type": "Multikey", "controller": alice, "publicKeyMultibase": multibase}
    peer.actor("/users/alice", pem=pems[0], assertionMethod=[shown])
    return method


def test_a_forwarded_letter_with_its_writers_proof_needs_no_fetch(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    alice: str,
    eve: str,
    pems: list[str],
    prover: Ed25519PrivateKey,
    proving: str,
    clock: datetime,
) -> None:
    proven = proofs.add(create(alice), key=prover, method=proving, now=clock)
    receive(proven, pem=pems[1], key_id=f"{eve}#main-key")
    settle()
    assert only(town).state == "verified"
    assert [one.target for one in peer.requests] == ["/users/alice"]


@pytest.mark.parametrize("how", ["altered", "another key", "a key of another host", "too old"])
def test_a_proof_that_does_not_hold_sends_us_to_the_origin(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    alice: str,
    eve: str,
    pems: list[str],
    prover: Ed25519PrivateKey,
    proving: str,
    clock: datetime,
    how: str,
) -> None:
    key = Ed25519PrivateKey.generate() if how == "another key" else prover
    method = f"{eve}#ed25519-key" if how == "a key of another host" else proving
    made = clock - timedelta(days=91) if how == "too old" else clock
    doc = proofs.add(create(alice, content="<p>Altered.</p>"), key=key, method=method, now=made)
    if how == "altered":
        doc = doc | {"published": "2027-05-11T08:00:02Z"}
    peer.show("/users/alice/acts/n1", create(alice))
    receive(doc, pem=pems[1], key_id=f"{eve}#main-key")
    settle()
    letter = only(town)
    assert letter.state == "verified"
    assert b"ladder" in (letter.content or b"")
    assert b"Altered" not in letter.raw


def test_what_we_send_proves_itself_by_the_key_our_profile_shows(town: stores.Store, clock: datetime) -> None:
    with town.write.begin() as session:
        ours = identity.find(session, "endoume")
        assert ours is not None
        profile = codec.write(identity.describe(ours, origin=OURS))
        word = Undo(id=f"{OURS}/1", actor=identity.address(ours), object=f"{OURS}/2", to=(PUBLIC,))
        activity = delivery.write(session, word=word, actor_username="endoume", now=clock)
        doc = codec.load(activity.body)
    shown = codec.read_actor(profile).assertion
    proof = proofs.parse(doc)
    assert [one.id for one in shown] == [proof.method]
    proofs.verify(proof=proof, public_multibase=shown[0].multibase, now=clock)
    assert proofs.CONTEXT in doc["@context"]  # type: ignore[operator]


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
    sending.drain(town.write, client=client, host=peer.authority, origin=OURS, now=lambda: clock)
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
        assert session.scalars(select(Follow.state)).all() == ["pending"]
    receive({"id": f"{alice}/accepts/1", "type": "Accept", "actor": alice, "object": uri}, pem=pems[0])
    with town.read() as session:
        assert session.scalars(select(Follow.state)).all() == ["accepted"]
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
