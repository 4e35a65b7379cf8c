"""Hanging a notice for a neighbour without internet: their consent, its day, and no name."""

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField

from instance import relays
from instance.base import Refused
from instance.listings import Listing
from web.frame import context, moments
from web.frame.forms import PageForm
from web.pages import notices
from web.views import slips

pages = Blueprint("relays", __name__)


class RelayForm(PageForm):
    """When and how the neighbour agreed."""

    agreed_on = StringField(lazy_gettext("On which day your neighbour agreed"))
    how = StringField(lazy_gettext("How they agreed"))


@pages.route("/notices/<uuid:public_id>/for-a-neighbour", methods=["GET", "POST"])
def relay(public_id: uuid.UUID) -> str | Response:
    """Note the consent, correct it, or say that the notice is one's own after all."""
    resident = context.require_resident()
    found = notices.find_own(public_id, resident=resident)
    if not isinstance(found, Listing):
        raise Refused("not_found")
    known = relays.of(context.home(), listing=found)
    form = RelayForm() if request.method == "POST" else _filled(known)
    if request.form.get("step") == "own":
        if form.carry_out(lambda: relays.end(context.home(), listing=found, by=resident)):
            return _back(public_id, gettext("The notice is your own again."))
    elif form.carry_out(
        lambda: relays.speak_for(
            context.home(),
            listing=found,
            by=resident,
            agreed_on=_day(form.agreed_on.data or ""),
            how=form.how.data or "",
            now=context.now(),
        )
    ):
        return _back(public_id, gettext("Noted. The notice says “for a neighbour”, and no name."))
    return render_template(
        "listings/relay.html",
        form=form,
        known=known is not None,
        slip=slips.on_board(context.home(), notice=found, reader=context.reader()),
        back=url_for("notices.notice", public_id=public_id),
    )


def _filled(known: relays.Relay | None) -> RelayForm:
    if known is None:
        return RelayForm(None)
    return RelayForm(None, agreed_on=known.agreed_on.isoformat(), how=known.how)


def _day(value: str) -> date | None:
    try:
        return moments.read_day(value)
    except ValueError:
        raise Refused("day_shape", field="agreed_on") from None


def _back(public_id: uuid.UUID, said: str) -> Response:
    flash(said)
    return redirect(url_for("notices.notice", public_id=public_id))
