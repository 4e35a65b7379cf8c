"""Whatever somebody keeps away from themselves, the other's page is the same."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from instance import conversations, meetings, partings, quiet
from instance.conversations import Conversation
from instance.meetings import Place
from instance.quiet import Kind
from instance.residents import Resident
from tests.instance import neighbourhood
from tests.instance.neighbourhood import Neighbourhood
from tests.instance.test_quiet import answered, found, words, write

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
