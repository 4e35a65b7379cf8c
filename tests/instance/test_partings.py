"""Whoever leaves or blocks: a loan before its pick-up is called off, and what changed hands is owed still."""

from datetime import timedelta

import pytest

from instance import hours, lending, loans, mailboxes, partings
from instance.base import Refused
from instance.conversations import Conversation
from instance.lending import Act
from instance.loans import Loan
from instance.residents import Resident
from tests.instance.neighbourhood import NOW, Neighbourhood
from tests.instance.test_quiet import answered, mails


@pytest.fixture
def pair(stored_town: Neighbourhood) -> tuple[Neighbourhood, Resident, Resident, Conversation]:
    town = stored_town
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    for one in (ines, zoe):
        mailboxes.prove(town.session, resident=one, address=f"{one.login}@courriel.example", now=NOW)
    return town, ines, zoe, answered(town, ines, zoe)


def _part(town: Neighbourhood, talk: Conversation, by: Resident, way: str) -> None:
    if way == "leave":
        partings.leave(town.session, conversation=talk, by=by, now=town.now)
    else:
        other = talk.other(by.id)
        assert other is not None
        partings.block(town.session, by=by, whom=other, now=town.now)


def _lend(town: Neighbourhood, talk: Conversation, by: Resident, *steps: Act) -> Loan:
    """Proposed by one of the two; `steps` begin with what the other one says to it."""
    pickup = town.now + timedelta(days=2)
    terms = {"pickup_at": pickup, "due_on": hours.town_day(pickup), "place": "", "now": town.now}
    loan = loans.ask(town.session, conversation=talk, by=by, **terms)
    if Act.AGREE in steps:
        other = talk.other(by.id)
        assert other is not None
        loans.agree(town.session, loan=loan, by=other, terms=1, now=town.now)
    for one in steps[1:]:
        given = {"loan": loan, "act": one, "now": town.now}
        loans.move(town.session, by=talk.opener if one is Act.GIVE_BACK else talk.owner, **given)
    return loan


@pytest.mark.parametrize("way", ["leave", "block"])
@pytest.mark.parametrize("lender", [True, False])
def test_nobody_waits_for_a_pick_up_that_will_not_be(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation], way: str, lender: bool
) -> None:
    town, ines, zoe, talk = pair
    goes, stays = (ines, zoe) if lender else (zoe, ines)
    loan = _lend(town, talk, stays, Act.AGREE)
    told = len(mails(town, goes))
    _part(town, talk, goes, way)
    assert loan.state == lending.State.CALLED_OFF
    assert mails(town, stays)[-1].cause.endswith(":called-off")
    assert len(mails(town, goes)) == told
    # Once more changes nothing: it is over.
    _part(town, talk, goes, way)
    assert loan.state == lending.State.CALLED_OFF


@pytest.mark.parametrize("way", ["leave", "block"])
@pytest.mark.parametrize("steps", [(Act.HAND_OVER,), (Act.HAND_OVER, Act.GIVE_BACK)])
@pytest.mark.parametrize("lender", [True, False])
def test_what_changed_hands_is_owed_whoever_goes(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation], way: str, steps: tuple[Act, ...], lender: bool
) -> None:
    town, ines, zoe, talk = pair
    loan = _lend(town, talk, zoe, Act.AGREE, *steps)
    before = loan.state
    _part(town, talk, ines if lender else zoe, way)
    assert loan.state == before
    loans.move(town.session, loan=loan, act=Act.CONFIRM, by=ines, now=town.now)
    assert loan.state == lending.State.RETURNED


def test_a_loan_that_was_proposed_is_taken_back_by_who_goes_and_by_nobody_else(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair
    theirs = _lend(town, talk, zoe)
    _part(town, talk, ines, "leave")
    assert theirs.state == lending.State.ASKED, "to the other one, who left is somebody who does not answer"
    other = answered(town, ines, zoe)
    mine = _lend(town, other, ines)
    _part(town, other, ines, "leave")
    assert mine.state == lending.State.CALLED_OFF
    with pytest.raises(Refused, match="loan_moved"):
        loans.agree(town.session, loan=mine, by=zoe, terms=1, now=town.now)
