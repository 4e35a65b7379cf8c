"""Recovery codes: ten on a sheet of paper, each opens the second step once when telephone or key are lost."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, ForeignKey, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from instance import verification
from instance.base import Row
from instance.residents import Resident

HOW_MANY = 10
LENGTH = 10


class SpareCode(Row):
    """One code of the sheet. Only its hash is kept, under a key that lies outside the database."""

    __tablename__ = "spare_code"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None] = mapped_column()


def _hash(code: str, *, resident: Resident, pepper: bytes) -> str:
    said = f"{resident.public_id}{verification.tidy(code)}".encode()
    return hashlib.blake2b(said, key=pepper[:64], digest_size=32).hexdigest()


def pretty(code: str) -> str:
    """Two groups of five, as printed."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def is_one(code: str) -> bool:
    """Whether something typed has the shape of a recovery code."""
    tidied = verification.tidy(code)
    return len(tidied) == LENGTH and set(tidied) <= set(verification.LETTERS)


def renew(session: Session, *, resident: Resident, pepper: bytes, now: datetime) -> Sequence[str]:
    """Make a new sheet and return its codes as printed, the only time they can be read; the old sheet is void."""
    forget(session, resident=resident)
    codes = ["".join(secrets.choice(verification.LETTERS) for _ in range(LENGTH)) for _ in range(HOW_MANY)]
    session.add_all(
        SpareCode(
            resident_id=resident.id,
            code_hash=_hash(one, resident=resident, pepper=pepper),
            created_at=now,
            used_at=None,
        )
        for one in codes
    )
    session.flush()
    return [pretty(one) for one in codes]


def use(session: Session, *, resident: Resident, code: str, pepper: bytes, now: datetime) -> bool:
    """Use a code up; False when it is none of this sheet, or used. Of two who use it at once, one wins."""
    spent = session.execute(
        update(SpareCode)
        .where(
            SpareCode.resident_id == resident.id,
            SpareCode.code_hash == _hash(code, resident=resident, pepper=pepper),
            SpareCode.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return isinstance(spent, CursorResult) and spent.rowcount == 1


def count_left(session: Session, *, resident: Resident) -> int:
    """How many codes of the sheet can still be used."""
    wanted = select(func.count(SpareCode.id)).where(SpareCode.resident_id == resident.id, SpareCode.used_at.is_(None))
    return session.scalar(wanted) or 0


def forget(session: Session, *, resident: Resident) -> None:
    """Throw the sheet away."""
    session.execute(delete(SpareCode).where(SpareCode.resident_id == resident.id))
