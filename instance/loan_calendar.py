"""What the calendar does to loans: reminds, closes what nobody speaks of any more, and ends what somebody left."""

from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from instance import bonds, hours, lending, loans, waiting
from instance.base import Refused
from instance.bonds import Bond, Said, Wish
from instance.lending import News, Side, State
from instance.listings import Direction, Listing
from instance.loans import Loan
from instance.residents import Resident

AT_ONCE = 200


def keep_time(session: Session, *, now: datetime) -> int:
    """Everything that time alone brings about; returns how many loans moved. Doing it twice changes nothing more."""
    moved = 0
    for wanted, after in _overdue(now):
        for loan in session.scalars(wanted.limit(AT_ONCE).with_for_update(skip_locked=True)).all():
            loans.stand(session, loan=loan, state=after, now=now)
            moved += 1
    # Silence does not extend: a wish is over with the day that was wished for.
    session.execute(update(Loan).where(Loan.wished_on < hours.town_day(now)).values(wished_on=None))
    remind(session, now=now)
    waiting.move_up(session, now=now)
    return moved


def _overdue(now: datetime) -> tuple[tuple[Select[Loan], State], ...]:
    """What closes by itself, and how. What is out of the house does not, before its borrower says it is back."""
    # What another town leads has its calendar there.
    followed = select(Bond.conversation_id).where(~Bond.leads, Bond.conversation_id.is_not(None))
    here = Loan.conversation_id.is_(None) | Loan.conversation_id.not_in(followed)
    loan = select(Loan).where(here).order_by(Loan.id)
    return (
        (loan.where(Loan.state == State.ASKED.value, Loan.pickup_at <= now), State.LAPSED),
        (
            loan.where(Loan.state == State.AGREED.value, Loan.due_on < hours.town_day(now - loans.FORGOTTEN)),
            State.LAPSED,
        ),
        (
            loan.where(Loan.state == State.GIVEN_BACK.value, Loan.moved_at <= now - loans.TAKEN_AS_BACK),
            State.RETURNED,
        ),
    )


def remind(session: Session, *, now: datetime) -> int:
    """Write to borrowers the day before, on the day and three days after it; returns to how many there is to write."""
    today, reminded = hours.town_day(now), 0
    near = (today - lending.TELL_AFTER - lending.AFTER_WITHIN, today + timedelta(days=1))
    wanted = select(Loan).where(Loan.state == State.LENT.value, Loan.due_on.between(*near)).order_by(Loan.id)
    for loan in session.scalars(wanted).all():
        news = reminder(loan, now=now)
        if news is not None:
            loans.tell(session, loan=loan, news=news, to=Side.BORROWER, now=now)
            reminded += 1
    return reminded


def reminder(loan: Loan, *, now: datetime) -> News | None:
    """What the borrower of a loan is reminded of today, if of anything."""
    if loan.state != State.LENT or loan.due_on is None:
        return None
    return lending.reminder(due_on=loan.due_on, today=hours.town_day(now))


def part(session: Session, *, resident: Resident, now: datetime) -> int:
    """Somebody's account goes away: what they lend, borrow or wait for ends, without a word why; returns how many."""
    theirs = (Loan.lender_id == resident.id) | (Loan.borrower_id == resident.id)
    running = select(Loan).where(theirs, Loan.state.not_in(lending.OVER)).order_by(Loan.id)
    found = session.scalars(running.with_for_update()).all()
    for place in waiting.of_resident(session, resident=resident):
        stop_waiting(session, listing=place.listing, by=resident, now=now)
    for loan in found:
        _say_goodbye(session, loan=loan, now=now)
        loans.stand(session, loan=loan, state=State.ENDED, now=now)
    return len(found)


def _say_goodbye(session: Session, *, loan: Loan, now: datetime) -> None:
    """A town that leads a loan learns that it is over, and not why."""
    bond = bonds.of(session, conversation=loan.conversation)
    if bond is not None and not bond.leads:
        said = Said(wish=Wish.END, sequence=0, terms=loan.terms)
        bonds.say(session, bond=bond, said=said, now=now, instead=True)


# --- waiting for what is lent


def wait(session: Session, *, listing: Listing, by: Resident, now: datetime) -> None:
    """Put oneself down for an offer that is promised or lent. Raises Refused (not_live, own_listing, not_lent)."""
    if not listing.is_live:
        raise Refused("not_live")
    if listing.author_id == by.id:
        raise Refused("own_listing")
    loan = loans.held(session, listings=[listing]).get(listing.id)
    if listing.direction != Direction.OFFER or loan is None or loan.borrower_id == by.id:
        raise Refused("not_lent")
    waiting.put_down(session, listing=listing, resident=by, now=now)


def stop_waiting(session: Session, *, listing: Listing, by: Resident, now: datetime) -> None:
    """Wait no longer; whose turn it was hands it on."""
    place = waiting.find(session, listing=listing, resident=by)
    if place is None:
        return
    was_told = place.told_at is not None
    waiting.take_off(session, listing=listing, resident=by)
    if was_told:
        waiting.tell_first(session, listing_id=listing.id, now=now)
