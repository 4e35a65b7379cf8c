"""Pictures of notices from other towns, from our own addresses: no reader's machine ever asks another town for one.

Where the place has a second host for them, they are there for whoever knows the name that was drawn by lot: a browser
has no cookie for that host, and the picture is public where it came from.
"""

import uuid

from flask import Blueprint
from werkzeug.wrappers import Response

from instance import clippings
from instance.clippings import Clipping
from web.frame import context, darkroom, media

pages = Blueprint("clippings", __name__)

# Drawn anew, they can do nothing; a browser that opens one as a page is told so once more.
SANDBOX = "default-src 'none'; sandbox; frame-ancestors 'none'"


@pages.get("/clippings/<uuid:public_id>")
def clipping(public_id: uuid.UUID) -> Response:
    """The picture itself (`?size=small` the small one), for whoever sees its notice."""
    return _answer(clippings.find(context.home(), public_id=public_id, reader=context.reader()))


@pages.get(f"{media.FOLDER}/<uuid:public_id>")
def picture(public_id: uuid.UUID) -> Response:
    """The same at the second host, as long as its notice hangs; at the host of the pages there is none."""
    media.require()
    answer = _answer(clippings.hanging(context.home(), public_id=public_id))
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _answer(found: Clipping) -> Response:
    answer = darkroom.answer(context.settings().home_data / clippings.FOLDER, name=found.public_id)
    answer.headers["Content-Security-Policy"] = SANDBOX
    answer.headers["Content-Disposition"] = f'inline; filename="{found.public_id}.jpg"'
    return answer
