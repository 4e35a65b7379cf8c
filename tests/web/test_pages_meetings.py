"""Meetings on the pages: three rows, one tap, a calendar file; and what a wrong hour is told."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from instance import forgetting
from instance.audience import Audience
from instance.residents import Resident
from tests.web import pages_town, test_pages_conversations
from tests.web.pages_town import NOW, Town

pytestmark = pytest.mark.sqlite

TWO = {"day_1": "2027-05-12", "hour_1": "18:30", "day_2": "2027-05-13", "hour_2": "09:00"}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def begun(town: Town, *, by: Resident, audience: Audience = Audience.BUILDING) -> str:
    """A conversation about a notice of Ana's; where it is."""
    listing = town.listing(by=town.ana, audience=audience)
    answer = town.browser(by).post(f"/notices/{listing.public_id}/answer", data={"body": "J'en ai une."})
    return str(answer.location)


def post(client: FlaskClient, path: str, **data: str) -> TestResponse:
    return client.post(path, data=data, follow_redirects=True)


def hidden(page: str, name: str) -> str:
    return re.findall(rf'name="{name}" value="([^"]*)"', page)[0]


def hall(page: str) -> str:
    """The first place that the form offers."""
    return re.findall(r'name="hall"[^>]*value="([^"]+)"', page)[0]


def test_two_neighbours_agree_in_one_tap(town: Town) -> None:
    talk = begun(town, by=town.ben)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    assert "Propose a moment to meet" in ana.get(talk).text
    form = ana.get(f"{talk}/meeting").text
    # The hall of the building, unless one chooses.
    assert re.search(rf'<input checked [^>]*name="hall"[^>]*value="{town.building.public_id}"', form)
    said = post(ana, f"{talk}/meeting", **TWO, hall=hall(form)).text
    assert "You proposed to meet" in said
    assert "Wednesday 12 May, 6:30" in said.replace("\u202f", " ").replace("\xa0", " ")
    offered = ben.get(talk).text
    assert "When would suit you?" in offered
    assert f"Entrance hall of {town.building.name}, {town.building.street}" in offered
    meeting = hidden(offered, "meeting")
    agreed = post(ben, f"{talk}/meeting/pick", meeting=meeting, number="2").text
    assert "It is agreed." in agreed
    for page in (agreed, ana.get(talk).text):
        assert "You meet" in page
        assert "2027-05-13T07:00:00+00:00" in page
        assert "2027-05-12T16:30:00+00:00" not in page
    assert "It is called off." in post(ana, f"{talk}/meeting/call-off", meeting=meeting).text
    assert "This meeting was called off" in ben.get(talk).text


def test_the_file_for_a_calendar(town: Town) -> None:
    talk = begun(town, by=town.ben)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    post(ana, f"{talk}/meeting", **TWO, hall=hall(ana.get(f"{talk}/meeting").text))
    assert ben.get(f"{talk}/meeting.ics").status_code == 404
    post(ben, f"{talk}/meeting/pick", meeting=hidden(ben.get(talk).text, "meeting"), number="1")
    answer = ben.get(f"{talk}/meeting.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    file = answer.text.replace("\r\n ", "")
    assert "DTSTART:20270512T163000Z\r\n" in file
    assert "SUMMARY:Meeting with Ana I.\r\n" in file
    assert town.building.street in file.replace("\\,", ",")
    # A calendar is often kept elsewhere: no last name, and no title of a building's notice.
    assert [one for one in ("Inventée", "échelle", "Ben") if one in file] == []
    town.moment[0] = NOW + timedelta(days=3)
    assert ben.get(f"{talk}/meeting.ics").status_code == 404
    assert "You meet" not in ben.get(talk).text


def test_the_file_of_what_was_called_off_strikes_it_out_until_it_is_forgotten(town: Town) -> None:
    talk = begun(town, by=town.ben)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    post(ana, f"{talk}/meeting", **TWO, hall=hall(ana.get(f"{talk}/meeting").text))
    meeting = hidden(ben.get(talk).text, "meeting")
    post(ben, f"{talk}/meeting/pick", meeting=meeting, number="1")
    noted = ben.get(f"{talk}/meeting.ics").text
    assert "SEQUENCE:1" not in noted
    post(ana, f"{talk}/meeting/call-off", meeting=meeting)
    for one in (ana, ben):
        page = one.get(talk).text
        assert "Strike it out in my calendar" in page
        assert f"{talk}/meeting.ics" in page
    expected = noted.replace("CLASS:PRIVATE\r\n", "CLASS:PRIVATE\r\nSTATUS:CANCELLED\r\nSEQUENCE:1\r\n")
    for days in (0, 20):
        town.moment[0] = NOW + timedelta(days=days)
        assert ben.get(f"{talk}/meeting.ics").text == expected
    with town.home() as session:
        forgetting.forget_spent(session, now=NOW + timedelta(days=33))
    assert ben.get(f"{talk}/meeting.ics").status_code == 404


def test_what_was_proposed_and_taken_back_was_in_no_calendar(town: Town) -> None:
    talk = begun(town, by=town.ben)
    ana = town.browser(town.ana)
    page = post(ana, f"{talk}/meeting", **TWO, hall=hall(ana.get(f"{talk}/meeting").text)).text
    post(ana, f"{talk}/meeting/call-off", meeting=hidden(page, "meeting"))
    assert ana.get(f"{talk}/meeting.ics").status_code == 404


def test_across_the_town_a_place_is_written_and_the_title_is_named(town: Town) -> None:
    talk = begun(town, by=town.cleo, audience=Audience.INSTANCE)
    ana, cleo = town.browser(town.ana), town.browser(town.cleo)
    form = cleo.get(f"{talk}/meeting").text
    assert 'type="radio"' not in form
    assert town.building.street not in form
    assert "Say where to meet" in post(cleo, f"{talk}/meeting", **TWO).text
    post(cleo, f"{talk}/meeting", **TWO, place="Devant la mairie, à l’ombre")
    post(ana, f"{talk}/meeting/pick", meeting=hidden(ana.get(talk).text, "meeting"), number="1")
    file = cleo.get(f"{talk}/meeting.ics").text.replace("\r\n ", "")
    assert "LOCATION:Devant la mairie\\, à l’ombre\r\n" in file
    assert "SUMMARY:Meeting with Ana I.: Une grande échelle\r\n" in file
    assert town.building.street not in file


def test_nobody_names_a_hall_that_is_not_both_s(town: Town) -> None:
    talk = begun(town, by=town.cleo, audience=Audience.INSTANCE)
    for one in (town.building, town.far_building):
        said = post(town.browser(town.cleo), f"{talk}/meeting", **TWO, hall=str(one.public_id)).text
        assert "not one that both of you have" in said
    assert "You proposed to meet" not in town.browser(town.cleo).get(talk).text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "Propose at least one moment."),
        ({"day_1": "2027-05-12"}, "Write a day and an hour"),
        ({"day_1": "demain", "hour_1": "18:30"}, "Write a day and an hour"),
        ({"day_2": "2027-05-10", "hour_2": "18:30"}, "This moment has passed."),
        ({"day_1": "2028-05-10", "hour_1": "18:30"}, "within the next 60 days"),
        (TWO | {"day_3": "2027-05-12", "hour_3": "18:30"}, "This moment is there twice."),
        (TWO | {"place": "x" * 200}, "This is too long."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(
    town: Town, typed: dict[str, str], said: str
) -> None:
    talk = begun(town, by=town.ben)
    ben = town.browser(town.ben)
    page = post(ben, f"{talk}/meeting", **{"place": "Devant la mairie", "hall": ""} | typed).text
    assert said in page
    assert all(f'value="{one}"' in page for one in typed.values())
    assert "You proposed to meet" not in ben.get(talk).text


@pytest.mark.parametrize(
    ("now", "day", "said"),
    [
        (NOW.replace(month=3, day=1), "2027-03-28", "this hour is left out"),
        (NOW.replace(year=2026, month=10, day=1), "2026-10-25", "this hour comes twice"),
    ],
)
def test_an_hour_that_no_clock_shows_once(town: Town, now: object, day: str, said: str) -> None:
    town.moment[0] = now  # type: ignore[call-overload]
    talk = begun(town, by=town.ben)
    typed = {"day_1": day, "hour_1": "02:30", "place": "Ici", "hall": ""}
    page = post(town.browser(town.ben), f"{talk}/meeting", **typed).text
    assert said in page
    assert 'value="02:30"' in page


def test_an_old_page_agrees_to_nothing(town: Town) -> None:
    talk = begun(town, by=town.ben)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    given = {"place": "Ici", "hall": ""}
    post(ana, f"{talk}/meeting", **TWO, **given)
    meeting = hidden(ben.get(talk).text, "meeting")
    post(ana, f"{talk}/meeting", day_1="2027-05-20", hour_1="10:00", **given)
    for number, one in (("1", meeting), ("9", meeting), ("x", meeting), ("1", "none")):
        assert "no longer proposed" in post(ben, f"{talk}/meeting/pick", meeting=one, number=number).text
    assert "When would suit you?" in post(ben, f"{talk}/meeting/call-off", meeting=meeting).text


def test_nobody_else_comes_near_it(town: Town) -> None:
    talk = begun(town, by=town.ben)
    post(town.browser(town.ana), f"{talk}/meeting", **TWO, place="Ici", hall="")
    for browser in (town.browser(town.cleo), town.browser(town.moderator)):
        for path in ("/meeting", "/meeting.ics"):
            assert browser.get(talk + path).status_code == 404
        for path in ("/meeting", "/meeting/pick", "/meeting/call-off"):
            assert browser.post(talk + path, data=TWO).status_code == 404
    assert town.visitor().get(f"{talk}/meeting").status_code == 302


def test_with_another_town_there_are_letters_only(town: Town) -> None:
    offer = test_pages_conversations.remote_offer(town)
    ana = town.browser(town.ana)
    talk = ana.post(f"/notices/{offer.public_id}/answer", data={"body": "Bonjour", "byline": "Une voisine"}).location
    assert "Propose a moment" not in ana.get(talk).text
    assert ana.get(f"{talk}/meeting").status_code == 404
    assert ana.post(f"{talk}/meeting", data=TWO).status_code == 404
