"""Whatever two neighbours, others and the calendar do in whatever order: nothing is promised twice or lost."""

from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule
from sqlalchemy import select

from instance import conversations, extensions, lending, listings, loan_calendar, loans, suspensions, thanks, waiting
from instance.audience import Audience
from instance.base import Refused
from instance.hours import town_day
from instance.lending import Act, News, Side, State
from instance.loans import Loan
from instance.residents import Resident, Role
from instance.thanks import Thanks
from instance.waiting import Waiter
from tests.instance import neighbourhood

pytestmark = pytest.mark.timeout(400)

PEOPLE = ("ana", "ben", "cleo", "dora")
# Written down a second time, on purpose: from where to where, and by whom; "-" is the calendar.
MOVES = {
    ("asked", "agreed"): {"other"},
    ("asked", "called_off"): {"asker"},
    ("asked", "lapsed"): {"-"},
    ("agreed", "called_off"): {"lender", "borrower"},
    ("agreed", "lent"): {"lender", "borrower"},
    ("agreed", "lapsed"): {"-"},
    ("lent", "given_back"): {"borrower"},
    ("lent", "returned"): {"lender"},
    ("given_back", "returned"): {"lender", "-"},
    ("given_back", "lent"): {"lender"},
    ("outside", "returned"): {"lender"},
}


class Lending(RuleBasedStateMachine):
    """Ana offers a ladder; Ben and Cleo write to her. Dora asks for a drill; Ana and Ben answer. All try everything."""

    held = Bundle("loans")

    @initialize(target=held)
    def settle(self):  # type: ignore[no-untyped-def]
        self.opened = neighbourhood.fresh_session()
        self.session = self.opened.__enter__()
        town = self.town = neighbourhood.build(self.session)
        self.people: dict[str, Resident] = {one: town.resident(town.lilas, name=one.title()) for one in PEOPLE}
        self.judge = town.resident(town.far, role=Role.MODERATOR, name="Maud")
        self.ladder = town.offer(self.people["ana"], Audience.BUILDING)
        words = {"title": "Une perceuse", "body": "Pour un trou.", "audience": Audience.BUILDING, "now": town.now}
        drill = listings.request(self.session, by=self.people["dora"], **words)
        pairs = [("ben", self.ladder), ("cleo", self.ladder), ("ana", drill), ("ben", drill)]
        self.talks = [
            conversations.answer(self.session, listing=listing, by=self.people[who], body="Bonjour.", now=town.now)
            for who, listing in pairs
        ]
        self.gone: set[str] = set()
        self.seen: dict[int, str] = {}
        terms = {"pickup_at": town.now + timedelta(hours=90), "due_on": town_day(town.now) + timedelta(days=9)}
        asked = [
            loans.ask(self.session, conversation=one, by=one.opener, place="", now=town.now, **terms)
            for one in self.talks
        ]
        self.watch(by="-")
        return multiple(*asked)

    def teardown(self) -> None:
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)

    # --- trying

    def tries(self, act, *, by: str) -> bool:  # type: ignore[no-untyped-def]
        """Whether it was accepted; what is refused changes nothing at all. Whoever left is signed out."""
        if by in self.gone:
            return False
        before = self.picture()
        try:
            with self.session.begin_nested():
                act()
        except Refused:
            assert self.picture() == before
            return False
        self.watch(by=by)
        return True

    def picture(self) -> list[object]:
        rows = [
            self.session.execute(select(one.__table__).order_by(one.__table__.c.id)).all()
            for one in (Loan, Thanks, Waiter)
        ]
        return [tuple(row) for found in rows for row in found]

    def watch(self, *, by: str) -> None:
        """Every loan that moved moved as it may, by whom it may."""
        self.session.flush()
        for loan in self.session.scalars(select(Loan)):
            was, now = self.seen.get(loan.id), loan.state
            if was is not None and was != now:
                assert self.roles(loan, by=by) & MOVES.get((was, now), {"gone"}), (was, now, by)
            self.seen[loan.id] = now

    def roles(self, loan: Loan, *, by: str) -> set[str]:
        if by in {"-", "gone"}:
            return {by} if by == "-" or loan.state == State.ENDED else set()
        side = loan.side(self.people[by].id)
        asker = {"asker" if side == loan.asker else "other"} if side is not None else set()
        return asker | ({side.value} if side is not None else set())

    # --- what people do

    @rule(
        target=held,
        who=some.sampled_from(PEOPLE),
        talk=some.integers(0, 3),
        hours=some.integers(-3, 100),
        days=some.integers(-1, 9),
        place=some.sampled_from(["", "Au portail"]),
    )
    def ask(self, who: str, talk: int, hours: int, days: int, place: str):  # type: ignore[no-untyped-def]
        pickup = self.town.now + timedelta(hours=hours)
        found: list[Loan] = []
        given = {"pickup_at": pickup, "due_on": town_day(pickup) + timedelta(days=days), "place": place}
        asked = self.tries(
            lambda: found.append(
                loans.ask(self.session, conversation=self.talks[talk], by=self.people[who], now=self.town.now, **given)
            ),
            by=who,
        )
        if not asked:
            return multiple()
        assert self.talks[talk].takes_part(self.people[who].id)
        assert hours > 0
        assert days >= 0
        return found[0]

    @rule(loan=held, who=some.sampled_from(PEOPLE), behind=some.sampled_from([0, 0, 0, 1]))
    def agree(self, loan: Loan, who: str, behind: int) -> None:
        person, terms = self.people[who], loan.terms - behind
        done = self.tries(
            lambda: loans.agree(self.session, loan=loan, by=person, terms=terms, now=self.town.now), by=who
        )
        if done:
            assert behind == 0
            assert loan.side(person.id) is not None
            assert loan.side(person.id) != loan.asker

    @rule(loan=held, who=some.sampled_from(PEOPLE), act=some.sampled_from(Act))
    def move(self, loan: Loan, who: str, act: Act) -> None:
        person = self.people[who]
        if self.tries(lambda: loans.move(self.session, loan=loan, act=act, by=person, now=self.town.now), by=who):
            assert loan.side(person.id) is not None

    @rule(loan=held, act=some.sampled_from([Act.GIVE_BACK, Act.GIVE_BACK, Act.CONFIRM]))
    def go_on(self, loan: Loan, act: Act) -> None:
        """Often enough by whose step it is that every state is reached."""
        side = Side.BORROWER if loan.state == State.LENT and act is Act.GIVE_BACK else Side.LENDER
        if loan.state == State.ASKED:
            side = Side(loan.asker).other
        person = loan.person(side)
        if person is None:
            return
        name = next(one for one, who in self.people.items() if who is person)
        if loan.state == State.ASKED:
            self.agree(loan=loan, who=name, behind=0)
            return
        taken = Act.HAND_OVER if loan.state == State.AGREED else act
        self.tries(lambda: loans.move(self.session, loan=loan, act=taken, by=person, now=self.town.now), by=name)

    @rule(loan=held, who=some.sampled_from(PEOPLE), days=some.sampled_from([3, 7, 30, 0, -2]))
    def wish(self, loan: Loan, who: str, days: int) -> None:
        person, due = self.people[who], loan.due_on
        if self.tries(
            lambda: extensions.wish(self.session, loan=loan, by=person, days=days, now=self.town.now), by=who
        ):
            assert loan.borrower_id == person.id
            assert loan.due_on == due

    @rule(loan=held, who=some.sampled_from(PEOPLE), right=some.booleans())
    def extend(self, loan: Loan, who: str, right: bool) -> None:
        wished = loan.wished_on if right else date(2027, 6, 30)
        person = self.people[who]
        if self.tries(
            lambda: extensions.extend(self.session, loan=loan, by=person, until=wished, now=self.town.now), by=who
        ):
            assert loan.lender_id == person.id
            assert loan.due_on == wished

    @rule(target=held, who=some.sampled_from(PEOPLE), days=some.none() | some.integers(-1, 5))
    def lend_outside(self, who: str, days: int | None):  # type: ignore[no-untyped-def]
        due = None if days is None else town_day(self.town.now) + timedelta(days=days)
        found: list[Loan] = []
        done = self.tries(
            lambda: found.append(
                loans.lend_outside(
                    self.session, listing=self.ladder, by=self.people[who], due_on=due, now=self.town.now
                )
            ),
            by=who,
        )
        assert not done or who == "ana"
        return found[0] if done else multiple()

    @rule(who=some.sampled_from(PEOPLE))
    def wait(self, who: str) -> None:
        given = {"listing": self.ladder, "by": self.people[who], "now": self.town.now}
        if self.tries(lambda: loan_calendar.wait(self.session, **given), by=who):
            assert who != "ana"

    @rule(who=some.sampled_from(PEOPLE))
    def stop_waiting(self, who: str) -> None:
        given = {"listing": self.ladder, "by": self.people[who], "now": self.town.now}
        self.tries(lambda: loan_calendar.stop_waiting(self.session, **given), by=who)

    @rule(loan=held, who=some.sampled_from(PEOPLE))
    def thank(self, loan: Loan, who: str) -> None:
        person = self.people[who]
        side = loan.side(person.id)
        if self.tries(lambda: thanks.say(self.session, loan=loan, by=person, words="Merci", now=self.town.now), by=who):
            assert loan.state == State.RETURNED
            assert side is not None
            said = thanks.said(self.session, loan=loan, by=side)
            assert said is not None
            assert said.words == "Merci"

    # --- what time and moderators do

    @rule(hours=some.integers(1, 130))
    def pass_time(self, hours: int) -> None:
        self.town.later(hours=hours)
        loan_calendar.keep_time(self.session, now=self.town.now)
        self.watch(by="-")
        again = self.picture()
        loan_calendar.keep_time(self.session, now=self.town.now)
        # Who was told just now has a turn of their own; nothing else is left to do.
        assert self.picture() == again

    @rule(who=some.sampled_from(["cleo", "ben"]), really=some.sampled_from([False, False, False, True]))
    def leave(self, who: str, *, really: bool) -> None:
        if who in self.gone or not really:
            return
        self.gone.add(who)
        suspensions.suspend(
            self.session, resident=self.people[who], reason="Pour l’essai.", by=self.judge, now=self.town.now
        )
        self.watch(by="gone")

    # --- what always holds

    @invariant()
    def one_thing_has_one_borrower(self) -> None:
        if not hasattr(self, "session"):
            return
        held = [(one.listing_id, one.lender_id) for one in self.session.scalars(select(Loan)) if one.is_held]
        assert len(held) == len(set(held))

    @invariant()
    def one_conversation_has_one_loan_under_way(self) -> None:
        if not hasattr(self, "session"):
            return
        busy = select(Loan.conversation_id).where(Loan.conversation_id.is_not(None), Loan.state.in_(lending.UNDER_WAY))
        found = list(self.session.scalars(busy))
        assert len(found) == len(set(found))

    @invariant()
    def who_waits_is_told_when_it_is_there_and_not_before(self) -> None:
        if not hasattr(self, "session"):
            return
        line = self.session.scalars(select(Waiter)).all()
        told = [one for one in line if one.told_at is not None]
        if loans.held(self.session, listings=[self.ladder]):
            assert told == []
        elif line and self.ladder.is_live:
            assert told == line[:1]

    @invariant()
    def whoever_left_holds_nothing(self) -> None:
        for name in getattr(self, "gone", ()):
            person = self.people[name]
            mine = self.session.scalars(
                select(Loan).where((Loan.lender_id == person.id) | (Loan.borrower_id == person.id))
            )
            assert {one.state for one in mine} <= set(lending.OVER)
            assert waiting.of_resident(self.session, resident=person) == []


TestLending = Lending.TestCase
TestLending.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


# --- the table of steps by itself


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("state", lending.OVER)
def test_what_is_over_stays_over(state: State, act: Act) -> None:
    for side in Side:
        with pytest.raises(Refused):
            lending.step(state, act, by=side, asker=side)


def test_what_is_out_of_the_house_comes_back_by_its_lenders_word_alone() -> None:
    ways = {
        (state, act): sides
        for (state, act), (sides, after) in lending.STEPS.items()
        if state in lending.OUT and after not in lending.OUT
    }
    assert ways
    assert set(ways.values()) == {frozenset({Side.LENDER})}


def test_there_is_no_step_that_says_no() -> None:
    for side in Side:
        for act in set(Act) - {Act.AGREE}:
            with pytest.raises(Refused):
                lending.step(State.ASKED, act, by=side.other, asker=side)


@pytest.mark.parametrize(
    ("days", "news"),
    [(-2, None), (-1, News.EVE), (0, News.DAY), (1, None), (2, None), (3, News.AFTER), (6, News.AFTER), (7, None)],
)
def test_a_borrower_is_reminded_three_times(days: int, news: News | None) -> None:
    due = date(2027, 3, 28)  # the clocks change
    assert lending.reminder(due_on=due, today=due + timedelta(days=days)) is news
