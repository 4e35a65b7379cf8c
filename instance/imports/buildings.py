"""Buildings from a table (CSV): every line is checked before anything is entered, and all are entered or none."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from instance import organisations, places
from instance.base import Refused, new_id
from instance.imports import tables
from instance.imports.tables import Columns, Line, Problem, Problems, Step, Wrong
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
COLUMNS: Final = Columns(called=HEADINGS, needed=("quarter", "name", "street", "lots"), closed=True)
MOST_PROBLEMS: Final = 200
# How many buildings wait in memory before they are written.
BATCH: Final = 100


@dataclass(slots=True, kw_only=True)
class Checked:
    """What a file would bring. `told` says what is wrong in it."""

    lines: int = 0
    new: int = 0
    known: int = 0
    lots: int = 0
    told: Problems = field(default_factory=lambda: Problems(most=MOST_PROBLEMS))

    def count(self, row: "_Row | None") -> None:
        """Count a good line; None stands for a building that is there already."""
        if row is None:
            self.known += 1
        else:
            self.new += 1
            self.lots += len(row.building.lots)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    quarter: Quarter
    building: NewBuilding
    installer_id: int | None


def check(session: Session, *, lines: Iterable[str], each: Step = lambda _: None) -> Checked:
    """Read a whole file and say what is wrong in it; writes nothing.

    `lines` are the file's lines with their ends. A building that is there already (same quarter, name and street)
    counts as known and stays as it is, so that a file can be taken again.
    """
    found = Checked()
    reader = _Reader(session)
    try:
        for line in tables.read(lines, columns=COLUMNS):
            found.lines += 1
            each(1)
            _check_line(reader, line, found=found)
    except Wrong as wrong:
        found.told.note(wrong.problem)
    return found


def _check_line(reader: "_Reader", line: Line, *, found: Checked) -> None:
    try:
        row = reader.row(line)
    except Refused as refused:
        found.told.note(Problem(line=line.number, column=refused.field, code=refused.code))
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
        for line in tables.read(lines, columns=COLUMNS):
            found.lines += 1
            each(1)
            row = reader.row(line)
            found.count(row)
            waiting += [row] if row is not None else []
            if len(waiting) == BATCH:
                _insert(session, waiting, now=now)
                waiting.clear()
    except (Refused, Wrong):
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

    def row(self, line: Line) -> _Row | None:
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
