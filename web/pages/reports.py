"""The one way to report a notice, a comment, a letter or a loan to those who look after the board."""

import uuid

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from instance import reports
from instance.base import Refused
from instance.evidence import Target
from web.frame import context
from web.pages.notice_forms import ReportForm

pages = Blueprint("reports", __name__)


@pages.route("/report/<target>/<uuid:public_id>", methods=["GET", "POST"])
def report(target: str, public_id: uuid.UUID) -> str | Response:
    """Say what is wrong with something one can see."""
    resident = context.require_resident()
    what = _target(target)
    excerpt = reports.preview(
        context.home(), target=what, public_id=public_id, reader=context.reader(), now=context.now()
    )
    form = ReportForm()
    if form.carry_out(
        lambda: reports.report(
            context.home(),
            target=what,
            public_id=public_id,
            reason=form.reason.data,
            by=resident,
            reader=context.reader(),
            now=context.now(),
        )
    ):
        return redirect(url_for("reports.thanks"))
    return render_template("reports/report.html", form=form, excerpt=excerpt, photos=what is Target.LOAN)


def _target(word: str) -> Target:
    try:
        return Target(word)
    except ValueError:
        raise Refused("not_found") from None


@pages.get("/report/thanks")
def thanks() -> str:
    """It has been received; nothing is promised."""
    return render_template("reports/thanks.html")
