"""Meetings: proposed, agreed on, past or called off; and that no sequence of steps by anybody ends in anything else."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy import select

from instance import conversations, forgetting, listings, mailboxes, meetings, residents
from instance.audience import Audience
from instance.base import Refused
from instance.conversations import Conversation
from instance.listings import Direction, Listing
from instance.meetings import Meeting, Phase, Place, State
from instance.outgoing import Kind, OutgoingMail
from instance.residents import Resident, Role
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW, Neighbourhood

SQUARE = Place(words="Sur la place")


def talk_of(town: Neighbourhood, owner: Resident, opener: Resident, audience: Audience) -> Conversation:
    return conversations.answer(
        town.session, listing=town.offer(owner, audience), by=opener, body="Bonjour", now=town.now
    )


@pytest.fixture
def pair(stored_town: Neighbourhood) -> tuple[Neighbourhood, Resident, Resident, Conversation]:
    town = stored_town
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    return town, ines, zoe, talk_of(town, ines, zoe, Audience.BUILDING)


def propose(
    town: Neighbourhood, talk: Conversation, by: Resident, *hours: float, place: Place = SQUARE, now: datetime = NOW
) -> Meeting:
    moments = [now + timedelta(hours=one) for one in hours]
    return meetings.propose(town.session, conversation=talk, by=by, moments=moments, place=place, now=now)


def pick(town: Neighbourhood, meeting: Meeting, by: Resident, number: int, *, now: datetime = NOW) -> Meeting:
    return meetings.pick(
        town.session,
        conversation=meeting.conversation,
        by=by,
        meeting_id=meeting.public_id,
        number=number,
        now=now,
    )


def test_three_moments_become_one_that_both_see(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair
    meeting = propose(town, talk, ines, 30, 10, 20)
    assert meeting.moments == tuple(NOW + timedelta(hours=one) for one in (10, 20, 30))
    assert pick(town, meeting, zoe, 2).agreed_at == NOW + timedelta(hours=20)
    for one in (ines, zoe):
        seen = meetings.current(town.session, conversation=talk, reader_id=one.id, now=NOW)
        assert seen is meeting
        assert seen.phase(NOW) is Phase.AGREED
    # A second tap on the same button changes nothing, on another one it is too late.
    assert pick(town, meeting, zoe, 2) is meeting
    with pytest.raises(Refused, match="moment_gone"):
        pick(town, meeting, zoe, 1)
    with pytest.raises(Refused, match="meeting_agreed"):
        propose(town, talk, zoe, 40)
    late = NOW + timedelta(hours=20) + meetings.LASTS
    assert meetings.current(town.session, conversation=talk, reader_id=zoe.id, now=late) is None
    assert propose(town, talk, zoe, 1, now=late).proposer_id == zoe.id


def test_the_other_one_proposes_others_instead(pair: tuple[Neighbourhood, Resident, Resident, Conversation]) -> None:
    town, ines, zoe, talk = pair
    first = propose(town, talk, ines, 10).public_id
    other = propose(town, talk, zoe, 12)
    with pytest.raises(Refused, match="moment_gone"):
        meetings.pick(town.session, conversation=talk, by=zoe, meeting_id=first, number=1, now=NOW)
    with pytest.raises(Refused, match="own_proposal"):
        pick(town, other, zoe, 1)
    assert pick(town, other, ines, 1).agreed_at == NOW + timedelta(hours=12)


def test_either_calls_off_what_was_agreed_and_only_who_proposed_takes_back(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair

    def call_off(by: Resident, meeting_id: uuid.UUID) -> Meeting | None:
        meetings.call_off(town.session, conversation=talk, by=by, meeting_id=meeting_id, now=NOW)
        return meetings.current(town.session, conversation=talk, reader_id=ines.id, now=NOW)

    meeting = propose(town, talk, ines, 10)
    assert call_off(zoe, meeting.public_id) is meeting
    assert meeting.state == State.PROPOSED
    assert call_off(ines, meeting.public_id) is None
    for by in (ines, zoe):
        agreed = propose(town, talk, ines, 10)
        pick(town, agreed, zoe, 1)
        assert call_off(by, meeting.public_id) is agreed, "an old page's button"
        assert agreed.state == State.AGREED
        assert call_off(by, agreed.public_id) is agreed
        assert agreed.state == State.CALLED_OFF
        with pytest.raises(Refused, match="moment_gone"):
            pick(town, agreed, zoe, 1)


def test_proposals_vanish_with_their_last_moment(pair: tuple[Neighbourhood, Resident, Resident, Conversation]) -> None:
    town, ines, zoe, talk = pair
    meeting = propose(town, talk, ines, 10, 20)
    between, after = NOW + timedelta(hours=10), NOW + timedelta(hours=20)
    with pytest.raises(Refused, match="moment_gone"):
        pick(town, meeting, zoe, 1, now=between)
    for one in (ines, zoe):
        assert meetings.current(town.session, conversation=talk, reader_id=one.id, now=between) is meeting
        assert meetings.current(town.session, conversation=talk, reader_id=one.id, now=after) is None
    with pytest.raises(Refused, match="moment_gone"):
        pick(town, meeting, zoe, 2, now=after)
    forgetting.forget_spent(town.session, now=between)
    assert town.session.scalar(select(Meeting)) is not None
    forgetting.forget_spent(town.session, now=after)
    assert town.session.scalar(select(Meeting)) is None


def test_an_agreed_one_is_forgotten_after_thirty_days(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair
    meeting = pick(town, propose(town, talk, ines, 10), zoe, 1)
    forgetting.forget_spent(town.session, now=meeting.over_at + meetings.KEPT - timedelta(seconds=1))
    assert town.session.scalar(select(Meeting)) is not None
    forgetting.forget_spent(town.session, now=meeting.over_at + meetings.KEPT)
    assert town.session.scalar(select(Meeting)) is None


def test_the_hall_is_offered_where_both_live_and_taken_nowhere_else(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas, town.tilleuls)
    for opener, audience, there in (
        (town.resident(town.lilas), Audience.QUARTER, [town.lilas]),
        (town.resident(town.tilleuls), Audience.QUARTER, [town.tilleuls]),
        (town.resident(town.far), Audience.INSTANCE, []),
        (town.resident(role=Role.MODERATOR), Audience.INSTANCE, []),
    ):
        listing = town.offer(ines, audience, building=town.lilas)
        talk = conversations.answer(town.session, listing=listing, by=opener, body="Bonjour", now=NOW)
        assert list(meetings.halls(town.session, conversation=talk, now=town.now)) == there
        for building in (town.lilas, town.tilleuls, town.far):
            if building in there:
                assert propose(town, talk, opener, 1, place=Place(building=building)).building is building
                with pytest.raises(Refused, match="where_twice"):
                    propose(town, talk, opener, 1, place=Place(building=building, words="Ou ailleurs"))
            else:
                with pytest.raises(Refused, match="hall_unknown"):
                    propose(town, talk, opener, 1, place=Place(building=building))


def test_the_hall_of_the_notice_s_building_comes_first(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, zoe = (town.resident(town.lilas, town.tilleuls) for _ in range(2))
    listing = town.offer(ines, Audience.BUILDING, building=town.tilleuls)
    talk = conversations.answer(town.session, listing=listing, by=zoe, body="Bonjour", now=NOW)
    assert list(meetings.halls(town.session, conversation=talk, now=town.now)) == [town.tilleuls, town.lilas]
    # A building that is handed over later has no hall yet.
    town.tilleuls.delivered_on = (NOW + timedelta(days=1)).date()
    assert list(meetings.halls(town.session, conversation=talk, now=town.now)) == [town.lilas]


@pytest.mark.parametrize(
    ("moments", "place", "code"),
    [
        ([], SQUARE, "moments_missing"),
        ([1, 2, 3, 4], SQUARE, "moments_many"),
        ([0], SQUARE, "moment_past"),
        ([-1], SQUARE, "moment_past"),
        ([24 * 61], SQUARE, "moment_far"),
        ([1, 1], SQUARE, "moment_twice"),
        ([1], Place(words="  "), "where_missing"),
        ([1], Place(words="x" * 121), "too_long"),
    ],
)
def test_what_cannot_be_proposed_changes_nothing(
    town: Neighbourhood, moments: list[float], place: Place, code: str
) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    talk = talk_of(town, ines, zoe, Audience.BUILDING)
    known = propose(town, talk, zoe, 5)
    with pytest.raises(Refused, match=code):
        propose(town, talk, ines, *moments, place=place)
    assert meetings.current(town.session, conversation=talk, reader_id=ines.id, now=NOW) is known


def test_rows_of_a_form_are_read_each_with_its_own_refusal() -> None:
    def refused(*rows: tuple[str, str]) -> tuple[str, str | None]:
        with pytest.raises(Refused) as found:
            meetings.read(rows, now=NOW)
        return found.value.code, found.value.field

    empty, good = ("", ""), ("2027-05-12", "18:30")
    assert meetings.read((empty, good, empty), now=NOW) == [datetime(2027, 5, 12, 16, 30, tzinfo=UTC)]
    assert refused(empty, empty, empty) == ("moments_missing", "day_1")
    assert refused(good, empty, good) == ("moment_twice", "day_3")
    assert refused(empty, ("2027-05-12", " ")) == ("moment_shape", "hour_2")
    assert refused(good, (" ", "18:30")) == ("moment_shape", "day_2")
    assert refused(good, ("2027-05-11", "10:00")) == ("moment_past", "day_2")
    assert refused(("2028-05-11", "10:00")) == ("moment_far", "day_1")


def test_a_conversation_with_another_city_has_letters_only(town: Neighbourhood) -> None:
    zoe = town.resident(town.lilas)
    listing = listings.welcome(
        town.session,
        origin=neighbourhood.origin(),
        direction=Direction.OFFER,
        title="Un vélo",
        html="<p>x</p>",
        language="fr",
        now=NOW,
    )
    assert isinstance(listing, Listing)
    talk = conversations.answer(town.session, listing=listing, by=zoe, body="Bonjour", byline="Une voisine", now=NOW)
    with pytest.raises(Refused, match="letters_only"):
        propose(town, talk, zoe, 10)
    assert meetings.halls(town.session, conversation=talk, now=town.now) == ()


def test_with_somebody_suspended_nothing_is_proposed(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    talk = talk_of(town, ines, zoe, Audience.BUILDING)
    ines.state = residents.State.SUSPENDED.value
    with pytest.raises(Refused, match="unreachable"):
        propose(town, talk, zoe, 10)


def test_each_step_is_told_once_to_the_other(pair: tuple[Neighbourhood, Resident, Resident, Conversation]) -> None:
    town, ines, zoe, talk = pair
    for one in (ines, zoe):
        mailboxes.prove(town.session, resident=one, address=f"{one.login}@courriel.example", now=NOW)
    meeting = propose(town, talk, ines, 10)
    pick(town, meeting, zoe, 1)
    pick(town, meeting, zoe, 1)
    for by in (ines, zoe):
        meetings.call_off(town.session, conversation=talk, by=by, meeting_id=meeting.public_id, now=NOW)
    told = town.session.execute(select(OutgoingMail.kind, OutgoingMail.resident_id).order_by(OutgoingMail.id)).all()
    assert [tuple(one) for one in told] == [
        (Kind.ANSWER.value, zoe.id),
        (Kind.MEETING.value, ines.id),
        (Kind.MEETING.value, zoe.id),
    ]


# --- any sequence of steps, by anybody, from fresh and from stale pages

ACTORS = st.sampled_from(["owner", "opener", "stranger"])


class Meetings(RuleBasedStateMachine):
    """A model of one conversation's meeting beside the real one; every answer and every view has to agree."""

    @initialize()
    def begin(self) -> None:
        self.opened = neighbourhood.fresh_session()
        self.town = neighbourhood.build(self.opened.__enter__())
        self.people = {one: self.town.resident(self.town.lilas) for one in ("owner", "opener", "stranger")}
        self.talk = talk_of(self.town, self.people["owner"], self.people["opener"], Audience.BUILDING)
        self.now = NOW
        self.known: list[uuid.UUID] = [uuid.uuid4()]  # every id that ever stood on a page
        self.at: uuid.UUID | None = None
        self.by = ""
        self.moments: list[datetime] = []
        self.agreed: datetime | None = None
        self.off = False

    def teardown(self) -> None:
        if hasattr(self, "opened"):
            self.opened.__exit__(None, None, None)

    @property
    def is_agreed(self) -> bool:
        return self.agreed is not None and not self.off and self.now < self.agreed + meetings.LASTS

    def refused(self, act: object, *codes: str) -> None:
        with pytest.raises(Refused) as found:
            act()  # type: ignore[operator]
        assert found.value.code in codes
        self.town.session.expire_all()

    @rule(who=ACTORS, ahead=st.lists(st.integers(1, 30), min_size=1, max_size=3, unique=True))
    def propose(self, who: str, ahead: list[int]) -> None:
        def act() -> Meeting:
            return propose(self.town, self.talk, self.people[who], *ahead, now=self.now)

        if who == "stranger":
            self.refused(act, "not_found")
        elif self.is_agreed:
            self.refused(act, "meeting_agreed")
        else:
            self.at, self.by, self.agreed, self.off = act().public_id, who, None, False
            self.moments = sorted(self.now + timedelta(hours=one) for one in ahead)
            self.known.append(self.at)

    @rule(who=ACTORS, which=st.integers(0, 5), number=st.integers(-1, 4))
    def pick(self, who: str, which: int, number: int) -> None:
        asked = self.known[max(0, len(self.known) - 1 - which)]

        def act() -> Meeting:
            given = {"conversation": self.talk, "by": self.people[who], "now": self.now}
            return meetings.pick(self.town.session, meeting_id=asked, number=number, **given)  # type: ignore[arg-type]

        chosen = self.moments[number - 1] if 1 <= number <= len(self.moments) else None
        if who == "stranger":
            self.refused(act, "not_found")
        elif asked != self.at or chosen is None:
            self.refused(act, "moment_gone")
        elif who == self.by:
            self.refused(act, "own_proposal")
        elif self.is_agreed and chosen == self.agreed:
            act()
        elif self.agreed is not None or chosen <= self.now:
            self.refused(act, "moment_gone")
        else:
            act()
            self.agreed = chosen

    @rule(who=ACTORS, which=st.integers(0, 3))
    def call_off(self, who: str, which: int) -> None:
        asked = self.known[max(0, len(self.known) - 1 - which)]

        def act() -> None:
            given = {"conversation": self.talk, "by": self.people[who], "now": self.now}
            meetings.call_off(self.town.session, meeting_id=asked, **given)  # type: ignore[arg-type]

        if who == "stranger":
            self.refused(act, "not_found")
            return
        act()
        if asked == self.at and self.is_agreed:
            self.off = True
        elif asked == self.at and self.agreed is None and who == self.by and self.now < self.moments[-1]:
            self.at, self.moments = None, []

    @rule(hours=st.integers(1, 40))
    def wait(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule()
    def forget(self) -> None:
        forgetting.forget_spent(self.town.session, now=self.now)
        self.town.session.expire_all()
        if self.at is not None and self.agreed is None and self.moments[-1] <= self.now:
            self.at, self.moments = None, []

    @invariant()
    def both_see_the_same_and_it_is_what_was_said(self) -> None:
        if not hasattr(self, "talk"):
            return
        rows = self.town.session.scalars(select(Meeting)).all()
        assert len(rows) <= 1
        seen = {
            meetings.current(self.town.session, conversation=self.talk, reader_id=self.people[one].id, now=self.now)
            for one in ("owner", "opener")
        }
        assert len(seen) == 1
        (one,) = seen
        over = self.agreed + meetings.LASTS if self.agreed is not None else self.moments[-1] if self.moments else None
        assert (one is None) == (self.at is None or over is None or self.now >= over)
        if one is not None:
            assert (one.public_id, one.agreed_at, list(one.moments)) == (self.at, self.agreed, self.moments)
            assert one.phase(self.now) == (
                Phase.CALLED_OFF if self.off else Phase.PROPOSED if self.agreed is None else Phase.AGREED
            )


Meetings.TestCase.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
TestMeetings = Meetings.TestCase
