"""How a lent thing was: shown by its two, kept once the other one may rely on it, gone with the loan."""

import os
import tempfile
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from instance import conditions, forgetting, lending, loan_calendar, loans, photos, storage, suspensions, thanks
from instance.base import Refused
from instance.conditions import Condition, Moment
from instance.lending import Act, Side, State
from instance.residents import Role
from instance.thanks import Thanks
from tests.instance import lent, neighbourhood
from tests.instance.lent import Lent
from tests.instance.neighbourhood import Neighbourhood

PEOPLE = ("ana", "ben", "cleo")
BACK = (("ana", Act.HAND_OVER), ("ana", Act.CONFIRM))


@pytest.fixture
def ladder(stored_town: Neighbourhood, tmp_path: Path) -> Lent:
    return lent.build(stored_town, tmp_path / "conditions")


def test_both_show_how_it_was_and_nobody_else_sees_it(ladder: Lent) -> None:
    shots = [ladder.put(who, Moment.BEFORE) for who in ("ana", "ben")]
    assert [one.side for one in conditions.of(ladder.session, loan=ladder.loan)] == ["lender", "borrower"]
    for who, somebody in ladder.people.items():
        reader = ladder.town.reader(somebody)
        for shot in shots:
            if who == "cleo":
                with pytest.raises(Refused, match="not_found"):
                    conditions.find(ladder.session, public_id=shot.public_id, reader=reader)
            else:
                assert conditions.find(ladder.session, public_id=shot.public_id, reader=reader) is shot
    staff = ladder.town.resident(ladder.town.far, role=Role.ADMINISTRATOR)
    for public_id in (shots[0].public_id, uuid.uuid4()):
        with pytest.raises(Refused, match="not_found"):
            conditions.find(ladder.session, public_id=public_id, reader=ladder.town.reader(staff))
    assert ladder.files() == sorted(f"{one.public_id}.{kind}" for one in shots for kind in (photos.BIG, photos.SMALL))


def test_one_s_own_is_not_the_other_s(ladder: Lent) -> None:
    shot = ladder.put("ana", Moment.BEFORE)
    ana, ben = (ladder.town.reader(ladder.people[one]) for one in ("ana", "ben"))
    assert conditions.find_own(ladder.session, public_id=shot.public_id, reader=ana) is shot
    with pytest.raises(Refused, match="not_found"):
        conditions.find_own(ladder.session, public_id=shot.public_id, reader=ben)


def test_three_of_each_at_each_moment(ladder: Lent) -> None:
    ladder.move(("ana", Act.HAND_OVER))
    for who in ("ana", "ben"):
        for moment in Moment:
            for _ in range(conditions.MOST):
                ladder.put(who, moment)
            given = {"loan": ladder.loan, "by": ladder.people[who], "moment": moment}
            for act in (
                lambda who=who, moment=moment: ladder.put(who, moment),
                lambda given=given: conditions.check(ladder.session, words="", **given),
            ):
                with pytest.raises(Refused, match="conditions_many") as refused:
                    act()
                assert refused.value.field == "file"
    assert len(ladder.files()) == 2 * 2 * 3 * 2


def test_words_are_few_and_optional(ladder: Lent) -> None:
    with pytest.raises(Refused, match="too_long") as refused:
        ladder.put("ana", Moment.BEFORE, words="x" * (conditions.LONGEST_WORDS + 1))
    assert refused.value.field == "words"
    assert ladder.files() == []
    assert ladder.put("ana", Moment.BEFORE, words="  ").words is None
    assert ladder.put("ana", Moment.BEFORE, words=" deux \n mots ").words == "deux mots"


def test_what_the_other_may_rely_on_stays(ladder: Lent) -> None:
    shot = ladder.put("ana", Moment.BEFORE)
    conditions.remove(ladder.session, found=shot, by=ladder.people["ana"])
    shot = ladder.put("ana", Moment.BEFORE)
    ladder.move(("ben", Act.HAND_OVER))
    with pytest.raises(Refused, match="condition_stays"):
        conditions.remove(ladder.session, found=shot, by=ladder.people["ana"])
    assert list(conditions.of(ladder.session, loan=ladder.loan)) == [shot]


def test_who_is_suspended_shows_nothing_and_takes_nothing_away(ladder: Lent) -> None:
    shot = ladder.put("ben", Moment.BEFORE)
    judge = ladder.town.resident(ladder.town.far, role=Role.MODERATOR)
    given = {"resident": ladder.people["ben"], "by": judge, "now": ladder.town.now}
    suspensions.suspend(ladder.session, reason="Pour l’essai.", **given)
    assert ladder.loan.state == State.ENDED
    for act in (
        lambda: ladder.put("ben", Moment.BEFORE),
        lambda: conditions.remove(ladder.session, found=shot, by=ladder.people["ben"]),
    ):
        with pytest.raises(Refused, match="suspended"):
            act()


def test_they_go_with_the_loan_and_their_files_after_them(ladder: Lent) -> None:
    ladder.put("ana", Moment.BEFORE)
    ladder.move(*BACK)
    thanks.say(ladder.session, loan=ladder.loan, by=ladder.people["ben"], words="Merci", now=ladder.town.now)
    ended = ladder.town.now

    def left() -> list[int | None]:
        return [ladder.session.scalar(select(func.count()).select_from(one)) for one in (Condition, Thanks)]

    for at, there in ((timedelta(days=30) - timedelta(seconds=1), [1, 1]), (timedelta(days=30), [0, 0])):
        forgetting.forget_spent(ladder.session, now=ended + at)
        assert left() == there
    clock = storage.datetime.now(storage.UTC)
    assert conditions.sweep_files(ladder.session, root=ladder.root, now=clock) == 0, "younger than an hour"
    for one in ladder.root.rglob("*"):
        os.utime(one, (clock.timestamp() - 7200,) * 2)
    assert conditions.sweep_files(ladder.session, root=ladder.root, now=clock) == 2
    assert ladder.files() == []


def test_what_is_still_named_is_not_swept(ladder: Lent) -> None:
    ladder.put("ana", Moment.BEFORE)
    later = storage.datetime.now(storage.UTC) + timedelta(days=2)
    assert conditions.sweep_files(ladder.session, root=ladder.root, now=later) == 0
    assert len(ladder.files()) == 2


def test_thanks_are_found_by_whom_they_were_said_to(ladder: Lent) -> None:
    ladder.move(*BACK)
    said = thanks.say(
        ladder.session, loan=ladder.loan, by=ladder.people["ben"], words=" Merci \n bien ", now=ladder.town.now
    )
    assert said.words == "Merci bien"
    assert said.author is ladder.people["ben"]
    readers = {who: ladder.town.reader(somebody) for who, somebody in ladder.people.items()}
    assert thanks.find(ladder.session, public_id=said.public_id, reader=readers["ana"]) is said
    for who in ("ben", "cleo"):
        with pytest.raises(Refused, match="not_found"):
            thanks.find(ladder.session, public_id=said.public_id, reader=readers[who])
    with pytest.raises(Refused, match="loan_moved"):
        thanks.say(ladder.session, loan=ladder.loan, by=ladder.people["ben"], words="Encore", now=ladder.town.now)


# --- whatever happens in whatever order

# Written down a second time, on purpose.
MAY = {("agreed", "before"), ("lent", "before"), ("lent", "after"), ("given_back", "after")}
TAKES_AWAY = {("agreed", "before"), ("lent", "after")}


class Showing(RuleBasedStateMachine):
    """Ana lends a ladder to Ben, again and again; both, and Cleo, try to show and to take away at any time."""

    @initialize()
    def settle(self) -> None:
        self.opened = neighbourhood.fresh_session()
        session = self.opened.__enter__()
        self.folder = tempfile.TemporaryDirectory()
        self.lent = lent.build(neighbourhood.build(session), Path(self.folder.name) / "conditions")
        self.there: dict[uuid.UUID, tuple[str, str, int]] = {}

    def teardown(self) -> None:
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)
            self.folder.cleanup()

    def tries(self, act) -> bool:  # type: ignore[no-untyped-def]
        """Whether it was accepted."""
        try:
            with self.lent.session.begin_nested():
                act()
        except Refused:
            return False
        return True

    @rule(who=some.sampled_from(PEOPLE), moment=some.sampled_from(Moment))
    def put(self, who: str, moment: Moment) -> None:
        loan = self.lent.loan
        side = loan.side(self.lent.people[who].id)
        taken = [one for one in self.there.values() if one == (side, moment.value, loan.id)]
        may = side is not None and (loan.state, moment.value) in MAY and len(taken) < 3
        given = {"loan": loan, "by": self.lent.people[who], "moment": moment}
        assert self.tries(lambda: conditions.check(self.lent.session, words="", **given)) is may
        made: list[Condition] = []
        assert self.tries(lambda: made.append(self.lent.put(who, moment))) is may
        self.there |= {one.public_id: (one.side, one.moment, one.loan_id) for one in made}

    @rule(who=some.sampled_from(PEOPLE), which=some.integers(0, 5))
    def remove(self, who: str, which: int) -> None:
        shots = self.lent.session.scalars(select(Condition).order_by(Condition.id.desc())).all()
        if which >= len(shots):
            return
        shot = shots[which]
        mine = shot.side == shot.loan.side(self.lent.people[who].id)
        may = mine and (shot.loan.state, shot.moment) in TAKES_AWAY
        if mine:
            assert conditions.may_remove(shot, side=Side(shot.side)) is may
        gone = self.tries(lambda: conditions.remove(self.lent.session, found=shot, by=self.lent.people[who]))
        assert gone is may
        if gone:
            del self.there[shot.public_id]

    @rule(who=some.sampled_from(PEOPLE), act=some.sampled_from(Act))
    def move(self, who: str, act: Act) -> None:
        self.tries(lambda: self.lent.move((who, act)))

    @rule(act=some.sampled_from([Act.GIVE_BACK, Act.CONFIRM, Act.MISS]))
    def go_on(self, act: Act) -> None:
        """Often enough by whose step it is that every state is reached."""
        if self.lent.loan.state == State.AGREED:
            act = Act.HAND_OVER
        self.tries(lambda: self.lent.move(("ben" if act is Act.GIVE_BACK else "ana", act)))

    @rule()
    def lend_again(self) -> None:
        if self.lent.loan.state in lending.OVER:
            self.lent.loan = lent.promise(self.lent.town, self.lent.people)

    @rule(days=some.integers(1, 20))
    def pass_time(self, days: int) -> None:
        """The hourly round: what is over for thirty days goes, with its photographs, and nothing else does."""
        now = self.lent.town.later(days=days)
        loan_calendar.keep_time(self.lent.session, now=now)
        forgetting.forget_spent(self.lent.session, now=now)
        left = set(self.lent.session.scalars(select(loans.Loan.id)))
        self.there = {name: one for name, one in self.there.items() if one[2] in left}
        if self.lent.loan.id not in left:
            self.lent.loan = lent.promise(self.lent.town, self.lent.people)

    @invariant()
    def what_was_shown_is_there(self) -> None:
        if not hasattr(self, "there"):
            return
        rows = self.lent.session.scalars(select(Condition)).all()
        assert {one.public_id: (one.side, one.moment, one.loan_id) for one in rows} == self.there
        for one in self.there:
            assert storage.read(self.lent.root, name=one, kind=photos.BIG) == lent.PICTURE.big


TestShowing = Showing.TestCase
TestShowing.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
