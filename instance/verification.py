"""Letterbox codes: proof that somebody can open the letterbox of a lot.

A code is twelve letters in three groups (`K7QF-93MX-2TWC`). The first six select the row and are no
secret; the last six are, and only their keyed hash is kept. So five tries can be counted per code, and
a stolen table opens nothing without the key that lies outside the database.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance.base import Row
from instance.places import Lot

# Crockford's letters: no I, L, O, U, so that an old eye and a hurried pen cannot mix them up.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SELECTOR = 6
SECRET = 6
TRIES = 5
VALID_FOR = timedelta(days=60)
# Lots in one statement: SQLite takes a limited number of parameters.
AT_ONCE = 500
_LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})


class LetterboxCode(Row):
    """One code, for one lot, once."""

    __tablename__ = "letterbox_code"

    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    selector: Mapped[str] = mapped_column(String(SELECTOR), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column()
    tries_left: Mapped[int] = mapped_column()
    used_at: Mapped[datetime | None] = mapped_column()
    lot: Mapped[Lot] = relationship()


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """The code opens this letterbox."""

    letterbox: LetterboxCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """The code is not right; `left` tries remain. The caller commits: the try has been counted.

    Whoever tries it is told the same as for `Dead`: the answer must not say that there is such a code.
    """

    left: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """No such code, or it is used, too old, or tried too often: the same answer for all."""


def _hash(secret: str, *, selector: str, pepper: bytes) -> str:
    return hashlib.blake2b(f"{selector}{secret}".encode(), key=pepper[:64], digest_size=32).hexdigest()


def tidy(code: str) -> str:
    """Undo what a person does to a code: case, spaces, dashes, letters that look like digits."""
    letters = "".join(one for one in code.upper() if one.isalnum())
    return letters.translate(_LOOKALIKES)


def pretty(code: str) -> str:
    """Three groups of four, as printed."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def _draw(length: int) -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(length))


def issue(session: Session, *, lot: Lot, pepper: bytes, now: datetime) -> str:
    """Make a code for a lot and return it as printed, the only time it can be read.

    Codes issued earlier for the lot and not used stop working: the letterbox may have changed hands.
    """
    ((_, code),) = issue_all(session, lots=[lot], pepper=pepper, now=now)
    return code


def issue_all(session: Session, *, lots: Iterable[Lot], pepper: bytes, now: datetime) -> list[tuple[Lot, str]]:
    """A code for each lot, in the order given, for a sheet to print; see `issue`. 2,000 take well under a second."""
    wanted = list(lots)
    for begin in range(0, len(wanted), AT_ONCE):
        ids = [one.id for one in wanted[begin : begin + AT_ONCE]]
        session.execute(
            update(LetterboxCode)
            .where(LetterboxCode.lot_id.in_(ids), LetterboxCode.used_at.is_(None))
            .values(tries_left=0)
        )
    made = [(lot, _draw(SELECTOR), _draw(SECRET)) for lot in wanted]
    session.add_all(
        LetterboxCode(
            lot_id=lot.id,
            selector=selector,
            secret_hash=_hash(secret, selector=selector, pepper=pepper),
            expires_at=now + VALID_FOR,
            tries_left=TRIES,
            created_at=now,
        )
        for lot, selector, secret in made
    )
    session.flush()
    return [(lot, pretty(selector + secret)) for lot, selector, secret in made]


def check(session: Session, *, code: str, pepper: bytes, now: datetime) -> Good | Wrong | Dead:
    """Try a code. A wrong secret costs one of five tries, so commit whatever the answer is."""
    code = tidy(code)
    selector, secret = code[:SELECTOR], code[SELECTOR:]
    letterbox = session.scalar(select(LetterboxCode).where(LetterboxCode.selector == selector).with_for_update())
    if letterbox is None or letterbox.used_at or letterbox.expires_at <= now or letterbox.tries_left < 1:
        return Dead()
    if hmac.compare_digest(letterbox.secret_hash, _hash(secret, selector=selector, pepper=pepper)):
        return Good(letterbox=letterbox)
    letterbox.tries_left -= 1
    session.flush()
    return Wrong(left=letterbox.tries_left) if letterbox.tries_left else Dead()


def use_up(session: Session, *, letterbox: LetterboxCode, now: datetime) -> None:
    """A code works once."""
    letterbox.used_at = now
    session.flush()
