"""Where one's own notices went beyond the town, who confirmed that they are gone, and taking all of them back."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response

from federation import ledger
from instance import notices, recalls
from instance.base import Refused
from instance.notices import Notice
from web.acts import farewells
from web.frame import context
from web.frame.forms import PageForm
from web.views import removals

pages = Blueprint("removals", __name__)
SHOWN = 50


@pages.get("/mine/away")
def index() -> str:
    """What one let go beyond the town, and how each stands there."""
    held = recalls.sent_away(
        context.home(), author=context.require_resident(), before=context.before(), limit=SHOWN + 1
    )
    shown = held[:SHOWN]
    entries = ledger.of_notices(context.outside(), notices=[one.public_id for one in shown])
    return render_template(
        "removals/index.html",
        own=removals.own(shown, entries=entries),
        further=shown[-1].id if len(held) > SHOWN else None,
        anything=any(one.is_live for one in shown) or len(held) > SHOWN,
    )


@pages.get("/notices/<uuid:public_id>/away")
def notice(public_id: uuid.UUID) -> str:
    """Where one notice of one's own went; for anybody else the same answer as for none."""
    found = _own(public_id)
    entry = ledger.find(context.outside(), notice=public_id)
    return render_template(
        "removals/notice.html",
        title=found.title,
        summary=removals.summary(entry),
        removal=removals.removal(entry) if entry is not None else None,
        years=ledger.KEPT.days // 365,
    )


def _own(public_id: uuid.UUID) -> Notice:
    """A notice of one's own, also one that moderators took down. Raises Refused("not_found")."""
    found = notices.by_public_id(context.home(), public_id=public_id)
    if found is None or not notices.may_change(context.home(), notice=found, by=context.require_resident()):
        raise Refused("not_found")
    return found


@pages.route("/mine/away/take-back", methods=["GET", "POST"])
def take_back() -> str | Response:
    """Ask once, then take everything back."""
    resident = context.require_resident()
    if request.method == "GET":
        return render_template("removals/take_back.html", form=PageForm(None))
    done = farewells.take_back(context.home(), outside=context.federation(), author=resident, now=context.now())
    context.commit()
    taken = ngettext("%(num)d notice is taken down", "%(num)d notices are taken down", done.notices)
    stopped = ngettext("%(num)d letter is stopped", "%(num)d letters are stopped", done.letters)
    flash(gettext("%(taken)s, %(stopped)s. This page says who confirms it.", taken=taken, stopped=stopped))
    return redirect(url_for("removals.index"))
