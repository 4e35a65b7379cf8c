"""Reports and measures from the terminal, on each engine: in somebody's name, with the reason in the book."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.models import Follow, FollowState, Peer, PeerState
from instance import comments, listings, moderation, news, reading, reports, residents, skills
from instance.audience import Audience
from instance.decisions import Decision
from instance.evidence import Target
from instance.news import NewsItem
from instance.notices import Notice, Origin, State
from instance.organisations import Organisation
from tests.web import staff_town
from tests.web.commands.offices import Office
from tests.web.pages_town import NOW
from tests.web.staff_town import COMMITTEE_THERE, ELSEWHERE, THERE


def _hung(office: Office) -> Notice:
    with office.home() as session:
        ana = residents.by_login(session, login="ana")
        return listings.offer(session, by=ana, title="À vendre", body="Cher.", audience=Audience.QUARTER, now=NOW)


def _from_elsewhere(office: Office) -> Notice:
    origin = Origin(uri=f"{THERE}/a/1", actor_uri=COMMITTEE_THERE, name="Comité", host=ELSEWHERE, url=None, updated=NOW)
    with office.home() as session:
        return news.welcome(session, origin=origin, title="Fête", summary="x", html="<p>x</p>", language="fr", now=NOW)


def _state(office: Office, notice: Notice) -> str:
    with office.home() as session:
        return session.get_one(Notice, notice.id).state


def test_a_report_is_listed_shown_and_decided(office: Office) -> None:
    notice = _hung(office)
    entry = str(office.report(by="ben", notice=notice).public_id)
    (line,) = office.json("reports", "list", "--as", "modo")["reports"]
    assert (line["id"], line["kind"], line["target"]) == (entry, "notice", str(notice.public_id))
    assert "À vendre" in line["excerpt"]
    shown = office.json("reports", "show", entry, "--as", "modo")
    assert shown["author"] == "Ana I."
    assert shown["reporter"] == "a neighbour"
    for words in (("list",), ("show", entry), ("hide", entry, "--reason", "x", "--rule", "trade")):
        assert office.refused("reports", *words, "--as", "ben")["code"] == "not_moderator"
        assert office.refused("reports", *words, status=2)["code"] == "usage"
    assert (
        office.refused("reports", "hide", entry, "--as", "modo", "--rule", "trade", "--reason", " ")["field"]
        == "reason"
    )
    hide = ("reports", "hide", entry, "--as", "modo", "--rule", "trade", "--reason", "Commercial.")
    assert office.json(*hide)["step"] == "hide"
    assert _state(office, notice) == State.HIDDEN
    assert office.json("reports", "list", "--as", "modo")["reports"] == []
    assert office.refused("reports", "dismiss", entry, "--as", "modo", "--reason", "x")["code"] == "decided"
    assert [one["id"] for one in office.json("moderation", "hidden")["notices"]] == [str(notice.public_id)]
    words = ("reports", "restore", str(notice.public_id), "--as", "modo", "--reason", "À tort.")
    assert office.json(*words)["step"] == "restore"
    assert _state(office, notice) == State.LIVE
    assert office.refused(*words)["code"] == "not_found"
    book = office.json("moderation", "book")["measures"]
    assert [(one["step"], one["reason"], one["by"]) for one in book] == [
        ("restore", "À tort.", "modo"),
        ("hide", "Commercial.", "modo"),
    ]


def test_a_warning_is_told_and_a_comment_comes_back(office: Office) -> None:
    entry = str(office.report(by="ben", notice=_hung(office)).public_id)
    words = ("reports", "warn", entry, "--as", "modo", "--rule", "trade", "--reason", "Une annonce par personne.")
    assert office.json(*words)["step"] == "warn"
    with office.home() as session:
        (told,) = session.scalars(select(Decision)).all()
        assert (told.step, told.rule, told.resident.login) == ("warn", "trade", "ana")
        ana, modo = (residents.by_login(session, login=one) for one in ("ana", "modo"))
        item = session.scalars(select(NewsItem)).first() or _news(session)
        comment = comments.add(session, notice=item, by=ana, body="Non.", now=NOW)
        moderation.hide_comment(session, comment=comment, reason="x", by=modo, now=NOW)
        id_ = str(comment.public_id)
    assert [one["id"] for one in office.json("moderation", "hidden-comments")["comments"]] == [id_]
    restore = ("reports", "restore-comment", id_, "--as", "modo", "--reason", "À tort.")
    assert office.json(*restore)["step"] == "restore"
    assert office.refused(*restore)["code"] == "not_found"


def test_what_stands_beside_the_board_is_hidden_and_put_back(office: Office) -> None:
    with office.home() as session:
        ana, ben = (residents.by_login(session, login=one) for one in ("ana", "ben"))
        near = {"audience": Audience.QUARTER, "building": None, "now": NOW}
        skill = skills.offer(session, by=ana, title="Un vélo", **near)
        reader = reading.reader(session, resident=ben, now=NOW)
        given = {"target": Target.SKILL, "public_id": skill.public_id, "reader": reader}
        entry = reports.report(session, by=ben, reason="Faux.", now=NOW, **given)
        id_, report = str(skill.public_id), str(entry.public_id)
    shown = office.json("reports", "show", report, "--as", "modo")
    assert (shown["kind"], shown["target"], shown["excerpt"]) == ("skill", id_, "Un vélo")
    hide = ("reports", "hide", report, "--as", "modo", "--rule", "honesty", "--reason", "Faux.")
    assert office.json(*hide)["step"] == "hide"
    assert office.json("moderation", "hidden-beside")["beside"] == [{"id": id_, "kind": "skill", "words": "Un vélo"}]
    restore = ("reports", "restore-beside", id_, "--as", "modo", "--reason", "À tort.")
    assert office.json(*restore)["step"] == "restore"
    assert office.refused(*restore)["code"] == "not_found"
    assert office.json("moderation", "book")["measures"][0]["target"] == {"kind": "skill", "key": id_}


def _news(session: Session) -> NewsItem:
    committee = session.scalars(select(Organisation).where(Organisation.slug == "comite")).one()
    editor = committee.members[0].resident
    words = {"title": "Fête", "summary": "Samedi.", "body": "Sur la place.", "audience": Audience.INSTANCE, "now": NOW}
    return news.post(session, organisation=committee, by=editor, **words)


def test_suspending_and_dismissing_by_a_report(office: Office) -> None:
    first = str(office.report(by="ben", notice=_hung(office)).public_id)
    assert office.json("reports", "dismiss", first, "--as", "modo", "--reason", "Sans suite.")["step"] == "dismiss"
    notice = _hung(office)
    second = str(office.report(by="ben", notice=notice).public_id)
    suspend = ("reports", "suspend", second, "--as", "modo", "--reason", "Encore.")
    assert office.json(*suspend, "--rule", "respect", "--days", "7")["step"] == "suspend"
    assert office.json("accounts", "show", "ana")["state"] == "suspended"
    assert _state(office, notice) == State.HIDDEN
    with office.home() as session:
        modo = residents.by_login(session, login="modo")
        own = listings.offer(session, by=modo, title="Mien", body="x", audience=Audience.QUARTER, now=NOW)
    third = str(office.report(by="cleo", notice=own).public_id)
    # What concerns whoever looks after the board is to them as if it had never been.
    assert office.json("reports", "list", "--as", "modo")["reports"] == []
    for one in (third, str(uuid.uuid4())):
        for step in (("show", one), ("hide", one, "--rule", "law", "--reason", "x"), ("dismiss", one, "--reason", "x")):
            refused = office.refused("reports", *step, "--as", "modo")
            assert (refused["code"], one in str(refused)) == ("not_found", False)
    assert office.json("reports", "dismiss", third, "--as", "adele", "--reason", "x")["step"] == "dismiss"
    assert office.refused("reports", "show", str(uuid.uuid4()), "--as", "modo")["code"] == "not_found"


def test_a_town_is_blocked_and_spoken_to_again(office: Office) -> None:
    notice = _from_elsewhere(office)
    with office.outside() as session:
        staff_town.follow(session, own_username="palier", remote=COMMITTEE_THERE, state=FollowState.ACCEPTED)
    block = ("peers", "block", f"http://{ELSEWHERE}/about", "--as", "modo", "--reason", "Publicité.")
    assert office.refused(*block)["code"] == "not_confirmed"
    assert office.refused(*block[:3], "--as", "ben", "--reason", "x", "--yes")["code"] == "not_moderator"
    assert office.refused(*block[:3], "--as", "modo", "--reason", " ", "--yes")["field"] == "reason"
    assert office.json(*block, "--yes") == {"host": ELSEWHERE, "state": "blocked"}
    assert _state(office, notice) == State.HIDDEN
    with office.outside() as session:
        assert [one.state for one in session.scalars(select(Follow))] == [FollowState.ENDED]
    assert office.refused("peers", "add", ELSEWHERE)["code"] == "peer_blocked"
    assert office.json("peers", "unblock", ELSEWHERE, "--as", "modo", "--reason", "Réparé.")["state"] == PeerState.NEW
    assert office.refused("peers", "unblock", "x.example", "--as", "modo", "--reason", "x")["code"] == "peer_unknown"
    assert _state(office, notice) == State.HIDDEN
    with office.outside() as session:
        assert [one.state for one in session.scalars(select(Peer))] == [PeerState.NEW]
    book = office.json("moderation", "book")["measures"]
    assert [one["step"] for one in book] == ["unblock", "block"]
    assert {one["target"]["key"] for one in book} == {ELSEWHERE}


def test_a_town_is_told_of_what_came_from_it(office: Office) -> None:
    entry = str(office.report(by="ben", notice=_from_elsewhere(office)).public_id)
    dismiss = ("reports", "dismiss", entry, "--as", "modo", "--reason", "Vu.", "--tell")
    assert office.refused(*dismiss, "x" * 1001)["field"] == "told"
    assert office.json(*dismiss, "Deux fois la même vente.")["step"] == "dismiss"
    (told,) = office.json("reports", "told", "--as", "modo")["told"]
    assert (told["report"], told["town"], told["excerpt"]) == (entry, ELSEWHERE, "Deux fois la même vente.")
    assert told["state"] == "due"
    assert office.refused("reports", "told", "--as", "ben")["code"] == "not_moderator"
    own = str(office.report(by="ben", notice=_hung(office)).public_id)
    hide = ("reports", "hide", own, "--as", "modo", "--rule", "trade", "--reason", "x", "--tell", "Regardez.")
    assert office.refused(*hide)["code"] == "town_untold"
