"""Residents: how they join, are named to others, and where they live."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import ForeignKey, String, UniqueConstraint, func, select
from sqlalchemy.orm import Mapped, Session, contains_eager, joinedload, mapped_column, relationship

from instance import assurance, passwords, verification
from instance.assurance import Kind, Level, Mark, Proof
from instance.audience import Audience, Reader
from instance.base import Refused, Row
from instance.places import Building, Lot, Quarter

LONGEST_NAME = 60
TOLD_BY = 5
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
    # When a suspension ends by itself; empty until further notice.
    suspended_until: Mapped[datetime | None] = mapped_column(index=True)
    # Which quarter a moderator looks after; empty for the whole town.
    desk_quarter_id: Mapped[int | None] = mapped_column(ForeignKey("quarter.id"))
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
    """A resident lives in a lot. `asked_at`: since when they are asked whether they still do."""

    __tablename__ = "occupancy"
    __table_args__ = (UniqueConstraint("resident_id", "lot_id"),)

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    asked_at: Mapped[datetime | None] = mapped_column()
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
    """Add an account without a home: staff, somebody who has no letter yet, or the first half of `join`.

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


def hold(session: Session, *, resident: Resident) -> None:
    """Let all that changes where somebody lives wait for each other."""
    session.execute(select(Resident.id).where(Resident.id == resident.id).with_for_update(key_share=True))


def settle(session: Session, *, resident: Resident, lot: Lot, now: datetime) -> None:
    """The resident says that they live in this lot: by itself that opens nothing. Twice changes nothing."""
    hold(session, resident=resident)
    here = select(Occupancy.id).where(Occupancy.resident_id == resident.id, Occupancy.lot_id == lot.id)
    if session.scalar(here) is None:
        resident.homes.append(Occupancy(lot=lot, created_at=now))
        session.flush()


def move_in(session: Session, *, resident: Resident, lot: Lot, now: datetime) -> None:
    """The resident lives in this lot from now on, and opened its letterbox; saying so twice changes nothing."""
    settle(session, resident=resident, lot=lot, now=now)
    assurance.give(session, resident_id=resident.id, lot_id=lot.id, kind=Kind.LETTER, now=now)


def _opened(session: Session, *, code: str, pepper: bytes, now: datetime) -> verification.LetterboxCode:
    match verification.check(session, code=code, pepper=pepper, now=now):
        case verification.Good(letterbox=letterbox):
            return letterbox
        case _:
            raise Refused("code_dead", field="code")


def enter(session: Session, *, resident: Resident, code: str, pepper: bytes, now: datetime) -> Lot:
    """Move in with a letterbox code, which is used up by it: the second home, or the first of an account without one.

    Raises Refused("code_dead", field="code"); a door that counts wrong tries asks `verification.check` first.
    """
    letterbox = _opened(session, code=code, pepper=pepper, now=now)
    move_in(session, resident=resident, lot=letterbox.lot, now=now)
    verification.use_up(session, letterbox=letterbox, now=now)
    return letterbox.lot


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
    letterbox = _opened(session, code=code, pepper=pepper, now=now)
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


def check_active(session: Session, *, resident: Resident) -> None:
    """Let somebody act. Raises Refused("suspended") for a locked account, as the store has it now.

    Every act of the domain asks this first, so that no door has to remember it.
    """
    if session.scalar(select(Resident.state).where(Resident.id == resident.id)) != State.ACTIVE:
        raise Refused("suspended")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Dwelling:
    """A lot somebody says they live in, and how far that is known."""

    lot: Lot
    level: Level

    def is_lived_in(self, *, now: datetime) -> bool:
        """Whether somebody can live there yet: a building may be handed over later."""
        return self.lot.building.stands(now=now)

    def votes(self, *, now: datetime) -> bool:
        """Whether the lot counts when its building votes: on the list of lots, and handed over."""
        return self.level >= Level.LOT_LIST and self.is_lived_in(now=now)

    def hangs_for(self, audience: Audience, *, now: datetime) -> bool:
        """Whether somebody may hang offers and requests for this audience from here.

        Whoever is known in the quarter only hangs in the quarter; who comes to live there later, in the building only.
        """
        least = Level.QUARTER if audience is Audience.QUARTER else Level.BUILDING
        return self.level >= least and (audience is Audience.BUILDING or self.is_lived_in(now=now))


def dwellings(session: Session, *, resident: Resident) -> Sequence[Dwelling]:
    """Where somebody lives, as far as it is known: also what opens nothing yet, or no more."""
    # One question, because a board asks it of each author.
    wanted = (
        select(Lot, Proof.kind, Proof.household_id)
        .join(Occupancy, Occupancy.lot_id == Lot.id)
        .join(Building, Building.id == Lot.building_id)
        .outerjoin(
            Proof,
            (Proof.lot_id == Lot.id) & (Proof.resident_id == Occupancy.resident_id) & assurance.COUNTS,
        )
        .where(Occupancy.resident_id == resident.id)
        .options(contains_eager(Lot.building))
        .order_by(Building.id, Lot.position)
    )
    marks: dict[Lot, list[Mark]] = {}
    for lot, kind, household in session.execute(wanted):
        known = marks.setdefault(lot, [])
        if kind is not None:
            known.append(Mark(kind=Kind(kind), household=household))
    return [Dwelling(lot=lot, level=assurance.level(known, home=lot.id)) for lot, known in marks.items()]


def buildings_claimed(session: Session, *, resident: Resident) -> frozenset[int]:
    """The buildings somebody says they live in, known or not, by key: staff decide nothing about them."""
    homes = select(Lot.building_id).join(Occupancy, Occupancy.lot_id == Lot.id)
    return frozenset(session.scalars(homes.where(Occupancy.resident_id == resident.id)))


def _buildings(found: Sequence[Dwelling], *, least: Level) -> Sequence[Building]:
    return list({one.lot.building_id: one.lot.building for one in found if one.level >= least}.values())


def buildings_of(session: Session, *, resident: Resident) -> Sequence[Building]:
    """The buildings that are open to somebody, because it is known well enough that they live there."""
    return _buildings(dwellings(session, resident=resident), least=Level.BUILDING)


def quarters_of(session: Session, *, resident: Resident, now: datetime) -> Sequence[Quarter]:
    """The quarters that are open to somebody: less has to be known than for a building, but they live there."""
    here = [one for one in dwellings(session, resident=resident) if one.is_lived_in(now=now)]
    return _quarters(_buildings(here, least=Level.QUARTER))


def quarters_known(session: Session, *, resident: Resident) -> Sequence[Quarter]:
    """The quarters somebody is known to live in, or to come to live in."""
    return _quarters(_buildings(dwellings(session, resident=resident), least=Level.QUARTER))


def _quarters(near: Iterable[Building]) -> Sequence[Quarter]:
    return list({one.quarter_id: one.quarter for one in near}.values())


def hang_from(session: Session, *, resident: Resident, audience: Audience, now: datetime) -> Sequence[Building]:
    """The buildings from which somebody may hang offers and requests for this audience."""
    homes = [one for one in dwellings(session, resident=resident) if one.hangs_for(audience, now=now)]
    return _buildings(homes, least=Level.QUARTER)


def count_lots_registered(session: Session, *, building: Building) -> int:
    """How many lots of a building have at least one resident; who is not known well enough counts for none."""
    return len({lot_id for _, lot_id in assurance.known_in(session, building_id=building.id)})


def lots_registered_in(session: Session, *, quarter: Quarter) -> Mapping[int, int]:
    """How many lots of each building of a quarter have a resident, by the building's key; none, and it is not there."""
    return assurance.lots_known(session, quarter_id=quarter.id)


def lots_told(*, registered: int, lots: int) -> int:
    """How many lots with a resident are told to whoever prints letters: whole fives, and never all of them. Pure.

    An exact number would say, from one letter to the next, which of them was used.
    """
    return max(0, min(registered, lots - 1)) // TOLD_BY * TOLD_BY


def neighbours(session: Session, *, building: Building) -> Sequence[Resident]:
    """Who is known to live in a building and may use their account."""
    known = assurance.known_in(session, building_id=building.id)
    wanted = (
        select(Occupancy)
        .join(Lot, Lot.id == Occupancy.lot_id)
        .where(Lot.building_id == building.id)
        .options(joinedload(Occupancy.resident))
    )
    here = [one for one in session.scalars(wanted) if (one.resident_id, one.lot_id) in known]
    found = {one.resident_id: one.resident for one in here if one.resident.state == State.ACTIVE}
    return [found[one] for one in sorted(found)]


def name_for(session: Session, *, resident: Resident, reader: Reader) -> str:
    """How a resident is named to a reader: in full inside the building, first name and initial further away."""
    if reader.resident_id == resident.id:
        return resident.full_name
    return names_for(session, people=[resident], reader=reader)[resident.id]


def names_for(session: Session, *, people: Iterable[Resident], reader: Reader) -> Mapping[int, str]:
    """How each of these is named to a reader, by their keys: one question for a whole board."""
    known = {one.id: one for one in people}
    near = assurance.known_among(session, resident_ids=known, building_ids=reader.building_ids) | {reader.resident_id}
    return {key: one.full_name if key in near else one.short_name for key, one in known.items()}
