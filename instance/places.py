"""Cities, quarters, buildings and numbered lots."""

import csv
import re
import unicodedata
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources

from sqlalchemy import ForeignKey, String, UniqueConstraint, column, func, select, table, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import hours, journal, landings
from instance.base import Refused, Row

LONGEST_NAME = 120
LONGEST_LOT = 12
MOST_LOTS = 2000
# Names that mean something to mail servers, crawlers or our own addresses: no quarter or organisation has one.
RESERVED = frozenset(
    [
        "abuse",
        "about",
        "accounts",
        "actor",
        "admin",
        "api",
        "desk",
        "door",
        "help",
        "inbox",
        "info",
        "instance",
        "login",
        "mail",
        "media",
        "moderator",
        "news",
        "notices",
        "outbox",
        "palier",
        "postmaster",
        "root",
        "security",
        "static",
        "support",
        "system",
        "users",
        "webmaster",
        "www",
    ]
)


class City(Row):
    """A municipality, by its INSEE code."""

    __tablename__ = "city"

    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    insee: Mapped[str] = mapped_column(String(5), unique=True)


class Quarter(Row):
    """A quarter of a city. It speaks to other instances only once somebody opened it."""

    __tablename__ = "quarter"
    __table_args__ = (UniqueConstraint("city_id", "name"),)

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    slug: Mapped[str] = mapped_column(String(30), unique=True)
    postcode: Mapped[str] = mapped_column(String(5))
    district: Mapped[int | None] = mapped_column()
    opened_at: Mapped[datetime | None] = mapped_column()
    city: Mapped[City] = relationship()


class Residence(Row):
    """A co-owned residence (copropriété) as the national register (RNIC) has it, of one building or several.

    `name`, `street` and `lots` are what the register said last: who changed the building's own since, keeps them.
    """

    __tablename__ = "residence"

    number: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    street: Mapped[str] = mapped_column(String(LONGEST_NAME))
    lots: Mapped[int] = mapped_column()


class Building(Row):
    """A building: the innermost circle. `installer_id` is who put up its screen or builds it."""

    __tablename__ = "building"

    quarter_id: Mapped[int] = mapped_column(ForeignKey("quarter.id"), index=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    street: Mapped[str] = mapped_column(String(LONGEST_NAME))
    postcode: Mapped[str] = mapped_column(String(5))
    installer_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    residence_id: Mapped[int | None] = mapped_column(ForeignKey("residence.id"), index=True)
    # The first day on which somebody can live there, while it is still being built; None for one that stands.
    delivered_on: Mapped[date | None] = mapped_column()
    quarter: Mapped[Quarter] = relationship()
    lots: Mapped[list["Lot"]] = relationship(back_populates="building", order_by="Lot.position")

    def stands(self, *, now: datetime) -> bool:
        """Whether people can live in it at this moment, by the town's calendar."""
        return self.delivered_on is None or self.delivered_on <= now.astimezone(hours.TOWN_TIME).date()


class Lot(Row):
    """A numbered lot of a building: one letterbox."""

    __tablename__ = "lot"
    __table_args__ = (UniqueConstraint("building_id", "number"),)

    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"))
    number: Mapped[str] = mapped_column(String(LONGEST_LOT))
    position: Mapped[int] = mapped_column()
    building: Mapped[Building] = relationship(back_populates="lots")


def slug_of(name: str) -> str:
    """A user name that other software takes (`^[a-z0-9_]{1,30}$`) from a French name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:30]


def _text(value: str, *, field: str, longest: int = LONGEST_NAME) -> str:
    text = " ".join(value.split())
    if not text:
        raise Refused("missing", field=field)
    if len(text) > longest:
        raise Refused("too_long", field=field)
    return text


def add_city(session: Session, *, name: str, insee: str, now: datetime) -> City:
    """Add a city, or return the one that already has this INSEE code."""
    known = session.scalar(select(City).where(City.insee == insee))
    if known is not None:
        return known
    city = City(name=_text(name, field="name"), insee=insee, created_at=now)
    session.add(city)
    session.flush()
    return city


def tidy_name(value: str, *, field: str = "name") -> str:
    """A name with single spaces. Raises Refused("missing"|"too_long")."""
    return _text(value, field=field)


def free_slug(session: Session, *, name: str) -> str:
    """A short name from a full one that neither quarter, organisation nor our own addresses have."""
    stem = slug_of(name) or "quarter"
    begins = stem[:24]
    taken = set(session.scalars(select(Quarter.slug).where(Quarter.slug.startswith(begins, autoescape=True))))
    # Named and not imported: organisations are built on places. Both speak under one address, /users/{slug}.
    spoken = column("slug", String)
    publishers = select(spoken).select_from(table("organisation", spoken))
    taken |= set(session.scalars(publishers.where(spoken.startswith(begins, autoescape=True)))) | RESERVED
    if stem not in taken:
        return stem
    return next(one for n in range(2, 1000) if (one := f"{stem[:26]}_{n}") not in taken)


def add_quarter(
    session: Session, *, city: City, name: str, postcode: str, district: int | None, now: datetime
) -> Quarter:
    """Add a quarter, or return the one of this name in this city."""
    name = _text(name, field="name")
    known = session.scalar(select(Quarter).where(Quarter.city_id == city.id, Quarter.name == name))
    if known is not None:
        return known
    slug = free_slug(session, name=name)
    quarter = Quarter(city=city, name=name, slug=slug, postcode=postcode, district=district, created_at=now)
    session.add(quarter)
    session.flush()
    return quarter


def shipped_quarters() -> list[dict[str, str]]:
    """The rows of the shipped list: the 111 official quarters of Marseille."""
    with (resources.files("instance") / "data" / "marseille-quarters.csv").open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def load_marseille(session: Session, *, now: datetime) -> Sequence[Quarter]:
    """Add Marseille and its 111 quarters; those that are there already stay as they are."""
    rows = shipped_quarters()
    city = add_city(session, name=rows[0]["commune"], insee=rows[0]["commune_insee"], now=now)
    return [
        add_quarter(
            session,
            city=city,
            name=row["quarter"],
            postcode=row["postcode"],
            district=int(row["arrondissement"]),
            now=now,
        )
        for row in rows
    ]


def quarters(session: Session) -> Sequence[Quarter]:
    """Every quarter, by postcode and name."""
    return session.scalars(select(Quarter).order_by(Quarter.postcode, Quarter.name)).all()


def open_quarters(session: Session) -> Sequence[Quarter]:
    """The quarters that speak to other instances."""
    wanted = select(Quarter).where(Quarter.opened_at.is_not(None)).order_by(Quarter.name)
    return session.scalars(wanted).all()


def quarter(session: Session, *, slug: str) -> Quarter:
    """The quarter of this slug. Raises Refused("not_found")."""
    found = session.scalar(select(Quarter).where(Quarter.slug == slug))
    if found is None:
        raise Refused("not_found")
    return found


def quarter_by_id(session: Session, *, id: int) -> Quarter:  # noqa: A002  # the column's own name
    """The quarter of this internal id, which is known to exist."""
    return session.get_one(Quarter, id)


def open_quarter(session: Session, *, quarter: Quarter, now: datetime) -> None:
    """Let the quarter be seen and followed from outside: its public profile crosses the hatch."""
    if quarter.opened_at is None:
        quarter.opened_at = now
        journal.record(session, subject=journal.Subject.QUARTER, subject_id=quarter.public_id, version=1, now=now)
    session.flush()


def walked(lots: Iterable[Lot]) -> list[Lot]:
    """Lots as somebody with letters walks by: stair by stair, floor by floor, door by door."""
    return sorted(lots, key=lambda one: landings.walk(one.number))


def read_lots(text: str) -> list[str]:
    """Read lot numbers as a person types them: `1-44`, `A1, A2`, one a line, or mixed.

    Raises Refused("lots_missing"|"lots_too_many"|"lots_twice"|"lot_too_long"), field "lots".
    """
    numbers: list[str] = []
    for part in filter(None, (one.strip() for one in re.split(r"[,;\n]", text))):
        span = re.fullmatch(r"(\d{1,4})\s*[-–]\s*(\d{1,4})", part)
        if span:
            first, last = sorted((int(span[1]), int(span[2])))
            numbers.extend(str(n) for n in range(first, min(last, first + MOST_LOTS) + 1))
        else:
            numbers.append(part)
    _check_lots(numbers)
    return numbers


def _check_lots(numbers: Sequence[str]) -> None:
    if not numbers:
        raise Refused("lots_missing", field="lots")
    if len(numbers) > MOST_LOTS:
        raise Refused("lots_too_many", field="lots")
    if len(set(numbers)) != len(numbers):
        raise Refused("lots_twice", field="lots")
    if any(len(one) > LONGEST_LOT for one in numbers):
        raise Refused("lot_too_long", field="lots")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewBuilding:
    """A building as it was read, in no store yet."""

    name: str
    street: str
    lots: Sequence[str]


def read_building(*, name: str, street: str, lots: Iterable[str]) -> NewBuilding:
    """Read a building with its numbered lots. Raises Refused (missing, too_long, lots_…), each with its field."""
    numbers = list(lots)
    _check_lots(numbers)
    return NewBuilding(name=_text(name, field="name"), street=_text(street, field="street"), lots=numbers)


def add_building(
    session: Session, *, quarter: Quarter, name: str, street: str, lots: Iterable[str], now: datetime
) -> Building:
    """Add a building with its numbered lots. Raises Refused (missing, too_long, lots_…)."""
    new = read_building(name=name, street=street, lots=lots)
    building = Building(quarter=quarter, name=new.name, street=new.street, postcode=quarter.postcode, created_at=now)
    building.lots = [Lot(number=number, position=place, created_at=now) for place, number in enumerate(new.lots)]
    session.add(building)
    session.flush()
    return building


def buildings(session: Session, *, quarter: Quarter | None = None) -> Sequence[Building]:
    """Buildings by name, of one quarter or of all."""
    wanted = select(Building).order_by(Building.name, Building.id)
    if quarter is not None:
        wanted = wanted.where(Building.quarter_id == quarter.id)
    return session.scalars(wanted).all()


def buildings_after(
    session: Session, *, quarter: Quarter | None = None, after: uuid.UUID | None = None, limit: int = 100
) -> Sequence[Building]:
    """Buildings by name, of one quarter or of all, the stretch that follows `after`. Raises Refused("not_found")."""
    wanted = select(Building).order_by(Building.name, Building.id).limit(limit)
    if quarter is not None:
        wanted = wanted.where(Building.quarter_id == quarter.id)
    if after is not None:
        last = building(session, public_id=after)
        wanted = wanted.where(tuple_(Building.name, Building.id) > tuple_(last.name, last.id))
    return session.scalars(wanted).all()


def building_called(session: Session, *, name: str) -> Building:
    """The one building of this name, or of this `name, street`.

    Raises Refused("not_found"), or Refused("building_unclear") when several are called so.
    """
    typed = func.lower(" ".join(name.split()))
    whole = func.lower(Building.name + ", " + Building.street)
    wanted = select(Building).where((func.lower(Building.name) == typed) | (whole == typed)).limit(2)
    found = session.scalars(wanted).all()
    if not found:
        raise Refused("not_found")
    if len(found) > 1:
        raise Refused("building_unclear")
    return found[0]


def count_buildings(session: Session) -> int:
    """How many buildings there are."""
    return session.scalar(select(func.count()).select_from(Building)) or 0


def building(session: Session, *, public_id: uuid.UUID) -> Building:
    """The building of this public id. Raises Refused("not_found")."""
    found = session.scalar(select(Building).where(Building.public_id == public_id))
    if found is None:
        raise Refused("not_found")
    return found


def count_lots(session: Session, *, building: Building) -> int:
    """How many lots the building has."""
    return session.scalar(select(func.count()).select_from(Lot).where(Lot.building_id == building.id)) or 0


def buildings_by_quarter(session: Session) -> Mapping[int, int]:
    """How many buildings each quarter has, by the quarter's key; quarters without any are not there."""
    wanted = select(Building.quarter_id, func.count()).group_by(Building.quarter_id)
    return dict(session.execute(wanted).all())


def lots_in(session: Session, *, quarter: Quarter) -> Mapping[int, int]:
    """How many lots each building of a quarter has, by the building's key; those without any are not there."""
    of_quarter = select(Building.id).where(Building.quarter_id == quarter.id)
    wanted = select(Lot.building_id, func.count()).where(Lot.building_id.in_(of_quarter)).group_by(Lot.building_id)
    return dict(session.execute(wanted).all())


def deliver(session: Session, *, building: Building, day: date | None) -> None:
    """Say from which day on people live in a building that is still being built; None for one that stands."""
    building.delivered_on = day
    session.flush()
