"""Two at once in one conversation: whoever is second waits, finds what the first did, and nothing is agreed twice."""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instance import conversations, meetings, partings
from instance.audience import Audience
from instance.base import Refused
from instance.conversations import Conversation
from instance.meetings import Meeting, Place
from instance.residents import Resident
from tests.instance import neighbourhood
from web import stores

NOW = datetime(2027, 5, 11, 8, 0, tzinfo=UTC)
SOON = [NOW + timedelta(hours=hours) for hours in (10, 20)]


@dataclass
class Pair:
    """Two neighbours in a conversation, and the store it is in."""

    store: stores.Store
    talk: int
    owner: int
    opener: int

    def propose(self, session: Session, *, by: int) -> uuid.UUID:
        return meetings.propose(
            session,
            conversation=session.get_one(Conversation, self.talk),
            by=session.get_one(Resident, by),
            moments=SOON,
            place=Place(words="Sur la place"),
            now=NOW,
        ).public_id

    def pick(self, session: Session, *, by: int, meeting_id: uuid.UUID, number: int) -> None:
        meetings.pick(
            session,
            conversation=session.get_one(Conversation, self.talk),
            by=session.get_one(Resident, by),
            meeting_id=meeting_id,
            number=number,
            now=NOW,
        )

    def call_off(self, session: Session, *, by: int, meeting_id: uuid.UUID) -> None:
        talk, resident = session.get_one(Conversation, self.talk), session.get_one(Resident, by)
        meetings.call_off(session, conversation=talk, by=resident, meeting_id=meeting_id, now=NOW)

    def block(self, session: Session, *, by: int, whom: int) -> None:
        partings.block(session, by=session.get_one(Resident, by), whom=session.get_one(Resident, whom), now=NOW)

    def proposed(self) -> uuid.UUID:
        with self.store.write.begin() as session:
            return self.propose(session, by=self.owner)

    def meeting(self) -> Meeting | None:
        with self.store.read() as session:
            assert (session.scalar(select(func.count()).select_from(Meeting)) or 0) <= 1
            return session.scalar(select(Meeting))


@pytest.fixture
def pair(home_store: stores.Store) -> Pair:
    with home_store.write.begin() as session:
        town = neighbourhood.build(session)
        owner, opener = town.resident(town.lilas), town.resident(town.lilas)
        listing = town.offer(owner, Audience.BUILDING)
        talk = conversations.answer(session, listing=listing, by=opener, body="Bonjour", now=NOW)
        return Pair(store=home_store, talk=talk.id, owner=owner.id, opener=opener.id)


def at_once(pair: Pair, first: Callable[[Session], object], second: Callable[[Session], object]) -> str:
    """Do the second while the first is not committed; what came of the second."""
    said: list[str] = []

    def other() -> None:
        with pair.store.write() as session:
            try:
                second(session)
                session.commit()
                said.append("done")
            except Refused as refused:
                said.append(refused.code)

    with pair.store.write() as session:
        first(session)
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive(), "waits for the first one"
        session.commit()
    thread.join(timeout=30)
    assert not thread.is_alive()
    (one,) = said
    return one


def test_two_proposals_at_once_leave_one(pair: Pair) -> None:
    said = at_once(pair, lambda one: pair.propose(one, by=pair.owner), lambda one: pair.propose(one, by=pair.opener))
    meeting = pair.meeting()
    assert said == "done"
    assert meeting is not None
    assert meeting.proposer_id == pair.opener


def test_two_taps_at_once_agree_on_one_moment(pair: Pair) -> None:
    given = {"by": pair.opener, "meeting_id": pair.proposed()}
    said = at_once(pair, lambda one: pair.pick(one, number=1, **given), lambda one: pair.pick(one, number=2, **given))
    meeting = pair.meeting()
    assert said == "moment_gone"
    assert meeting is not None
    assert meeting.agreed_at == SOON[0]


def test_what_is_agreed_is_not_replaced_by_a_proposal_under_way(pair: Pair) -> None:
    known = pair.proposed()
    said = at_once(
        pair,
        lambda one: pair.pick(one, by=pair.opener, meeting_id=known, number=1),
        lambda one: pair.propose(one, by=pair.owner),
    )
    meeting = pair.meeting()
    assert said == "meeting_agreed"
    assert meeting is not None
    assert (meeting.public_id, meeting.agreed_at) == (known, SOON[0])


def test_a_tap_on_what_is_being_replaced_agrees_on_nothing(pair: Pair) -> None:
    known = pair.proposed()
    said = at_once(
        pair,
        lambda one: pair.propose(one, by=pair.owner),
        lambda one: pair.pick(one, by=pair.opener, meeting_id=known, number=1),
    )
    meeting = pair.meeting()
    assert said == "moment_gone"
    assert meeting is not None
    assert meeting.agreed_at is None


def test_a_tap_on_what_is_being_taken_back_agrees_on_nothing(pair: Pair) -> None:
    known = pair.proposed()
    said = at_once(
        pair,
        lambda one: pair.call_off(one, by=pair.owner, meeting_id=known),
        lambda one: pair.pick(one, by=pair.opener, meeting_id=known, number=1),
    )
    assert said == "moment_gone"
    assert pair.meeting() is None


def test_nobody_agrees_to_meet_somebody_who_is_blocking_them(pair: Pair) -> None:
    known = pair.proposed()
    said = at_once(
        pair,
        lambda one: pair.block(one, by=pair.owner, whom=pair.opener),
        lambda one: pair.pick(one, by=pair.opener, meeting_id=known, number=1),
    )
    assert said == "moment_gone"
    assert pair.meeting() is None


def test_both_block_each_other_at_once(pair: Pair) -> None:
    pair.proposed()
    said = at_once(
        pair,
        lambda one: pair.block(one, by=pair.owner, whom=pair.opener),
        lambda one: pair.block(one, by=pair.opener, whom=pair.owner),
    )
    assert said == "done"
