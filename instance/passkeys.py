"""Passkeys (WebAuthn): whose they are, the challenges they answer, and what is believed of an answer.

Signatures are checked at the door, by a library that the workers need not carry (`web.frame.ceremonies`); what is
decided from them is decided here: a challenge answers once, a counter never goes back, a key has one owner.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import BigInteger, CursorResult, ForeignKey, LargeBinary, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import second_factor
from instance.base import Refused, Row
from instance.residents import Resident

LONGEST_NAME = 60
AT_MOST = 20
CHALLENGE_BYTES = 32
HANDLE_BYTES = 32
ANSWER_WITHIN = timedelta(minutes=5)


class Ceremony(StrEnum):
    """What a challenge is for; an answer to one is worth nothing for another."""

    ADD = "add"
    SIGN_IN = "sign_in"
    SECOND_STEP = "second_step"
    PROVE = "prove"


class Passkey(Row):
    """A key of somebody's telephone, computer or security key. Its secret half never leaves that device."""

    __tablename__ = "passkey"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    # What the device files it under: random, the same for all keys of one person, and no id of ours.
    handle: Mapped[bytes] = mapped_column(LargeBinary)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    used_on: Mapped[datetime | None] = mapped_column()
    resident: Mapped[Resident] = relationship()


class PasskeyChallenge(Row):
    """A question that is under way. Only its hash is kept; it is deleted by its first answer."""

    __tablename__ = "passkey_challenge"

    challenge_hash: Mapped[str] = mapped_column(String(64), unique=True)
    ceremony: Mapped[str] = mapped_column(String(20))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """A new key whose answer was checked: what to keep of it."""

    credential_id: bytes
    public_key: bytes
    sign_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A known key whose signature was checked: its new counter, and the handle the device gave, if it gave one."""

    credential_id: bytes
    sign_count: int
    handle: bytes | None


def _digest(challenge: bytes) -> str:
    return hashlib.sha256(challenge).hexdigest()


def ask(session: Session, *, ceremony: Ceremony, resident: Resident | None, now: datetime) -> bytes:
    """A fresh challenge for one browser, good for five minutes and one answer."""
    challenge = secrets.token_bytes(CHALLENGE_BYTES)
    session.add(
        PasskeyChallenge(
            challenge_hash=_digest(challenge),
            ceremony=ceremony.value,
            resident_id=None if resident is None else resident.id,
            created_at=now,
            expires_at=now + ANSWER_WITHIN,
        )
    )
    session.flush()
    return challenge


def answer(session: Session, *, challenge: bytes, ceremony: Ceremony, resident: Resident | None, now: datetime) -> None:
    """Use a challenge up; the caller commits, whatever becomes of the answer.

    Raises Refused("passkey_late") when it is unknown, answered, too old, or was asked of somebody else.
    """
    whom = PasskeyChallenge.resident_id
    used = session.execute(
        delete(PasskeyChallenge).where(
            PasskeyChallenge.challenge_hash == _digest(challenge),
            PasskeyChallenge.ceremony == ceremony.value,
            whom.is_(None) if resident is None else whom == resident.id,
            PasskeyChallenge.expires_at > now,
        )
    )
    if not (isinstance(used, CursorResult) and used.rowcount == 1):
        raise Refused("passkey_late")


def handle_of(session: Session, *, resident: Resident) -> bytes:
    """The handle of somebody's keys, or a new one for their first."""
    known = session.scalar(select(Passkey.handle).where(Passkey.resident_id == resident.id).limit(1))
    return known or secrets.token_bytes(HANDLE_BYTES)


def tidy_name(value: str) -> str:
    """What somebody calls a key. Raises Refused("missing"|"too_long", field="name")."""
    name = " ".join(value.split())
    if not name:
        raise Refused("missing", field="name")
    if len(name) > LONGEST_NAME:
        raise Refused("too_long", field="name")
    return name


def add(session: Session, *, resident: Resident, name: str, handle: bytes, offered: Offered, now: datetime) -> Passkey:
    """Keep a new key. Raises Refused (missing, too_long, passkey_known, passkeys_enough)."""
    name = tidy_name(name)
    if session.scalar(select(Passkey.id).where(Passkey.credential_id == offered.credential_id)) is not None:
        raise Refused("passkey_known")
    if count(session, resident=resident) >= AT_MOST:
        raise Refused("passkeys_enough")
    passkey = Passkey(
        resident=resident,
        handle=handle,
        credential_id=offered.credential_id,
        public_key=offered.public_key,
        sign_count=offered.sign_count,
        name=name,
        used_on=None,
        created_at=now,
    )
    session.add(passkey)
    session.flush()
    return passkey


def find(session: Session, *, credential_id: bytes) -> Passkey:
    """The key a device answered with. Raises Refused("passkey_unknown")."""
    found = session.scalar(select(Passkey).where(Passkey.credential_id == credential_id).with_for_update())
    if found is None:
        raise Refused("passkey_unknown")
    return found


def accept(session: Session, *, shown: Shown, resident: Resident | None, now: datetime) -> Resident:
    """Believe an answer whose signature was right; returns whose key it is.

    `resident` is who must be its owner, None where anybody may sign in.
    Raises Refused("passkey_unknown") for another owner's, ("passkey_copied") when its counter went back or stood
    still, which a second copy of the key would do (WebAuthn §6.1.1).
    """
    passkey = find(session, credential_id=shown.credential_id)
    if resident is not None and passkey.resident_id != resident.id:
        raise Refused("passkey_unknown")
    if shown.handle is not None and shown.handle != passkey.handle:
        raise Refused("passkey_unknown")
    if (shown.sign_count or passkey.sign_count) and shown.sign_count <= passkey.sign_count:
        raise Refused("passkey_copied")
    passkey.sign_count = shown.sign_count
    passkey.used_on = now.replace(hour=0, minute=0, second=0, microsecond=0)
    session.flush()
    return passkey.resident


def of_resident(session: Session, *, resident: Resident) -> Sequence[Passkey]:
    """Somebody's keys, the oldest first."""
    return session.scalars(select(Passkey).where(Passkey.resident_id == resident.id).order_by(Passkey.id)).all()


def count(session: Session, *, resident: Resident) -> int:
    """How many keys somebody has."""
    return session.scalar(select(func.count(Passkey.id)).where(Passkey.resident_id == resident.id)) or 0


def remove(session: Session, *, resident: Resident, public_id: uuid.UUID) -> str:
    """Forget one of somebody's own keys; returns its name. With the last one, none is asked for any more.

    Raises Refused("not_found").
    """
    found = session.scalar(select(Passkey).where(Passkey.public_id == public_id, Passkey.resident_id == resident.id))
    if found is None:
        raise Refused("not_found")
    session.delete(found)
    session.flush()
    if not count(session, resident=resident):
        second_factor.stop_asking_for_passkey(session, resident=resident)
    return found.name


def forget(session: Session, *, resident: Resident) -> None:
    """Forget all of somebody's keys."""
    session.execute(delete(Passkey).where(Passkey.resident_id == resident.id))
