"""Two sessions at the same moment, on both engines: one promise, one step, one place in the line."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import conversations, hours, loan_calendar, loans
from instance.audience import Audience
from instance.base import Refused
from instance.lending import Act, State
from instance.listings import Listing
from instance.loans import Loan
from instance.residents import Resident
from instance.waiting import Waiter
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW
from web import stores

PICKUP = NOW + timedelta(days=1)


@pytest.fixture
def people(home_store: stores.Store) -> dict[str, int]:
    """Ana offers a ladder, Ben and Cleo have each asked for it; the ids of everything."""
    with home_store.write.begin() as session:
        town = neighbourhood.build(session)
        found = {name: town.resident(town.lilas, name=name.title()) for name in ("ana", "ben", "cleo")}
        ladder = town.offer(found["ana"], Audience.BUILDING)
        asked = {}
        for name in ("ben", "cleo"):
            talk = conversations.answer(session, listing=ladder, by=found[name], body="Bonjour.", now=NOW)
            terms = {"pickup_at": PICKUP, "due_on": hours.town_day(PICKUP), "place": ""}
            asked[f"{name}'s"] = loans.ask(session, conversation=talk, by=found[name], now=NOW, **terms)
        return {name: one.id for name, one in {**found, **asked, "ladder": ladder}.items()}


def both(store: stores.Store, first: Callable[[Session], object], second: Callable[[Session], object]) -> str:
    """Do the first and, before it is committed, the second; what became of the second."""
    said: list[str] = []
    reached = threading.Event()

    def come_second() -> None:
        try:
            with store.write() as session:
                # It may have looked at everything before the first one committed, where the engine allows it.
                reached.set()
                second(session)
                session.commit()
            said.append("done")
        except Refused as refused:
            said.append(refused.code)

    with store.write() as session:
        first(session)
        thread = threading.Thread(target=come_second)
        thread.start()
        thread.join(timeout=1)
        assert thread.is_alive(), "waits for the first one"
        session.commit()
    thread.join(timeout=30)
    (only,) = said
    return only


def agreeing(people: dict[str, int], whose: str) -> Callable[[Session], None]:
    def agree(session: Session) -> None:
        loan, ana = session.get_one(Loan, people[whose]), session.get_one(Resident, people["ana"])
        loans.agree(session, loan=loan, by=ana, terms=1, now=NOW)

    return agree


def moving(people: dict[str, int], act: Act, by: str) -> Callable[[Session], None]:
    def move(session: Session) -> None:
        loan, who = session.get_one(Loan, people["ben's"]), session.get_one(Resident, people[by])
        loans.move(session, loan=loan, act=act, by=who, now=NOW)

    return move


def states(store: stores.Store) -> list[str]:
    with store.read() as session:
        return list(session.scalars(select(Loan.state).order_by(Loan.id)))


def test_a_thing_is_promised_once(home_store: stores.Store, people: dict[str, int]) -> None:
    assert both(home_store, agreeing(people, "ben's"), agreeing(people, "cleo's")) == "lent_already"
    assert states(home_store) == [State.AGREED, State.ASKED]


def test_one_proposal_is_agreed_to_once(home_store: stores.Store, people: dict[str, int]) -> None:
    assert both(home_store, agreeing(people, "ben's"), agreeing(people, "ben's")) == "loan_moved"
    assert states(home_store) == [State.AGREED, State.ASKED]


def test_a_thing_lent_elsewhere_is_not_promised_at_the_same_moment(
    home_store: stores.Store, people: dict[str, int]
) -> None:
    def lend(session: Session) -> None:
        ladder, ana = session.get_one(Listing, people["ladder"]), session.get_one(Resident, people["ana"])
        loans.lend_outside(session, listing=ladder, by=ana, due_on=None, now=NOW)

    assert both(home_store, lend, agreeing(people, "ben's")) == "lent_already"
    assert states(home_store) == [State.ASKED, State.ASKED, State.OUTSIDE]


def test_who_takes_a_proposal_back_while_it_is_agreed_to_is_told(
    home_store: stores.Store, people: dict[str, int]
) -> None:
    assert both(home_store, moving(people, Act.CALL_OFF, "ben"), agreeing(people, "ben's")) == "loan_moved"
    assert states(home_store)[0] == State.CALLED_OFF


def test_nobody_agrees_to_terms_that_change_at_that_moment(home_store: stores.Store, people: dict[str, int]) -> None:
    def otherwise(session: Session) -> None:
        loan, ben = session.get_one(Loan, people["ben's"]), session.get_one(Resident, people["ben"])
        terms = {"pickup_at": PICKUP + timedelta(days=20), "due_on": hours.town_day(PICKUP + timedelta(days=40))}
        assert loan.conversation is not None
        loans.ask(session, conversation=loan.conversation, by=ben, place="", now=NOW, **terms)

    assert both(home_store, otherwise, agreeing(people, "ben's")) == "terms_changed"
    assert states(home_store)[0] == State.ASKED


@pytest.mark.parametrize(
    ("first", "second", "stands"),
    [
        ((Act.CALL_OFF, "ben"), (Act.HAND_OVER, "ana"), State.CALLED_OFF),
        ((Act.HAND_OVER, "ana"), (Act.CALL_OFF, "ben"), State.LENT),
        ((Act.HAND_OVER, "ana"), (Act.HAND_OVER, "ben"), State.LENT),
    ],
)
def test_of_two_steps_at_once_the_first_one_counts(
    home_store: stores.Store,
    people: dict[str, int],
    first: tuple[Act, str],
    second: tuple[Act, str],
    stands: State,
) -> None:
    with home_store.write.begin() as session:
        agreeing(people, "ben's")(session)
    assert both(home_store, moving(people, *first), moving(people, *second)) == "loan_moved"
    assert states(home_store)[0] == stands


def test_the_calendar_and_a_hand_meet_without_harm(home_store: stores.Store, people: dict[str, int]) -> None:
    late = PICKUP + timedelta(hours=1)

    def lapse(session: Session) -> None:
        assert loan_calendar.keep_time(session, now=late) == 2

    assert both(home_store, lapse, moving(people, Act.CALL_OFF, "ben")) == "loan_moved"
    assert states(home_store) == [State.LAPSED, State.LAPSED]


def test_two_clicks_are_one_place_in_the_line(home_store: stores.Store, people: dict[str, int]) -> None:
    with home_store.write.begin() as session:
        agreeing(people, "ben's")(session)

    def wait(session: Session) -> None:
        ladder, cleo = session.get_one(Listing, people["ladder"]), session.get_one(Resident, people["cleo"])
        loan_calendar.wait(session, listing=ladder, by=cleo, now=NOW)

    assert both(home_store, wait, wait) == "done"
    with home_store.read() as session:
        assert len(session.scalars(select(Waiter)).all()) == 1


def test_the_store_itself_refuses_a_second_promise(home_store: stores.Store, people: dict[str, int]) -> None:
    """Without any look of ours before: what the index is there for."""
    with home_store.write() as session:
        bens, cleos = (session.get_one(Loan, people[whose]) for whose in ("ben's", "cleo's"))
        loans._keep(session, loan=bens, state=State.AGREED, now=NOW)
        with pytest.raises(Refused, match="lent_already"):
            loans._keep(session, loan=cleos, state=State.AGREED, now=NOW)
