"""Photographs of one's notices: adding, taking away, and the pictures themselves, for whoever may see the notice."""

import uuid
from pathlib import Path
from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response
from wtforms import StringField

from instance import photos, pictures, reports, storage
from instance.base import Refused
from instance.listings import Listing
from instance.photos import Photo
from instance.residents import Resident
from web.frame import context
from web.frame.forms import PageForm
from web.pages import notices as notice_pages
from web.views import photos as views

pages = Blueprint("photos", __name__)

ACCEPT: Final = "image/jpeg,image/png,image/webp"


class PhotoForm(PageForm):
    """One picture, and what is on it."""

    file = FileField(lazy_gettext("The picture"))
    alt = StringField(lazy_gettext("What is there to see?"))


def _root() -> Path:
    return context.settings().home_data / photos.FOLDER


@pages.get("/photos/<uuid:public_id>")
def photo(public_id: uuid.UUID) -> Response:
    """The picture itself (`?size=small` the small one); asked for anew each time, because who may see it changes."""
    found = _visible(public_id)
    kind = photos.SMALL if request.args.get("size") == "small" else photos.BIG
    answer = make_response(storage.read(_root(), name=found.public_id, kind=kind))
    answer.headers["Content-Type"] = "image/jpeg"
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.set_etag(f"{found.public_id}.{kind}")
    return answer.make_conditional(request)


def _visible(public_id: uuid.UUID) -> Photo:
    """A photograph of a notice the reader sees; moderators also see those of what is reported, while that is open."""
    home, reader = context.home(), context.reader()
    try:
        return photos.find(home, public_id=public_id, reader=reader)
    except Refused:
        found = photos.by_public_id(home, public_id=public_id) if reader.moderator else None
        on_desk = {one.target_id for one in reports.open_reports(home, by=context.resident())}
        if found is None or found.listing.public_id not in on_desk:
            raise
        return found


@pages.route("/notices/<uuid:public_id>/photos", methods=["GET", "POST"])
def add(public_id: uuid.UUID) -> str | Response:
    """The photographs of one's own notice, and a form for one more."""
    resident = context.require_resident()
    found, form = _own(public_id, resident=resident), PhotoForm()
    if form.carry_out(lambda: _add(found, form=form, resident=resident)):
        flash(gettext("The photo is on the notice."))
        return redirect(url_for("photos.add", public_id=public_id))
    shown = views.gallery(context.home(), notice=found, reader=context.reader())
    return render_template(
        "photos/add.html",
        form=form,
        title=found.title,
        photos=shown,
        most=photos.MOST,
        longest=photos.LONGEST_ALT,
        accept=ACCEPT,
        back=url_for("notices.notice", public_id=public_id),
    )


def _own(public_id: uuid.UUID, *, resident: Resident) -> Listing:
    found = notice_pages.find_own(public_id, resident=resident)
    if not isinstance(found, Listing):
        raise Refused("not_found")
    return found


def _add(found: Listing, *, form: PhotoForm, resident: Resident) -> Photo:
    data = _bytes(form.file.data)
    # Drawing takes a moment, in which others can write: nothing was changed so far, and all is looked at again below.
    context.rollback()
    picture = pictures.draw(data)
    return photos.add(
        context.home(),
        root=_root(),
        listing=found,
        by=resident,
        picture=picture,
        alt=form.alt.data or "",
        now=context.now(),
    )


def _bytes(sent: FileStorage | None) -> bytes:
    return sent.stream.read(pictures.LARGEST_FILE + 1) if isinstance(sent, FileStorage) else b""


@pages.post("/photos/<uuid:public_id>/remove")
def remove(public_id: uuid.UUID) -> Response:
    """Take a photograph away, file and all."""
    resident, reader = context.require_resident(), context.reader()
    found = photos.find_own(context.home(), public_id=public_id, by=resident, reader=reader)
    notice_id = found.listing.public_id
    photos.remove(context.home(), photo=found, by=resident)
    context.commit()
    photos.forget_files(_root(), name=public_id)
    flash(gettext("The photo is gone."))
    return redirect(url_for("photos.add", public_id=notice_id))
