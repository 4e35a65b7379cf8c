"""Whoever comes and goes: the level as the store and as the pure function know it, and the list after any steps."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from instance import assurance, moderation, moving, residents, skills, suspensions
from instance.assurance import Kind, Level, Mark
from instance.base import Refused
from instance.decisions import Rule
from instance.places import Lot
from instance.residents import Resident, Role
from instance.skills import Skill
from tests.instance import neighbourhood
from tests.instance.neighbourhood import Neighbourhood
from tests.instance.test_skills import HERE, ask, change, listed, offer

KINDS = st.sampled_from(list(Kind))


@settings(max_examples=150)
@given(marks=st.lists(st.tuples(KINDS, st.sampled_from(["none", "own", "a", "b"])), max_size=6))
def test_the_store_and_the_pure_function_know_the_same_level(marks: list[tuple[Kind, str]]) -> None:
    with neighbourhood.fresh_session() as session:
        _same_level(neighbourhood.build(session), marks)


def test_both_engines_know_the_same_level(stored_town: Neighbourhood) -> None:
    dice = random.Random(14)
    for _ in range(40):
        many = dice.randrange(6)
        _same_level(
            stored_town, [(dice.choice(list(Kind)), dice.choice(["none", "own", "a", "b"])) for _ in range(many)]
        )


def _same_level(town: Neighbourhood, marks: list[tuple[Kind, str]]) -> None:
    who, lot = town.resident(), town.lilas.lots[0]
    homes = {"none": None, "own": lot.id, "a": town.lilas.lots[1].id, "b": town.tilleuls.lots[0].id}
    for kind, home in marks:
        proof = assurance.Proof(resident_id=who.id, lot_id=lot.id, kind=kind.value, created_at=town.now)
        # Whose word it is says nothing here; each is somebody's.
        proof.household_id, proof.by_id = homes[home], town.resident().id
        town.session.add(proof)
    town.session.flush()
    computed = assurance.level([Mark(kind=kind, household=homes[home]) for kind, home in marks], home=lot.id)
    for least in (Level.QUARTER, Level.BUILDING):
        for place, here in ((Lot.building_id == lot.building_id, True), (Lot.building_id == town.far.id, False)):
            asked = select(Resident.id).where(assurance.is_known(Resident.id, least=least, where=place))
            assert (who.id in set(town.session.scalars(asked))) is (here and computed >= least), (marks, least)


# --- whatever happens in whatever order

TAKEN = {"live": "away", "hidden": "away"}
STEPS = ("offer", "change", "take", "hide", "restore", "suspend", "reinstate", "move out", "move in", "ask")


@settings(max_examples=60)
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 2)), max_size=25))
def test_in_whatever_order_things_happen_the_list_shows_what_may_be_asked_for(steps: list[tuple[str, int]]) -> None:
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        life = _Life(town)
        for step, number in steps:
            life.take(step, number)
            assert sorted(listed(town, life.reader)) == sorted(life.shown())
            for one in life.held:
                assert _is_found(town, one, life.reader) is (one.title in life.shown())


def _is_found(town: Neighbourhood, skill: Skill, by: Resident) -> bool:
    try:
        skills.find(town.session, public_id=skill.public_id, reader=town.reader(by))
    except Refused:
        return False
    return True


class _Life:
    """One neighbour with up to three lines, a reader next door, a moderator; and what should be seen, said anew."""

    def __init__(self, town: Neighbourhood) -> None:
        self.town = town
        self.ines, self.reader = town.resident(town.lilas), town.resident(town.lilas)
        self.judge = town.resident(town.far, role=Role.MODERATOR)
        self.held: list[Skill] = []
        self.said: dict[int, str] = {}
        self.at_home, self.locked = True, False

    def shown(self) -> list[str]:
        open_ = self.at_home and not self.locked
        return [one.title for one in self.held if open_ and self.said[one.id] == "live"]

    def take(self, step: str, number: int) -> None:
        self.town.later(minutes=1)
        skill = self.held[number] if number < len(self.held) else None
        try:
            if step in {"suspend", "reinstate"}:
                self._lock(step == "suspend")
            elif step in {"move out", "move in"}:
                self._move(step == "move out")
            elif skill is not None:
                self._do(step, skill)
            elif step == "offer":
                self._offer()
        except Refused as refused:
            if refused.code not in {"not_live", "suspended", "no_home", "not_asked"}:
                raise

    def _do(self, step: str, skill: Skill) -> None:
        """One step about a line that was said once; the next stand of it only where the domain lets it happen."""
        session, now = self.town.session, self.town.now
        why = {"row": skill, "by": self.judge, "reason": "x", "now": now}
        act, then = {
            "change": (lambda: change(self.town, skill, self.ines, f"{skill.id}", HERE), {}),
            "take": (lambda: skills.take_away(session, skill=skill, by=self.ines, now=now), TAKEN),
            "hide": (lambda: moderation.hide_beside(session, rule=Rule.LAW, **why), {"live": "hidden"}),
            "restore": (lambda: moderation.restore_beside(session, **why), {"hidden": "live"}),
            "ask": (lambda: ask(self.town, skill, self.reader), {}),
            "offer": (lambda: None, {}),
        }[step]
        before = self.said[skill.id]
        act()
        assert step not in {"ask", "change"} or before == "live"
        self.said[skill.id] = then.get(before, before)

    def _offer(self) -> None:
        made = offer(self.town, self.ines, f"Chose {len(self.held)}")
        self.held.append(made)
        self.said[made.id] = "live"

    def _lock(self, lock: bool) -> None:
        if lock != self.locked:
            act = suspensions.suspend if lock else suspensions.reinstate
            act(self.town.session, resident=self.ines, by=self.judge, reason="x", now=self.town.now)
            self.locked = lock

    def _move(self, out: bool) -> None:
        lot = self.town.lilas.lots[0]
        if out and self.at_home:
            moving.move_out(self.town.session, resident=self.ines, lot=lot, now=self.town.now)
            # It was for neighbours they no longer have.
            self.said = dict.fromkeys(self.said, "away")
        elif not out and not self.at_home:
            residents.move_in(self.town.session, resident=self.ines, lot=lot, now=self.town.now)
        self.at_home = not out
