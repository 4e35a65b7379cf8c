"""What has had its time goes, whole; nothing younger does, and nothing that somebody still needs."""

from contextlib import ExitStack
from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import func, select

from instance import bonds, comments, conversations, forgetting, journal, listings, moderation, notices, reports
from instance.audience import Audience
from instance.bonds import Bond
from instance.comments import Comment
from instance.conversations import Conversation, Message
from instance.evidence import Target
from instance.forgetting import ADDRESS_KEPT, BOOK_KEPT, NOTICE_KEPT, TALK_KEPT
from instance.journal import Change, Outcome, Verdict
from instance.listings import Direction, Listing
from instance.notices import Notice, State
from instance.privacy import REGISTER
from instance.residents import Role
from instance.retention import Kept
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood, origin
from web import tables

A_SECOND = timedelta(seconds=1)


def test_every_period_of_the_register_is_kept_by_a_rule_or_by_an_act() -> None:
    ruled = {(rule.kept, table) for rule in forgetting.RULES for table in rule.tables}
    promised = {(entry.kept, name) for name, entry in REGISTER.items()}
    by_clock = {rule.kept for rule in forgetting.RULES}
    assert {kept for kept, _ in promised} == by_clock | set(forgetting.ACTS)
    assert {one for one in promised if one[0] in by_clock} <= ruled
    # Nobody does these but the operator: the page on privacy says so.
    assert {kept for kept, acts in forgetting.ACTS.items() if not acts} == {Kept.PLACE, Kept.ACCOUNT}


def test_whatever_hangs_on_a_notice_or_a_conversation_goes_with_it_or_holds_it() -> None:
    slips = {"notice", "listing", "news_item"}
    for roots, steps in (
        (slips, (*forgetting.WHOLE, *forgetting.SLIP_HOLDS)),
        ({"conversation"}, (*forgetting.TALK, *forgetting.TALK_HOLDS)),
    ):
        hanging = {
            (table.name, key.parent.name)
            for table in tables.HOME.sorted_tables
            for key in table.foreign_keys
            if key.column.table.name in roots
        }
        known = {(one.table.name, one.name) for one in steps}
        assert hanging <= known
        assert {table for table, _ in known - hanging} <= {"notice", "conversation"}


def _judge(town: Neighbourhood) -> None:
    for change in journal.unjudged(town.session):
        journal.conclude(town.session, change=change, outcome=Outcome.WITHHOLD, why="", now=town.now)


def _forget(town: Neighbourhood, now: datetime) -> None:
    town.session.flush()
    forgetting.forget_spent(town.session, now=now)
    town.session.expire_all()


def _count(town: Neighbourhood, model: type) -> int:
    return town.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_notice_that_stayed_goes_whole_and_not_before_the_boundary_judged_it(stored_town: Neighbourhood) -> None:
    town = stored_town
    ana, ben = town.resident(town.lilas), town.resident(town.lilas)
    news = town.post(ana, town.organisation(ana), Audience.INSTANCE)
    said = comments.add(town.session, notice=news, by=ben, body="Avec plaisir.", now=town.now)
    notices.withdraw(town.session, notice=news, by=ana, now=town.now)
    down = news.updated_at
    _forget(town, down + NOTICE_KEPT)
    assert (_count(town, Notice), _count(town, Comment)) == (1, 1)  # nobody judged it yet
    _judge(town)
    reports.report_from_elsewhere(
        town.session, target=Target.NOTICE, target_id=news.public_id, reason="?", host="ailleurs.example", now=town.now
    )
    _forget(town, down + NOTICE_KEPT)
    assert said in town.session.scalars(select(Comment)).all()  # there is a report to decide on
    reports.close(town.session, target_id=news.public_id, now=town.now)
    _forget(town, down + NOTICE_KEPT - A_SECOND)
    assert _count(town, Notice) == 1
    _forget(town, down + NOTICE_KEPT)
    assert (_count(town, Notice), _count(town, Comment)) == (0, 0)


def test_of_what_crossed_an_address_stays_and_it_does_not_hang_again(stored_town: Neighbourhood) -> None:
    town = stored_town
    ana = town.resident(town.lilas)
    ours = town.offer(ana, Audience.NETWORK)
    wanted = {"direction": Direction.OFFER, "title": "Une brouette", "html": "<p>À prêter.</p>", "language": "fr"}
    theirs = listings.welcome(town.session, origin=origin(), now=town.now, **wanted)
    notices.withdraw(town.session, notice=ours, by=ana, now=town.now)
    moderator = town.resident(town.far, role=Role.MODERATOR)
    moderation.hide(town.session, notice=theirs, reason="Vente.", by=moderator, now=town.now)
    _judge(town)
    down = max(ours.updated_at, theirs.updated_at)
    _forget(town, down + NOTICE_KEPT)
    for one in (ours, theirs):
        assert one.is_spent
        assert (one.state, one.title, one.body, one.html) == (State.WITHDRAWN, "", "", "")
        assert (one.search_text, one.byline, one.origin_name, one.quarter_id) == ("", None, None, None)
    assert (ours.author, theirs.origin_uri) == (ana, origin().uri)
    again = listings.welcome(
        town.session, origin=origin(updated=down + NOTICE_KEPT), now=down + NOTICE_KEPT + A_SECOND, **wanted
    )
    assert (again, again.title, again.state) == (theirs, "", State.WITHDRAWN)
    moderation.restore(town.session, notice=theirs, reason="Doch.", by=moderator, now=town.now)
    assert theirs.state == State.WITHDRAWN
    _forget(town, min(ours.updated_at, theirs.updated_at) + ADDRESS_KEPT - A_SECOND)
    assert _count(town, Notice) == 2
    _forget(town, down + ADDRESS_KEPT)
    assert _count(town, Notice) == 0


def test_offers_that_were_turned_away_go_and_the_book_is_kept_two_years(stored_town: Neighbourhood) -> None:
    town = stored_town
    ladder = town.offer(town.resident(town.lilas), Audience.NETWORK)
    bonds.turn_away(town.session, listing=ladder, actor="https://a.example/x", offer_uri="https://a.example/o", now=NOW)
    _forget(town, NOW + TALK_KEPT)
    assert _count(town, Bond) == 1  # its answer is still owed
    _judge(town)
    _forget(town, NOW + TALK_KEPT - A_SECOND)
    assert _count(town, Bond) == 1
    _forget(town, NOW + TALK_KEPT)
    assert (_count(town, Bond), _count(town, Change)) == (0, 2)
    notices.withdraw(town.session, notice=ladder, by=ladder.author, now=NOW)  # type: ignore[arg-type]
    _forget(town, NOW + BOOK_KEPT - A_SECOND)
    assert _count(town, Verdict) == 2
    _forget(town, NOW + BOOK_KEPT)
    assert (_count(town, Change), _count(town, Verdict)) == (1, 0)  # what is not judged yet


class Forgetting(RuleBasedStateMachine):
    """Neighbours hang, answer, write and take down, moderators look, the boundary judges, and the clock forgets."""

    @initialize()
    def begin(self) -> None:
        self.stack = ExitStack()
        self.session = self.stack.enter_context(neighbourhood.fresh_session())
        self.town = neighbourhood.build(self.session)
        self.author = self.town.resident(self.town.lilas)
        self.others = [self.town.resident(self.town.lilas) for _ in range(2)]
        # What should be there, by public id: when it came down; when a conversation last moved, and about what.
        self.hung: list[Listing] = []
        self.ids: list[int] = []
        self.down: dict[int, datetime] = {}
        self.crossed: set[int] = set()
        self.last: dict[tuple[int, int], datetime] = {}
        self.reported: set[int] = set()
        self.unjudged: set[int] = set()

    def teardown(self) -> None:
        if hasattr(self, "stack"):
            self.stack.close()

    def live(self) -> list[int]:
        return [one for one in self.ids if one not in self.down]

    def notice(self, which: int) -> Listing:
        return self.session.get_one(Listing, which)

    @rule(wide=st.booleans())
    def hang(self, wide: bool) -> None:
        made = self.town.offer(self.author, Audience.NETWORK if wide else Audience.BUILDING)
        self.ids.append(made.id)
        self.unjudged.add(made.id)
        if wide:
            self.crossed.add(made.id)

    @rule(which=st.integers(0, 9), who=st.integers(0, 1))
    def write(self, which: int, who: int) -> None:
        if self.live():
            found = self.live()[which % len(self.live())]
            conversations.answer(
                self.session, listing=self.notice(found), by=self.others[who], body="Bonjour", now=self.town.now
            )
            self.last[found, who] = self.town.now

    @rule(which=st.integers(0, 9))
    def reply(self, which: int) -> None:
        if self.last:
            key = sorted(self.last)[which % len(self.last)]
            wanted = select(Conversation).where(
                Conversation.listing_id == key[0], Conversation.opener_id == self.others[key[1]].id
            )
            talk = self.session.scalars(wanted).one()
            conversations.reply(self.session, conversation=talk, by=self.author, body="Oui", now=self.town.now)
            self.last[key] = self.town.now

    @rule(which=st.integers(0, 9))
    def take_down(self, which: int) -> None:
        if self.live():
            found = self.live()[which % len(self.live())]
            notices.withdraw(self.session, notice=self.notice(found), by=self.author, now=self.town.now)
            self.down[found] = self.notice(found).updated_at
            self.unjudged.add(found)

    @rule(which=st.integers(0, 9))
    def report(self, which: int) -> None:
        if self.live():
            found = self.live()[which % len(self.live())]
            reader = self.town.reader(self.others[0])
            about = {"target": Target.NOTICE, "public_id": self.notice(found).public_id, "reason": "?"}
            reports.report(self.session, by=self.others[0], reader=reader, now=self.town.now, **about)  # type: ignore[arg-type]
            self.reported.add(found)

    @rule()
    def decide(self) -> None:
        for found in self.reported:
            reports.close(self.session, target_id=self.notice(found).public_id, now=self.town.now)
        self.reported.clear()

    @rule()
    def judge(self) -> None:
        _judge(self.town)
        self.unjudged.clear()

    @rule(days=st.sampled_from([1, 90, 183, 365]))
    def wait(self, days: int) -> None:
        self.town.later(days=days)

    @rule()
    def expire(self) -> None:
        # As the worker does before it forgets: what ran out comes down at that moment.
        self.session.flush()
        notices.expire(self.session, now=self.town.now)
        for found in self.live():
            if self.notice(found).state == State.EXPIRED:
                self.down[found] = self.notice(found).updated_at
                self.unjudged.add(found)

    @rule(times=st.integers(1, 2))
    def forget(self, times: int) -> None:
        now = self.town.now
        for _ in range(times):
            _forget(self.town, now)
        self.last = {key: at for key, at in self.last.items() if at > now - TALK_KEPT}
        held = {which for which, _ in self.last} | self.reported | self.unjudged
        due = {which for which, at in self.down.items() if at <= now - NOTICE_KEPT} - held
        for which in due - self.crossed:
            self.ids.remove(which)
            del self.down[which]
        self.check(due & self.crossed)

    def check(self, spent: set[int]) -> None:
        there = {one.id: one for one in self.session.scalars(select(Notice))}
        old = {one for one in self.ids if one in self.down and self.down[one] <= self.town.now - ADDRESS_KEPT}
        assert set(self.ids) - old <= set(there) <= set(self.ids)
        for which in set(self.ids) - set(there):
            self.ids.remove(which)
            del self.down[which]
        assert {which for which in there if there[which].is_spent} >= spent & set(there)

    @invariant()
    def nothing_younger_went_and_nothing_else_was_touched(self) -> None:
        if not hasattr(self, "ids"):
            return
        assert set(self.session.scalars(select(Notice.id))) == set(self.ids)
        talks = self.session.execute(select(Conversation.listing_id, Conversation.opener_id, Conversation.last_at))
        numbers = {one.id: place for place, one in enumerate(self.others)}
        assert {(one[0], numbers[one[1]]): one[2] for one in talks} == self.last
        about = set(self.session.scalars(select(Message.conversation_id)))
        assert about == set(self.session.scalars(select(Conversation.id)))
        for notice in self.session.scalars(select(Notice).where(Notice.circle == "")):
            assert notice.id in self.crossed
            assert self.down[notice.id] <= self.town.now - NOTICE_KEPT


Forgetting.TestCase.settings = settings(max_examples=25, stateful_step_count=25, deadline=None)
TestForgetting = Forgetting.TestCase
