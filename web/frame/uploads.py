"""The few requests that may be larger than others: forms with a file, for whoever is signed in.

A form with pictures that weigh too much is read all the same, so that what was typed beside them is kept: of each file
no more than shows that it is too large, and of the whole no more than `READ` times what such a form may weigh.
"""

from collections.abc import Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

from flask import Flask, Request, flash, redirect, request
from werkzeug.wrappers import Response

from federation import blocklists
from instance import photos, pictures
from web.frame import context
from web.pages import refusals

# What a form has beside its file.
BESIDE: Final = 64 * 1024
# A page reads a map as a whole; larger ones go by the terminal.
LARGEST_MAP: Final = 16 * 1024 * 1024
# Bytes, by endpoint. Whatever is not named here has the limit of all pages.
LARGEST: Final[Mapping[str, int]] = {
    "blocklists.preview": blocklists.LARGEST + BESIDE,
    "conditions.add": pictures.LARGEST_FILE + BESIDE,
    "documents.send": pictures.LARGEST_FILE + BESIDE,
    "listings.compose": photos.MOST * pictures.LARGEST_FILE + BESIDE,
    "outlines.enter": LARGEST_MAP + BESIDE,
    "photos.add": pictures.LARGEST_FILE + BESIDE,
}
# What those without pictures say to a file that is too large; nothing of it is read.
TOO_LARGE: Final[Mapping[str, str]] = {"blocklists.preview": "blocklist_large", "outlines.enter": "map_large"}
# The forms with pictures, whose pages say at its field which one is too large.
PICTURES: Final = frozenset(LARGEST) - frozenset(TOO_LARGE)
READ: Final = 4
# More than any of these forms has.
PARTS: Final = 64
IN_MEMORY: Final = 500 * 1024


class Cut(SpooledTemporaryFile[bytes]):
    """A file that came with a form, as far as it may be a picture: what comes beyond is let go."""

    def write(self, data: Any) -> int:
        """Keep what still fits; returns as if all of it had been kept."""
        super().write(data[: max(0, pictures.LARGEST_FILE + 1 - self.tell())])
        return len(data)


class Large(Request):
    """A request of which no file is kept beyond what a picture may weigh."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.endpoint in PICTURES:
            return Cut(max_size=IN_MEMORY, mode="w+b")
        return super()._get_file_stream(total_content_length, content_type, filename, content_length)


def install(app: Flask) -> None:
    """Widen the limit before anything reads a form: to be called before all that does."""
    app.request_class = Large
    app.before_request(_widen)


def _widen() -> Response | None:
    most = LARGEST.get(request.endpoint or "")
    if most is None or request.method in context.SAFE or context.resident() is None:
        return None
    if request.endpoint in PICTURES:
        most, request.max_form_parts = READ * most, PARTS
    if (request.content_length or 0) > most:
        # Nothing of it is read: the form is shown again, with the reason.
        flash(refusals.sentence(TOO_LARGE.get(request.endpoint or "", "photo_large")))
        return redirect(request.full_path.rstrip("?"))
    request.max_content_length = most
    # A telephone in a lift takes a minute to send a picture: until it is here, no lock of the store is held.
    context.rollback()
    _ = request.form
    return None
