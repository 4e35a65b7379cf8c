"""Quarters, buildings, their lots, screens and who answers for them: for administrators."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from instance import cities, halls, organisations, places, residents
from instance.places import Building, Quarter
from web.frame import context, guards, moments
from web.frame.forms import PageForm
from web.pages import lettering, screens

pages = Blueprint("places", __name__, url_prefix="/admin")
pages.before_request(guards.administrators_only)

NEEDED = lazy_gettext("Fill in this field.")
# Two forms with a name stand on a quarter's page.
RENAME = "quarter"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterLine:
    """A quarter in the list."""

    slug: str
    name: str
    postcode: str
    is_open: bool
    buildings: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingLine:
    """A building in its quarter's list, with numbers and no names."""

    public_id: uuid.UUID
    name: str
    street: str
    lots: int
    registered: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingView:
    """A building's page: counts only, because who lives where is no administrator's business."""

    public_id: uuid.UUID
    name: str
    street: str
    quarter_name: str
    quarter_slug: str
    lots: int
    registered: int
    screens: Sequence[screens.ScreenLine]
    delivered_on: datetime | None  # to come


class BuildingForm(PageForm):
    """A new building."""

    name = StringField(lazy_gettext("Name of the building"), [InputRequired(NEEDED)])
    street = StringField(lazy_gettext("Street and number"), [InputRequired(NEEDED)])
    lots = TextAreaField(lazy_gettext("Lots"), [InputRequired(NEEDED)])


class QuarterForm(PageForm):
    """A quarter's name and postcode, while nobody outside knows them."""

    name = StringField(lazy_gettext("Name of the quarter"), [InputRequired(NEEDED)])
    postcode = StringField(lazy_gettext("Postcode"), [InputRequired(NEEDED)])


class AnswerForm(PageForm):
    """Who builds or looks after it."""

    organisation = SelectField(lazy_gettext("Organisation"))


@pages.get("/places")
def quarters() -> str:
    """The quarters: open ones first, then those with buildings, then the others."""
    home = context.home()
    wish = request.args.get("q", "").strip()
    counts = places.buildings_by_quarter(home)
    lines = [
        QuarterLine(
            slug=one.slug,
            name=one.name,
            postcode=one.postcode,
            is_open=one.opened_at is not None,
            buildings=counts.get(one.id, 0),
        )
        for one in places.quarters(home)
        if wish.casefold() in f"{one.name} {one.postcode}".casefold()
    ]
    used = [one for one in lines if one.is_open or one.buildings]
    return render_template(
        "admin/quarters.html",
        wish=wish,
        used=sorted(used, key=lambda one: not one.is_open),
        others=[one for one in lines if one not in used],
        cities=[one.name for one in cities.cities(home)],
        first_day=not cities.count_quarters(home),
    )


@pages.get("/places/<slug>")
def quarter(slug: str) -> str:
    """One quarter: whether it is open, its buildings, and a form to add one."""
    return _quarter_page(places.quarter(context.home(), slug=slug), form=BuildingForm(None))


def _quarter_page(found: Quarter, *, form: BuildingForm, rename: QuarterForm | None = None) -> str:
    home = context.home()
    # Two questions for the whole quarter: a town may be one quarter of 26,000 buildings.
    lots, registered = places.lots_in(home, quarter=found), residents.lots_registered_in(home, quarter=found)
    lines = [
        BuildingLine(
            public_id=one.public_id,
            name=one.name,
            street=one.street,
            lots=lots.get(one.id, 0),
            registered=residents.lots_told(registered=registered.get(one.id, 0), lots=lots.get(one.id, 0)),
        )
        for one in places.buildings(home, quarter=found)
    ]
    return render_template(
        "admin/quarter.html",
        quarter=QuarterLine(
            slug=found.slug,
            name=found.name,
            postcode=found.postcode,
            is_open=found.opened_at is not None,
            buildings=len(lines),
        ),
        city=found.city.name,
        buildings=lines,
        form=form,
        rename=rename or QuarterForm(None, prefix=RENAME, name=found.name, postcode=found.postcode),
    )


@pages.post("/places/<slug>/open")
def open_quarter(slug: str) -> Response:
    """Let a quarter be seen and followed from outside."""
    found = places.quarter(context.home(), slug=slug)
    places.open_quarter(context.home(), quarter=found, now=context.now())
    context.commit()
    flash(gettext("%(quarter)s is open: neighbouring towns can follow its news.", quarter=found.name))
    return redirect(url_for("places.quarter", slug=slug))


@pages.post("/places/<slug>/name")
def rename_quarter(slug: str) -> str | Response:
    """Correct name and postcode of a quarter that is not open yet."""
    found = places.quarter(context.home(), slug=slug)
    form = QuarterForm(prefix=RENAME)
    if form.carry_out(
        lambda: cities.rename_quarter(context.home(), quarter=found, name=form.name.data, postcode=form.postcode.data)
    ):
        flash(gettext("Kept."))
        return redirect(url_for("places.quarter", slug=found.slug))
    return _quarter_page(places.quarter(context.home(), slug=slug), form=BuildingForm(None), rename=form)


@pages.post("/places/<slug>/buildings")
def add_building(slug: str) -> str | Response:
    """Add a building with its lots."""
    found = places.quarter(context.home(), slug=slug)
    form = BuildingForm()
    if done := form.carry_out(
        lambda: places.add_building(
            context.home(),
            quarter=found,
            name=form.name.data,
            street=form.street.data,
            lots=places.read_lots(form.lots.data),
            now=context.now(),
        )
    ):
        flash(gettext("The building is entered. Print the letters for its letterboxes."))
        return redirect(url_for("places.building", public_id=done.what.public_id))
    return _quarter_page(found, form=form)


@pages.get("/buildings/<uuid:public_id>")
def building(public_id: uuid.UUID) -> str:
    """One building: lots, screens, letterbox codes, and who answers for it."""
    return _building_page(places.building(context.home(), public_id=public_id), code=screens.CodeForm(None))


def _building_page(found: Building, *, code: screens.CodeForm) -> str:
    return render_template(
        "admin/building.html",
        building=_view(found),
        answer=_answer_form(found),
        lots=lettering.form(found),
        code=code,
        hall_address=screens.address(),
    )


def _remove_url(public_id: uuid.UUID, screen_id: uuid.UUID) -> str:
    return url_for("places.remove_screen", public_id=public_id, screen_id=screen_id)


def _view(found: Building) -> BuildingView:
    home = context.home()
    lots = places.count_lots(home, building=found)
    registered = residents.count_lots_registered(home, building=found)
    return BuildingView(
        public_id=found.public_id,
        name=found.name,
        street=found.street,
        quarter_name=found.quarter.name,
        quarter_slug=found.quarter.slug,
        lots=lots,
        registered=residents.lots_told(registered=registered, lots=lots),
        screens=screens.lines(found, remove_url=partial(_remove_url, found.public_id)),
        delivered_on=moments.to_come(found),
    )


def _answer_form(found: Building) -> AnswerForm:
    every = organisations.every(context.home())
    present = next((one.slug for one in every if one.id == found.installer_id), "")
    # None on reading: an empty submission must not pass for "nobody".
    form = AnswerForm(organisation=present) if request.method == "POST" else AnswerForm(None, organisation=present)
    form.organisation.choices = [
        SelectChoice("", gettext("Nobody")),
        *(SelectChoice(one.slug, one.name) for one in every),
    ]
    return form


@pages.post("/buildings/<uuid:public_id>/organisation")
def answer_for(public_id: uuid.UUID) -> Response:
    """Say which organisation writes on the building's board and first pane."""
    home = context.home()
    found = places.building(home, public_id=public_id)
    form = _answer_form(found)
    if form.validate_on_submit():
        slug = form.organisation.data
        chosen = organisations.by_slug(home, slug=slug) if slug else None
        organisations.answer_for(home, building=found, organisation=chosen)
        context.commit()
        flash(gettext("Kept."))
    return redirect(url_for("places.building", public_id=public_id))


@pages.post("/buildings/<uuid:public_id>/screens/pair")
def pair_screen(public_id: uuid.UUID) -> str | Response:
    """Make the display whose code was typed a screen of this building."""
    found = places.building(context.home(), public_id=public_id)
    form = screens.CodeForm()
    if screens.paired(form, building=found):
        return redirect(url_for("places.building", public_id=public_id))
    return _building_page(places.building(context.home(), public_id=public_id), code=form)


@pages.post("/buildings/<uuid:public_id>/screens")
def install_screen(public_id: uuid.UUID) -> str:
    """Add a screen; its address is on this page and never again."""
    home = context.home()
    found = places.building(home, public_id=public_id)
    _, key = halls.install(home, building=found, now=context.now())
    context.commit()
    return render_template(
        "admin/screen.html", building=_view(found), address=context.absolute(url_for("hall.wall", key=key))
    )


@pages.post("/buildings/<uuid:public_id>/screens/<uuid:screen_id>/remove")
def remove_screen(public_id: uuid.UUID, screen_id: uuid.UUID) -> Response:
    """Switch a screen off for good."""
    halls.remove(context.home(), public_id=screen_id, now=context.now())
    context.commit()
    flash(gettext("The screen is switched off. It shows a new code now."))
    return redirect(url_for("places.building", public_id=public_id))
