"""The moderators' desk: who may open it, deciding with a reason, taking back, blocking a town."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from federation.models import Follow, FollowState, Peer, PeerState
from instance import comments, reading, reports
from instance.audience import Audience
from instance.comments import Comment
from instance.evidence import Target
from instance.moderation import Measure
from instance.notices import Notice, State
from instance.reports import Report
from instance.residents import Resident
from tests.web import pages_town, staff_town
from tests.web.pages_town import NOW
from tests.web.staff_town import COMMITTEE_THERE, ELSEWHERE, Staff


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


@pytest.fixture
def desk(staff: Staff) -> FlaskClient:
    return staff.town.browser(staff.town.moderator)


def test_only_moderators_and_administrators_come_in(staff: Staff) -> None:
    notice = staff.listing()
    entry = staff.report(by=staff.town.ben, notice=notice)
    pages = [
        "/moderation",
        f"/moderation/reports/{entry.public_id}",
        f"/moderation/towns/{ELSEWHERE}/block",
        f"/moderation/towns/{ELSEWHERE}/unblock",
    ]
    posted = [
        f"/moderation/reports/{entry.public_id}",
        f"/moderation/notices/{notice.public_id}",
        f"/moderation/accounts/{staff.town.ana.public_id}",
        "/moderation/towns",
    ]
    for path in pages:
        for welcome in (staff.town.moderator, staff.administrator):
            assert staff.town.browser(welcome).get(path).status_code == 200
        assert staff.town.visitor().get(path).headers["Location"].startswith("/sign-in")
    for other in (staff.town.ana, staff.town.ben, staff.town.editor):
        browser = staff.town.browser(other)
        assert all(browser.get(path).status_code == 404 for path in pages)
        assert all(browser.post(path, data={"reason": "x", "step": "hide"}).status_code == 404 for path in posted)


def test_a_report_names_neither_its_reporter_nor_a_full_name(staff: Staff, desk: FlaskClient) -> None:
    entry = staff.report(by=staff.town.ben, notice=staff.listing(title="À vendre, cher"))
    for path in ("/moderation", f"/moderation/reports/{entry.public_id}"):
        page = desk.get(path).text
        assert "À vendre, cher" in page
        assert "Ce n&#39;est pas une annonce." in page
        assert "a neighbour" in page
        for name in (staff.town.ben.first_name, staff.town.ana.full_name):
            assert name not in page
    assert staff.town.ana.short_name in desk.get(f"/moderation/reports/{entry.public_id}").text


def test_hiding_wants_a_reason_and_closes_the_report(staff: Staff, desk: FlaskClient) -> None:
    notice = staff.listing()
    path = f"/moderation/reports/{staff.report(by=staff.town.ben, notice=notice).public_id}"
    assert "Fill in this field" in desk.post(path, data={"rule": "trade", "step": "hide", "reason": " "}).text
    assert (
        desk.post(path, data={"rule": "trade", "step": "hide", "reason": "Commercial."}).headers["Location"]
        == "/moderation"
    )
    page = desk.get("/moderation").text
    assert "No open report" in page
    assert "Commercial." in page
    with staff.town.home() as session:
        assert session.get_one(Notice, notice.id).state == State.HIDDEN
    decided = desk.get(path).text
    assert "Somebody decided about this" in decided
    assert 'name="step"' not in decided
    again = desk.post(path, data={"rule": "trade", "step": "dismiss", "reason": "Pas d’accord."}).text
    assert "Somebody else decided about this meanwhile." in again
    assert staff.town.browser(staff.town.ben).get(f"/notices/{notice.public_id}").status_code == 404


def test_a_hidden_notice_is_hung_again(staff: Staff, desk: FlaskClient) -> None:
    notice = staff.listing()
    path = f"/moderation/reports/{staff.report(by=staff.town.ben, notice=notice).public_id}"
    desk.post(path, data={"rule": "trade", "step": "hide", "reason": "Commercial."})
    again = f"/moderation/notices/{notice.public_id}"
    assert "Fill in this field" in desk.post(again, data={"reason": ""}).text
    assert desk.post(again, data={"reason": "Ce n'était pas commercial."}).status_code == 302
    assert staff.town.browser(staff.town.ben).get(f"/notices/{notice.public_id}").status_code == 200
    assert desk.get(again).status_code == 404


def test_a_comment_is_hidden(staff: Staff, desk: FlaskClient) -> None:
    item = staff.town.item(audience=Audience.INSTANCE)
    with staff.town.home() as session:
        ana, ben = session.get_one(Resident, staff.town.ana.id), session.get_one(Resident, staff.town.ben.id)
        comment = comments.add(session, notice=session.get_one(Notice, item.id), by=ana, body="Non.", now=NOW)
        entry = reports.report(
            session,
            target=Target.COMMENT,
            public_id=comment.public_id,
            reason="Impoli.",
            by=ben,
            reader=reading.reader(session, resident=ben, now=NOW),
            now=NOW,
        )
    desk.post(f"/moderation/reports/{entry.public_id}", data={"rule": "trade", "step": "hide", "reason": "Impoli."})
    with staff.town.home() as session:
        assert session.get_one(Comment, comment.id).state == State.HIDDEN


def test_suspending_the_author_hides_closes_and_can_be_taken_back(staff: Staff, desk: FlaskClient) -> None:
    notice = staff.listing()
    path = f"/moderation/reports/{staff.report(by=staff.town.ben, notice=notice).public_id}"
    browser = staff.town.browser(staff.town.ana)
    desk.post(path, data={"rule": "trade", "step": "suspend", "reason": "Menaces."})
    assert browser.get("/account").status_code == 302
    page = desk.get("/moderation").text
    assert "No open report" in page
    again = f"/moderation/accounts/{staff.town.ana.public_id}"
    assert again in page
    desk.post(again, data={"reason": "Excuses faites."})
    with staff.town.home() as session:
        assert session.get_one(Resident, staff.town.ana.id).state == "active"
        assert session.get_one(Notice, notice.id).state == State.HIDDEN


def test_a_report_is_closed_without_a_measure(staff: Staff, desk: FlaskClient) -> None:
    notice = staff.listing()
    path = f"/moderation/reports/{staff.report(by=staff.town.ben, notice=notice).public_id}"
    desk.post(path, data={"step": "dismiss", "reason": "Rien à redire."})
    with staff.town.home() as session:
        assert session.scalars(select(Report)).one().closed_at == NOW
        assert session.get_one(Notice, notice.id).is_live
    assert "Closed without a measure" in desk.get("/moderation").text


def test_an_unknown_step_is_refused(staff: Staff, desk: FlaskClient) -> None:
    path = f"/moderation/reports/{staff.report(by=staff.town.ben, notice=staff.listing()).public_id}"
    assert desk.post(path, data={"step": "burn", "reason": "x"}).status_code == 400


def test_nobody_decides_about_their_own_complaint(staff: Staff, desk: FlaskClient) -> None:
    notice = staff.listing(audience=Audience.INSTANCE)
    path = f"/moderation/reports/{staff.report(by=staff.town.moderator, notice=notice).public_id}"
    assert path not in desk.get("/moderation").text
    assert desk.get(path).status_code == 404
    for step in ("hide", "suspend", "dismiss"):
        assert desk.post(path, data={"rule": "trade", "step": step, "reason": "x"}).status_code == 404
    with staff.town.home() as session:
        assert session.get_one(Notice, notice.id).is_live
        assert session.scalars(select(Measure)).all() == []
    administrator = staff.town.browser(staff.administrator)
    assert administrator.post(path, data={"rule": "trade", "step": "hide", "reason": "Commercial."}).status_code == 302


def test_nobody_decides_about_their_own_words(staff: Staff, desk: FlaskClient) -> None:
    notice = staff.town.listing(by=staff.town.moderator, audience=Audience.INSTANCE)
    entry = staff.report(by=staff.town.ben, notice=notice, reason="Elle exagère.")
    path = f"/moderation/reports/{entry.public_id}"
    assert "Elle exagère." not in desk.get("/moderation").text
    pages_town.same_answer(desk.get(path), desk.get(f"/moderation/reports/{uuid.uuid4()}"))
    for step in ("hide", "dismiss"):
        assert desk.post(path, data={"rule": "trade", "step": step, "reason": "x"}).status_code == 404
    assert "Elle exagère." in staff.town.browser(staff.administrator).get(path).text


def test_a_town_is_blocked_and_what_hangs_of_it_comes_down(staff: Staff, desk: FlaskClient) -> None:
    notice = staff.from_elsewhere()
    with staff.outside() as session:
        staff_town.follow(session, own_username="comite", remote=COMMITTEE_THERE, state=FollowState.ACCEPTED)
    assert desk.post("/moderation/towns", data={"host": ELSEWHERE, "reason": "Publicité."}).status_code == 302
    with staff.town.home() as session:
        assert session.get_one(Notice, notice.id).state == State.HIDDEN
        assert session.scalars(select(Measure.target)).all() == [f"town {ELSEWHERE}"]
    with staff.outside() as session:
        assert session.scalars(select(Peer.state)).all() == [PeerState.BLOCKED]
        assert session.scalars(select(Follow.state)).all() == [FollowState.ENDED]
    assert "Publicité." in desk.get("/moderation").text


def test_a_block_covers_what_lies_under_its_name(staff: Staff, desk: FlaskClient) -> None:
    notice = staff.from_elsewhere()
    desk.post("/moderation/towns", data={"host": "voisine.localhost", "reason": "Publicité."})
    with staff.town.home() as session:
        assert session.get_one(Notice, notice.id).state == State.HIDDEN


@pytest.mark.parametrize(
    ("host", "reason", "said"),
    [
        ("a b", "Publicité.", "Write the address of the town"),
        ("voisins.localhost:8100", "Publicité.", "This is your own address"),
        (ELSEWHERE, "", "Fill in this field"),
    ],
)
def test_a_wrong_block_is_kept_and_explained(
    staff: Staff, desk: FlaskClient, host: str, reason: str, said: str
) -> None:
    page = desk.post("/moderation/towns", data={"host": host, "reason": reason}).text
    assert said in page
    assert f'value="{host}"' in page
    assert reason in page
    with staff.outside() as session:
        assert session.scalars(select(Peer.state)).all() == [PeerState.KNOWN]


def test_a_block_is_lifted(staff: Staff, desk: FlaskClient) -> None:
    desk.post(f"/moderation/towns/{ELSEWHERE}/block", data={"reason": "Publicité."})
    lift = f"/moderation/towns/{ELSEWHERE}/unblock"
    assert lift in desk.get("/moderation").text
    assert "Fill in this field" in desk.post(lift, data={"reason": ""}).text
    assert desk.post(lift, data={"reason": "Ils ont rangé."}).status_code == 302
    with staff.outside() as session:
        assert session.scalars(select(Peer.state)).all() == [PeerState.NEW]
    assert "not in the list" in desk.post("/moderation/towns/x.localhost/unblock", data={"reason": "x"}).text


def test_the_town_something_came_from_is_told_in_words_of_their_own(staff: Staff, desk: FlaskClient) -> None:
    path = f"/moderation/reports/{staff.report(by=staff.town.ben, notice=staff.from_elsewhere()).public_id}"
    assert "What that town reads" in desk.get(path).text
    told = {"step": "hide", "rule": "trade", "reason": "Publicité.", "told": "x" * 1001}
    page = desk.post(path, data=told).text
    assert "This is too long" in page
    assert "Publicité." in page
    assert desk.post(path, data={**told, "told": "Deux fois la même vente."}).status_code == 302
    page = desk.get(path).text
    assert f"What {ELSEWHERE} was told" in page
    assert "Deux fois la même vente." in page
    assert "Waiting" in page
    assert "Told another town" in desk.get("/moderation").text


def test_what_is_ours_is_told_to_nobody(staff: Staff, desk: FlaskClient) -> None:
    path = f"/moderation/reports/{staff.report(by=staff.town.ben, notice=staff.listing()).public_id}"
    assert "What that town reads" not in desk.get(path).text
    page = desk.post(path, data={"step": "hide", "rule": "trade", "reason": "x", "told": "Regardez."}).text
    assert "No other town is told of this" in page
    with staff.town.home() as session:
        assert session.scalars(select(Measure)).all() == []
