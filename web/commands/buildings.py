"""`palier buildings`: buildings with their lots; many at once from a file."""

import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import click
from flask_babel import gettext

from instance import halls, imports, organisations, places, residents
from instance.imports import Checked
from instance.organisations import Organisation
from instance.places import Building, Quarter
from web.pages import refusals
from web.terminal import errors, kinds, options, printing
from web.terminal.desk import Desk
from web.terminal.errors import Refusal
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import One, Rows, Values

command = Noun("buildings", help=say_later("Buildings with their lots; many at once from a file."))
COLUMNS = ("id", "name", "street", "quarter", "lots", "registered")
LARGEST_IN_MEMORY = 1024 * 1024


def _values(desk: Desk, building: Building) -> Values:
    return {
        "id": building.public_id,
        "name": building.name,
        "street": building.street,
        "quarter": building.quarter.slug,
        "lots": places.count_lots(desk.home, building=building),
        "registered": residents.count_lots_registered(desk.home, building=building),
    }


def _whole(desk: Desk, building: Building) -> Values:
    home = desk.home
    answering = home.get(Organisation, building.installer_id) if building.installer_id is not None else None
    return {
        **_values(desk, building),
        "empty": len(residents.empty_lots(home, building=building)),
        "organisation": answering.slug if answering is not None else None,
        "screens": [one.public_id for one in halls.screens(home, building=building)],
    }


@command.command("list", help=say_later("Buildings by name, with numbers and no names of people."))
@option("--quarter", type=kinds.QUARTER, help=say_later("Only those of this quarter."))
@options.limit
@options.after(click.UUID)
def _list(desk: Desk, *, quarter: Quarter | None, limit: int, after: uuid.UUID | None) -> Rows:
    found = places.buildings_after(desk.home, quarter=quarter, after=after, limit=limit + 1)
    shown, further = options.cut(found, limit=limit, key=lambda one: one.public_id)
    return Rows(name="buildings", rows=[_values(desk, one) for one in shown], columns=COLUMNS, after=further)


@command.command("show", help=say_later("One building: lots, screens, and who answers for it."))
@options.building
def _show(desk: Desk, *, building: Building) -> One:
    return One(values=_whole(desk, building))


@command.command("add", help=say_later("Add a building with its lots."), writes=True)
@argument("name", say_later("The building's name."), type=kinds.LINE)
@option("--quarter", type=kinds.QUARTER, required=True, help=say_later("Its quarter."))
@option("--street", type=kinds.LINE, required=True, help=say_later("Its street and number."))
@option("--lots", type=kinds.LINE, required=True, help=say_later("Its lots: 1-44, or A1, A2."))
def _add(desk: Desk, *, name: str, quarter: Quarter, street: str, lots: str) -> One:
    numbers = places.read_lots(lots)
    building = places.add_building(desk.home, quarter=quarter, name=name, street=street, lots=numbers, now=desk.now)
    values = _whole(desk, building)
    desk.commit()
    return One(values=values, sentence=gettext("The building is entered. Print the letters for its letterboxes."))


@command.command("answered-by", help=say_later("Say which organisation writes on a building's board."), writes=True)
@options.building
@option("--organisation", type=kinds.ORGANISATION, help=say_later("An organisation's short name."))
@option("--nobody", is_flag=True, help=say_later("Nobody answers for it any more."))
def _answered_by(desk: Desk, *, building: Building, organisation: Organisation | None, nobody: bool) -> One:
    if nobody == (organisation is not None):
        raise click.UsageError(gettext("Say either --organisation or --nobody."))
    organisations.answer_for(desk.home, building=building, organisation=organisation)
    values = _whole(desk, building)
    desk.commit()
    return One(values=values, sentence=gettext("Kept."))


# --- many at once


@command.command(
    "import",
    help=say_later(
        "Enter the buildings of a CSV file, all or none. The first line holds the headings: quarter, name, street,"
        " lots, and organisation if you like. Those there already stay as they are."
    ),
)
@argument("file", say_later("The file in UTF-8, or - for standard input."), type=click.Path(path_type=Path))
@option("--dry-run", is_flag=True, help=say_later("Say what would be entered, and what is wrong; enter nothing."))
def _import(desk: Desk, *, file: Path, dry_run: bool) -> One:
    with _opened(file) as source:
        with printing.progress(None, what=gettext("Reading")) as each:
            checked = imports.check(desk.home, lines=_lines(source), each=each)
        if checked.wrong or dry_run:
            return _report(checked, entered=False)
        desk.begin(writing=True)
        with printing.progress(checked.lines, what=gettext("Entering")) as each:
            entered = imports.enter(desk.home, lines=_lines(source), now=desk.now, each=each)
    desk.commit()
    return _report(entered, entered=True)


@contextmanager
def _opened(file: Path) -> Iterator[IO[bytes]]:
    """The file, to be read twice; what comes through a pipe is kept beside, on disk when it is long."""
    if str(file) == "-":
        with tempfile.SpooledTemporaryFile(max_size=LARGEST_IN_MEMORY) as kept:
            for chunk in iter(lambda: sys.stdin.buffer.read(LARGEST_IN_MEMORY), b""):
                kept.write(chunk)
            yield kept
        return
    try:
        source = file.open("rb")
    except OSError as error:
        sentence = gettext("%(file)s cannot be read: %(why)s", file=file, why=error.strerror or error)
        raise Refusal("unreadable", sentence=sentence, field="file") from None
    with source:
        yield source


def _lines(source: IO[bytes]) -> Iterator[str]:
    source.seek(0)
    # Line by line, so that a byte that is no UTF-8 is told with its line.
    return (raw.decode("utf-8") for raw in source)


def _report(found: Checked, *, entered: bool) -> One:
    problems = [
        {"line": one.line, "column": one.column, "code": one.code, "sentence": refusals.sentence(one.code)}
        for one in found.problems
    ]
    values = {
        "lines": found.lines,
        "new": found.new,
        "known": found.known,
        "lots": found.lots,
        "entered": entered,
        "wrong": found.wrong,
        "problems": problems,
    }
    status = errors.REFUSED if found.wrong else 0
    return One(values=values, sentence="\n".join(_told(found, entered=entered)), status=status)


def _told(found: Checked, *, entered: bool) -> Iterator[str]:
    for one in found.problems:
        where = gettext("Line %(line)d", line=one.line) + (f", {one.column}" if one.column else "")
        yield f"{where}: {refusals.sentence(one.code)}"
    if found.wrong > len(found.problems):
        yield gettext("There are %(count)d more mistakes.", count=found.wrong - len(found.problems))
    if found.wrong:
        yield gettext("Nothing was entered.")
        return
    counted = {"new": found.new, "lots": found.lots, "known": found.known}
    if entered:
        yield gettext("Entered: %(new)d buildings with %(lots)d lots. There already: %(known)d.", **counted)
    else:
        yield gettext("It can be entered: %(new)d buildings with %(lots)d lots. There already: %(known)d.", **counted)
