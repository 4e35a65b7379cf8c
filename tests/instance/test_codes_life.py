"""Random lives of letterbox codes: the newest opens its lot, once, and a wrong guess opens nothing."""

from datetime import datetime

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from sqlalchemy import select

from instance import moving, residents, verification
from instance.assurance import Kind, Proof
from instance.base import Refused
from tests.instance import neighbourhood
from tests.instance.neighbourhood import PEPPER

PEOPLE, LOTS = 3, 2
person, place = st.integers(0, PEOPLE - 1), st.integers(0, LOTS - 1)


class Life(RuleBasedStateMachine):
    """Three people and two lots; `alive` is this test's own book: which code opens a lot, and until when."""

    def __init__(self) -> None:
        super().__init__()
        self._opened = neighbourhood.fresh_session()
        self.session = self._opened.__enter__()
        self.town = neighbourhood.build(self.session)
        self.lots = self.town.lilas.lots[:LOTS]
        self.people = [self.town.resident() for _ in range(PEOPLE)]
        self.alive: dict[int, tuple[str, datetime, int]] = {}
        self.dead: list[str] = []
        self.homes: set[tuple[int, int]] = set()

    def teardown(self) -> None:
        self._opened.__exit__(None, None, None)

    def _bury(self, lot: int) -> None:
        if lot in self.alive:
            self.dead.append(self.alive.pop(lot)[0])

    @rule(lot=place)
    def a_letter_is_printed(self, lot: int) -> None:
        code = verification.issue(self.session, lot=self.lots[lot], pepper=PEPPER, now=self.town.now)
        self._bury(lot)
        self.alive[lot] = (code, self.town.now + verification.VALID_FOR, verification.TRIES)

    @rule()
    def a_sheet_is_printed(self) -> None:
        made = verification.issue_all(self.session, lots=self.lots, pepper=PEPPER, now=self.town.now)
        for lot, (_, code) in enumerate(made):
            self._bury(lot)
            self.alive[lot] = (code, self.town.now + verification.VALID_FOR, verification.TRIES)

    @rule(who=person, lot=place)
    def somebody_opens_their_letter(self, who: int, lot: int) -> None:
        if lot in self.alive:
            code = self.alive[lot][0].lower().replace("-", " ")
            residents.enter(self.session, resident=self.people[who], code=code, pepper=PEPPER, now=self.town.now)
            self.homes.add((who, lot))
            self._bury(lot)

    @rule(lot=place)
    def somebody_guesses(self, lot: int) -> None:
        if lot not in self.alive:
            return
        code, until, left = self.alive[lot]
        wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
        answer = verification.check(self.session, code=wrong, pepper=PEPPER, now=self.town.now)
        assert answer == (verification.Wrong(left=left - 1) if left > 1 else verification.Dead())
        self.alive[lot] = (code, until, left - 1)
        if left == 1:
            self._bury(lot)

    @rule(days=st.integers(1, 40))
    def time_passes(self, days: int) -> None:
        self.town.later(days=days)
        for lot, (_, until, _left) in list(self.alive.items()):
            if until <= self.town.now:
                self._bury(lot)

    @rule(who=person, nth=st.integers(0, 30))
    def a_code_that_had_its_time_is_tried_again(self, who: int, nth: int) -> None:
        if not self.dead:
            return
        given = {"resident": self.people[who], "code": self.dead[nth % len(self.dead)], "pepper": PEPPER}
        with pytest.raises(Refused, match="code_dead"):
            residents.enter(self.session, now=self.town.now, **given)  # type: ignore[arg-type]

    @rule(who=person, lot=place)
    def somebody_moves_out(self, who: int, lot: int) -> None:
        if (who, lot) in self.homes:
            moving.move_out(self.session, resident=self.people[who], lot=self.lots[lot], now=self.town.now)
            self.homes.discard((who, lot))

    @invariant()
    def whoever_used_a_code_is_at_home_and_nobody_else(self) -> None:
        wanted = select(Proof.resident_id, Proof.lot_id).where(
            Proof.kind == Kind.LETTER.value, Proof.revoked_at.is_(None)
        )
        people, lots = ({one.id: at for at, one in enumerate(them)} for them in (self.people, self.lots))
        found = {(people[who], lots[lot]) for who, lot in self.session.execute(wanted) if who in people}
        assert found == self.homes


Life.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
TestLife = Life.TestCase
