"""The few requests that may be larger than others: forms with a file, for whoever is signed in."""

from collections.abc import Mapping
from typing import Final

from flask import Flask, flash, redirect, request
from werkzeug.wrappers import Response

from federation import blocklists
from instance import photos, pictures
from web.frame import context
from web.pages import refusals

# What a form has beside its file.
BESIDE: Final = 64 * 1024
# Bytes, by endpoint. Whatever is not named here has the limit of all pages.
LARGEST: Final[Mapping[str, int]] = {
    "blocklists.preview": blocklists.LARGEST + BESIDE,
    "conditions.add": pictures.LARGEST_FILE + BESIDE,
    "documents.send": pictures.LARGEST_FILE + BESIDE,
    "listings.compose": photos.MOST * pictures.LARGEST_FILE + BESIDE,
    "photos.add": pictures.LARGEST_FILE + BESIDE,
}


def install(app: Flask) -> None:
    """Widen the limit before anything reads a form: to be called before all that does."""
    app.before_request(_widen)


def _widen() -> Response | None:
    most = LARGEST.get(request.endpoint or "")
    if most is None or request.method in context.SAFE or context.resident() is None:
        return None
    if (request.content_length or 0) > most:
        # Nothing of it is read: the form is shown again, with the reason.
        flash(refusals.sentence("blocklist_large" if request.blueprint == "blocklists" else "photo_large"))
        return redirect(request.full_path.rstrip("?"))
    request.max_content_length = most
    # A telephone in a lift takes a minute to send a picture: until it is here, no lock of the store is held.
    context.rollback()
    _ = request.form
    return None
