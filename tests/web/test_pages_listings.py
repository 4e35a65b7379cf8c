"""Hanging, changing, narrowing and taking down one's own offers and requests."""

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask, before_render_template
from flask.testing import FlaskClient
from sqlalchemy import func, select

from federation import addresses
from federation.models import Activity, Document, Exposure
from instance import journal, notices, residents
from instance.audience import Audience
from instance.listings import Listing
from instance.notices import Notice
from tests.web import pages_town
from tests.web.pages_town import NOW, Town
from web import stores
from web.pages import composing

REQUEST = "/listings/new?kind=request"

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def typed(**more: str) -> dict[str, str]:
    return {"title": "Une échelle", "body": "Pour **samedi**.", "byline": ""} | more


def count(town: Town) -> int:
    with town.store.read() as session:
        return session.scalar(select(func.count()).select_from(Notice)) or 0


def only(town: Town) -> Listing:
    with town.store.read() as session:
        return session.scalars(select(Listing)).one()


def test_the_composer_asks_the_audience_first_and_preselects_nothing(town: Town) -> None:
    page = town.browser(town.ana).get(REQUEST).text
    assert page.index('name="audience"') < page.index('name="title"')
    assert page.count('name="audience"') == 4
    assert " checked" not in page.split("</fieldset>")[0]
    assert "The 2 neighbours registered at 14 rue Imaginaire." in page
    assert "Les Acacias" in page
    assert "Ville d&#39;Exemple" in page


def test_the_composer_without_a_kind_asks_which(town: Town) -> None:
    page = town.browser(town.editor).get("/listings/new").text
    assert "kind=request" in page
    assert "kind=offer" in page
    assert "/organisations/comite/news/new" in page


def test_a_notice_for_the_building_hangs_at_once(town: Town) -> None:
    browser = town.browser(town.ana)
    answer = browser.post(REQUEST, data=typed(audience="building"), follow_redirects=True)
    assert "It hangs on the board of 14 rue Imaginaire." in answer.text
    assert "<strong>samedi</strong>" in answer.text
    found = only(town)
    assert (found.audience, found.direction, found.byline) == (Audience.BUILDING, "request", None)


def test_an_offer_is_an_offer(town: Town) -> None:
    town.browser(town.ana).post("/listings/new?kind=offer", data=typed(audience="quarter"))
    assert only(town).direction == "offer"


def test_without_an_audience_nothing_hangs_and_words_are_kept(town: Town) -> None:
    answer = town.browser(town.ana).post(REQUEST, data=typed(title="Une perceuse"))
    assert "Choose who will see this." in answer.text
    assert 'value="Une perceuse"' in answer.text
    assert "Pour **samedi**." in answer.text
    assert count(town) == 0


@pytest.mark.parametrize("audience", ["", "everybody", "BUILDING ", "4"])
def test_a_made_up_audience_is_refused(town: Town, audience: str) -> None:
    answer = town.browser(town.ana).post(REQUEST, data=typed(audience=audience))
    assert "Choose who will see this." in answer.text
    assert count(town) == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"title": "  "}, "Fill in this field."),
        ({"title": "x" * 121}, "This is too long. Shorten it."),
        ({"body": ""}, "Fill in this field."),
        ({"body": "x" * 10_001}, "This is too long. Shorten it."),
    ],
)
def test_each_wrong_field_is_named_and_nothing_hangs(town: Town, wrong: dict[str, str], message: str) -> None:
    answer = town.browser(town.ana).post(REQUEST, data=typed(audience="building", **wrong))
    assert message in answer.text
    assert 'role="alert"' in answer.text
    assert count(town) == 0


def test_beyond_shows_what_leaves_before_it_does(town: Town) -> None:
    pages_town.follow(town, own_username="instance", host="voisine.example")
    pages_town.follow(town, own_username="comite", host="autre.example")
    browser = town.browser(town.ana)
    asked = typed(audience="network", byline="Une voisine")
    shown = browser.post(REQUEST, data=asked)
    assert count(town) == 0
    assert "This leaves town" in shown.text
    assert "<strong>samedi</strong>" in shown.text
    assert "Une voisine" in shown.text
    assert "Les Acacias" in shown.text
    assert "voisine.example" in shown.text
    assert "autre.example" not in shown.text
    main = shown.text.split("<main")[1].split("</main")[0]
    assert "Inventée" not in main
    assert "Imaginaire" not in main
    back = browser.post(REQUEST, data=asked | {"step": "edit"})
    assert 'value="Une échelle"' in back.text
    assert 'role="alert"' not in back.text
    browser.post(REQUEST, data=asked | {"step": "publish"})
    found = only(town)
    assert (found.audience, found.byline, found.reached_network) == (Audience.NETWORK, "Une voisine", True)


@pytest.mark.parametrize("follower", [None, "instance", "comite"])
def test_what_hung_for_everybody_leaves_only_where_somebody_follows(town: Town, follower: str | None) -> None:
    if follower is not None:
        pages_town.follow(town, own_username=follower, host="voisine.example")
    asked = typed(audience="network", byline="Une voisine", step="publish")
    said = town.browser(town.ana).post(REQUEST, data=asked, follow_redirects=True).text
    assert ("leaves for the neighbouring towns" in said) == (follower == "instance")
    assert ("No other town follows yet" in said) == (follower != "instance")


@pytest.mark.parametrize("step", ["", composing.LOOK])
def test_whoever_looks_at_what_leaves_keeps_no_store_from_being_written(town: Town, step: str) -> None:
    outside = stores.of(town.app)[stores.FEDERATION].engine.url.database
    free = []

    def try_it(_app: Flask, **_: object) -> None:
        # Two who look at once, one with the lock of each store, would wait for each other until both give up.
        with sqlite3.connect(outside, timeout=0, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
        free.append(True)

    before_render_template.connect(try_it, town.app)
    answer = town.browser(town.ana).post(REQUEST, data=typed(audience="network", byline="Une voisine", step=step))
    assert "Une échelle" in answer.text
    assert free == [True]


def test_beyond_wants_a_byline(town: Town) -> None:
    answer = town.browser(town.ana).post(REQUEST, data=typed(audience="network", step="publish"))
    assert "Say how you sign outside the town" in answer.text
    assert count(town) == 0


def test_a_byline_typed_for_a_narrower_audience_is_not_kept(town: Town) -> None:
    town.browser(town.ana).post(REQUEST, data=typed(audience="quarter", byline="Une voisine"))
    assert only(town).byline is None


def test_a_look_at_what_leaves_leaves_no_trace(town: Town) -> None:
    town.browser(town.ana).post(REQUEST, data=typed(audience="network", byline="Une voisine"))
    with town.store.read() as session, town.outside.read() as outside:
        assert count(town) == 0
        assert not [one for one in journal.unjudged(session) if one.subject == "notice"]
        assert outside.scalar(select(func.count()).select_from(Document)) == 0
        assert outside.scalar(select(func.count()).select_from(Activity)) == 0


def test_somebody_without_a_home_is_told_why(town: Town) -> None:
    with town.home() as session:
        staff = residents.register(
            session,
            login="staff",
            first_name="Sam",
            last_name="Sans",
            password=pages_town.PASSWORD,
            email=None,
            locale="en",
            now=NOW,
        )
    browser = town.browser(staff)
    assert "No building is known for you yet" in browser.get(REQUEST).text
    assert browser.post(REQUEST, data=typed(audience="instance")).status_code == 200
    assert count(town) == 0


def second_home(town: Town) -> None:
    with town.home() as session:
        ana = session.get(residents.Resident, town.ana.id)
        assert ana is not None
        lot = session.merge(town.far_building, load=False).lots[2]
        residents.move_in(session, resident=ana, lot=lot, now=NOW)


def test_somebody_with_two_homes_says_which(town: Town) -> None:
    second_home(town)
    browser = town.browser(town.ana)
    assert "Which building?" in browser.get(REQUEST).text
    refused = browser.post(REQUEST, data=typed(audience="building"))
    assert "Say which building this is for." in refused.text
    browser.post(REQUEST, data=typed(audience="building", building=str(town.far_building.public_id)))
    assert only(town).building_id == town.far_building.id


def test_somebody_elses_building_cannot_be_named(town: Town) -> None:
    second_home(town)
    with town.home() as session:
        strange = session.scalars(select(residents.Building)).first()
        assert strange is not None
    answer = town.browser(town.ana).post(
        REQUEST, data=typed(audience="building", building="00000000-0000-4000-8000-000000000000")
    )
    assert "Say which building this is for." in answer.text
    assert count(town) == 0


# --- afterwards


def act(browser: FlaskClient, notice: Notice, what: str, **data: str) -> str:
    return browser.post(f"/notices/{notice.public_id}/{what}", data=data, follow_redirects=True).text


def test_words_can_be_changed(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    browser = town.browser(town.ana)
    form = browser.get(f"/notices/{listing.public_id}/edit").text
    assert 'value="Une grande échelle"' in form
    page = act(browser, listing, "edit", title="Une petite échelle", body="Merci.")
    assert "Une petite échelle" in page
    assert only(town).version == 2


def test_a_public_change_is_shown_before_it_leaves(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.NETWORK)
    had_it = addresses.listing(pages_town.ORIGIN, listing.public_id)
    with town.outside.write() as session:
        session.add(Exposure(object_uri=had_it, inbox="https://partie.example/inbox", first_at=NOW, tried_at=NOW))
        session.commit()
    browser = town.browser(town.ana)
    shown = act(browser, listing, "edit", title="Autre", body="Merci.")
    assert "This leaves town" in shown
    assert "partie.example" in shown  # no longer follows, but has a copy that will be changed
    assert only(town).version == 1
    act(browser, listing, "edit", title="Autre", body="Merci.", step="publish")
    assert (only(town).title, only(town).version) == ("Autre", 2)


def test_taking_down_asks_once(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    browser = town.browser(town.ana)
    assert browser.get(f"/notices/{listing.public_id}/withdraw").status_code == 200
    assert only(town).is_live
    act(browser, listing, "withdraw")
    assert only(town).state == "withdrawn"
    assert "taken down" in browser.get("/mine").text


def test_narrowing_offers_narrower_doors_only(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.INSTANCE)
    browser = town.browser(town.ana)
    form = browser.get(f"/notices/{listing.public_id}/narrow").text
    assert 'value="quarter"' in form
    assert 'value="instance"' not in form
    assert 'value="network"' not in form
    act(browser, listing, "narrow", audience="building")
    assert only(town).audience is Audience.BUILDING
    assert "Une grande échelle" not in town.browser(town.cleo).get("/").text


def test_narrowing_does_not_widen(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.QUARTER)
    page = act(town.browser(town.ana), listing, "narrow", audience="network")
    assert "Choose fewer people than now." in page
    assert only(town).audience is Audience.QUARTER


def test_somebody_with_two_homes_narrows_to_one(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.INSTANCE)
    second_home(town)
    browser = town.browser(town.ana)
    assert "Say which building" in act(browser, listing, "narrow", audience="building")
    act(browser, listing, "narrow", audience="building", building=str(town.building.public_id))
    assert only(town).building_id == town.building.id


def test_a_request_that_nobody_took_ends_politely(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    with town.home() as session:
        notices.expire(session, now=NOW + timedelta(days=31))
    browser = town.browser(town.ana)
    page = browser.get("/mine").text
    assert "Its time is over; nobody was free this time." in page
    again = f"/listings/new?kind=request&amp;again={listing.public_id}"
    assert again in page
    copied = browser.get(again.replace("&amp;", "&")).text
    assert 'value="Une grande échelle"' in copied
    assert " checked" not in copied.split("</fieldset>")[0]
    assert "Une grande échelle" not in town.browser(town.ben).get(again.replace("&amp;", "&")).text


def test_an_empty_list_of_ones_own_teaches(town: Town) -> None:
    assert "You have not hung anything yet" in town.browser(town.ana).get("/mine").text
