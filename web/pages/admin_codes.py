"""Letters for the letterboxes of any building, for administrators."""

import uuid

from flask import Blueprint, url_for
from werkzeug.wrappers import Response

from instance import places
from web.frame import context, guards
from web.pages import lettering

pages = Blueprint("codes", __name__, url_prefix="/admin")
pages.before_request(guards.administrators_only)


@pages.post("/buildings/<uuid:public_id>/codes")
def one(public_id: uuid.UUID) -> str | Response:
    """A letter for one lot."""
    return lettering.one(places.building(context.home(), public_id=public_id), back=_back(public_id))


@pages.post("/buildings/<uuid:public_id>/codes/sheet")
def sheet(public_id: uuid.UUID) -> str | Response:
    """A letter for every lot."""
    return lettering.every(places.building(context.home(), public_id=public_id), back=_back(public_id))


def _back(public_id: uuid.UUID) -> str:
    return url_for("places.building", public_id=public_id)
