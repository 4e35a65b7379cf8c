"""Documents in plain words: for the newcomer what became of theirs, for administrators what waits."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from instance import checking, documents
from instance.documents import Document, State, Why
from instance.residents import Resident
from web.frame import context
from web.views import assurance

YES: Final = lazy_gettext("A document showed it.")
# What an administrator chooses.
CHOICES: Final[Mapping[Why, LazyString]] = {
    Why.UNREADABLE: lazy_gettext("It cannot be read"),
    Why.ELSEWHERE: lazy_gettext("It shows another address or another name"),
    Why.OLD: lazy_gettext("It is older than a year"),
    Why.COVERED: lazy_gettext("Too much is covered"),
    Why.OTHER: lazy_gettext("Something else, said below"),
}
# What the newcomer reads of it: about the picture, never about them.
REASONS: Final[Mapping[Why, LazyString]] = {
    Why.UNREADABLE: lazy_gettext("The picture could not be read. Daylight and a still hand help."),
    Why.ELSEWHERE: lazy_gettext("The name or the address on it was not the one of your account and of this home."),
    Why.OLD: lazy_gettext("The paper was older than a year."),
    Why.COVERED: lazy_gettext("Too much was covered: name, address and date have to be seen."),
    Why.OTHER: lazy_gettext("It did not show where you live."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperCard:
    """One document as its newcomer reads it. `words` are the administrator's own; `is_open`: it can be taken back."""

    public_id: uuid.UUID
    where: str
    what: str
    words: str | None
    is_open: bool
    again: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueLine:
    """One document as administrators of other buildings read of it before the look, and while they decide."""

    public_id: uuid.UUID
    name: str
    where: str
    street: str
    since: datetime
    until: datetime
    opened: bool


def cards(session: Session, *, resident: Resident, now: datetime) -> Sequence[PaperCard]:
    """The newest document for each lot, where there is anything to say of it."""
    newest: dict[int, Document] = {}
    for one in documents.of_resident(session, resident=resident):
        newest.setdefault(one.lot_id, one)
    silent = {State.ACCEPTED.value, State.WITHDRAWN.value}
    return tuple(_card(one, now=now) for one in newest.values() if one.state not in silent)


def _card(document: Document, *, now: datetime) -> PaperCard:
    lot = document.lot
    return PaperCard(
        public_id=document.public_id,
        where=assurance.where(lot.building.name, lot=lot.number),
        what=_what(document, now=now),
        words=document.words,
        is_open=document.is_open(now=now),
        again={"where": f"{lot.building.name}, {lot.building.street}", "lot": lot.number},
    )


def _what(document: Document, *, now: datetime) -> str:
    if not document.is_open(now=now) and document.state in documents.OPEN:
        return _gone()
    match State(document.state):
        case State.WAITING:
            return gettext("It waits for an administrator of another building, who looks at it once.")
        case State.OPENED:
            return gettext("An administrator looked at it; the picture is destroyed. The answer comes here.")
        case State.REFUSED:
            return str(REASONS[Why(document.why or Why.OTHER)])
        case State.LOST:
            return gettext("The picture could not be shown, through no fault of yours. Please send it again.")
        case _:
            return _gone()


def _gone() -> str:
    return gettext("Nobody answered within seven days, and the picture is destroyed. You can send it again.")


def queue(session: Session, *, by: Resident) -> Sequence[QueueLine]:
    """What waits for this administrator."""
    return tuple(line(one) for one in checking.queue(session, by=by, now=context.now()))


def line(document: Document) -> QueueLine:
    """One of the queue: the name as given, to be compared with the paper."""
    return QueueLine(
        public_id=document.public_id,
        name=document.resident.full_name,
        where=assurance.where(document.lot.building.name, lot=document.lot.number),
        street=document.lot.building.street,
        since=document.created_at,
        until=document.expires_at,
        opened=document.state == State.OPENED,
    )


def booked(why: Why, *, words: str) -> str:
    """A no as it stands in the moderators' book."""
    return " · ".join(filter(None, (str(CHOICES[why]), words.strip())))
