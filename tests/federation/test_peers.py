"""Other instances: added, looked up, followed, blocked."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from activitypub import codec
from activitypub.vocabulary import ActorKind
from federation import identity, peers, policy, sending
from federation.base import PeerRefused
from federation.http import Client
from federation.models import Delivery, Follow, FollowState, Letter, LetterState, Peer, PeerState
from tests.federation.mail import Receive, create, only
from tests.federation.neighbours import OURS, Neighbour, Reply
from web import stores

Run = Callable[..., int]


@pytest.fixture
def run(town: stores.Store, client: Client, clock: datetime) -> Run:
    def go(now: datetime = clock) -> int:
        return peers.run_errands(town.write, client=client, origin=OURS, now=now)

    return go


def show_town(peer: Neighbour, pem: str) -> None:
    peer.actor(
        "/actor",
        pem=pem,
        kind="Application",
        name="Aix",
        streams=[f"{peer.origin}/actor/quarters", f"{peer.origin}/actor/organisations", "https://evil.example/x"],
    )
    quarters = [peer.actor_doc("/users/mazarin", pem=pem, kind="Group")]
    organisations = [
        peer.actor_doc("/users/instance", pem=pem, kind="Service"),
        peer.actor_doc("/users/ville", pem=pem, kind="Organization"),
        {**peer.actor_doc("/users/x", pem=pem, kind="Organization"), "id": "https://evil.example/users/x"},
    ]
    for name, items in (("quarters", quarters), ("organisations", organisations)):
        peer.show(
            f"/actor/{name}",
            {"id": f"{peer.origin}/actor/{name}", "type": "OrderedCollection", "orderedItems": items},
        )


def only_peer(town: stores.Store) -> Peer:
    with town.read() as session:
        return session.scalars(select(Peer)).one()


def only_follow(town: stores.Store) -> Follow:
    with town.read() as session:
        return session.scalars(select(Follow)).one()


@pytest.mark.parametrize("typed", ["127.0.0.1:8100", " HTTP://127.0.0.1:8100/users/x?y ", "http://127.0.0.1:8100"])
def test_a_peer_is_added_however_it_is_typed(town: stores.Store, clock: datetime, typed: str) -> None:
    with town.write.begin() as session:
        assert peers.add(session, host=typed, now=clock).host == "127.0.0.1:8100"
        assert peers.add(session, host="127.0.0.1:8100", now=clock) is peers.add(session, host=typed, now=clock)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "peer_malformed"),
        ("a b", "peer_malformed"),
        ("user@host.example", "peer_malformed"),
        ("ftp://host.example", "peer_malformed"),
        ("hôte.example", "peer_malformed"),
        (OURS, "peer_is_us"),
        ("127.0.0.2:9999", "peer_is_us"),
    ],
)
def test_what_is_no_peer_is_refused(town: stores.Store, clock: datetime, typed: str, code: str) -> None:
    with town.write() as session, pytest.raises(PeerRefused) as caught:
        peers.add(session, host=typed, now=clock)
    assert (caught.value.code, caught.value.field) == (code, "host")


def test_a_new_peer_is_looked_up(
    town: stores.Store, run: Run, peer: Neighbour, pems: list[str], clock: datetime
) -> None:
    show_town(peer, pems[0])
    with town.write.begin() as session:
        peers.add(session, host=peer.authority, now=clock)
    # The town, and then whether it has a charter with us.
    assert run() == 2
    found = only_peer(town)
    assert (found.state, found.name, found.desk_uri) == (PeerState.KNOWN, "Aix", f"{peer.origin}/users/instance")
    assert [(entry["kind"], entry["username"]) for entry in found.directory] == [
        ("Group", "mazarin"),
        ("Organization", "ville"),
    ]
    assert run() == 0
    assert run(clock + timedelta(days=1, minutes=1)) == 2


def test_a_peer_that_does_not_answer_says_so(town: stores.Store, run: Run, peer: Neighbour, clock: datetime) -> None:
    peer.answers["/actor"] = Reply(status=500)
    with town.write.begin() as session:
        peers.add(session, host=peer.authority, now=clock)
    now = clock
    for _ in range(3):
        assert run(now) == 1
        now += timedelta(hours=1)
    found = only_peer(town)
    assert (found.state, found.last_error) == (PeerState.UNREACHABLE, "answered 500")


def test_a_follow_is_asked_for(
    town: stores.Store, run: Run, client: Client, peer: Neighbour, pems: list[str], clock: datetime
) -> None:
    uri = peer.actor("/users/mazarin", pem=pems[0], kind="Group")
    with town.write.begin() as session:
        first = peers.follow(session, own_username="instance", target=uri, now=clock)
        assert peers.follow(session, own_username="instance", target=uri, now=clock).id == first.id
    assert run() == 1
    wish = only_follow(town)
    assert (wish.state, wish.remote_uri, wish.remote_name) == (FollowState.PENDING, uri, "Mazarin")
    peer.answers["/users/mazarin/inbox"] = Reply(status=202)
    assert sending.drain(town.write, client=client, host=peer.authority, origin=OURS, now=lambda: clock) == 1
    asked = codec.load(peer.posts()[0].body)
    assert (asked["type"], asked["id"], asked["object"]) == ("Follow", wish.activity_uri, uri)
    with town.write.begin() as session:
        peers.unfollow(session, follow_id=wish.id, now=clock)
    assert only_follow(town).state == FollowState.ENDED
    assert sending.drain(town.write, client=client, host=peer.authority, origin=OURS, now=lambda: clock) == 1
    undone = codec.load(peer.posts()[1].body)
    assert undone["type"] == "Undo"
    assert isinstance(undone["object"], dict)
    assert undone["object"]["id"] == wish.activity_uri


@pytest.mark.parametrize("how", ["handle", "page"])
def test_a_handle_or_a_page_is_explained_by_webfinger(
    town: stores.Store, run: Run, peer: Neighbour, pems: list[str], clock: datetime, how: str
) -> None:
    uri = peer.actor("/users/mazarin", pem=pems[0], kind="Group")
    page = f"{peer.origin}/@mazarin"
    peer.show("/@mazarin", b"<html>", media="text/html")
    jrd = {"subject": "x", "links": [{"rel": "self", "type": "application/activity+json", "href": uri}]}
    port = peer.server.server_port
    asked = (
        f"acct%3Amazarin%40127.0.0.1%3A{port}" if how == "handle" else f"http%3A%2F%2F127.0.0.1%3A{port}%2F%40mazarin"
    )
    peer.show(f"/.well-known/webfinger?resource={asked}", jrd, media="application/jrd+json")
    target = f"@Mazarin@{peer.authority}" if how == "handle" else page
    with town.write.begin() as session:
        peers.follow(session, own_username="instance", target=target, now=clock)
    run()
    assert (only_follow(town).state, only_follow(town).remote_uri) == (FollowState.PENDING, uri)
    with town.write.begin() as session:
        peers.follow(session, own_username="instance", target=f"{uri}#again", now=clock)
    run()
    with town.read() as session:
        assert sorted(session.scalars(select(Follow.state))) == ["ended", "pending"]
        assert len(session.scalars(select(Delivery)).all()) == 1


def test_a_follow_of_nobody_is_refused(town: stores.Store, run: Run, peer: Neighbour, clock: datetime) -> None:
    with town.write.begin() as session:
        peers.follow(session, own_username="instance", target=f"{peer.origin}/users/nobody", now=clock)
    run()
    assert only_follow(town).state == FollowState.REFUSED
    assert only_follow(town).last_error


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("nonsense", "follow_malformed"),
        ("@a@b@c", "follow_malformed"),
        (f"{OURS}/users/endoume", "follow_self"),
        ("@endoume@127.0.0.2:9999", "follow_self"),
    ],
)
def test_what_cannot_be_followed_is_refused(town: stores.Store, clock: datetime, target: str, code: str) -> None:
    with town.write() as session, pytest.raises(PeerRefused) as caught:
        peers.follow(session, own_username="instance", target=target, now=clock)
    assert caught.value.code == code


def test_a_block_cuts_everything_off(
    town: stores.Store, run: Run, peer: Neighbour, pems: list[str], clock: datetime
) -> None:
    uri = peer.actor("/users/mazarin", pem=pems[0], kind="Group")
    with town.write.begin() as session:
        peers.follow(session, own_username="instance", target=uri, now=clock)
    run()
    with town.write.begin() as session:
        peers.block(session, host=peer.authority, note="Spam", now=clock)
    assert only_follow(town).state == FollowState.ENDED
    with town.write() as session:
        assert session.scalars(select(Delivery.state)).all() == ["abandoned"]
        assert peers.is_blocked(session, peer.authority)
        assert not peers.is_blocked(session, "127.0.0.3")
        for act in (
            lambda: peers.add(session, host=peer.authority, now=clock),
            lambda: peers.follow(session, own_username="instance", target=uri, now=clock),
        ):
            with pytest.raises(PeerRefused, match="peer_blocked"):
                act()
    with town.write.begin() as session:
        peers.unblock(session, host=peer.authority, now=clock)
        assert not peers.is_blocked(session, peer.authority)


def test_letters_of_a_blocked_host_are_dropped_with_where_they_came_from(
    town: stores.Store, receive: Receive, eve: str, pems: list[str], clock: datetime
) -> None:
    receive(create(eve), pem=pems[1])
    assert (only(town).state, bool(only(town).headers), bool(only(town).raw)) == (LetterState.WAITING, True, True)
    with town.write.begin() as session:
        session.scalars(select(Letter)).one().sender = "192.0.2.7"
        peers.block(session, host=policy.authority(eve), now=clock)
    row = only(town)
    assert (row.state, row.sentence) == (LetterState.REFUSED, "host blocked")
    assert (row.raw, row.content, row.headers, row.sender, row.due_at) == (b"", None, {}, "", None)


def test_a_block_covers_subdomains_and_not_siblings(town: stores.Store, clock: datetime) -> None:
    with town.write.begin() as session:
        peers.block(session, host="spam.example", now=clock)
        assert peers.is_blocked(session, "a.b.spam.example")
        assert peers.is_blocked(session, "spam.example:8443")
        assert not peers.is_blocked(session, "notspam.example")
        assert not peers.is_blocked(session, "example")


def test_identity_is_made_once_and_names_are_never_issued_again(town: stores.Store, clock: datetime) -> None:
    with town.write.begin() as session:
        actor = identity.find(session, "ciq")
        assert actor is not None
        pem = actor.public_pem
        again = identity.ensure(
            session, username="ciq", kind=ActorKind.ORGANIZATION, name="CIQ", summary="Us", origin=OURS, now=clock
        )
        assert (again.id, again.name, again.public_pem) == (actor.id, "CIQ", pem)
        identity.retire(session, username="ciq")
        after = identity.ensure(
            session, username="ciq", kind=ActorKind.ORGANIZATION, name="Others", summary="", origin=OURS, now=clock
        )
        assert (after.state, after.name) == ("gone", "CIQ")


def test_addresses_of_our_actors_are_read_back(town: stores.Store) -> None:
    for username in ("palier", "ciq"):
        uri = identity.uri(OURS, username)
        assert identity.username_of(uri, origin=OURS) == username
        with town.read() as session:
            actor = identity.find(session, username)
            assert actor is not None
            assert (identity.address(actor), identity.origin_of(actor)) == (uri, OURS)
    assert identity.username_of(f"{OURS}/users/ciq/articles/1", origin=OURS) is None
    assert identity.username_of("https://aix.example/users/ciq", origin=OURS) is None
