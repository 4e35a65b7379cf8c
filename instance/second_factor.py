"""The second step of signing in: six digits of an authenticator app (TOTP, RFC 6238), a recovery code or a passkey.

It is on when an app is confirmed, or when somebody asked for a passkey after the password. The app's key is kept
encrypted (AES-256-GCM) under a key from outside the database, bound to its owner, so that a stolen table makes no
codes and a key moved to another row decrypts to nothing.
"""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import BigInteger, CursorResult, ForeignKey, LargeBinary, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import spare_codes
from instance.base import Refused, Row
from instance.residents import Resident

STEP = timedelta(seconds=30)
DIGITS = 6
# A telephone's clock may be off by half a minute either way (RFC 6238 §5.2).
WINDOW = 1
FREE_TRIES = 5
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=30)
_NONCE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The two keys from outside the database: `sealing` for apps' keys, `pepper` for recovery codes; 32 bytes each."""

    sealing: bytes
    pepper: bytes


class SecondFactor(Row):
    """What somebody set up for the second step."""

    __tablename__ = "second_factor"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), unique=True)
    # The app's key, encrypted; and one that was shown but not yet confirmed by a code.
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    proposed: Mapped[bytes | None] = mapped_column(LargeBinary)
    # A passkey is asked for after the password, with or without an app.
    by_passkey: Mapped[bool] = mapped_column()
    # The newest step whose code was used: neither it nor an older one is taken again.
    last_step: Mapped[int] = mapped_column(BigInteger)
    misses: Mapped[int] = mapped_column()
    wait_until: Mapped[datetime | None] = mapped_column()
    # An administrator turned it off; shown to its owner until they have read it.
    reset_at: Mapped[datetime | None] = mapped_column()
    resident: Mapped[Resident] = relationship()

    @property
    def is_on(self) -> bool:
        """Whether a second step is asked for."""
        return self.sealed is not None or self.by_passkey


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """The code was right. `left` counts recovery codes if one was used; `misses` the wrong codes since last time."""

    misses: int
    left: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """The code was not right, or used already. The caller commits: the try has been counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Too many wrong codes: nothing is looked at before this moment. It never lasts longer than half an hour."""

    until: datetime


def of(session: Session, *, resident: Resident) -> SecondFactor | None:
    """What somebody set up, if anything."""
    return session.scalar(select(SecondFactor).where(SecondFactor.resident_id == resident.id))


def is_on(session: Session, *, resident: Resident) -> bool:
    """Whether somebody is asked for a second step."""
    found = of(session, resident=resident)
    return found is not None and found.is_on


def _row(session: Session, *, resident: Resident, now: datetime) -> SecondFactor:
    found = session.scalar(select(SecondFactor).where(SecondFactor.resident_id == resident.id).with_for_update())
    if found is None:
        found = SecondFactor(
            resident=resident,
            created_at=now,
            sealed=None,
            proposed=None,
            by_passkey=False,
            last_step=0,
            misses=0,
            wait_until=None,
            reset_at=None,
        )
        session.add(found)
        session.flush()
    return found


def _seal(secret: str, *, resident: Resident, keys: Keys) -> bytes:
    nonce = secrets.token_bytes(_NONCE)
    return nonce + AESGCM(keys.sealing).encrypt(nonce, secret.encode(), resident.public_id.bytes)


def _unseal(sealed: bytes, *, resident: Resident, keys: Keys) -> str:
    """Raises Refused("key_lost") when the key file is another one than when it was sealed."""
    try:
        opened = AESGCM(keys.sealing).decrypt(sealed[:_NONCE], sealed[_NONCE:], resident.public_id.bytes)
    except InvalidTag:
        raise Refused("key_lost") from None
    return opened.decode()


def propose(session: Session, *, resident: Resident, keys: Keys, now: datetime) -> str:
    """The key to give to an app (base 32), made once and shown again until a code confirms it.

    Raises Refused("app_is_on") when one is confirmed already.
    """
    row = _row(session, resident=resident, now=now)
    if row.sealed is not None:
        raise Refused("app_is_on")
    if row.proposed is not None:
        try:
            return _unseal(row.proposed, resident=resident, keys=keys)
        except Refused:
            pass  # the key file was replaced: nothing was confirmed yet, so make another
    secret = pyotp.random_base32()
    row.proposed = _seal(secret, resident=resident, keys=keys)
    session.flush()
    return secret


def address(secret: str, *, login: str, place: str) -> str:
    """What the QR code says to an app (otpauth://, Google's Key Uri Format)."""
    return pyotp.TOTP(secret, digits=DIGITS, interval=int(STEP.total_seconds())).provisioning_uri(
        name=login, issuer_name=place
    )


def step_of(now: datetime) -> int:
    """The number of the half minute that a moment lies in (RFC 6238: T)."""
    return int(now.timestamp()) // int(STEP.total_seconds())


def _step_of_code(secret: str, *, code: str, now: datetime) -> int | None:
    """Which step near now a code belongs to; every step of the window is compared, whatever matched."""
    totp = pyotp.TOTP(secret, digits=DIGITS, interval=int(STEP.total_seconds()))
    found = None
    for step in range(step_of(now) - WINDOW, step_of(now) + WINDOW + 1):
        if hmac.compare_digest(totp.generate_otp(step), code):
            found = step
    return found


def _digits(code: str) -> str:
    return "".join(one for one in code if one.isascii() and one.isdigit())


def confirm(session: Session, *, resident: Resident, code: str, keys: Keys, now: datetime) -> Sequence[str]:
    """Turn the app on with a first code of it; returns the recovery codes, the only time they can be read.

    Raises Refused("code_wrong", field="code"), or ("app_not_proposed") when no key was shown.
    """
    row = _row(session, resident=resident, now=now)
    if row.proposed is None:
        raise Refused("app_not_proposed")
    step = _step_of_code(_unseal(row.proposed, resident=resident, keys=keys), code=_digits(code), now=now)
    if step is None:
        raise Refused("code_wrong", field="code")
    row.sealed, row.proposed, row.last_step = row.proposed, None, step
    row.misses, row.wait_until, row.reset_at = 0, None, None
    session.flush()
    return spare_codes.renew(session, resident=resident, pepper=keys.pepper, now=now)


def ask_for_passkey(session: Session, *, resident: Resident, keys: Keys, now: datetime) -> Sequence[str]:
    """Ask for a passkey after the password from now on; returns new recovery codes if none are left, else none.

    The caller has made sure that there is a passkey.
    """
    row = _row(session, resident=resident, now=now)
    row.by_passkey, row.reset_at = True, None
    session.flush()
    if spare_codes.count_left(session, resident=resident):
        return []
    return spare_codes.renew(session, resident=resident, pepper=keys.pepper, now=now)


def delay(misses: int) -> timedelta:
    """How long to wait after so many wrong codes: nothing, then a minute, doubled each time, at most half an hour."""
    beyond = misses - FREE_TRIES
    return timedelta(0) if beyond < 0 else min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(beyond, 10))


def check(session: Session, *, resident: Resident, code: str, keys: Keys, now: datetime) -> Passed | Wrong | Wait:
    """Try a code of the app or of the sheet. A wrong one is counted, so commit whatever the answer is.

    Raises Refused("key_lost") when the app's key can no longer be read.
    """
    row = _row(session, resident=resident, now=now)
    if row.wait_until is not None and now < row.wait_until:
        return Wait(until=row.wait_until)
    misses = row.misses
    if spare_codes.is_one(code):
        if spare_codes.use(session, resident=resident, code=code, pepper=keys.pepper, now=now):
            forgive(session, resident=resident)
            return Passed(misses=misses, left=spare_codes.count_left(session, resident=resident))
    elif row.sealed is not None and _use_digits(session, row=row, code=_digits(code), keys=keys, now=now):
        forgive(session, resident=resident)
        return Passed(misses=misses)
    row.misses = misses + 1
    row.wait_until = now + delay(row.misses) if delay(row.misses) else None
    session.flush()
    return Wait(until=row.wait_until) if row.wait_until is not None else Wrong()


def _use_digits(session: Session, *, row: SecondFactor, code: str, keys: Keys, now: datetime) -> bool:
    """Whether the digits are right and newer than any used before: each works once, for one of two who try at once."""
    step = _step_of_code(_unseal(row.sealed or b"", resident=row.resident, keys=keys), code=code, now=now)
    if step is None:
        return False
    newer = update(SecondFactor).where(SecondFactor.id == row.id, SecondFactor.last_step < step)
    taken = session.execute(newer.values(last_step=step))
    return isinstance(taken, CursorResult) and taken.rowcount == 1


def forgive(session: Session, *, resident: Resident) -> None:
    """The second step was passed: wrong codes before no longer count."""
    session.execute(
        update(SecondFactor).where(SecondFactor.resident_id == resident.id).values(misses=0, wait_until=None)
    )


def turn_app_off(session: Session, *, resident: Resident) -> None:
    """No longer ask for the app's digits; without a passkey in its place the sheet of codes goes, too."""
    row = of(session, resident=resident)
    if row is None:
        return
    row.sealed = row.proposed = None
    _tidy(session, row=row)


def stop_asking_for_passkey(session: Session, *, resident: Resident) -> None:
    """No longer ask for a passkey after the password; without an app the sheet of codes goes, too."""
    row = of(session, resident=resident)
    if row is None:
        return
    row.by_passkey = False
    _tidy(session, row=row)


def _tidy(session: Session, *, row: SecondFactor) -> None:
    session.flush()
    if not row.is_on:
        spare_codes.forget(session, resident=row.resident)


def take_away(session: Session, *, resident: Resident, now: datetime) -> None:
    """Turn everything off for somebody who lost their means, and keep that it was done until they have read it."""
    row = _row(session, resident=resident, now=now)
    row.sealed = row.proposed = None
    row.by_passkey = False
    row.misses, row.wait_until, row.reset_at = 0, None, now
    _tidy(session, row=row)


def read_reset(session: Session, *, resident: Resident) -> None:
    """Its owner has read that an administrator turned it off."""
    row = of(session, resident=resident)
    if row is not None:
        row.reset_at = None
        session.flush()
