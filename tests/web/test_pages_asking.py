"""Asking quietly on the pages: what for, how fast it goes round, that somebody was found; no trace of who looked."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from instance import conversations, listings, notices, residents, rings
from instance.audience import Audience
from instance.base import Home
from instance.listings import Listing
from instance.needs import Need
from instance.notices import State
from instance.places import Building
from instance.residents import Resident
from instance.rings import Pace, Widening
from tests.web import pages_town
from tests.web.pages_town import NOW, Town

REQUEST = "/listings/new?kind=request"

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def typed(**more: str) -> dict[str, str]:
    return {"title": "Un œuf", "body": "Pour un gâteau.", "byline": ""} | more


def only(town: Town) -> Listing:
    with town.store.read() as session:
        return session.scalars(select(Listing)).one()


def widening(town: Town) -> Widening | None:
    with town.store.read() as session:
        return session.scalar(select(Widening))


def asked(town: Town, *, audience: Audience = Audience.INSTANCE, pace: Pace = Pace.HOURS) -> Listing:
    with town.home() as session:
        return rings.ask(
            session, by=session.get_one(Resident, town.ana.id), title="Un œuf", body="Pour un gâteau.",
            audience=audience, need=Need.TOOL, pace=pace, now=NOW, byline="Une voisine",
        )  # fmt: skip


def test_what_it_is_about_is_chosen_by_one_tap_and_something_else_unless_one_says(town: Town) -> None:
    page = town.browser(town.ana).get(REQUEST).text
    assert re.findall(r'value="(\w+)"[^>]*checked', page) + re.findall(r'checked[^>]*value="(\w+)"', page) == ["other"]
    assert page.count('name="need"') == 5
    assert 'name="need"' not in town.browser(town.ana).get("/listings/new?kind=offer").text
    town.browser(town.ana).post(REQUEST, data=typed(audience="building"))
    assert (only(town).need, widening(town)) == (Need.OTHER, None)


def test_an_ingredient_hangs_until_tonight_and_says_so(town: Town) -> None:
    browser = town.browser(town.ana)
    browser.post(REQUEST, data=typed(audience="building", need="ingredient"))
    assert only(town).expires_at == NOW.replace(hour=21, minute=0, second=0, microsecond=0)
    assert "An ingredient" in town.browser(town.ben).get("/").text


@pytest.mark.parametrize("wrong", [{"need": "a castle"}, {"pace": "now!"}, {"need": ""}])
def test_a_made_up_choice_is_refused_and_words_are_kept(town: Town, wrong: dict[str, str]) -> None:
    page = town.browser(town.ana).post(REQUEST, data=typed(audience="quarter", **wrong)).text
    assert "Choose one of these." in page
    assert 'value="Un œuf"' in page
    with town.store.read() as session:
        assert session.scalar(select(Listing)) is None


def test_a_request_begins_in_the_building_and_its_author_sees_what_comes(town: Town) -> None:
    browser = town.browser(town.ana)
    answer = browser.post(REQUEST, data=typed(audience="instance", need="tool", pace="hours"), follow_redirects=True)
    assert "It hangs on the board of 14 rue Imaginaire." in answer.text
    assert "Your quarter sees it next: today, 12:00 PM." in answer.text
    assert "Un œuf" not in town.browser(town.cleo).get("/").text
    assert "sees it next" not in town.browser(town.ben).get(f"/notices/{only(town).public_id}").text
    town.moment[0] = NOW + timedelta(hours=2)
    with town.home() as session:
        rings.open_due(session, now=town.moment[0])
    assert "The whole town sees it next: today, 2:00 PM." in browser.get("/mine").text


def test_a_pace_that_comes_too_late_is_said_and_nothing_hangs(town: Town) -> None:
    data = typed(audience="quarter", need="ingredient", pace="tomorrow")
    page = town.browser(town.ana).post(REQUEST, data=data).text
    assert "It ends before it would reach anybody else." in page
    with town.store.read() as session:
        assert session.scalar(select(Listing)) is None


def test_beyond_is_looked_at_before_it_begins_at_home(town: Town) -> None:
    browser = town.browser(town.ana)
    data = typed(audience="network", byline="Une voisine", need="tool", pace="hours")
    shown = browser.post(REQUEST, data=data).text
    assert "This leaves town" in shown
    assert "it leaves town: today, 4:00 PM." in shown
    assert 'name="pace" value="hours"' in shown
    assert widening(town) is None
    browser.post(REQUEST, data=data | {"step": "publish"})
    found, begun = only(town), widening(town)
    assert (found.audience, found.byline, found.reached_network) == (Audience.BUILDING, None, False)
    assert begun is not None
    assert (begun.furthest, begun.byline) == (Audience.NETWORK, "Une voisine")


def test_no_further_than_now(town: Town) -> None:
    listing, browser = asked(town), town.browser(town.ana)
    page = browser.post(f"/notices/{listing.public_id}/stay", follow_redirects=True).text
    assert "It goes no further." in page
    assert "sees it next" not in page
    assert widening(town) is None
    assert only(town).is_live


def test_somebody_found_takes_it_down_from_the_list_and_from_the_letters(town: Town) -> None:
    first, browser = asked(town), town.browser(town.ana)
    assert f"/notices/{first.public_id}/found" in browser.get("/mine").text
    with town.home() as session:
        talk = conversations.answer(
            session, listing=session.get_one(Listing, first.id), by=session.get_one(Resident, town.ben.id),
            body="J’en ai deux.", now=NOW,
        )  # fmt: skip
    assert "/found" in browser.get(f"/conversations/{talk.public_id}").text
    assert "/found" not in town.browser(town.ben).get(f"/conversations/{talk.public_id}").text
    page = browser.post(f"/notices/{first.public_id}/found", follow_redirects=True).text
    assert "Your request is taken down" in page
    assert (only(town).state, widening(town)) == (State.WITHDRAWN, None)
    assert "/found" not in browser.get(f"/conversations/{talk.public_id}").text
    assert "Un œuf" not in town.browser(town.ben).get("/").text


def test_longer_when_it_gains_something(town: Town) -> None:
    listing, browser = asked(town, pace=Pace.AT_ONCE), town.browser(town.ana)
    assert "/renew" not in browser.get("/mine").text
    page = browser.post(f"/notices/{listing.public_id}/renew", follow_redirects=True).text
    assert "It already hangs as long as it can." in page
    assert only(town).version == 1
    town.moment[0] = NOW + timedelta(days=6)
    assert "Let it hang until" in browser.get("/mine").text
    assert "hangs longer now" in browser.post(f"/notices/{listing.public_id}/renew", follow_redirects=True).text
    assert only(town).expires_at == town.moment[0] + timedelta(days=7)


@pytest.mark.parametrize("act", ["found", "stay", "renew"])
def test_to_everybody_else_it_is_as_if_it_never_was(town: Town, act: str) -> None:
    listing = asked(town)
    never = "00000000-0000-4000-8000-000000000000"
    for who in (town.ben, town.cleo, town.moderator):
        browser = town.browser(who)
        there, nowhere = (browser.post(f"/notices/{one}/{act}") for one in (listing.public_id, never))
        pages_town.same_answer(there, nowhere)
        assert there.status_code == 404
    assert town.visitor().post(f"/notices/{listing.public_id}/{act}").status_code == 302
    assert only(town).version == 1
    assert widening(town) is not None


# --- silence is polite


def test_nobody_free_is_one_line_and_nothing_else(town: Town) -> None:
    asked(town, audience=Audience.BUILDING)
    with town.home() as session:
        notices.expire(session, now=NOW + timedelta(days=8))
    browser = town.browser(town.ana)
    assert browser.get("/mine").text.count("nobody was free this time") == 1
    for path in ("/", "/conversations", "/account"):
        assert "nobody was free" not in browser.get(path).text


def _bare(page: str) -> str:
    return re.sub(r'(name="csrf_token"[^>]* value=)"[^"]*"', r"\1", page)


def _asker(browser: FlaskClient, listing: Listing) -> list[str]:
    paths = ("/", "/mine", "/conversations", "/account", f"/notices/{listing.public_id}")
    return [_bare(browser.get(path).text) for path in paths]


def _rows(town: Town) -> dict[str, list[str]]:
    """All that is kept at home, but for sign-ins."""
    with town.store.read() as session:
        tables = [one for one in Home.metadata.sorted_tables if one.name != "login"]
        return {one.name: sorted(map(str, session.execute(select(one)).all())) for one in tables}


def test_fifty_neighbours_read_it_and_the_asker_is_told_nothing(town: Town) -> None:
    with town.home() as session:
        building = session.get_one(Building, town.building.id)
        password = residents.by_login(session, login="ben").password_hash
        readers = [
            Resident(
                login=f"voisine{n}", first_name=f"Prénom{n}", last_name="Fictif", email=None, locale="en",
                password_hash=password, role=residents.Role.RESIDENT.value, state=residents.State.ACTIVE.value,
                created_at=NOW,
            )
            for n in range(49)
        ]  # fmt: skip
        for one in readers:
            session.add(one)
            residents.move_in(session, resident=one, lot=building.lots[2], now=NOW)
    listing, asker = asked(town), town.browser(town.ana)
    browsers = [town.browser(one) for one in readers]
    nobody, kept = _asker(asker, listing), _rows(town)
    for browser in browsers:
        assert "Pour un gâteau." in browser.get(f"/notices/{listing.public_id}").text
        assert "Un œuf" in browser.get("/").text
    assert _asker(asker, listing) == nobody
    assert _rows(town) == kept
    # The comparison sees what may be seen: one answer.
    browsers[0].post(f"/notices/{listing.public_id}/answer", data={"body": "J’en ai."})
    assert _asker(asker, listing) != nobody
    assert _rows(town) != kept


def test_an_offer_stands_for_ninety_days(town: Town) -> None:
    with town.home() as session:
        made = listings.offer(
            session, by=session.get_one(Resident, town.ana.id), title="Une échelle", body="x",
            audience=Audience.BUILDING, now=NOW,
        )  # fmt: skip
    assert (made.expires_at, made.need) == (NOW + timedelta(days=90), None)
    assert "/found" not in town.browser(town.ana).get("/mine").text
