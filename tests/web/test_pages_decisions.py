"""Decisions about oneself: what is told, to whom, by page and by mail, and what a suspended account may open."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask_babel import force_locale
from sqlalchemy import select

from instance import mailboxes, moderation, reports, suspensions
from instance.audience import Audience
from instance.decisions import Decision, Rule
from instance.evidence import Target
from instance.outgoing import Kind, OutgoingMail
from instance.reports import Report
from instance.residents import Resident
from tests.web import pages_town, staff_town
from tests.web.pages_town import NOW, PASSWORD
from tests.web.staff_town import Staff
from web.mail import occasions
from web.mail.occasions import Occasion
from web.settings import Settings

REASON = "Une annonce de commerce."
GIVEN = {"rule": "trade", "days": "7", "reason": REASON}


@pytest.fixture
def staff(tmp_path: Path) -> Iterator[Staff]:
    yield from staff_town.build(tmp_path)


def decide(staff: Staff, step: str, **how: object) -> Report:
    """Ben reports something of Ana's, and the moderator decides."""
    entry = staff.report(by=staff.town.ben, notice=staff.listing(**how))
    browser = staff.town.browser(staff.town.moderator)
    path = f"/moderation/reports/{entry.public_id}"
    assert browser.post(path, data={"step": step, **GIVEN}).headers["Location"] == "/moderation"
    return entry


def test_a_decision_is_told_with_words_reason_rule_and_how_to_object(staff: Staff) -> None:
    decide(staff, "hide", title="À vendre, cher")
    page = staff.town.browser(staff.town.ana).get("/account/decisions").text
    for words in ("À vendre, cher", REASON, "No advertising", "Somebody had reported it", "six months"):
        assert words in page
    assert staff.town.ben.first_name not in page
    assert "moderator" not in page.lower()


def test_who_reported_is_told_that_it_was_looked_at_and_nothing_else(staff: Staff) -> None:
    pages = []
    for step in ("hide", "dismiss", "warn", "suspend"):
        decide(staff, step)
        pages.append(staff.town.browser(staff.town.ben).get("/account/decisions").text)
        line = pages[-1].split('aria-labelledby="filed"')[1].split("<li>")[1].split("</li>")[0]
        pages[-1] = line
    assert len(set(pages)) == 1
    assert "it was looked at." in pages[0]
    assert REASON not in staff.town.browser(staff.town.ben).get("/account/decisions").text


def test_nobody_reads_the_decisions_of_others(staff: Staff) -> None:
    decide(staff, "warn")
    for somebody in (staff.town.ben, staff.town.cleo, staff.town.moderator, staff.administrator):
        assert REASON not in staff.town.browser(somebody).get("/account/decisions").text
    assert staff.town.visitor().get("/account/decisions").headers["Location"].startswith("/sign-in")


def test_a_suspended_account_reads_its_decisions_and_nothing_else(staff: Staff) -> None:
    decide(staff, "suspend")
    browser = staff.town.visitor()
    signed_in = browser.post("/sign-in?next=/mine", data={"name": "ana", "password": PASSWORD})
    assert signed_in.headers["Location"] == "/account/decisions"
    page = browser.get("/account/decisions").text
    assert "Your account is suspended until" in page
    assert REASON in page
    for rule in staff.town.app.url_map.iter_rules():
        if rule.arguments or "GET" not in (rule.methods or ()) or rule.endpoint == "about.source":
            continue
        answer, as_visitor = browser.get(rule.rule), staff.town.visitor().get(rule.rule)
        assert answer.status_code == as_visitor.status_code or rule.endpoint == "decisions.index", rule
    assert browser.post("/sign-out").status_code == 302
    assert browser.get("/account/decisions").status_code == 302


def test_given_back_is_told_and_the_same_browser_is_signed_in_again(staff: Staff) -> None:
    decide(staff, "suspend")
    browser = staff.town.visitor()
    browser.post("/sign-in", data={"name": "ana", "password": PASSWORD})
    desk = staff.town.browser(staff.town.moderator)
    desk.post(f"/moderation/accounts/{staff.town.ana.public_id}", data={"reason": "Excuses faites."})
    page = browser.get("/account/decisions").text
    assert "Excuses faites." in page
    assert "Your account is suspended until" not in page
    assert browser.get("/account").status_code == 200


def test_a_second_moderator_is_told_that_it_is_decided(staff: Staff) -> None:
    entry = decide(staff, "dismiss")
    other = staff.town.browser(staff.administrator)
    page = other.post(f"/moderation/reports/{entry.public_id}", data={"step": "hide", **GIVEN})
    assert page.status_code == 200
    assert "Somebody else decided about this meanwhile." in page.text
    with staff.town.home() as session:
        assert session.scalars(select(Decision)).all() == []


@pytest.mark.parametrize(("audience", "in_mail"), [(Audience.QUARTER, True), (Audience.BUILDING, False)])
def test_the_mail_says_why_unless_it_belongs_to_a_building(staff: Staff, audience: Audience, in_mail: bool) -> None:
    with staff.town.home() as session:
        for somebody in (staff.town.ana, staff.town.ben):
            address = f"{somebody.login}@voisins.example"
            mailboxes.prove(session, resident=session.get_one(Resident, somebody.id), address=address, now=NOW)
    decide(staff, "hide", audience=audience, title="À vendre, cher")
    told = mails(staff)
    assert set(told) == {Kind.DECISION, Kind.LOOKED}
    assert (REASON in told[Kind.DECISION]) is in_mail
    for words in ("taken down", "No advertising", "/account/decisions", "six months"):
        assert words in told[Kind.DECISION]
    for words in (REASON, "À vendre", "Ana"):
        assert words not in told[Kind.LOOKED]


def mails(staff: Staff) -> dict[Kind, str]:
    """What each waiting mail of the desk says, as text."""
    settings: Settings = staff.town.app.extensions["palier_settings"]
    found = {}
    with staff.town.home() as session, staff.town.app.app_context(), force_locale("en"):
        for mail in session.scalars(select(OutgoingMail)):
            said = occasions.occasion(session, mail=mail, settings=settings, now=NOW)
            assert isinstance(said, Occasion)
            action = said.content.action
            assert action is not None
            words = (said.content.subject, *said.content.sentences, action.url, *said.content.after)
            found[Kind(mail.kind)] = " ".join(words)
    return found


def test_a_suspended_account_is_written_to_about_it(staff: Staff) -> None:
    with staff.town.home() as session:
        ana, by = session.get_one(Resident, staff.town.ana.id), session.get_one(Resident, staff.administrator.id)
        mailboxes.prove(session, resident=ana, address="ana@voisins.example", now=NOW)
        suspensions.suspend(session, resident=ana, reason=REASON, rule=Rule.RESPECT, by=by, now=NOW)
    told = mails(staff)[Kind.DECISION]
    assert "Your account is suspended" in told
    assert REASON not in told


def test_a_person_is_reported_from_the_conversation_they_are_met_in(staff: Staff) -> None:
    town = staff.town
    listing = town.listing(by=town.ana, audience=Audience.QUARTER)
    town.browser(town.ben).post(f"/notices/{listing.public_id}/answer", data={"body": "Moi."})
    ana = town.browser(town.ana)
    path = ana.get("/conversations").text.split('href="/conversations/')[1].split('"')[0]
    link = f"/report/person/{path}"
    assert link in ana.get(f"/conversations/{path}/quiet").text
    assert town.ben.first_name in ana.get(link).text
    assert ana.post(link, data={"reason": "Il insiste."}).status_code == 302
    with town.home() as session:
        (entry,) = reports.open_reports(session, by=None)
        assert (entry.target, entry.target_id, entry.author_id) == (Target.PERSON, town.ben.public_id, town.ben.id)
        mo = session.get_one(Resident, town.moderator.id)
        moderation.warn(session, entry=entry, reason=REASON, rule=Rule.RESPECT, by=mo, now=NOW)
    assert REASON in town.browser(town.ben).get("/account/decisions").text
    assert town.browser(town.cleo).get(link).status_code == 404


def test_a_moderator_of_a_quarter_sees_what_is_reported_there_and_nothing_else(staff: Staff) -> None:
    town = staff.town
    entry = staff.report(by=town.ben, notice=staff.listing(title="À vendre, cher"))
    with town.home() as session:
        session.get_one(Resident, town.moderator.id).desk_quarter_id = town.far_building.quarter_id
    desk = town.browser(town.moderator)
    assert "À vendre, cher" not in desk.get("/moderation").text
    path = f"/moderation/reports/{entry.public_id}"
    assert desk.get(path).status_code == 404
    assert desk.post(path, data={"step": "hide", **GIVEN}).status_code == 404
    assert desk.get("/moderation/towns/x.example/block").status_code == 404
    with town.home() as session:
        quarter = session.get_one(Report, entry.id).quarter_id
        session.get_one(Resident, town.moderator.id).desk_quarter_id = quarter
    assert "À vendre, cher" in desk.get("/moderation").text
    assert desk.post(path, data={"step": "hide", **GIVEN}).status_code == 302


def test_a_party_finds_what_never_was_and_administrators_read_that_nobody_may_decide(staff: Staff) -> None:
    town = staff.town
    entry = staff.report(by=town.ben, notice=staff.listing(title="À vendre, cher"), reason="Elle exagère.")
    stuck = "on which nobody who looks after the board may decide"
    assert stuck not in town.browser(staff.administrator).get("/moderation").text
    with town.home() as session:
        session.get_one(Resident, town.ben.id).role = "administrator"
        for somebody in (town.moderator, staff.administrator):
            session.get_one(Resident, somebody.id).role = "resident"
    ben = town.browser(town.ben)
    page = ben.get("/moderation").text
    assert stuck in page
    for word in (str(entry.public_id), "Elle exagère.", "À vendre, cher"):
        assert word not in page
    for method in ("GET", "POST"):
        is_there, was_never = (
            ben.open(f"/moderation/reports/{one}", method=method, data={"step": "dismiss", **GIVEN})
            for one in (entry.public_id, uuid.uuid4())
        )
        pages_town.same_answer(is_there, was_never)
        assert is_there.status_code == 404
