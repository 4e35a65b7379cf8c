"""An association follows another town's news from its own page; nobody else sees that page."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from federation.models import Follow, FollowState, Lookup, LookupState, Relocation
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


def test_somebody_is_looked_at_before_they_are_followed(staff: Staff, editor: FlaskClient) -> None:
    away = editor.post(f"{PATH}/look", data={"target": f"@comite_voisin@{ELSEWHERE}"}).headers["Location"]
    page = editor.get(away).text
    assert f"@comite_voisin@{ELSEWHERE}" in page
    assert "It is being looked up" in page
    pieces = [
        {"title": "Fête", "html": "<p>Au <b>moulin</b><script>x</script></p>", "published": "2027-05-10T08:00:00+00:00"}
    ]
    with staff.outside() as session:
        row = session.scalars(select(Lookup)).one()
        row.state = LookupState.FOUND
        row.found = {
            "uri": COMMITTEE_THERE,
            "kind": "Organization",
            "name": "Comité du Moulin",
            "handle": f"@comite_voisin@{ELSEWHERE}",
            "summary": "<p>Le quartier<img src=x></p>",
            "pieces": pieces,
        }
    page = editor.get(away).text
    for words in ("<h1>Comité du Moulin</h1>", "Organisation", "Le quartier", "<b>Fête</b>", "yesterday", "Au moulin"):
        assert words in page
    assert "<img src=x" not in page
    assert "<script>x" not in page
    assert f'name="target" value="{COMMITTEE_THERE}"' in page
    editor.post(PATH, data={"target": COMMITTEE_THERE})
    page = editor.get(away).text
    assert 'name="target"' not in page
    assert "Looking it up" in page
    with staff.outside() as session:
        row = session.scalars(select(Lookup)).one()
        row.state, row.found, row.last_error = LookupState.FAILED, None, "answered 404"
    assert "It answered with error 404." in editor.get(away).text


def test_a_look_is_for_whoever_looked(staff: Staff, editor: FlaskClient) -> None:
    away = editor.post(f"{PATH}/look", data={"target": COMMITTEE_THERE}).headers["Location"]
    key = away.rpartition("/")[2]
    admin = staff.town.browser(staff.administrator)
    assert staff.town.browser(staff.town.ana).get(away).status_code == 404
    assert admin.get(f"/admin/peers/look/{key}").status_code == 404
    assert staff.town.visitor().get(away).headers["Location"].startswith("/sign-in")
    assert 'value="moulin"' in editor.post(f"{PATH}/look", data={"target": "moulin"}).text


def test_other_software_sends_somebody_here_to_follow(staff: Staff, editor: FlaskClient) -> None:
    asked = "/authorize_interaction?uri=acct:news@voisine.example"
    page = editor.get(asked).text
    assert f'action="{PATH}/look"' in page
    assert 'name="target" value="news@voisine.example"' in page
    assert 'action="/admin/peers/look"' not in page
    assert 'action="/admin/peers/look"' in staff.town.browser(staff.administrator).get(asked).text
    assert "Associations and the town follow" in staff.town.browser(staff.town.ana).get(asked).text
    assert staff.town.visitor().get(asked).headers["Location"].startswith("/sign-in")
    with staff.outside() as session:
        assert session.scalars(select(Lookup)).all() == []
