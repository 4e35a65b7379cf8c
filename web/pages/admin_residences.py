"""Which buildings are one residence, for administrators. It widens nothing: each keeps its own board."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired

from instance import places, residences
from instance.base import Refused
from instance.places import Building
from web.frame import context, guards
from web.frame.forms import PageForm

pages = Blueprint("residences", __name__, url_prefix="/admin")
pages.before_request(guards.administrators_only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A building of the residence."""

    name: str
    street: str
    url: str


class ResidenceForm(PageForm):
    """Another building of the same residence."""

    other = StringField(lazy_gettext("Another building of it"), [InputRequired(lazy_gettext("Fill in this field."))])
    number = StringField(lazy_gettext("Number in the register of residences"))


@pages.route("/buildings/<uuid:public_id>/residence", methods=["GET", "POST"])
def join(public_id: uuid.UUID) -> str | Response:
    """The residence of a building, its other buildings, and the form that says that it belongs to one."""
    building = places.building(context.home(), public_id=public_id)
    form = ResidenceForm()
    if form.carry_out(
        lambda: residences.join(
            context.home(),
            building=building,
            other=_called(form.other.data or ""),
            number=form.number.data or "",
            now=context.now(),
        )
    ):
        flash(gettext("Kept."))
        return redirect(url_for("residences.join", public_id=public_id))
    residence = residences.of_building(context.home(), building=building)
    return render_template(
        "admin/residence.html",
        form=form,
        name=building.name,
        public_id=public_id,
        back=url_for("places.building", public_id=public_id),
        number=residence.number if residence is not None else None,
        others=_others(building),
    )


def _called(name: str) -> Building:
    try:
        return places.building_called(context.home(), name=name)
    except Refused as refused:
        if refused.code == "not_found":
            raise Refused("building_unknown", field="other") from None
        raise Refused("building_unclear", field="other") from None


def _others(building: Building) -> Sequence[Line]:
    residence = residences.of_building(context.home(), building=building)
    if residence is None:
        return ()
    return [
        Line(name=one.name, street=one.street, url=url_for("places.building", public_id=one.public_id))
        for one in residences.buildings(context.home(), residence=residence)
        if one.id != building.id
    ]


@pages.post("/buildings/<uuid:public_id>/residence/leave")
def leave(public_id: uuid.UUID) -> Response:
    """Take the building out of its residence."""
    residences.leave(context.home(), building=places.building(context.home(), public_id=public_id))
    context.commit()
    flash(gettext("Kept."))
    return redirect(url_for("residences.join", public_id=public_id))
