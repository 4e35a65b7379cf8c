"""Buildings from a table (CSV): every line is checked before anything is entered, and all are entered or none."""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from instance import organisations, places
from instance.base import Refused, new_id
from instance.organisations import Organisation
from instance.places import Building, Lot, NewBuilding, Quarter

# What a heading may be called; a spreadsheet in French has French headings.
HEADINGS: Final[Mapping[str, str]] = {
    "quarter": "quarter",
    "quartier": "quarter",
    "name": "name",
    "nom": "name",
    "street": "street",
    "adresse": "street",
    "lots": "lots",
    "organisation": "organisation",
}
NEEDED: Final = ("quarter", "name", "street", "lots")
SEPARATORS: Final = (";", "\t", ",")
MOST_PROBLEMS: Final = 200
# How many buildings wait in memory before they are written.
BATCH: Final = 100

Step = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, and where: the line in the file, the column by its heading (None for the whole line)."""

    line: int
    column: str | None
    code: str


@dataclass(slots=True, kw_only=True)
class Checked:
    """What a file would bring. `problems` holds the first ones, `wrong` counts all."""

    lines: int = 0
    new: int = 0
    known: int = 0
    lots: int = 0
    wrong: int = 0
    problems: list[Problem] = field(default_factory=list)

    def count(self, row: "_Row | None") -> None:
        """Count a good line; None stands for a building that is there already."""
        if row is None:
            self.known += 1
        else:
            self.new += 1
            self.lots += len(row.building.lots)

    def note(self, problem: Problem) -> None:
        """Count a problem, and keep it while there is room: a file of another kind is wrong in every line."""
        self.wrong += 1
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(problem)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    number: int
    headings: list[str]
    row: list[str]

    def cells(self) -> Mapping[str, str]:
        """The cells under their headings; those left out at the end are empty. Raises Refused."""
        if len(self.row) > len(self.headings):
            raise Refused("cells_too_many")
        if any("\0" in one for one in self.row):
            raise Refused("table_malformed")
        return dict(zip(self.headings, [*self.row, *[""] * (len(self.headings) - len(self.row))], strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    quarter: Quarter
    building: NewBuilding
    installer_id: int | None


class _Wrong(Exception):
    """A line that cannot be read at all; nothing after it is looked at."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


def check(session: Session, *, lines: Iterable[str], each: Step = lambda _: None) -> Checked:
    """Read a whole file and say what is wrong in it; writes nothing.

    `lines` are the file's lines with their ends. A building that is there already (same quarter, name and street)
    counts as known and stays as it is, so that a file can be taken again.
    """
    found = Checked()
    reader = _Reader(session)
    try:
        for line in _read(lines):
            found.lines += 1
            each(1)
            _check_line(reader, line, found=found)
    except _Wrong as wrong:
        found.note(wrong.problem)
    return found


def _check_line(reader: "_Reader", line: _Line, *, found: Checked) -> None:
    try:
        row = reader.row(line)
    except Refused as refused:
        found.note(Problem(line=line.number, column=refused.field, code=refused.code))
        return
    found.count(row)


def enter(session: Session, *, lines: Iterable[str], now: datetime, each: Step = lambda _: None) -> Checked:
    """Enter every building of a file that `check` found nothing wrong in.

    Writes in stretches and keeps none of them, so that memory stays the same for any length of file.
    Raises Refused("file_changed") when a line is wrong after all: the caller rolls everything back.
    """
    found = Checked()
    reader = _Reader(session)
    waiting: list[_Row] = []
    try:
        for line in _read(lines):
            found.lines += 1
            each(1)
            row = reader.row(line)
            found.count(row)
            waiting += [row] if row is not None else []
            if len(waiting) == BATCH:
                _insert(session, waiting, now=now)
                waiting.clear()
    except (Refused, _Wrong):
        raise Refused("file_changed") from None
    _insert(session, waiting, now=now)
    return found


def _insert(session: Session, rows: Sequence[_Row], *, now: datetime) -> None:
    """Write a stretch in two statements: an object for each of half a million lots would take minutes."""
    if not rows:
        return
    buildings, lots = [], []
    for row in rows:
        key = new_id()
        buildings.append(
            {
                "id": key,
                "quarter_id": row.quarter.id,
                "name": row.building.name,
                "street": row.building.street,
                "postcode": row.quarter.postcode,
                "installer_id": row.installer_id,
                "created_at": now,
            }
        )
        lots += [
            {"building_id": key, "number": number, "position": place, "created_at": now}
            for place, number in enumerate(row.building.lots)
        ]
    session.execute(insert(Building), buildings)
    session.execute(insert(Lot), lots)


# --- one line


class _Reader:
    """Turns lines into buildings; remembers what it has met, a few bytes for each building."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._quarters: dict[str, Quarter] = {one.slug: one for one in places.quarters(session)}
        self._organisations: dict[str, Organisation] = {one.slug: one for one in organisations.every(session)}
        kept = session.execute(select(Building.quarter_id, Building.name, Building.street))
        self._known = {_key(quarter_id, name=name, street=street) for quarter_id, name, street in kept}
        self._met: set[bytes] = set()

    def row(self, line: _Line) -> _Row | None:
        """The building of a line; None when it is there already. Raises Refused."""
        cells = line.cells()
        quarter = self._quarters.get(cells["quarter"].strip().lower())
        if quarter is None:
            raise Refused("quarter_unknown", field="quarter")
        lots = places.read_lots(cells["lots"])
        made = places.read_building(name=cells["name"], street=cells["street"], lots=lots)
        installer_id = self._organisation(cells.get("organisation", ""))
        key = _key(quarter.id, name=made.name, street=made.street)
        if key in self._met:
            raise Refused("building_twice", field="name")
        self._met.add(key)
        return None if key in self._known else _Row(quarter=quarter, building=made, installer_id=installer_id)

    def _organisation(self, slug: str) -> int | None:
        wish = slug.strip().lower()
        if not wish:
            return None
        found = self._organisations.get(wish)
        if found is None:
            raise Refused("organisation_unknown", field="organisation")
        return found.id


def _key(quarter_id: int, *, name: str, street: str) -> bytes:
    text = f"{quarter_id}\0{name.casefold()}\0{street.casefold()}"
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


# --- the table


def _read(lines: Iterable[str]) -> Iterator[_Line]:
    """The lines of a table under their headings. Raises _Wrong when it is no table that can be read."""
    source = iter(lines)
    number = 1
    try:
        first = next(source, "").lstrip("\ufeff")
        separator = max(SEPARATORS, key=first.count)
        headings = _headings(next(csv.reader([first], delimiter=separator), []))
        rows = csv.reader(source, delimiter=separator, strict=True)
        number = 2
        for row in rows:
            if any(one.strip() for one in row):
                yield _Line(number=number, headings=headings, row=row)
            number = rows.line_num + 2
    except csv.Error:
        raise _wrong(Refused("table_malformed"), line=number) from None
    except UnicodeDecodeError:
        raise _wrong(Refused("not_utf8"), line=number) from None


def _wrong(refused: Refused, *, line: int, column: str | None = None) -> _Wrong:
    return _Wrong(Problem(line=line, column=column, code=refused.code))


def _headings(row: list[str]) -> list[str]:
    named = [one.strip().casefold() for one in row]
    if not any(named):
        raise _wrong(Refused("file_empty"), line=1)
    unknown = [one for one in named if one not in HEADINGS]
    if unknown:
        raise _wrong(Refused("column_unknown"), line=1, column=unknown[0])
    headings = [HEADINGS[one] for one in named]
    twice = [one for one in headings if headings.count(one) > 1]
    if twice:
        raise _wrong(Refused("column_twice"), line=1, column=twice[0])
    missing = [one for one in NEEDED if one not in headings]
    if missing:
        raise _wrong(Refused("column_missing"), line=1, column=missing[0])
    return headings
