"""Writing for neighbours without internet: whom, since when they agree, and letting go. Only for one's own eyes."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, InputRequired

from instance import hours, relays
from instance.base import Refused
from instance.relays import Consent
from web.frame import context, moments
from web.frame.forms import PageForm

pages = Blueprint("relays", __name__, url_prefix="/for-a-neighbour")

HOW: Final = {
    Consent.SPOKEN.value: lazy_gettext("They told me."),
    Consent.WRITTEN.value: lazy_gettext("They signed a paper that I keep."),
}


class NeighbourForm(PageForm):
    """For whom, and that they agree."""

    called = StringField(lazy_gettext("What you call them"), [InputRequired(lazy_gettext("Fill in this field."))])
    consent = RadioField(
        lazy_gettext("How they agreed"),
        [InputRequired(lazy_gettext("Choose one of these.")), AnyOf(HOW, message=lazy_gettext("Choose one of these."))],
        choices=[SelectChoice(value, words) for value, words in HOW.items()],
        validate_choice=False,
    )
    consented_on = StringField(lazy_gettext("On which day"))
    told = BooleanField(
        lazy_gettext("I told them who will read it, that no name is given, and that they can stop it at any time."),
        [InputRequired(lazy_gettext("Tell them first: they decide."))],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Somebody for whom one writes."""

    public_id: uuid.UUID
    called: str
    agreed: datetime
    how: LazyString


@pages.get("")
def index() -> str:
    """For whom one writes."""
    return _page(NeighbourForm(None, consented_on=_today().isoformat()))


def _today() -> date:
    return hours.town_day(context.now())


def _page(form: NeighbourForm) -> str:
    held = relays.of_resident(context.home(), resident=context.require_resident())
    return render_template(
        "relays/index.html",
        form=form,
        held=[
            Held(
                public_id=one.public_id, called=one.called, agreed=moments.noon(one.consented_on), how=HOW[one.consent]
            )
            for one in held
        ],
        longest=relays.LONGEST_CALL,
    )


@pages.post("")
def add() -> str | Response:
    """Note that a neighbour agreed."""
    form = NeighbourForm()
    if form.carry_out(lambda: _add(form)):
        flash(gettext("Noted. Say “for whom” when you hang a notice."))
        return redirect(url_for("relays.index"))
    return _page(form)


def _add(form: NeighbourForm) -> relays.Relayed:
    return relays.take_on(
        context.home(),
        by=context.require_resident(),
        called=form.called.data,
        consent=Consent(form.consent.data),
        consented_on=_day(form.consented_on.data),
        today=_today(),
        now=context.now(),
    )


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value.strip())
    except ValueError:
        raise Refused("day_shape", field="consented_on") from None


@pages.route("/<uuid:public_id>/stop", methods=["GET", "POST"])
def stop(public_id: uuid.UUID) -> str | Response:
    """Ask once, then write for them no longer."""
    resident = context.require_resident()
    found = relays.find(context.home(), public_id=public_id, by=resident)
    form = PageForm()
    if form.is_submitted():
        down = relays.let_go(context.home(), relayed=found, by=resident, now=context.now())
        context.commit()
        flash(
            ngettext("Forgotten. %(num)d notice came down.", "Forgotten. %(num)d notices came down.", down)
            if down
            else gettext("Forgotten.")
        )
        return redirect(url_for("relays.index"))
    return render_template("relays/stop.html", form=form, called=found.called)
