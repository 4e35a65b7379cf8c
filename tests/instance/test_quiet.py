"""Leaving, muting, blocking, quiet hours, a monthly limit: what somebody keeps away, and that nobody else notices."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from instance import conversations, mailboxes, meetings, partings, quiet
from instance.audience import Audience
from instance.base import Refused
from instance.conversations import Conversation
from instance.meetings import Phase, Place
from instance.outgoing import OutgoingMail
from instance.quiet import Kind
from instance.residents import Resident
from tests.instance.neighbourhood import NOW, Neighbourhood


@pytest.fixture
def pair(stored_town: Neighbourhood) -> tuple[Neighbourhood, Resident, Resident, Conversation]:
    town = stored_town
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    for one in (ines, zoe):
        mailboxes.prove(town.session, resident=one, address=f"{one.login}@courriel.example", now=NOW)
    return town, ines, zoe, answered(town, ines, zoe)


def answered(town: Neighbourhood, owner: Resident, by: Resident) -> Conversation:
    listing = town.offer(owner, Audience.BUILDING)
    return conversations.answer(town.session, listing=listing, by=by, body="Bonjour", now=town.later(minutes=1))


def write(town: Neighbourhood, talk: Conversation, by: Resident, body: str) -> None:
    conversations.reply(town.session, conversation=talk, by=by, body=body, now=town.later(minutes=1))


def words(town: Neighbourhood, talk: Conversation, reader: Resident) -> list[str]:
    town.session.expire(talk, ["messages"])
    held = conversations.letters_for(town.session, conversation=talk, reader_id=reader.id)
    return [one.html.removeprefix("<p>").removesuffix("</p>\n") for one in held]


def listed(town: Neighbourhood, resident: Resident) -> list[Conversation]:
    return list(conversations.of_resident(town.session, resident=resident))


def mails(town: Neighbourhood, to: Resident) -> Sequence[OutgoingMail]:
    wanted = select(OutgoingMail).where(OutgoingMail.resident_id == to.id).order_by(OutgoingMail.id)
    return town.session.scalars(wanted).all()


def found(town: Neighbourhood, talk: Conversation, reader: Resident) -> bool:
    try:
        return conversations.find(town.session, public_id=talk.public_id, reader=town.reader(reader)) is talk
    except Refused:
        return False


def test_who_leaves_has_it_no_more_and_the_other_goes_on_as_before(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair
    for _ in range(2):
        partings.leave(town.session, conversation=talk, by=ines, now=town.later(minutes=1))
    before = len(mails(town, ines))
    write(town, talk, zoe, "Vous êtes là ?")
    assert (listed(town, ines), listed(town, zoe)) == ([], [talk])
    assert (found(town, talk, ines), found(town, talk, zoe)) == (False, True)
    assert words(town, talk, zoe) == ["Bonjour", "Vous êtes là ?"]
    assert len(mails(town, ines)) == before
    # Another notice is another conversation.
    other = answered(town, ines, zoe)
    assert listed(town, ines) == [other]


def test_only_the_two_can_leave(pair: tuple[Neighbourhood, Resident, Resident, Conversation]) -> None:
    town, _, _, talk = pair
    with pytest.raises(Refused, match="not_found"):
        partings.leave(town.session, conversation=talk, by=town.resident(town.lilas), now=NOW)


def test_who_left_and_answers_again_is_back_without_what_came_meanwhile(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair
    partings.leave(town.session, conversation=talk, by=zoe, now=town.later(minutes=1))
    write(town, talk, ines, "Allô ?")
    conversations.answer(town.session, listing=talk.listing, by=zoe, body="Me revoilà", now=town.later(minutes=1))
    write(town, talk, ines, "Bien")
    assert words(town, talk, zoe) == ["Bonjour", "Me revoilà", "Bien"]
    assert words(town, talk, ines) == ["Bonjour", "Allô ?", "Me revoilà", "Bien"]
    assert listed(town, zoe) == [talk]


def test_muted_means_no_mail_and_nothing_else(pair: tuple[Neighbourhood, Resident, Resident, Conversation]) -> None:
    town, ines, zoe, talk = pair
    mute = {"conversation_id": talk.id, "resident": ines, "kind": Kind.MUTED, "now": NOW}
    quiet.stand_aside(town.session, **mute)
    quiet.stand_aside(town.session, **mute)
    before = len(mails(town, ines))
    town.later(days=2)
    write(town, talk, zoe, "Un mot")
    assert len(mails(town, ines)) == before
    assert conversations.is_quiet(town.session, conversation=talk, to=ines), "a mail that waits is not sent, either"
    assert (listed(town, ines), words(town, talk, ines)) == ([talk], ["Bonjour", "Un mot"])
    quiet.come_back(town.session, **mute)
    write(town, talk, zoe, "Un autre")
    assert len(mails(town, ines)) == before + 1


def test_who_is_blocked_writes_to_nobody_and_sees_what_they_would_anyway(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair
    before = len(mails(town, ines))
    partings.block(town.session, by=ines, whom=zoe, now=town.later(minutes=1))
    write(town, talk, zoe, "Un")
    fresh = answered(town, ines, zoe)
    conversations.answer(town.session, listing=fresh.listing, by=zoe, body="Deux", now=town.later(minutes=1))
    assert listed(town, ines) == []
    assert (found(town, talk, ines), found(town, fresh, ines)) == (False, False)
    assert len(mails(town, ines)) == before
    assert listed(town, zoe) == [fresh, talk]
    assert (words(town, talk, zoe), words(town, fresh, zoe)) == (["Bonjour", "Un"], ["Bonjour", "Deux"])
    assert all(conversations.reachable(one, by=zoe) for one in (talk, fresh))
    # Others reach her as ever.
    other = answered(town, ines, town.resident(town.lilas))
    assert listed(town, ines) == [other]


def test_unblocked_somebody_is_heard_from_now_on(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair
    for _ in range(2):
        partings.block(town.session, by=ines, whom=zoe, now=town.later(minutes=1))
    (block,) = quiet.blocked_by(town.session, resident=ines)
    write(town, talk, zoe, "Pendant")
    begun = answered(town, ines, zoe)
    with pytest.raises(Refused, match="not_found"):
        partings.unblock(town.session, public_id=block.public_id, by=zoe, now=town.now)
    partings.unblock(town.session, public_id=block.public_id, by=ines, now=town.later(minutes=1))
    assert quiet.blocked_by(town.session, resident=ines) == []
    write(town, talk, zoe, "Après")
    assert words(town, talk, ines) == ["Bonjour", "Après"]
    assert words(town, begun, ines) == []
    write(town, begun, zoe, "Encore")
    assert words(town, begun, ines) == ["Encore"]
    with pytest.raises(Refused, match="not_found"):
        partings.unblock(town.session, public_id=block.public_id, by=ines, now=town.now)


def test_a_conversation_left_before_a_block_stays_left_after_it(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair
    partings.leave(town.session, conversation=talk, by=ines, now=town.later(minutes=1))
    partings.block(town.session, by=ines, whom=zoe, now=town.later(minutes=1))
    (block,) = quiet.blocked_by(town.session, resident=ines)
    partings.unblock(town.session, public_id=block.public_id, by=ines, now=town.later(minutes=1))
    assert listed(town, ines) == []


def test_who_blocks_somebody_is_told_before_writing_to_them(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, _ = pair
    partings.block(town.session, by=ines, whom=zoe, now=NOW)
    with pytest.raises(Refused, match="you_block") as refused:
        conversations.answer(town.session, listing=town.offer(zoe, Audience.BUILDING), by=ines, body="Bonjour", now=NOW)
    assert refused.value.field == "body"
    with pytest.raises(Refused, match="not_yourself"):
        partings.block(town.session, by=ines, whom=ines, now=NOW)


@pytest.mark.parametrize("way", ["leave", "block"])
def test_nobody_is_left_waiting_in_the_hall(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation], way: str
) -> None:
    town, ines, zoe, talk = pair

    def seen() -> Phase | None:
        one = meetings.current(town.session, conversation=talk, reader_id=zoe.id, now=town.now)
        return None if one is None else one.phase(town.now)

    def go() -> None:
        if way == "leave":
            partings.leave(town.session, conversation=talk, by=ines, now=town.now)
        else:
            partings.block(town.session, by=ines, whom=zoe, now=town.now)

    given = {"conversation": talk, "place": Place(words="Sur la place")}
    moments = [town.now + timedelta(hours=5)]
    agreed = meetings.propose(town.session, by=ines, moments=moments, now=town.now, **given)
    pick = {"meeting_id": agreed.public_id, "number": 1, "now": town.now}
    meetings.pick(town.session, conversation=talk, by=zoe, **pick)
    go()
    assert seen() is Phase.CALLED_OFF
    # What the other proposes now reaches nobody, and is on their own page as ever.
    meetings.propose(town.session, by=zoe, moments=moments, now=town.later(minutes=1), **given)
    assert seen() is Phase.PROPOSED
    assert not found(town, talk, ines)


def test_what_was_proposed_is_taken_back_by_who_goes(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair
    given = {"conversation": talk, "place": Place(words="Sur la place"), "moments": [town.now + timedelta(hours=5)]}
    meetings.propose(town.session, by=ines, now=town.now, **given)
    partings.leave(town.session, conversation=talk, by=ines, now=town.now)
    assert meetings.current(town.session, conversation=talk, reader_id=zoe.id, now=town.now) is None


def test_a_proposal_made_while_away_is_not_there_on_coming_back(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair
    partings.block(town.session, by=ines, whom=zoe, now=town.later(minutes=1))
    given = {"conversation": talk, "place": Place(words="Sur la place"), "moments": [town.now + timedelta(hours=5)]}
    meetings.propose(town.session, by=zoe, now=town.later(minutes=1), **given)
    (block,) = quiet.blocked_by(town.session, resident=ines)
    partings.unblock(town.session, public_id=block.public_id, by=ines, now=town.later(minutes=1))
    assert meetings.current(town.session, conversation=talk, reader_id=ines.id, now=town.now) is None
    assert meetings.current(town.session, conversation=talk, reader_id=zoe.id, now=town.now) is not None


# --- hours and how many


def test_mail_waits_for_the_end_of_one_s_own_quiet_hours(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    mailboxes.prove(town.session, resident=ines, address="ines@courriel.example", now=NOW)
    quiet.set_hours(town.session, resident=ines, begins=9, ends=17, most_new=None, now=NOW)
    town.now = datetime(2027, 5, 11, 10, 0, tzinfo=UTC)  # noon
    answered(town, ines, zoe)
    (mail,) = mails(town, ines)
    assert mail.due_at == datetime(2027, 5, 11, 15, 0, tzinfo=UTC)
    quiet.set_hours(town.session, resident=ines, begins=0, ends=0, most_new=None, now=NOW)
    town.now = datetime(2027, 5, 12, 1, 0, tzinfo=UTC)
    answered(town, ines, zoe)
    assert mails(town, ines)[-1].due_at == town.now + timedelta(minutes=2)


@pytest.mark.parametrize(
    ("begins", "ends", "most_new", "code", "field"),
    [
        (24, 8, None, "hour_shape", "begins"),
        (21, -1, None, "hour_shape", "ends"),
        (21, 8, 0, "most_new_shape", "most_new"),
        (21, 8, 31, "most_new_shape", "most_new"),
    ],
)
def test_hours_that_are_none(
    town: Neighbourhood, begins: int, ends: int, most_new: int | None, code: str, field: str
) -> None:
    ines = town.resident()
    with pytest.raises(Refused, match=code) as refused:
        quiet.set_hours(town.session, resident=ines, begins=begins, ends=ends, most_new=most_new, now=NOW)
    assert refused.value.field == field
    assert quiet.hours(town.session, resident=ines) == quiet.Hours()


def test_beyond_so_many_new_conversations_a_month_they_come_quietly(stored_town: Neighbourhood) -> None:
    town = stored_town
    ines = town.resident(town.lilas)
    mailboxes.prove(town.session, resident=ines, address="ines@courriel.example", now=NOW)
    quiet.set_hours(town.session, resident=ines, begins=0, ends=0, most_new=2, now=NOW)
    talks = [answered(town, ines, town.resident(town.lilas)) for _ in range(4)]
    assert [one.subject_id for one in mails(town, ines)] == [one.public_id for one in talks[:2]]
    assert listed(town, ines) == talks[::-1]
    # Who wrote in one wants to know how it goes on; of the others nothing is told.
    write(town, talks[3], ines, "Oui")
    town.later(hours=1)
    for talk in talks[2:]:
        assert talk.opener is not None
        write(town, talk, talk.opener, "Merci")
    assert mails(town, ines)[-1].subject_id == talks[3].public_id
    assert len(mails(town, ines)) == 3
    # One that was left makes room, and the next month begins anew.
    partings.leave(town.session, conversation=talks[0], by=ines, now=town.now)
    assert not conversations.is_quiet(town.session, conversation=talks[2], to=ines)
    town.now = datetime(2027, 5, 31, 22, 0, tzinfo=UTC)  # midnight by the town's clock
    june = answered(town, ines, town.resident(town.lilas))
    assert mails(town, ines)[-1].subject_id == june.public_id


def test_what_one_begins_oneself_is_not_counted(town: Neighbourhood) -> None:
    ines, zoe = town.resident(town.lilas), town.resident(town.lilas)
    mailboxes.prove(town.session, resident=ines, address="ines@courriel.example", now=NOW)
    quiet.set_hours(town.session, resident=ines, begins=0, ends=0, most_new=1, now=NOW)
    mine = answered(town, zoe, ines)
    write(town, mine, zoe, "Oui")
    theirs = answered(town, ines, zoe)
    assert [one.subject_id for one in mails(town, ines)] == [mine.public_id, theirs.public_id]
