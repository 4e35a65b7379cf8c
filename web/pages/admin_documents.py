"""Documents of newcomers, for administrators of other buildings: what waits, one look, and a yes or no."""

import base64
import uuid
from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from instance import checking, documents
from instance.base import Refused
from instance.documents import State, Why
from web.frame import context, guards
from web.frame.forms import PageForm
from web.pages import documents as newcomers
from web.views import documents as views

pages = Blueprint("papers", __name__, url_prefix="/admin/documents")
pages.before_request(guards.administrators_only)

YES: Final = "yes"


class AnswerForm(PageForm):
    """Yes, or what is wrong with the picture."""

    answer = RadioField(
        lazy_gettext("What the paper shows"),
        choices=[
            SelectChoice(YES, lazy_gettext("This name and this address: the person lives there")),
            *(SelectChoice(one.value, word) for one, word in views.CHOICES.items()),
        ],
        validate_choice=False,
    )
    words = TextAreaField(lazy_gettext("In your words"))


@pages.get("")
def index() -> str:
    """What waits, without any picture."""
    return render_template("documents/queue.html", lines=views.queue(context.home(), by=context.require_resident()))


@pages.post("/<uuid:public_id>/look")
def look(public_id: uuid.UUID) -> str | Response:
    """Show the picture, in this one answer; key and file are gone before it is given."""
    looked = checking.look(
        context.home(), root=newcomers.root(), public_id=public_id, by=context.require_resident(), now=context.now()
    )
    context.commit()
    documents.forget_file(newcomers.root(), name=public_id)
    if looked.picture is None:
        flash(gettext("The picture cannot be shown any more. The person reads so, and can send another."))
        return redirect(url_for("papers.index"))
    shown = "data:image/jpeg;base64," + base64.b64encode(looked.picture).decode()
    answer = make_response(_page(AnswerForm(None), public_id=public_id, shown=shown))
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


@pages.route("/<uuid:public_id>", methods=["GET", "POST"])
def decide(public_id: uuid.UUID) -> str | Response:
    """Say yes or no to what one looked at; the picture is not shown again."""
    form = AnswerForm()
    if form.carry_out(lambda: _decide(form, public_id=public_id)):
        flash(gettext("Noted. The person reads it under “How you are known here”."))
        return redirect(url_for("papers.index"))
    return _page(form, public_id=public_id)


def _decide(form: AnswerForm, *, public_id: uuid.UUID) -> None:
    by, now = context.require_resident(), context.now()
    if form.answer.data == YES:
        checking.accept(context.home(), public_id=public_id, said=str(views.YES), by=by, now=now)
        return
    if form.answer.data not in set(Why):
        raise Refused("missing", field="answer")
    why, words = Why(form.answer.data), form.words.data or ""
    said = views.booked(why, words=words)
    checking.refuse(context.home(), public_id=public_id, why=why, words=words, said=said, by=by, now=now)


def _page(form: AnswerForm, *, public_id: uuid.UUID, shown: str | None = None) -> str:
    me = context.require_resident()
    found = checking.find(context.home(), public_id=public_id, by=me, now=context.now())
    if found.state != State.OPENED:
        raise Refused("not_found")
    return render_template(
        "documents/decide.html",
        form=form,
        line=views.line(found),
        shown=shown,
        action=url_for("papers.decide", public_id=public_id),
        longest=checking.LONGEST,
    )
