"""What is different about a loan when the other one lives in another town: who must hear of it first, and how much."""

from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy.orm import Session

from instance import bonds, conversations, loans
from instance.bonds import Bond, Wish
from instance.conversations import Conversation
from instance.lending import State
from instance.loans import Loan
from instance.residents import Resident


@dataclass(frozen=True, slots=True, kw_only=True)
class Far:
    """`waits` says what of ours is on its way; `amount` how much was offered for; `may_propose` as one of us could."""

    waits: str | None
    amount: str | None
    may_propose: bool


def of(session: Session, *, conversation: Conversation | None) -> Far | None:
    """How a conversation across towns stands as far as lending goes; None for two who live here."""
    if conversation is None or not conversation.is_remote:
        return None
    bond = bonds.of(session, conversation=conversation)
    return Far(
        waits=_waits(bond),
        amount=_amount(bond),
        may_propose=bonds.keeps_loans(session, actor=conversation.remote_actor),
    )


def _waits(bond: Bond | None) -> str | None:
    if bond is None or bond.wish is None:
        return None
    if bond.wish == Wish.ASK:
        return gettext("Your proposal is on its way to the other town.")
    return gettext("You have said so. It counts once the other town has it.")


def _amount(bond: Bond | None) -> str | None:
    """How much, where it is not simply the one thing."""
    if bond is None or bond.amount is None or (bond.amount, bond.unit) == ("1", "one"):
        return None
    return bond.amount if bond.unit in {None, "one"} else f"{bond.amount} {bond.unit}"


def may_ask(*, conversation: Conversation, far: Far | None, by: Resident) -> bool:
    """Whether a loan may be proposed in a conversation in which none is under way."""
    listing = conversation.listing
    if listing is None or not conversations.reachable(conversation, by=by):
        return False
    if far is None:
        return loans.may_be_lent(listing)
    return listing.is_live and far.may_propose and far.waits is None


def standing(loan: Loan, *, far: Far | None) -> str | None:
    """What is said of it in place of how it stands; None where that is all there is to say."""
    if far is not None and far.waits is not None:
        return far.waits
    if far is not None and loan.state == State.LAPSED:
        return gettext("It is over: promised to somebody else, no longer there, or left unanswered.")
    return None
