"""Showing where one lives by a picture of a paper: find the letterbox, send the picture, take it back."""

import uuid
from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField, StringField
from wtforms.fields.choices import SelectChoice

from instance import documents, letterboxes, pictures
from instance.base import Refused
from instance.documents import Document
from instance.places import LONGEST_LOT, Lot
from instance.spelling import LONGEST_WISH
from web.frame import context, darkroom
from web.frame.forms import PageForm
from web.views import assurance as views

pages = Blueprint("documents", __name__, url_prefix="/account/known/document")


class PlaceForm(PageForm):
    """Where one lives, as on a letter."""

    where = StringField(lazy_gettext("Address or name of your building"))
    lot = StringField(lazy_gettext("Your lot"))


class PaperForm(PageForm):
    """The picture, for the home that was found."""

    where = HiddenField()
    lot = HiddenField()
    home = RadioField(lazy_gettext("Your building"), validate_choice=False)
    file = FileField(lazy_gettext("The picture of your paper"))


def root() -> Path:
    """Where the files of documents lie."""
    return context.settings().home_data / documents.FOLDER


@pages.route("", methods=["GET", "POST"])
def send() -> str | Response:
    """Find the letterbox first (a form that only asks), then send the picture for it."""
    if request.method == "GET":
        return _find()
    form = PaperForm()
    try:
        found = _called(where=form.where.data or "", lot=form.lot.data or "")
    except Refused as refused:
        return _place(PlaceForm(None, where=form.where.data, lot=form.lot.data), refused=refused)
    if form.carry_out(lambda: _send(form, found=found)):
        flash(gettext("Your document is sent. An administrator of another building looks at it once."))
        return redirect(url_for("joining.known", _anchor="documents"))
    return _paper(form, found=_called(where=form.where.data or "", lot=form.lot.data or ""))


def _called(*, where: str, lot: str) -> list[Lot]:
    return list(letterboxes.called(context.home(), where=where, number=lot))


def _find() -> str:
    where, lot = request.args.get("where"), request.args.get("lot")
    form = PlaceForm(None, where=where or "", lot=lot or "")
    if where is None or lot is None:
        return _place(form)
    try:
        found = _called(where=where, lot=lot)
    except Refused as refused:
        return _place(form, refused=refused)
    return _paper(PaperForm(None, where=where, lot=lot), found=found)


def _place(form: PlaceForm, *, refused: Refused | None = None) -> str:
    if refused is not None:
        form.refuse(refused)
    longest = {"where": LONGEST_WISH, "lot": LONGEST_LOT}
    return render_template("documents/place.html", form=form, longest=longest)


def _paper(form: PaperForm, *, found: list[Lot]) -> str:
    form.home.choices = [SelectChoice(letterboxes.home(one), letterboxes.home(one)) for one in found]
    if len(found) == 1:
        form.home.data = letterboxes.home(found[0])
    return render_template(
        "documents/paper.html",
        form=form,
        where=views.where(found[0].building.name, lot=found[0].number),
        street=found[0].building.street,
        several=len(found) > 1,
        lot=found[0].number,
        accept=darkroom.ACCEPT,
        days=documents.WAITS_FOR.days,
    )


def _send(form: PaperForm, *, found: list[Lot]) -> Document:
    chosen = [one.id for one in found if len(found) == 1 or letterboxes.home(one) == form.home.data]
    if not chosen:
        raise Refused("missing", field="home")
    data = _bytes(form.file.data)
    # Drawing takes a moment, in which others can write: nothing was changed so far.
    context.rollback()
    picture = pictures.draw(data)
    session = context.home()
    return documents.send(
        session,
        root=root(),
        by=context.require_resident(),
        lot=session.get_one(Lot, chosen[0]),
        picture=picture,
        now=context.now(),
    )


def _bytes(sent: FileStorage | None) -> bytes:
    return sent.stream.read(pictures.LARGEST_FILE + 1) if isinstance(sent, FileStorage) else b""


@pages.post("/<uuid:public_id>/withdraw")
def withdraw(public_id: uuid.UUID) -> Response:
    """Take a document back, picture and all."""
    documents.withdraw(context.home(), public_id=public_id, by=context.require_resident(), now=context.now())
    context.commit()
    documents.forget_file(root(), name=public_id)
    flash(gettext("Your document is taken back. Its picture is destroyed."))
    return redirect(url_for("joining.known"))
