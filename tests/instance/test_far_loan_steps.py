"""Two towns and one ladder: whatever is done, lost, doubled or late, all end with the same loan, promised once."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from instance import extensions, far_loans, lending, loan_calendar, loans, notices, partings
from instance.base import Refused
from instance.bonds import Told, Wish
from instance.lending import Act, Side, State
from tests.instance.far_town import Towns

pytestmark = pytest.mark.timeout(500)

THREADS = some.sampled_from(["east", "west"])


class FarLending(RuleBasedStateMachine):
    """Ana, Ben and Cleo try everything at once; letters arrive in any order, several times, late, or never."""

    @initialize()
    def begin(self) -> None:
        self.towns = Towns().open()
        self.seen: Counter[str] = Counter()
        self.last: dict[str, str] = {}

    def teardown(self) -> None:
        if not hasattr(self, "towns"):
            return
        try:
            self._end()
        finally:
            self.towns.close()

    def _end(self) -> None:
        self.towns.settle()
        for thread in ("east", "west"):
            there, here = self.towns.picture("home", thread), self.towns.picture(thread, thread)
            assert there == here, thread
            bond = self.towns.bond(thread, thread)
            assert bond is None or bond.wish is None or there is None

    def tries(self, town: str, act) -> None:  # type: ignore[no-untyped-def]
        session = self.towns.places[town].session
        try:
            with session.begin_nested():
                act(session)
        except Refused:
            self.seen["refused"] += 1
        else:
            self.towns.gather(town)

    # --- what people do

    @rule(thread=THREADS, who=some.booleans(), hours=some.integers(1, 90), days=some.integers(0, 9))
    def ask(self, thread: str, who: bool, hours: int, days: int) -> None:
        town = "home" if who else thread
        given = {"conversation": self.towns.talks[town, thread], "by": self.towns.people[town], "now": self.towns.now}
        self.tries(town, lambda session: far_loans.ask(session, **given, **self.towns.terms(in_hours=hours, days=days)))

    @rule(thread=THREADS, act=some.sampled_from(list(Act)))
    def lender_acts(self, thread: str, act: Act) -> None:
        loan = self.towns.loan("home", thread)
        if loan is None:
            return
        given = {"loan": loan, "by": self.towns.people["home"], "now": self.towns.now}
        if act is Act.AGREE:
            self.tries("home", lambda session: loans.agree(session, terms=loan.terms, **given))
        else:
            self.tries("home", lambda session: loans.move(session, act=act, **given))

    @rule(thread=THREADS)
    def lender_extends(self, thread: str) -> None:
        loan = self.towns.loan("home", thread)
        if loan is not None:
            given = {"loan": loan, "by": self.towns.people["home"], "now": self.towns.now}
            self.tries("home", lambda session: extensions.extend(session, until=loan.wished_on, **given))

    @rule(thread=THREADS, wish=some.sampled_from([one for one in Wish if one not in {Wish.ASK, Wish.END}]))
    def borrower_wishes(self, thread: str, wish: Wish) -> None:
        loan = self.towns.loan(thread, thread)
        if loan is None:
            return
        day = loan.due_on + timedelta(days=3) if loan.due_on is not None and wish is Wish.LONGER else None
        given = {"loan": loan, "by": self.towns.people[thread], "wish": wish, "day": day, "now": self.towns.now}
        self.tries(thread, lambda session: far_loans.wish(session, **given))

    @rule()
    def ladder_is_withdrawn(self) -> None:
        # Rarely: afterwards nothing new begins.
        self.seen["withdrawals"] += 1
        if self.seen["withdrawals"] == 4:
            given = {"notice": self.towns.ladder, "by": self.towns.people["home"], "now": self.towns.now}
            self.tries("home", lambda session: notices.withdraw(session, **given))

    # --- what time and the wire do

    @rule(hours=some.integers(1, 80))
    def time_passes(self, hours: int) -> None:
        self.towns.now += timedelta(hours=hours)
        for town in self.towns.places:
            session = self.towns.places[town].session
            loan_calendar.keep_time(session, now=self.towns.now)
            far_loans.turn_away(session, now=self.towns.now)
            self.towns.gather(town)

    @rule(place=some.integers(0, 9), again=some.booleans())
    def a_letter_arrives(self, place: int, again: bool) -> None:
        if not self.towns.bag:
            return
        place %= len(self.towns.bag)
        parcel = self.towns.bag[place] if again else self.towns.bag.pop(place)
        self.towns.deliver(parcel)

    @rule(place=some.integers(0, 9))
    def an_overtaken_letter_is_lost(self, place: int) -> None:
        """For good. What its town says last is sent until it arrives: that is the engine's promise."""
        place %= max(1, len(self.towns.bag))
        if place < len(self.towns.bag) and self._is_overtaken(place):
            self.towns.bag.pop(place)

    def _is_overtaken(self, place: int) -> bool:
        parcel = self.towns.bag[place]
        mark = _mark(parcel.word)
        same = [one for one in self.towns.bag if one.to == parcel.to and one.thread == parcel.thread]
        return any(_mark(one.word) > mark for one in same)

    # --- what always holds

    @invariant()
    def the_ladder_is_promised_once(self) -> None:
        if not hasattr(self, "towns"):
            return
        home = [self.towns.loan("home", one) for one in ("east", "west")]
        assert sum(one is not None and one.state in lending.HELD for one in home) <= 1

    @invariant()
    def nobody_is_promised_what_was_never_promised(self) -> None:
        """A borrower's town shows a promise only of a loan that the lender's promised."""
        if not hasattr(self, "towns"):
            return
        for thread in ("east", "west"):
            mine, theirs = self.towns.loan(thread, thread), self.towns.loan("home", thread)
            if theirs is not None and theirs.state in lending.HELD:
                self.last[thread] = str(theirs.public_id)
            if mine is not None and mine.state in lending.HELD:
                assert theirs is not None
                assert self.last.get(thread) == str(mine.public_id)
            if mine is not None:
                assert mine.side(self.towns.people[thread].id) is Side.BORROWER


def _mark(word: object) -> int:
    return word.version if isinstance(word, Told) else word.sequence  # type: ignore[union-attr]


FarLending.TestCase.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
test_both_towns_end_equal = FarLending.TestCase


@pytest.fixture
def towns():
    made = Towns().open()
    yield made
    made.close()


def test_one_loan_from_the_question_to_the_ladder_back(towns: Towns) -> None:
    east, home = towns.places["east"].session, towns.places["home"].session
    ben, ana = towns.people["east"], towns.people["home"]

    def step(who: str, act: Act | Wish) -> None:
        if who == "ana":
            loans.move(home, loan=towns.loan("home", "east"), act=act, by=ana, now=towns.now)
            towns.gather("home")
        else:
            far_loans.wish(east, loan=towns.loan("east", "east"), wish=act, by=ben, now=towns.now)
            towns.gather("east")
        towns.settle()
        assert towns.picture("home", "east") == towns.picture("east", "east")

    far_loans.ask(east, conversation=towns.talks["east", "east"], by=ben, now=towns.now, **towns.terms())
    towns.gather("east")
    towns.settle()
    assert towns.loan("home", "east").state == State.ASKED
    loans.agree(home, loan=towns.loan("home", "east"), by=ana, terms=1, now=towns.now)
    towns.gather("home")
    towns.settle()
    assert towns.loan("east", "east").state == State.AGREED
    step("ben", Wish.HAND_OVER)
    assert towns.loan("home", "east").state == State.LENT
    far_loans.wish(
        east,
        loan=towns.loan("east", "east"),
        wish=Wish.LONGER,
        by=ben,
        day=towns.loan("east", "east").due_on + timedelta(days=3),
        now=towns.now,
    )
    towns.gather("east")
    towns.settle()
    wished = towns.loan("home", "east").wished_on
    extensions.extend(home, loan=towns.loan("home", "east"), by=ana, until=wished, now=towns.now)
    towns.gather("home")
    towns.settle()
    assert towns.loan("east", "east").due_on == wished
    step("ben", Wish.GIVE_BACK)
    step("ana", Act.MISS)
    step("ben", Wish.GIVE_BACK)
    step("ana", Act.CONFIRM)
    assert towns.loan("east", "east").state == State.RETURNED


def agreed(towns: Towns) -> None:
    """Ana and Ben have agreed, and both towns know."""
    home, ana = towns.places["home"].session, towns.people["home"]
    far_loans.ask(home, conversation=towns.talks["home", "east"], by=ana, now=towns.now, **towns.terms())
    towns.gather("home")
    towns.settle()
    _wish(towns, Wish.AGREE)
    towns.settle()
    assert towns.loan("home", "east").state == towns.loan("east", "east").state == State.AGREED


def _wish(towns: Towns, wish: Wish) -> None:
    """Ben's, on its way."""
    given = {"loan": towns.loan("east", "east"), "by": towns.people["east"], "now": towns.now}
    far_loans.wish(towns.places["east"].session, wish=wish, **given)
    towns.gather("east")


def _leave(towns: Towns, town: str) -> None:
    session, talk = towns.places[town].session, towns.talks[town, "east"]
    partings.leave(session, conversation=talk, by=towns.people[town], now=towns.now)
    towns.gather(town)


@pytest.mark.parametrize("town", ["home", "east"])
def test_who_leaves_a_conversation_with_another_town_lets_nobody_wait(towns: Towns, town: str) -> None:
    agreed(towns)
    _leave(towns, town)
    towns.settle()
    assert {towns.loan(one, "east").state for one in ("home", "east")} == {State.CALLED_OFF}


@pytest.mark.parametrize("arrives", ["both", "late", "never"])
def test_a_yes_that_is_on_its_way_is_followed_by_its_end(towns: Towns, arrives: str) -> None:
    home, ana = towns.places["home"].session, towns.people["home"]
    far_loans.ask(home, conversation=towns.talks["home", "east"], by=ana, now=towns.now, **towns.terms())
    towns.gather("home")
    towns.settle()
    _wish(towns, Wish.AGREE)
    _leave(towns, "east")
    yes, _ = towns.bag
    if arrives != "both":
        towns.bag.remove(yes)
    towns.settle()
    if arrives == "late":
        towns.deliver(yes)
        towns.settle()
    left = State.CALLED_OFF if arrives == "both" else State.ASKED
    assert {towns.loan(one, "east").state for one in ("home", "east")} == {left}


def test_an_account_that_goes_while_a_wish_is_on_its_way_ends_its_loan_in_both_towns(towns: Towns) -> None:
    agreed(towns)
    _wish(towns, Wish.HAND_OVER)
    loan_calendar.part(towns.places["east"].session, resident=towns.people["east"], now=towns.now)
    towns.gather("east")
    towns.settle()
    assert {towns.loan(one, "east").state for one in ("home", "east")} == {State.ENDED}


@pytest.mark.parametrize("town", ["home", "east"])
def test_what_changed_hands_between_two_towns_is_owed_whoever_leaves(towns: Towns, town: str) -> None:
    agreed(towns)
    _wish(towns, Wish.HAND_OVER)
    if town == "home":
        towns.settle()
    _leave(towns, town)
    towns.settle()
    assert {towns.loan(one, "east").state for one in ("home", "east")} == {State.LENT}


def test_a_yes_to_what_went_to_somebody_else_meanwhile_promises_nothing(towns: Towns) -> None:
    home, ana = towns.places["home"].session, towns.people["home"]
    for name in ("east", "west"):
        far_loans.ask(home, conversation=towns.talks["home", name], by=ana, now=towns.now, **towns.terms())
    towns.gather("home")
    towns.settle()
    for name in ("east", "west"):
        session, loan = towns.places[name].session, towns.loan(name, name)
        far_loans.wish(session, loan=loan, wish=Wish.AGREE, by=towns.people[name], now=towns.now)
        assert loan.state == State.ASKED
        towns.gather(name)
    towns.settle()
    assert [towns.loan(name, name).state for name in ("east", "west")] == [State.AGREED, State.ASKED]
    assert far_loans.turn_away(home, now=towns.now) == 1
    towns.gather("home")
    towns.settle()
    assert towns.loan("west", "west").state == State.LAPSED
