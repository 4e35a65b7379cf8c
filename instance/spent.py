"""What is deleted by one statement once it had its time: statements only, run by the rules of `forgetting`."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Delete, Table, delete, select

from instance import lending, lookouts, outgoing, skills
from instance.arrivals import Arrival
from instance.conditions import Condition
from instance.conversations import Conversation
from instance.decisions import Decision
from instance.listings import Listing
from instance.loans import Loan
from instance.logins import HalfwayLogin
from instance.lookouts import LookoutFind
from instance.moderation import Measure
from instance.notices import State
from instance.outgoing import OutgoingMail
from instance.passes import Pass
from instance.passkeys import PasskeyChallenge
from instance.recovery import RecoveryCard, RecoveryRequest
from instance.referrals import Referral
from instance.reports import Report
from instance.residents import Resident
from instance.residents import State as Standing
from instance.skills import Skill
from instance.thanks import Thanks
from instance.verification import LetterboxCode
from instance.waiting import Waiter

CODE_KEPT: Final = timedelta(days=30)
LINK_KEPT: Final = timedelta(days=1)
MAIL_KEPT: Final = timedelta(days=7)
LOAN_KEPT: Final = timedelta(days=30)
FILE_KEPT: Final = timedelta(days=365)


def table_of(statement: Delete) -> str:
    """The table of a statement."""
    found = statement.table
    return found.name if isinstance(found, Table) else ""


def codes(now: datetime) -> tuple[Delete, ...]:
    """Codes of letterboxes."""
    return (
        delete(LetterboxCode).where(LetterboxCode.expires_at <= now - CODE_KEPT),
        delete(LetterboxCode).where(LetterboxCode.used_at <= now - CODE_KEPT),
    )


def cards(now: datetime) -> tuple[Delete, ...]:
    """Recovery cards."""
    return (
        delete(RecoveryCard).where(RecoveryCard.ended_at <= now - CODE_KEPT),
        delete(RecoveryCard).where(RecoveryCard.expires_at <= now - CODE_KEPT),
    )


def minutes(now: datetime) -> tuple[Delete, ...]:
    """What waits for the second step, or for a passkey."""
    return (
        delete(HalfwayLogin).where(HalfwayLogin.expires_at <= now),
        delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= now),
    )


def links(now: datetime) -> tuple[Delete, ...]:
    """Links that work once."""
    return (
        delete(Pass).where(Pass.expires_at <= now - LINK_KEPT),
        delete(Pass).where(Pass.used_at <= now - LINK_KEPT),
    )


def mails(now: datetime) -> tuple[Delete, ...]:
    """What was sent, dropped or refused."""
    ended = OutgoingMail.ended_at <= now - MAIL_KEPT
    failed = OutgoingMail.state == outgoing.State.FAILED.value
    return (
        delete(OutgoingMail).where(ended, ~failed),
        delete(OutgoingMail).where(failed, OutgoingMail.ended_at <= now - CODE_KEPT),
        # Where no relay was ever named, or none any more, nobody sends or ends them.
        delete(OutgoingMail).where(OutgoingMail.created_at <= now - outgoing.GIVE_UP_AFTER - MAIL_KEPT, ~failed),
    )


def loans(now: datetime) -> tuple[Delete, ...]:
    """What is over, with the thanks and the photographs of it; the files are swept by whoever keeps them."""
    over = (Loan.state.in_(lending.OVER), Loan.moved_at <= now - LOAN_KEPT)
    theirs = select(Loan.id).where(*over)
    return (
        delete(Thanks).where(Thanks.loan_id.in_(theirs)),
        delete(Condition).where(Condition.loan_id.in_(theirs)),
        delete(Loan).where(*over),
    )


def files(now: datetime) -> tuple[Delete, ...]:
    """What moderators decided: a year, but for the reason of a suspension that still holds."""
    held = select(Resident.id).where(Resident.state == Standing.SUSPENDED.value)
    return (
        delete(Referral).where(Referral.report_id.in_(select(Report.id).where(Report.closed_at <= now - FILE_KEPT))),
        delete(Report).where(Report.closed_at <= now - FILE_KEPT),
        delete(Measure).where(Measure.created_at <= now - FILE_KEPT),
        delete(Decision).where(Decision.created_at <= now - FILE_KEPT, Decision.resident_id.not_in(held)),
    )


def typed(now: datetime) -> tuple[Delete, ...]:
    """What was typed into “I forgot my password”, and what hung and was to be held against searches."""
    return (
        delete(RecoveryRequest).where(RecoveryRequest.created_at <= now - LINK_KEPT),
        *(one for one in lookouts.spent(now) if table_of(one) == Arrival.__tablename__),
    )


def finds(now: datetime) -> tuple[Delete, ...]:
    """What was found for kept searches."""
    return tuple(one for one in lookouts.spent(now) if table_of(one) == LookoutFind.__tablename__)


def skills_taken_away(now: datetime) -> tuple[Delete, ...]:  # noqa: ARG001 - measured from no moment
    """What nobody may ask for any more, once no letter speaks of it."""
    spoken_of = select(Conversation.skill_id).where(Conversation.skill_id.is_not(None))
    return (skills.forgotten(kept=Skill.id.in_(spoken_of)),)


def lines(now: datetime) -> tuple[Delete, ...]:  # noqa: ARG001 - measured from no moment
    """Places in the line for a thing that is offered no longer."""
    down = select(Listing.id).where(Listing.state != State.LIVE.value)
    return (delete(Waiter).where(Waiter.listing_id.in_(down)),)
