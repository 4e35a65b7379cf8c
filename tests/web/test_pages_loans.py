"""Lending on the pages: proposing, agreeing, from hand to hand, longer, waiting, thanks; what nobody else is told."""

import re
import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from instance import conversations, forgetting, listings, loan_calendar, loans, openings, suspensions
from instance.audience import Audience
from instance.lending import State
from instance.listings import Listing
from instance.loans import Loan
from instance.outgoing import OutgoingMail
from instance.residents import Resident
from instance.slots import Window
from instance.waiting import Waiter
from tests.web import pages_town
from tests.web.pages_town import NOW, Town

pytestmark = pytest.mark.sqlite
TERMS = {"pickup": "2027-05-12T18:30", "due": "2027-05-15", "place": ""}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path)


def offer(town: Town, *, audience: Audience = Audience.INSTANCE) -> Listing:
    """Ana's ladder."""
    with town.home() as session:
        ana = session.get_one(Resident, town.ana.id)
        byline = "Une voisine" if audience is Audience.NETWORK else None
        words = {"title": "Une grande échelle", "body": "Quatre mètres.", "audience": audience, "byline": byline}
        return listings.offer(session, by=ana, now=NOW, **words)


def talk(town: Town, listing: Listing, by: Resident) -> uuid.UUID:
    with town.home() as session:
        opened = conversations.answer(
            session,
            listing=session.get_one(Listing, listing.id),
            by=session.get_one(Resident, by.id),
            body="Bonjour, je peux l’avoir ?",
            now=NOW,
        )
        return opened.public_id


def ask(client: FlaskClient, conversation: uuid.UUID, **more: str) -> str:
    """Propose; the path of the loan."""
    answer = client.post(f"/conversations/{conversation}/loan", data={**TERMS, **more})
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"]


def the_loan(town: Town) -> Loan:
    with town.store.read() as session:
        return session.scalars(select(Loan).order_by(Loan.id.desc())).first() or pytest.fail("no loan")


def press(client: FlaskClient, path: str, word: str) -> TestResponse:
    """Press the button of this word on a page, with everything that goes with it."""
    page = client.get(path).text
    for form in re.findall(r'<form class="inline".*?</form>', page, re.DOTALL):
        if word in re.sub(r"<svg.*?</svg>", "", form, flags=re.DOTALL):
            action = re.search(r'action="([^"]+)"', form)
            assert action is not None
            fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
            return client.post(action[1], data=fields)
    pytest.fail(f"no button {word!r}")


def lent(town: Town, by: Resident | None = None) -> str:
    """Ana's ladder is with Ben (or somebody else); the path of the loan."""
    borrower = by or town.ben
    listing = offer(town)
    path = ask(town.browser(borrower), talk(town, listing, borrower))
    for who, word in ((town.ana, "Agree to this"), (town.ana, "I handed it over")):
        assert press(town.browser(who), path, word).status_code == 302
    return path


def test_a_ladder_goes_from_hand_to_hand_and_back(town: Town) -> None:
    listing = offer(town)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    path = ask(ben, talk(town, listing, town.ben))
    asked = ana.get(path).text
    assert "Wednesday 12 May, 6:30" in asked
    assert "in the lender’s hall" in asked
    assert "Saturday 15 May" in asked
    assert "Agree to this" not in ben.get(path).text
    press(ana, path, "Agree to this")
    assert "promised for now" in town.browser(town.cleo).get(f"/notices/{listing.public_id}").text
    press(ben, path, "I have it now")
    assert "lent until Saturday 15 May" in town.browser(town.cleo).get("/").text
    press(ben, path, "I gave it back")
    assert "lent until" in town.browser(town.cleo).get("/").text, "its lender has not said so"
    press(ana, path, "It is back")
    assert "lent until" not in town.browser(town.cleo).get("/").text
    assert the_loan(town).state == State.RETURNED


def test_a_request_is_answered_by_who_lends(town: Town) -> None:
    listing = town.listing(by=town.ana, audience=Audience.BUILDING)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    path = ask(ben, talk(town, listing, town.ben), place="Au 3e, porte gauche")
    assert "Au 3e, porte gauche" in ana.get("/loans").text
    press(ana, "/loans", "Agree to this")
    row = the_loan(town)
    assert (row.lender_id, row.borrower_id, row.state) == (town.ben.id, town.ana.id, State.AGREED)
    assert "What I lend" in ben.get("/loans").text
    assert "I handed it over" in ben.get(path).text


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"pickup": ""}, "pickup", "Fill in this field"),
        ({"pickup": "demain"}, "pickup", "Write a day and an hour"),
        ({"pickup": "2027-05-11T09:00"}, "pickup", "This moment has passed"),
        ({"pickup": "2028-05-11T09:00"}, "pickup", "within the next 60 days"),
        ({"due": "2027-05-11"}, "due", "not before the pick-up"),
        ({"due": "2027-12-11"}, "due", "more than 90 days"),
        ({"due": "samedi"}, "due", "Write a day, for example"),
        ({"place": "x" * 121}, "place", "too long"),
    ],
)
def test_a_proposal_that_cannot_be_keeps_what_was_typed(
    town: Town, wrong: dict[str, str], field: str, said: str
) -> None:
    conversation = talk(town, offer(town), town.ben)
    answer = town.browser(town.ben).post(f"/conversations/{conversation}/loan", data={**TERMS, "place": "Ici", **wrong})
    assert answer.status_code == 200
    assert f'id="{field}-error"' in answer.text
    assert said in answer.text
    for name, value in {**TERMS, "place": "Ici", **wrong}.items():
        assert not value or f'value="{value}"' in answer.text, name
    with town.store.read() as session:
        assert session.scalars(select(Loan)).all() == []


def test_the_form_suggests_tomorrow_evening_in_the_hall_and_then_what_is_proposed(town: Town) -> None:
    conversation = talk(town, offer(town), town.ben)
    empty = town.browser(town.ben).get(f"/conversations/{conversation}/loan").text
    assert 'value="2027-05-12T18:30"' in empty
    assert 'value="2027-05-15"' in empty
    ask(town.browser(town.ben), conversation, pickup="2027-05-14T08:00", place="Au parc")
    again = town.browser(town.ana).get(f"/conversations/{conversation}/loan").text
    assert 'value="2027-05-14T08:00"' in again
    assert 'value="Au parc"' in again


def test_nobody_agrees_to_terms_they_did_not_read(town: Town) -> None:
    conversation = talk(town, offer(town), town.ben)
    path = ask(town.browser(town.ben), conversation)
    ask(town.browser(town.ben), conversation, due="2027-06-15")
    stale = town.browser(town.ana).post(f"{path}/agree", data={"terms": "1"})
    assert "The proposal has changed" in stale.text
    assert the_loan(town).state == State.ASKED
    press(town.browser(town.ana), path, "Agree to this")
    assert the_loan(town).due_on == date(2027, 6, 15)


def test_who_is_asked_finds_no_way_to_say_no(town: Town) -> None:
    path = ask(town.browser(town.ben), talk(town, offer(town), town.ben))
    page = town.browser(town.ana).get(path).text
    assert "Take my proposal back" not in page
    assert "Call it off" not in page
    assert "changed meanwhile" in town.browser(town.ana).post(f"{path}/call-off").text
    assert the_loan(town).state == State.ASKED
    with town.home() as session:
        loan_calendar.keep_time(session, now=NOW + timedelta(days=2))
    assert "It is over" in town.browser(town.ben).get(path).text


def test_the_second_to_ask_is_told_that_it_is_promised_but_not_to_whom(town: Town) -> None:
    listing = offer(town)
    bens, cleos = talk(town, listing, town.ben), talk(town, listing, town.cleo)
    first, second = ask(town.browser(town.ben), bens), ask(town.browser(town.cleo), cleos)
    press(town.browser(town.ana), first, "Agree to this")
    refused = press(town.browser(town.ana), second, "Agree to this")
    assert "promised or lent to somebody" in refused.text
    for path in (second, f"/notices/{listing.public_id}", "/", "/loans", f"/conversations/{cleos}"):
        assert "Ben" not in town.browser(town.cleo).get(path).text, path


@pytest.mark.parametrize("path", ["/", "/notices/{}"])
def test_no_slip_names_who_has_it(town: Town, path: str) -> None:
    lent(town)
    listing = the_loan(town).listing_id
    with town.store.read() as session:
        public_id = session.get_one(Listing, listing).public_id
    for who in (town.cleo, town.moderator, town.ana):
        page = town.browser(who).get(path.format(public_id)).text
        assert "lent until Saturday 15 May" in page
        assert "Ben " not in re.sub(r"(?s)<section.*?</section>", "", page)  # her own letters with him are hers


def test_longer_is_a_tap_of_each_and_silence_is_no(town: Town) -> None:
    path = lent(town)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    press(ben, path, "Ask for 3 days more")
    assert "You asked to keep it until Tuesday 18 May" in ben.get(path).text
    assert the_loan(town).due_on == date(2027, 5, 15)
    press(ana, "/loans", "Agree until Tuesday 18 May")
    assert the_loan(town).due_on == date(2027, 5, 18)
    press(ben, path, "Ask for 7 days more")
    for days, wished in ((8, date(2027, 5, 25)), (15, None)):
        with town.home() as session:
            loan_calendar.keep_time(session, now=NOW + timedelta(days=days))
        row = the_loan(town)
        assert (row.due_on, row.wished_on, row.state) == (date(2027, 5, 18), wished, State.LENT)


def test_what_is_overdue_stays_lent_and_the_slip_does_not_say_that_it_is_late(town: Town) -> None:
    lent(town)
    town.moment[0] = NOW + timedelta(days=20)
    with town.home() as session:
        for _ in range(3):
            loan_calendar.keep_time(session, now=town.moment[0])
    assert the_loan(town).state == State.LENT
    board = town.browser(town.ana).get("/").text
    assert "lent for now" in board
    assert "15 May" not in board


def test_silence_after_given_back_is_yes(town: Town) -> None:
    path = lent(town)
    press(town.browser(town.ben), path, "I gave it back")
    for days, state in ((4, State.GIVEN_BACK), (6, State.RETURNED)):
        with town.home() as session:
            loan_calendar.keep_time(session, now=NOW + timedelta(days=days))
        assert the_loan(town).state == state


def test_its_lender_can_say_that_it_is_not_back(town: Town) -> None:
    path = lent(town)
    press(town.browser(town.ben), path, "I gave it back")
    press(town.browser(town.ana), path, "It is not back yet")
    assert the_loan(town).state == State.LENT


def test_thanks_are_read_by_the_other_one_only_and_said_once(town: Town) -> None:
    path = lent(town)
    ana, ben = town.browser(town.ana), town.browser(town.ben)
    early = ben.post(f"{path}/thanks", data={"words": "Merci"})
    assert "changed meanwhile" in early.text
    press(ana, path, "It is back")
    assert 'id="words-error"' in ben.post(f"{path}/thanks", data={"words": "x" * 201}).text
    assert ben.post(f"{path}/thanks", data={"words": "Merci, le lustre tient."}).status_code == 302
    assert "Merci, le lustre tient." in ana.get(path).text
    again = ben.post(f"{path}/thanks", data={"words": "Encore"})
    assert again.status_code == 200
    assert "Encore" not in ana.get(path).text
    for who in (town.cleo, town.moderator):
        assert "lustre" not in town.browser(who).get("/loans").text


def test_others_wait_in_turn_and_are_told_that_it_is_back(town: Town) -> None:
    path = lent(town)
    with town.store.read() as session:
        notice = f"/notices/{session.get_one(Listing, the_loan(town).listing_id).public_id}"
    cleo, editor = town.browser(town.cleo), town.browser(town.editor)
    for who in (cleo, editor):
        assert press(who, notice, "Tell me when it is back").status_code == 302
        assert "It is back." not in who.get("/loans").text
    assert "Tell me when it is back" not in town.browser(town.ben).get(notice).text
    assert "Cléo" not in town.browser(town.ana).get(notice).text
    press(town.browser(town.ana), path, "It is back")
    assert "It is back. You can ask for it." in cleo.get("/loans").text
    assert "It is back." not in editor.get("/loans").text
    with town.home() as session:
        loan_calendar.keep_time(session, now=NOW + timedelta(days=4))
    assert "It is back. You can ask for it." in editor.get("/loans").text
    assert "Une grande échelle" not in cleo.get("/loans").text


def test_waiting_can_be_given_up_and_is_refused_for_what_is_there(town: Town) -> None:
    listing = offer(town)
    notice = f"/notices/{listing.public_id}"
    cleo = town.browser(town.cleo)
    assert "It is not lent at the moment" in cleo.post(f"{notice}/wait").text
    assert town.browser(town.ana).post(f"{notice}/lent", data={"due": ""}).status_code == 302
    cleo.post(f"{notice}/wait")
    press(cleo, notice, "I no longer wait for it")
    with town.store.read() as session:
        assert session.scalars(select(Waiter)).all() == []


def test_lent_outside_shows_without_a_partner_and_comes_back(town: Town) -> None:
    listing = offer(town)
    ana, notice = town.browser(town.ana), f"/notices/{listing.public_id}"
    wrong = ana.post(f"{notice}/lent", data={"due": "hier"})
    assert 'value="hier"' in wrong.text
    assert ana.post(f"{notice}/lent", data={"due": "2027-05-20"}).status_code == 302
    assert "lent until Thursday 20 May" in town.browser(town.ben).get(notice).text
    assert "It is promised or lent" in ana.post(f"{notice}/lent", data={"due": ""}).text
    press(ana, "/loans", "It is back")
    assert the_loan(town).state == State.RETURNED
    assert "lent until" not in town.browser(town.ben).get(notice).text
    assert town.browser(town.ben).post(f"{notice}/lent", data={"due": ""}).status_code == 404


def test_a_suspended_borrower_ends_it_without_a_word(town: Town) -> None:
    path = lent(town)
    with town.home() as session:
        judge, ben = session.get_one(Resident, town.moderator.id), session.get_one(Resident, town.ben.id)
        suspensions.suspend(session, resident=ben, reason="Raison secrète", by=judge, now=NOW)
    page = town.browser(town.ana).get(path).text
    assert the_loan(town).state == State.ENDED
    assert "a former neighbour" in page
    assert "secrète" not in page
    assert "suspend" not in page


def test_what_is_over_goes_after_thirty_days_and_what_is_out_stays(town: Town) -> None:
    path = lent(town)
    with town.home() as session:
        forgetting.forget_spent(session, now=NOW + timedelta(days=400))
    assert town.browser(town.ana).get(path).status_code == 200
    press(town.browser(town.ana), path, "It is back")
    for days, there in ((29, 200), (31, 404)):
        with town.home() as session:
            forgetting.forget_spent(session, now=NOW + timedelta(days=days))
        assert town.browser(town.ana).get(path).status_code == there


def test_without_an_address_nobody_is_written_to(town: Town) -> None:
    lent(town)
    with town.home() as session:
        loan_calendar.keep_time(session, now=NOW + timedelta(days=3))
        assert session.scalars(select(OutgoingMail)).all() == []


def test_a_conversation_with_a_town_that_keeps_no_loans_has_none(town: Town) -> None:
    conversation = talk(town, offer(town), town.ben)
    with town.home() as session:
        row = session.scalars(select(conversations.Conversation)).one()
        row.remote_actor, row.remote_host = "https://ailleurs.example/users/instance", "ailleurs.example"
    ben = town.browser(town.ben)
    page = ben.get(f"/conversations/{conversation}").text
    assert f"/conversations/{conversation}/loan" not in page
    assert "Something to lend?" not in page
    for answer in (ben.get(f"/conversations/{conversation}/loan"), ben.post(f"/conversations/{conversation}/loan")):
        assert answer.status_code == 404


def test_a_board_asks_once_what_is_lent(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        offer(town)
    asked = []
    held = loans.held
    monkeypatch.setattr(loans, "held", lambda *given, **more: asked.append(1) or held(*given, **more))
    town.browser(town.ana).get("/")
    assert asked == [1]


def test_what_a_neighbour_booked_meanwhile_is_said_in_words(town: Town) -> None:
    ladder = offer(town)
    with town.home() as session:
        mine, ana = session.get_one(Listing, ladder.id), session.get_one(Resident, town.ana.id)
        window = Window(weekday=3, begins=18 * 60, ends=20 * 60, minutes=60, first=NOW.date())
        openings.add(session, listing=mine, by=ana, window=window, place="Le hall", now=NOW)
    path = ask(town.browser(town.ben), talk(town, ladder, town.ben))
    thursday = "2027-05-13T16:00:00+00:00"
    cleo = town.browser(town.cleo)
    assert cleo.post(f"/notices/{ladder.public_id}/book", data={"slot": thursday}).status_code == 302
    said = press(town.browser(town.ana), path, "Agree to this")
    assert (said.status_code, "A neighbour has booked it in that time." in said.text) == (200, True)
    assert the_loan(town).state == State.ASKED
