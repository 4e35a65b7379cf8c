"""Standing offers on the pages: saying when, booking in one request, what both see, and what nobody else is told."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from instance import bookings, forgetting, listings, openings, partings
from instance.audience import Audience
from instance.bookings import Booking
from instance.listings import Listing
from instance.residents import Resident
from instance.slots import Window
from tests.web import pages_town
from tests.web.pages_town import NOW, Town, same_answer

pytestmark = pytest.mark.sqlite
NEVER = "8b2f6a0e-0f0f-4f0f-8f0f-0f0f0f0f0f0f"
# NOW is a Tuesday.
FORM = {"weekday": "1", "begins": "18:00", "ends": "20:00", "minutes": "30", "place": "Dans le hall B"}
FIRST = "2027-05-11T16:00:00+00:00"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def offer(town: Town, *, audience: Audience = Audience.INSTANCE, window: bool = True) -> Listing:
    """Ana's drill, on Tuesdays from six to eight."""
    with town.home() as session:
        ana = session.get_one(Resident, town.ana.id)
        words = {"title": "Une perceuse", "body": "Le soir.", "audience": audience}
        made = listings.offer(session, by=ana, now=NOW, **words)
        if window:
            found = Window(weekday=1, begins=18 * 60, ends=20 * 60, minutes=30, first=NOW.date())
            openings.add(session, listing=made, by=ana, window=found, place="Dans le hall B", now=NOW)
        return made


def book(client: FlaskClient, made: Listing, slot: str = FIRST) -> TestResponse:
    return client.post(f"/notices/{made.public_id}/book", data={"slot": slot})


def the_bookings(town: Town) -> list[Booking]:
    with town.store.read() as session:
        return list(session.scalars(select(Booking).order_by(Booking.id)))


def test_an_author_says_when_and_takes_it_back(town: Town) -> None:
    made, ana = offer(town, window=False), town.browser(town.ana)
    path = f"/notices/{made.public_id}/windows"
    assert path in ana.get(f"/notices/{made.public_id}").text
    assert "In the entrance hall" in ana.get(path).text
    assert ana.post(path, data=FORM).status_code == 302
    page = ana.get(path).text
    assert "Tuesday, 6:00" in page
    assert "Dans le hall B" in page
    remove = re.search(r'action="(/windows/[^"]+/remove)"', page)
    assert remove is not None
    assert ana.post(remove[1]).status_code == 302
    assert "Dans le hall B" not in ana.get(path).text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"begins": "18 h"}, "Write a time of day"),
        ({"ends": "18:10"}, "Choose an end"),
        ({"weekday": "9"}, "Choose a day of the week"),
        ({"minutes": "7"}, "Choose how long"),
        ({"minutes": "²"}, "Choose how long"),
        ({"last": "demain"}, "Write a day"),
        ({"last": "2020-01-01"}, "Choose a last day"),
        ({"place": " "}, "Fill in this field"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused_and_what_was_typed_is_kept(
    town: Town, change: dict[str, str], said: str
) -> None:
    made, ana = offer(town, window=False), town.browser(town.ana)
    answer = ana.post(f"/notices/{made.public_id}/windows", data={**FORM, **change})
    assert answer.status_code == 200
    assert said in answer.text
    kept = {**FORM, **change}
    for name in ("begins", "ends"):
        assert f'value="{kept[name]}"' in answer.text
    with town.store.read() as session:
        assert session.scalars(select(openings.Opening)).all() == []


def test_a_free_time_is_booked_in_one_request_and_both_see_it(town: Town) -> None:
    made = offer(town)
    ana, ben, cleo = (town.browser(one) for one in (town.ana, town.ben, town.cleo))
    page = ben.get(f"/notices/{made.public_id}").text
    assert f'value="{FIRST}"' in page
    answer = book(ben, made)
    assert answer.status_code == 302, answer.text
    path = answer.headers["Location"]
    for client, other in ((ben, "Ana"), (ana, "Ben")):
        page = client.get(path).text
        assert "It is booked." in page
        assert "Tuesday 11 May, 6:00" in page
        assert "Dans le hall B" in page
        assert other in page
        assert path in client.get("/bookings").text
        calendar = client.get(f"{path}/booking.ics").text
        assert "DTSTART:20270511T160000Z" in calendar
        assert "DURATION:PT1800S" in calendar
        assert "Dans le hall B" in calendar
    page = cleo.get(f"/notices/{made.public_id}").text
    assert "taken" in page
    assert "Ben" not in page
    assert re.search(rf'value="{re.escape(FIRST)}"[^>]* disabled', page)
    assert "yours" in ben.get(f"/notices/{made.public_id}").text


def test_a_time_taken_meanwhile_is_said_and_nothing_is_booked(town: Town) -> None:
    made = offer(town)
    book(town.browser(town.ben), made)
    cleo = town.browser(town.cleo)
    for slot, said in (
        (FIRST, "This time is taken."),
        ("2027-05-11T16:05:00+00:00", "This time is not offered any more."),
        ("2027-05-11T16:00:00", "This time is not offered any more."),
        ("nonsense", "This time is not offered any more."),
        ("", "Choose a free time."),
    ):
        answer = book(cleo, made, slot)
        assert answer.status_code == 200
        assert said in answer.text
    assert len(the_bookings(town)) == 1


def _said(file: str, name: str) -> list[str]:
    """What a calendar file says under a name."""
    return re.findall(rf"^{name}:(.*)\r$", file, re.MULTILINE)


def test_a_booking_whose_offer_came_down_is_struck_out_until_it_is_forgotten(town: Town) -> None:
    made = offer(town)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    path = book(ben, made).headers["Location"]
    assert ana.post(f"/notices/{made.public_id}/withdraw").status_code == 302
    assert _said(ben.get(f"{path}/booking.ics").text, "STATUS") == ["CANCELLED"]
    with town.home() as session:
        assert bookings.end_gone(session, now=NOW) == 1
    town.moment[0] = NOW + timedelta(days=20)
    assert _said(ben.get(f"{path}/booking.ics").text, "STATUS") == ["CANCELLED"]
    with town.home() as session:
        forgetting.forget_spent(session, now=NOW + timedelta(days=31))
    assert ben.get(f"{path}/booking.ics").status_code == 404


def test_either_calls_it_off_and_it_is_free_again(town: Town) -> None:
    made = offer(town)
    ana, ben, cleo = (town.browser(one) for one in (town.ana, town.ben, town.cleo))
    for who in (ana, ben):
        path = book(ben, made).headers["Location"]
        file = ana.get(f"{path}/booking.ics").text
        noted = {name: _said(file, name) for name in ("UID", "DTSTART", "DURATION", "STATUS", "SEQUENCE")}
        assert who.post(f"{path}/cancel").status_code == 302
        for one in (ana, ben):
            page = one.get(path).text
            assert "This was called off." in page
            assert "/cancel" not in page
            struck = one.get(f"{path}/booking.ics").text
            assert f"{path}/booking.ics" in page
            assert "Strike it out in my calendar" in page
            assert [noted[name] for name in ("STATUS", "SEQUENCE")] == [[], []]
            assert [_said(struck, name) for name in ("STATUS", "SEQUENCE")] == [["CANCELLED"], ["1"]]
            for name in ("UID", "DTSTART", "DURATION"):
                assert _said(struck, name) == noted[name]
    assert book(cleo, made).status_code == 302


def test_to_all_others_a_booking_never_was(town: Town) -> None:
    made = offer(town, audience=Audience.QUARTER)
    path = book(town.browser(town.ben), made).headers["Location"]
    never = f"/bookings/{NEVER}"
    with town.store.read() as session:
        window = session.scalars(select(openings.Opening.public_id)).one()
    for who in (town.cleo, town.moderator, town.editor, None):
        client = town.browser(who) if who else town.visitor()
        for end in ("", "/booking.ics"):
            same_answer(client.get(path + end), client.get(never + end))
        same_answer(client.post(f"{path}/cancel"), client.post(f"{never}/cancel"))
        same_answer(client.post(f"/windows/{window}/remove"), client.post(f"/windows/{NEVER}/remove"))
        for end in ("windows", "book"):
            there, gone = (f"/notices/{one}/{end}" for one in (made.public_id, NEVER))
            same_answer(client.post(there, data={"slot": FIRST}), client.post(gone, data={"slot": FIRST}))
    assert [one.state for one in the_bookings(town)] == ["booked"]


def test_whoever_is_blocked_reads_what_a_full_offer_says(town: Town) -> None:
    made = offer(town)
    with town.home() as session:
        ana, ben = (session.get_one(Resident, one.id) for one in (town.ana, town.ben))
        partings.block(session, by=ana, whom=ben, now=NOW)
    page = town.browser(town.ben).get(f"/notices/{made.public_id}").text
    assert "No time is free in the two weeks to come." in page
    assert "This time is taken." in book(town.browser(town.ben), made).text
    assert the_bookings(town) == []


def test_the_two_find_it_in_their_letters_and_can_write(town: Town) -> None:
    made, ben = offer(town), town.browser(town.ben)
    path = book(ben, made).headers["Location"]
    talk = re.search(r"/conversations/[0-9a-f-]{36}", ben.get(path).text)
    assert talk is not None
    for one in (ben, town.browser(town.ana)):
        assert path in one.get(talk[0]).text
    assert ben.post(talk[0], data={"body": "J’apporte les forets."}).status_code == 302
    assert "forets" in town.browser(town.ana).get("/conversations").text


def test_with_the_offer_taken_down_it_is_said_at_once(town: Town) -> None:
    made = offer(town)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    path = book(ben, made).headers["Location"]
    ana.post(f"/notices/{made.public_id}/withdraw")
    assert "The offer was taken down, so this is called off." in ben.get(path).text


def test_requests_visitors_and_authors_have_nothing_to_book(town: Town) -> None:
    made = offer(town)
    assert "Book this time" not in town.browser(town.ana).get(f"/notices/{made.public_id}").text
    wish = town.listing(by=town.ana, audience=Audience.INSTANCE)
    assert town.browser(town.ana).get(f"/notices/{wish.public_id}/windows").status_code == 404
    assert book(town.browser(town.ben), wish).status_code == 404
    assert "Only" not in book(town.browser(town.ana), made).headers.get("Location", "")
    assert the_bookings(town) == []


def test_what_has_passed_says_so(town: Town) -> None:
    made, ben = offer(town), town.browser(town.ben)
    path = book(ben, made).headers["Location"]
    town.moment[0] = NOW + timedelta(days=1)
    assert "This has passed." in ben.get(path).text
    assert uuid.UUID(path.rpartition("/")[2])
