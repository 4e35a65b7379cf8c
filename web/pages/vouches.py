"""Who answers for whom, saw whose document or noted it, for staff of other buildings; and ending that with a reason."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from instance import vouching
from instance.assurance import Kind
from instance.vouching import Link
from web.frame import context, guards
from web.pages.verdicts import ReasonForm

pages = Blueprint("vouches", __name__, url_prefix="/moderation/vouches")
pages.before_request(guards.moderators_only)

STRETCH: Final = 50
SAID: Final = {
    Kind.VOUCHED: lazy_gettext("%(voucher)s answers for %(newcomer)s"),
    Kind.CHECKED: lazy_gettext("%(voucher)s saw a document of %(newcomer)s"),
    Kind.NOTE: lazy_gettext("%(voucher)s knows %(newcomer)s"),
    Kind.LOT_LIST: lazy_gettext("%(voucher)s found %(newcomer)s on the list of lots"),
}
ENDING: Final = {
    Kind.VOUCHED: lazy_gettext("End a neighbour’s word"),
    Kind.CHECKED: lazy_gettext("End a check"),
    Kind.NOTE: lazy_gettext("End an administrator’s note"),
    Kind.LOT_LIST: lazy_gettext("Take somebody off the list of lots"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One link of the chain, by first names and initials: what it says, and what ending it is called.

    `counts`: not while the account of whoever answers is suspended.
    """

    public_id: uuid.UUID
    newcomer: str
    voucher: str
    building: str
    since: datetime
    said: str
    ending: str
    counts: bool


def line(link: Link) -> Line:
    """A link as moderators read it."""
    kind = Kind(link.proof.kind)
    return Line(
        public_id=link.proof.public_id,
        newcomer=link.newcomer.short_name,
        voucher=link.voucher.short_name,
        building=link.building.name,
        since=link.proof.created_at,
        said=str(SAID[kind]) % {"voucher": link.voucher.short_name, "newcomer": link.newcomer.short_name},
        ending=str(ENDING[kind]),
        counts=link.counts,
    )


def _after() -> uuid.UUID | None:
    try:
        return uuid.UUID(request.args.get("after", ""))
    except ValueError:
        return None


@pages.get("")
def index() -> str:
    """The newest first, a stretch at a time."""
    me = context.require_resident()
    found = vouching.chain(context.home(), reader=me, after=_after(), limit=STRETCH + 1)
    shown = [line(one) for one in found[:STRETCH]]
    further = shown[-1].public_id if len(found) > STRETCH else None
    return render_template("joining/vouches.html", lines=shown, further=further)


@pages.route("/<uuid:public_id>", methods=["GET", "POST"])
def end(public_id: uuid.UUID) -> str | Response:
    """Say why, then the newcomer's level falls at once; the reason is told to them."""
    me = context.require_resident()
    link = vouching.find(context.home(), public_id=public_id, reader=me)
    form = ReasonForm()
    if form.carry_out(
        lambda: vouching.end(
            context.home(), public_id=public_id, reason=form.reason.data or "", by=me, now=context.now()
        )
    ):
        flash(gettext("It counts no more. The reason is in the book."))
        return redirect(url_for("vouches.index"))
    return render_template("joining/vouch_end.html", form=form, line=line(link))
