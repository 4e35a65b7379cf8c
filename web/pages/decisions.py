"""What was decided about oneself, and what became of what one reported: for oneself alone, suspended or not."""

from flask import Blueprint, abort, render_template

from instance import decisions, reports
from web.frame import context, entrance
from web.views import decisions as views

pages = Blueprint("decisions", __name__)


@pages.get("/account/decisions")
def index() -> str:
    """Decisions about oneself with their reasons and how to object; a suspended account reads this and nothing else."""
    home, resident = context.home(), context.resident() or entrance.locked_out()
    if resident is None:
        abort(401)
    return render_template(
        "account/decisions.html",
        locked_out=context.resident() is None,
        until=resident.suspended_until,
        decisions=[views.told(one) for one in decisions.of_resident(home, resident=resident)],
        filed=[views.filed(one) for one in reports.filed_by(home, resident=resident)],
    )
