"""The erasure ledger for administrators: what was withdrawn, from whom, and who confirmed it; without its words."""

import uuid
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from federation import ledger
from instance import residents
from web.acts import farewells
from web.frame import context, guards
from web.pages.verdicts import ReasonForm
from web.views import removals

pages = Blueprint("erasures", __name__, url_prefix="/admin")
pages.before_request(guards.administrators_only)

SHOWN: Final = 50


@pages.get("/erasures")
def index() -> str:
    """What was withdrawn from others, newest first, a stretch at a time."""
    found = ledger.withdrawn(context.federation(), before=context.before(), limit=SHOWN + 1)
    shown = found[:SHOWN]
    return render_template(
        "erasures/index.html",
        removals=[removals.removal(one) for one in shown],
        further=shown[-1].key if len(found) > SHOWN else None,
    )


@pages.get("/erasures/<uuid:public_id>")
def report(public_id: uuid.UUID) -> str:
    """The report of one withdrawal, by its notice, to be printed for whoever asked for it."""
    entry = ledger.find(context.federation(), notice=public_id)
    if entry is None or entry.withdrawn_at is None:
        abort(404)
    return render_template(
        "erasures/report.html",
        removal=removals.removal(entry),
        now=context.now(),
        years=ledger.KEPT.days // 365,
    )


@pages.route("/accounts/<uuid:public_id>/take-back", methods=["GET", "POST"])
def take_back(public_id: uuid.UUID) -> str | Response:
    """Take back everything of somebody who asks for it and cannot do it by themselves."""
    account, form = residents.find(context.home(), public_id=public_id), ReasonForm()
    if done := form.carry_out(
        lambda: farewells.take_back_for(
            context.home(),
            outside=context.federation(),
            author=account,
            reason=form.reason.data or "",
            by=context.require_resident(),
            now=context.now(),
        )
    ):
        taken = ngettext("%(num)d notice is taken down", "%(num)d notices are taken down", done.what.notices)
        stopped = ngettext("%(num)d letter is stopped", "%(num)d letters are stopped", done.what.letters)
        flash(gettext("%(taken)s, %(stopped)s.", taken=taken, stopped=stopped))
        return redirect(url_for("accounts.account", public_id=public_id))
    return render_template("erasures/take_back.html", form=form, login=account.login, public_id=public_id)
