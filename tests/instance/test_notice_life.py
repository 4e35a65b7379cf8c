"""The life of notices under any order of events: versions grow by one, each with one change, and nothing widens."""

from contextlib import ExitStack

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from instance import journal, listings, moderation, notices
from instance.audience import Audience
from instance.base import Refused
from instance.journal import Change, Outcome
from instance.listings import Listing
from instance.notices import State
from instance.residents import Role
from tests.instance import neighbourhood

STEPS = {
    State.LIVE: {State.LIVE, State.WITHDRAWN, State.EXPIRED, State.HIDDEN},
    State.WITHDRAWN: {State.WITHDRAWN},
    State.EXPIRED: {State.EXPIRED},
    State.HIDDEN: {State.HIDDEN, State.LIVE},
}


class NoticeLife(RuleBasedStateMachine):
    """Residents, moderators, the clock and the boundary all act on the same notices."""

    hung = Bundle("hung")

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.session = self.stack.enter_context(neighbourhood.fresh_session())
        self.town = neighbourhood.build(self.session)
        self.author = self.town.resident(self.town.lilas)
        self.stranger = self.town.resident(self.town.lilas)
        self.moderator = self.town.resident(self.town.far, role=Role.MODERATOR)
        self.all: list[Listing] = []
        self.seen: dict[int, tuple[State, Audience, int, bool]] = {}

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    @rule(target=hung, audience=st.sampled_from(Audience))
    def hang(self, audience: Audience) -> Listing:
        listing = self.town.offer(self.author, audience)
        self.all.append(listing)
        return listing

    @rule(notice=hung, ours=st.booleans(), title=st.sampled_from(["Titre", " ", "x" * 200]))
    def edit(self, notice: Listing, ours: bool, title: str) -> None:
        by = self.author if ours else self.stranger
        before = (notice.title, notice.version)
        allowed = ours and notice.is_live and title == "Titre"
        try:
            notices.edit(self.session, notice=notice, by=by, title=title, body="corps", now=self.town.now)
        except Refused:
            assert not allowed
            assert (notice.title, notice.version) == before
        else:
            assert allowed
            assert notice.version == before[1] + 1

    @rule(notice=hung, ours=st.booleans(), audience=st.sampled_from(Audience))
    def narrow(self, notice: Listing, ours: bool, audience: Audience) -> None:
        by = self.author if ours else self.stranger
        allowed = ours and notice.is_live and audience < notice.audience
        before = notice.version
        try:
            listings.narrow(self.session, listing=notice, by=by, audience=audience, now=self.town.now)
        except Refused:
            assert not allowed
            assert notice.version == before
        else:
            assert allowed
            assert (notice.audience, notice.version) == (audience, before + 1)

    @rule(notice=hung, ours=st.booleans())
    def withdraw(self, notice: Listing, ours: bool) -> None:
        by = self.author if ours else self.stranger
        allowed = ours and notice.is_live
        try:
            notices.withdraw(self.session, notice=notice, by=by, now=self.town.now)
        except Refused:
            assert not allowed
        else:
            assert allowed

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        self.town.later(days=days)
        passed = notices.expire(self.session, now=self.town.now)
        assert passed == sum(self.seen[one.id][0] is State.LIVE and one.expires_at <= self.town.now for one in self.all)

    @rule(notice=hung, restore=st.booleans())
    def moderate(self, notice: Listing, restore: bool) -> None:
        act = moderation.restore if restore else moderation.hide
        act(self.session, notice=notice, reason="parce que", by=self.moderator, now=self.town.now)

    @rule(limit=st.integers(1, 3))
    def judge(self, limit: int) -> None:
        waiting = journal.unjudged(self.session, limit=limit)
        assert [one.id for one in waiting] == sorted(one.id for one in waiting)
        for one in reversed(waiting):
            journal.conclude(self.session, change=one, outcome=Outcome.WITHHOLD, why="test", now=self.town.now)

    @rule()
    def begin_a_new_request(self) -> None:
        self.session.commit()
        self.session.expire_all()

    @invariant()
    def each_version_has_exactly_one_change(self) -> None:
        for one in getattr(self, "all", ()):
            wanted = select(Change.version).where(Change.subject_id == one.public_id).order_by(Change.id)
            assert list(self.session.scalars(wanted)) == list(range(1, one.version + 1))

    @invariant()
    def nothing_widens_or_comes_back_by_itself(self) -> None:
        for one in getattr(self, "all", ()):
            now = (State(one.state), one.audience, one.version, one.reached_network)
            before = self.seen.get(one.id, now)
            assert now[0] in STEPS[before[0]]
            assert now[1] <= before[1]
            assert now[2] - before[2] in {0, 1}
            assert now[3] is before[3]
            assert (now[:2] == before[:2]) or now[2] == before[2] + 1, "a change without a version cannot be told"
            self.seen[one.id] = now

    @invariant()
    def reached_network_is_whether_it_ever_did(self) -> None:
        for one in getattr(self, "all", ()):
            assert one.reached_network or one.audience is not Audience.NETWORK
            assert (one.byline is None) is (one.audience is not Audience.NETWORK)

    @invariant()
    def the_feed_shows_what_is_live_and_belongs(self) -> None:
        if not getattr(self, "all", ()):
            return
        for somebody, circles in (
            (self.author, {Audience.BUILDING, Audience.QUARTER, Audience.INSTANCE, Audience.NETWORK}),
            (self.moderator, {Audience.INSTANCE, Audience.NETWORK}),
        ):
            expected = [one for one in reversed(self.all) if one.is_live and one.audience in circles]
            assert self.town.feed(self.town.reader(somebody), limit=3) == expected


NoticeLife.TestCase.settings = settings(max_examples=15, stateful_step_count=20, deadline=None)
TestNoticeLife = NoticeLife.TestCase
