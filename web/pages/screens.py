"""The hall screens of an organisation's buildings: pairing one by its code, and switching it off."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired

from instance import halls, places
from instance.base import Refused
from instance.organisations import Organisation
from instance.places import Building
from web.frame import context
from web.frame.forms import PageForm
from web.pages import news as news_pages
from web.pages import notices as notice_pages

pages = Blueprint("screens", __name__)


class CodeForm(PageForm):
    """The code that a screen shows."""

    code = StringField(
        lazy_gettext("Code on the screen"),
        [InputRequired(lazy_gettext("Type the six letters and digits that the screen shows."))],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenLine:
    """A hall screen in use. Its key is not known to anybody here."""

    since: datetime
    remove_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingLine:
    """A building the organisation answers for, with its screens and the form for another one."""

    public_id: uuid.UUID
    name: str
    street: str
    screens: Sequence[ScreenLine]
    form: CodeForm


def lines(building: Building, *, remove_url: Callable[[uuid.UUID], str]) -> list[ScreenLine]:
    """The screens of a building, for its page."""
    found = halls.screens(context.home(), building=building)
    return [ScreenLine(since=one.created_at, remove_url=remove_url(one.public_id)) for one in found]


def address() -> str:
    """What to open on a display that shall become a screen."""
    return context.absolute(url_for("hall.screen"))


def paired(form: CodeForm, *, building: Building) -> bool:
    """Try the code that was typed; whether a screen came of it. What is wrong with it stands in the form."""
    if not form.carry_out(
        lambda: halls.pair(context.home(), code=form.code.data, building=building, now=context.now())
    ):
        return False
    flash(gettext("The screen now shows the wall of %(building)s.", building=building.name))
    return True


@pages.get("/organisations/<slug>/screens")
def index(slug: str) -> str:
    """The buildings an organisation answers for, with their screens."""
    return _page(news_pages.writing_for(slug, resident=context.require_resident()))


def _page(organisation: Organisation, *, tried: Building | None = None, form: CodeForm | None = None) -> str:
    return render_template(
        "screens/index.html",
        organisation=organisation.name,
        slug=organisation.slug,
        address=address(),
        buildings=[
            BuildingLine(
                public_id=one.public_id,
                name=one.name,
                street=one.street,
                screens=lines(one, remove_url=partial(_remove_url, organisation.slug, one.public_id)),
                form=form if form is not None and one is tried else _form(one),
            )
            for one in notice_pages.installed_by(organisation)
        ],
    )


def _remove_url(slug: str, public_id: uuid.UUID, screen_id: uuid.UUID) -> str:
    return url_for("screens.remove", slug=slug, public_id=public_id, screen_id=screen_id)


def _form(building: Building) -> CodeForm:
    # Several forms stand on one page: each has its own ids.
    return CodeForm(None, prefix=f"b{building.public_id.hex[:8]}")


@pages.post("/organisations/<slug>/screens/<uuid:public_id>")
def pair(slug: str, public_id: uuid.UUID) -> str | Response:
    """Pair the screen whose code was typed with a building the organisation answers for."""
    organisation, building = _answered_for(slug, public_id)
    form = CodeForm(prefix=f"b{building.public_id.hex[:8]}")
    if paired(form, building=building):
        return redirect(url_for("screens.index", slug=slug))
    return _page(organisation, tried=building, form=form)


@pages.post("/organisations/<slug>/screens/<uuid:public_id>/<uuid:screen_id>/remove")
def remove(slug: str, public_id: uuid.UUID, screen_id: uuid.UUID) -> Response:
    """Switch a screen of such a building off for good."""
    _, building = _answered_for(slug, public_id)
    if screen_id not in {one.public_id for one in halls.screens(context.home(), building=building)}:
        raise Refused("not_found")
    halls.remove(context.home(), public_id=screen_id, now=context.now())
    context.commit()
    flash(gettext("The screen is switched off. It shows a new code now."))
    return redirect(url_for("screens.index", slug=slug))


def _answered_for(slug: str, public_id: uuid.UUID) -> tuple[Organisation, Building]:
    resident = context.require_resident()
    organisation = news_pages.writing_for(slug, resident=resident)
    building = places.building(context.home(), public_id=public_id)
    if building.installer_id != organisation.id or not halls.may_install(
        context.home(), building=building, by=resident
    ):
        raise Refused("not_found")
    return organisation, building
