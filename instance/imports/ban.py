"""Addresses from the national address base (BAN, `adresses-XX.csv` of a department): all of a file, or nothing of it.

Source: the columns as adresse.data.gouv.fr documents them (`adresses-csv`), read by heading; columns beside those
needed here are left alone. Coordinates and certificates of addresses are not kept: nothing here needs them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from instance import spelling, streets
from instance.base import Refused
from instance.cities import INSEE, POSTCODE
from instance.imports import tables
from instance.imports.stage import BATCH, Stage
from instance.imports.tables import Columns, Line, Problem, Problems, Step, Wrong
from instance.places import LONGEST_NAME
from instance.streets import LONGEST_ID, LONGEST_SPELLED, LONGEST_SUFFIX, Address, BuildingAddress, Street, StreetPiece

NEEDED: Final = ("id", "numero", "rep", "nom_voie", "code_postal", "code_insee")
COLUMNS: Final = Columns(called={spelling.plain(one): one for one in NEEDED}, needed=NEEDED, closed=False)
MOST_PROBLEMS: Final = 50
HIGHEST_NUMBER: Final = 99_999

_Row = tuple[int, str, int, str, str, int, str]


@dataclass(slots=True, kw_only=True)
class Found:
    """What a file has, and what it changes. `elsewhere` are lines of cities that do not exist here.

    Addresses that the file has no more are `gone`, but not those a building stands at: `standing`.
    """

    lines: int = 0
    elsewhere: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    standing: int = 0
    told: Problems = field(default_factory=lambda: Problems(most=MOST_PROBLEMS))


def check(session: Session, *, lines: Iterable[str], stage: Stage, each: Step = lambda _: None) -> Found:
    """Read a whole file into the stage and say what is wrong in it; writes nothing to the store."""
    found = Found()
    codes = {code: city.id for code, city in streets.cities_by_code(session).items()}
    waiting: list[_Row] = []
    try:
        for line in tables.read(lines, columns=COLUMNS):
            found.lines += 1
            waiting += _taken(line, codes=codes, found=found)
            if found.lines % BATCH == 0:
                each(BATCH)
                stage.take_lines(waiting)
                waiting.clear()
    except Wrong as wrong:
        found.told.note(wrong.problem)
    stage.take_lines(waiting)
    for number in stage.twice():
        found.told.note(tables.wrong(Refused("address_twice"), line=number, column="id").problem)
    return found


def _taken(line: Line, *, codes: Mapping[str, int], found: Found) -> Sequence[_Row]:
    """The line as the stage wants it; nothing when it is of another city, or wrong."""
    try:
        cells = line.cells()
        city_id = codes.get(_code(cells))
        if city_id is None:
            found.elsewhere += 1
            return ()
        return (_row(cells, line=line.number, city_id=city_id),)
    except Refused as refused:
        found.told.note(Problem(line=line.number, column=refused.field, code=refused.code))
        return ()


def _code(cells: Mapping[str, str]) -> str:
    code = cells["code_insee"].strip().upper()
    if not INSEE.fullmatch(code):
        raise Refused("insee_shape", field="code_insee")
    return code


def _row(cells: Mapping[str, str], *, line: int, city_id: int) -> _Row:
    """The address of a line. Raises Refused, with the column as its field."""
    id_, number, postcode = cells["id"].strip(), cells["numero"].strip(), cells["code_postal"].strip()
    if not id_:
        raise Refused("missing", field="id")
    if len(id_) > LONGEST_ID:
        raise Refused("too_long", field="id")
    if not (number.isascii() and number.isdigit()) or int(number[:6]) > HIGHEST_NUMBER:
        raise Refused("number_shape", field="numero")
    # A few addresses of the base have none.
    if postcode and not POSTCODE.fullmatch(postcode):
        raise Refused("postcode_shape", field="code_postal")
    name, suffix = " ".join(cells["nom_voie"].split()), spelling.repeated(cells["rep"])
    if not name:
        raise Refused("missing", field="nom_voie")
    if len(name) > LONGEST_NAME:
        raise Refused("too_long", field="nom_voie")
    if len(suffix) > LONGEST_SUFFIX:
        raise Refused("too_long", field="rep")
    return (line, id_, city_id, postcode, name, int(number), suffix)


# --- comparing


def compare(session: Session, *, stage: Stage, found: Found) -> None:
    """Count what a staged file would change; writes nothing to the store."""
    for rows in _stretches(session, select(Street.city_id, Street.postcode, Street.name, Street.id)):
        stage.take_streets(rows)
    stands = exists().where(BuildingAddress.address_id == Address.id)
    kept = select(
        Address.id,
        Street.city_id,
        Street.postcode,
        Street.name,
        Address.number,
        Address.suffix,
        Address.gone_at.is_not(None),
        stands,
    ).join(Street)
    for rows in _stretches(session, kept):
        stage.take_kept(rows)
    stage.name_streets()
    found.new = sum(map(len, stage.new()))
    found.changed = sum(map(len, stage.changed()))
    found.same = found.lines - found.elsewhere - found.new - found.changed
    for stretch in stage.missing():
        found.standing += sum(bool(standing) for _, standing in stretch)
        found.gone += sum(not standing for _, standing in stretch)


def _stretches(session: Session, wanted: Any) -> Iterator[list[tuple[Any, ...]]]:
    for rows in session.execute(wanted.execution_options(yield_per=BATCH)).partitions():
        yield [tuple(row) for row in rows]


# --- entering


def enter(session: Session, *, stage: Stage, now: datetime, each: Step = lambda _: None) -> None:
    """Make the store have what a staged and compared file has. What stands at a building stays.

    Raises Refused("import_overtaken") when another import was quicker: the caller rolls everything back.
    """
    try:
        for stretch in stage.new_streets():
            _enter_streets(session, stretch, now=now)
        for stretch in stage.new():
            session.execute(insert(Address), [_values(row) for row in stretch])
            each(len(stretch))
        _change(session, stage=stage, now=now, each=each)
    except IntegrityError:
        raise Refused("import_overtaken") from None


def _enter_streets(session: Session, stretch: Sequence[tuple[Any, ...]], *, now: datetime) -> None:
    made, pieces = [], []
    for id_, city_id, postcode, name in stretch:
        spelled = spelling.spell(name)[:LONGEST_SPELLED].strip()
        given = {"id": id_, "city_id": city_id, "postcode": postcode, "name": name, "spelled": spelled}
        made.append({**given, "created_at": now})
        found = sorted(spelling.pieces(spelling.kernel(spelled)))
        pieces += [{"letters": one, "street_id": id_, "size": len(found)} for one in found]
    session.execute(insert(Street), made)
    if pieces:
        session.execute(insert(StreetPiece), pieces)


def _values(row: tuple[Any, ...]) -> dict[str, Any]:
    id_, street_id, number, suffix = row
    return {"id": id_, "street_id": street_id, "number": number, "suffix": suffix, "gone_at": None}


def _change(session: Session, *, stage: Stage, now: datetime, each: Step) -> None:
    connection = session.connection()
    moved = update(Address).where(Address.id == bindparam("which"))
    wording: dict[str, Any] = {name: bindparam(f"to_{name}") for name in ("street_id", "number", "suffix", "gone_at")}
    for stretch in stage.changed():
        rows = [_values(row) for row in stretch]
        named = [{"which": row["id"], **{f"to_{name}": row[name] for name in wording}} for row in rows]
        connection.execute(moved.values(wording), named)
        each(len(stretch))
    ended = moved.values(gone_at=bindparam("at"))
    for stretch in stage.missing():
        if named := [{"which": id_, "at": now} for id_, standing in stretch if not standing]:
            connection.execute(ended, named)
    # A street that was written otherwise until now has lost its last number.
    connection.execute(delete(Street).where(~exists().where(Address.street_id == Street.id)))
