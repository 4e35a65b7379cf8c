"""The moderators' desk as a machine: in whatever order, a party never decides and every step is told."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from federation.hatch import boundary
from instance import boards, halls, moderation, notices, reports, residents, suspensions
from instance.audience import Audience
from instance.base import Refused
from instance.decisions import Decision, Rule
from instance.evidence import Target
from instance.listings import Listing
from instance.moderation import Measure, Step
from instance.notices import State
from instance.reports import Report
from instance.residents import Resident, Role
from tests.instance import neighbourhood

WHY = "Une raison inventée."
# Steps that concern somebody, who is told.
TOLD = {Step.HIDE, Step.RESTORE, Step.WARN, Step.SUSPEND, Step.REINSTATE}
PEOPLE = ("ines", "zoe", "near", "quartered", "distant", "boss")
PERSONS = st.sampled_from(PEOPLE)
# Who looks after the board and lives in no building of theirs; one is a neighbour of Ines and none of Zoe's.
NEIGHBOURLESS = {"ines": {"distant", "boss"}, "zoe": {"distant", "boss", "near"}}
SLIPS = st.integers(min_value=0, max_value=2)


class Desk(RuleBasedStateMachine):
    """Two neighbours, three slips, and four who look after the board, from next door to nowhere in town."""

    @initialize()
    def begin(self) -> None:
        self._scope = neighbourhood.fresh_session()
        self.session = self._scope.__enter__()
        self.town = town = neighbourhood.build(self.session)
        roles = {"near": Role.MODERATOR, "quartered": Role.MODERATOR, "distant": Role.MODERATOR}
        # The last two are of the staff and live elsewhere.
        homes = {"ines": [town.lilas], "zoe": [town.tilleuls], "near": [town.lilas], "quartered": [town.far]}
        self.people = {
            name: town.resident(*homes.get(name, []), role=roles.get(name, Role.RESIDENT), name=name.title())
            for name in PEOPLE
        }
        self.people["boss"].role = Role.ADMINISTRATOR.value
        self.people["quartered"].desk_quarter_id = town.south.id
        audiences = (Audience.BUILDING, Audience.QUARTER, Audience.NETWORK)
        self.slips = [town.offer(self.people["ines"], one, title=f"Objet {one}") for one in audiences]
        self.circles = {one.id: one.circle for one in self.slips}
        self.decided = 0

    def teardown(self) -> None:
        if hasattr(self, "session"):
            self.session.rollback()
            self._scope.__exit__(None, None, None)

    def attempt(self, act: Callable[[], object]) -> str | None:
        """Do it as a door does: what is refused leaves nothing behind. The code, or None when it is done."""
        try:
            with self.session.begin_nested():
                act()
        except Refused as refused:
            return refused.code
        return None

    def given(self, who: str) -> dict[str, object]:
        return {"reason": WHY, "by": self.people[who], "now": self.town.later(minutes=1)}

    def free(self, number: int) -> set[str]:
        """Said once more, otherwise than the programme does: who may decide on a slip of Ines's."""
        filed = select(Report.reporter_id).where(Report.target_id == self.slips[number].public_id)
        reporters = set(self.session.scalars(filed))
        return {one for one in ("distant", "boss") if self.people[one].id not in reporters}

    def decide(self, who: str, act: Callable[[], object], *, free: set[str]) -> None:
        code = self.attempt(act)
        if code is None:
            assert who in free, who
            self.decided += 1
        elif who in free:
            assert code == "decided", code
        else:
            assert code in {"not_moderator", "not_found", "party", "not_yourself"}, code

    def entry(self, number: int) -> Report | None:
        """The newest report of a slip, whether it is open or decided."""
        wanted = select(Report).where(Report.target_id == self.slips[number].public_id).order_by(Report.id.desc())
        return self.session.scalars(wanted).first()

    # --- what people do

    @rule(who=PERSONS, number=SLIPS)
    def report(self, who: str, number: int) -> None:
        by, slip = self.people[who], self.slips[number]
        words = f"{slip.title} — À prêter le samedi."
        code = self.attempt(
            lambda: reports.report(
                self.session,
                target=Target.NOTICE,
                public_id=slip.public_id,
                reason=WHY,
                by=by,
                reader=self.town.reader(by),
                now=self.town.now,
            )
        )
        found = self.entry(number)
        if code is None and found is not None and found.reporter_id == by.id and slip.body == "À prêter le samedi.":
            assert found.words == words

    @rule(number=SLIPS, who=PERSONS)
    def edit(self, number: int, who: str) -> None:
        kept = [one.words for one in self.session.scalars(select(Report).order_by(Report.id))]
        given = {"by": self.people[who], "title": "Autre chose", "body": "Autres mots.", "now": self.town.now}
        self.attempt(lambda: notices.edit(self.session, notice=self.slips[number], **given))
        assert [one.words for one in self.session.scalars(select(Report).order_by(Report.id))] == kept

    @rule(number=SLIPS, who=PERSONS)
    def withdraw(self, number: int, who: str) -> None:
        given = {"by": self.people[who], "now": self.town.now}
        self.attempt(lambda: notices.withdraw(self.session, notice=self.slips[number], **given))

    # --- what those who look after the board do

    @rule(who=PERSONS, number=SLIPS)
    def hide(self, who: str, number: int) -> None:
        given = {**self.given(who), "rule": Rule.TRADE}
        self.decide(
            who, lambda: moderation.hide(self.session, notice=self.slips[number], **given), free=self.free(number)
        )

    @rule(who=PERSONS, number=SLIPS)
    def warn(self, who: str, number: int) -> None:
        entry = self.entry(number)
        if entry is None:
            return
        was = entry.closed_at
        given = {**self.given(who), "rule": Rule.RESPECT}
        before = self.decided
        self.decide(who, lambda: moderation.warn(self.session, entry=entry, **given), free=self.free(number))
        assert was is None or self.decided == before, "what is decided is not decided again"

    @rule(who=PERSONS, number=SLIPS)
    def dismiss(self, who: str, number: int) -> None:
        entry = self.entry(number)
        if entry is not None:
            before, was = self.decided, entry.closed_at
            self.decide(
                who, lambda: moderation.dismiss(self.session, entry=entry, **self.given(who)), free=self.free(number)
            )
            assert was is None or self.decided == before

    @rule(who=PERSONS, number=SLIPS)
    def restore(self, who: str, number: int) -> None:
        slip, given = self.slips[number], self.given(who)
        was = slip.state
        self.decide(who, lambda: moderation.restore(self.session, notice=slip, **given), free=self.free(number))
        if was != State.HIDDEN:
            assert slip.state == was

    @rule(who=PERSONS, whom=st.sampled_from(["ines", "zoe"]), days=st.sampled_from([None, 1, 30]))
    def suspend(self, who: str, whom: str, days: int | None) -> None:
        given = self.given(who)
        until = self.town.now + timedelta(days=days) if days is not None else None
        act = suspensions.suspend
        self.decide(
            who,
            lambda: act(self.session, resident=self.people[whom], rule=Rule.LAW, until=until, **given),
            free=NEIGHBOURLESS[whom],
        )

    @rule(who=PERSONS, whom=st.sampled_from(["ines", "zoe"]))
    def reinstate(self, who: str, whom: str) -> None:
        given = self.given(who)
        self.decide(
            who,
            lambda: suspensions.reinstate(self.session, resident=self.people[whom], **given),
            free=NEIGHBOURLESS[whom],
        )

    @rule(days=st.sampled_from([1, 31]))
    def time_passes(self, days: int) -> None:
        self.town.later(days=days)
        suspensions.end_due(self.session, now=self.town.now)

    # --- what holds whatever happened

    @invariant()
    def a_party_never_decides(self) -> None:
        if not hasattr(self, "session"):
            return
        zoe = f"resident {self.people['zoe'].public_id}"
        for one in self.session.scalars(select(Measure)):
            judges = {"distant", "boss", "near"} if one.target == zoe else {"distant", "boss"}
            assert one.by_id in {self.people[name].id for name in judges}

    @invariant()
    def a_party_reads_nothing_of_it(self) -> None:
        if not hasattr(self, "session"):
            return
        filed = list(self.session.scalars(select(Report).order_by(Report.id)))
        number = {one.public_id: n for n, one in enumerate(self.slips)}
        for name in ("near", "quartered", "distant", "boss"):
            mine = [one for one in filed if name in self.free(number[one.target_id])]
            by = self.people[name]
            assert reports.open_reports(self.session, by=by) == [one for one in mine if one.closed_at is None]
            for one in filed:
                found = self.attempt(
                    lambda one=one, by=by: reports.find_report(self.session, public_id=one.public_id, by=by)
                )
                assert found == (None if one in mine else "not_found")

    @invariant()
    def every_step_has_its_reason_kept_and_told(self) -> None:
        if not hasattr(self, "session"):
            return
        book = list(self.session.scalars(select(Measure).order_by(Measure.id)))
        told = list(self.session.scalars(select(Decision).order_by(Decision.id)))
        assert {one.reason for one in book} <= {WHY}
        assert len(book) == self.decided
        assert [one.step for one in told] == [one.step for one in book if Step(one.step) in TOLD]
        assert all(one.reason == WHY for one in told)
        assert all(one.rule is not None for one in told if one.step in {Step.HIDE, Step.WARN, Step.SUSPEND})

    @invariant()
    def what_is_hidden_is_nowhere_and_what_hangs_is_where_it_was(self) -> None:
        if not hasattr(self, "session"):
            return
        ines, hung = self.people["ines"], {one.id for one in self.slips if one.state == State.LIVE}
        feed = {one.id for one in self.town.feed(self.town.reader(ines))}
        walls = {one.id for circle in self.circles.values() for one in boards.board(self.session, circle=circle)}
        assert feed == walls == hung
        wall = halls.of_building(self.session, building=self.town.lilas)
        titles = {one.title for one in self.slips if one.id in hung}
        assert {one.title for one in (*wall.at_home, *wall.around)} == titles
        for slip in self.slips:
            outside = isinstance(boundary.judge_notice(slip, version=slip.version), boundary.Announce)
            assert outside is (slip.id in hung and slip.audience is Audience.NETWORK)
            assert slip.circle == self.circles[slip.id]
            assert isinstance(slip, Listing)

    @invariant()
    def nobody_acts_while_suspended(self) -> None:
        if not hasattr(self, "session"):
            return
        for name in ("ines", "zoe"):
            person: Resident = self.people[name]
            if person.state == residents.State.SUSPENDED:
                with pytest.raises(Refused, match="suspended"):
                    self.town.offer(person, Audience.BUILDING)


TestDesk = Desk.TestCase
TestDesk.settings = settings(max_examples=30, stateful_step_count=20, deadline=None)
