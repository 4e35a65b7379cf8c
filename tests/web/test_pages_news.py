"""Writing news for an organisation, and what hangs under it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from instance import comments, notices
from instance.audience import Audience
from instance.comments import Comment
from instance.news import NewsItem
from instance.notices import Notice, Origin
from tests.web import pages_town
from tests.web.pages_town import NOW, Town

COMMITTEE = "/organisations/comite/news/new"
DEVELOPER = "/organisations/batisseurs/news/new"
TOWN_HALL = "/organisations/mairie/news/new"

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def typed(**more: str) -> dict[str, str]:
    words = {"title": "Le marché déménage", "summary": "Devant l'école.", "body": "Dès **mardi**."}
    return words | more


def only(town: Town) -> NewsItem:
    with town.store.read() as session:
        return session.scalars(select(NewsItem)).one()


def count(town: Town) -> int:
    with town.store.read() as session:
        return session.scalar(select(func.count()).select_from(Notice)) or 0


def test_only_an_installer_gets_the_buildings_door(town: Town) -> None:
    browser = town.browser(town.editor)
    assert 'value="building"' not in browser.get(COMMITTEE).text
    page = browser.get(DEVELOPER).text
    assert 'value="building"' in page
    assert "14 rue Imaginaire" in page


def test_news_to_the_quarter_hang_at_once(town: Town) -> None:
    page = town.browser(town.editor).post(COMMITTEE, data=typed(audience="quarter"), follow_redirects=True).text
    assert "It hangs on the board of Les Acacias." in page
    assert '<p class="lead">Devant l&#39;école.</p>' in page
    found = only(town)
    assert (found.audience, found.quarter_id) == (Audience.QUARTER, town.quarter.id)


def test_the_installer_writes_to_its_building(town: Town) -> None:
    town.browser(town.editor).post(DEVELOPER, data=typed(audience="building"))
    assert only(town).building_id == town.building.id
    assert "Le marché déménage" in town.browser(town.ben).get("/").text
    assert "Le marché déménage" not in town.browser(town.cleo).get("/").text


def test_no_other_organisation_writes_to_a_building(town: Town) -> None:
    answer = town.browser(town.editor).post(COMMITTEE, data=typed(audience="building"))
    assert 'role="alert"' in answer.text
    assert count(town) == 0


def test_a_town_wide_organisation_says_which_quarter(town: Town) -> None:
    browser = town.browser(town.editor)
    refused = browser.post(TOWN_HALL, data=typed(audience="quarter"))
    assert "Say which quarter this is for." in refused.text
    browser.post(TOWN_HALL, data=typed(audience="quarter", quarter=town.far_quarter.slug))
    assert only(town).quarter_id == town.far_quarter.id


def test_beyond_shows_what_leaves_before_it_does(town: Town) -> None:
    pages_town.follow(town, own_username="comite", host="voisine.example")
    pages_town.follow(town, own_username=town.quarter.slug, host="port.example:8443")
    pages_town.follow(town, own_username="instance", host="bourse.example")
    browser = town.browser(town.editor)
    shown = browser.post(COMMITTEE, data=typed(audience="network")).text
    assert count(town) == 0
    for word in ("Comité des Acacias", "Les Acacias", "voisine.example", "port.example:8443", "<strong>mardi</strong>"):
        assert word in shown
    assert "bourse.example" not in shown
    assert "Plume" not in shown.split("<main")[1].split("</main")[0]
    browser.post(COMMITTEE, data=typed(audience="network", step="publish"))
    assert only(town).reached_network


@pytest.mark.parametrize("field", ["title", "summary", "body"])
def test_each_field_is_needed_and_words_are_kept(town: Town, field: str) -> None:
    answer = town.browser(town.editor).post(COMMITTEE, data=typed(audience="quarter", **{field: ""}))
    assert "Fill in this field." in answer.text
    assert "Le marché déménage" in answer.text or field == "title"
    assert count(town) == 0


def test_a_summary_of_more_than_500_characters_is_refused(town: Town) -> None:
    answer = town.browser(town.editor).post(COMMITTEE, data=typed(audience="quarter", summary="x" * 501))
    assert "This is too long." in answer.text


def test_an_editor_changes_narrows_and_withdraws(town: Town) -> None:
    item = town.item(audience=Audience.INSTANCE)
    browser = town.browser(town.editor)
    words = typed(title="Autre titre")
    browser.post(f"/notices/{item.public_id}/edit", data=words)
    assert only(town).title == "Autre titre"
    browser.post(f"/notices/{item.public_id}/narrow", data={"audience": "quarter"})
    assert only(town).audience is Audience.QUARTER
    # Its editor lives elsewhere, and still finds it.
    assert browser.get(f"/notices/{item.public_id}").status_code == 200
    browser.post(f"/notices/{item.public_id}/withdraw")
    assert only(town).state == "withdrawn"


def test_a_refused_change_keeps_words_and_board(town: Town) -> None:
    item = town.item(audience=Audience.INSTANCE)
    answer = town.browser(town.editor).post(f"/notices/{item.public_id}/edit", data=typed(title="x" * 121))
    assert "This is too long." in answer.text
    assert "x" * 121 in answer.text
    assert only(town).version == 1


# --- comments


def test_a_comment_hangs_under_the_news_and_can_be_taken_back(town: Town) -> None:
    item = town.item(audience=Audience.INSTANCE)
    browser = town.browser(town.ana)
    page = browser.post(f"/notices/{item.public_id}/comments", data={"body": "Bonne idée"}, follow_redirects=True)
    assert "Bonne idée" in page.text
    assert "Ana I." in town.browser(town.cleo).get(f"/notices/{item.public_id}").text
    withdraw = page.text.split('action="/comments/')[1].split('"')[0]
    after = browser.post(f"/comments/{withdraw}", follow_redirects=True).text
    assert "Bonne idée" not in after


def test_an_empty_comment_is_refused(town: Town) -> None:
    item = town.item(audience=Audience.INSTANCE)
    page = town.browser(town.ana).post(f"/notices/{item.public_id}/comments", data={"body": " "}).text
    assert "Fill in this field." in page
    with town.store.read() as session:
        assert session.scalar(select(func.count()).select_from(Comment)) == 0


def test_a_visitor_reads_public_news_without_residents_comments(town: Town) -> None:
    item = town.item(audience=Audience.NETWORK)
    with town.home() as session:
        found = notices.by_public_id(session, public_id=item.public_id)
        ana = session.get(type(town.ana), town.ana.id)
        assert found is not None
        assert ana is not None
        comments.add(session, notice=found, by=ana, body="Entre nous", now=NOW)
        comments.welcome(
            session,
            notice=found,
            origin=Origin(
                uri="https://ailleurs.example/1",
                actor_uri="https://ailleurs.example/u",
                name="Passante",
                host="ailleurs.example",
                url=None,
                updated=NOW,
            ),
            html="<p>Bravo</p>",
            now=NOW,
        )
    page = town.visitor().get(f"/notices/{item.public_id}").text
    assert "Le marché déménage" in page
    assert "Bravo" in page
    assert "ailleurs.example" in page
    assert "Entre nous" not in page
    assert "Ana" not in page
    assert "<textarea" not in page
    assert f'type="application/activity+json" href="{pages_town.ORIGIN}/users/comite/articles/{item.public_id}"' in page
    handle = f"@comite@{pages_town.ORIGIN.partition('://')[2]}"
    assert f'<meta name="fediverse:creator" content="{handle}">' in page


def test_news_for_the_town_has_no_address_for_other_software(town: Town) -> None:
    item = town.item(audience=Audience.INSTANCE)
    page = town.browser(town.ana).get(f"/notices/{item.public_id}").text
    assert "activity+json" not in page
    assert "fediverse:creator" not in page


# --- news with a date


DATE = {"begins": "2027-06-05T10:00", "ends": "2027-06-05T23:00", "place": "Place des Essais"}


def test_a_date_stands_in_words_and_goes_into_a_calendar(town: Town) -> None:
    browser = town.browser(town.editor)
    page = browser.post(COMMITTEE, data=typed(audience="quarter", **DATE), follow_redirects=True).text
    assert "Saturday 5 June, from 10:00 AM to 11:00 PM" in " ".join(page.split())
    assert "Place des Essais" in page
    assert "Saturday 5 June" in town.browser(town.ben).get("/").text
    path = f"/notices/{only(town).public_id}/event.ics"
    assert path in page
    answer = town.browser(town.ben).get(path)
    assert answer.mimetype == "text/calendar"
    for line in ("DTSTART:20270605T080000Z", "DURATION:PT46800S", "SUMMARY:Le marché déménage", "LOCATION:Place des"):
        assert line in answer.text
    # It is edited with what stands there, and a calendar has nothing to take of news without a date.
    edit = browser.get(f"/notices/{only(town).public_id}/edit").text
    assert all(f'value="{one}"' in edit for one in DATE.values())
    browser.post(f"/notices/{only(town).public_id}/edit", data=typed(begins="", ends="", place=""))
    assert only(town).happening is None
    assert browser.get(path).status_code == 404


def test_an_event_is_called_off_after_one_question(town: Town) -> None:
    browser = town.browser(town.editor)
    browser.post(COMMITTEE, data=typed(audience="quarter", **DATE))
    page = f"/notices/{only(town).public_id}"
    assert f'href="{page}/call-off"' in browser.get(page).text
    assert "Call this off?" in browser.get(f"{page}/call-off").text
    assert not only(town).called_off
    after = browser.post(f"{page}/call-off", follow_redirects=True).text
    assert "It is called off." in after
    assert f"{page}/call-off" not in after
    assert "called off" in town.browser(town.ben).get("/").text
    struck = town.browser(town.ben).get(f"{page}/event.ics").get_data(as_text=True)
    assert "\r\nSTATUS:CANCELLED\r\nSEQUENCE:1\r\n" in struck
    assert "This was called off already." in browser.post(f"{page}/call-off").text
    # News without a date has nothing to call off, and neither has an offer.
    for nothing in (town.item(audience=Audience.INSTANCE), town.listing(by=town.ana, audience=Audience.INSTANCE)):
        somebody = browser if nothing.organisation_id else town.browser(town.ana)
        assert somebody.get(f"/notices/{nothing.public_id}/call-off").status_code == 404


def test_a_calendar_kept_elsewhere_learns_nothing_of_a_building(town: Town) -> None:
    town.browser(town.editor).post(DEVELOPER, data=typed(audience="building", **DATE))
    path = f"/notices/{only(town).public_id}/event.ics"
    assert town.browser(town.cleo).get(path).status_code == 404
    file = town.browser(town.ben).get(path).text
    assert "DTSTART:20270605T080000Z" in file
    assert "marché" not in file
    assert "Essais" not in file


def test_a_wrong_date_is_kept_open_and_explained(town: Town) -> None:
    answer = town.browser(town.editor).post(COMMITTEE, data=typed(audience="quarter", ends=DATE["ends"])).text
    assert "Say when it begins" in answer
    assert f'value="{DATE["ends"]}"' in answer
    assert '<details class="stack" open>' in answer
    assert count(town) == 0


def test_the_look_shows_the_date_as_it_leaves(town: Town) -> None:
    shown = town.browser(town.editor).post(COMMITTEE, data=typed(audience="network", **DATE)).text
    assert shown.count("Saturday 5 June 2027, 10:00 to 23:00, Place des Essais") == 2
    assert 'name="begins" value="2027-06-05T10:00"' in shown
