"""Introductions: a word of six letters that somebody new gives face to face to whoever shall speak for them.

So nobody is shown a list of strangers, and only whom they told the word learns what newcomers say of themselves.
"""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import residents, verification
from instance.base import Refused, Row
from instance.places import LONGEST_LOT, Building, Lot
from instance.residents import Resident, State

LETTERS = 6
VALID_FOR = timedelta(days=1)


class Introduction(Row):
    """Somebody says in which lot they live. The word itself is stored nowhere: it is made from the key and `drawn`."""

    __tablename__ = "introduction"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), unique=True)
    lot_number: Mapped[str] = mapped_column(String(LONGEST_LOT))
    drawn: Mapped[int] = mapped_column()
    word_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    resident: Mapped[Resident] = relationship()


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """What the newcomer reads out, until when, and the lot they said."""

    letters: str
    until: datetime
    lot_number: str


def _letters(public_id: uuid.UUID, *, drawn: int, pepper: bytes) -> str:
    said = f"{public_id.hex}:{drawn}".encode()
    found = hashlib.blake2b(said, key=pepper[:64], digest_size=LETTERS, person=b"palier-word").digest()
    return "".join(verification.LETTERS[byte % len(verification.LETTERS)] for byte in found)


def _hash(letters: str, *, pepper: bytes) -> str:
    return hashlib.blake2b(letters.encode(), key=pepper[:64], digest_size=32, person=b"palier-word-h").hexdigest()


def lot_called(building: Building, *, number: str) -> Lot | None:
    """The lot of this number, as somebody types it: case and spaces do not matter."""
    wanted = "".join(number.split()).casefold()
    return next((one for one in building.lots if "".join(one.number.split()).casefold() == wanted), None)


def introduce(session: Session, *, resident: Resident, lot_number: str, pepper: bytes, now: datetime) -> Word:
    """Draw a word for somebody who says that they live in this lot; an earlier word of theirs ends.

    Raises Refused("missing"|"too_long", field="lot").
    """
    number = " ".join(lot_number.split())
    if not number:
        raise Refused("missing", field="lot")
    if len(number) > LONGEST_LOT:
        raise Refused("too_long", field="lot")
    residents.hold(session, resident=resident)
    one = _of(session, resident=resident)
    if one is None:
        one = Introduction(public_id=uuid.uuid4(), resident=resident, drawn=0, created_at=now)
        session.add(one)
    one.lot_number, one.expires_at = number, now + VALID_FOR
    with session.no_autoflush:
        while True:
            one.drawn += 1
            letters = _letters(one.public_id, drawn=one.drawn, pepper=pepper)
            one.word_hash = _hash(letters, pepper=pepper)
            if session.scalar(select(Introduction.id).where(Introduction.word_hash == one.word_hash)) is None:
                break
    session.flush()
    return Word(letters=letters, until=one.expires_at, lot_number=number)


def _of(session: Session, *, resident: Resident) -> Introduction | None:
    return session.scalar(select(Introduction).where(Introduction.resident_id == resident.id))


def current(session: Session, *, resident: Resident, pepper: bytes, now: datetime) -> Word | None:
    """The word somebody may give away now; None when there is none."""
    one = _of(session, resident=resident)
    if one is None or one.expires_at <= now:
        return None
    letters = _letters(one.public_id, drawn=one.drawn, pepper=pepper)
    return Word(letters=letters, until=one.expires_at, lot_number=one.lot_number)


def find(session: Session, *, word: str, pepper: bytes, now: datetime) -> Introduction:
    """Whose word this is. Raises Refused("word_dead", field="word"), alike for one that is too old and for none."""
    letters = verification.tidy(word)
    found = session.scalar(
        select(Introduction).where(
            Introduction.word_hash == _hash(letters, pepper=pepper), Introduction.expires_at > now
        )
    )
    if found is None or found.resident.state != State.ACTIVE:
        raise Refused("word_dead", field="word")
    return found
