"""Photographs in the form that hangs a notice: all of them hang with it, or nothing does."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from flask import request
from flask_babel import lazy_gettext
from flask_wtf.file import FileField
from wtforms import StringField

from instance import photos
from instance.base import Refused
from instance.listings import Listing
from instance.pictures import Picture
from instance.residents import Resident
from web.frame import context, darkroom
from web.frame.forms import PageForm

NUMBERS: Final = tuple(range(1, photos.MOST + 1))
NAMES: Final = frozenset(f"{part}{number}" for part in ("photo", "alt") for number in NUMBERS)


class PhotosForm(PageForm):
    """Up to three pictures, and what there is to see on each."""

    accept: ClassVar = darkroom.ACCEPT
    longest_alt: ClassVar = photos.LONGEST_ALT

    photo1 = FileField(lazy_gettext("Photo %(number)s", number=1))
    alt1 = StringField(lazy_gettext("What is there to see on photo %(number)s?", number=1))
    photo2 = FileField(lazy_gettext("Photo %(number)s", number=2))
    alt2 = StringField(lazy_gettext("What is there to see on photo %(number)s?", number=2))
    photo3 = FileField(lazy_gettext("Photo %(number)s", number=3))
    alt3 = StringField(lazy_gettext("What is there to see on photo %(number)s?", number=3))

    @property
    def pairs(self) -> tuple[tuple[FileField, StringField], ...]:
        """Each picture with its words, for templates."""
        return tuple((self[f"photo{one}"], self[f"alt{one}"]) for one in NUMBERS)

    @property
    def is_used(self) -> bool:
        """Whether something of it is filled in or wrong: then it stands open."""
        return self.is_lost or any(alt.data or alt.errors or photo.errors for photo, alt in self.pairs)

    @property
    def is_lost(self) -> bool:
        """Whether pictures came with the request this page answers: a browser does not choose them again by itself."""
        return any(darkroom.is_sent(one) for one in request.files.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """One picture, drawn anew, and its words."""

    picture: Picture
    alt: str


def draw(form: PhotosForm) -> tuple[Attached, ...]:
    """Draw what was chosen anew, before anything is written.

    Raises Refused at its field: as `pictures.draw` for a picture, too_long for its words, photo_missing for words
    without one.
    """
    return tuple(one for number in NUMBERS if (one := _draw(form, number)) is not None)


def _draw(form: PhotosForm, number: int) -> Attached | None:
    photo, alt = form[f"photo{number}"], form[f"alt{number}"]
    _named(alt.data or "", number)
    if not darkroom.is_sent(photo.data):
        if (alt.data or "").strip():
            raise Refused("photo_missing", field=photo.name)
        return None
    try:
        return Attached(picture=darkroom.draw(photo.data), alt=alt.data or "")
    except Refused as refused:
        raise Refused(refused.code, field=photo.name) from None


def _named(words: str, number: int) -> None:
    try:
        photos.read_alt(words)
    except Refused as refused:
        raise Refused(refused.code, field=f"alt{number}") from None


def hang(listing: Listing, *, attached: tuple[Attached, ...], by: Resident) -> None:
    """Put them on a notice that was just hung."""
    root = context.settings().home_data / photos.FOLDER
    given: dict[str, Any] = {"root": root, "listing": listing, "by": by, "now": context.now()}
    for one in attached:
        photos.add(context.home(), picture=one.picture, alt=one.alt, **given)
