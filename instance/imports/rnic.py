"""Co-owned residences from the national register (RNIC): a building for each, in the quarter its postcode tells.

Source: the register as Anah publishes it on data.gouv.fr, read by heading. Who runs a residence is not read at all: the
name of a volunteer among its owners is personal data. The register knows how many lots there are and not what stands on
the letterboxes, so lots are numbered from 1.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from instance import places, residences, spelling, streets
from instance.base import Refused, new_id
from instance.imports import tables
from instance.imports.tables import Columns, Line, Problem, Problems, Step, Wrong
from instance.places import LONGEST_NAME, MOST_LOTS, Building, Lot, Quarter, Residence

NUMBER: Final = "Numéro d’immatriculation"
NAME: Final = "Nom d’usage de la copropriété"
STREET: Final = "Numéro et Voie (adresse de référence)"
POSTCODE: Final = "Code postal (adresse de référence)"
COMMUNE: Final = "Commune (adresse de référence)"
LOTS: Final = "Nombre total de lots"
DWELLINGS: Final = "Nombre de lots à usage d’habitation"
MORE: Final = tuple(f"Adresse complémentaire {one}" for one in (1, 2, 3))
COLUMNS: Final = Columns(
    called={spelling.plain(one): one for one in (NUMBER, NAME, STREET, POSTCODE, COMMUNE, LOTS, DWELLINGS, *MORE)},
    needed=(NUMBER, STREET, POSTCODE, LOTS),
    closed=False,
)
MOST_PROBLEMS: Final = 50
BATCH: Final = 200
# Marseille 4e Arrondissement, MARSEILLE 04, Marseille Cedex 4: the city is Marseille.
_DISTRICT: Final = re.compile(r"\b(?:\d+(?:er|e|eme)?|arrondissement|cedex)\b")


@dataclass(slots=True, kw_only=True)
class Found:
    """What a file has, and what it changes.

    `elsewhere` are lines of cities that do not exist here. `joined` are buildings that were here already and are now
    known as this residence. `left` says which lines were left out, and why; `told` which are wrong: then nothing is
    entered.
    """

    lines: int = 0
    elsewhere: int = 0
    new: int = 0
    lots: int = 0
    joined: int = 0
    changed: int = 0
    same: int = 0
    left: Problems = field(default_factory=lambda: Problems(most=MOST_PROBLEMS))
    told: Problems = field(default_factory=lambda: Problems(most=MOST_PROBLEMS))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    line: int
    number: str
    name: str
    street: str
    postcode: str
    lots: int
    more: Sequence[str]
    quarters: Sequence[Quarter]


def check(
    session: Session, *, lines: Iterable[str], quarter: Quarter | None = None, each: Step = lambda _: None
) -> Found:
    """Read a whole file and say what it would change and what is wrong in it; writes nothing.

    `quarter` takes the residences of its postcode where several quarters have that postcode.
    """
    return _go_through(_Register(session, quarter=quarter, now=None), lines=lines, each=each)


def enter(
    session: Session,
    *,
    lines: Iterable[str],
    now: datetime,
    quarter: Quarter | None = None,
    each: Step = lambda _: None,
) -> Found:
    """Enter a file that `check` found nothing wrong in, in stretches of which none is kept before the last.

    Raises Refused("file_changed") when a line is wrong after all: the caller rolls everything back.
    """
    found = _go_through(_Register(session, quarter=quarter, now=now), lines=lines, each=each)
    if found.told.wrong:
        raise Refused("file_changed")
    return found


def _go_through(register: "_Register", *, lines: Iterable[str], each: Step) -> Found:
    try:
        for line in tables.read(lines, columns=COLUMNS):
            each(1)
            register.take(line)
            if len(register.waiting) == BATCH:
                register.settle()
    except Wrong as wrong:
        register.found.told.note(wrong.problem)
    register.settle()
    return register.found


class _Register:
    """Turns lines into residences, and residences into buildings; remembers a few bytes for each it has met."""

    def __init__(self, session: Session, *, quarter: Quarter | None, now: datetime | None) -> None:
        self._session = session
        self._chosen = quarter
        self._now = now
        self._addresses = streets.count(session) > 0
        self.found = Found()
        self._codes = streets.cities_by_code(session)
        self._quarters: dict[str, list[Quarter]] = defaultdict(list)
        for one in places.quarters(session):
            self._quarters[one.postcode].append(one)
        self._free: dict[tuple[int, str], list[int]] = defaultdict(list)
        kept = select(Building.quarter_id, Building.street, Building.id).where(Building.residence_id.is_(None))
        for quarter_id, street, id_ in session.execute(kept):
            self._free[quarter_id, spelling.spell(street)].append(id_)
        self._met: set[str] = set()
        self.waiting: list[_Row] = []

    # --- one line

    def take(self, line: Line) -> None:
        """Let a line wait to be settled, unless it is wrong or of another city."""
        self.found.lines += 1
        try:
            cells = line.cells()
            quarters = self._around(cells)
            if not quarters:
                self.found.elsewhere += 1
                return
            row = self._first(_read(cells, line=line.number, quarters=quarters))
        except Refused as refused:
            self.found.told.note(Problem(line=line.number, column=refused.field, code=refused.code))
            return
        self.waiting.append(row)

    def _first(self, row: _Row) -> _Row:
        if row.number in self._met:
            raise Refused("residence_twice", field=NUMBER)
        self._met.add(row.number)
        return row

    def _around(self, cells: Mapping[str, str]) -> Sequence[Quarter]:
        """The quarters of the residence's postcode, in its city; none when it is in a city that is not here."""
        there = self._quarters.get(cells[POSTCODE].strip(), [])
        commune = cells.get(COMMUNE, "").strip()
        if not commune:
            return there
        if commune in self._codes:
            return [one for one in there if one.city_id == self._codes[commune].id]
        name = " ".join(_DISTRICT.sub(" ", spelling.spell(commune)).split())
        return [one for one in there if spelling.spell(one.city.name) == name]

    # --- many lines

    def settle(self) -> None:
        """Find out what becomes of the waiting lines, and count it; do it if there is a moment to do it at."""
        numbers = [one.number for one in self.waiting]
        known = {
            one.number: one for one in self._session.scalars(select(Residence).where(Residence.number.in_(numbers)))
        }
        made: list[tuple[_Row, Quarter]] = []
        for row in self.waiting:
            if row.number in known:
                self._renew(known[row.number], row)
            elif (building_id := self._same_street(row)) is not None:
                self._join(building_id, row)
            elif (quarter := self._quarter(row)) is not None:
                made.append((row, quarter))
        self.found.new += len(made)
        self.found.lots += sum(row.lots for row, _ in made)
        if self._now is not None and made:
            self._make(made, now=self._now)
        self.waiting.clear()

    def _same_street(self, row: _Row) -> int | None:
        """The one building of no residence that stands there already; from now on it is free no more."""
        spelled = spelling.spell(row.street)
        there = [(quarter.id, id_) for quarter in row.quarters for id_ in self._free.get((quarter.id, spelled), ())]
        if len(there) != 1:
            return None
        quarter_id, id_ = there[0]
        del self._free[quarter_id, spelled]
        return id_

    def _quarter(self, row: _Row) -> Quarter | None:
        """The quarter for a new building; None, and told, when it is unclear or there would be no building."""
        chosen = [one for one in row.quarters if self._chosen is not None and one.id == self._chosen.id]
        quarters = chosen or row.quarters
        if len(quarters) > 1:
            self._leave(row, Refused("quarter_unclear", field=POSTCODE))
        elif row.lots == 0:
            self._leave(row, Refused("residence_empty", field=LOTS))
        elif row.lots > MOST_LOTS:
            self._leave(row, Refused("residence_large", field=LOTS))
        else:
            return quarters[0]
        return None

    def _leave(self, row: _Row, refused: Refused) -> None:
        self.found.left.note(Problem(line=row.line, column=refused.field, code=refused.code))

    # --- one residence

    def _make(self, made: Sequence[tuple[_Row, Quarter]], *, now: datetime) -> None:
        """Write residences, buildings and lots in three statements: an object for each lot would take minutes."""
        residences: list[dict[str, Any]] = []
        buildings: list[dict[str, Any]] = []
        lots: list[dict[str, Any]] = []
        for row, quarter in made:
            residence_id, building_id = new_id(), new_id()
            named = {"name": row.name, "street": row.street, "created_at": now}
            residences.append({"id": residence_id, "number": row.number, "lots": row.lots, **named})
            buildings.append(
                {
                    "id": building_id,
                    "quarter_id": quarter.id,
                    "postcode": row.postcode,
                    "residence_id": residence_id,
                    **named,
                }
            )
            lots += [_lot(building_id, number, now=now) for number in range(1, row.lots + 1)]
        self._session.execute(insert(Residence), residences)
        self._session.execute(insert(Building), buildings)
        self._session.execute(insert(Lot), lots)
        keys = [one["id"] for one in buildings]
        self._put([(key, row, quarter) for key, (row, quarter) in zip(keys, made, strict=True)])

    def _join(self, building_id: int, row: _Row) -> None:
        """A building that somebody entered by hand is this residence: it keeps its name, street and lots."""
        self.found.joined += 1
        if self._now is None:
            return
        given = {"number": row.number, "name": row.name, "street": row.street, "lots": row.lots}
        residence = Residence(**given, created_at=self._now)
        self._session.add(residence)
        self._session.flush()
        building = self._session.get_one(Building, building_id)
        building.residence_id = residence.id
        self._session.flush()
        known = set(streets.of_building(self._session, building=building))
        if not known:
            self._put([(building_id, row, building.quarter)])

    def _put(self, made: Sequence[tuple[int, _Row, Quarter]]) -> None:
        """Say at which addresses buildings stand that had none, those of them that are known."""
        if not self._addresses:
            return
        wishes = [
            (key, wish)
            for key, row, quarter in made
            for text in (row.street, *row.more)
            if (wish := streets.written(text, postcode=row.postcode, city=quarter.city.name)) is not None
        ]
        known = streets.written_so(self._session, wishes=[wish for _, wish in wishes])
        streets.put_all(self._session, pairs=[(key, known[wish]) for key, wish in wishes if wish in known])

    def _renew(self, residence: Residence, row: _Row) -> None:
        """Take over what the register says otherwise than before, where nobody here changed it."""
        if (residence.name, residence.street, residence.lots) == (row.name, row.street, row.lots):
            self.found.same += 1
            return
        self.found.changed += 1
        if self._now is None:
            return
        buildings = self._session.scalars(select(Building).where(Building.residence_id == residence.id)).all()
        for building in buildings:
            building.name = row.name if building.name == residence.name else building.name
            building.street = row.street if building.street == residence.street else building.street
        if len(buildings) == 1:
            self._add_lots(buildings[0], before=residence.lots, after=min(row.lots, MOST_LOTS), now=self._now)
        residence.name, residence.street, residence.lots = row.name, row.street, row.lots
        self._session.flush()

    def _add_lots(self, building: Building, *, before: int, after: int, now: datetime) -> None:
        """Add the lots that came, after those this import made; none is ever taken away, somebody may live there."""
        numbers = [one.number for one in building.lots]
        if after > before and numbers == [str(one) for one in range(1, before + 1)]:
            made = [_lot(building.id, number, now=now) for number in range(before + 1, after + 1)]
            self._session.execute(insert(Lot), made)


def _lot(building_id: int, number: int, *, now: datetime) -> dict[str, Any]:
    return {"building_id": building_id, "number": str(number), "position": number - 1, "created_at": now}


def _read(cells: Mapping[str, str], *, line: int, quarters: Sequence[Quarter]) -> _Row:
    """The residence of a line. Raises Refused, with the column as its field."""
    number = residences.tidy_number(cells[NUMBER], field=NUMBER)
    street = _short(cells[STREET], field=STREET)
    if not street:
        raise Refused("missing", field=STREET)
    lots = _count(cells[LOTS], field=LOTS)
    return _Row(
        line=line,
        number=number,
        name=_short(cells.get(NAME, ""), field=NAME) or street,
        street=street,
        postcode=cells[POSTCODE].strip(),
        lots=_count(cells.get(DWELLINGS, ""), field=DWELLINGS) or lots,
        more=[one.strip() for name in MORE if (one := cells.get(name, ""))],
        quarters=quarters,
    )


def _short(cell: str, *, field: str) -> str:
    text = " ".join(cell.split())
    if len(text) > LONGEST_NAME:
        raise Refused("too_long", field=field)
    return text


def _count(cell: str, *, field: str) -> int:
    """How many; 0 for an empty cell. Some tools write 12.0 for 12."""
    text = cell.strip().removesuffix(".0")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 6):
        raise Refused("number_shape", field=field)
    return int(text)
