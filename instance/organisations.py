"""Organisations that publish: town halls, committees, associations, shops, landlords, managers, developers."""

import re
import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import journal, residents
from instance.base import Refused, Row
from instance.places import RESERVED, Building, Quarter, slug_of
from instance.residents import Resident

LONGEST_NAME = 120
LONGEST_SUMMARY = 500
SLUG = re.compile(r"[a-z0-9_]{2,30}")


class Kind(StrEnum):
    """What an organisation is."""

    TOWN_HALL = "town_hall"
    COMMITTEE = "committee"
    ASSOCIATION = "association"
    SHOP = "shop"
    LANDLORD = "landlord"
    MANAGER = "manager"
    DEVELOPER = "developer"


# Who answers for buildings as their work, and may print the letters that let people in: no shop, no association.
PRINTERS = frozenset({Kind.TOWN_HALL, Kind.COMMITTEE, Kind.LANDLORD, Kind.MANAGER, Kind.DEVELOPER})


class Organisation(Row):
    """A publisher. Its profile is public by nature; who its members are is not."""

    __tablename__ = "organisation"

    slug: Mapped[str] = mapped_column(String(30), unique=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    kind: Mapped[str] = mapped_column(String(20))
    summary: Mapped[str] = mapped_column(String(LONGEST_SUMMARY))
    quarter_id: Mapped[int | None] = mapped_column(ForeignKey("quarter.id"))
    verified_at: Mapped[datetime | None] = mapped_column()
    version: Mapped[int] = mapped_column()
    quarter: Mapped[Quarter | None] = relationship()
    members: Mapped[list["Membership"]] = relationship(back_populates="organisation")


class Membership(Row):
    """A resident who may write in an organisation's name."""

    __tablename__ = "membership"
    __table_args__ = (UniqueConstraint("organisation_id", "resident_id"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    organisation: Mapped[Organisation] = relationship(back_populates="members")
    resident: Mapped[Resident] = relationship()


def _slug(session: Session, *, slug: str) -> str:
    slug = slug.strip().lower()
    if not SLUG.fullmatch(slug):
        raise Refused("slug_shape", field="slug")
    taken = session.scalar(select(Organisation.id).where(Organisation.slug == slug))
    quarter = session.scalar(select(Quarter.id).where(Quarter.slug == slug))
    if slug in RESERVED or taken is not None or quarter is not None:
        raise Refused("slug_taken", field="slug")
    return slug


def _text(value: str, *, field: str, longest: int) -> str:
    text = value.strip()
    if not text:
        raise Refused("missing", field=field)
    if len(text) > longest:
        raise Refused("too_long", field=field)
    return text


def found(
    session: Session,
    *,
    name: str,
    kind: Kind,
    summary: str,
    now: datetime,
    slug: str | None = None,
    quarter: Quarter | None = None,
    verified: bool = False,
) -> Organisation:
    """Add an organisation; its public profile crosses the hatch.

    Raises Refused (missing, too_long, slug_shape, slug_taken), each with its field.
    """
    name = _text(name, field="name", longest=LONGEST_NAME)
    organisation = Organisation(
        slug=_slug(session, slug=slug or slug_of(name)),
        name=name,
        kind=kind.value,
        summary=_text(summary, field="summary", longest=LONGEST_SUMMARY),
        quarter=quarter,
        verified_at=now if verified else None,
        version=1,
        created_at=now,
    )
    session.add(organisation)
    session.flush()
    _journal(session, organisation=organisation, now=now)
    return organisation


def _journal(session: Session, *, organisation: Organisation, now: datetime) -> None:
    journal.record(
        session,
        subject=journal.Subject.ORGANISATION,
        subject_id=organisation.public_id,
        version=organisation.version,
        now=now,
    )


def describe(session: Session, *, organisation: Organisation, name: str, summary: str, now: datetime) -> None:
    """Change name and summary. Raises Refused (missing, too_long)."""
    name = _text(name, field="name", longest=LONGEST_NAME)
    organisation.summary = _text(summary, field="summary", longest=LONGEST_SUMMARY)
    organisation.name = name
    organisation.version += 1
    _journal(session, organisation=organisation, now=now)


def add_member(session: Session, *, organisation: Organisation, resident: Resident, now: datetime) -> None:
    """Let a resident write in the organisation's name; saying so twice changes nothing."""
    if not may_write(session, organisation=organisation, resident=resident):
        session.add(Membership(organisation=organisation, resident=resident, created_at=now))
        session.flush()


def remove_member(session: Session, *, organisation: Organisation, resident: Resident) -> None:
    """Take that right back."""
    for membership in session.scalars(
        select(Membership).where(Membership.organisation_id == organisation.id, Membership.resident_id == resident.id)
    ):
        session.delete(membership)
    session.flush()


def answer_for(session: Session, *, building: Building, organisation: Organisation | None) -> None:
    """Say who builds or looks after a building and may write on its board; None when nobody does."""
    building.installer_id = organisation.id if organisation is not None else None
    session.flush()


def answered(session: Session, *, organisation: Organisation) -> Sequence[Building]:
    """The buildings an organisation answers for, by name."""
    wanted = select(Building).where(Building.installer_id == organisation.id).order_by(Building.name, Building.id)
    return session.scalars(wanted).all()


def may_write(session: Session, *, organisation: Organisation, resident: Resident) -> bool:
    """Whether this resident writes in the organisation's name."""
    wanted = select(Membership.id).where(
        Membership.organisation_id == organisation.id, Membership.resident_id == resident.id
    )
    return session.scalar(wanted) is not None


def may_print(session: Session, *, organisation: Organisation, resident: Resident) -> bool:
    """Whether this resident prints the letters of the buildings the organisation answers for."""
    return Kind(organisation.kind) in PRINTERS and may_write(session, organisation=organisation, resident=resident)


def of_resident(session: Session, *, resident: Resident) -> Sequence[Organisation]:
    """The organisations somebody writes for."""
    wanted = (
        select(Organisation)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.resident_id == resident.id)
        .order_by(Organisation.name)
    )
    return session.scalars(wanted).all()


def require_known(session: Session, *, resident: Resident) -> None:
    """Let only those write to others of whom it is known what they have to do here: anybody can have an account.

    Who lives in an open quarter, writes for an organisation, or is staff. Raises Refused("not_known", field="body").
    """
    known = resident.is_moderator or residents.quarters_known(session, resident=resident)
    if not known and not of_resident(session, resident=resident):
        raise Refused("not_known", field="body")


def every(session: Session) -> Sequence[Organisation]:
    """All organisations, by name."""
    return session.scalars(select(Organisation).order_by(Organisation.name)).all()


def by_slug(session: Session, *, slug: str) -> Organisation:
    """The organisation of this slug. Raises Refused("not_found")."""
    found = session.scalar(select(Organisation).where(Organisation.slug == slug))
    if found is None:
        raise Refused("not_found")
    return found


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Organisation:
    """The organisation of this public id. Raises Refused("not_found")."""
    found = session.scalar(select(Organisation).where(Organisation.public_id == public_id))
    if found is None:
        raise Refused("not_found")
    return found
