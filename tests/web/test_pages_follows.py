"""An association follows another town's news from its own page; nobody else sees that page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from federation.models import Follow, FollowState, Relocation
from tests.web import staff_town
from tests.web.pages_town import NOW
from tests.web.staff_town import COMMITTEE_THERE, ELSEWHERE, QUARTER_THERE, Staff

PATH = "/organisations/comite/follows"


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


@pytest.fixture
def editor(staff: Staff) -> FlaskClient:
    return staff.town.browser(staff.town.editor)


def test_only_those_who_write_for_it_see_it(staff: Staff, editor: FlaskClient) -> None:
    assert editor.get(PATH).status_code == 200
    assert staff.town.visitor().get(PATH).headers["Location"].startswith("/sign-in")
    for other in (staff.town.ana, staff.town.moderator, staff.administrator):
        browser = staff.town.browser(other)
        assert browser.get(PATH).status_code == 404
        assert browser.post(PATH, data={"target": QUARTER_THERE}).status_code == 404
        assert browser.post(f"{PATH}/1/end").status_code == 404
    assert editor.get("/organisations/nobody/follows").status_code == 404


def test_it_is_linked_from_the_profile(editor: FlaskClient) -> None:
    assert PATH in editor.get("/@comite").text


def test_following_from_the_directory_and_ending_it(staff: Staff, editor: FlaskClient) -> None:
    assert "Follow Comité du Moulin" in editor.get(PATH).text
    assert editor.post(PATH, data={"target": COMMITTEE_THERE}).headers["Location"] == PATH
    with staff.outside() as session:
        row = session.scalars(select(Follow)).one()
        assert (row.own_username, row.remote_uri) == ("comite", COMMITTEE_THERE)
    page = editor.get(PATH).text
    assert "Looking it up" in page
    assert "Follow Comité du Moulin" not in page
    editor.post(f"{PATH}/{row.id}/end")
    assert "Follow Comité du Moulin" in editor.get(PATH).text


def test_a_wrong_address_is_kept_and_explained(editor: FlaskClient) -> None:
    page = editor.post(PATH, data={"target": "moulin"}).text
    assert "Write an address that begins with" in page
    assert 'value="moulin"' in page


def test_an_organisation_whose_profile_did_not_cross_yet_is_told_to_wait(staff: Staff, editor: FlaskClient) -> None:
    page = editor.post("/organisations/mairie/follows", data={"target": COMMITTEE_THERE}).text
    assert "Your public profile is not ready yet" in page
    assert f'value="{COMMITTEE_THERE}"' in page


def test_each_state_in_words(staff: Staff, editor: FlaskClient) -> None:
    with staff.outside() as session:
        for place, state in enumerate(
            (FollowState.PENDING, FollowState.ACCEPTED, FollowState.REFUSED, FollowState.ENDED)
        ):
            staff_town.follow(session, own_username="comite", remote=f"http://{ELSEWHERE}/users/n{place}", state=state)
    page = editor.get(PATH).text
    assert "Waiting for their answer" in page
    assert "Followed" in page
    assert "Not followed" in page
    assert "/users/n3" not in page


def test_what_came_of_it(staff: Staff, editor: FlaskClient) -> None:
    staff.from_elsewhere(title="Fête du moulin")
    staff.from_elsewhere(title="Une autre nouvelle", actor=f"http://{ELSEWHERE}/users/autre")
    assert "Nothing has come yet" in editor.get(PATH).text
    with staff.outside() as session:
        staff_town.follow(session, own_username="comite", remote=COMMITTEE_THERE, state=FollowState.ACCEPTED)
    page = editor.get(PATH).text
    assert "Fête du moulin" in page
    assert "Une autre nouvelle" not in page


def test_an_association_cannot_end_the_towns_follow(staff: Staff, editor: FlaskClient) -> None:
    with staff.outside() as session:
        row = staff_town.follow(session, own_username="palier", remote=QUARTER_THERE, state=FollowState.ACCEPTED)
    assert editor.post(f"{PATH}/{row.id}/end").status_code == 404


def test_whoever_moved_says_from_where(staff: Staff, editor: FlaskClient) -> None:
    with staff.outside() as session:
        staff_town.follow(session, own_username="comite", remote=COMMITTEE_THERE, state=FollowState.ACCEPTED)
        old = "https://ancienne.example/users/comite"
        session.add(Relocation(old_uri=old, new_uri=COMMITTEE_THERE, name="Comité", at=NOW))
    assert "moved there from ancienne.example on" in editor.get(PATH).text
