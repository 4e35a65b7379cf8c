"""Cities and quarters as an administrator types them: checked, never entered twice, renamed while nobody outside knows.

`places.add_city` and `places.add_quarter` say "have it or add it", for data that is shipped; here a mistake is told.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instance import places
from instance.base import Refused
from instance.places import City, Quarter

MOST_LINES = 500
# INSEE, Code officiel géographique: department and number; Corsica has letters since 1976, 2A and 2B.
INSEE = re.compile(r"(?:[0-9]{2}|2[AB])[0-9]{3}")
POSTCODE = re.compile(r"[0-9]{5}")
_POSTCODE_FIRST = re.compile(r"(?P<postcode>[0-9]{5})[\s,;]+(?P<name>\S.*)")
_POSTCODE_LAST = re.compile(r"(?P<name>\S.*?)[\s,;]+\(?(?P<postcode>[0-9]{5})\)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One quarter as typed: its name, its postcode of five digits, and on which line, counted from one."""

    name: str
    postcode: str
    number: int = field(default=1, compare=False)


class BadLine(Refused):
    """One of many lines is refused: the same as its parent, and which line, counted from one."""

    def __init__(self, code: str, *, field: str, number: int, line: str) -> None:
        super().__init__(code, field=field)
        self.number = number
        self.line = line


def read_insee(text: str) -> str:
    """A municipality's code: five digits, or 2A and 2B for Corsica. Raises Refused("insee_shape", field="insee")."""
    code = "".join(text.split()).upper()
    if not INSEE.fullmatch(code):
        raise Refused("insee_shape", field="insee")
    return code


def read_quarters(text: str) -> list[Line]:
    """Read quarters as a person types them, one a line: `La Blancarde 13004`, `13004 La Blancarde`, with commas or not.

    Raises Refused("quarters_missing"|"quarters_too_many") or BadLine("quarter_line"|"quarter_twice"|"too_long"), all
    with field "quarters".
    """
    typed = [(number, " ".join(line.split())) for number, line in enumerate(text.splitlines(), start=1)]
    typed = [(number, line) for number, line in typed if line]
    if not typed:
        raise Refused("quarters_missing", field="quarters")
    if len(typed) > MOST_LINES:
        raise Refused("quarters_too_many", field="quarters")
    lines: list[Line] = []
    known: set[str] = set()
    for number, line in typed:
        read = _read_line(line, number=number)
        if read.name.casefold() in known:
            raise BadLine("quarter_twice", field="quarters", number=number, line=line)
        known.add(read.name.casefold())
        lines.append(read)
    return lines


def _read_line(line: str, *, number: int) -> Line:
    found = _POSTCODE_FIRST.fullmatch(line) or _POSTCODE_LAST.fullmatch(line)
    name = found["name"].strip(" ,;") if found else ""
    if found is None or not any(letter.isalpha() for letter in name):
        raise BadLine("quarter_line", field="quarters", number=number, line=line)
    if len(name) > places.LONGEST_NAME:
        raise BadLine("too_long", field="quarters", number=number, line=line)
    return Line(name=name, postcode=found["postcode"], number=number)


def enter_city(session: Session, *, name: str, insee: str, quarters: Sequence[Line], now: datetime) -> City:
    """Add a city with its first quarters.

    Raises Refused("missing"|"too_long", field="name"), Refused("insee_shape"|"city_known", field="insee").
    """
    code = read_insee(insee)
    if session.scalar(select(City.id).where(City.insee == code)) is not None:
        raise Refused("city_known", field="insee")
    city = places.add_city(session, name=name, insee=code, now=now)
    enter_quarters(session, city=city, quarters=quarters, now=now)
    return city


def enter_quarters(session: Session, *, city: City, quarters: Sequence[Line], now: datetime) -> Sequence[Quarter]:
    """Add quarters to a city, all or none. Raises BadLine("quarter_known", field="quarters")."""
    known = _names(session, city=city)
    for one in quarters:
        if one.name.casefold() in known:
            raise BadLine("quarter_known", field="quarters", number=one.number, line=one.name)
    return [
        places.add_quarter(session, city=city, name=one.name, postcode=one.postcode, district=None, now=now)
        for one in quarters
    ]


def _names(session: Session, *, city: City) -> set[str]:
    return {name.casefold() for name in session.scalars(select(Quarter.name).where(Quarter.city_id == city.id))}


def rename_quarter(session: Session, *, quarter: Quarter, name: str, postcode: str) -> None:
    """Correct the name and postcode of a quarter that nobody outside knows yet; its short name follows.

    Raises Refused("quarter_open"), Refused("missing"|"too_long"|"quarter_known", field="name"),
    Refused("postcode_shape", field="postcode").
    """
    if quarter.opened_at is not None:
        raise Refused("quarter_open")
    postcode = "".join(postcode.split())
    if not POSTCODE.fullmatch(postcode):
        raise Refused("postcode_shape", field="postcode")
    name = places.tidy_name(name)
    if name.casefold() in _names(session, city=quarter.city) - {quarter.name.casefold()}:
        raise Refused("quarter_known", field="name")
    if places.slug_of(name) != places.slug_of(quarter.name):
        quarter.slug = places.free_slug(session, name=name)
    for building in places.buildings(session, quarter=quarter):
        if building.postcode == quarter.postcode:
            building.postcode = postcode
    quarter.name = name
    quarter.postcode = postcode
    session.flush()


def cities(session: Session) -> Sequence[City]:
    """Every city, by name."""
    return session.scalars(select(City).order_by(City.name, City.id)).all()


def city(session: Session, *, insee: str) -> City:
    """The city of this code. Raises Refused("not_found")."""
    found = session.scalar(select(City).where(City.insee == insee.upper()))
    if found is None:
        raise Refused("not_found")
    return found


def count_quarters(session: Session) -> int:
    """How many quarters there are."""
    return session.scalar(select(func.count()).select_from(Quarter)) or 0


def quarters_of(session: Session, *, city: City) -> Sequence[Quarter]:
    """A city's quarters, by postcode and name."""
    wanted = select(Quarter).where(Quarter.city_id == city.id).order_by(Quarter.postcode, Quarter.name)
    return session.scalars(wanted).all()
