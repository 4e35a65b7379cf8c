"""One thing is held once: what is lent is not booked in that time, what is booked is not lent, in whatever order."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from instance import bookings, conversations, extensions, far_loans, holds, hours, loan_calendar, loans, openings
from instance.audience import Audience
from instance.base import Refused
from instance.bookings import Booking, Phase
from instance.far_loans import Offered
from instance.hours import TOWN_TIME
from instance.lending import OUT, Act, State
from instance.listings import Listing
from instance.loans import Loan
from instance.residents import Resident
from instance.slots import Window
from tests.instance import neighbourhood
from tests.instance.far_town import Towns
from tests.instance.neighbourhood import NOW, Neighbourhood

# NOW is a Tuesday, ten in the morning; what is free then is free on that evening and a week later.
TUESDAYS = Window(weekday=1, begins=18 * 60, ends=20 * 60, minutes=60, first=NOW.date())
DAILY = [Window(weekday=n, begins=18 * 60, ends=20 * 60, minutes=60, first=NOW.date()) for n in range(7)]
FIRST = datetime(2027, 5, 11, 18, tzinfo=TOWN_TIME)
NEXT = FIRST + timedelta(days=7)


class Ladder:
    """Ana's ladder can be had on Tuesday evenings; Ben writes to her about it, Cleo books."""

    def __init__(self, town: Neighbourhood, *windows: Window) -> None:
        self.town = town
        self.ana, self.ben, self.cleo = (town.resident(town.lilas, name=name) for name in ("Ana", "Ben", "Cleo"))
        self.offer: Listing = town.offer(self.ana, Audience.BUILDING)
        for one in windows or (TUESDAYS,):
            openings.add(town.session, listing=self.offer, by=self.ana, window=one, place="Le hall", now=town.now)
        self.talk = conversations.answer(town.session, listing=self.offer, by=self.ben, body="Bonjour.", now=town.now)

    def ask(self, *, pickup: datetime, days: int) -> Loan:
        terms = {"pickup_at": pickup, "due_on": hours.town_day(pickup) + timedelta(days=days), "place": ""}
        return loans.ask(self.town.session, conversation=self.talk, by=self.ben, now=self.town.now, **terms)

    def agree(self, loan: Loan) -> None:
        loans.agree(self.town.session, loan=loan, by=self.ana, terms=loan.terms, now=self.town.now)

    def move(self, loan: Loan, act: Act) -> None:
        loans.move(self.town.session, loan=loan, act=act, by=self.ana, now=self.town.now)

    def promise(self, *, pickup: datetime, days: int) -> Loan:
        loan = self.ask(pickup=pickup, days=days)
        self.agree(loan)
        return loan

    def outside(self, due_on: date | None) -> Loan:
        given = {"listing": self.offer, "by": self.ana, "due_on": due_on, "now": self.town.now}
        return loans.lend_outside(self.town.session, **given)

    def book(self, at: datetime, by: Resident | None = None) -> Booking:
        given = {"listing": self.offer, "by": by or self.cleo, "starts_at": at, "now": self.town.now}
        return bookings.book(self.town.session, **given)

    def free(self) -> list[datetime]:
        found = bookings.choices(self.town.session, listing=self.offer, by=self.cleo, now=self.town.now)
        return [one.slot.starts_at for one in found if one.free]


@pytest.fixture
def ladder(stored_town: Neighbourhood) -> Ladder:
    return Ladder(stored_town)


def test_what_is_promised_cannot_be_booked_in_that_time_and_can_before_and_after(ladder: Ladder) -> None:
    ladder.promise(pickup=FIRST + timedelta(minutes=70), days=3)
    assert ladder.free() == [FIRST, NEXT, NEXT + timedelta(hours=1)]
    with pytest.raises(Refused, match="slot_taken"):
        ladder.book(FIRST + timedelta(hours=1))
    assert ladder.book(FIRST)
    assert ladder.book(NEXT)


@pytest.mark.parametrize(("days", "free"), [(6, 2), (7, 0)])
def test_the_day_on_which_it_is_due_is_lent_to_its_end(ladder: Ladder, days: int, free: int) -> None:
    loan = ladder.promise(pickup=FIRST - timedelta(hours=1), days=days)
    ladder.move(loan, Act.HAND_OVER)
    assert len(ladder.free()) == free


def test_what_is_overdue_has_no_free_time_until_it_is_back(ladder: Ladder) -> None:
    loan = ladder.promise(pickup=FIRST - timedelta(hours=1), days=3)
    ladder.move(loan, Act.HAND_OVER)
    ladder.town.later(days=4)
    assert ladder.free() == []
    with pytest.raises(Refused, match="slot_taken"):
        ladder.book(NEXT)
    ladder.move(loan, Act.CONFIRM)
    assert NEXT in ladder.free()
    assert ladder.book(NEXT)


def test_what_is_called_off_is_free_again(ladder: Ladder) -> None:
    before = ladder.free()
    loan = ladder.promise(pickup=FIRST - timedelta(hours=1), days=8)
    assert ladder.free() == []
    ladder.move(loan, Act.CALL_OFF)
    assert ladder.free() == before


def test_what_is_booked_is_promised_to_nobody_else_in_that_time(ladder: Ladder) -> None:
    asked = ladder.ask(pickup=FIRST - timedelta(hours=1), days=8)
    made = ladder.book(NEXT)
    for refused in (
        lambda: ladder.agree(asked),
        lambda: ladder.ask(pickup=FIRST + timedelta(days=1), days=8),
        lambda: ladder.outside(None),
        lambda: ladder.outside(hours.town_day(NEXT)),
    ):
        with pytest.raises(Refused, match="booked_meanwhile"):
            refused()
    assert asked.state == State.ASKED
    bookings.cancel(ladder.town.session, booking=made, by=ladder.ana, now=ladder.town.now)
    ladder.agree(asked)
    assert asked.state == State.AGREED


def test_between_what_is_booked_it_is_lent(ladder: Ladder) -> None:
    ladder.book(FIRST)
    ladder.book(NEXT)
    assert ladder.promise(pickup=FIRST + timedelta(hours=1), days=6).state == State.AGREED


def test_what_its_borrower_booked_may_be_the_pick_up(ladder: Ladder) -> None:
    ladder.book(FIRST, by=ladder.ben)
    assert ladder.promise(pickup=FIRST, days=2).state == State.AGREED


def test_handing_over_earlier_than_agreed_takes_nothing_from_whoever_booked_it_before(ladder: Ladder) -> None:
    loan = ladder.promise(pickup=NEXT, days=2)
    made = ladder.book(FIRST)
    with pytest.raises(Refused, match="booked_meanwhile"):
        ladder.move(loan, Act.HAND_OVER)
    ladder.town.now = made.ends_at
    ladder.move(loan, Act.HAND_OVER)
    assert loan.state == State.LENT


def test_it_is_not_kept_longer_than_until_somebody_has_booked_it(ladder: Ladder) -> None:
    loan = ladder.promise(pickup=FIRST - timedelta(hours=1), days=5)
    ladder.move(loan, Act.HAND_OVER)
    ladder.book(NEXT)
    given = {"loan": loan, "now": ladder.town.now}
    extensions.wish(ladder.town.session, by=ladder.ben, days=3, **given)
    with pytest.raises(Refused, match="booked_meanwhile"):
        extensions.extend(ladder.town.session, by=ladder.ana, until=loan.wished_on, **given)
    assert loan.due_on == hours.town_day(FIRST) + timedelta(days=5)


def test_a_proposal_from_another_town_for_a_time_that_is_booked_is_over_before_it_began() -> None:
    towns = Towns().open()
    try:
        home = towns.places["home"]
        cleo = home.resident(home.lilas, name="Cleo")
        given = {"listing": towns.ladder, "now": towns.now}
        openings.add(home.session, by=towns.people["home"], window=TUESDAYS, place="Le hall", **given)
        made = bookings.book(home.session, by=cleo, starts_at=NEXT, **given)
        asked = {"conversation": towns.talks["east", "east"], "by": towns.people["east"], "now": towns.now}
        far_loans.ask(towns.places["east"].session, **asked, **towns.terms(in_hours=48, days=8))
        towns.gather("east")
        towns.settle()
        assert {towns.loan(town, "east").state for town in ("home", "east")} == {State.LAPSED}
        bookings.cancel(home.session, booking=made, by=cleo, now=towns.now)
        far_loans.ask(towns.places["east"].session, **asked, **towns.terms(in_hours=48, days=8))
        towns.gather("east")
        towns.settle()
        loan = towns.loan("home", "east")
        loans.agree(home.session, loan=loan, by=towns.people["home"], terms=loan.terms, now=towns.now)
        with pytest.raises(Refused, match="slot_taken"):
            bookings.book(home.session, by=cleo, starts_at=NEXT, **given)
    finally:
        towns.close()


def test_an_offer_that_names_no_day_waits_until_nothing_is_booked() -> None:
    """As other software sends it: it is not turned away, and not agreed to over the head of whoever booked."""
    towns = Towns().open()
    try:
        home = towns.places["home"]
        cleo = home.resident(home.lilas, name="Cleo")
        given = {"listing": towns.ladder, "now": towns.now}
        openings.add(home.session, by=towns.people["home"], window=TUESDAYS, place="Le hall", **given)
        made = bookings.book(home.session, by=cleo, starts_at=NEXT, **given)
        letter = towns.letter("east", thread="east", uri="https://east.example/offers/1")
        assert far_loans.hear(home.session, offered=Offered(letter=letter), listing=towns.ladder, now=towns.now)
        loan = towns.loan("home", "east")
        agreed = {"loan": loan, "by": towns.people["home"], "terms": loan.terms, "now": towns.now}
        with pytest.raises(Refused, match="booked_meanwhile"):
            loans.agree(home.session, **agreed)
        bookings.cancel(home.session, booking=made, by=cleo, now=towns.now)
        loans.agree(home.session, **agreed)
        assert loan.state == State.AGREED
    finally:
        towns.close()


# --- whatever happens in whatever order

HOURS = st.integers(1, 24 * 12)


class Holding(RuleBasedStateMachine):
    """Ben and Dora would borrow, Cleo and Ben book, Ana lends elsewhere; time passes."""

    @initialize()
    def settle(self) -> None:
        self.opened = neighbourhood.fresh_session()
        session = self.opened.__enter__()
        self.ladder = Ladder(neighbourhood.build(session), *DAILY)
        self.town = self.ladder.town
        dora = self.town.resident(self.town.lilas, name="Dora")
        given = {"listing": self.ladder.offer, "body": "Bonjour.", "now": self.town.now}
        self.talks = [self.ladder.talk, conversations.answer(session, by=dora, **given)]
        self.bookers = [self.ladder.ben, self.ladder.cleo, dora]

    def teardown(self) -> None:
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)

    def tries(self, act) -> bool:  # type: ignore[no-untyped-def]
        try:
            with self.town.session.begin_nested():
                act()
        except Refused:
            return False
        return True

    def _loans(self) -> list[Loan]:
        return list(self.town.session.scalars(select(Loan).order_by(Loan.id)))

    @rule(talk=st.integers(0, 1), ahead=HOURS, days=st.integers(0, 9), agreed=st.booleans())
    def ask(self, talk: int, ahead: int, days: int, agreed: bool) -> None:
        pickup, one = self.town.now + timedelta(hours=ahead), self.talks[talk]
        terms = {"pickup_at": pickup, "due_on": hours.town_day(pickup) + timedelta(days=days), "place": ""}
        given = {"conversation": one, "by": one.opener, "now": self.town.now}
        if self.tries(lambda: loans.ask(self.town.session, **given, **terms)) and agreed:
            self.agree(talk=talk)

    @rule(talk=st.integers(0, 1))
    def agree(self, talk: int) -> None:
        loan = loans.last_in(self.town.session, conversation=self.talks[talk])
        if loan is not None:
            self.tries(lambda: self.ladder.agree(loan))

    @rule(which=st.integers(0, 3), act=st.sampled_from([Act.HAND_OVER, Act.HAND_OVER, Act.CALL_OFF, Act.CONFIRM]))
    def move(self, which: int, act: Act) -> None:
        found = self._loans()[::-1]
        if which < len(found):
            self.tries(lambda: self.ladder.move(found[which], act))

    @rule(days=st.sampled_from([3, 7]))
    def keep_longer(self, days: int) -> None:
        lent = next((one for one in self._loans() if one.state == State.LENT), None)
        if lent is None or lent.borrower is None:
            return
        given = {"loan": lent, "now": self.town.now}
        self.tries(lambda: extensions.wish(self.town.session, by=lent.borrower, days=days, **given))
        self.tries(lambda: extensions.extend(self.town.session, by=self.ladder.ana, until=lent.wished_on, **given))

    @rule(days=st.none() | st.integers(0, 6))
    def lend_outside(self, days: int | None) -> None:
        due = None if days is None else hours.town_day(self.town.now) + timedelta(days=days)
        self.tries(lambda: self.ladder.outside(due))

    @rule(who=st.integers(0, 2), which=st.integers(0, 27))
    def book(self, who: int, which: int) -> None:
        slots = openings.slots_of(self.town.session, listing=self.ladder.offer, now=self.town.now)
        shown = bookings.choices(self.town.session, listing=self.ladder.offer, by=self.bookers[who], now=self.town.now)
        overdue = any(span.ends_at is None for span in self._spans())
        slot = slots[which % len(slots)]
        done = self.tries(lambda: self.ladder.book(slot.starts_at, by=self.bookers[who]))
        if done and all(one.mine is None for one in shown):
            assert next(one.free for one in shown if one.slot == slot), "only what was shown as free"
            assert not overdue

    @rule(who=st.integers(0, 2))
    def book_what_is_promised(self, who: int) -> None:
        """Often enough a slot is tried in the very time of a loan."""
        slots = openings.slots_of(self.town.session, listing=self.ladder.offer, now=self.town.now)
        spans = self._spans()
        inside = [n for n, one in enumerate(slots) if spans and spans[0].starts_at <= one.starts_at]
        if inside:
            self.book(who=who, which=inside[0])

    @rule(talk=st.integers(0, 1))
    def lend_what_is_booked(self, talk: int) -> None:
        wanted = select(Booking).where(Booking.state == "booked", Booking.starts_at > self.town.now)
        booked = self.town.session.scalars(wanted.order_by(Booking.starts_at)).first()
        if booked is not None:
            ahead = (booked.starts_at - self.town.now) / timedelta(hours=1)
            self.ask(talk=talk, ahead=max(1, int(ahead)), days=1, agreed=True)

    @rule(which=st.integers(0, 3))
    def cancel(self, which: int) -> None:
        found = self.town.session.scalars(select(Booking).order_by(Booking.id.desc())).all()
        if which < len(found):
            given = {"booking": found[which], "by": self.ladder.ana, "now": self.town.now}
            self.tries(lambda: bookings.cancel(self.town.session, **given))

    @rule(ahead=st.integers(1, 90))
    def wait(self, ahead: int) -> None:
        self.town.later(hours=ahead)
        loan_calendar.keep_time(self.town.session, now=self.town.now)

    def _spans(self) -> list[holds.Span]:
        return list(holds.lent(self.town.session, listing_id=self.ladder.offer.id, now=self.town.now))

    @invariant()
    def the_ladder_is_in_one_place(self) -> None:
        """Written down a second time, on purpose: what is promised until a day is nobody else's before it ends."""
        if not hasattr(self, "opened"):
            return
        booked = [one for one in self.town.session.scalars(select(Booking)) if one.phase(self.town.now) is Phase.BOOKED]
        held = [one for one in self._loans() if one.is_held]
        assert len(held) <= 1
        for loan in held:
            others = [one for one in booked if one.conversation_id != loan.conversation_id]
            assert not [one for one in others if self._clash(loan, one)]

    def _clash(self, loan: Loan, booking: Booking) -> bool:
        if loan.state not in OUT and loan.pickup_at is not None and booking.ends_at <= loan.pickup_at:
            return False
        return loan.due_on is None or hours.town_day(booking.starts_at) <= loan.due_on


Holding.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestHolding = Holding.TestCase
