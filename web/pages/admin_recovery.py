"""A recovery card for somebody who stands before an administrator; entered in the moderators' book."""

import uuid

from flask import Blueprint, render_template

from instance import recovery, residents
from web.frame import context, guards
from web.mail import links
from web.pages import recovery as recovery_pages
from web.pages.verdicts import ReasonForm

pages = Blueprint("admin_recovery", __name__, url_prefix="/admin/accounts")
pages.before_request(guards.administrators_only)


@pages.route("/<uuid:public_id>/card", methods=["GET", "POST"])
def card(public_id: uuid.UUID) -> str:
    """Say why, then print."""
    resident, form = residents.find(context.home(), public_id=public_id), ReasonForm()
    if done := form.carry_out(
        lambda: recovery.issue_for(
            context.home(),
            resident=resident,
            by=context.require_resident(),
            reason=form.reason.data or "",
            pepper=links.card_pepper(context.settings()),
            now=context.now(),
        )
    ):
        return recovery_pages.card_page(done.what, resident=resident, days=recovery.STAFF_CARD_FOR.days)
    return render_template("admin/card.html", form=form, login=resident.login, public_id=public_id)
