"""Random lives of a building: whatever happens in whatever order, a level is what stands, and no ring holds itself."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from instance import assurance, halls, introductions, joining, presence, residents, vouching
from instance.assurance import Kind, Level, Proof
from instance.base import Refused
from instance.places import Lot
from tests.instance import neighbourhood
from tests.instance.neighbourhood import PEPPER

PEOPLE, LOTS = 5, 4
KEY = b"a key of the walls"
person, place = st.integers(0, PEOPLE - 1), st.integers(0, LOTS - 1)


class Life(RuleBasedStateMachine):
    """Five people and four lots; `sides` is this test's own book of who speaks for whom."""

    def __init__(self) -> None:
        super().__init__()
        self._opened = neighbourhood.fresh_session()
        session = self._opened.__enter__()
        self.town = neighbourhood.build(session)
        self.session = session
        building = self.town.lilas
        building.lots += [Lot(number=str(one), position=one, created_at=self.town.now) for one in range(3, LOTS + 1)]
        session.flush()
        self.lots = building.lots
        halls.install(session, building=building, now=self.town.now)
        self.people = [self.town.resident() for _ in range(PEOPLE)]
        self.sides: dict[tuple[int, int], set[object]] = {}
        self.locked: set[int] = set()

    def teardown(self) -> None:
        self._opened.__exit__(None, None, None)

    def _strong(self, who: int) -> set[int]:
        return {lot for (one, lot), sides in self.sides.items() if one == who and "letter" in sides}

    def _expected(self, who: int, lot: int) -> Level:
        sides = self.sides.get((who, lot), set())
        weak = {one[1] if isinstance(one, tuple) else one for one in sides - {"letter"} if not self._is_silent(one)}
        return Level.BUILDING if "letter" in sides else Level(min(len(weak), 2))

    def _is_silent(self, side: object) -> bool:
        return isinstance(side, tuple) and side[0] in self.locked

    @rule(who=person)
    def an_account_is_locked_or_given_back(self, who: int) -> None:
        self.locked ^= {who}
        state = residents.State.SUSPENDED if who in self.locked else residents.State.ACTIVE
        self.people[who].state = state.value
        self.session.flush()

    @rule(who=person, lot=place)
    def opens_the_letterbox(self, who: int, lot: int) -> None:
        residents.move_in(self.session, resident=self.people[who], lot=self.lots[lot], now=self.town.now)
        self.sides.setdefault((who, lot), set()).add("letter")

    @rule(who=person, lot=place)
    def stands_in_the_hall(self, who: int, lot: int) -> None:
        if who in self.locked:
            return
        window = presence.window(self.town.now)
        code = presence.code(key=KEY, building=self.town.lilas.public_id, window=window)
        given = {"code": code, "lot_number": self.lots[lot].number, "key": KEY, "now": self.town.now}
        joining.in_the_hall(self.session, resident=self.people[who], **given)  # type: ignore[arg-type]
        self.sides.setdefault((who, lot), set()).add("hall")

    @rule(who=person, lot=place, by=person)
    def a_neighbour_speaks(self, who: int, lot: int, by: int) -> None:
        if who in self.locked:
            return
        given = {"pepper": PEPPER, "now": self.town.now}
        said = introductions.introduce(
            self.session, resident=self.people[who], lot_number=self.lots[lot].number, **given
        )
        others = self._strong(by) - {lot}
        try:
            proof = vouching.vouch(self.session, word=said.letters, by=self.people[by], **given)
        except Refused:
            may = who != by and bool(others) and by not in self.locked
            assert not may
            return
        assert who != by
        (household,) = [one for one, home in enumerate(self.lots) if home.id == proof.household_id]
        assert household in others, "from a home that is known without neighbours, and is another one"
        known = self.sides.setdefault((who, lot), set())
        if not any(isinstance(one, tuple) and one[0] == by for one in known):
            known.add((by, household))

    @rule(data=st.data())
    def a_neighbour_takes_it_back(self, data: st.DataObject) -> None:
        spoken = [(who, lot, one) for (who, lot), all_ in self.sides.items() for one in all_ if isinstance(one, tuple)]
        given = [one for one in spoken if not self._is_silent(one[2])]
        if not given:
            return
        who, lot, side = data.draw(st.sampled_from(sorted(given)))
        by = self.people[side[0]]
        (link,) = [
            one
            for one in vouching.given(self.session, by=by)
            if one.newcomer is self.people[who] and one.proof.lot_id == self.lots[lot].id
        ]
        vouching.take_back(self.session, public_id=link.proof.public_id, by=by, now=self.town.now)
        self.sides[who, lot].remove(side)

    @precondition(lambda self: any(self.sides.values()))
    @rule(data=st.data())
    def a_letter_proves_wrong(self, data: st.DataObject) -> None:
        letters = sorted((who, lot) for (who, lot), sides in self.sides.items() if "letter" in sides)
        if not letters:
            return
        who, lot = data.draw(st.sampled_from(letters))
        for proof in assurance.of_resident(self.session, resident_id=self.people[who].id):
            if proof.kind == Kind.LETTER and proof.lot_id == self.lots[lot].id and proof.revoked_at is None:
                assurance.revoke(self.session, proof=proof, now=self.town.now)
        self.sides[who, lot].discard("letter")

    @rule()
    def time_passes(self) -> None:
        self.town.now += timedelta(minutes=7)

    @invariant()
    def a_level_is_what_stands(self) -> None:
        for who, somebody in enumerate(self.people):
            found = {one.lot.id: one.level for one in residents.dwellings(self.session, resident=somebody)}
            for lot, home in enumerate(self.lots):
                assert found.get(home.id, Level.ACCOUNT) == self._expected(who, lot)
            opened = any(one >= Level.BUILDING for one in found.values())
            assert bool(residents.buildings_of(self.session, resident=somebody)) == opened

    @invariant()
    def only_who_is_known_without_neighbours_may_speak(self) -> None:
        for who, somebody in enumerate(self.people):
            found = {one.lot.id for one in vouching.may_vouch(self.session, resident=somebody)}
            assert found == {self.lots[lot].id for lot in self._strong(who)}

    @invariant()
    def nobody_speaks_for_themselves(self) -> None:
        for proof in self.session.query(Proof).filter(Proof.kind == Kind.VOUCHED.value):
            assert proof.by_id != proof.resident_id
            assert proof.household_id != proof.lot_id


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)
