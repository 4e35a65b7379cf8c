"""Who answers for whom and saw whose document, for moderators of other buildings; and ending that with a reason."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from instance import vouching
from instance.assurance import Kind
from instance.vouching import Link
from web.frame import context, guards
from web.pages.verdicts import ReasonForm

pages = Blueprint("vouches", __name__, url_prefix="/moderation/vouches")
pages.before_request(guards.moderators_only)

STRETCH: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One link of the chain, by first names and initials; `checked`: an administrator saw a document.

    `counts`: not while the account of whoever answers is suspended.
    """

    public_id: uuid.UUID
    newcomer: str
    voucher: str
    building: str
    since: datetime
    checked: bool
    counts: bool


def line(link: Link) -> Line:
    """A link as moderators read it."""
    return Line(
        public_id=link.proof.public_id,
        newcomer=link.newcomer.short_name,
        voucher=link.voucher.short_name,
        building=link.building.name,
        since=link.proof.created_at,
        checked=link.proof.kind == Kind.CHECKED,
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
