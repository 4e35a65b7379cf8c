"""The time and reach of one's own notices: found somebody, no further, longer; by links in a mail, their words, too."""

import uuid
from collections.abc import Callable

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from instance import endings, notices, rings
from instance.audience import Audience
from instance.base import Refused
from instance.listings import Listing
from instance.residents import Resident, State
from web.frame import context, moments
from web.mail import links
from web.mail.links import Act
from web.pages import notices as notice_pages
from web.pages import refusals
from web.pages.notice_forms import EditListingForm

pages = Blueprint("asking", __name__)


@pages.post("/notices/<uuid:public_id>/found")
def found(public_id: uuid.UUID) -> Response:
    """Somebody was found: the request comes down wherever it got."""
    return _do(
        public_id,
        lambda listing, by: rings.found(context.home(), listing=listing, by=by, now=context.now()),
        said=gettext("Good to hear. Your request is taken down, wherever it got."),
    )


@pages.post("/notices/<uuid:public_id>/stay")
def stay(public_id: uuid.UUID) -> Response:
    """No further than now."""
    return _do(
        public_id,
        lambda listing, by: rings.stay(context.home(), listing=listing, by=by),
        said=gettext("It goes no further. Whoever sees it now still does."),
    )


@pages.post("/notices/<uuid:public_id>/renew")
def renew(public_id: uuid.UUID) -> Response:
    """Let it hang longer."""
    return _do(
        public_id,
        lambda listing, by: endings.renew(context.home(), listing=listing, by=by, now=context.now()),
        said=gettext("Your notice hangs longer now."),
    )


def _do(public_id: uuid.UUID, act: Callable[[Listing, Resident], None], *, said: str) -> Response:
    resident = context.require_resident()
    listing = notice_pages.find_own(public_id, resident=resident)
    if not isinstance(listing, Listing):
        raise Refused("not_found")
    try:
        act(listing, resident)
    except Refused as refused:
        context.rollback()
        said = refusals.sentence(refused.code)
    else:
        context.commit()
    flash(said)
    return redirect(url_for("notices.mine"))


# --- by a link in a mail, without signing in


@pages.route("/notices/<uuid:public_id>/renew/<seal>", methods=["GET", "POST"])
def renew_by_link(public_id: uuid.UUID, seal: str) -> str | tuple[str, int]:
    """Say until when it would hang; the button does it."""
    listing = _sealed(public_id, act=Act.RENEW, seal=seal)
    longer = endings.renewed_until(listing, now=context.now()) if listing is not None else None
    if listing is None or listing.author is None or longer is None:
        return _dead()
    heading = gettext("Let your notice hang longer?")
    said = gettext("It would hang until %(day)s.", day=moments.day(longer))
    if request.method == "GET":
        return _page(heading=heading, said=said, label=gettext("Let it hang longer"))
    try:
        endings.renew(context.home(), listing=listing, by=listing.author, now=context.now())
    except Refused:  # somebody was faster, with the same link
        return _dead()
    context.commit()
    return _page(
        heading=gettext("Your notice hangs longer now"), said=gettext("Until %(day)s.", day=moments.day(longer))
    )


@pages.route("/notices/<uuid:public_id>/close/<seal>", methods=["GET", "POST"])
def close_by_link(public_id: uuid.UUID, seal: str) -> str | tuple[str, int]:
    """Say that it would come down; the button does it."""
    listing = _sealed(public_id, act=Act.CLOSE, seal=seal)
    if listing is None or listing.author is None:
        return _dead()
    if request.method == "GET":
        return _page(
            heading=gettext("Take your notice down?"),
            said=gettext("It comes down now, wherever it got."),
            label=gettext("Take it down"),
        )
    try:
        notices.withdraw(context.home(), notice=listing, by=listing.author, now=context.now())
    except Refused:
        return _dead()
    context.commit()
    return _page(heading=gettext("Your notice is taken down"), said=gettext("Thank you for telling your neighbours."))


@pages.route("/notices/<uuid:public_id>/edit/<seal>", methods=["GET", "POST"])
def edit_by_link(public_id: uuid.UUID, seal: str) -> Response | tuple[str, int]:
    """Show its author's words; the button changes them, and nothing else, where they leave town after a second look."""
    listing = _sealed(public_id, act=Act.EDIT, seal=seal)
    if listing is None or listing.author is None:
        return _dead()
    form = EditListingForm(obj=listing)
    if request.form.get("step") == "edit" or not form.validate_on_submit():
        return _words(form)
    version = listing.version
    try:
        words = {"title": form.title.data or "", "body": form.body.data or ""}
        notices.edit(context.home(), notice=listing, by=listing.author, now=context.now(), **words)
    except Refused as refused:
        context.rollback()
        form.refuse(refused)
        return _words(form)
    if listing.version != version + 1:  # somebody was faster
        return _dead()
    if listing.audience is Audience.NETWORK and request.form.get("step") != "publish":
        return _unkept(notice_pages.preview(listing, form=form))
    context.commit()
    return _unkept(_page(heading=gettext("Your change is on the board"), said=gettext("This link is used up.")))


def _words(form: EditListingForm) -> Response:
    return _unkept(render_template("asking/words_by_link.html", form=form))


def _unkept(page: str) -> Response:
    # A page with words on it, for whoever holds the link: no browser keeps it for the next one.
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store, private"
    return answer


def _sealed(public_id: uuid.UUID, *, act: Act, seal: str) -> Listing | None:
    """The live notice that this link was made for, as it was then; None for any other, whatever it is."""
    kept = notices.by_public_id(context.home(), public_id=public_id)
    version = kept.version if kept is not None else 0
    if not links.opens_notice(context.settings(), act=act, public_id=public_id, version=version, seal=seal):
        return None
    if not isinstance(kept, Listing) or not kept.is_live or kept.author is None or kept.author.state != State.ACTIVE:
        return None
    return kept


def _dead() -> tuple[str, int]:
    context.rollback()
    said = gettext("The notice changed since this link was sent, or it is down already. It waits under “My notices”.")
    return _page(heading=gettext("This link no longer works"), said=said), 410


def _page(*, heading: str, said: str, label: str | None = None) -> str:
    # Not a word of the notice: whoever has the link may do this one thing and read nothing.
    return render_template("asking/by_link.html", heading=heading, said=said, label=label)
