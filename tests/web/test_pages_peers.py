"""Neighbouring towns: adding, following, who follows us; errors keep what was typed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from federation.models import Delivery, Direction, Follow, FollowState, Peer, PeerState, RemoteActor
from tests.web import staff_town
from tests.web.pages_town import NOW
from tests.web.staff_town import COMMITTEE_THERE, ELSEWHERE, QUARTER_THERE, THERE, Staff


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


@pytest.fixture
def admin(staff: Staff) -> FlaskClient:
    return staff.town.browser(staff.administrator)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("autre.localhost:8300", "autre.localhost:8300"),
        ("http://autre.localhost:8300/about", "autre.localhost:8300"),
        (" Autre.Localhost ", "autre.localhost"),
    ],
)
def test_a_town_is_added_by_any_spelling_of_its_address(
    staff: Staff, admin: FlaskClient, typed: str, stored: str
) -> None:
    answer = admin.post("/admin/peers", data={"host": typed})
    assert answer.headers["Location"] == f"/admin/peers/{stored}"
    assert "Looking it up" in admin.get(answer.headers["Location"]).text
    with staff.outside() as session:
        peer = session.scalars(select(Peer).where(Peer.host == stored)).one()
        assert (peer.state, peer.due_at) == (PeerState.NEW, NOW)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Write the address of the town"),
        ("ftp://x.example", "Write the address of the town"),
        ("not a host", "Write the address of the town"),
        ("http://user@x.localhost/", "Write the address of the town"),
        ("voisins.localhost:8100", "This is your own address"),
    ],
)
def test_a_wrong_address_is_kept_and_explained(admin: FlaskClient, typed: str, said: str) -> None:
    page = admin.post("/admin/peers", data={"host": typed}).text
    assert said in page
    assert f'value="{typed}"' in page
    assert 'href="#host"' in page


def test_a_blocked_town_is_not_added_again(staff: Staff, admin: FlaskClient) -> None:
    _set_state(staff, PeerState.BLOCKED)
    assert "Lift the block first" in admin.post("/admin/peers", data={"host": ELSEWHERE}).text
    page = admin.get(f"/admin/peers/{ELSEWHERE}").text
    assert "Lift the block" in page
    assert "What can be followed there" not in page
    assert admin.post(f"/admin/peers/{ELSEWHERE}/look").status_code == 403


def _set_state(staff: Staff, state: PeerState, *, error: str | None = None) -> None:
    with staff.outside() as session:
        peer = session.scalars(select(Peer).where(Peer.host == ELSEWHERE)).one()
        peer.state, peer.last_error = state, error


def test_the_table_says_how_each_town_stands(staff: Staff, admin: FlaskClient) -> None:
    assert "Known" in admin.get("/admin/peers").text
    _set_state(staff, PeerState.UNREACHABLE, error="no instance behind this address")
    page = admin.get("/admin/peers").text
    assert "Cannot be reached" in page
    assert "No town of this network answers at this address." in page


def test_a_town_shows_quarters_organisations_and_desk(admin: FlaskClient) -> None:
    page = admin.get(f"/admin/peers/{ELSEWHERE}").text
    assert page.index("Le Moulin") < page.index("Comité du Moulin") < page.index("Mutual-aid desk")
    assert f"@comite_voisin@{ELSEWHERE}" in page
    assert admin.get("/admin/peers/unknown.localhost").status_code == 404


def test_a_quarter_is_followed_and_unfollowed_from_its_towns_page(staff: Staff, admin: FlaskClient) -> None:
    path = f"/admin/peers/{ELSEWHERE}"
    answer = admin.post("/admin/peers/follow", data={"target": QUARTER_THERE, "host": ELSEWHERE})
    assert answer.headers["Location"] == path
    with staff.outside() as session:
        row = session.scalars(select(Follow)).one()
        assert (row.own_username, row.state, row.direction) == ("palier", FollowState.WANTED, Direction.OUT)
    assert "Unfollow" in admin.get(path).text
    admin.post(f"/admin/peers/follows/{row.id}/end", data={"host": ELSEWHERE})
    assert "Unfollow" not in admin.get(path).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("nobody", "Write an address that begins with"),
        ("@x@", "Write an address that begins with"),
        ("http://voisins.localhost:8100/users/comite", "This belongs to your own town"),
    ],
)
def test_a_wrong_name_to_follow_is_kept_and_explained(admin: FlaskClient, typed: str, said: str) -> None:
    page = admin.post("/admin/peers/follow", data={"target": typed}).text
    assert said in page
    assert f'value="{typed}"' in page


def test_anybody_elsewhere_is_followed_by_name(staff: Staff, admin: FlaskClient) -> None:
    admin.post("/admin/peers/follow", data={"target": "@News@autre.localhost"})
    page = admin.get("/admin/peers").text
    assert "@news@autre.localhost" in page
    assert ">autre.localhost<" in page


def test_a_follow_that_failed_says_why(staff: Staff, admin: FlaskClient) -> None:
    with staff.outside() as session:
        staff_town.follow(
            session, own_username="palier", remote=QUARTER_THERE, state=FollowState.REFUSED, error="answered 404"
        )
        staff_town.follow(session, own_username="palier", remote=COMMITTEE_THERE, state=FollowState.REFUSED)
    page = admin.get("/admin/peers").text
    assert "It answered with error 404." in page
    assert "The other side said no." in page
    assert "Unfollow" not in page


def test_ending_an_accepted_follow_is_told_to_the_other_side(staff: Staff, admin: FlaskClient) -> None:
    with staff.outside() as session:
        session.add(
            RemoteActor(
                uri=QUARTER_THERE,
                host=ELSEWHERE,
                kind="Group",
                username="le_moulin",
                name="Le Moulin",
                inbox=f"{THERE}/users/le_moulin/inbox",
                fetched_at=NOW,
            )
        )
        row = staff_town.follow(session, own_username="palier", remote=QUARTER_THERE, state=FollowState.ACCEPTED)
    admin.post(f"/admin/peers/follows/{row.id}/end")
    with staff.outside() as session:
        assert session.get_one(Follow, row.id).state == FollowState.ENDED
        assert session.scalars(select(Delivery.host)).all() == [ELSEWHERE]


def test_somebody_elses_follow_cannot_be_ended_here(staff: Staff, admin: FlaskClient) -> None:
    with staff.outside() as session:
        theirs = staff_town.follow(session, own_username="comite", remote=QUARTER_THERE, state=FollowState.ACCEPTED)
        incoming = staff_town.follow(
            session, own_username="comite", remote=COMMITTEE_THERE, state=FollowState.ACCEPTED, direction=Direction.IN
        )
    for one in (theirs.id, incoming.id, 999):
        assert admin.post(f"/admin/peers/follows/{one}/end").status_code == 404


def test_who_follows_us(staff: Staff, admin: FlaskClient) -> None:
    with staff.outside() as session:
        staff_town.follow(
            session, own_username="comite", remote=COMMITTEE_THERE, state=FollowState.ACCEPTED, direction=Direction.IN
        )
    page = admin.get("/admin/peers").text
    assert "Comité du Moulin" in page
    assert "Comité des Acacias" in page
