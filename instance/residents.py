"""Residents: how they join, are named to others, and where they live."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import passwords, verification
from instance.audience import Reader
from instance.base import Refused, Row
from instance.places import Building, Lot, Quarter

LONGEST_NAME = 60
LOGIN_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,28})[a-z0-9]")


class Role(StrEnum):
    """What somebody may do beyond living here."""

    RESIDENT = "resident"
    MODERATOR = "moderator"
    ADMINISTRATOR = "administrator"


class State(StrEnum):
    """Whether an account may be used."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


class Resident(Row):
    """A person of this city. Never visible to other instances in any form."""

    __tablename__ = "resident"

    login: Mapped[str] = mapped_column(String(30), unique=True)
    first_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    last_name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    locale: Mapped[str] = mapped_column(String(5))
    role: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(20))
    homes: Mapped[list["Occupancy"]] = relationship(back_populates="resident")

    @property
    def full_name(self) -> str:
        """First and last name: for the same building only."""
        return f"{self.first_name} {self.last_name}"

    @property
    def short_name(self) -> str:
        """First name and initial: for further away."""
        return f"{self.first_name} {self.last_name[:1]}."

    @property
    def is_moderator(self) -> bool:
        """Whether this person looks after the board."""
        return self.role in {Role.MODERATOR, Role.ADMINISTRATOR}

    @property
    def is_administrator(self) -> bool:
        """Whether this person runs the place."""
        return self.role == Role.ADMINISTRATOR


class Occupancy(Row):
    """A resident lives in a lot."""

    __tablename__ = "occupancy"
    __table_args__ = (UniqueConstraint("resident_id", "lot_id"),)

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    resident: Mapped[Resident] = relationship(back_populates="homes")
    lot: Mapped[Lot] = relationship()


def _name(value: str, *, field: str) -> str:
    text = " ".join(value.split())
    if not text:
        raise Refused("missing", field=field)
    if len(text) > LONGEST_NAME:
        raise Refused("too_long", field=field)
    return text


def _login(session: Session, *, login: str) -> str:
    login = login.strip().lower()
    if not LOGIN_NAME.fullmatch(login):
        raise Refused("login_shape", field="login")
    if session.scalar(select(Resident.id).where(Resident.login == login)) is not None:
        raise Refused("login_taken", field="login")
    return login


def _email(session: Session, *, email: str | None, but: Resident | None = None) -> str | None:
    if not email or not email.strip():
        return None
    try:
        address = validate_email(email.strip(), check_deliverability=False).normalized
    except EmailNotValidError:
        raise Refused("email_shape", field="email") from None
    owner = session.scalar(select(Resident).where(func.lower(Resident.email) == address.lower()))
    if owner is not None and owner is not but:
        raise Refused("email_taken", field="email")
    return address


def register(
    session: Session,
    *,
    login: str,
    first_name: str,
    last_name: str,
    password: str,
    email: str | None,
    locale: str,
    now: datetime,
    role: Role = Role.RESIDENT,
) -> Resident:
    """Add an account without a home: staff, or the first half of `join`.

    Raises Refused (missing, too_long, login_shape, login_taken, email_shape, email_taken,
    password_short, password_long), each with its field.
    """
    resident = Resident(
        first_name=_name(first_name, field="first_name"),
        last_name=_name(last_name, field="last_name"),
        login=_login(session, login=login),
        email=_email(session, email=email),
        password_hash=passwords.hashed(password),
        locale=locale,
        role=role.value,
        state=State.ACTIVE.value,
        created_at=now,
    )
    session.add(resident)
    session.flush()
    return resident


def move_in(session: Session, *, resident: Resident, lot: Lot, now: datetime) -> None:
    """The resident lives in this lot from now on; saying so twice changes nothing."""
    if any(home.lot_id == lot.id for home in resident.homes):
        return
    resident.homes.append(Occupancy(lot=lot, created_at=now))
    session.flush()


def join(
    session: Session,
    *,
    code: str,
    pepper: bytes,
    login: str,
    first_name: str,
    last_name: str,
    password: str,
    email: str | None,
    locale: str,
    now: datetime,
) -> Resident:
    """Sign up with a letterbox code, which is used up by it.

    Raises Refused("code_dead", field="code") when the code no longer opens, else as `register`.
    The e-mail address is optional: nobody needs one to live somewhere.
    """
    match verification.check(session, code=code, pepper=pepper, now=now):
        case verification.Good(letterbox=letterbox):
            pass
        case _:
            raise Refused("code_dead", field="code")
    resident = register(
        session,
        login=login,
        first_name=first_name,
        last_name=last_name,
        password=password,
        email=email,
        locale=locale,
        now=now,
    )
    move_in(session, resident=resident, lot=letterbox.lot, now=now)
    verification.use_up(session, letterbox=letterbox, now=now)
    return resident


def set_email(session: Session, *, resident: Resident, email: str | None) -> None:
    """Set or remove the e-mail address. Raises Refused("email_shape"|"email_taken")."""
    resident.email = _email(session, email=email, but=resident)
    session.flush()


def set_locale(session: Session, *, resident: Resident, locale: str) -> None:
    """Remember the language somebody reads in."""
    resident.locale = locale
    session.flush()


def find(session: Session, *, public_id: uuid.UUID) -> Resident:
    """The resident of this public id. Raises Refused("not_found")."""
    found = session.scalar(select(Resident).where(Resident.public_id == public_id))
    if found is None:
        raise Refused("not_found")
    return found


def by_login(session: Session, *, login: str) -> Resident:
    """The resident of this login name. Raises Refused("nobody", field="login")."""
    found = session.scalar(select(Resident).where(Resident.login == login.strip().lower()))
    if found is None:
        raise Refused("nobody", field="login")
    return found


def buildings_of(session: Session, *, resident: Resident) -> Sequence[Building]:
    """The buildings somebody lives in."""
    wanted = (
        select(Building)
        .join(Lot, Lot.building_id == Building.id)
        .join(Occupancy, Occupancy.lot_id == Lot.id)
        .where(Occupancy.resident_id == resident.id)
        .distinct()
        .order_by(Building.id)
    )
    return session.scalars(wanted).all()


def quarters_of(session: Session, *, resident: Resident) -> Sequence[Quarter]:
    """The quarters somebody lives in."""
    wanted = {one.quarter_id: one.quarter for one in buildings_of(session, resident=resident)}
    return list(wanted.values())


def count_lots_registered(session: Session, *, building: Building) -> int:
    """How many lots of a building have at least one resident."""
    wanted = (
        select(func.count(Occupancy.lot_id.distinct()))
        .join(Lot, Lot.id == Occupancy.lot_id)
        .where(Lot.building_id == building.id)
    )
    return session.scalar(wanted) or 0


def lots_registered_in(session: Session, *, quarter: Quarter) -> Mapping[int, int]:
    """How many lots of each building of a quarter have a resident, by the building's key; none, and it is not there."""
    wanted = (
        select(Lot.building_id, func.count(Occupancy.lot_id.distinct()))
        .join(Occupancy, Occupancy.lot_id == Lot.id)
        .join(Building, Building.id == Lot.building_id)
        .where(Building.quarter_id == quarter.id)
        .group_by(Lot.building_id)
    )
    return dict(session.execute(wanted).all())


def empty_lots(session: Session, *, building: Building) -> Sequence[Lot]:
    """The lots of a building where nobody has signed up yet, in the building's order."""
    taken = select(Occupancy.id).where(Occupancy.lot_id == Lot.id).exists()
    wanted = select(Lot).where(Lot.building_id == building.id, ~taken).order_by(Lot.position)
    return session.scalars(wanted).all()


def neighbours(session: Session, *, building: Building) -> Sequence[Resident]:
    """Who lives in a building and may use their account."""
    wanted = (
        select(Resident)
        .join(Occupancy, Occupancy.resident_id == Resident.id)
        .join(Lot, Lot.id == Occupancy.lot_id)
        .where(Lot.building_id == building.id, Resident.state == State.ACTIVE.value)
        .distinct()
        .order_by(Resident.id)
    )
    return session.scalars(wanted).all()


def name_for(session: Session, *, resident: Resident, reader: Reader) -> str:
    """How a resident is named to a reader: in full inside the building, first name and initial further away."""
    if reader.resident_id == resident.id:
        return resident.full_name
    return names_for(session, people=[resident], reader=reader)[resident.id]


def names_for(session: Session, *, people: Iterable[Resident], reader: Reader) -> Mapping[int, str]:
    """How each of these is named to a reader, by their keys: one question for a whole board."""
    known = {one.id: one for one in people}
    wanted = (
        select(Occupancy.resident_id)
        .join(Lot, Lot.id == Occupancy.lot_id)
        .where(Occupancy.resident_id.in_(known), Lot.building_id.in_(reader.building_ids))
    )
    near = {reader.resident_id, *(session.scalars(wanted) if known else ())}
    return {key: one.full_name if key in near else one.short_name for key, one in known.items()}
