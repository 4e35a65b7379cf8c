"""Deny by default: whoever may not see something gets the very answer that a random address gets."""

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import product
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from instance import comments, conversations, evidence, hours, loans, notices, recommendations, skills
from instance.audience import Audience
from instance.conditions import Condition, Moment
from instance.evidence import Target
from instance.happenings import Happening
from instance.lending import Side
from instance.listings import Listing
from instance.news import NewsItem
from instance.residents import Resident
from instance.thanks import Thanks
from tests.web import pages_town
from tests.web.pages_town import NOW, Town

GET, POST = "GET", "POST"

# Every route of the residents' pages that names an object, with what it names.
ROUTES = [
    (GET, "/notices/{}", "notice"),
    (GET, "/notices/{}/edit", "notice"),
    (POST, "/notices/{}/edit", "notice"),
    (GET, "/notices/{}/withdraw", "notice"),
    (POST, "/notices/{}/withdraw", "notice"),
    (GET, "/notices/{}/narrow", "notice"),
    (POST, "/notices/{}/narrow", "notice"),
    (GET, "/notices/{}/away", "notice"),
    (POST, "/notices/{}/answer", "notice"),
    (POST, "/notices/{}/comments", "notice"),
    (GET, "/report/notice/{}", "notice"),
    (POST, "/report/notice/{}", "notice"),
    (GET, "/notices/{}", "news"),
    (GET, "/notices/{}/event.ics", "news"),
    (POST, "/notices/{}/comments", "news"),
    (POST, "/notices/{}/edit", "news"),
    (POST, "/notices/{}/withdraw", "news"),
    (GET, "/notices/{}/call-off", "news"),
    (POST, "/notices/{}/call-off", "news"),
    (GET, "/report/notice/{}", "news"),
    (POST, "/comments/{}/withdraw", "comment"),
    (GET, "/report/comment/{}", "comment"),
    (POST, "/report/comment/{}", "comment"),
    (GET, "/conversations/{}", "conversation"),
    (POST, "/conversations/{}", "conversation"),
    (GET, "/conversations/{}/loan", "conversation"),
    (POST, "/conversations/{}/loan", "conversation"),
    (GET, "/loans/{}", "loan"),
    (POST, "/loans/{}/agree", "loan"),
    (POST, "/loans/{}/call-off", "loan"),
    (POST, "/loans/{}/hand-over", "loan"),
    (POST, "/loans/{}/confirm", "loan"),
    (POST, "/loans/{}/longer", "loan"),
    (POST, "/loans/{}/thanks", "loan"),
    (GET, "/notices/{}/lent", "notice"),
    (POST, "/notices/{}/lent", "notice"),
    (POST, "/notices/{}/wait", "notice"),
    (POST, "/notices/{}/wait/stop", "notice"),
    (GET, "/report/message/{}", "message"),
    (POST, "/report/message/{}", "message"),
    (GET, "/report/person/{}", "conversation"),
    (POST, "/report/person/{}", "conversation"),
    (GET, "/conditions/{}", "condition"),
    (POST, "/conditions/{}/remove", "condition"),
    (GET, "/report/thanks/{}", "thanks"),
    (POST, "/report/thanks/{}", "thanks"),
    (GET, "/report/loan/{}", "loan"),
    (POST, "/report/loan/{}", "loan"),
    (GET, "/report/skill/{}", "skill"),
    (POST, "/report/skill/{}", "skill"),
    (GET, "/report/recommendation/{}", "recommendation"),
    (POST, "/report/recommendation/{}", "recommendation"),
    (GET, "/loans/{}/photos", "loan"),
    (POST, "/loans/{}/photos", "loan"),
    (GET, "/listings/new?kind=request&again={}", "notice"),
]
OUTSIDERS: dict[str, Callable[[Town], FlaskClient]] = {
    "visitor": Town.visitor,
    "resident elsewhere": lambda town: town.browser(town.cleo),
    "moderator elsewhere": lambda town: town.browser(town.moderator),
}
DATA = {"title": "t", "body": "b", "byline": "y", "audience": "building", "reason": "r"} | {
    "pickup": "2027-05-12T18:00",
    "due": "2027-05-13",
    "terms": "1",
    "days": "3",
    "words": "w",
}

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def private_things(town: Town) -> dict[str, uuid.UUID]:
    """One of each, all of them in the building of ana and ben."""
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    item = town.item(audience=Audience.BUILDING, organisation=town.developer)
    with town.home() as session:
        ben = session.get(Resident, town.ben.id)
        found, news = session.get(Listing, listing.id), notices.by_public_id(session, public_id=item.public_id)
        assert ben is not None
        assert found is not None
        assert isinstance(news, NewsItem)
        news.happening = Happening(begins=NOW)
        comment = comments.add(session, notice=news, by=ben, body="Merci", now=NOW)
        opened = conversations.answer(session, listing=found, by=ben, body="J'en ai une.", now=NOW)
        terms = {"pickup_at": NOW + timedelta(days=1), "due_on": hours.town_day(NOW + timedelta(days=2)), "place": ""}
        loan = loans.ask(session, conversation=opened, by=ben, now=NOW, **terms)
        taken = {"loan": loan, "side": Side.LENDER.value, "created_at": NOW, "words": "Une grande échelle"}
        shot = Condition(moment=Moment.BEFORE.value, position=1, width=4, height=3, **taken)
        said = Thanks(**taken)
        session.add_all([shot, said])
        session.flush()
        near = {"by": ben, "audience": Audience.BUILDING, "building": None, "now": NOW}
        words = recommendations.read(trade="plumber", name="Eaux Modèle", phone="", site="", done="Venu le jour même.")
        return {
            "skill": skills.offer(session, title="Une grande échelle", **near).public_id,
            "recommendation": recommendations.write(session, words=words, **near).public_id,
            "condition": shot.public_id,
            "thanks": said.public_id,
            "loan": loan.public_id,
            "notice": listing.public_id,
            "news": item.public_id,
            "comment": comment.public_id,
            "conversation": opened.public_id,
            "message": conversations.root(session, conversation=opened).public_id,
        }


@pytest.mark.parametrize("who", list(OUTSIDERS))
def test_what_is_not_theirs_is_as_if_it_were_not(town: Town, who: str) -> None:
    things = private_things(town)
    for method, route, name in ROUTES:
        real = OUTSIDERS[who](town).open(route.format(things[name]), method=method, data=DATA)
        random = OUTSIDERS[who](town).open(route.format(uuid.UUID(int=4)), method=method, data=DATA)
        pages_town.same_answer(real, random)
        assert real.status_code in {200, 302, 404}
        if real.status_code == 200:  # the composer, which opens without the words
            assert "Une grande échelle" not in real.text


def test_the_members_see_what_is_theirs(town: Town) -> None:
    """The matrix above would also pass with pages that show nothing to anybody."""
    things = private_things(town)
    browser = town.browser(town.ben)
    for path in (
        "/notices/{notice}",
        "/notices/{news}",
        "/notices/{news}/event.ics",
        "/conversations/{conversation}",
        "/report/comment/{comment}",
        "/loans/{loan}",
    ):
        if "comment" in path:
            browser = town.browser(town.ana)
        assert browser.get(path.format(**things)).status_code == 200


def test_a_neighbour_is_no_author(town: Town) -> None:
    things = private_things(town)
    for method, route, name in ROUTES:
        if name == "notice" and any(word in route for word in ("edit", "withdraw", "narrow", "away")):
            answer = town.browser(town.ben).open(route.format(things[name]), method=method, data=DATA)
            pages_town.same_answer(
                answer, town.browser(town.ben).open(route.format(uuid.UUID(int=4)), method=method, data=DATA)
            )
    third = town.browser(town.ana).open(f"/comments/{things['comment']}/withdraw", method=POST)
    assert third.status_code == 404


def test_a_neighbour_who_does_not_take_part_reads_no_letter(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.INSTANCE)
    town.browser(town.cleo).post(f"/notices/{listing.public_id}/answer", data={"body": "Moi."})
    path = town.browser(town.ana).get("/conversations").text.split('href="/conversations/')[1].split('"')[0]
    assert town.browser(town.cleo).get(f"/conversations/{path}").status_code == 200
    for somebody in (town.ben, town.moderator):
        answer = town.browser(somebody).get(f"/conversations/{path}")
        pages_town.same_answer(answer, town.browser(somebody).get(f"/conversations/{uuid.UUID(int=4)}"))


@pytest.mark.parametrize("state", ["withdraw", "hide"])
def test_what_was_taken_down_is_gone_for_everybody_else(town: Town, state: str) -> None:
    listing = town.listing(by=town.ana, audience=Audience.NETWORK)
    with town.home() as session:
        found = notices.by_public_id(session, public_id=listing.public_id)
        ana = session.get(Resident, town.ana.id)
        assert found is not None
        assert ana is not None
        if state == "withdraw":
            notices.withdraw(session, notice=found, by=ana, now=NOW)
        else:
            found.state = notices.State.HIDDEN.value
    for browser in (town.visitor(), town.browser(town.ben), town.browser(town.moderator)):
        pages_town.same_answer(
            browser.get(f"/notices/{listing.public_id}"), browser.get(f"/notices/{uuid.UUID(int=4)}")
        )


@pytest.mark.parametrize("path", ["/@inconnu", "/@le_port", "/organisations/comite/news/new"])
def test_closed_profiles_and_desks_are_not_there(town: Town, path: str) -> None:
    assert town.browser(town.ana).get(path).status_code == 404


@pytest.mark.parametrize("path", ["/mine", "/loans", "/conversations", "/listings/new", "/report/thanks"])
def test_a_visitor_is_led_to_the_door(town: Town, path: str) -> None:
    answer = town.visitor().get(path)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize("path", ["/notices/nothing", f"/report/resident/{uuid.UUID(int=4)}", "/conversations/1"])
def test_wrong_addresses_are_not_found(town: Town, path: str) -> None:
    assert town.browser(town.ana).get(path).status_code == 404


def test_nobody_here_reports_an_organisation_or_this_town(town: Town) -> None:
    for browser, method in product((town.browser(town.ana), town.browser(town.moderator)), (GET, POST)):
        for word, there in ((Target.ORGANISATION, town.committee.public_id), (Target.TOWN, evidence.THIS_TOWN)):
            answers = [
                browser.open(f"/report/{word}/{one}", method=method, data=DATA) for one in (there, uuid.UUID(int=4))
            ]
            pages_town.same_answer(*answers)
            assert answers[0].status_code == 404


def test_nothing_is_changed_without_the_forms_token(town: Town) -> None:
    things = private_things(town)
    town.app.config["WTF_CSRF_ENABLED"] = True
    browser = town.browser(town.ana)
    posts = [route.format(things[name]) for method, route, name in ROUTES if method == POST]
    for path in [*posts, "/listings/new?kind=request", "/organisations/comite/news/new"]:
        assert browser.post(path, data=DATA).status_code == 400


def test_the_matrix_names_every_route_with_an_object(town: Town) -> None:
    ours = {
        "board",
        "comments",
        "conditions",
        "conversations",
        "listings",
        "loans",
        "news",
        "notices",
        "profiles",
        "reports",
    }
    named = {
        rule.rule
        for rule in town.app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] in ours and "<uuid:" in rule.rule
    }
    walked = {route.split("?")[0] for _method, route, _name in ROUTES}
    shapes = {re.sub(r"<any[^>]*>", "agree", re.sub(r"<uuid:[^>]*>", "{}", rule)) for rule in named}
    # Only other towns report these: test_nobody_here_reports_an_organisation_or_this_town.
    elsewhere = {Target.ORGANISATION, Target.TOWN}
    spelled = {shape.replace("<target>", word) for shape in shapes for word in Target if word not in elsewhere}
    assert {one for one in spelled if one not in walked} == set()
