"""Deliveries: owed once, in order, tried until told otherwise."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.vocabulary import PUBLIC, Article, Create, Note
from federation import delivery, health, peers, recording, sending
from federation.health import Health, HostState
from federation.http import Client
from federation.models import Activity, Delivery, DeliveryState, Exposure
from tests.federation.neighbours import OURS, Neighbour, Reply
from web import stores

Drain = Callable[..., int]
NEWS = f"{OURS}/users/ciq/articles/1"


def news(number: int, *, public: bool = True) -> Create:
    me = f"{OURS}/users/ciq"
    article = Article(id=NEWS, attributed_to=me, name=f"News {number}", content="<p>Hello.</p>", to=(PUBLIC,))
    return Create(id=f"{NEWS}/activity/{number}", actor=me, object=article, to=(PUBLIC,) if public else ())


def owe(town: stores.Store, inboxes: list[str], now: datetime, *, number: int = 1, object_uri: str = NEWS) -> None:
    with town.write.begin() as session:
        activity = delivery.write(session, word=news(number), actor_username="ciq", public=True, now=now)
        delivery.post(session, activity=activity, inboxes=inboxes, object_uri=object_uri, now=now)


def rows(town: stores.Store) -> list[Delivery]:
    with town.read() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


def states(town: stores.Store) -> list[str]:
    return [row.state for row in rows(town)]


@pytest.fixture
def drain(town: stores.Store, client: Client) -> Drain:
    def go(host: str, now: datetime) -> int:
        return sending.drain(town.write, client=client, host=host, origin=OURS, now=lambda: now)

    return go


def test_owing_twice_is_owing_once(town: stores.Store, clock: datetime) -> None:
    with town.write.begin() as session:
        activity = delivery.write(session, word=news(1), actor_username="ciq", now=clock)
        inboxes = ["https://aix.example/inbox", "https://aix.example/inbox", "https://arles.example/inbox", "nonsense"]
        assert delivery.post(session, activity=activity, inboxes=inboxes, object_uri=NEWS, now=clock) == 2
        assert delivery.post(session, activity=activity, inboxes=inboxes, object_uri=NEWS, now=clock) == 0
        assert delivery.exposed(session, object_uri=NEWS) == {
            "https://aix.example/inbox",
            "https://arles.example/inbox",
        }
        assert sending.hosts_due(session, now=clock) == ["aix.example", "arles.example"]


def test_a_blocked_host_is_owed_nothing(town: stores.Store, clock: datetime) -> None:
    with town.write.begin() as session:
        peers.block(session, host="aix.example", now=clock)
    owe(town, ["https://aix.example/inbox", "https://sub.aix.example/inbox"], clock)
    with town.read() as session:
        assert session.scalars(select(Delivery)).all() == []
        assert session.scalars(select(Exposure)).all() == []


def nowhere(_host: str, _port: int) -> list[str]:
    raise OSError("temporary failure in name resolution")


@pytest.mark.parametrize("resolve", [lambda _host, _port: ["127.0.0.1"], nowhere])
def test_a_name_that_leads_nowhere_for_now_is_no_answer(
    town: stores.Store, clock: datetime, resolve: Callable[[str, int], list[str]]
) -> None:
    owe(town, ["https://aix.example/inbox"], clock)
    astray = Client(origin=OURS, resolve=resolve, clock=lambda: clock)
    assert sending.drain(town.write, client=astray, host="aix.example", origin=OURS, now=lambda: clock) == 0
    astray.close()
    [row] = rows(town)
    assert (row.state, row.attempts, row.last_status) == (DeliveryState.DUE, 1, None)
    assert clock < row.due_at < clock + timedelta(minutes=1)
    with town.read() as session:
        found = recording.read_all(session, ["aix.example"])["aix.example"]
        assert (found.state, found.is_proven) == (HostState.DEGRADED, False)


def test_bytes_are_the_same_at_every_try(town: stores.Store, drain: Drain, peer: Neighbour, clock: datetime) -> None:
    owe(town, [f"{peer.origin}/inbox"], clock)
    peer.answers["/inbox"] = Reply(status=500)
    assert drain(peer.authority, clock) == 0
    assert drain(peer.authority, clock) == 0  # not due yet
    peer.answers["/inbox"] = Reply(status=202)
    later = clock + timedelta(minutes=1)
    assert drain(peer.authority, later) == 1
    first, second = peer.posts()
    with town.read() as session:
        assert first.body == second.body == session.scalars(select(Activity)).one().body
    [row] = rows(town)
    assert (row.state, row.attempts, row.last_status, row.sent_at) == (DeliveryState.SENT, 2, 202, later)


def test_an_object_keeps_its_order_at_each_inbox(
    town: stores.Store, drain: Drain, peer: Neighbour, clock: datetime
) -> None:
    for number in (1, 2, 3):
        owe(town, [f"{peer.origin}/inbox"], clock, number=number)
    owe(town, [f"{peer.origin}/inbox"], clock, number=4, object_uri=f"{NEWS}/other")
    peer.answers["/inbox"] = Reply(status=404)  # this letter's own trouble, not the host's
    drain(peer.authority, clock)
    assert states(town) == ["due"] * 4
    assert [b"News 1" in request.body or b"News 4" in request.body for request in peer.posts()] == [True, True]
    peer.answers["/inbox"] = Reply(status=202)
    assert drain(peer.authority, clock + timedelta(hours=2)) == 4
    bodies = [request.body for request in peer.posts()[2:]]
    places = [next(n for n, body in enumerate(bodies) if f"News {number}".encode() in body) for number in (1, 2, 3)]
    assert places == sorted(places)


def test_a_host_that_is_down_is_asked_once(town: stores.Store, drain: Drain, peer: Neighbour, clock: datetime) -> None:
    for number in range(30):
        owe(town, [f"{peer.origin}/inbox"], clock, number=number, object_uri=f"{NEWS}/{number}")
    peer.answers["/inbox"] = Reply(status=503, headers={"Retry-After": "600"})
    drain(peer.authority, clock)
    assert len(peer.posts()) == 1
    assert {row.due_at for row in rows(town)} == {clock + timedelta(minutes=10)}
    assert set(states(town)) == {"due"}
    peer.answers["/inbox"] = Reply(status=202)
    assert drain(peer.authority, clock + timedelta(minutes=11)) == 30


def test_refusals_end_and_can_be_replayed(town: stores.Store, drain: Drain, peer: Neighbour, clock: datetime) -> None:
    owe(town, [f"{peer.origin}/inbox"], clock)
    peer.answers["/inbox"] = Reply(status=400)
    drain(peer.authority, clock)
    drain(peer.authority, clock + timedelta(hours=1, minutes=1))
    assert states(town) == ["failed"]
    with town.write.begin() as session:
        assert delivery.replay(session, delivery=session.scalars(select(Delivery)).one(), now=clock)
    peer.answers["/inbox"] = Reply(status=202)
    assert drain(peer.authority, clock) == 1
    with town.write.begin() as session:
        assert not delivery.replay(session, delivery=session.scalars(select(Delivery)).one(), now=clock)


def test_gone_is_for_good_and_patience_ends(town: stores.Store, drain: Drain, peer: Neighbour, clock: datetime) -> None:
    owe(town, [f"{peer.origin}/gone", f"{peer.origin}/down"], clock)
    peer.answers["/gone"] = Reply(status=410)
    peer.answers["/down"] = Reply(status=500)
    drain(peer.authority, clock)
    # One row finds out that the host is down; the others are tried after it.
    drain(peer.authority, clock + timedelta(days=15))
    drain(peer.authority, clock + timedelta(days=15))
    assert sorted(states(town)) == ["abandoned", "failed"]


def lease(session: Session, now: datetime, *, room: int = 20) -> list[recording.Parcel]:
    return sending.lease(session, busy=Counter(), room=room, unproven=sending.HANDS_FOR_UNPROVEN, now=now)


def test_a_lease_of_somebody_who_died_runs_out(
    town: stores.Store, drain: Drain, peer: Neighbour, clock: datetime
) -> None:
    owe(town, [f"{peer.origin}/inbox"], clock)
    peer.answers["/inbox"] = Reply(status=202)
    with town.write.begin() as session:
        assert len(lease(session, clock)) == 1
    assert drain(peer.authority, clock) == 0
    assert drain(peer.authority, clock + sending.LEASE) == 1


def test_two_carriers_share_without_overlap(town: stores.Store, peer: Neighbour, clock: datetime) -> None:
    for number in range(25):
        owe(town, [f"{peer.origin}/inbox"], clock, number=number, object_uri=f"{NEWS}/{number}")
    with town.write.begin() as session:
        recording.keep_all(session, found={peer.authority: Health(ok_at=clock)}, known=())
    with town.write.begin() as session:
        mine = lease(session, clock)
        if town.engine.dialect.name == "postgresql":  # SQLite has one writer at a time
            with town.write.begin() as other:
                theirs = lease(other, clock)
    if town.engine.dialect.name == "sqlite":
        with town.write.begin() as other:
            theirs = lease(other, clock)
    most = health.WINDOW
    assert (len(mine), len(theirs)) == (most, 25 - most if town.engine.dialect.name == "sqlite" else 0)
    assert not {one.delivery_id for one in mine} & {one.delivery_id for one in theirs}


def test_a_desk_letter_is_forgotten_once_sent(
    town: stores.Store, drain: Drain, peer: Neighbour, clock: datetime
) -> None:
    desk = f"{OURS}/users/instance"
    note = Note(id=f"{desk}/letters/1", attributed_to=desk, content="<p>My number is …</p>", to=(f"{peer.origin}/u",))
    word = Create(id=f"{desk}/letters/1/activity", actor=desk, object=note, to=(f"{peer.origin}/u",))
    with town.write.begin() as session:
        activity = delivery.write(session, word=word, actor_username="instance", document_uri=word.id, now=clock)
        delivery.post(session, activity=activity, inboxes=[f"{peer.origin}/inbox"], object_uri=note.id, now=clock)
    peer.answers["/inbox"] = Reply(status=202)
    assert drain(peer.authority, clock) == 1
    assert b"My number" in peer.posts()[0].body
    with town.read() as session:
        activity = session.scalars(select(Activity)).one()
        assert (activity.body, activity.blanked) == (b"", True)


def test_what_was_withdrawn_under_way_is_not_sent(
    town: stores.Store, drain: Drain, peer: Neighbour, clock: datetime
) -> None:
    owe(town, [f"{peer.origin}/inbox"], clock)
    with town.write.begin() as session:
        activity = session.scalars(select(Activity)).one()
        activity.body, activity.blanked = b"", True
    assert drain(peer.authority, clock) == 0
    assert peer.posts() == []
    assert states(town) == ["abandoned"]
