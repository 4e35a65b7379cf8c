"""What stands beside the board, on the pages: asking a neighbour, recommending a craftsman, who sees none of it."""

import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from instance import skills
from instance.audience import Audience
from instance.conversations import Conversation
from instance.recommendations import Recommendation
from instance.residents import Resident
from instance.skills import Skill
from tests.web import pages_town
from tests.web.pages_town import NOW, Town, same_answer

PAGE, CRAFT = "/neighbours/skills", "/neighbours/craftsmen"
PLUMBER = {
    "audience": "quarter",
    "trade": "plumber",
    "name": "Les Tuyaux",
    "phone": "04 91 00 00 00",
    "site": "exemple.fr",
    "done": "Une fuite, le jour même.",
    "independent": "y",
}

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def offered(town: Town, title: str = "Arroser les plantes", audience: str = "building") -> Skill:
    answer = town.browser(town.ana).post(f"{PAGE}/mine", data={"title": title, "audience": audience})
    assert answer.status_code == 302, answer.text
    with town.store.read() as session:
        return session.scalars(select(Skill).where(Skill.title == title)).one()


def recommended(town: Town, by: Resident | None = None, **more: str) -> Recommendation:
    answer = town.browser(by or town.ana).post(f"{CRAFT}/new", data=PLUMBER | more)
    assert answer.status_code == 302, answer.text
    with town.store.read() as session:
        return session.scalars(select(Recommendation).order_by(Recommendation.id.desc())).first()  # type: ignore[return-value]


def test_one_way_leads_to_both_lists(town: Town) -> None:
    assert 'href="/neighbours"' in town.browser(town.ana).get("/").text
    page = town.browser(town.ana).get("/neighbours").text
    assert f'href="{PAGE}"' in page
    assert f'href="{CRAFT}"' in page
    assert 'href="/neighbours"' not in town.visitor().get("/").text


def test_a_line_is_said_found_asked_for_and_taken_away(town: Town) -> None:
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    skill = offered(town)
    found = ben.get(PAGE).text
    assert "Arroser les plantes" in found
    assert town.ana.short_name in found
    assert town.ana.full_name not in found
    assert "Arroser" in ben.get(f"{PAGE}?q=plante&circle=building").text
    assert "Nothing found" in ben.get(f"{PAGE}?q=vélo").text
    assert "Nothing found" in ben.get(f"{PAGE}?circle=quarter").text
    asked = ben.post(f"{PAGE}/{skill.public_id}", data={"body": "Du 3 au 9 ?"}, follow_redirects=True)
    assert "You asked for:" in asked.text
    assert f"{PAGE}/{skill.public_id}" in asked.text
    talk = asked.request.path
    assert f"{talk}/loan" not in asked.text
    assert "/meeting" in asked.text
    assert "You may be asked for:" in ana.get(talk).text
    assert "Arroser les plantes" in ana.get("/conversations").text
    assert ben.get(f"{talk}/loan").status_code == 404
    gone = ana.post(f"{PAGE}/{skill.public_id}/take-away", follow_redirects=True).text
    assert "Letters about it stay" in gone
    assert "Arroser" not in ben.get(PAGE).text
    assert ben.get(f"{PAGE}/{skill.public_id}").status_code == 404
    for one in (ana, ben):
        page = one.get(talk).text
        assert "Arroser les plantes" in page
        assert f'href="{PAGE}/' not in page
        assert one.post(talk, data={"body": "Encore un mot"}).status_code == 302


def test_what_was_typed_is_kept_when_it_is_refused(town: Town) -> None:
    ana = town.browser(town.ana)
    for typed, said in (
        ({"title": "Un vélo"}, "Choose who will see this."),
        ({"title": "x" * 81, "audience": "building"}, "This is too long"),
        ({"title": "Un vélo", "audience": "instance"}, "no further"),
        ({"title": "", "audience": "building"}, "Fill in this field."),
    ):
        page = ana.post(f"{PAGE}/mine", data=typed).text
        assert said in page
        assert typed["title"] in page
    assert not re.search(r'type="radio"[^>]*checked', ana.get(f"{PAGE}/mine").text)
    for changed, said in (
        ({"phone": "demander à Paul"}, "Write a telephone number"),
        ({"site": "javascript:alert(1)"}, "Write the address of a page"),
        ({"independent": ""}, "no part in a business"),
        ({"trade": ""}, "Choose a trade."),
        ({"audience": "network"}, "stays in town"),
    ):
        page = ana.post(f"{CRAFT}/new", data={**PLUMBER, **changed}).text
        assert said in page, changed
        assert "Une fuite, le jour même." in page
        assert "Les Tuyaux" in page
    with town.store.read() as session:
        assert session.scalars(select(Skill)).all() == session.scalars(select(Recommendation)).all() == []


def test_one_s_own_are_changed(town: Town) -> None:
    ana, skill, row = town.browser(town.ana), offered(town), recommended(town)
    edit = f"{PAGE}/{skill.public_id}/edit"
    assert re.search(r'value="building"[^>]*checked', ana.get(edit).text)
    ana.post(edit, data={"title": "Arroser les balcons", "audience": "quarter"})
    assert "Arroser les balcons" in ana.get(f"{PAGE}/mine").text
    edit = f"{CRAFT}/{row.public_id}/edit"
    page = ana.get(edit).text
    assert "https://exemple.fr" in page
    assert "Une fuite, le jour même." in page
    ana.post(edit, data=PLUMBER | {"done": "Deux fuites."})
    assert "Deux fuites." in ana.get(f"{CRAFT}/mine").text
    assert "Deux fuites." in town.browser(town.ben).get(CRAFT).text
    ana.post(f"{CRAFT}/{row.public_id}/take-away")
    assert "Deux fuites." not in town.browser(town.ben).get(CRAFT).text


def test_words_for_one_business_stand_together_and_lead_there_safely(town: Town) -> None:
    recommended(town)
    recommended(town, by=town.ben, name="LES TUYAUX sarl", phone="06 00 00 00 00", done="Très <b>bien</b>.")
    recommended(town, name="Alpha Volts", trade="electrician", audience="instance")
    page = town.browser(town.ana).get(CRAFT).text
    assert page.count("<h3>") == 2
    assert page.index("Alpha Volts") < page.index("Les Tuyaux")
    assert 'href="tel:0491000000"' in page
    assert 'href="https://exemple.fr" rel="noopener noreferrer nofollow"' in page
    assert "Très &lt;b&gt;bien&lt;/b&gt;." in page
    assert town.ben.short_name in page
    assert town.ben.full_name not in page
    far = town.browser(town.cleo).get(CRAFT).text
    assert "Alpha Volts" in far
    assert "Tuyaux" not in far
    assert "Plumbing" not in far
    for chosen in ("plumber", "mason", "nobody"):
        assert town.browser(town.cleo).get(f"{CRAFT}?trade={chosen}").status_code == 200


def test_a_long_list_has_pages_and_ends(town: Town) -> None:
    for number in range(7):
        recommended(town, name=f"Entreprise {number}")
    ben = town.browser(town.ben)
    page = ben.get(CRAFT).text
    assert "Entreprise 4" in page
    assert "Entreprise 5" not in page
    further = re.search(r'rel="next" href="([^"]+)"', page)
    assert further
    rest = ben.get(further[1].replace("&amp;", "&")).text
    assert "Entreprise 5" in rest
    assert "end of the list" in rest
    with town.store.write.begin() as session:
        for number in range(8):
            for who in (town.ana, town.ben, town.cleo, town.editor):
                by = session.get_one(Resident, who.id)
                near = {"audience": Audience.QUARTER, "building": None, "now": NOW}
                skills.offer(session, by=by, title=f"Chose {number} de {by.login}", **near)  # type: ignore[arg-type]
    seen, path = "", PAGE
    for _ in range(3):
        page = town.browser(town.ana).get(path).text
        seen += page
        further = re.search(r'rel="next" href="([^"]+)"', page)
        if further is None:
            break
        path = further[1].replace("&amp;", "&")
    assert len(re.findall(r"<a href=\"/neighbours/skills/[0-9a-f-]{36}\">", seen)) == 16
    assert "end of the list" in seen


def _same(browser: FlaskClient, path: str, there: UUID, data: dict[str, str] | None) -> None:
    """The same answer as for what never was."""
    is_there, was_never = (
        browser.get(path.format(one)) if data is None else browser.post(path.format(one), data=data)
        for one in (there, uuid4())
    )
    same_answer(is_there, was_never)


def test_what_is_not_theirs_answers_as_what_never_was(town: Town) -> None:
    skill, row = offered(town), recommended(town)
    for who in (town.cleo, town.moderator, None):
        browser = town.browser(who) if who is not None else town.visitor()
        for path, data in (
            (PAGE + "/{}", None),
            (PAGE + "/{}", {"body": "Bonjour"}),
            (PAGE + "/{}/edit", None),
            (PAGE + "/{}/edit", {"title": "x", "audience": "building"}),
            (PAGE + "/{}/take-away", {"x": "y"}),
            ("/report/skill/{}", None),
            ("/report/skill/{}", {"reason": "x"}),
            (PAGE + "?from={}", None),
        ):
            _same(browser, path, skill.public_id, data)
        for path, data in (
            (CRAFT + "/{}/edit", None),
            (CRAFT + "/{}/edit", PLUMBER),
            (CRAFT + "/{}/take-away", {"x": "y"}),
            ("/report/recommendation/{}", None),
            ("/report/recommendation/{}", {"reason": "x"}),
        ):
            _same(browser, path, row.public_id, data)
    ben = town.browser(town.ben)
    _same(ben, PAGE + "/{}/edit", skill.public_id, None)
    _same(ben, CRAFT + "/{}/edit", row.public_id, None)
    with town.store.read() as session:
        assert session.scalars(select(Conversation)).all() == []


def test_a_reported_line_is_hidden_told_and_put_back(town: Town) -> None:
    skill, row = offered(town), recommended(town)
    ben, judge, ana = town.browser(town.ben), town.browser(town.moderator), town.browser(town.ana)
    for target, one in (("skill", skill), ("recommendation", row)):
        assert ben.get(f"/report/{target}/{one.public_id}").status_code == 200
        assert ben.post(f"/report/{target}/{one.public_id}", data={"reason": "Faux."}).status_code == 302
    for words in ("Arroser les plantes", "Les Tuyaux"):
        desk = judge.get("/moderation").text
        report = re.search(r'href="(/moderation/reports/[^"]+)"', desk)
        assert report
        assert judge.post(report[1], data={"reason": "x", "rule": "honesty", "step": "hide"}).status_code == 302
        assert words in judge.get("/moderation").text
    for page in (PAGE, CRAFT):
        assert "Tuyaux" not in ben.get(page).text
        assert "Arroser" not in ben.get(page).text
    assert "hidden by a moderator" in ana.get(f"{PAGE}/mine").text
    assert "hidden by a moderator" in ana.get(f"{CRAFT}/mine").text
    told = ana.get("/account/decisions").text
    assert "a craftsman you recommend" in told
    for one in (skill, row):
        path = f"/moderation/beside/{one.public_id}"
        _same(ben, "/moderation/beside/{}", one.public_id, None)
        assert judge.post(path, data={"reason": "Tout va bien."}).status_code == 302
        assert judge.get(path).status_code == 404
    assert "Tuyaux" in ben.get(CRAFT).text


def test_without_a_home_one_is_told_what_opens_this(town: Town) -> None:
    with town.store.write.begin() as session:
        gus = pages_town.residents.register(
            session,
            login="gus",
            first_name="Gus",
            last_name="Exemple",
            password=pages_town.PASSWORD,
            email=None,
            locale="en",
            now=NOW,
        )
        session.expunge(gus)
    browser = town.browser(gus)
    for path in (PAGE, f"{PAGE}/mine", f"{CRAFT}/new"):
        assert "Show where you live" in browser.get(path).text
    assert browser.post(f"{PAGE}/mine", data={"title": "Un vélo", "audience": "quarter"}).status_code == 200
    assert browser.post(f"{CRAFT}/new", data=PLUMBER).status_code == 200
    with town.store.read() as session:
        assert session.scalars(select(Skill)).all() == session.scalars(select(Recommendation)).all() == []
