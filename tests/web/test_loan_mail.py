"""Mail about loans: three reminders by day, what needs an answer, "It is back"; and never a word too much."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from instance import conversations, extensions, listings, loan_calendar, loans, mailboxes
from instance.audience import Audience
from instance.hours import town_day
from instance.lending import Act
from instance.listings import Listing
from instance.loans import Loan
from instance.residents import Resident
from tests.web import mail_town
from tests.web.mail_town import MailTown
from tests.web.pages_town import NOW

pytestmark = pytest.mark.sqlite
ANA, BEN, CLEO = "ana@courriel.example", "ben@courriel.example", "cleo@courriel.example"
PICKUP = NOW + timedelta(days=1)
DUE = town_day(NOW) + timedelta(days=4)  # Saturday 15 May


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailTown]:
    with mail_town.usual(tmp_path) as made:
        yield made


def ladder(post: MailTown, *, audience: Audience = Audience.INSTANCE) -> tuple[int, int]:
    """Ana offers it, Ben asks; the ids of offer and loan."""
    with post.town.home() as session:
        ana, ben = session.get_one(Resident, post.town.ana.id), session.get_one(Resident, post.town.ben.id)
        listing = listings.offer(
            session, by=ana, title="Une grande échelle", body="Quatre mètres.", audience=audience, now=post.moment
        )
        talk = conversations.answer(session, listing=listing, by=ben, body="Bonjour.", now=post.moment)
        terms = {"pickup_at": PICKUP, "due_on": DUE, "place": "Chez moi"}
        return listing.id, loans.ask(session, conversation=talk, by=ben, now=post.moment, **terms).id


def move(post: MailTown, loan_id: int, *acts: tuple[Act, Resident]) -> None:
    with post.town.home() as session:
        loan = session.get_one(Loan, loan_id)
        for act, who in acts:
            by = session.get_one(Resident, who.id)
            if act is Act.AGREE:
                loans.agree(session, loan=loan, by=by, terms=loan.terms, now=post.moment)
            else:
                loans.move(session, loan=loan, act=act, by=by, now=post.moment)


def lent(post: MailTown, *, audience: Audience = Audience.INSTANCE) -> tuple[int, int]:
    ids = ladder(post, audience=audience)
    move(post, ids[1], (Act.AGREE, post.town.ana), (Act.HAND_OVER, post.town.ana))
    return ids


def hours(post: MailTown, *, days: int) -> list[tuple[int, str]]:
    """Let the worker and the relay look every hour; on which day of the month what arrived, with its subject."""
    found = []
    for _ in range(days * 24):
        post.later(hours=1)
        with post.town.home() as session:
            loan_calendar.keep_time(session, now=post.moment)
        found += [(post.moment.day, str(one.mail["Subject"]).split(" · ")[0]) for one in post.deliver()]
    return found


def test_a_borrower_is_reminded_the_day_before_on_the_day_and_three_days_after(post: MailTown) -> None:
    post.prove(post.town.ben, BEN)
    lent(post)
    assert hours(post, days=12) == [
        (14, "To bring back tomorrow"),
        (15, "To bring back today"),
        (18, "Something you borrowed"),
    ]


def test_reminders_come_by_day(post: MailTown) -> None:
    post.prove(post.town.ben, BEN)
    lent(post)
    post.town.moment[0] = NOW.replace(day=14, hour=0, minute=10)  # ten past two in the town
    with post.town.home() as session:
        loan_calendar.keep_time(session, now=post.moment)
    assert post.deliver() == []
    post.later(hours=6)
    assert len(post.deliver()) == 1


def test_who_gave_it_back_is_not_reminded(post: MailTown) -> None:
    post.prove(post.town.ben, BEN)
    _, loan_id = lent(post)
    post.town.moment[0] = NOW.replace(day=14, hour=0, minute=10)
    with post.town.home() as session:
        loan_calendar.keep_time(session, now=post.moment)
    move(post, loan_id, (Act.GIVE_BACK, post.town.ben))
    post.later(hours=8)
    assert post.deliver() == []
    assert {one.state for one in post.mails()} == {"dropped"}
    assert hours(post, days=6) == []


def test_who_may_keep_it_longer_is_reminded_of_the_new_day(post: MailTown) -> None:
    post.prove(post.town.ben, BEN)
    _, loan_id = lent(post)
    with post.town.home() as session:
        loan = session.get_one(Loan, loan_id)
        ana, ben = session.get_one(Resident, post.town.ana.id), session.get_one(Resident, post.town.ben.id)
        extensions.wish(session, loan=loan, by=ben, days=3, now=post.moment)
        extensions.extend(session, loan=loan, by=ana, until=loan.wished_on, now=post.moment)
    assert hours(post, days=8) == [
        (11, "You can keep it longer"),
        (17, "To bring back tomorrow"),
        (18, "To bring back today"),
    ]


def test_who_wishes_no_mail_gets_none(post: MailTown) -> None:
    post.prove(post.town.ben, BEN)
    with post.town.home() as session:
        mailboxes.hear_answers(session, resident=session.get_one(Resident, post.town.ben.id), wanted=False)
    lent(post)
    assert hours(post, days=9) == []


def test_the_lender_hears_of_a_proposal_and_its_terms_are_not_in_the_mail(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    _, loan_id = ladder(post)
    post.later(minutes=3)
    subjects = {str(one.mail["Subject"]).split(" · ")[0]: one for one in post.deliver()}
    parcel = subjects["A loan is proposed to you"]
    assert "Une grande échelle" in parcel.text
    for part in (parcel.text, parcel.html):
        assert not re.search("Ben|Fictif|Chez moi|12 May|15 May", part)
    with post.town.store.read() as session:
        path = f"/loans/{session.get_one(Loan, loan_id).public_id}"
    assert post.link(parcel) == path
    assert post.browser(post.town.ana).get(path).status_code == 200
    assert post.browser(post.town.cleo).get(path).status_code == 404


def test_a_proposal_that_is_taken_back_at_once_is_not_told(post: MailTown) -> None:
    post.prove(post.town.ana, ANA)
    _, loan_id = ladder(post)
    move(post, loan_id, (Act.CALL_OFF, post.town.ben))
    post.later(minutes=3)
    assert [str(one.mail["Subject"]).split(" · ")[0] for one in post.deliver()] == ["There is a letter for you"]


def test_what_hangs_in_a_building_is_not_named(post: MailTown) -> None:
    post.prove(post.town.ben, BEN)
    lent(post, audience=Audience.BUILDING)
    post.town.moment[0] = NOW + timedelta(days=3)
    with post.town.home() as session:
        loan_calendar.keep_time(session, now=post.moment)
    texts = [one.text + one.html for one in post.deliver()]
    assert any("your building" in one for one in texts)
    assert not any(re.search("échelle|Ana|Inventée|rue Imaginaire|Chez moi", one) for one in texts)


def test_the_first_who_waits_is_told_that_it_is_back(post: MailTown) -> None:
    post.prove(post.town.cleo, CLEO)
    listing_id, loan_id = lent(post)
    with post.town.home() as session:
        listing, cleo = session.get_one(Listing, listing_id), session.get_one(Resident, post.town.cleo.id)
        loan_calendar.wait(session, listing=listing, by=cleo, now=post.moment)
    move(post, loan_id, (Act.CONFIRM, post.town.ana))
    (parcel,) = post.deliver()
    assert str(parcel.mail["Subject"]).startswith("It is back")
    assert not re.search("Ana|Ben", parcel.text)
    assert post.browser(post.town.cleo).get(post.link(parcel)).status_code == 200
