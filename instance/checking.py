"""Checking: an administrator of another building looks at a newcomer's document, once, and says yes or no."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, contains_eager

from instance import assurance, decisions, documents, moderation, outgoing, residents
from instance.assurance import Proof
from instance.base import Refused
from instance.documents import OPEN, Document, State, Why
from instance.moderation import Step
from instance.outgoing import Kind
from instance.places import Lot
from instance.residents import Resident
from instance.residents import State as Standing

LONGEST: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """A document that was just opened, and its picture (JPEG): the only time; None when the file was damaged."""

    document: Document
    picture: bytes | None


def _elsewhere(session: Session, *, by: Resident) -> tuple[ColumnElement[bool], ...]:
    """The documents an administrator may decide on: neither their own, nor of a building they say they live in."""
    homes = residents.buildings_claimed(session, resident=by)
    mine = select(Lot.building_id).join(Document, Document.lot_id == Lot.id).where(Document.resident_id == by.id)
    return (
        Document.resident_id != by.id,
        Lot.building_id.not_in([*homes, *session.scalars(mine.where(Document.state.in_(OPEN)))]),
    )


def queue(session: Session, *, by: Resident, now: datetime) -> Sequence[Document]:
    """What waits to be looked at, and what this administrator looked at and did not decide on yet; the oldest first.

    Raises Refused("not_administrator").
    """
    return session.scalars(_queue(session, by=by, now=now).order_by(Document.id)).all()


def _queue(session: Session, *, by: Resident, now: datetime) -> Select[Document]:
    if not by.is_administrator:
        raise Refused("not_administrator")
    mine = (Document.state == State.OPENED.value) & (Document.by_id == by.id)
    return (
        select(Document)
        .join(Document.lot)
        .join(Document.resident)
        .where(
            or_(Document.state == State.WAITING.value, mine),
            Document.expires_at > now,
            Resident.state == Standing.ACTIVE.value,
            *_elsewhere(session, by=by),
        )
        .options(contains_eager(Document.resident), contains_eager(Document.lot).joinedload(Lot.building))
    )


def find(session: Session, *, public_id: uuid.UUID, by: Resident, now: datetime) -> Document:
    """One of the queue. Raises Refused("not_administrator"|"not_found")."""
    found = session.scalar(_queue(session, by=by, now=now).where(Document.public_id == public_id))
    if found is None:
        raise Refused("not_found")
    return found


def look(session: Session, *, root: Path, public_id: uuid.UUID, by: Resident, now: datetime) -> Looked:
    """Take the picture out: from here on nobody can, and this administrator alone decides.

    The key is gone once this is committed; the door then takes the file away and shows what it was given. When its
    answer is lost, so is the picture: the newcomer reads that it was looked at, and may send it again. Raises Refused
    (not_administrator, suspended, not_found: also for one that somebody else has just opened).
    """
    residents.check_active(session, resident=by)
    document = _held(session, public_id=public_id, by=by, now=now, state=State.WAITING)
    key = document.key or b""
    document.state, document.key = State.OPENED.value, None
    document.by_id, document.opened_at = by.id, now
    picture = documents.unseal(root, name=public_id, key=key)
    if picture is None:
        _finish(session, document=document, state=State.LOST, now=now)
    session.flush()
    return Looked(document=document, picture=picture)


def _held(session: Session, *, public_id: uuid.UUID, by: Resident, now: datetime, state: State) -> Document:
    if not by.is_administrator:
        raise Refused("not_administrator")
    document = documents.hold(session, public_id=public_id)
    if document is None or document.state != state:
        raise Refused("not_found")
    # And once more as one of the queue: not of their own building, not looked at by somebody else, not too old.
    return find(session, public_id=public_id, by=by, now=now)


def accept(session: Session, *, public_id: uuid.UUID, said: str, by: Resident, now: datetime) -> Proof:
    """Say that the paper named this person and this home: the building opens at once. `said` is for the book.

    Raises Refused (not_administrator, suspended, not_found: also for one that somebody else looked at).
    """
    document = _decided(session, public_id=public_id, said=said, by=by, now=now)
    _finish(session, document=document, state=State.ACCEPTED, now=now)
    residents.settle(session, resident=document.resident, lot=document.lot, now=now)
    return assurance.give(
        session,
        resident_id=document.resident_id,
        lot_id=document.lot_id,
        kind=assurance.Kind.CHECKED,
        by_id=by.id,
        now=now,
    )


def refuse(
    session: Session, *, public_id: uuid.UUID, why: Why, words: str, said: str, by: Resident, now: datetime
) -> None:
    """Say what is wrong with the picture, in words the newcomer reads. `said` is for the book.

    Raises Refused as `accept`, and at "words" missing (for `Why.OTHER`) and too_long.
    """
    told = words.strip()
    if why is Why.OTHER and not told:
        raise Refused("missing", field="words")
    if len(told) > LONGEST:
        raise Refused("too_long", field="words")
    document = _decided(session, public_id=public_id, said=said, by=by, now=now)
    document.why, document.words = why.value, told or None
    _finish(session, document=document, state=State.REFUSED, now=now)


def end_due(session: Session, *, now: datetime) -> None:
    """End what nobody decided on within seven days, and tell whoever sent it."""
    due = select(Document.public_id).where(Document.state.in_(OPEN), Document.expires_at <= now)
    for public_id in session.scalars(due).all():
        document = documents.hold(session, public_id=public_id)
        if document is not None and document.state in OPEN:
            _finish(session, document=document, state=State.EXPIRED, now=now)


def _finish(session: Session, *, document: Document, state: State, now: datetime) -> None:
    """End it, and let whoever sent it know that there is something to read, by mail if they proved an address."""
    documents.finish(session, document=document, state=state, now=now)
    outgoing.warn(session, kind=Kind.DOCUMENT, to=document.resident, now=now)


def _decided(session: Session, *, public_id: uuid.UUID, said: str, by: Resident, now: datetime) -> Document:
    residents.check_active(session, resident=by)
    document = _held(session, public_id=public_id, by=by, now=now, state=State.OPENED)
    building = document.lot.building
    moderation.note(
        session,
        step=Step.CHECK,
        target=f"building {building.public_id}",
        reason=decisions.read_reason(said),
        by=by,
        quarter_id=building.quarter_id,
        now=now,
    )
    return document
