"""How a lent thing was: photographs its two put on their loan, alone or with the next step, and nobody else sees."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import StringField

from instance import conditions, loans, photos, reports
from instance.base import Refused
from instance.conditions import Condition, Moment
from instance.evidence import Target
from instance.lending import Act
from instance.loans import Loan
from instance.residents import Resident
from web.frame import context, darkroom
from web.frame.forms import PageForm
from web.views import conditions as views

pages = Blueprint("conditions", __name__)

# What each button does: which moment the picture shows, and the step that is taken with it.
STEPS: Final[Mapping[str, tuple[Moment, Act | None]]] = {
    Moment.BEFORE.value: (Moment.BEFORE, None),
    Moment.AFTER.value: (Moment.AFTER, None),
    Act.HAND_OVER.value: (Moment.BEFORE, Act.HAND_OVER),
    Act.GIVE_BACK.value: (Moment.AFTER, Act.GIVE_BACK),
    Act.CONFIRM.value: (Moment.AFTER, Act.CONFIRM),
}
DONE: Final[Mapping[Act | None, LazyString]] = {
    None: lazy_gettext("The photo is on the loan. Only the two of you see it."),
    Act.HAND_OVER: lazy_gettext("Noted, with the photo: it has changed hands."),
    Act.GIVE_BACK: lazy_gettext("Noted, with the photo: you gave it back."),
    Act.CONFIRM: lazy_gettext("Noted, with the photo: it is back."),
}


class ConditionForm(PageForm):
    """One picture, and a few words."""

    file = FileField(lazy_gettext("The picture"))
    words = StringField(lazy_gettext("In a few words"))


def _root() -> Path:
    return context.settings().home_data / conditions.FOLDER


@pages.get("/conditions/<uuid:public_id>")
def picture(public_id: uuid.UUID) -> Response:
    """The picture itself, for the two of the loan and whoever has to decide about a report of it."""
    return darkroom.answer(_root(), name=_visible(public_id).public_id)


def _visible(public_id: uuid.UUID) -> Condition:
    home, reader = context.home(), context.reader()
    try:
        return conditions.find(home, public_id=public_id, reader=reader)
    except Refused:
        found = conditions.by_public_id(home, public_id=public_id) if reader.moderator else None
        if found is None:
            raise
        judge, loan_id = context.require_resident(), found.loan.public_id
        if not reports.handles(home, target=Target.LOAN, target_id=loan_id, by=judge):
            raise
        return found


@pages.route("/loans/<uuid:public_id>/photos", methods=["GET", "POST"])
def add(public_id: uuid.UUID) -> str | Response:
    """The photographs of one's loan, and a form for one more, with the next step or without."""
    resident = context.require_resident()
    found = loans.find(context.home(), public_id=public_id, reader=context.reader())
    form = ConditionForm()
    if request.method == "POST" and request.form.get("step") not in STEPS:
        abort(400)
    moment, act = STEPS.get(request.form.get("step", ""), (Moment.BEFORE, None))
    if form.carry_out(lambda: _put(found, form=form, resident=resident, moment=moment, act=act)):
        flash(str(DONE[act]))
        return redirect(url_for("loans.loan", public_id=public_id))
    return _page(found, form=form, resident=resident)


def _page(found: Loan, *, form: ConditionForm, resident: Resident) -> str:
    side = found.side(resident.id)
    assert side is not None
    return render_template(
        "loans/photos.html",
        form=form,
        title=found.listing.title,
        album=views.album(context.home(), loan=found, by=resident, reader=context.reader()),
        presses=views.presses(found, side=side),
        longest=conditions.LONGEST_WORDS,
        accept=darkroom.ACCEPT,
        back=url_for("loans.loan", public_id=found.public_id),
    )


def _put(found: Loan, *, form: ConditionForm, resident: Resident, moment: Moment, act: Act | None) -> Condition:
    """The picture and the step are one: if either is refused, neither happened."""
    given: dict[str, Any] = {"loan": found, "by": resident, "moment": moment, "words": form.words.data or ""}
    conditions.check(context.home(), **given)
    drawn, now = darkroom.draw(form.file.data), context.now()
    made = conditions.put(context.home(), root=_root(), picture=drawn, now=now, **given)
    if act is not None:
        loans.move(context.home(), loan=found, act=act, by=resident, now=now)
    return made


@pages.post("/conditions/<uuid:public_id>/remove")
def remove(public_id: uuid.UUID) -> str | Response:
    """Take one's own photograph away, while what it shows is not past."""
    resident = context.require_resident()
    found = conditions.find_own(context.home(), public_id=public_id, reader=context.reader())
    loan, form = found.loan, ConditionForm()
    if not form.carry_out(lambda: conditions.remove(context.home(), found=found, by=resident)):
        return _page(loan, form=form, resident=resident)
    photos.forget_files(_root(), name=public_id)
    flash(gettext("The photo is gone."))
    return redirect(url_for("conditions.add", public_id=loan.public_id))
