"""The day on which a building is handed over: until then its people are future neighbours. For administrators."""

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField

from instance import places
from instance.base import Refused
from web.frame import context, guards, moments
from web.frame.forms import PageForm

pages = Blueprint("delivery", __name__, url_prefix="/admin")
pages.before_request(guards.administrators_only)


class DeliveryForm(PageForm):
    """From which day on people live there."""

    day = StringField(lazy_gettext("Day of delivery"))


@pages.route("/buildings/<uuid:public_id>/delivery", methods=["GET", "POST"])
def day(public_id: uuid.UUID) -> str | Response:
    """Say the day, another one, or none."""
    building = places.building(context.home(), public_id=public_id)
    form = DeliveryForm(day=building.delivered_on.isoformat() if building.delivered_on else "")
    if form.carry_out(lambda: places.deliver(context.home(), building=building, day=_day(form))):
        flash(gettext("Kept."))
        return redirect(url_for("places.building", public_id=public_id))
    back = url_for("places.building", public_id=public_id)
    return render_template("admin/delivery.html", form=form, name=building.name, back=back)


def _day(form: DeliveryForm) -> date | None:
    try:
        return moments.read_day(form.day.data or "")
    except ValueError:
        raise Refused("day_shape", field="day") from None
