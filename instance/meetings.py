"""Meetings: up to three moments and a place proposed in a conversation, and the one that both agree on.

A conversation has one meeting at most: proposed → agreed → past, or called off. Proposals whose moments have passed are
nothing any more; a new proposal takes the place of an older one. Only neighbours of this city meet: conversations with
another one carry letters and nothing else.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Delete, ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import conversations, doorbell, hours, outgoing, quiet, residents, rings
from instance.base import Refused, Row
from instance.conversations import Conversation
from instance.places import Building
from instance.residents import Resident

MOST_MOMENTS = 3
LONGEST_PLACE = 120
# Further ahead nobody knows, and a calendar is the better place.
FURTHEST = timedelta(days=60)
# What was agreed stands at the top of the conversation until this long after its moment.
LASTS = timedelta(hours=1)
KEPT = timedelta(days=30)


class State(StrEnum):
    """What was last said about a meeting. That it has passed is told by the clock."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    CALLED_OFF = "called_off"


class Phase(StrEnum):
    """Where a meeting is now."""

    PROPOSED = "proposed"
    AGREED = "agreed"
    PAST = "past"
    CALLED_OFF = "called_off"
    LAPSED = "lapsed"


class Meeting(Row):
    """Two neighbours, up to three moments, one place. `over_at` is when it has nothing more to say."""

    __tablename__ = "meeting"

    # One at most: two proposals at once cannot both stay.
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), unique=True)
    proposer_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    # The entrance hall of a building in which both live, else a place in words.
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    place: Mapped[str | None] = mapped_column(String(LONGEST_PLACE))
    first_at: Mapped[datetime] = mapped_column()
    second_at: Mapped[datetime | None] = mapped_column()
    third_at: Mapped[datetime | None] = mapped_column()
    agreed_at: Mapped[datetime | None] = mapped_column()
    state: Mapped[str] = mapped_column(String(10))
    over_at: Mapped[datetime] = mapped_column(index=True)
    conversation: Mapped[Conversation] = relationship()
    building: Mapped[Building | None] = relationship()

    @property
    def moments(self) -> tuple[datetime, ...]:
        """The moments proposed, the earliest first."""
        return tuple(one for one in (self.first_at, self.second_at, self.third_at) if one is not None)

    def phase(self, now: datetime) -> Phase:
        """Where it is at a moment."""
        if self.state == State.CALLED_OFF:
            return Phase.CALLED_OFF
        over = now >= self.over_at
        if self.state == State.AGREED:
            return Phase.PAST if over else Phase.AGREED
        return Phase.LAPSED if over else Phase.PROPOSED


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where to meet: the entrance hall of a building, or words; never both."""

    building: Building | None = None
    words: str = ""


def halls(session: Session, *, conversation: Conversation, now: datetime) -> Sequence[Building]:
    """The buildings whose hall both may know: those in which both live by now, that of what they write about first."""
    if conversation.owner is None or conversation.opener is None:
        return ()
    other = {one.id for one in residents.buildings_of(session, resident=conversation.opener)}
    both = [one for one in residents.buildings_of(session, resident=conversation.owner) if one.id in other]
    return sorted(
        (one for one in both if one.stands(now=now)), key=lambda one: one.id != conversation.subject.building_id
    )


def propose(
    session: Session,
    *,
    conversation: Conversation,
    by: Resident,
    moments: Sequence[datetime],
    place: Place,
    now: datetime,
) -> Meeting:
    """Propose up to three moments (UTC) and a place; takes the place of what was proposed before, by whomever.

    Raises Refused: not_found, letters_only, unreachable, those of `read` for moments, hall_unknown, where_missing,
    where_twice, too_long, meeting_agreed.
    """
    residents.check_active(session, resident=by)
    _may_meet(conversation, by=by)
    first, *more = [*_checked(moments, now=now), None, None][:MOST_MOMENTS]
    building, words = _place(session, conversation=conversation, place=place, now=now)
    known = _held(session, conversation=conversation)
    if known is not None and known.phase(now) is Phase.AGREED:
        raise Refused("meeting_agreed")
    if known is not None:
        session.delete(known)
        session.flush()
    assert first is not None
    meeting = Meeting(
        conversation=conversation,
        proposer_id=by.id,
        building=building,
        place=words,
        first_at=first,
        second_at=more[0],
        third_at=more[1],
        state=State.PROPOSED.value,
        over_at=max(one for one in (first, *more) if one is not None),
        created_at=now,
    )
    conversation.last_at = now
    session.add(meeting)
    session.flush()
    conversations.ring(session, conversation=conversation, by=by, cause=meeting.public_id, now=now)
    return meeting


def _may_meet(conversation: Conversation, *, by: Resident) -> None:
    if not conversation.takes_part(by.id):
        raise Refused("not_found")
    if conversation.is_remote:
        raise Refused("letters_only")
    if not conversations.reachable(conversation, by=by):
        raise Refused("unreachable")


def read(rows: Sequence[tuple[str, str]], *, now: datetime) -> list[datetime]:
    """Moments as a form sends them, a day and an hour each by the town's clocks; empty rows are none.

    Raises Refused (moment_shape, hour_skipped, hour_twice, moment_past, moment_far, moment_twice, moments_missing), at
    "day_1", "hour_1", "day_2" and so on.
    """
    found: list[datetime] = []
    for number, (day, hour) in enumerate(rows, 1):
        if day.strip() or hour.strip():
            moment = hours.read(
                day, hour, field=f"hour_{number}" if day.strip() and not hour.strip() else f"day_{number}"
            )
            _check(moment, others=found, now=now, field=f"day_{number}")
            found.append(moment)
    if not found:
        raise Refused("moments_missing", field="day_1")
    return found


def _check(moment: datetime, *, others: Sequence[datetime], now: datetime, field: str | None = None) -> None:
    if moment <= now:
        raise Refused("moment_past", field=field)
    if moment > now + FURTHEST:
        raise Refused("moment_far", field=field)
    if moment in others:
        raise Refused("moment_twice", field=field)


def _checked(moments: Sequence[datetime], *, now: datetime) -> list[datetime]:
    if not moments:
        raise Refused("moments_missing")
    if len(moments) > MOST_MOMENTS:
        raise Refused("moments_many")
    for place, one in enumerate(moments):
        _check(one, others=moments[:place], now=now)
    return sorted(moments)


def _place(
    session: Session, *, conversation: Conversation, place: Place, now: datetime
) -> tuple[Building | None, str | None]:
    if place.building is not None:
        if place.words.strip():
            raise Refused("where_twice", field="place")
        if place.building.id not in {one.id for one in halls(session, conversation=conversation, now=now)}:
            raise Refused("hall_unknown", field="hall")
        return place.building, None
    words = " ".join(place.words.split())
    if not words:
        raise Refused("where_missing", field="place")
    if len(words) > LONGEST_PLACE:
        raise Refused("too_long", field="place")
    return None, words


def _held(session: Session, *, conversation: Conversation) -> Meeting | None:
    """The meeting of a conversation as it is now, ours alone to change until the transaction ends."""
    session.execute(select(Conversation.id).where(Conversation.id == conversation.id).with_for_update(key_share=True))
    wanted = select(Meeting).where(Meeting.conversation_id == conversation.id)
    return session.scalar(wanted.execution_options(populate_existing=True))


def pick(
    session: Session, *, conversation: Conversation, by: Resident, meeting_id: uuid.UUID, number: int, now: datetime
) -> Meeting:
    """Agree to one of the moments that the other proposed, counted from 1; the same one twice changes nothing.

    Raises Refused: "not_found" for a stranger, "own_proposal" for who proposed it, "moment_gone" when it is no longer
    proposed, has passed, or another one was agreed on meanwhile.
    """
    residents.check_active(session, resident=by)
    if not conversation.takes_part(by.id):
        raise Refused("not_found")
    meeting = _held(session, conversation=conversation)
    if meeting is None or meeting.public_id != meeting_id or number not in range(1, len(meeting.moments) + 1):
        raise Refused("moment_gone")
    if meeting.proposer_id == by.id:
        raise Refused("own_proposal")
    chosen = meeting.moments[number - 1]
    if meeting.phase(now) is Phase.AGREED and meeting.agreed_at == chosen:
        return meeting
    if meeting.phase(now) is not Phase.PROPOSED or chosen <= now:
        raise Refused("moment_gone")
    meeting.agreed_at, meeting.state, meeting.over_at = chosen, State.AGREED.value, chosen + LASTS
    session.flush()
    if conversation.listing is not None:
        rings.answered(session, listing=conversation.listing, now=now)
    _tell(session, meeting=meeting, by=by, now=now)
    return meeting


def call_off(
    session: Session, *, conversation: Conversation, by: Resident, meeting_id: uuid.UUID, now: datetime
) -> None:
    """Call off what was agreed, or take back what one proposed; anything else is over already and stays as it is.

    Raises Refused("not_found") for a stranger.
    """
    residents.check_active(session, resident=by)
    if not conversation.takes_part(by.id):
        raise Refused("not_found")
    meeting = _held(session, conversation=conversation)
    if meeting is not None and meeting.public_id == meeting_id:
        _end(session, meeting=meeting, by=by, now=now)


def _end(session: Session, *, meeting: Meeting, by: Resident, now: datetime) -> None:
    match meeting.phase(now):
        case Phase.AGREED:
            meeting.state = State.CALLED_OFF.value
            session.flush()
            _tell(session, meeting=meeting, by=by, now=now)
        case Phase.PROPOSED if meeting.proposer_id == by.id:
            session.delete(meeting)
            session.flush()
        case _:
            pass


def excuse(session: Session, *, conversation: Conversation, by: Resident, now: datetime) -> None:
    """Whoever goes away lets nobody wait: what was agreed is called off, what they proposed is taken back."""
    meeting = _held(session, conversation=conversation)
    if meeting is not None:
        _end(session, meeting=meeting, by=by, now=now)


def current(session: Session, *, conversation: Conversation, reader_id: int, now: datetime) -> Meeting | None:
    """What stands at the top of a conversation for one of the two: nothing once it has passed or come to nothing."""
    meeting = session.scalar(select(Meeting).where(Meeting.conversation_id == conversation.id))
    if meeting is None or meeting.phase(now) in {Phase.PAST, Phase.LAPSED} or now >= meeting.over_at:
        return None
    away = quiet.absences(session, conversation_id=conversation.id, resident_id=reader_id)
    return None if meeting.proposer_id != reader_id and meeting.created_at in away else meeting


def noted(session: Session, *, conversation: Conversation, now: datetime) -> Meeting | None:
    """What either of the two may have in a calendar: agreed and not over, or called off, as long as it is kept."""
    meeting = session.scalar(select(Meeting).where(Meeting.conversation_id == conversation.id))
    return meeting if meeting is not None and meeting.phase(now) in {Phase.AGREED, Phase.CALLED_OFF} else None


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Meeting | None:
    """A meeting by its public id, whoever asks: for what is written to one of the two by mail."""
    return session.scalar(select(Meeting).where(Meeting.public_id == public_id))


def _tell(session: Session, *, meeting: Meeting, by: Resident, now: datetime) -> None:
    """Tell the other that it is agreed or called off: each once, whatever else was told that day."""
    to = meeting.conversation.other(by.id)
    if to is None or not doorbell.wanted(session, to=to):
        return
    if conversations.is_quiet(session, conversation=meeting.conversation, to=to):
        return
    outgoing.post(
        session,
        kind=outgoing.Kind.MEETING,
        cause=f"meeting:{meeting.public_id}:{meeting.state}",
        to=to,
        subject_id=meeting.public_id,
        now=now,
        due_at=doorbell.due(session, to=to, now=now),
    )


def spent(now: datetime) -> tuple[Delete, ...]:
    """What to delete of meetings: proposals whose moments have passed, and all others after thirty days."""
    lapsed = (Meeting.state == State.PROPOSED.value, Meeting.over_at <= now)
    return delete(Meeting).where(*lapsed), delete(Meeting).where(Meeting.over_at <= now - KEPT)
