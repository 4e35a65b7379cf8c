"""The second host of a place, where pictures from other towns are and nothing else.

Whatever a stranger made, even a file that passed for a picture, then has an origin without pages, forms and cookies
(FEP-fe34 asks the same, so that no file can pass for a document of an actor).
"""

import uuid
from typing import Final

from flask import Flask, abort, request, url_for
from werkzeug.wrappers import Response

from web.frame import context
from web.settings import Settings

FOLDER: Final = "/media"
ENDPOINT: Final = "clippings.picture"


def install(app: Flask, *, settings: Settings) -> None:
    """Close the second host for everything but its pictures: to be called before all that looks at a request."""
    if settings.media_origin:
        app.before_request(_close)


def _close() -> Response | None:
    return Response(status=404) if is_here() and request.endpoint != ENDPOINT else None


def is_here() -> bool:
    """Whether the second host was asked."""
    return bool(context.settings().media_origin) and request.host == context.settings().media_authority


def require() -> None:
    """Answer 404 at the host of the pages."""
    if not is_here():
        abort(404)


def address(public_id: uuid.UUID, *, size: str | None = None) -> str:
    """Where a page finds a picture: at the second host, or else at its own."""
    origin = context.settings().media_origin
    if not origin:
        return url_for("clippings.clipping", public_id=public_id, size=size)
    return origin + url_for(ENDPOINT, public_id=public_id, size=size)
