"""Signed-in browsers: how one is opened, renewed, proved again, listed and closed; and the password that opens it."""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import passwords
from instance.base import Refused, Row
from instance.residents import Resident, State

# A browser that is not used for a month is signed out; one that is used, after half a year at the latest.
SIGNED_IN_FOR = timedelta(days=30)
AT_LONGEST = timedelta(days=180)
RENEWED_EACH = timedelta(days=1)
# How long a password or passkey that was just given counts for acts that could lock somebody out.
FRESH_FOR = timedelta(minutes=15)
# Between the password and the second step.
HALFWAY_FOR = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What may be kept of a browser: its family and its system, in one word each. Never version or address."""

    family: str | None = None
    system: str | None = None


UNKNOWN = Browser()


class Login(Row):
    """One signed-in browser. Only the token's hash is kept."""

    __tablename__ = "login"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    # The day it was last used, at midnight: a finer trace would say when somebody is at home.
    used_on: Mapped[datetime] = mapped_column()
    # When its owner last gave the password or a passkey here.
    proved_at: Mapped[datetime] = mapped_column()
    family: Mapped[str | None] = mapped_column(String(20))
    system: Mapped[str | None] = mapped_column(String(20))
    resident: Mapped[Resident] = relationship()


class HalfwayLogin(Row):
    """The password was right and a second step is asked. It opens nothing; only the token's hash is kept."""

    __tablename__ = "halfway_login"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
    resident: Mapped[Resident] = relationship()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def named(session: Session, *, name: str) -> Resident | None:
    """Who has this login name or e-mail address, in whatever letters it is typed."""
    name = name.strip().lower()
    return session.scalar(select(Resident).where((Resident.login == name) | (func.lower(Resident.email) == name)))


def check_password(session: Session, *, name: str, password: str) -> Resident:
    """Who has this login name or e-mail address and this password.

    A suspended account signs in, too: what was decided about it is all it can read.
    Raises Refused("wrong_credentials").
    """
    resident = named(session, name=name)
    right = passwords.matches(resident.password_hash if resident else None, password=password)
    if resident is None or not right:
        raise Refused("wrong_credentials")
    if passwords.is_outdated(resident.password_hash):
        resident.password_hash = passwords.hashed(password)
    return resident


def open_login(session: Session, *, resident: Resident, now: datetime, browser: Browser = UNKNOWN) -> str:
    """Start a signed-in browser for a resident who has just proved who they are; returns its token.

    The token is shown once and never stored.
    """
    token = secrets.token_urlsafe(32)
    session.add(
        Login(
            resident=resident,
            token_hash=_digest(token),
            created_at=now,
            expires_at=now + SIGNED_IN_FOR,
            used_on=_day(now),
            proved_at=now,
            family=browser.family,
            system=browser.system,
        )
    )
    session.flush()
    return token


def signed_in(session: Session, *, token: str, now: datetime) -> Login | None:
    """The browser this token belongs to, or None when it is unknown, too old or its owner is suspended."""
    login = _valid(session, token=token, now=now)
    return login if login is not None and login.resident.state == State.ACTIVE else None


def locked_out(session: Session, *, token: str, now: datetime) -> Resident | None:
    """The suspended resident whose browser this is: it opens the page of decisions about them and nothing else."""
    login = _valid(session, token=token, now=now)
    return login.resident if login is not None and login.resident.state == State.SUSPENDED else None


def _valid(session: Session, *, token: str, now: datetime) -> Login | None:
    login = session.scalar(select(Login).where(Login.token_hash == _digest(token)))
    return login if login is not None and login.expires_at > now else None


def wants_renewal(login: Login, *, now: datetime) -> bool:
    """Whether a browser was not yet seen today."""
    return now - login.used_on >= RENEWED_EACH


def renew(session: Session, *, token: str, now: datetime) -> None:
    """A browser is in use: thirty days more from now, but never past half a year after it signed in."""
    login = signed_in(session, token=token, now=now)
    if login is None:
        return
    login.used_on = _day(now)
    login.expires_at = min(now + SIGNED_IN_FOR, login.created_at + AT_LONGEST)
    session.flush()


def is_fresh(login: Login, *, now: datetime) -> bool:
    """Whether password or passkey were given so recently that they need not be asked for again."""
    return now - login.proved_at < FRESH_FOR


def prove(session: Session, *, token: str, now: datetime) -> None:
    """The owner has just proved again who they are."""
    login = signed_in(session, token=token, now=now)
    if login is not None:
        login.proved_at = now
        session.flush()


def sign_out(session: Session, *, token: str) -> None:
    """Close one browser's session."""
    session.execute(delete(Login).where(Login.token_hash == _digest(token)))


def of_resident(session: Session, *, resident: Resident, now: datetime) -> Sequence[Login]:
    """Where somebody is signed in now, the one used last first."""
    wanted = select(Login).where(Login.resident_id == resident.id, Login.expires_at > now)
    return session.scalars(wanted.order_by(Login.used_on.desc(), Login.id.desc())).all()


def is_this(login: Login, *, token: str) -> bool:
    """Whether a row of the list is the browser that looks at it."""
    return login.token_hash == _digest(token)


def close(session: Session, *, resident: Resident, public_id: uuid.UUID) -> None:
    """Sign one of somebody's own browsers out. Raises Refused("not_found") when it is none of theirs."""
    found = session.scalar(select(Login).where(Login.public_id == public_id, Login.resident_id == resident.id))
    if found is None:
        raise Refused("not_found")
    session.delete(found)
    session.flush()


def close_logins(session: Session, *, resident: Resident, but: str | None = None) -> None:
    """Sign the resident out everywhere, but for the browser of the token `but`.

    After a change of password, a suspension, or on their own wish. Sign-ins that are halfway end, too.
    """
    closing = delete(Login).where(Login.resident_id == resident.id)
    if but is not None:
        closing = closing.where(Login.token_hash != _digest(but))
    session.execute(closing)
    session.execute(delete(HalfwayLogin).where(HalfwayLogin.resident_id == resident.id))


def open_halfway(session: Session, *, resident: Resident, now: datetime) -> str:
    """The password was right: remember it for ten minutes, for one browser; returns its token."""
    token = secrets.token_urlsafe(32)
    session.add(
        HalfwayLogin(resident=resident, token_hash=_digest(token), created_at=now, expires_at=now + HALFWAY_FOR)
    )
    session.flush()
    return token


def halfway(session: Session, *, token: str, now: datetime) -> Resident | None:
    """Who gave a right password in this browser, or None when that is too long ago."""
    found = session.scalar(select(HalfwayLogin).where(HalfwayLogin.token_hash == _digest(token)))
    return found.resident if found is not None and found.expires_at > now else None


def close_halfway(session: Session, *, token: str) -> None:
    """The second step is done, or somebody starts again."""
    session.execute(delete(HalfwayLogin).where(HalfwayLogin.token_hash == _digest(token)))


def is_password(resident: Resident, *, password: str) -> bool:
    """Whether this is somebody's present password."""
    return passwords.matches(resident.password_hash, password=password)


def set_password(session: Session, *, resident: Resident, new: str) -> None:
    """Set a new password and close every session. Raises Refused("password_short"|"password_long", field="new")."""
    resident.password_hash = passwords.hashed(new, field="new")
    close_logins(session, resident=resident)
    session.flush()


def change_password(session: Session, *, resident: Resident, old: str, new: str) -> None:
    """Change the password and close every session. Raises Refused (wrong_password, password_…)."""
    if not is_password(resident, password=old):
        raise Refused("wrong_password", field="old")
    set_password(session, resident=resident, new=new)
