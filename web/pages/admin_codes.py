"""Letterbox codes on paper: shown once, to whoever prints them, who never learns who used them.

One submission makes the codes and gives them in the form asked for: a page, or a PDF of letters or of slips. So no
second look at the same codes exists, and whoever wants another form makes new codes, which void the first ones.
"""

import subprocess
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, current_app, flash, render_template, request, url_for
from flask_babel import gettext, to_user_timezone
from werkzeug.wrappers import Response

from instance import moving, places, residents, verification
from instance.base import Refused
from instance.places import Building, Lot
from web.frame import context, guards
from web.sheets import press
from web.sheets.order import Letterbox, Order, Paper

pages = Blueprint("codes", __name__, url_prefix="/admin")
pages.before_request(guards.administrators_only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """Codes just made, until when they open, and the building they are for."""

    building: Building
    letterboxes: Sequence[Letterbox]
    until: datetime


@pages.post("/buildings/<uuid:public_id>/codes")
def one(public_id: uuid.UUID) -> str | Response:
    """A letter for one lot, whoever lives there already: a second person, or a new tenant.

    After a change of tenant whoever lived there is asked, on their own pages, whether they still do.
    """
    building = places.building(context.home(), public_id=public_id)
    wanted = [lot for lot in building.lots if lot.number == request.form.get("lot")]
    if not wanted:
        raise Refused("not_found")
    if request.form.get("former") == "ask":
        moving.ask_about(context.home(), lot=wanted[0], now=context.now())
    return _sheet(building, lots=wanted)


@pages.post("/buildings/<uuid:public_id>/codes/sheet")
def sheet(public_id: uuid.UUID) -> str | Response:
    """A letter for each lot where nobody has signed up, in the order of the letterboxes."""
    building = places.building(context.home(), public_id=public_id)
    return _sheet(building, lots=residents.empty_lots(context.home(), building=building))


def _sheet(building: Building, *, lots: Iterable[Lot]) -> str | Response:
    now = context.now()
    made = verification.issue_all(context.home(), lots=lots, pepper=context.letterbox_pepper(), now=now)
    issued = Issued(
        building=building,
        letterboxes=[Letterbox(lot=lot.number, code=code) for lot, code in made],
        until=now + verification.VALID_FOR,
    )
    wish = request.form.get("paper")
    order = _order(issued, paper=Paper(wish)) if made and wish in set(Paper) else None
    # Kept before they are drawn: no transaction stays open while two thousand letters are.
    context.commit()
    return _page(issued) if order is None else _pdf(order, issued=issued)


def _page(issued: Issued) -> str:
    return render_template(
        "admin/letters.html",
        building_name=issued.building.name,
        street=issued.building.street,
        back=url_for("places.building", public_id=issued.building.public_id),
        letters=issued.letterboxes,
        address=context.absolute(url_for("account.join")),
        until=issued.until,
    )


def _order(issued: Issued, *, paper: Paper) -> Order:
    settings, building = context.settings(), issued.building
    return Order(
        paper=paper,
        locale=settings.default_locale,
        place=settings.name,
        building=building.name,
        street=building.street,
        town=f"{building.postcode} {building.quarter.city.name}",
        address=context.absolute(url_for("account.join")),
        until=to_user_timezone(issued.until).date(),
        contact=settings.contact_email,
        letterboxes=issued.letterboxes,
        delivered=None if building.stands(now=context.now()) else building.delivered_on,
    )


def _pdf(order: Order, *, issued: Issued) -> str | Response:
    try:
        drawn = press.draw(order)
    except (OSError, subprocess.SubprocessError):
        # What the process said is on the standard error of this one; the order holds codes and is not logged.
        current_app.logger.error("a sheet of %d letters could not be drawn", len(order.letterboxes))
        flash(gettext("The PDF could not be made. The same codes are on this page: print it instead."))
        return _page(issued)
    answer = Response(drawn, mimetype="application/pdf")
    name = f"{order.paper}-{places.slug_of(order.building) or 'palier'}.pdf"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer
