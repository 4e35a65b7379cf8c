"""A meeting as one of the two sees it: what can be chosen, what is agreed, and where."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask_babel import gettext
from sqlalchemy.orm import Session

from instance import meetings
from instance.audience import Audience, Reader
from instance.conversations import Conversation
from instance.meetings import Meeting, Phase
from instance.places import Building
from web.frame import moments
from web.views.calendar import Event

LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A moment that was proposed: its number in the form, and its day and hour in words."""

    number: int
    at: datetime
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What stands at the top of a conversation. `moments` are those still to come; `mine`: the reader proposed them."""

    meeting_id: uuid.UUID
    phase: Phase
    mine: bool
    moments: tuple[Moment, ...]
    agreed: Moment | None
    where: str


def card(session: Session, *, conversation: Conversation, reader: Reader, now: datetime) -> Card | None:
    """The meeting of a conversation, or None when there is nothing to say about one."""
    reader_id = reader.resident_id or 0
    found = meetings.current(session, conversation=conversation, reader_id=reader_id, now=now)
    if found is None:
        return None
    to_come = [_moment(number, one) for number, one in enumerate(found.moments, 1) if one > now]
    return Card(
        meeting_id=found.public_id,
        phase=found.phase(now),
        mine=found.proposer_id == reader_id,
        moments=tuple(to_come),
        agreed=_moment(0, found.agreed_at) if found.agreed_at is not None else None,
        where=where(found, reader=reader),
    )


def mark(found: Card | None) -> str | None:
    """What tells one state of the card from another, for a page that looks for news; None without a card."""
    return None if found is None else f"{found.meeting_id}-{found.phase}-{len(found.moments)}"


def in_brief(session: Session, *, conversation: Conversation, reader: Reader, now: datetime) -> str | None:
    """One line for the list of conversations: what is agreed, or that there is something to choose."""
    found = card(session, conversation=conversation, reader=reader, now=now)
    if found is None:
        return None
    match found.phase:
        case Phase.AGREED if found.agreed is not None:
            return gettext("You meet %(when)s", when=found.agreed.words)
        case Phase.CALLED_OFF:
            return gettext("This meeting was called off")
        case _:
            return gettext("You proposed to meet") if found.mine else gettext("Choose when to meet")


def _moment(number: int, at: datetime) -> Moment:
    return Moment(number=number, at=at, words=day_and_hour(at))


def day_and_hour(at: datetime) -> str:
    """`samedi 14 novembre, 18 h 30`: never shortened, people meet by it."""
    return gettext("%(day)s, %(hour)s", day=moments.day(at), hour=moments.hour(at))


def where(meeting: Meeting, *, reader: Reader) -> str:
    """The place; a building's name and street only for who lives there."""
    if meeting.building is None:
        return meeting.place or ""
    return hall(meeting.building) if meeting.building_id in reader.building_ids else gettext("the entrance hall")


def hall(building: Building) -> str:
    """An entrance hall, for those who live there."""
    return gettext("Entrance hall of %(name)s, %(street)s", name=building.name, street=building.street)


def choices(halls: Sequence[Building]) -> list[tuple[str, str]]:
    """Where to meet, as a form offers it: the halls both may know, then another place in words."""
    return [*((str(one.public_id), hall(one)) for one in halls), ("", gettext("Another place"))]


def event(meeting: Meeting, *, other: str, reader: Reader, origin: str) -> Event | None:
    """The meeting for a calendar, as agreed or called off, or None when none was agreed.

    A calendar is often kept elsewhere: the title of what stays in a building is not in it.
    """
    if meeting.agreed_at is None:
        return None
    subject = meeting.conversation.subject
    named = subject.title and subject.audience is not Audience.BUILDING
    summary = (
        gettext("Meeting with %(name)s: %(title)s", name=other, title=subject.title)
        if named
        else gettext("Meeting with %(name)s", name=other)
    )
    return Event(
        uid=meeting.public_id,
        host=urlsplit(origin).hostname or "palier.invalid",
        stamp=meeting.created_at,
        begins=meeting.agreed_at,
        lasts=LASTS,
        summary=summary,
        location=where(meeting, reader=reader),
        called_off=meeting.state == meetings.State.CALLED_OFF,
    )
