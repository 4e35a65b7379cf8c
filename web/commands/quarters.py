"""`palier quarters`: quarters, and which of them are open to neighbouring towns."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import click
from flask_babel import gettext
from sqlalchemy import func, select

from instance import cities, outlines, places
from instance.cities import Line
from instance.imports import outlines as maps
from instance.imports.outlines import Fault, Found
from instance.places import Building, City, Quarter
from web.pages import refusals
from web.terminal import errors, files, kinds, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import One, Rows, Values
from web.views import outlines as sheets

command = Noun("quarters", help=say_later("Quarters, and which of them are open to neighbouring towns."))
COLUMNS = ("slug", "name", "postcode", "city", "open", "buildings")


def _values(quarter: Quarter, *, buildings: int) -> Values:
    return {
        "slug": quarter.slug,
        "name": quarter.name,
        "postcode": quarter.postcode,
        "district": quarter.district,
        "city": quarter.city.name,
        "open": quarter.opened_at is not None,
        "since": quarter.opened_at,
        "buildings": buildings,
    }


def _one(desk: Desk, quarter: Quarter) -> Values:
    wanted = select(func.count()).select_from(Building).where(Building.quarter_id == quarter.id)
    drawn = outlines.of(desk.home, quarter=quarter)
    values = _values(quarter, buildings=desk.home.scalar(wanted) or 0)
    return {**values, "outline": drawn.entered_at if drawn is not None and drawn.wkt else None}


@command.command("list", help=say_later("All quarters, by postcode and name."))
@option("--open", "only_open", is_flag=True, help=say_later("Only those that are open to neighbouring towns."))
def _list(desk: Desk, *, only_open: bool) -> Rows:
    counts = Counter(
        dict(desk.home.execute(select(Building.quarter_id, func.count()).group_by(Building.quarter_id)).all())
    )
    found = [one for one in places.quarters(desk.home) if one.opened_at is not None or not only_open]
    rows = [_values(one, buildings=counts[one.id]) for one in found]
    return Rows(name="quarters", rows=rows, columns=COLUMNS)


@command.command("show", help=say_later("One quarter."))
@options.quarter
def _show(desk: Desk, *, quarter: Quarter) -> One:
    return One(values=_one(desk, quarter))


@command.command("add", help=say_later("Add a quarter to a city."), writes=True)
@argument("name", say_later("The quarter's name."), type=kinds.LINE)
@option("--city", type=kinds.CITY, required=True, help=say_later("Its city, by name or INSEE code."))
@option("--postcode", type=kinds.POSTCODE, required=True, help=say_later("Its postcode."))
def _add(desk: Desk, *, name: str, city: City, postcode: str) -> One:
    line = Line(name=places.tidy_name(name), postcode=postcode)
    (added,) = cities.enter_quarters(desk.home, city=city, quarters=[line], now=desk.now)
    values = _one(desk, added)
    desk.commit()
    return One(values=values, sentence=gettext("%(quarter)s is entered.", quarter=added.name))


@command.command(
    "rename", help=say_later("Correct the name and postcode of a quarter that is not open yet."), writes=True
)
@options.quarter
@option("--name", type=kinds.LINE, help=say_later("The quarter's name."))
@option("--postcode", type=kinds.POSTCODE, help=say_later("Its postcode."))
def _rename(desk: Desk, *, quarter: Quarter, name: str | None, postcode: str | None) -> One:
    cities.rename_quarter(desk.home, quarter=quarter, name=name or quarter.name, postcode=postcode or quarter.postcode)
    values = _one(desk, quarter)
    desk.commit()
    return One(values=values, sentence=gettext("Kept."))


@command.command("open", help=say_later("Let a quarter be seen and followed from outside."), writes=True)
@options.quarter
def _open(desk: Desk, *, quarter: Quarter) -> One:
    places.open_quarter(desk.home, quarter=quarter, now=desk.now)
    values = _one(desk, quarter)
    desk.commit()
    sentence = gettext("%(quarter)s is open: neighbouring towns can follow its news.", quarter=quarter.name)
    return One(values=values, sentence=sentence)


@command.command(
    "load-marseille", help=say_later("Add Marseille and its 111 quarters; those there already stay."), writes=True
)
def _load_marseille(desk: Desk) -> One:
    found = places.load_marseille(desk.home, now=desk.now)
    values = {"quarters": [one.slug for one in found]}
    desk.commit()
    return One(values=values, sentence=gettext("Marseille has %(count)d quarters here.", count=len(found)))


# --- outlines


@command.command(
    "outlines",
    help=say_later(
        "Enter where quarters lie, from a map as open data publishes it (GeoJSON): all of the file or nothing. Found by"
        " the quarter's name; entered again, an outline replaces the one before. Other towns can read them."
    ),
)
@argument("file", say_later("The file in UTF-8, or - for standard input."), type=click.Path(path_type=Path))
@option("--name-property", type=kinds.LINE, help=say_later("The property that names the quarter; found by itself."))
@option("--city", type=kinds.CITY, help=say_later("Only for quarters of this city, by name or INSEE code."))
@option("--dry-run", is_flag=True, help=say_later("Say what would be entered, and what is wrong; enter nothing."))
def _outlines(desk: Desk, *, file: Path, name_property: str | None, city: City | None, dry_run: bool) -> One:
    with files.opened(file) as source:
        source.seek(0)
        features = maps.read(source.read(maps.LARGEST + 1))
    found = maps.check(desk.home, features=features, called=name_property, city=city)
    if found.wrong or dry_run:
        return _report(found, entered=False)
    desk.begin(writing=True)
    maps.enter(desk.home, found=found, now=desk.now)
    desk.commit()
    return _report(found, entered=True)


@command.command(
    "remove-outline", help=say_later("Take back where a quarter lies; it is no longer shown."), writes=True
)
@options.quarter
def _remove_outline(desk: Desk, *, quarter: Quarter) -> One:
    outlines.keep(desk.home, quarter=quarter, wkt="", now=desk.now)
    values = _one(desk, quarter)
    desk.commit()
    return One(values=values, sentence=gettext("Removed."))


def _report(found: Found, *, entered: bool) -> One:
    values = {
        "new": found.new,
        "changed": found.changed,
        "same": found.same,
        "without": found.without,
        "left_out": _listed(found.left),
        "entered": entered,
        "wrong": len(found.wrong),
        "problems": _listed(found.wrong),
    }
    status = errors.REFUSED if found.wrong else 0
    report = sheets.report(found, entered=entered)
    return One(values=values, sentence="\n".join((*report.wrong, *report.told)), status=status)


def _listed(faults: Sequence[Fault]) -> list[Values]:
    return [
        {"feature": one.number, "name": one.name, "code": one.code, "sentence": refusals.sentence(one.code)}
        for one in faults
    ]
