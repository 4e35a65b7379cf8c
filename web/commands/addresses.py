"""`palier addresses`: the addresses of a city from open data, found as people type them, and put to buildings."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask_babel import gettext

from instance import streets
from instance.imports import ban, tables
from instance.imports.ban import Found
from instance.imports.stage import Stage
from instance.places import Building
from instance.streets import Address
from web.terminal import errors, files, kinds, options, printing
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import One, Rows, Values

command = Noun("addresses", help=say_later("Addresses from open data, and which buildings stand there."))
COLUMNS = ("id", "street", "postcode", "city")


def values(address: Address) -> Values:
    """An address as every command tells it."""
    street = address.street
    return {"id": address.id, "street": address.line, "postcode": street.postcode, "city": street.city.name}


@command.command("search", help=say_later("Find addresses as people type them: 12 r de la Republiqe."))
@argument("text", say_later("Number and street; postcode and city if you like."), type=kinds.LINE)
@option(
    "--limit",
    type=click.IntRange(1, 50),
    default=streets.SHOWN,
    show_default=True,
    help=say_later("How many at most."),
)
def _search(desk: Desk, *, text: str, limit: int) -> Rows:
    found = streets.search(desk.home, text=text, limit=limit)
    return Rows(name="addresses", rows=[values(one) for one in found], columns=COLUMNS)


@command.command("of", help=say_later("The addresses a building stands at."))
@options.building
def _of(desk: Desk, *, building: Building) -> Rows:
    found = streets.of_building(desk.home, building=building)
    return Rows(name="addresses", rows=[values(one) for one in found], columns=COLUMNS)


@command.command("put", help=say_later("Say that a building stands at an address, too."), writes=True)
@options.building
@argument("address", say_later("An address's id, as `palier addresses search` shows it."), type=kinds.ADDRESS)
def _put(desk: Desk, *, building: Building, address: Address) -> One:
    streets.put(desk.home, building=building, address=address)
    told = values(address)
    desk.commit()
    return One(values=told, sentence=gettext("%(building)s stands at %(address)s.", **_named(building, address)))


@command.command("remove", help=say_later("Say that a building does not stand at an address."), writes=True)
@options.building
@argument("address", say_later("An address's id, as `palier addresses of` shows it."), type=kinds.ADDRESS)
def _remove(desk: Desk, *, building: Building, address: Address) -> One:
    streets.take_away(desk.home, building=building, address=address)
    told = values(address)
    desk.commit()
    return One(
        values=told,
        sentence=gettext("%(address)s is no longer an address of %(building)s.", **_named(building, address)),
    )


def _named(building: Building, address: Address) -> dict[str, str]:
    return {"building": building.name, "address": address.whole}


# --- a department's file


@command.command(
    "import",
    help=say_later(
        "Enter the addresses of a department's file of the national address base (BAN, adresses-XX.csv, also .gz), all"
        " or none. Lines of cities that do not exist here are passed over. A newer file brings what changed."
    ),
)
@argument("file", say_later("The file in UTF-8, or - for standard input."), type=click.Path(path_type=Path))
@option("--dry-run", is_flag=True, help=say_later("Say what would change, and what is wrong; change nothing."))
def _import(desk: Desk, *, file: Path, dry_run: bool) -> One:
    with files.opened(file) as source, Stage() as stage:
        with printing.progress(None, what=gettext("Reading")) as each:
            found = ban.check(desk.home, lines=tables.lines(source), stage=stage, each=each)
        if found.told.wrong:
            return _report(found, entered=False)
        desk.begin(writing=not dry_run)
        ban.compare(desk.home, stage=stage, found=found)
        if dry_run:
            return _report(found, entered=False)
        with printing.progress(found.new + found.changed, what=gettext("Entering")) as each:
            ban.enter(desk.home, stage=stage, now=desk.now, each=each)
    desk.commit()
    return _report(found, entered=True)


def _counted(found: Found) -> dict[str, Any]:
    names = ("lines", "elsewhere", "new", "changed", "same", "gone", "standing")
    return {name: getattr(found, name) for name in names}


def _report(found: Found, *, entered: bool) -> One:
    told = {
        **_counted(found),
        "entered": entered,
        "wrong": found.told.wrong,
        "problems": files.listed(found.told),
    }
    status = errors.REFUSED if found.told.wrong else 0
    return One(values=told, sentence="\n".join(_told(found, entered=entered)), status=status)


def _told(found: Found, *, entered: bool) -> Iterator[str]:
    if found.told.wrong:
        yield from files.sentences(found.told)
        yield gettext("Nothing was entered.")
        return
    yield (
        gettext("Addresses entered: %(new)d new, %(changed)d changed, %(same)d as before.", **_counted(found))
        if entered
        else gettext(
            "It can be entered: %(new)d new addresses, %(changed)d changed, %(same)d as before.", **_counted(found)
        )
    )
    if found.elsewhere:
        yield gettext("Lines of other cities, passed over: %(elsewhere)d.", **_counted(found))
    if found.gone:
        yield gettext("No longer in the file, and no longer found: %(gone)d.", **_counted(found))
    if found.standing:
        yield gettext("No longer in the file, kept because a building stands there: %(standing)d.", **_counted(found))
