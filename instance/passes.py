"""Passes: links that work once, for a while, and only for whoever got them by mail.

The token in a link is the pass's public id and a keyed hash of it. The key lies outside the database, so a stolen
table opens nothing, nothing of the token has to be kept, and a mail that is sent twice carries the same link.
"""

import hashlib
import hmac
import uuid
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance.base import Refused, Row
from instance.residents import Resident

SEAL = 40


class Purpose(StrEnum):
    """What a pass opens."""

    CONFIRM = "confirm"
    RESET = "reset"


VALID_FOR = {Purpose.CONFIRM: timedelta(days=2), Purpose.RESET: timedelta(hours=1)}


class Pass(Row):
    """One link: who it was made for, the address it went to, and whether it was used. `used_at` also ends it unused."""

    __tablename__ = "pass"

    purpose: Mapped[str] = mapped_column(String(10))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    address: Mapped[str] = mapped_column(String(254), index=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None] = mapped_column()
    resident: Mapped[Resident] = relationship()

    def is_good(self, *, now: datetime) -> bool:
        """Whether it still opens."""
        return self.used_at is None and self.expires_at > now


def grant(session: Session, *, purpose: Purpose, to: Resident, address: str, now: datetime) -> Pass:
    """Make a pass; older ones of the same person for the same purpose end."""
    void(session, resident=to, purpose=purpose, now=now)
    made = Pass(
        purpose=purpose.value, resident=to, address=address, created_at=now, expires_at=now + VALID_FOR[purpose]
    )
    session.add(made)
    session.flush()
    return made


def void(session: Session, *, resident: Resident, now: datetime, purpose: Purpose | None = None) -> None:
    """End somebody's passes: those for one purpose, or all."""
    ended = update(Pass).where(Pass.resident_id == resident.id, Pass.used_at.is_(None)).values(used_at=now)
    session.execute(ended if purpose is None else ended.where(Pass.purpose == purpose.value))


def granted_since(session: Session, *, purpose: Purpose, since: datetime, address: str) -> int:
    """How many passes for this purpose went to an address since then, whoever asked for them."""
    wanted = select(func.count(Pass.id)).where(
        Pass.purpose == purpose.value, Pass.created_at > since, func.lower(Pass.address) == address.lower()
    )
    return session.scalar(wanted) or 0


def asked_since(session: Session, *, purpose: Purpose, since: datetime, resident: Resident) -> int:
    """How many passes for this purpose were made for somebody since then."""
    wanted = select(func.count(Pass.id)).where(
        Pass.purpose == purpose.value, Pass.created_at > since, Pass.resident_id == resident.id
    )
    return session.scalar(wanted) or 0


def token(one: Pass, *, key: bytes) -> str:
    """What stands in the link: 72 hexadecimal characters."""
    return f"{one.public_id.hex}{_seal(one, key=key)}"


def _seal(one: Pass, *, key: bytes) -> str:
    said = f"{one.purpose}:{one.public_id.hex}:{one.address}".encode()
    return hashlib.blake2b(said, key=key[:64], digest_size=SEAL // 2, person=b"palier-pass").hexdigest()


def read(session: Session, *, token: str, purpose: Purpose, key: bytes, now: datetime) -> Pass:
    """The pass of this token. Raises Refused("link_dead"): unknown, used, too old, or for something else."""
    found = _find(session, token)
    if found is None or found.purpose != purpose or not found.is_good(now=now):
        raise Refused("link_dead")
    if not hmac.compare_digest(_seal(found, key=key).encode(), token[32:].encode()):
        raise Refused("link_dead")
    return found


def _find(session: Session, token: str) -> Pass | None:
    try:
        public_id = uuid.UUID(hex=token[:32])
    except ValueError:
        return None
    # Two browsers with the same link: one of them waits here, and finds it used.
    return session.scalar(select(Pass).where(Pass.public_id == public_id).with_for_update())


def use(session: Session, *, one: Pass, now: datetime) -> None:
    """A pass works once."""
    one.used_at = now
    session.flush()
