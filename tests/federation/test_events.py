"""Events of others, as their hosts vouch for them; and who would like to come to ours."""

from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from activitypub import codec
from activitypub.vocabulary import Event
from federation.models import Activity, Delivery, Document, DocumentState, Letter
from tests.federation.mail import Receive, Settle, letters, only
from tests.federation.neighbours import OURS, Neighbour
from web import stores

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
PARTY = f"{OURS}/users/ciq/events/6f1c2c1e-6d0f-4c1b-9a53-0d6f6a1b2c3d"


def event(uri: str, author: str, **more: Any) -> dict[str, Any]:
    when = {"startTime": "2027-06-05T10:00:00+02:00", "name": "Fête"}
    return {"id": uri, "type": "Event", "attributedTo": author, "to": [PUBLIC], **when, **more}


def created(thing: dict[str, Any], by: str) -> dict[str, Any]:
    return {"id": f"{by}/acts/1", "type": "Create", "actor": by, "to": [PUBLIC], "object": thing}


def test_a_person_announces_for_a_group_and_their_host_confirms_it(
    town: stores.Store, receive: Receive, settle: Settle, peer: Neighbour, alice: str, pems: list[str]
) -> None:
    group = peer.actor("/users/asso", pem=pems[1], kind="Group")
    uri = f"{peer.origin}/events/1"
    peer.show("/events/1", event(uri, group, actor=alice))
    receive(created(event(uri, group, actor=alice, name="Autre"), alice), pem=pems[0])
    settle()
    letter = only(town)
    assert (letter.state, letter.author_uri) == ("verified", group)
    word = codec.read_object(codec.load(letter.content or b""))
    assert isinstance(word, Event)
    assert word.name == "Fête"


@pytest.mark.parametrize("what", ["another host", "the host says otherwise"])
def test_nobody_announces_for_a_group_that_does_not_confirm_it(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    peer: Neighbour,
    alice: str,
    eve: str,
    pems: list[str],
    what: str,
) -> None:
    group = peer.actor("/users/asso", pem=pems[1], kind="Group")
    uri = f"{peer.origin}/events/1"
    peer.show("/events/1", event(uri, alice))
    by, pem = (eve, pems[1]) if what == "another host" else (alice, pems[0])
    receive(created(event(uri, group), by), pem=pem)
    settle()
    assert (only(town).state, only(town).sentence) == ("refused", "the text is somebody else's")


def announce_party(town: stores.Store, now: datetime, *, state: DocumentState = DocumentState.LIVE) -> None:
    with town.write.begin() as session:
        body = codec.encode(event(PARTY, f"{OURS}/users/ciq"))
        given = {"uri": PARTY, "actor_username": "ciq", "type": "Event", "published": now, "version": 1}
        session.add(Document(body=body, state=state, **given))


def join(alice: str, thing: str) -> dict[str, Any]:
    return {"id": f"{alice}/participations/7", "type": "Join", "actor": alice, "object": thing}


def test_whoever_means_to_come_gets_a_receipt_and_is_forgotten(
    town: stores.Store, receive: Receive, settle: Settle, alice: str, pems: list[str], clock: datetime
) -> None:
    announce_party(town, clock)
    for _ in range(2):
        receive(join(alice, PARTY), pem=pems[0])
        settle()
    with town.read() as session:
        [answer] = session.scalars(select(Activity).where(Activity.type == "Ignore"))
        [parcel] = session.scalars(select(Delivery))
        doc = codec.load(answer.body)
        assert (doc["object"], doc["actor"]) == (f"{alice}/participations/7", f"{OURS}/users/ciq")
        assert parcel.inbox == f"{alice.split('/users/', maxsplit=1)[0]}/inbox"
        assert alice not in parcel.object_uri
        rows = [
            (one.actor_uri, one.activity_uri, one.object_uri, one.author_uri) for one in session.scalars(select(Letter))
        ]
    # A copy is known by the digest of its id, and leaves nothing either.
    assert rows == [("", "", None, None)]


@pytest.mark.parametrize("state", [None, DocumentState.GONE])
def test_what_is_not_announced_is_not_answered(
    town: stores.Store,
    receive: Receive,
    settle: Settle,
    alice: str,
    pems: list[str],
    clock: datetime,
    state: DocumentState | None,
) -> None:
    if state is not None:
        announce_party(town, clock, state=state)
    receive(join(alice, PARTY), pem=pems[0])
    settle()
    assert only(town).sentence == "wants to take part in nothing of ours"
    with town.read() as session:
        assert session.scalars(select(Delivery)).all() == []


@pytest.mark.parametrize("thing", ["https://la.example/events/1", f"{OURS}/users/ciq", f"{PARTY}/x"])
def test_what_can_be_no_event_of_ours_costs_nothing(
    town: stores.Store, receive: Receive, peer: Neighbour, alice: str, pems: list[str], thing: str
) -> None:
    assert receive(join(alice, thing), pem=pems[0]).status == 202
    assert letters(town) == []
    assert peer.requests == []
