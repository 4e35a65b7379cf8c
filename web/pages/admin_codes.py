"""Letterbox codes on paper: shown once, to whoever prints them, who never learns who used them."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template, request, url_for

from instance import places, residents, verification
from instance.base import Refused
from instance.places import Building, Lot
from web.frame import context, guards

pages = Blueprint("codes", __name__, url_prefix="/admin")
pages.before_request(guards.administrators_only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One slip of paper for one letterbox."""

    lot: str
    code: str


@pages.post("/buildings/<uuid:public_id>/codes")
def one(public_id: uuid.UUID) -> str:
    """A letter for one lot, whoever lives there already: a second person, or a new tenant."""
    building = places.building(context.home(), public_id=public_id)
    wanted = [lot for lot in building.lots if lot.number == request.form.get("lot")]
    if not wanted:
        raise Refused("not_found")
    return _sheet(building, lots=wanted)


@pages.post("/buildings/<uuid:public_id>/codes/sheet")
def sheet(public_id: uuid.UUID) -> str:
    """A letter for each lot where nobody has signed up, in the order of the letterboxes."""
    building = places.building(context.home(), public_id=public_id)
    return _sheet(building, lots=residents.empty_lots(context.home(), building=building))


def _sheet(building: Building, *, lots: Iterable[Lot]) -> str:
    now = context.now()
    issued = verification.issue_all(context.home(), lots=lots, pepper=context.letterbox_pepper(), now=now)
    context.commit()
    return render_template(
        "admin/letters.html",
        building_name=building.name,
        street=building.street,
        back=url_for("places.building", public_id=building.public_id),
        letters=[Letter(lot=lot.number, code=code) for lot, code in issued],
        address=context.absolute(url_for("account.join")),
        until=now + verification.VALID_FOR,
    )
