"""`palier buildings`: buildings with their lots; many at once from a file."""

import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask_babel import gettext

from instance import halls, organisations, places, residences, residents, streets
from instance.imports import buildings as lists
from instance.imports import rnic, tables
from instance.imports.buildings import Checked
from instance.organisations import Organisation
from instance.places import Building, Quarter
from instance.streets import Address
from web.terminal import errors, files, kinds, options, printing
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import One, Rows, Values

command = Noun("buildings", help=say_later("Buildings with their lots; many at once from a file."))
COLUMNS = ("id", "name", "street", "quarter", "lots", "registered_at_least")


def _values(desk: Desk, building: Building) -> Values:
    lots = places.count_lots(desk.home, building=building)
    registered = residents.count_lots_registered(desk.home, building=building)
    return {
        "id": building.public_id,
        "name": building.name,
        "street": building.street,
        "quarter": building.quarter.slug,
        "lots": lots,
        "registered_at_least": residents.lots_told(registered=registered, lots=lots),
    }


def _whole(desk: Desk, building: Building) -> Values:
    home = desk.home
    answering = home.get(Organisation, building.installer_id) if building.installer_id is not None else None
    return {
        **_values(desk, building),
        "delivered_on": building.delivered_on.isoformat() if building.delivered_on else None,
        "organisation": answering.slug if answering is not None else None,
        "screens": [one.public_id for one in halls.screens(home, building=building)],
        **_residence(desk, building),
    }


def _residence(desk: Desk, building: Building) -> Values:
    residence = residences.of_building(desk.home, building=building)
    together = residences.buildings(desk.home, residence=residence) if residence is not None else ()
    return {
        "residence": residence.number if residence is not None else None,
        "together_with": [one.public_id for one in together if one.id != building.id],
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
@option("--street", type=kinds.LINE, help=say_later("Its street and number."))
@option(
    "--address",
    type=kinds.ADDRESS,
    help=say_later("Its address's id, as `palier addresses search` shows it; tells the street."),
)
@option("--lots", type=kinds.LINE, required=True, help=say_later("Its lots: 1-44, or A1, A2."))
def _add(desk: Desk, *, name: str, quarter: Quarter, street: str | None, address: Address | None, lots: str) -> One:
    if street is None:
        street = address.line if address is not None else None
    if street is None:
        raise click.UsageError(gettext("Say either --street or --address."))
    building = places.add_building(
        desk.home,
        quarter=quarter,
        name=name,
        street=street,
        lots=places.read_lots(lots),
        now=desk.now,
    )
    if address is not None:
        streets.put(desk.home, building=building, address=address)
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


@command.command(
    "delivered",
    help=say_later("Say from which day on people live in a building that is still being built; or that it stands."),
    writes=True,
)
@options.building
@option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help=say_later("The day of delivery, like 2027-03-01."))
@option("--stands", is_flag=True, help=say_later("No day: people live there already."))
def _delivered(desk: Desk, *, building: Building, day: datetime | None, stands: bool) -> One:
    if stands == (day is not None):
        raise click.UsageError(gettext("Say either --on or --stands."))
    places.deliver(desk.home, building=building, day=day.date() if day is not None else None)
    values = _whole(desk, building)
    desk.commit()
    return One(values=values, sentence=gettext("Kept."))


@command.command(
    "residence",
    help=say_later("Say that a building belongs to the same residence as another one, or take it out again."),
    writes=True,
)
@options.building
@option("--with", "other", type=kinds.BUILDING, help=say_later("Another building of the residence."))
@option(
    "--number",
    type=kinds.LINE,
    default="",
    help=say_later("The residence's number in the register (RNIC), where neither building has one."),
)
@option("--alone", is_flag=True, help=say_later("It belongs to no residence any more."))
def _belongs(desk: Desk, *, building: Building, other: Building | None, number: str, alone: bool) -> One:
    if alone == (other is not None):
        raise click.UsageError(gettext("Say either --with or --alone."))
    if other is not None:
        residences.join(desk.home, building=building, other=other, number=number, now=desk.now)
    else:
        residences.leave(desk.home, building=building)
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
    with files.opened(file) as source:
        with printing.progress(None, what=gettext("Reading")) as each:
            checked = lists.check(desk.home, lines=tables.lines(source), each=each)
        if checked.told.wrong or dry_run:
            return _report(checked, entered=False)
        desk.begin(writing=True)
        with printing.progress(checked.lines, what=gettext("Entering")) as each:
            entered = lists.enter(desk.home, lines=tables.lines(source), now=desk.now, each=each)
    desk.commit()
    return _report(entered, entered=True)


def _report(found: Checked, *, entered: bool) -> One:
    values = {
        "lines": found.lines,
        "new": found.new,
        "known": found.known,
        "lots": found.lots,
        "entered": entered,
        "wrong": found.told.wrong,
        "problems": files.listed(found.told),
    }
    status = errors.REFUSED if found.told.wrong else 0
    return One(values=values, sentence="\n".join(_told(found, entered=entered)), status=status)


def _told(found: Checked, *, entered: bool) -> Iterator[str]:
    yield from files.sentences(found.told)
    if found.told.wrong:
        yield gettext("Nothing was entered.")
        return
    counted = {"new": found.new, "lots": found.lots, "known": found.known}
    if entered:
        yield gettext("Entered: %(new)d buildings with %(lots)d lots. There already: %(known)d.", **counted)
    else:
        yield gettext("It can be entered: %(new)d buildings with %(lots)d lots. There already: %(known)d.", **counted)


# --- from the national register


@command.command(
    "import-rnic",
    help=say_later(
        "Enter the co-owned residences of the national register (RNIC) as buildings, in the quarter of their postcode."
        " Lines of cities that do not exist here are passed over. Taken again, a newer file brings what changed."
    ),
)
@argument("file", say_later("The file in UTF-8, or - for standard input."), type=click.Path(path_type=Path))
@option(
    "--quarter",
    type=kinds.QUARTER,
    help=say_later("Takes the residences of its postcode, where several quarters have that postcode."),
)
@option("--dry-run", is_flag=True, help=say_later("Say what would be entered, and what is wrong; enter nothing."))
def _import_rnic(desk: Desk, *, file: Path, quarter: Quarter | None, dry_run: bool) -> One:
    with files.opened(file) as source:
        with printing.progress(None, what=gettext("Reading")) as each:
            checked = rnic.check(desk.home, lines=tables.lines(source), quarter=quarter, each=each)
        if checked.told.wrong or dry_run:
            return _rnic_report(checked, entered=False)
        desk.begin(writing=True)
        with printing.progress(checked.lines, what=gettext("Entering")) as each:
            lines = tables.lines(source)
            entered = rnic.enter(desk.home, lines=lines, quarter=quarter, now=desk.now, each=each)
    desk.commit()
    return _rnic_report(entered, entered=True)


def _rnic_counted(found: rnic.Found) -> dict[str, Any]:
    names = ("lines", "elsewhere", "new", "lots", "joined", "changed", "same")
    return {**{name: getattr(found, name) for name in names}, "left": found.left.wrong}


def _rnic_report(found: rnic.Found, *, entered: bool) -> One:
    values = {
        **_rnic_counted(found),
        "left_out": files.listed(found.left),
        "entered": entered,
        "wrong": found.told.wrong,
        "problems": files.listed(found.told),
    }
    status = errors.REFUSED if found.told.wrong else 0
    return One(values=values, sentence="\n".join(_rnic_told(found, entered=entered)), status=status)


def _rnic_told(found: rnic.Found, *, entered: bool) -> Iterator[str]:
    if found.told.wrong:
        yield from files.sentences(found.told)
        yield gettext("Nothing was entered.")
        return
    counted = _rnic_counted(found)
    yield (
        gettext("Entered: %(new)d buildings with %(lots)d lots. Changed: %(changed)d. As before: %(same)d.", **counted)
        if entered
        else gettext("It can be entered: %(new)d buildings with %(lots)d lots, %(changed)d changed.", **counted)
    )
    if found.joined:
        yield gettext("Buildings that were here already and are now known by their number: %(joined)d.", **counted)
    if found.elsewhere:
        yield gettext("Lines of other cities, passed over: %(elsewhere)d.", **counted)
    if found.left.wrong:
        yield gettext("Left out: %(left)d.", **counted)
        yield from files.sentences(found.left)
