"""`palier codes`: letterbox codes to print. Each is readable here once, and nobody learns who uses it."""

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import click
from flask_babel import format_date, gettext

from federation import cells
from instance import moving, places, verification
from instance.base import Refused
from instance.places import Building, Lot, Quarter
from web.frame import context
from web.terminal import kinds, options, printing
from web.terminal.desk import Desk
from web.terminal.errors import Refusal
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import Answer, One, Sheet, Values

command = Noun("codes", help=say_later("Letterbox codes, to print."))
FORMATS = ("text", "csv", "json")
COLUMNS = ("building", "street", "lot", "code", "until", "address")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Slip:
    building: Building
    lot: Lot
    code: str


@command.command(
    "sheet",
    help=say_later(
        "A code for every lot, of one building or of several. Codes issued earlier and not used stop working. Where"
        " somebody has signed up, the code is for one more person."
    ),
    writes=True,
)
@argument("buildings", say_later('Buildings by id, or as "name, street".'), type=kinds.BUILDING, nargs=-1)
@option("--quarter", type=kinds.QUARTER, help=say_later("All buildings of this quarter."))
@option("--format", "how", type=click.Choice(FORMATS), default="text", help=say_later("How they are written."))
@option("--out", type=click.Path(path_type=Path), help=say_later("A new file for this account alone, instead."))
def _sheet(desk: Desk, *, buildings: Sequence[Building], quarter: Quarter | None, how: str, out: Path | None) -> Answer:
    wanted = [*buildings, *(places.buildings(desk.home, quarter=quarter) if quarter is not None else ())]
    if not wanted:
        raise click.UsageError(gettext("Name a building, or a quarter with --quarter."))
    lots = [(one, lot) for one in wanted for lot in places.walked(one.lots)]
    return _issue(desk, lots, how=how, out=out)


@command.command(
    "one",
    help=say_later("A code for one lot, whoever lives there already: a second person, or a new tenant."),
    writes=True,
)
@options.building
@argument("lot", say_later("The lot's number."), type=kinds.LINE)
@option("--ask-former", is_flag=True, help=say_later("The tenant changed: ask whoever lived there whether they moved."))
@option("--format", "how", type=click.Choice(FORMATS), default="text", help=say_later("How they are written."))
@option("--out", type=click.Path(path_type=Path), help=say_later("A new file for this account alone, instead."))
def _one(desk: Desk, *, building: Building, lot: str, ask_former: bool, how: str, out: Path | None) -> Answer:
    wanted = [one for one in building.lots if one.number == lot.strip()]
    if not wanted:
        raise Refused("not_found", field="lot")
    if ask_former:
        moving.ask_about(desk.home, lot=wanted[0], now=desk.now)
    return _issue(desk, [(building, wanted[0])], how=how, out=out)


def _issue(desk: Desk, lots: Sequence[tuple[Building, Lot]], *, how: str, out: Path | None) -> Answer:
    pepper = context.letterbox_pepper(desk.settings)
    if out is None:
        slips = _draw(desk, lots, pepper=pepper)
        desk.commit()
        return Sheet(text=_written(desk, slips, how=how), values=_values(desk, slips))
    with _for_us_alone(out) as file:
        slips = _draw(desk, lots, pepper=pepper)
        file.write(_written(desk, slips, how=how))
        file.flush()
        # Written before committed: the codes of a sheet that was lost would have killed those of the sheet before.
        desk.commit()
    sentence = gettext("%(count)d codes are written to %(file)s.", count=len(slips), file=out)
    return One(values={"file": str(out), "codes": len(slips)}, sentence=sentence)


def _draw(desk: Desk, lots: Sequence[tuple[Building, Lot]], *, pepper: bytes) -> list[_Slip]:
    slips = []
    with printing.progress(len(lots), what=gettext("Codes")) as each:
        for building, lot in lots:
            code = verification.issue(desk.home, lot=lot, pepper=pepper, now=desk.now)
            slips.append(_Slip(building=building, lot=lot, code=code))
            each(1)
    return slips


@contextmanager
def _for_us_alone(file: Path) -> Iterator[TextIO]:
    """A new file that only this account reads; it goes away when anything fails. Raises Refusal when it exists."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        sentence = gettext("%(file)s cannot be written: %(why)s", file=file, why=error.strerror or error)
        raise Refusal("unwritable", sentence=sentence, field="out") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as out:
            yield out
    except BaseException:
        file.unlink(missing_ok=True)
        raise


# --- how a sheet is written


def _row(desk: Desk, slip: _Slip) -> Values:
    return {
        "building": slip.building.name,
        "street": slip.building.street,
        "lot": slip.lot.number,
        "code": slip.code,
        "until": desk.now + verification.VALID_FOR,
        "address": f"{desk.settings.origin}/join",
    }


def _values(desk: Desk, slips: Sequence[_Slip]) -> Values:
    return {"codes": [_row(desk, one) for one in slips]}


def _written(desk: Desk, slips: Sequence[_Slip], *, how: str) -> str:
    match how:
        case "json":
            return printing.encode(_values(desk, slips)) + "\n"
        case "csv":
            return _csv(desk, slips)
        case _:
            return _text(desk, slips)


def _csv(desk: Desk, slips: Sequence[_Slip]) -> str:
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(COLUMNS)
    for one in slips:
        row = {**_row(desk, one), "until": f"{desk.now + verification.VALID_FOR:%Y-%m-%d}"}
        table.writerow([cells.guard(str(row[key])) for key in COLUMNS])
    return out.getvalue()


def _text(desk: Desk, slips: Sequence[_Slip]) -> str:
    until = format_date(desk.now + verification.VALID_FOR, "long")
    lines = [gettext("Sign up at %(address)s until %(day)s.", address=f"{desk.settings.origin}/join", day=until)]
    last = None
    for one in slips:
        if one.building.id != last:
            last = one.building.id
            lines += ["", f"{one.building.name}, {one.building.street}"]
        lines.append(f"  {one.lot.number:>12}  {one.code}")
    return printing.tame("\n".join(lines)) + "\n"
