"""The town's place: its cities and their quarters, entered by hand or, for Marseille, from the shipped list."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired

from instance import cities, places
from instance.base import Refused
from instance.cities import BadLine
from instance.places import City
from web.frame import context, guards
from web.frame.forms import PageForm
from web.pages import refusals

pages = Blueprint("cities", __name__, url_prefix="/admin/cities")
pages.before_request(guards.administrators_only)

T = TypeVar("T")
LONGEST_QUOTE = 40
NEEDED = lazy_gettext("Fill in this field.")


@dataclass(frozen=True, slots=True, kw_only=True)
class CityLine:
    """A city in the list."""

    insee: str
    name: str
    quarters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterName:
    """A quarter in its city's list."""

    slug: str
    name: str
    postcode: str
    is_open: bool


class CityForm(PageForm):
    """A new city with its first quarters."""

    name = StringField(lazy_gettext("Name of the city"), [InputRequired(NEEDED)])
    insee = StringField(lazy_gettext("INSEE code"), [InputRequired(NEEDED)])
    quarters = TextAreaField(lazy_gettext("Its quarters"), [InputRequired(NEEDED)])


class QuartersForm(PageForm):
    """Further quarters of a city."""

    quarters = TextAreaField(lazy_gettext("Quarters"), [InputRequired(NEEDED)])


@pages.get("")
def index() -> str:
    """All cities, a button for Marseille, and a form for another one."""
    return _index(CityForm(None))


def _index(form: CityForm) -> str:
    home = context.home()
    lines = [
        CityLine(insee=one.insee, name=one.name, quarters=len(cities.quarters_of(home, city=one)))
        for one in cities.cities(home)
    ]
    shipped = places.shipped_quarters()
    return render_template(
        "admin/cities.html",
        cities=lines,
        form=form,
        marseille=len(shipped) if shipped[0]["commune_insee"] not in {one.insee for one in lines} else 0,
    )


@pages.post("")
def add() -> str | Response:
    """Add a city with its first quarters."""
    form = CityForm()

    def enter() -> City | None:
        # Both are read before either is judged: somebody who mistook two things is told both.
        insee = _tried(form, lambda: cities.read_insee(form.insee.data))
        lines = _tried(form, lambda: cities.read_quarters(form.quarters.data))
        if insee is None or lines is None:
            return None
        return cities.enter_city(context.home(), name=form.name.data, insee=insee, quarters=lines, now=context.now())

    city = _entered(form, enter)
    if city is None:
        return _index(form)
    flash(gettext("%(city)s is entered. Open one of its quarters to add a building.", city=city.name))
    return redirect(url_for("cities.city", insee=city.insee))


@pages.post("/marseille")
def marseille() -> Response:
    """Add Marseille and its quarters, from the list that is shipped; those there already stay."""
    loaded = places.load_marseille(context.home(), now=context.now())
    context.commit()
    flash(
        ngettext("Marseille is entered, with one quarter.", "Marseille is entered, with %(num)d quarters.", len(loaded))
    )
    return redirect(url_for("cities.city", insee=loaded[0].city.insee))


@pages.get("/<insee>")
def city(insee: str) -> str:
    """One city: its quarters, and a form to add further ones."""
    return _city(cities.city(context.home(), insee=insee), form=QuartersForm(None))


def _city(found: City, *, form: QuartersForm) -> str:
    return render_template(
        "admin/city.html",
        name=found.name,
        insee=found.insee,
        quarters=_quarters(found),
        form=form,
    )


def _quarters(found: City) -> Sequence[QuarterName]:
    return [
        QuarterName(slug=one.slug, name=one.name, postcode=one.postcode, is_open=one.opened_at is not None)
        for one in cities.quarters_of(context.home(), city=found)
    ]


@pages.post("/<insee>/quarters")
def add_quarters(insee: str) -> str | Response:
    """Add one quarter or many."""
    found = cities.city(context.home(), insee=insee)
    form = QuartersForm()

    def enter() -> Sequence[object]:
        lines = cities.read_quarters(form.quarters.data)
        return cities.enter_quarters(context.home(), city=found, quarters=lines, now=context.now())

    entered = _entered(form, enter)
    if entered is None:
        return _city(cities.city(context.home(), insee=insee), form=form)
    flash(ngettext("One quarter is entered.", "%(num)d quarters are entered.", len(entered)))
    return redirect(url_for("cities.city", insee=insee))


def _entered(form: CityForm | QuartersForm, enter: Callable[[], T | None]) -> T | None:
    """What was entered and committed; None when the form says what is wrong, with everything typed still in it."""
    if not form.validate_on_submit():
        return None
    made = _tried(form, enter)
    if made is None:
        context.rollback()
    else:
        context.commit()
    return made


def _tried(form: CityForm | QuartersForm, act: Callable[[], T]) -> T | None:
    try:
        return act()
    except BadLine as refused:
        _say_line(form, refused=refused)
    except Refused as refused:
        form.refuse(refused)
    return None


def _say_line(form: CityForm | QuartersForm, *, refused: BadLine) -> None:
    form.quarters.errors = [
        gettext(
            "Line %(number)d, “%(line)s”. %(what)s",
            number=refused.number,
            line=refused.line if len(refused.line) <= LONGEST_QUOTE else f"{refused.line[:LONGEST_QUOTE]}…",
            what=refusals.sentence(refused.code),
        )
    ]
