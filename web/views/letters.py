"""Conversations as one of the two sees them: who the other is, what was written, and about which notice."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from flask_babel import gettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from instance import conversations, prose, residents
from instance.audience import Reader
from instance.conversations import Conversation, Message
from instance.residents import Resident
from web.frame import context
from web.frame.slips import Byline
from web.views import askings, meetings, subjects
from web.views.subjects import Subject

LONGEST_EXCERPT = 140


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One conversation in the list. `meeting` says what is agreed or to be chosen."""

    url: str
    other: Byline
    about: str
    kind: str | None
    last_words: str
    mine_last: bool
    moved_at: datetime
    meeting: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One letter. `report_url` is there for letters of the other only."""

    anchor: str
    name: str
    mine: bool
    body: Markup
    written_at: datetime
    report_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """A whole conversation. `signed` is the byline under which letters leave for another town."""

    public_id: uuid.UUID
    other: Byline
    about: Subject
    letters: tuple[Letter, ...]
    reachable: bool
    signed: str | None
    look_url: str | None
    # For the author of a request that still hangs.
    found_url: str | None


def other(session: Session, *, conversation: Conversation, reader: Reader) -> Byline:
    """The other one, as this reader may know them."""
    if conversation.is_remote:
        return Byline(name=conversation.remote_name or conversation.remote_host or "", town=conversation.remote_host)
    person = conversation.other(reader.resident_id or 0)
    if person is None:
        return Byline(name=gettext("a former neighbour"))
    return Byline(name=residents.name_for(session, resident=person, reader=reader))


def entries(session: Session, *, held: Sequence[Conversation], reader: Reader) -> tuple[Entry, ...]:
    """The list, in the order given."""
    found = (_entry(session, conversation=one, reader=reader) for one in held)
    return tuple(one for one in found if one is not None)


def _entry(session: Session, *, conversation: Conversation, reader: Reader) -> Entry | None:
    """One of the list; None when nothing of it ever reached this reader."""
    held = conversations.letters_for(session, conversation=conversation, reader_id=reader.resident_id or 0)
    if not held:
        return None
    last, about = held[-1], subjects.of(session, conversation=conversation, reader=reader)
    return Entry(
        url=url_for("conversations.conversation", public_id=conversation.public_id),
        other=other(session, conversation=conversation, reader=reader),
        about=about.words,
        kind=about.kind,
        last_words=prose.excerpt(prose.plain(last.html), longest=LONGEST_EXCERPT) or _proposal(),
        mine_last=last.author_id == reader.resident_id,
        moved_at=last.created_at,
        meeting=meetings.in_brief(session, conversation=conversation, reader=reader, now=context.now()),
    )


def _proposal() -> str:
    """What stands for the words of an offer that other software sent without any."""
    return gettext("Proposes to agree on this.")


def thread(
    session: Session, *, conversation: Conversation, by: Resident, reader: Reader, mark: str | None = None
) -> Thread:
    """One conversation in full; `mark` tells one state of its meeting from another."""
    listing, who = conversation.listing, other(session, conversation=conversation, reader=reader)
    held = conversations.letters_for(session, conversation=conversation, reader_id=by.id)
    return Thread(
        public_id=conversation.public_id,
        other=who,
        about=subjects.of(session, conversation=conversation, reader=reader),
        letters=tuple(_letter(one, by=by, other=who) for one in held),
        reachable=conversations.reachable(conversation, by=by),
        signed=conversation.byline if conversation.is_remote else None,
        look_url=_look_url(conversation, held=held, mark=mark),
        found_url=askings.found_url(listing) if listing is not None and listing.author_id == by.id else None,
    )


def _look_url(conversation: Conversation, *, held: Sequence[Message], mark: str | None) -> str | None:
    """Where a page that shows all letters so far asks for what is new; None before the first."""
    if not held:
        return None
    last = held[-1].public_id
    return url_for("conversations.conversation", public_id=conversation.public_id, since=last, meeting=mark)


def _letter(message: Message, *, by: Resident, other: Byline) -> Letter:
    mine = message.author_id == by.id
    report = url_for("reports.report", target="message", public_id=message.public_id)
    return Letter(
        anchor=f"letter-{message.public_id}",
        name=gettext("You") if mine else other.name,
        mine=mine,
        body=Markup(message.html or f"<p>{_proposal()}</p>"),  # noqa: S704 - cleaned by instance.prose when stored
        written_at=message.created_at,
        report_url=None if mine else report,
    )
