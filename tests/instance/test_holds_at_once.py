"""A loan and a booking of the same thing at the same moment, on both engines: whoever comes second is told."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import bookings, loans, suspensions
from instance.bookings import Booking
from instance.lending import Act, State
from instance.listings import Listing
from instance.loans import Loan
from instance.residents import Resident, Role
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW
from tests.instance.test_holds import FIRST, NEXT, Ladder
from tests.instance.test_loans_at_once import both
from web import stores


@pytest.fixture
def ids(home_store: stores.Store) -> dict[str, int]:
    """Ben has asked Ana for her ladder, for two weeks from tomorrow."""
    with home_store.write.begin() as session:
        town = neighbourhood.build(session)
        ladder = Ladder(town)
        asked = ladder.ask(pickup=FIRST + timedelta(days=1), days=13)
        found = {"ana": ladder.ana, "ben": ladder.ben, "cleo": ladder.cleo, "ladder": ladder.offer, "loan": asked}
        found["maud"] = town.resident(town.far, role=Role.MODERATOR, name="Maud")
        return {name: one.id for name, one in found.items()}


class Acts:
    """What each of them does."""

    def __init__(self, ids: dict[str, int]) -> None:
        self.ids = ids

    def agree(self, session: Session) -> None:
        loan, ana = session.get_one(Loan, self.ids["loan"]), session.get_one(Resident, self.ids["ana"])
        loans.agree(session, loan=loan, by=ana, terms=1, now=NOW)

    def hand_over(self, session: Session) -> None:
        loan, ana = session.get_one(Loan, self.ids["loan"]), session.get_one(Resident, self.ids["ana"])
        loans.move(session, loan=loan, act=Act.HAND_OVER, by=ana, now=NOW)

    def lend_outside(self, session: Session) -> None:
        ladder, ana = session.get_one(Listing, self.ids["ladder"]), session.get_one(Resident, self.ids["ana"])
        loans.lend_outside(session, listing=ladder, by=ana, due_on=None, now=NOW)

    def book(self, session: Session, at: datetime = NEXT) -> None:
        ladder, cleo = session.get_one(Listing, self.ids["ladder"]), session.get_one(Resident, self.ids["cleo"])
        bookings.book(session, listing=ladder, by=cleo, starts_at=at, now=NOW)

    def book_today(self, session: Session) -> None:
        self.book(session, FIRST)

    def suspend(self, session: Session) -> None:
        ana, maud = session.get_one(Resident, self.ids["ana"]), session.get_one(Resident, self.ids["maud"])
        suspensions.suspend(session, resident=ana, reason="parce que", by=maud, now=NOW)


def held(store: stores.Store) -> tuple[list[str], int]:
    """How the loans stand, and how much is booked."""
    with store.read() as session:
        states = session.scalars(select(Loan.state).order_by(Loan.id)).all()
        return list(states), len(session.scalars(select(Booking.id)).all())


def test_what_is_just_being_promised_is_not_booked(home_store: stores.Store, ids: dict[str, int]) -> None:
    acts = Acts(ids)
    assert both(home_store, acts.agree, acts.book) == "slot_taken"
    assert held(home_store) == ([State.AGREED], 0)


def test_what_is_just_being_booked_is_not_promised(home_store: stores.Store, ids: dict[str, int]) -> None:
    acts = Acts(ids)
    assert both(home_store, acts.book, acts.agree) == "booked_meanwhile"
    assert held(home_store) == ([State.ASKED], 1)


def test_what_is_just_lent_elsewhere_is_not_booked(home_store: stores.Store, ids: dict[str, int]) -> None:
    acts = Acts(ids)
    assert both(home_store, acts.lend_outside, acts.book) == "slot_taken"
    assert held(home_store) == ([State.ASKED, State.OUTSIDE], 0)


def test_what_is_just_being_booked_is_not_lent_elsewhere(home_store: stores.Store, ids: dict[str, int]) -> None:
    acts = Acts(ids)
    assert both(home_store, acts.book, acts.lend_outside) == "booked_meanwhile"
    assert held(home_store) == ([State.ASKED], 1)


def test_what_is_just_being_booked_is_not_handed_over_before_its_time(
    home_store: stores.Store, ids: dict[str, int]
) -> None:
    acts = Acts(ids)
    with home_store.write.begin() as session:
        acts.agree(session)
    assert both(home_store, acts.book_today, acts.hand_over) == "booked_meanwhile"
    assert held(home_store) == ([State.AGREED], 1)


def test_what_is_just_handed_over_before_its_time_is_not_booked(home_store: stores.Store, ids: dict[str, int]) -> None:
    acts = Acts(ids)
    with home_store.write.begin() as session:
        acts.agree(session)
    assert both(home_store, acts.hand_over, acts.book_today) == "slot_taken"
    assert held(home_store) == ([State.LENT], 0)


@pytest.mark.parametrize("first", [True, False])
def test_a_suspension_and_a_yes_never_wait_for_each_other(
    home_store: stores.Store, ids: dict[str, int], first: bool
) -> None:
    """Both hold the notice before the loan."""
    acts = Acts(ids)
    order = (acts.suspend, acts.agree) if first else (acts.agree, acts.suspend)
    # SQLite lets the second begin when the first is through; PostgreSQL lets it wait where it needs the rows.
    assert both(home_store, *order) in ({"suspended", "loan_moved"} if first else {"done"})
    assert held(home_store) == ([State.ENDED], 0)
