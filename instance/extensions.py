"""Extensions: a borrower would like to keep a thing some days longer, and its lender agrees; silence is no."""

from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from instance import bonds, holds, lending, loans
from instance.base import Refused
from instance.hours import town_day
from instance.lending import News, Side, State
from instance.loans import Loan
from instance.residents import Resident


def wish(session: Session, *, loan: Loan, by: Resident, days: int, now: datetime) -> None:
    """Its borrower would like to keep it longer, by so many days from when it is due, or from today if that passed.

    Raises Refused (not_found, loan_moved, due_far).
    """
    _only(session, loan=loan, by=by, side=Side.BORROWER)
    if days not in lending.LONGER_BY or loan.due_on is None or loan.pickup_at is None:
        raise Refused("loan_moved")
    wish_until(session, loan=loan, until=max(loan.due_on, town_day(now)) + timedelta(days=days), now=now)


def wish_until(session: Session, *, loan: Loan, until: date | None, now: datetime) -> None:
    """A day until which its borrower would like to keep it, whoever says so. Raises Refused (loan_moved, due_far)."""
    if loan.state != State.LENT or until is None or loan.due_on is None or until <= loan.due_on:
        raise Refused("loan_moved")
    if loan.pickup_at is None or until > town_day(loan.pickup_at) + lending.LONGEST:
        raise Refused("due_far")
    loan.wished_on = until
    session.flush()
    bonds.mark_of(session, conversation=loan.conversation, now=now)
    loans.tell(session, loan=loan, news=News.WISH, to=Side.LENDER, now=now)


def extend(session: Session, *, loan: Loan, by: Resident, until: date | None, now: datetime) -> None:
    """Its lender agrees to the day that is wished, as they read it.

    Raises Refused (not_found, loan_moved, booked_meanwhile).
    """
    _only(session, loan=loan, by=by, side=Side.LENDER)
    if loan.wished_on is None or loan.wished_on != until:
        raise Refused("loan_moved")
    loans.unbooked(session, loan=loan, span=holds.span(due_on=until, now=now), now=now)
    loan.due_on, loan.wished_on = loan.wished_on, None
    session.flush()
    bonds.mark_of(session, conversation=loan.conversation, now=now)
    loans.tell(session, loan=loan, news=News.LONGER, to=Side.BORROWER, now=now)


def _only(session: Session, *, loan: Loan, by: Resident, side: Side) -> None:
    if loans.hold(session, loan=loan, by=by) is not side or loan.state != State.LENT:
        raise Refused("loan_moved")
