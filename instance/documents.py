"""Documents: a newcomer's picture of a paper that names them and their home, until one administrator looked at it once.

The picture lies encrypted in a file, under a key of its own in the row. Whatever ends a document takes the key away in
the same transaction, so that no copy of the file, in a backup or on a disk thrown away, says anything any more.
"""

import os
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import (
    ColumnElement,
    Delete,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import assurance, residents, storage
from instance.base import Refused, Row
from instance.pictures import Picture
from instance.places import Lot
from instance.residents import Resident

# Below the data folder of the home side. No backup takes it along.
FOLDER: Final = "documents"
SEALED: Final = "sealed"
# AES-256-GCM (NIST SP 800-38D) with the nonce of twelve bytes it asks for.
KEY_BITS: Final = 256
NONCE: Final = 12
WAITS_FOR: Final = timedelta(days=7)
# How long the newcomer reads what came of it.
TOLD_FOR: Final = timedelta(days=30)
# For homes in several buildings; each is a picture on the disk.
MOST: Final = 3


class State(StrEnum):
    """What became of a document. Only one that waits has a picture."""

    WAITING = "waiting"
    OPENED = "opened"  # looked at, and not decided on yet
    ACCEPTED = "accepted"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    LOST = "lost"  # the file was not there, or damaged


OPEN: Final = (State.WAITING.value, State.OPENED.value)


class Why(StrEnum):
    """Why a document does not show what it should. None of it says anything about the person."""

    UNREADABLE = "unreadable"
    ELSEWHERE = "elsewhere"
    OLD = "old"
    COVERED = "covered"
    OTHER = "other"


class Document(Row):
    """One picture that somebody sent for one lot, and what was decided on it; nothing of what stands on the paper.

    `key` is there as long as the picture is. `by_id` is the administrator who looked at it: they alone decide.
    """

    # The other store has documents of its own.
    __tablename__ = "paper"
    __table_args__ = (
        # One at a time for each home, whatever two sessions read before.
        Index(
            "uq_paper_open",
            "resident_id",
            "lot_id",
            unique=True,
            sqlite_where=text("state IN ('waiting', 'opened')"),
            postgresql_where=text("state IN ('waiting', 'opened')"),
        ),
    )

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    key: Mapped[bytes | None] = mapped_column(LargeBinary)
    expires_at: Mapped[datetime] = mapped_column()
    by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"))
    opened_at: Mapped[datetime | None] = mapped_column()
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    why: Mapped[str | None] = mapped_column(String(10))
    words: Mapped[str | None] = mapped_column(Text)
    resident: Mapped[Resident] = relationship(foreign_keys=[resident_id])
    lot: Mapped[Lot] = relationship()

    def is_open(self, *, now: datetime) -> bool:
        """Whether it still waits to be looked at or decided on."""
        return self.state in OPEN and now < self.expires_at


# --- the newcomer


def send(session: Session, *, root: Path, by: Resident, lot: Lot, picture: Picture, now: datetime) -> Document:
    """Keep a picture for one lot, encrypted; its file is written first: the row never names what is not there.

    Raises Refused: suspended; at "file" document_waits (for this lot) and documents_many; at "lot" known_already.
    """
    residents.check_active(session, resident=by)
    residents.hold(session, resident=by)
    _end(session, Document.resident_id == by.id, Document.expires_at <= now, state=State.EXPIRED, now=now)
    _check(session, by=by, lot=lot)
    name, key = uuid.uuid4(), AESGCM.generate_key(KEY_BITS)
    storage.keep(root, name=name, kind=SEALED, data=seal(picture.big, key=key, name=name))
    document = Document(
        public_id=name,
        resident=by,
        lot=lot,
        state=State.WAITING.value,
        key=key,
        created_at=now,
        expires_at=now + WAITS_FOR,
    )
    try:
        with session.begin_nested():
            session.add(document)
    except IntegrityError:
        raise Refused("document_waits", field="file") from None
    return document


def _check(session: Session, *, by: Resident, lot: Lot) -> None:
    if lot.id in assurance.strong_in(session, resident_id=by.id):
        raise Refused("known_already", field="lot")
    waiting = session.scalars(select(Document.lot_id).where(Document.resident_id == by.id, Document.state.in_(OPEN)))
    lots = set(waiting)
    if lot.id in lots:
        raise Refused("document_waits", field="file")
    if len(lots) >= MOST:
        raise Refused("documents_many", field="file")


def withdraw(session: Session, *, public_id: uuid.UUID, by: Resident, now: datetime) -> None:
    """Take one's own document back, looked at or not. Raises Refused("not_found") for any other or an ended one."""
    document = hold(session, public_id=public_id)
    if document is None or document.resident_id != by.id or not document.is_open(now=now):
        raise Refused("not_found")
    finish(session, document=document, state=State.WITHDRAWN, now=now)


def of_resident(session: Session, *, resident: Resident) -> Sequence[Document]:
    """What somebody sent and what became of it, the newest first."""
    wanted = select(Document).where(Document.resident_id == resident.id).order_by(Document.id.desc())
    return session.scalars(wanted).all()


# --- what ends one


def hold(session: Session, *, public_id: uuid.UUID) -> Document | None:
    """A document as it is now, held until the transaction ends: of two who reach for it at once, one comes second.

    Its newcomer is held first, as whoever moves out or is locked is: nobody waits for each other in a ring.
    """
    owner = session.scalar(select(Document).where(Document.public_id == public_id))
    if owner is None:
        return None
    residents.hold(session, resident=owner.resident)
    wanted = select(Document).where(Document.public_id == public_id).with_for_update()
    return session.scalar(wanted.execution_options(populate_existing=True))


def finish(session: Session, *, document: Document, state: State, now: datetime) -> None:
    """End it: the key goes, and with it the picture."""
    document.state, document.key, document.ended_at = state.value, None, now
    session.flush()


def end_of(session: Session, *, resident: Resident, now: datetime, lot: Lot | None = None) -> None:
    """End what somebody sent, for one lot or for all: they moved out, or their account is locked."""
    here = () if lot is None else (Document.lot_id == lot.id,)
    _end(session, Document.resident_id == resident.id, *here, state=State.WITHDRAWN, now=now)


def _end(session: Session, *where: ColumnElement[bool], state: State, now: datetime) -> None:
    ended = update(Document).where(Document.state.in_(OPEN), *where)
    session.execute(ended.values(state=state.value, key=None, ended_at=now))


def spent(now: datetime) -> tuple[Delete, ...]:
    """What to delete of documents: what their newcomer had thirty days to read."""
    return (delete(Document).where(Document.ended_at <= now - TOLD_FOR),)


# --- files


def seal(picture: bytes, *, key: bytes, name: uuid.UUID) -> bytes:
    """Encrypt a picture for the file of this name and no other."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, picture, name.bytes)


def unseal(root: Path, *, name: uuid.UUID, key: bytes) -> bytes | None:
    """The picture (JPEG) in the file of this name; None when it is gone or is not what was written."""
    try:
        sealed = storage.read(root, name=name, kind=SEALED)
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], name.bytes)
    except (Refused, InvalidTag, ValueError):
        return None


def forget_file(root: Path, *, name: uuid.UUID) -> None:
    """Take the file of a document away that has ended for good."""
    storage.remove(root, name=name, kinds=(SEALED,))


def sweep_files(session: Session, *, root: Path, now: datetime) -> int:
    """Take away all files that no waiting document names; returns how many."""

    def known(names: set[uuid.UUID]) -> set[uuid.UUID]:
        waiting = select(Document.public_id).where(Document.public_id.in_(names), Document.key.is_not(None))
        return set(session.scalars(waiting))

    return storage.sweep(root, known=known, now=now)


def count_waiting(session: Session, *where: ColumnElement[bool], now: datetime) -> int:
    """How many wait to be looked at, of those that `where` says."""
    waiting = (Document.state == State.WAITING.value, Document.expires_at > now)
    return session.scalar(select(func.count()).select_from(Document).where(*waiting, *where)) or 0
