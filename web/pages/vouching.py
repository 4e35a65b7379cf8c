"""Speaking for a newcomer who stands before one, over the word they read out; and taking that back."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired

from instance import vouching
from instance.assurance import Proof
from instance.vouching import Newcomer, Voucher
from web.frame import context
from web.frame.forms import PageForm
from web.views import assurance as views

pages = Blueprint("vouching", __name__, url_prefix="/neighbours")


class WordForm(PageForm):
    """The word that the newcomer reads out."""

    word = StringField(lazy_gettext("Your neighbour’s word"), [InputRequired(lazy_gettext("Fill in this field."))])


@pages.route("/vouch", methods=["GET", "POST"])
def vouch() -> str | Response:
    """Type the word, look who it is, then say that they live there."""
    form = WordForm()
    if request.form.get("step") == "confirm":
        if form.carry_out(lambda: _speak(form)):
            flash(gettext("Noted: you answer for your neighbour. You can take it back at any time."))
            return redirect(url_for("joining.known"))
    elif done := form.carry_out(lambda: _meet(form)):
        newcomer, voucher = done.what
        return render_template(
            "joining/vouch_confirm.html",
            form=form,
            name=newcomer.resident.short_name,
            where=views.where(voucher.lot.building.name, lot=newcomer.lot.number),
        )
    may = bool(vouching.may_vouch(context.home(), resident=context.require_resident()))
    return render_template("joining/vouch.html", form=form, may_vouch=may)


def _meet(form: WordForm) -> tuple[Newcomer, Voucher]:
    return vouching.meet(
        context.home(),
        word=form.word.data,
        by=context.require_resident(),
        pepper=context.letterbox_pepper(),
        now=context.now(),
    )


def _speak(form: WordForm) -> Proof:
    return vouching.vouch(
        context.home(),
        word=form.word.data,
        by=context.require_resident(),
        pepper=context.letterbox_pepper(),
        now=context.now(),
    )


@pages.post("/vouches/<uuid:public_id>/take-back")
def take_back(public_id: uuid.UUID) -> Response:
    """Answer for somebody no more."""
    vouching.take_back(context.home(), public_id=public_id, by=context.require_resident(), now=context.now())
    context.commit()
    flash(gettext("You no longer answer for this neighbour."))
    return redirect(url_for("joining.known"))
