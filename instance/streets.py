"""Streets and house numbers from the national address base (BAN): found as people type them, and put to buildings.

A city has some thousand streets and a hundred times as many house numbers, so that only streets are taken to pieces:
typing is forgiven in their names, numbers are compared as they are. Both engines do it with tables and an index.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final

from sqlalchemy import ForeignKey, Index, Select, String, UniqueConstraint, func, insert, select
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, relationship

from instance import spelling
from instance.base import Home, Refused, Row
from instance.places import LONGEST_NAME, Building, City
from instance.spelling import Wish

LONGEST_ID: Final = 60
LONGEST_SUFFIX: Final = 12
# Short forms written out make a name up to four times as long.
LONGEST_SPELLED: Final = 4 * LONGEST_NAME
# INSEE, Code officiel géographique: three cities have districts with codes of their own, which the BAN uses.
DISTRICTS: Final[Mapping[str, tuple[int, int]]] = {
    "13055": (13201, 13216),
    "69123": (69381, 69389),
    "75056": (75101, 75120),
}
# How many streets are looked at more closely, the second time letter by letter.
LIKELY: Final = 300
LIKELIEST: Final = 24
# Below this, a street has nothing to do with what was typed.
LEAST: Final = 0.45
SHOWN: Final = 10
# Of a street that was typed without a number.
FIRST_FEW: Final = 3


class Street(Row):
    """A street of a city, within one postcode. `spelled` is its name for comparing."""

    __tablename__ = "street"
    __table_args__ = (UniqueConstraint("city_id", "postcode", "name"),)

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    postcode: Mapped[str] = mapped_column(String(5))
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    spelled: Mapped[str] = mapped_column(String(LONGEST_SPELLED), index=True)
    city: Mapped[City] = relationship()


class StreetPiece(Home):
    """Three letters of a street's name, to find it by. `size` is how many such pieces the street has."""

    __tablename__ = "street_piece"
    __table_args__ = ({"sqlite_with_rowid": False},)

    letters: Mapped[str] = mapped_column(String(3), primary_key=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("street.id", ondelete="CASCADE"), primary_key=True)
    size: Mapped[int] = mapped_column()


class Address(Home):
    """A house number in a street, under the id that the BAN gave it. `gone_at` is when the file had it no more."""

    __tablename__ = "address"
    __table_args__ = (Index(None, "street_id", "number"),)

    id: Mapped[str] = mapped_column(String(LONGEST_ID), primary_key=True)
    street_id: Mapped[int] = mapped_column(ForeignKey("street.id"))
    number: Mapped[int] = mapped_column()
    suffix: Mapped[str] = mapped_column(String(LONGEST_SUFFIX))
    gone_at: Mapped[datetime | None] = mapped_column()
    street: Mapped[Street] = relationship()

    @property
    def line(self) -> str:
        """Number and street, as on a letter."""
        return " ".join(filter(None, (str(self.number), self.suffix, self.street.name)))

    @property
    def whole(self) -> str:
        """The whole address in one line."""
        return f"{self.line}, {self.street.postcode} {self.street.city.name}"


class BuildingAddress(Home):
    """A building stands at an address; it may have several, and a block of buildings may share one."""

    __tablename__ = "building_address"

    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), primary_key=True)
    address_id: Mapped[str] = mapped_column(ForeignKey("address.id"), primary_key=True, index=True)


def cities_by_code(session: Session) -> Mapping[str, City]:
    """The cities that exist here by each INSEE code an address of theirs may have, districts included."""
    found: dict[str, City] = {}
    for city in session.scalars(select(City)):
        found[city.insee] = city
        first, last = DISTRICTS.get(city.insee, (0, -1))
        found |= {str(code): city for code in range(first, last + 1)}
    return found


def count(session: Session) -> int:
    """How many addresses there are."""
    return session.scalar(select(func.count()).select_from(Address).where(Address.gone_at.is_(None))) or 0


# --- finding


@dataclass(frozen=True, slots=True, kw_only=True)
class _Near:
    street_id: int
    nearness: float


def search(session: Session, *, text: str, limit: int = SHOWN) -> Sequence[Address]:
    """The addresses most like what was typed, the likeliest first; none when no street is like it.

    Accents, short forms and slips of the hand in the street's name are forgiven; number, postcode and city may be left
    out. A street that has not the number typed is shown with the numbers beside it.
    """
    names = [spelling.spell(one) for one in session.scalars(select(City.name))]
    wish = spelling.read(text, cities=sorted(names, key=len, reverse=True))
    if not wish.street:
        return []
    near = _near(session, wish=wish)
    return _numbers(session, wish=wish, near=near, limit=limit)


def _near(session: Session, *, wish: Wish) -> Sequence[_Near]:
    """The streets most like the one typed, the likeliest first."""
    kernel = spelling.kernel(wish.street)
    judged = [
        _Near(street_id=id_, nearness=_nearness(wish, kernel=kernel, spelled=spelled, postcode=postcode))
        for id_, spelled, postcode in _spelled_so(session, wish=wish) or _rough(session, kernel=kernel)
    ]
    return sorted((one for one in judged if one.nearness >= LEAST), key=lambda one: -one.nearness)


def _spelled_so(session: Session, *, wish: Wish) -> Sequence[tuple[int, str, str]]:
    """The streets that are called exactly so, in one or several postcodes: then no other was meant."""
    wanted = select(Street.id, Street.spelled, Street.postcode).where(Street.spelled == wish.street)
    return session.execute(wanted.order_by(Street.id).limit(LIKELIEST)).all()


def _rough(session: Session, *, kernel: str) -> Sequence[tuple[int, str, str]]:
    """The streets that share most pieces, the likeliest first: typing is forgiven."""
    pieces = spelling.pieces(kernel)
    found = session.execute(_likely(pieces)).all()
    by_pieces = {id_: _alike(pieces, spelling.pieces(spelling.kernel(spelled))) for id_, spelled, _ in found}
    return sorted(found, key=lambda one: (-by_pieces[one[0]], one[0]))[:LIKELIEST]


def _likely(pieces: frozenset[str]) -> Select[int, str, str]:
    """The streets that have most of these pieces and few others."""
    shared = func.count()
    counted = (
        select(StreetPiece.street_id)
        .where(StreetPiece.letters.in_(pieces))
        .group_by(StreetPiece.street_id, StreetPiece.size)
        .order_by((2 * shared - StreetPiece.size).desc(), StreetPiece.street_id)
        .limit(LIKELY)
        .subquery()
    )
    return select(Street.id, Street.spelled, Street.postcode).join(counted, counted.c.street_id == Street.id)


def _alike(left: frozenset[str], right: frozenset[str]) -> float:
    """Dice's measure: 1 for the same pieces, 0 for none in common."""
    return 2 * len(left & right) / (len(left) + len(right))


def _nearness(wish: Wish, *, kernel: str, spelled: str, postcode: str) -> float:
    """How like a street is, above all in the words that tell it from others. Another postcode makes it less likely."""
    named = SequenceMatcher(None, kernel, spelling.kernel(spelled)).ratio()
    whole = SequenceMatcher(None, wish.street, spelled).ratio()
    return 0.8 * named + 0.2 * whole - (0.2 if wish.postcode and wish.postcode != postcode else 0)


def _numbers(session: Session, *, wish: Wish, near: Sequence[_Near], limit: int) -> Sequence[Address]:
    """House numbers in these streets, the likeliest first."""
    by_street = _of_streets(session, [one.street_id for one in near], number=wish.number)
    judged = [
        (one.nearness - _misfit(address, wish=wish), address)
        for one in near
        for address in by_street.get(one.street_id, [])
    ]
    return [address for _, address in sorted(judged, key=lambda one: -one[0])][:limit]


def _misfit(address: Address, *, wish: Wish) -> float:
    """What another house number than typed costs: the right street is likelier than another one with the number."""
    if wish.number is None:
        return 0
    return 0.25 if address.number != wish.number else 0.01 if address.suffix != wish.suffix else 0


def _of_streets(session: Session, ids: Iterable[int], *, number: int | None) -> Mapping[int, Sequence[Address]]:
    """Some addresses of each street: those of the number and the nearest ones, or the first few."""
    distance = func.abs(Address.number - (number or 0))
    place = func.row_number().over(
        partition_by=Address.street_id, order_by=(distance, Address.number, Address.suffix, Address.id)
    )
    ranked = (
        select(Address.id, place.label("place"))
        .where(Address.street_id.in_(list(ids)), Address.gone_at.is_(None))
        .subquery()
    )
    wanted = (
        _with_street(select(Address))
        .join(ranked, ranked.c.id == Address.id)
        .where(ranked.c.place <= (SHOWN if number is not None else FIRST_FEW))
        .order_by(ranked.c.place)
    )
    found: dict[int, list[Address]] = {}
    for address in session.scalars(wanted):
        found.setdefault(address.street_id, []).append(address)
    return found


def _with_street(wanted: Select[Address]) -> Select[Address]:
    return wanted.options(joinedload(Address.street).joinedload(Street.city))


def address(session: Session, *, id: str) -> Address:  # noqa: A002  # what the BAN calls it
    """The address of this BAN id. Raises Refused("not_found")."""
    found = session.scalar(_with_street(select(Address).where(Address.id == id)))
    if found is None:
        raise Refused("not_found")
    return found


def written(text: str, *, postcode: str, city: str) -> Wish | None:
    """An address as somebody else's list writes it, to be looked for by `written_so`; None when it has no number.

    A postcode in the text counts more than the one beside it; the city's name may stand at the end.
    """
    wish = spelling.read(text, cities=[spelling.spell(city)])
    return None if wish.number is None else replace(wish, postcode=wish.postcode or postcode)


def written_so(session: Session, *, wishes: Sequence[Wish]) -> Mapping[Wish, str]:
    """The ids of the addresses written so, in one question for all: not of what is written of several or none.

    Short forms and accents are one spelling; nothing else is forgiven.
    """
    if not wishes:
        return {}
    wanted = (
        select(Address.number, Address.suffix, Street.postcode, Street.spelled, Address.id)
        .join(Street)
        .where(
            Street.spelled.in_({one.street for one in wishes}),
            Address.number.in_({one.number for one in wishes}),
            Address.gone_at.is_(None),
        )
    )
    found: dict[Wish, list[str]] = {}
    for number, suffix, postcode, spelled, id_ in session.execute(wanted):
        wish = Wish(number=number, suffix=suffix, postcode=postcode, street=spelled)
        found.setdefault(wish, []).append(id_)
    return {wish: found[wish][0] for wish in wishes if len(found.get(wish, ())) == 1}


# --- buildings at addresses


def of_building(session: Session, *, building: Building) -> Sequence[Address]:
    """The addresses a building stands at, street by street."""
    wanted = (
        _with_street(select(Address))
        .join(BuildingAddress, BuildingAddress.address_id == Address.id)
        .join(Street)
        .where(BuildingAddress.building_id == building.id)
        .order_by(Street.name, Address.number, Address.suffix, Address.id)
    )
    return session.scalars(wanted).all()


def buildings_at(session: Session, *, address: Address) -> Sequence[Building]:
    """The buildings that stand at an address, by name."""
    wanted = (
        select(Building)
        .join(BuildingAddress, BuildingAddress.building_id == Building.id)
        .where(BuildingAddress.address_id == address.id)
        .order_by(Building.name, Building.id)
    )
    return session.scalars(wanted).all()


def put(session: Session, *, building: Building, address: Address) -> None:
    """Say that a building stands at an address; saying it again changes nothing.

    Raises Refused("other_city", field="address") for an address of another city than the building's.
    """
    if address.street.city_id != building.quarter.city_id:
        raise Refused("other_city", field="address")
    if session.get(BuildingAddress, (building.id, address.id)) is None:
        session.add(BuildingAddress(building_id=building.id, address_id=address.id))
    session.flush()


def put_all(session: Session, *, pairs: Iterable[tuple[int, str]]) -> None:
    """Say of buildings just entered, by their keys, at which addresses they stand; each once."""
    made = [{"building_id": building_id, "address_id": one} for building_id, one in sorted(set(pairs))]
    if made:
        session.execute(insert(BuildingAddress), made)


def take_away(session: Session, *, building: Building, address: Address) -> None:
    """Say that a building does not stand there. Raises Refused("not_found") when nobody said it did."""
    standing = session.get(BuildingAddress, (building.id, address.id))
    if standing is None:
        raise Refused("not_found", field="address")
    session.delete(standing)
    session.flush()
