"""Where quarters lie, from a map that is published as open data: for administrators."""

from datetime import datetime
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from instance import cities, outlines, places
from instance.base import Refused
from instance.imports import outlines as maps
from instance.imports.outlines import Found
from web.frame import context, guards, uploads
from web.frame.forms import PageForm
from web.views import outlines as sheets

pages = Blueprint("outlines", __name__, url_prefix="/admin")
pages.before_request(guards.administrators_only)

# What a button of the form is called that only looks.
LOOK: Final = "look"


class MapForm(PageForm):
    """A map to look at, or to enter."""

    file = FileField(lazy_gettext("The file"))
    city = SelectField(lazy_gettext("City"))
    name_property = StringField(lazy_gettext("The property that names a quarter"))


def _form(*, sent: bool) -> MapForm:
    form = MapForm() if sent else MapForm(None)
    here = cities.cities(context.home())
    form.city.choices = [
        SelectChoice("", gettext("All cities")),
        *(SelectChoice(one.insee, one.name) for one in here),
    ]
    return form


@pages.get("/outlines")
def index() -> str:
    """Which quarters have an outline, and a map to enter."""
    return _index(_form(sent=False))


def _index(form: MapForm, *, report: sheets.Report | None = None) -> str:
    drawn = outlines.drawn(context.home())
    every = places.quarters(context.home())
    return render_template(
        "admin/outlines.html",
        form=form,
        report=report,
        drawn=[one for one in every if one.id in drawn],
        without=[one.name for one in every if one.id not in drawn],
    )


@pages.post("/outlines")
def enter() -> str | Response:
    """Look at a map, or enter it: all of it or nothing."""
    form = _form(sent=True)
    looks = LOOK in request.form
    done = form.carry_out(lambda: _take(form, now=None if looks else context.now()))
    if done is None:
        return _index(form)
    report = sheets.report(done.what, entered=not looks)
    if looks or report.wrong:
        return _index(form, report=report)
    for one in report.told:
        flash(one)
    return redirect(url_for("outlines.index"))


def _take(form: MapForm, *, now: datetime | None) -> Found:
    """What a map has; without `now`, or with anything wrong in it, nothing is entered."""
    home = context.home()
    sent = form.file.data
    data = sent.stream.read(uploads.LARGEST_MAP + 1) if isinstance(sent, FileStorage) else b""
    if len(data) > uploads.LARGEST_MAP:
        raise Refused("map_large", field="file")
    found = maps.check(
        home,
        features=maps.read(data),
        called=(form.name_property.data or "").strip() or None,
        city=next((one for one in cities.cities(home) if one.insee == form.city.data), None),
    )
    if now is not None and not found.wrong:
        maps.enter(home, found=found, now=now)
    return found


@pages.post("/places/<slug>/outline/remove")
def remove(slug: str) -> Response:
    """Take back where a quarter lies; it is no longer shown."""
    found = places.quarter(context.home(), slug=slug)
    outlines.keep(context.home(), quarter=found, wkt="", now=context.now())
    context.commit()
    flash(gettext("%(quarter)s is on no map any more.", quarter=found.name))
    return redirect(url_for("outlines.index"))
