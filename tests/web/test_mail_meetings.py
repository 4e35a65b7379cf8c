"""Mails about meetings: agreed, called off, taken back; and none to whoever left."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from instance import meetings, partings
from instance.audience import Audience
from instance.conversations import Conversation
from instance.meetings import Meeting, Place
from instance.residents import Resident
from tests.web import mail_town
from tests.web.mail_town import MailTown, one

ANA = "ana@courriel.example"


@pytest.fixture
def post(tmp_path: Path) -> Iterator[MailTown]:
    with mail_town.usual(tmp_path / "town") as made:
        yield made


def meeting_of(post: MailTown, conversation: uuid.UUID, *, by: Resident) -> Meeting:
    """Somebody proposes a moment."""
    with post.town.home() as session:
        return meetings.propose(
            session,
            conversation=session.scalars(select(Conversation).where(Conversation.public_id == conversation)).one(),
            by=session.get_one(Resident, by.id),
            moments=[post.moment + timedelta(days=2)],
            place=Place(words="Devant la mairie"),
            now=post.moment,
        )


def test_a_meeting_is_told_in_two_mails_and_neither_says_when_or_where(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    conversation = post.answered(town.listing(by=town.ana, audience=Audience.BUILDING), by=town.ben)
    post.wrote(conversation, by=town.ana)
    made = meeting_of(post, conversation, by=town.ana)
    given = {"meeting_id": made.public_id, "now": post.moment}
    with town.home() as session:
        talk, ben = session.get_one(Conversation, made.conversation_id), session.get_one(Resident, town.ben.id)
        meetings.pick(session, conversation=talk, by=ben, number=1, **given)
    post.later(minutes=5)
    (agreed,) = post.deliver()
    assert agreed.mail["Subject"].startswith("A meeting is agreed on")
    with town.home() as session:
        talk, ben = session.get_one(Conversation, made.conversation_id), session.get_one(Resident, town.ben.id)
        meetings.call_off(session, conversation=talk, by=ben, **given)
    post.later(minutes=5)
    (off,) = post.deliver()
    assert off.mail["Subject"].startswith("A meeting was called off")
    for parcel in (agreed, off):
        assert [one for one in ("mairie", "Ben", "échelle", "13 May", "10:00") if one in parcel.text] == []
        assert f"/conversations/{conversation}" in parcel.text


def test_what_was_agreed_on_and_called_off_at_once_is_told_once(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    conversation = post.answered(town.listing(by=town.ana, audience=Audience.BUILDING), by=town.ben)
    post.wrote(conversation, by=town.ana)
    made = meeting_of(post, conversation, by=town.ana)
    given = {"meeting_id": made.public_id, "now": post.moment}
    with town.home() as session:
        talk, ben = session.get_one(Conversation, made.conversation_id), session.get_one(Resident, town.ben.id)
        meetings.pick(session, conversation=talk, by=ben, number=1, **given)
        meetings.call_off(session, conversation=talk, by=ben, **given)
    post.later(minutes=5)
    (off,) = post.deliver()
    assert off.mail["Subject"].startswith("A meeting was called off")


def test_a_proposal_that_was_taken_back_is_not_told(post: MailTown) -> None:
    town = post.town
    post.prove(town.ben, ANA)
    conversation = post.answered(town.listing(by=town.ana, audience=Audience.BUILDING), by=town.ben)
    post.later(minutes=1)
    made = meeting_of(post, conversation, by=town.ana)
    with town.home() as session:
        talk, ana = session.get_one(Conversation, made.conversation_id), session.get_one(Resident, town.ana.id)
        meetings.call_off(session, conversation=talk, by=ana, meeting_id=made.public_id, now=post.moment)
    post.later(minutes=5)
    assert post.deliver() == []
    assert one(post.mails()).said == "what was proposed was taken back, or has passed"


def test_whoever_leaves_gets_no_mail_that_was_waiting(post: MailTown) -> None:
    town = post.town
    post.prove(town.ana, ANA)
    conversation = post.answered(town.listing(by=town.ana, audience=Audience.BUILDING), by=town.ben)
    with town.home() as session:
        talk = session.scalars(select(Conversation).where(Conversation.public_id == conversation)).one()
        partings.leave(session, conversation=talk, by=session.get_one(Resident, town.ana.id), now=post.moment)
    post.later(minutes=5)
    assert post.deliver() == []
