"""Pictures as a form sends them and as a page shows them: drawn anew while no lock is held, asked for each time."""

import uuid
from pathlib import Path
from typing import Final

from flask import make_response, request
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from instance import photos, pictures, storage
from instance.pictures import Picture
from web.frame import context

ACCEPT: Final = "image/jpeg,image/png,image/webp"


def is_sent(field: object) -> bool:
    """Whether somebody chose a file."""
    return isinstance(field, FileStorage) and bool(field.filename)


def draw(field: object) -> Picture:
    """Draw what was sent in a field anew.

    Drawing takes a moment, in which others can write: nothing may be changed before, and all is looked at again after.
    Raises Refused as `pictures.draw`.
    """
    data = field.stream.read(pictures.LARGEST_FILE + 1) if isinstance(field, FileStorage) else b""
    context.rollback()
    return pictures.draw(data)


def answer(root: Path, *, name: uuid.UUID) -> Response:
    """The picture itself (`?size=small` the small one), for this reader and not for a cache. Raises Refused."""
    kind = photos.SMALL if request.args.get("size") == "small" else photos.BIG
    made = make_response(storage.read(root, name=name, kind=kind))
    made.headers["Content-Type"] = "image/jpeg"
    made.headers["Cache-Control"] = "private, no-cache"
    made.set_etag(f"{name}.{kind}")
    return made.make_conditional(request)
