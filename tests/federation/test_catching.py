"""What was missed is read in outboxes: every form of them, once each, within a budget, whatever their host is up to."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from federation import absences, catching, following, outboxes, peers
from federation.absences import AWAY_AFTER, Reading
from federation.http import Client
from federation.models import Follow, FollowState, Letter
from tests.federation.mail import Receive, Settle, create, letters, meet
from tests.federation.neighbours import Neighbour, Reply
from web import stores

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"
CatchUp = Callable[..., Reading]


@pytest.fixture
def followed(town: stores.Store, client: Client, alice: str, clock: datetime) -> str:
    """Alice, whom the desk follows."""
    meet(town, client, alice, clock)
    with town.write.begin() as session:
        wish = peers.follow(session, own_username="instance", target=alice, now=clock - timedelta(days=9))
        wish.remote_uri, wish.state = alice, FollowState.ACCEPTED
    return alice


@pytest.fixture
def catch_up(town: stores.Store, client: Client, followed: str, clock: datetime) -> CatchUp:
    """Read Alice's outbox: after an absence of two days, or with `since=None` as for a new follow."""

    def go(*, since: datetime | None = clock - timedelta(days=2), now: datetime = clock) -> Reading:
        with town.write.begin() as session:
            absences.ask(session, actor_uri=followed, since=since, now=now)
        catching.run(town.write, client=client, now=now)
        with town.read() as session:
            return session.get_one(Reading, followed)

    return go


def told(actor: str, name: str, at: datetime, **more: Any) -> dict[str, Any]:
    """A Create as it stands in an outbox."""
    doc = create(actor, name=name, to=[PUBLIC], published=at.isoformat(), **more)
    return {**doc, "published": at.isoformat()}


def show(peer: Neighbour, actor: str, entries: list[Any], *, size: int = 2) -> None:
    """An outbox in pages, as Mastodon and Palier write it, and the texts themselves."""
    outbox = f"{actor}/outbox".removeprefix(peer.origin)
    stretches = [entries[start : start + size] for start in range(0, len(entries), size)] or [[]]
    first = {"id": f"{peer.origin}{outbox}", "type": "OrderedCollection", "first": f"{peer.origin}{outbox}?page=0"}
    peer.show(outbox, first)
    for number, entry in enumerate(stretches):
        page = {"id": f"{peer.origin}{outbox}?page={number}", "type": "OrderedCollectionPage", "orderedItems": entry}
        if number + 1 < len(stretches):
            page["next"] = f"{peer.origin}{outbox}?page={number + 1}"
        peer.show(f"{outbox}?page={number}", page)
    for entry in entries:
        if isinstance(entry, dict) and isinstance(entry.get("object"), dict):
            peer.show(entry["object"]["id"].removeprefix(peer.origin), entry["object"])


def asked_for(peer: Neighbour) -> list[str]:
    return [one.target.rpartition("/")[2] for one in peer.requests if one.method == "GET"]


def sealed(town: stores.Store) -> list[str | None]:
    return [one.object_uri.rpartition("/")[2] for one in letters(town) if one.state == "verified" and one.object_uri]


# --- the way of what was missed


def test_what_came_meanwhile_is_read_to_what_came_before_oldest_first(
    town: stores.Store, peer: Neighbour, alice: str, receive: Receive, catch_up: CatchUp, settle: Settle,
    pems: list[str], clock: datetime,
) -> None:  # fmt: skip
    ages = {"n5": 1, "n4": 5, "n3": 30, "n2": 60, "n1": 90}
    entries = [told(alice, name, clock - timedelta(hours=hours)) for name, hours in ages.items()]
    receive(entries[3], pem=pems[0])
    with town.write.begin() as session:
        session.scalars(select(Letter)).one().received_at = clock - timedelta(hours=59)
    # The newest comes by itself before anybody has looked: what lies between must not be taken for known.
    receive(entries[0], pem=pems[0])
    show(peer, alice, entries)
    found = catch_up()
    assert (found.found, found.was_cut, found.last_error, found.due_at) == (2, False, None, None)
    assert "outbox?page=2" not in asked_for(peer), "n2 was there before: what follows is older"
    settle()
    assert sealed(town) == ["n2", "n5", "n3", "n4"]
    assert catch_up().found == 0
    settle()
    assert len(letters(town)) == 4


def test_a_letter_that_comes_while_its_copy_waits_is_the_same(
    town: stores.Store, peer: Neighbour, alice: str, receive: Receive, catch_up: CatchUp, settle: Settle,
    pems: list[str], clock: datetime,
) -> None:  # fmt: skip
    entry = told(alice, "n1", clock - timedelta(hours=3))
    show(peer, alice, [entry])
    catch_up()
    receive(entry, pem=pems[0])
    settle()
    assert sorted((one.state, one.sentence) for one in letters(town)) == [("handled", "came before"), ("verified", "")]


def test_what_is_embedded_in_an_outbox_is_not_believed(
    town: stores.Store, peer: Neighbour, alice: str, catch_up: CatchUp, settle: Settle, clock: datetime
) -> None:
    entry = told(alice, "n1", clock - timedelta(hours=3))
    show(peer, alice, [entry])
    peer.show("/users/alice/notes/n1", {**entry["object"], "content": "<p>The text itself.</p>"})
    catch_up()
    settle()
    [letter] = letters(town)
    assert b"The text itself." in (letter.content or b"")
    assert b"ladder" not in letter.raw


def test_changes_and_withdrawals_are_read_too(
    town: stores.Store, peer: Neighbour, alice: str, receive: Receive, catch_up: CatchUp, settle: Settle,
    pems: list[str], clock: datetime,
) -> None:  # fmt: skip
    for name in ("n1", "n2"):
        receive(told(alice, name, clock - timedelta(days=5)), pem=pems[0])
    with town.write.begin() as session:
        for one in session.scalars(select(Letter)):
            one.received_at = clock - timedelta(days=5)
    entries = [
        {"id": f"{alice}/acts/d", "type": "Delete", "actor": alice, "object": f"{alice}/notes/n2"},
        {**told(alice, "n1", clock - timedelta(hours=2)), "id": f"{alice}/acts/u", "type": "Update"},
        told(alice, "n2", clock - timedelta(days=5)),
    ]
    show(peer, alice, entries)
    assert catch_up().found == 2
    settle()
    assert [(one.type, one.state) for one in letters(town)[2:]] == [("Update", "verified"), ("Delete", "verified")]


def test_a_new_follow_brings_the_newest_few(
    town: stores.Store, peer: Neighbour, alice: str, followed: str, client: Client, catch_up: CatchUp,
    settle: Settle, clock: datetime,
) -> None:  # fmt: skip
    entries = [told(alice, f"n{age}", clock - timedelta(days=age)) for age in range(1, 10)]
    show(peer, alice, entries)
    assert catch_up(since=None).found == catching.NEWEST == 5
    settle()
    assert sealed(town) == ["n5", "n4", "n3", "n2", "n1"]


def test_their_yes_is_what_asks_for_it_once(
    town: stores.Store, followed: str, receive: Receive, pems: list[str], clock: datetime
) -> None:
    with town.write.begin() as session:
        wish = session.scalars(select(Follow)).one()
        wish.state, asked = FollowState.PENDING, wish.activity_uri
    for number in range(2):
        receive({"id": f"{followed}/a/{number}", "type": "Accept", "actor": followed, "object": asked}, pem=pems[0])
        with town.write.begin() as session:
            row = session.get_one(Reading, followed)
            assert (row.since, row.due_at) == (None, clock if number == 0 else None)
            row.due_at = None


def test_nobody_is_read_who_is_not_followed(
    town: stores.Store, peer: Neighbour, followed: str, catch_up: CatchUp, clock: datetime
) -> None:
    with town.write.begin() as session:
        following.part(session, remote_uri=followed, now=clock)
    peer.requests.clear()
    assert (catch_up().due_at, peer.requests) == (None, [])


def test_an_outbox_that_cannot_be_reached_is_tried_for_two_days(
    peer: Neighbour, town: stores.Store, client: Client, alice: str, catch_up: CatchUp, clock: datetime
) -> None:
    peer.answers["/users/alice/outbox"] = Reply(status=503)
    row = catch_up()
    assert (row.last_error, row.read_at) == ("answered 503", None)
    assert row.due_at is not None
    assert row.due_at > clock
    catching.run(town.write, client=client, now=clock + timedelta(days=2, minutes=1))
    with town.read() as session:
        assert session.get_one(Reading, alice).due_at is None


# --- the heart


def test_an_absence_of_four_minutes_asks_for_every_outbox_that_is_followed(
    town: stores.Store, followed: str, clock: datetime
) -> None:
    def beat(at: datetime) -> int:
        with town.write.begin() as session:
            return absences.beat(session, now=at)

    assert beat(clock) == 0, "a heart that begins to beat has missed nothing"
    just_short = clock + AWAY_AFTER - timedelta(seconds=1)
    assert beat(just_short) == 0
    back = just_short + AWAY_AFTER
    assert beat(back) == 1
    with town.read() as session:
        row = session.get_one(Reading, followed)
        assert (row.since, row.due_at) == (just_short, back)
    # Away again before anything could be read: what was missed the first time is still missed.
    assert beat(back + timedelta(hours=1)) == 1
    with town.read() as session:
        assert session.get_one(Reading, followed).since == just_short


def test_a_town_that_is_looked_up_again_is_read_three_days_back(
    town: stores.Store, peer: Neighbour, stranger: Neighbour, followed: str, clock: datetime
) -> None:
    with town.write.begin() as session:
        peers.add(session, host=stranger.authority, now=clock)
        assert session.get(Reading, followed) is None
        peers.add(session, host=peer.authority, now=clock)
        assert session.get_one(Reading, followed).since == clock - timedelta(days=3)


# --- odd outboxes


def test_bare_references_are_looked_up(
    town: stores.Store, peer: Neighbour, alice: str, catch_up: CatchUp, settle: Settle, clock: datetime
) -> None:
    entry = told(alice, "n1", clock - timedelta(hours=3))
    show(peer, alice, [entry, told(alice, "n2", clock - timedelta(hours=4))])
    peer.show("/users/alice/outbox", {
        "id": f"{alice}/outbox", "type": "Collection",
        "items": [entry["id"], f"{alice}/notes/n2", "https://evil.example/n3", f"{alice}/notes/none"],
    })  # fmt: skip
    peer.show("/users/alice/acts/n1", entry)
    assert catch_up().found == 2
    settle()
    assert sealed(town) == ["n2", "n1"]


# --- hostile outboxes


def endless(peer: Neighbour, alice: str, *, next_: Callable[[int], str], items: Callable[[int], list[Any]]) -> None:
    for number in range(40):
        path = "/users/alice/outbox" + (f"?p={number}" if number else "")
        peer.show(path, {
            "id": f"{peer.origin}{path}", "type": "OrderedCollectionPage",
            "orderedItems": items(number), "next": next_(number + 1),
        })  # fmt: skip


def test_endless_pages_end(peer: Neighbour, alice: str, catch_up: CatchUp, clock: datetime) -> None:
    endless(
        peer,
        alice,
        next_=lambda number: f"{alice}/outbox?p={number}",
        items=lambda number: [told(alice, f"{number}-{place}", clock) for place in range(3)],
    )
    row = catch_up()
    assert (row.found, row.was_cut) == (30, True)
    assert len([one for one in asked_for(peer) if one.startswith("outbox")]) == outboxes.MOST_PAGES


def test_a_page_of_thousands_is_cut(peer: Neighbour, alice: str, catch_up: CatchUp, clock: datetime) -> None:
    entry = {"type": "Announce", "actor": alice, "published": clock.isoformat()}
    many = [{**entry, "id": f"{alice}/a/{n}", "object": f"{alice}/notes/{n}"} for n in range(1500)]
    endless(peer, alice, next_=lambda number: f"{alice}/outbox?p={number}", items=lambda _: many)
    row = catch_up()
    assert (row.found, row.was_cut) == (outboxes.MOST_ITEMS, True)
    assert asked_for(peer).count("outbox") == 1


@pytest.mark.parametrize("back_to", ["itself", "the first", "a new address with an old name"])
def test_circles_end(peer: Neighbour, alice: str, catch_up: CatchUp, clock: datetime, back_to: str) -> None:
    def next_(number: int) -> str:
        return {
            "itself": f"{alice}/outbox" + (f"?p={number - 1}" if number > 1 else ""),
            "the first": f"{alice}/outbox",
            "a new address with an old name": f"{alice}/outbox?p={number}",
        }[back_to]

    endless(peer, alice, next_=next_, items=lambda number: [told(alice, f"n{number}", clock)])
    if back_to == "a new address with an old name":
        for number in range(1, 40):
            path = f"/users/alice/outbox?p={number}"
            page = json.loads(peer.answers[path].body)  # type: ignore[union-attr]
            peer.show(path, {**page, "id": f"{alice}/outbox"})
    row = catch_up()
    assert (row.found, row.was_cut) == (1, False)
    assert len([one for one in asked_for(peer) if one.startswith("outbox")]) <= 2


def test_a_page_of_another_host_is_not_asked_for_and_what_was_read_stays(
    peer: Neighbour, stranger: Neighbour, alice: str, catch_up: CatchUp, clock: datetime
) -> None:
    endless(
        peer, alice, next_=lambda _: f"{stranger.origin}/more", items=lambda _: [told(alice, "n1", clock)]
    )  # fmt: skip
    row = catch_up()
    assert (row.found, row.last_error) == (1, "an outbox with pages on another host")
    assert stranger.requests == []


@pytest.mark.parametrize(
    ("body", "why"),
    [(b'{"type": "OrderedCollection", "x": "' + b"x" * 1_100_000 + b'"}', "larger than 1 MiB"), (b"[1", "JSON")],
)
def test_what_is_too_large_or_broken_is_let_be(
    peer: Neighbour, alice: str, catch_up: CatchUp, body: bytes, why: str
) -> None:
    peer.show("/users/alice/outbox", body)
    row = catch_up()
    assert (row.found, row.due_at) == (0, None)
    assert why in (row.last_error or "")


def test_a_moment_that_has_not_come_yet_and_an_old_one_prove_nothing(
    town: stores.Store, peer: Neighbour, alice: str, catch_up: CatchUp, clock: datetime
) -> None:
    # Old texts are not dragged in again by putting them first, nor does a date of the future hold up the look back.
    ages = {"future": timedelta(days=-3650), "old": timedelta(days=400), "new": timedelta(hours=1)}
    show(peer, alice, [told(alice, name, clock - age) for name, age in ages.items()], size=3)
    catch_up()
    assert [one.object_uri for one in letters(town)] == [f"{alice}/notes/new", f"{alice}/notes/future"]


def test_texts_of_others_are_bounded_and_nobody_speaks_for_another(
    town: stores.Store, peer: Neighbour, stranger: Neighbour, alice: str, eve: str, catch_up: CatchUp,
    settle: Settle, clock: datetime,
) -> None:  # fmt: skip
    boosts = [
        {"id": f"{alice}/b/{n}", "type": "Announce", "actor": alice, "object": f"{stranger.origin}/n/{n}"}
        for n in range(60)
    ]
    forged = [told(eve, "e1", clock), {**told(alice, "e2", clock), "id": f"{eve}/acts/e2"}]
    stolen = told(alice, "e3", clock)
    stolen["object"]["id"] = f"{eve}/notes/e3"
    show(peer, alice, [*forged, *boosts, stolen], size=100)
    stranger.requests.clear()
    row = catch_up()
    assert (row.found, row.was_cut) == (outboxes.MOST_FOREIGN, True)
    settle()
    assert len(stranger.requests) <= outboxes.MOST_FOREIGN
    assert "verified" not in {one.state for one in letters(town)}
