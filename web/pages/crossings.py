"""The boundary's audit book: what was decided about each change, what is still to deliver, what was refused."""

from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import select
from werkzeug.wrappers import Response

from federation import delivery, patience
from federation.models import Delivery, Peer
from instance import journal
from instance.journal import Outcome
from web.frame import context, guards
from web.views import traffic

pages = Blueprint("crossings", __name__, url_prefix="/admin/crossings")
pages.before_request(guards.administrators_only)

SHOWN: Final = 50
ICONS: Final = {
    Outcome.ANNOUNCE: "globe",
    Outcome.RETRACT: "x",
    Outcome.WITHHOLD: "house",
    Outcome.POST: "mail",
    Outcome.PROFILE: "globe",
}


@pages.get("")
def index() -> str:
    """The newest lines of each of the three lists."""
    home, outside = context.home(), context.federation()
    return render_template(
        "crossings/index.html",
        lines=[traffic.line(home, change=one) for one in journal.latest(home, limit=SHOWN)],
        icons=ICONS,
        parcels=traffic.parcels(outside, limit=SHOWN),
        letters=traffic.arrivals(outside, limit=SHOWN),
    )


@pages.post("/deliveries/<int:delivery_id>/replay")
def replay(delivery_id: int) -> Response:
    """Try again what was given up or refused."""
    row = context.federation().get(Delivery, delivery_id)
    if row is None:
        abort(404)
    if delivery.replay(context.federation(), delivery=row, now=context.now()):
        context.commit_federation()
        flash(gettext("It is tried again."))
    else:
        flash(gettext("There is nothing to send any more."))
    return redirect(url_for("crossings.index"))


@pages.post("/towns/<host>/replay")
def replay_all(host: str) -> Response:
    """Try everything again that failed at one town."""
    _known(host)
    again = delivery.replay_all(context.federation(), host=host, now=context.now())
    context.commit_federation()
    flash(ngettext("%(num)d parcel is tried again.", "%(num)d parcels are tried again.", again))
    return redirect(url_for("accords.town", host=host))


@pages.post("/towns/<host>/purge")
def purge(host: str) -> Response:
    """Have nothing wait for a town any more but withdrawals, and forget what failed there."""
    _known(host)
    gone = patience.purge(context.federation(), host=host)
    context.commit_federation()
    flash(ngettext("%(num)d parcel is given up.", "%(num)d parcels are given up.", gone))
    return redirect(url_for("accords.town", host=host))


def _known(host: str) -> None:
    if context.federation().scalar(select(Peer.id).where(Peer.host == host)) is None:
        abort(404)
