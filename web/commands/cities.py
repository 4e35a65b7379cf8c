"""`palier cities`: the cities that quarters belong to."""

from flask_babel import gettext

from instance import cities
from instance.places import City
from web.terminal import kinds
from web.terminal.desk import Desk
from web.terminal.language import say_later
from web.terminal.nouns import Noun
from web.terminal.options import argument, option
from web.terminal.printing import One, Rows, Values

command = Noun("cities", help=say_later("Cities that quarters belong to."))


def _values(city: City) -> Values:
    return {"insee": city.insee, "name": city.name}


@command.command("list", help=say_later("All cities, by name."))
def _list(desk: Desk) -> Rows:
    return Rows(name="cities", rows=[_values(one) for one in cities.cities(desk.home)], columns=("insee", "name"))


@command.command("add", help=say_later("Add a city; its quarters come next."), writes=True)
@argument("name", say_later("The city's name."), type=kinds.LINE)
@option("--insee", type=kinds.INSEE, required=True, help=say_later("Its INSEE code, for example 13055."))
def _add(desk: Desk, *, name: str, insee: str) -> One:
    city = cities.enter_city(desk.home, name=name, insee=insee, quarters=(), now=desk.now)
    desk.commit()
    return One(values=_values(city), sentence=gettext("%(city)s is entered.", city=city.name))
