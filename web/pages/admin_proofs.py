"""An administrator of another building says what they know of somebody with their word, or who does not live there."""

import uuid
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from instance import places, residents, vouching
from instance.assurance import Kind
from instance.base import Refused
from instance.places import Building
from instance.vouching import Newcomer
from web.frame import context, guards
from web.frame.forms import PageForm

pages = Blueprint("proofs", __name__, url_prefix="/admin")
pages.before_request(guards.administrators_only)

NEEDED: Final = lazy_gettext("Fill in this field.")
WAYS: Final = {
    Kind.NOTE: lazy_gettext("I know that this person lives there: I say below how"),
    Kind.LOT_LIST: lazy_gettext("This person stands on the list of lots for this lot"),
}


class AttestForm(PageForm):
    """The word, what is known, and how."""

    word = StringField(lazy_gettext("The word this person reads out"), [InputRequired(NEEDED)])
    # Asked for when it is said, not when one only looks who it is.
    kind = RadioField(
        lazy_gettext("What you say"),
        choices=[SelectChoice(one.value, word) for one, word in WAYS.items()],
        validate_choice=False,
    )
    reason = TextAreaField(lazy_gettext("How you know"))


class NotHereForm(PageForm):
    """Which account is not of which lot, and why."""

    login = StringField(lazy_gettext("Login name of the account"), [InputRequired(NEEDED)])
    lot = StringField(lazy_gettext("Lot"), [InputRequired(NEEDED)])
    reason = TextAreaField(lazy_gettext("Reason"))


@pages.route("/buildings/<uuid:public_id>/not-here", methods=["GET", "POST"])
def end_home(public_id: uuid.UUID) -> str | Response:
    """Say that an account is not of a lot; the answer is the same whether anything had shown that it was."""
    building = places.building(context.home(), public_id=public_id)
    form, back = NotHereForm(), url_for("places.building", public_id=public_id)
    if form.carry_out(lambda: _end(form, building=building)):
        flash(gettext("Whatever showed that this account lives there counts no more. The reason is in the book."))
        # Not to the building: how many lots are registered there would say whether anything ended.
        return redirect(url_for("proofs.end_home", public_id=public_id))
    return render_template("joining/not_here.html", form=form, name=building.name, back=back)


def _end(form: NotHereForm, *, building: Building) -> None:
    vouching.end_home(
        context.home(),
        resident=residents.by_login(context.home(), login=form.login.data),
        building=building,
        lot_number=form.lot.data,
        reason=form.reason.data or "",
        by=context.require_resident(),
        now=context.now(),
    )


@pages.route("/buildings/<uuid:public_id>/newcomer", methods=["GET", "POST"])
def attest(public_id: uuid.UUID) -> str | Response:
    """Look who the word belongs to, then say what is known; both are one form, sent once more."""
    building = places.building(context.home(), public_id=public_id)
    form = AttestForm()
    seen = None
    if request.form.get("step") == "confirm":
        if _said(form, building=building):
            flash(gettext("Noted. The person reads it under “How you are known here”."))
            return redirect(url_for("places.building", public_id=public_id))
    elif done := form.carry_out(lambda: _look(form, building=building)):
        seen = (done.what.resident.short_name, done.what.lot.number)
    back = url_for("places.building", public_id=public_id)
    return render_template("joining/attest.html", form=form, name=building.name, back=back, seen=seen)


def _look(form: AttestForm, *, building: Building) -> Newcomer:
    return vouching.introduced(
        context.home(),
        word=form.word.data,
        building=building,
        by=context.require_resident(),
        pepper=context.letterbox_pepper(),
        now=context.now(),
    )


def _said(form: AttestForm, *, building: Building) -> bool:
    """Say it. Whoever sends it saw who it is, or knows the person before them."""
    done = form.carry_out(
        lambda: vouching.attest(
            context.home(),
            word=form.word.data,
            building=building,
            kind=_kind(form),
            reason=form.reason.data or "",
            by=context.require_resident(),
            pepper=context.letterbox_pepper(),
            now=context.now(),
        )
    )
    return done is not None


def _kind(form: AttestForm) -> Kind:
    found = next((one for one in WAYS if one == form.kind.data), None)
    if found is None:
        raise Refused("missing", field="kind")
    return found
