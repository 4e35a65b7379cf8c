"""`palier screens`: screens in entrance halls."""

import uuid

import click
from flask_babel import gettext

from instance import halls
from instance.halls import Screen
from instance.places import Building
from web.terminal import kinds, nouns, options
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument
from web.terminal.printing import One, Rows, Values

command = Noun("screens", help=say_later("Screens in entrance halls."))


def _values(screen: Screen, *, building: Building) -> Values:
    return {"id": screen.public_id, "place": f"{building.name}, {building.street}", "since": screen.created_at}


@command.command("list", help=say_later("The screens of a building that are in use."))
@options.building
def _list(desk: Desk, *, building: Building) -> Rows:
    rows = [_values(one, building=building) for one in halls.screens(desk.home, building=building)]
    return Rows(name="screens", rows=rows, columns=("id", "place", "since"))


@command.command(
    "install",
    help=say_later("Add a screen. Its address is printed now and never again; whoever has it sees the wall."),
    writes=True,
)
@options.building
def _install(desk: Desk, *, building: Building) -> One:
    screen, key = halls.install(desk.home, building=building, now=desk.now)
    address = f"{desk.settings.origin}/hall/{key}"
    desk.commit()
    return One(values={**_values(screen, building=building), "address": address}, sentence=address)


@command.command("pair", help=say_later("Make the display that shows this code a screen of the building."), writes=True)
@argument("code", say_later("The six characters that the display shows."), type=kinds.LINE)
@options.building
def _pair(desk: Desk, *, code: str, building: Building) -> One:
    screen = halls.pair(desk.home, code=code, building=building, now=desk.now)
    desk.commit()
    sentence = gettext("The display shows the wall of %(building)s from now on.", building=building.name)
    return One(values=_values(screen, building=building), sentence=sentence)


@command.command("remove", help=say_later("Switch a screen off for good."), writes=True)
@argument("screen", say_later("The screen's id."), type=click.UUID, metavar="ID")
@options.yes
def _remove(desk: Desk, *, screen: uuid.UUID, yes: bool) -> One:
    nouns.sure(desk, gettext("The screen is switched off for good."), yes=yes)
    halls.remove(desk.home, public_id=screen, now=desk.now)
    desk.commit()
    sentence = gettext("The screen is switched off. Its address opens nothing any more.")
    return One(values={"id": screen}, sentence=sentence)
