"""Photographs of one's notices: adding, taking away, and the pictures themselves, for whoever may see the notice."""

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from werkzeug.wrappers import Response
from wtforms import StringField

from instance import photos, reports
from instance.base import Refused
from instance.listings import Listing
from instance.photos import Photo
from instance.residents import Resident
from web.frame import context, darkroom
from web.frame.forms import PageForm
from web.pages import notices as notice_pages
from web.views import photos as views

pages = Blueprint("photos", __name__)


class PhotoForm(PageForm):
    """One picture, and what is on it."""

    file = FileField(lazy_gettext("The picture"))
    alt = StringField(lazy_gettext("What is there to see?"))


class WordsForm(PageForm):
    """What is on one picture, in other words."""

    alt = StringField(lazy_gettext("What is there to see?"))

    @classmethod
    def of(cls, photo: Photo, *, sent: bool = False) -> "WordsForm":
        """The form of one photograph: several stand on a page."""
        prefix = f"photo{photo.position}"
        return cls(prefix=prefix) if sent else cls(None, prefix=prefix, data={"alt": photo.alt})


def _root() -> Path:
    return context.settings().home_data / photos.FOLDER


@pages.get("/photos/<uuid:public_id>")
def photo(public_id: uuid.UUID) -> Response:
    """The picture itself (`?size=small` the small one); asked for anew each time, because who may see it changes."""
    return darkroom.answer(_root(), name=_visible(public_id).public_id)


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
    return _page(found, form=form, words={})


def _page(found: Listing, *, form: PageForm, words: Mapping[uuid.UUID, WordsForm]) -> str:
    """The page of the photographs; `words` is the form of one whose words could not be changed."""
    shown = photos.of(context.home(), listing=found)
    sheets = [words.get(one.public_id) or WordsForm.of(one) for one in shown]
    return render_template(
        "photos/add.html",
        form=form,
        adding=form if isinstance(form, PhotoForm) else PhotoForm(None),
        title=found.title,
        photos=views.gallery(context.home(), notice=found, reader=context.reader()),
        words=[
            (sheet, url_for("photos.reword", public_id=one.public_id)) for sheet, one in zip(sheets, shown, strict=True)
        ],
        most=photos.MOST,
        longest=photos.LONGEST_ALT,
        accept=darkroom.ACCEPT,
        back=url_for("notices.notice", public_id=found.public_id),
    )


def _own(public_id: uuid.UUID, *, resident: Resident) -> Listing:
    found = notice_pages.find_own(public_id, resident=resident)
    if not isinstance(found, Listing):
        raise Refused("not_found")
    return found


def _add(found: Listing, *, form: PhotoForm, resident: Resident) -> Photo:
    photos.read_alt(form.alt.data or "")
    picture = darkroom.draw(form.file.data)
    return photos.add(
        context.home(),
        root=_root(),
        listing=found,
        by=resident,
        picture=picture,
        alt=form.alt.data or "",
        now=context.now(),
    )


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


@pages.post("/photos/<uuid:public_id>/words")
def reword(public_id: uuid.UUID) -> str | Response:
    """Say otherwise what there is to see on a photograph that hangs."""
    resident, reader = context.require_resident(), context.reader()
    found = photos.find_own(context.home(), public_id=public_id, by=resident, reader=reader)
    notice, form = found.listing, WordsForm.of(found, sent=True)
    said: dict[str, Any] = {"photo": found, "by": resident, "alt": form.alt.data or ""}
    if form.carry_out(lambda: photos.reword(context.home(), **said)):
        flash(gettext("The words are changed."))
        return redirect(url_for("photos.add", public_id=notice.public_id))
    return _page(notice, form=form, words={public_id: form})
