"""Letterbox codes on paper: shown once, to whoever prints them, who never learns who used them.

One submission makes the codes and gives them in the form asked for: a page, or a PDF of letters or of slips. So no
second look at the same codes exists, and whoever wants another form makes new codes, which void the first ones.
"""

import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, flash, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, to_user_timezone
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from instance import moving, places, verification
from instance.base import Refused
from instance.places import Building, Lot
from web.frame import context
from web.frame.forms import PageForm
from web.sheets import press
from web.sheets.order import Letterbox, Order, Paper


class LotForm(PageForm):
    """One lot of the building."""

    lot = SelectField(lazy_gettext("Lot"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """Codes just made, until when they open, the building they are for, and the page they were asked for on."""

    building: Building
    letterboxes: Sequence[Letterbox]
    until: datetime
    back: str


def form(building: Building) -> LotForm:
    """The lots of a building, to choose one. Several such forms may stand on a page."""
    made = LotForm(None)
    made.lot.id = f"lot-{building.public_id.hex[:8]}"
    made.lot.choices = [SelectChoice(one.number, one.number) for one in building.lots]
    return made


def one(building: Building, *, back: str) -> str | Response:
    """A letter for one lot, whoever lives there already: a second person, or a new tenant.

    After a change of tenant whoever lived there is asked, on their own pages, whether they still do. Raises
    Refused("not_found").
    """
    wanted = [lot for lot in building.lots if lot.number == request.form.get("lot")]
    if not wanted:
        raise Refused("not_found")
    if request.form.get("former") == "ask":
        moving.ask_about(context.home(), lot=wanted[0], now=context.now())
    return _sheet(building, lots=wanted, back=back)


def every(building: Building, *, back: str) -> str | Response:
    """A letter for every lot, in the order of the letterboxes.

    A lot that were missing would say that somebody signed up there. Where somebody has, the code is for one more.
    """
    return _sheet(building, lots=places.walked(building.lots), back=back)


def _sheet(building: Building, *, lots: Iterable[Lot], back: str) -> str | Response:
    now = context.now()
    made = verification.issue_all(context.home(), lots=lots, pepper=context.letterbox_pepper(), now=now)
    issued = Issued(
        building=building,
        letterboxes=[Letterbox(lot=lot.number, code=code) for lot, code in made],
        until=now + verification.VALID_FOR,
        back=back,
    )
    wish = request.form.get("paper")
    order = _order(issued, paper=Paper(wish)) if wish in set(Paper) else None
    # Kept before they are drawn: no transaction stays open while two thousand letters are.
    context.commit()
    return _page(issued) if order is None else _pdf(order, issued=issued)


def _page(issued: Issued) -> str:
    return render_template(
        "letters/sheet.html",
        building_name=issued.building.name,
        street=issued.building.street,
        back=issued.back,
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
