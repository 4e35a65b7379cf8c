"""Somebody elsewhere is looked up before being followed: what their host says of them, and nothing of others."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from activitypub.vocabulary import PUBLIC
from federation import lookups, peers
from federation.base import PeerRefused
from federation.http import Client
from federation.models import Lookup, LookupState
from tests.federation.neighbours import OURS, Neighbour, Reply
from web import stores


def ask(town: stores.Store, target: str, now: datetime) -> Lookup:
    with town.write.begin() as session:
        return lookups.ask(session, own_username="ciq", target=target, now=now)


def look(town: stores.Store, client: Client, target: str, now: datetime) -> Lookup:
    """Ask, let the courier go, and read what it brought."""
    key = ask(town, target, now).key
    lookups.run(town.write, client=client, origin=OURS, now=now)
    with town.read() as session:
        found = lookups.find(session, key=key, own_username="ciq")
        assert found is not None
        return found


def note(author: str, number: int, **more: Any) -> dict[str, Any]:
    thing = {"id": f"{author}/notes/{number}", "type": "Note", "attributedTo": author, "to": [PUBLIC], **more}
    thing = {"content": f"<p>{number}</p>", "published": "2027-05-11T08:00:00Z", **thing}
    return {"id": f"{thing['id']}/activity", "type": "Create", "actor": author, "object": thing, "to": [PUBLIC]}


def test_a_handle_becomes_somebody_with_what_they_wrote_last(
    town: stores.Store, client: Client, peer: Neighbour, pems: list[str], clock: datetime
) -> None:
    me = peer.actor("/users/alice", pem=pems[0], name="Alice\u202e", summary="<p>Du quartier.</p>")
    peer.show(
        f"/.well-known/webfinger?resource=acct%3Aalice%40{peer.authority.replace(':', '%3A')}",
        {"subject": "x", "links": [{"rel": "self", "type": "application/activity+json", "href": me}]},
        media="application/jrd+json",
    )
    page = f"{me}/outbox?page=1"
    peer.show("/users/alice/outbox", {"id": f"{me}/outbox", "type": "OrderedCollection", "first": page})
    other = f"{peer.origin}/users/bob"
    items = [
        note(me, 1),
        note(me, 2, to=[f"{me}/followers"]),
        note(me, 3, inReplyTo=other),
        note(other, 4),
        note(me, 5, attributedTo=other),
        note(me, 6, id="https://evil.example/notes/6"),
        {"id": f"{me}/boosts/7", "type": "Announce", "actor": me, "object": f"{other}/notes/7"},
        {"id": f"{me}/boosts/8", "type": "Announce", "actor": me, "object": note(other, 8)},
        *(note(me, 9 + number, name="Titre") for number in range(9)),
    ]
    peer.show("/users/alice/outbox?page=1", {"id": page, "type": "OrderedCollectionPage", "orderedItems": items})
    row = look(town, client, f"@alice@{peer.authority}", clock)
    assert row.state == LookupState.FOUND
    assert row.found is not None
    assert (row.found["uri"], row.found["name"], row.found["kind"]) == (me, "Alice", "Person")
    assert (row.found["handle"], row.found["summary"]) == (f"@alice@{peer.authority}", "<p>Du quartier.</p>")
    # 4 and 8 are their host's to show; private, answers, and what somebody else wrote are not among them.
    assert [piece["html"] for piece in row.found["pieces"]] == [f"<p>{n}</p>" for n in (1, 4, 8, 9, 10)]
    asked = len(peer.requests)
    assert look(town, client, f"@alice@{peer.authority}", clock + timedelta(minutes=4)).key == row.key
    assert len(peer.requests) == asked
    assert look(town, client, f"@alice@{peer.authority}", clock + timedelta(minutes=6)).key != row.key


@pytest.mark.parametrize("outbox", [Reply(status=401), Reply(b"<html>", 200, {"Content-Type": "text/html"}), None])
def test_who_shows_nothing_is_found_all_the_same(
    town: stores.Store, client: Client, peer: Neighbour, pems: list[str], clock: datetime, outbox: Reply | None
) -> None:
    uri = peer.actor("/users/alice", pem=pems[0], kind="Group")
    if outbox is None:
        first = "https://evil.example/outbox"
        peer.show("/users/alice/outbox", {"id": f"{uri}/outbox", "type": "OrderedCollection", "first": first})
    else:
        peer.answers["/users/alice/outbox"] = outbox
    row = look(town, client, uri, clock)
    assert row.found is not None
    assert (row.state, row.found["pieces"]) == (LookupState.FOUND, [])


def test_nobody_there_is_said_and_can_be_tried_again(
    town: stores.Store, client: Client, peer: Neighbour, pems: list[str], clock: datetime
) -> None:
    row = look(town, client, f"{peer.origin}/users/nobody", clock)
    assert (row.state, row.found, row.last_error) == (LookupState.FAILED, None, "answered 404")
    peer.actor("/users/nobody", pem=pems[0])
    later = clock + lookups.FAILED_FOR
    assert look(town, client, f"{peer.origin}/users/nobody", later).state == LookupState.FOUND


def test_what_is_refused(town: stores.Store, peer: Neighbour, clock: datetime) -> None:
    with town.write.begin() as session:
        peers.block(session, host="bruyante.example", now=clock)
    for target, code in (
        ("moulin", "follow_malformed"),
        (f"{OURS}/users/endoume", "follow_self"),
        ("http://bruyante.example/users/x", "peer_blocked"),
    ):
        with pytest.raises(PeerRefused) as refused:
            ask(town, target, clock)
        assert (refused.value.code, refused.value.field) == (code, "target")
    for number in range(lookups.MOST_WAITING):
        ask(town, f"{peer.origin}/users/{number}", clock)
    with pytest.raises(PeerRefused, match="lookups_many"):
        ask(town, f"{peer.origin}/users/more", clock)


def test_a_look_is_of_one_of_ours_and_forgotten_after_an_hour(
    town: stores.Store, client: Client, peer: Neighbour, pems: list[str], clock: datetime
) -> None:
    row = look(town, client, peer.actor("/users/alice", pem=pems[0]), clock)
    with town.read() as session:
        assert lookups.find(session, key=row.key, own_username="endoume") is None
    lookups.run(town.write, client=client, origin=OURS, now=clock + lookups.KEPT)
    with town.read() as session:
        assert session.scalars(select(Lookup)).all() == []
