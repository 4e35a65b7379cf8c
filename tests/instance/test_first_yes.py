"""The first yes: a loan or a meeting that is agreed takes a request down wherever it got, and stops its rings."""

import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.hatch import boundary
from instance import (
    bonds,
    conversations,
    correspondence,
    far_loans,
    hours,
    loans,
    meetings,
    moderation,
    rings,
)
from instance.audience import Audience
from instance.base import Refused
from instance.bonds import Told, Wish
from instance.conversations import Conversation
from instance.correspondence import Letter
from instance.lending import Act
from instance.listings import Listing
from instance.meetings import Meeting
from instance.notices import State
from instance.residents import Resident, Role
from instance.rings import Pace
from tests.instance.asking import ask, tick
from tests.instance.neighbourhood import Neighbourhood


def propose(town: Neighbourhood, listing: Listing, by: Resident) -> Conversation:
    """A neighbour writes to whoever asked, and proposes both a loan and a meeting."""
    session, now, pickup = town.session, town.now, town.now + timedelta(days=2)
    talk = conversations.answer(session, listing=listing, by=by, body="J’en ai une.", now=now)
    terms = {"pickup_at": pickup, "due_on": hours.town_day(pickup), "place": ""}
    loans.ask(session, conversation=talk, by=by, now=now, **terms)
    place = meetings.Place(words="Sur la place")
    meetings.propose(session, conversation=talk, by=by, moments=[pickup], place=place, now=now)
    return talk


def _talk(session: Session, listing: Listing) -> Conversation:
    return session.scalars(select(Conversation).where(Conversation.listing_id == listing.id)).one()


def agree(session: Session, *, listing: Listing, by: Resident, now: datetime) -> None:
    """To the loan that is proposed."""
    loan = loans.last_in(session, conversation=_talk(session, listing))
    assert loan is not None
    loans.agree(session, loan=loan, by=by, terms=loan.terms, now=now)


def meet(session: Session, *, listing: Listing, by: Resident, now: datetime) -> None:
    """At the moment that is proposed."""
    talk = _talk(session, listing)
    (meeting,) = session.scalars(select(Meeting).where(Meeting.conversation_id == talk.id))
    meetings.pick(session, conversation=talk, by=by, meeting_id=meeting.public_id, number=1, now=now)


@pytest.mark.parametrize("rounds", [1, 3])
@pytest.mark.parametrize("yes", [agree, meet])
def test_at_the_first_yes_it_comes_down_wherever_it_got(
    stored_town: Neighbourhood, yes: Callable[..., None], rounds: int
) -> None:
    town = stored_town
    ines, ben = town.resident(town.lilas), town.resident(town.lilas)
    listing = ask(town, ines, Audience.NETWORK, Pace.HOURS)
    propose(town, listing, ben)
    for _ in range(rounds):
        town.later(hours=2)
        tick(town)
    assert listing.audience is (Audience.QUARTER if rounds == 1 else Audience.NETWORK), "a proposal stops nothing"
    yes(town.session, listing=listing, by=ines, now=town.now)
    assert (listing.state, listing.version) == (State.WITHDRAWN, rounds + 2)
    assert rings.of(town.session, listing=listing) is None
    verdict = boundary.judge_notice(listing, version=listing.version)
    assert isinstance(verdict, boundary.Withhold if rounds == 1 else boundary.Retract)
    town.later(hours=2)
    tick(town)
    assert (listing.audience.value, listing.version) == (1 + rounds, rounds + 2)


def test_a_request_that_all_saw_at_once_comes_down_at_the_first_yes_too(town: Neighbourhood) -> None:
    ines, ben = town.resident(town.lilas), town.resident(town.lilas)
    listing = ask(town, ines, Audience.QUARTER, Pace.AT_ONCE)
    propose(town, listing, ben)
    agree(town.session, listing=listing, by=ines, now=town.now)
    assert listing.state == State.WITHDRAWN


def test_the_two_who_agreed_to_meet_may_agree_on_a_loan_and_others_begin_nothing(town: Neighbourhood) -> None:
    ines, ben, cleo = (town.resident(town.lilas) for _ in range(3))
    listing = ask(town, ines, Audience.QUARTER, Pace.HOURS)
    propose(town, listing, ben)
    meet(town.session, listing=listing, by=ines, now=town.now)
    agree(town.session, listing=listing, by=ines, now=town.now)
    loan = loans.last_in(town.session, conversation=_talk(town.session, listing))
    assert loan.is_held
    loans.move(town.session, loan=loan, act=Act.CALL_OFF, by=ines, now=town.now)
    terms = {"pickup_at": loan.pickup_at, "due_on": loan.due_on, "place": "", "now": town.now}
    assert loans.ask(town.session, conversation=_talk(town.session, listing), by=ben, **terms).state == "asked"
    with pytest.raises(Refused, match="not_live"):
        conversations.answer(town.session, listing=listing, by=cleo, body="Moi aussi.", now=town.now)


@pytest.mark.parametrize("yes", [agree, meet])
def test_an_offer_hangs_on_after_a_yes(town: Neighbourhood, yes: Callable[..., None]) -> None:
    ines, ben = town.resident(town.lilas), town.resident(town.lilas)
    listing = town.offer(ines, Audience.QUARTER)
    propose(town, listing, ben)
    yes(town.session, listing=listing, by=ines, now=town.now)
    assert (listing.state, listing.version) == (State.LIVE, 1)


def test_what_was_hidden_meanwhile_stays_hidden(town: Neighbourhood) -> None:
    ines, ben = town.resident(town.lilas), town.resident(town.lilas)
    maud = town.resident(town.far, role=Role.MODERATOR)
    listing = ask(town, ines, Audience.QUARTER, Pace.HOURS)
    propose(town, listing, ben)
    moderation.hide(town.session, notice=listing, reason="parce que", by=maud, now=town.now)
    meet(town.session, listing=listing, by=ines, now=town.now)
    assert listing.state == State.HIDDEN
    assert rings.of(town.session, listing=listing) is None


def test_a_yes_from_another_town_takes_a_request_down_once_that_town_says_so(stored_town: Neighbourhood) -> None:
    town, there = stored_town, "https://ailleurs.example/users/instance"
    ines = town.resident(town.lilas)
    listing = ask(town, ines, Audience.NETWORK, Pace.AT_ONCE)
    bonds.know(town.session, actor=there, keeps=True)
    letter = Letter(
        uri=f"{there}/letters/1", sender=there, sender_name="Ailleurs", host="ailleurs.example", html="<p>J’en ai.</p>",
        thread=f"{there}/threads/1",
    )  # fmt: skip
    correspondence.receive(town.session, letter=letter, listing=listing, now=town.now)
    pickup = town.now + timedelta(days=2)
    told = Told(
        loan=uuid.uuid4(), version=1, heard=0, state="asked", asker="lender", terms=1, pickup_at=pickup,
        due_on=hours.town_day(pickup), place=None, wished_on=None,
    )  # fmt: skip
    far_loans.take_over(town.session, told=told, letter=replace(letter, uri=f"{there}/told/1"), now=town.now)
    loan = loans.by_public_id(town.session, public_id=told.loan)
    far_loans.wish(town.session, loan=loan, wish=Wish.AGREE, by=ines, now=town.now, terms=1)
    assert listing.is_live, "it may be promised to somebody else meanwhile"
    agreed = replace(told, version=2, heard=1, state="agreed")
    far_loans.take_over(town.session, told=agreed, letter=replace(letter, uri=f"{there}/told/2"), now=town.now)
    assert (listing.state, listing.version) == (State.WITHDRAWN, 2)
    assert isinstance(boundary.judge_notice(listing, version=2), boundary.Retract)
    later = replace(agreed, version=3, state="lent")
    far_loans.take_over(town.session, told=later, letter=replace(letter, uri=f"{there}/told/3"), now=town.now)
    assert (loan.state, listing.version) == ("lent", 2)
