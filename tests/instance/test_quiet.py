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


def _part(town: Neighbourhood, talk: Conversation, by: Resident, way: str) -> None:
    if way == "leave":
        partings.leave(town.session, conversation=talk, by=by, now=town.now)
    else:
        other = talk.other(by.id)
        assert other is not None
        partings.block(town.session, by=by, whom=other, now=town.now)


def _lend(town: Neighbourhood, talk: Conversation, by: Resident, *steps: Act) -> Loan:
    """Proposed by one of the two; `steps` begin with what the other one says to it."""
    pickup = town.now + timedelta(days=2)
    terms = {"pickup_at": pickup, "due_on": hours.town_day(pickup), "place": "", "now": town.now}
    loan = loans.ask(town.session, conversation=talk, by=by, **terms)
    if Act.AGREE in steps:
        other = talk.other(by.id)
        assert other is not None
        loans.agree(town.session, loan=loan, by=other, terms=1, now=town.now)
    for one in steps[1:]:
        given = {"loan": loan, "act": one, "now": town.now}
        loans.move(town.session, by=talk.opener if one is Act.GIVE_BACK else talk.owner, **given)
    return loan


@pytest.mark.parametrize("way", ["leave", "block"])
@pytest.mark.parametrize("lender", [True, False])
def test_nobody_waits_for_a_pick_up_that_will_not_be(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation], way: str, lender: bool
) -> None:
    town, ines, zoe, talk = pair
    goes, stays = (ines, zoe) if lender else (zoe, ines)
    loan = _lend(town, talk, stays, Act.AGREE)
    told = len(mails(town, goes))
    _part(town, talk, goes, way)
    assert loan.state == lending.State.CALLED_OFF
    assert mails(town, stays)[-1].cause.endswith(":called-off")
    assert len(mails(town, goes)) == told
    # Once more changes nothing: it is over.
    _part(town, talk, goes, way)
    assert loan.state == lending.State.CALLED_OFF


@pytest.mark.parametrize("way", ["leave", "block"])
@pytest.mark.parametrize("steps", [(Act.HAND_OVER,), (Act.HAND_OVER, Act.GIVE_BACK)])
@pytest.mark.parametrize("lender", [True, False])
def test_what_changed_hands_is_owed_whoever_goes(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation], way: str, steps: tuple[Act, ...], lender: bool
) -> None:
    town, ines, zoe, talk = pair
    loan = _lend(town, talk, zoe, Act.AGREE, *steps)
    before = loan.state
    _part(town, talk, ines if lender else zoe, way)
    assert loan.state == before
    loans.move(town.session, loan=loan, act=Act.CONFIRM, by=ines, now=town.now)
    assert loan.state == lending.State.RETURNED


def test_a_loan_that_was_proposed_is_taken_back_by_who_goes_and_by_nobody_else(
    pair: tuple[Neighbourhood, Resident, Resident, Conversation],
) -> None:
    town, ines, zoe, talk = pair
    theirs = _lend(town, talk, zoe)
    _part(town, talk, ines, "leave")
    assert theirs.state == lending.State.ASKED, "to the other one, who left is somebody who does not answer"
    other = answered(town, ines, zoe)
    mine = _lend(town, other, ines)
    _part(town, other, ines, "leave")
    assert mine.state == lending.State.CALLED_OFF
    with pytest.raises(Refused, match="loan_moved"):
        loans.agree(town.session, loan=mine, by=zoe, terms=1, now=town.now)


# --- whatever one does, the other's page is the same
STEPS = st.lists(st.sampled_from(["write", "answer", "propose", "leave", "block", "unblock", "mute"]), max_size=14)


@settings(max_examples=40, deadline=None)
@given(steps=STEPS)
def test_the_other_s_view_is_that_of_somebody_who_is_not_answered(steps: list[str]) -> None:
    """Zoe acts as she does; what Ines keeps away changes nothing of what Zoe has before her."""
    with neighbourhood.fresh_session() as one, neighbourhood.fresh_session() as two:
        noisy, silent = neighbourhood.build(one), neighbourhood.build(two)
        assert _story(noisy, steps, quietly=False) == _story(silent, steps, quietly=True)


def _story(town: Neighbourhood, steps: list[str], *, quietly: bool) -> list[object]:
    ines, zoe = town.resident(town.lilas, name="Ines"), town.resident(town.lilas, name="Zoe")
    talks = [answered(town, ines, zoe)]
    for step in steps:
        town.later(minutes=1)
        if step in {"write", "answer", "propose"}:
            _act(town, talks, ines, zoe, step)
        elif not quietly:
            _keep_away(town, talks, ines, zoe, step)
    return [_view(town, talk, zoe) for talk in talks]


def _act(town: Neighbourhood, talks: list[Conversation], ines: Resident, zoe: Resident, step: str) -> None:
    match step:
        case "write":
            write(town, talks[0], zoe, f"Lettre {town.now}")
        case "answer":
            talks.append(answered(town, ines, zoe))
        case _:
            given = {"moments": [town.now + timedelta(hours=3)], "place": Place(words="Ici"), "now": town.now}
            meetings.propose(town.session, conversation=talks[-1], by=zoe, **given)


def _keep_away(town: Neighbourhood, talks: list[Conversation], ines: Resident, zoe: Resident, step: str) -> None:
    match step:
        case "leave":
            partings.leave(town.session, conversation=talks[-1], by=ines, now=town.now)
        case "block":
            partings.block(town.session, by=ines, whom=zoe, now=town.now)
        case "unblock":
            for block in quiet.blocked_by(town.session, resident=ines):
                partings.unblock(town.session, public_id=block.public_id, by=ines, now=town.now)
        case _:
            mute = {"conversation_id": talks[0].id, "resident": ines, "kind": Kind.MUTED}
            quiet.stand_aside(town.session, now=town.now, **mute)


def _view(town: Neighbourhood, talk: Conversation, reader: Resident) -> tuple[object, ...]:
    meeting = meetings.current(town.session, conversation=talk, reader_id=reader.id, now=town.now)
    return (
        found(town, talk, reader),
        conversations.reachable(talk, by=reader),
        words(town, talk, reader),
        talk.last_at,
        None if meeting is None else (meeting.phase(town.now), meeting.moments, meeting.place),
    )
