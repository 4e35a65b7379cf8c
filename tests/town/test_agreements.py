"""Offers of an agreement by software that trades by FEP-0837: a conversation like a letter's, a yes, or too late."""

import json
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from activitypub.details import Commitment, Measure
from activitypub.vocabulary import Agreement, Note, Offer
from activitypub.vocabulary import Create as CreateWord
from federation import delivery, documents, identity
from federation.models import Letter
from instance import conversations, listings, loan_calendar, loans, notices
from instance.audience import Audience
from instance.conversations import Conversation
from instance.lending import Act, State
from instance.listings import Listing
from instance.loans import Loan
from instance.outgoing import OutgoingMail
from instance.residents import Resident
from tests.town.houses import House, Town

SATURDAY = datetime(2027, 5, 22, 8, tzinfo=UTC)


@dataclass
class Market:
    """Odile offers in Marseille. The market is another server, whose desk writes what a test tells it to."""

    town: Town
    marseille: House
    market: House
    odile: Resident
    listing: Listing

    def send(self, word: Offer | CreateWord) -> None:
        """Put something in the market's bag for Marseille, and let it arrive."""
        with self.market.federation.write.begin() as session:
            inbox = f"{self.marseille.origin}/users/instance/inbox"
            row = delivery.write(session, word=word, actor_username=identity.DESK, now=self.town.now)
            delivery.post(session, activity=row, inboxes=[inbox], object_uri=word.id, now=self.town.now)
        self.town.settle()

    def offer(self, **more: object) -> Offer:
        """An offer about the listing, as FEP-0837 has it."""
        satisfies = f"{self.marseille.origin}/users/instance/items/{self.listing.public_id}/proposal#primary"
        given = {"satisfies": satisfies, "quantity": Measure(unit="one", value="1"), **more}
        context = given.pop("context", None)
        return Offer(
            id=f"{self.market.origin}/objects/{uuid.uuid4()}/offer",
            actor=f"{self.market.origin}/users/instance",
            to=(f"{self.marseille.origin}/users/instance",),
            object=Agreement(stipulates=Commitment(**given), context=context),
        )

    def answers(self) -> list[dict]:
        """What Marseille's desk answered to the market."""
        sent = [json.loads(one.body) for one in self.town.sent if one.method == "POST"]
        mine = [one for one in sent if one["actor"] == f"{self.marseille.origin}/users/instance"]
        return [one for one in mine if one["type"] in {"Accept", "Reject"} and isinstance(one["object"], str)]

    def sentences(self) -> list[str]:
        with self.marseille.federation.read() as session:
            wanted = select(Letter.sentence).where(Letter.type == "Offer").order_by(Letter.id)
            return list(session.scalars(wanted))

    def loan(self) -> Loan:
        with self.marseille.home.read() as session:
            return session.scalars(select(Loan).order_by(Loan.id.desc())).first()

    def agree(self) -> None:
        with self.marseille.home.write.begin() as session:
            loan = session.get_one(Loan, self.loan().id)
            by = session.get_one(Resident, self.odile.id)
            loans.agree(session, loan=loan, by=by, terms=loan.terms, now=self.town.now)
        self.town.settle()


@pytest.fixture
def market(town: Town, monkeypatch: pytest.MonkeyPatch) -> Market:
    marseille, market = town.build("marseille"), town.build("market")
    odile = marseille.resident("Odile", building=marseille.building(marseille.quarter("Saint Julien")))
    # The market says of itself what other software says: nothing of loans.
    keep = documents.keep_actor

    def kept(session, *, actor, now):
        row = keep(session, actor=actor, now=now)
        row.keeps_loans = False
        return row

    monkeypatch.setattr(documents, "keep_actor", kept)
    listing = marseille.offer(odile, "Perceuse", audience=Audience.NETWORK)
    town.settle()
    return Market(town=town, marseille=marseille, market=market, odile=odile, listing=listing)


def test_an_offer_opens_a_conversation_and_one_tap_says_yes(market: Market) -> None:
    offer = market.offer(quantity=Measure(unit="hour", value="2"), begins=SATURDAY, ends=SATURDAY + timedelta(days=2))
    market.send(offer)
    assert market.sentences() == ["taken to its conversation"]
    [talk] = market.marseille.conversations()
    assert (talk.remote_actor, talk.listing_id) == (offer.actor, market.listing.id)
    browser = market.marseille.browser(market.odile)
    page = browser.get(f"/conversations/{talk.public_id}").text
    assert "2 hour" in page
    loan = market.loan()
    assert (loan.state, loan.pickup_at, loan.due_on) == (State.ASKED, SATURDAY, SATURDAY.date() + timedelta(days=2))
    assert market.answers() == []
    answer = browser.post(f"/loans/{loan.public_id}/agree", data={"terms": loan.terms})
    assert answer.status_code == 302
    market.town.settle()
    [said] = market.answers()
    assert (said["type"], said["object"], said["to"]) == ("Accept", offer.id, [offer.actor])
    agreed = said["result"]
    assert agreed["type"] == "Agreement"
    assert agreed["id"] == f"{market.marseille.origin}/users/instance/agreements/{loan.public_id}"
    assert agreed["attributedTo"] == f"{market.marseille.origin}/users/instance"
    assert agreed["stipulates"]["satisfies"] == offer.object.stipulates.satisfies
    assert agreed["stipulates"]["resourceQuantity"] == {"hasUnit": "hour", "hasNumericalValue": "2"}
    assert agreed["stipulates"]["id"]
    assert "loan" not in agreed
    page = browser.get(f"/loans/{loan.public_id}").text
    assert "market.localhost" in page or "Market" in page


def test_silence_is_a_no_and_nothing_is_said(market: Market) -> None:
    market.send(market.offer(begins=SATURDAY))
    market.town.pass_time(days=20)
    market.marseille.do(loan_calendar.keep_time)
    market.town.settle()
    assert market.loan().state == State.LAPSED
    assert market.answers() == []


def test_the_same_offer_twice_is_one_and_a_second_one_is_another_conversation(market: Market) -> None:
    offer = market.offer()
    market.send(offer)
    market.send(market.offer())
    assert len(market.marseille.conversations()) == 2
    with market.marseille.home.read() as session:
        assert len(session.scalars(select(Loan)).all()) == 2


def test_an_offer_that_names_its_thread_goes_on_in_it(market: Market) -> None:
    thread = f"{market.market.origin}/threads/1"
    market.send(market.offer(context=thread))
    market.send(market.offer(context=thread, begins=SATURDAY))
    [talk] = market.marseille.conversations()
    assert market.loan().terms == 2
    assert len(talk.messages) == 1


def test_a_letter_answers_the_offer_in_the_same_conversation(market: Market) -> None:
    offer = market.offer()
    market.send(offer)
    note = Note(
        id=f"{market.market.origin}/notes/1",
        attributed_to=offer.actor,
        content="<p>Samedi ?</p>",
        in_reply_to=offer.id,
        to=offer.to,
        published=market.town.now,
    )
    market.send(CreateWord(id=f"{note.id}/activity", actor=offer.actor, to=note.to, object=note))
    [talk] = market.marseille.conversations()
    assert [one.html for one in talk.messages] == ["", "<p>Samedi ?</p>"]
    market.marseille.do(conversations.reply, conversation=talk, by=market.odile, body="Oui.")
    market.town.settle()
    last = [json.loads(one.body) for one in market.town.sent if one.method == "POST"][-1]
    assert last["object"]["inReplyTo"] == note.id


def test_who_asks_for_what_is_promised_or_gone_is_told_so(market: Market) -> None:
    first, second, third = market.offer(), market.offer(), market.offer()
    market.send(first)
    market.send(second)
    with market.marseille.home.write.begin() as session:
        loan = session.scalars(select(Loan).order_by(Loan.id)).first()
        by = session.get_one(Resident, market.odile.id)
        loans.agree(session, loan=loan, by=by, terms=1, now=market.town.now)
    market.town.settle()
    assert [(one["type"], one["object"]) for one in market.answers()] == [("Accept", first.id), ("Reject", second.id)]
    market.send(third)
    assert (market.answers()[-1]["type"], market.answers()[-1]["object"]) == ("Reject", third.id)
    assert market.answers()[-1]["content"] == "Ce n’est plus disponible."
    market.marseille.do(notices.withdraw, notice=market.listing, by=market.odile)
    market.town.settle()
    late = market.offer()
    market.send(late)
    assert (market.answers()[-1]["type"], market.answers()[-1]["object"]) == ("Reject", late.id)
    assert len(market.marseille.conversations()) == 3
    assert len(market.answers()) == 4


def test_what_stands_open_when_the_notice_comes_down_is_answered(market: Market) -> None:
    offer = market.offer()
    market.send(offer)
    market.marseille.do(notices.withdraw, notice=market.listing, by=market.odile)
    market.town.settle()
    assert [(one["type"], one["object"]) for one in market.answers()] == [("Reject", offer.id)]


def test_what_never_was_public_is_as_what_never_was(market: Market) -> None:
    hidden = market.marseille.offer(market.odile, "Échelle", audience=Audience.BUILDING, byline=None)
    for listing_id in (hidden.public_id, uuid.uuid4()):
        satisfies = f"{market.marseille.origin}/users/instance/items/{listing_id}/proposal#primary"
        market.send(market.offer(satisfies=satisfies))
    assert len(set(market.sentences())) == 1
    assert market.answers() == []
    assert market.marseille.conversations() == []


def test_a_stranger_cannot_put_an_offer_into_a_thread_of_others(market: Market) -> None:
    eve = market.town.build("eve")
    market.send(market.offer(context=f"{market.market.origin}/threads/1"))
    other = market.marseille.offer(market.odile, "Scie", audience=Audience.NETWORK)
    market.town.settle()
    theirs = Market(town=market.town, marseille=market.marseille, market=eve, odile=market.odile, listing=other)
    theirs.send(theirs.offer(context=f"{market.market.origin}/threads/1"))
    first, second = market.marseille.conversations()
    assert (first.remote_actor, second.remote_actor) == (
        f"{market.market.origin}/users/instance",
        f"{eve.origin}/users/instance",
    )


def test_a_request_is_answered_by_an_offer_to_lend(market: Market) -> None:
    words = {"title": "Une échelle", "body": "Pour samedi.", "byline": "Odile", "audience": Audience.NETWORK}
    made = market.marseille.do(listings.request, by=market.odile, **words)
    market.town.settle()
    asked = Market(town=market.town, marseille=market.marseille, market=market.market, odile=market.odile, listing=made)
    asked.send(asked.offer())
    loan = asked.loan()
    assert (loan.lender_id, loan.borrower_id) == (None, market.odile.id)
    asked.agree()
    assert [one["type"] for one in asked.answers()] == ["Accept"]
    with market.marseille.home.write.begin() as session:
        found, by = session.get_one(Loan, loan.id), session.get_one(Resident, market.odile.id)
        loans.move(session, loan=found, act=Act.HAND_OVER, by=by, now=market.town.now)
    market.town.settle()
    assert len(asked.answers()) == 1


def test_an_offer_writes_one_mail_like_a_letter(market: Market) -> None:
    market.send(market.offer())
    with market.marseille.home.read() as session:
        assert len(session.scalars(select(OutgoingMail)).all()) <= 1
        assert session.scalars(select(Conversation)).one().owner_id == market.odile.id
