"""One's own e-mail address and what is written to it: confirming, changing, and stopping without signing in."""

import uuid
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from instance import addresses, mailboxes, residents
from instance.base import Refused
from instance.residents import Resident
from web.frame import context
from web.mail import links
from web.pages import refusals

pages = Blueprint("mail_settings", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What the account page shows of mail. `waiting` is an address whose link nobody opened yet."""

    sends: bool
    proved: str | None
    waiting: str | None
    unproved: str | None
    hears_answers: bool


def section() -> Section:
    """One's own mail, as the account page shows it."""
    resident = context.require_resident()
    box = mailboxes.of(context.home(), resident=resident)
    return Section(
        sends=_sends(),
        proved=box.address if box is not None else None,
        waiting=addresses.waiting(context.home(), resident=resident, now=context.now()),
        unproved=resident.email if box is None else None,
        hears_answers=box is not None and box.hears_answers,
    )


def _sends() -> bool:
    return bool(context.settings().smtp_url)


def at_once(email: str | None) -> str | None:
    """The address that counts before anybody proved it: the one given where no mail can be sent, else none."""
    return None if _sends() else email or None


def ask(resident: Resident, *, email: str | None) -> bool:
    """Send a link to an address given at sign-up, if there is a relay. Raises Refused (email_shape, mail_often)."""
    if not _sends() or not (email or "").strip():
        return False
    return addresses.ask(context.home(), resident=resident, address=email or "", now=context.now()) is not None


def change(resident: Resident, *, email: str | None) -> str | None:
    """Change or remove one's address; the sentence to show if a link is on its way to a new one.

    Raises Refused (email_shape, email_taken, mail_often), each at the field "email".
    """
    email = (email or "").strip()
    if email == (resident.email or ""):
        return None
    if not email:
        addresses.remove(context.home(), resident=resident, now=context.now())
    elif not _sends():
        residents.set_email(context.home(), resident=resident, email=email)
    elif addresses.ask(context.home(), resident=resident, address=email, now=context.now()) is not None:
        return gettext("A mail is on its way to %(email)s. The address counts once you open its link.", email=email)
    return None


@pages.post("/account/mail")
def hear_answers() -> Response:
    """Write to me when somebody answers, or do not."""
    wanted = "hears_answers" in request.form
    mailboxes.hear_answers(context.home(), resident=context.require_resident(), wanted=wanted)
    context.commit()
    flash(gettext("Your settings are kept."))
    return redirect(url_for("account.account"))


@pages.post("/account/mail/again")
def again() -> Response:
    """Send the link again: to the address that waits, or to the one nobody ever proved."""
    resident, mine = context.require_resident(), section()
    address = mine.waiting or mine.unproved
    if not mine.sends or address is None:
        abort(404)
    try:
        addresses.ask(context.home(), resident=resident, address=address, now=context.now())
    except Refused as refused:
        context.rollback()
        flash(refusals.sentence(refused.code))
    else:
        context.commit()
        flash(gettext("A mail is on its way to %(email)s. The address counts once you open its link.", email=address))
    return redirect(url_for("account.account"))


@pages.route("/mail/confirm/<token>", methods=["GET", "POST"])
def confirm(token: str) -> str | Response | tuple[str, int]:
    """Confirm an address. Opening the link asks, the button confirms: mail programs open links by themselves."""
    if request.method == "GET":
        return render_template("account/confirm_address.html")
    try:
        addresses.confirm(context.home(), token=token, key=links.key(context.settings()), now=context.now())
    except Refused as refused:
        context.rollback()
        return render_template("recovery/dead.html", again="/account", said=refusals.sentence(refused.code)), 410
    context.commit()
    flash(gettext("Your e-mail address is confirmed."))
    return redirect(url_for("account.account"))


@pages.route("/mail/stop/<uuid:public_id>/<seal>", methods=["GET", "POST"])
def stop(public_id: uuid.UUID, seal: str) -> str:
    """Stop "somebody answered you" without signing in; POST alone does it (RFC 8058), GET asks.

    Needs no token of a form: whoever has the link may do this one thing, and a mail program sends it for them.
    """
    if not links.opens_stop(context.settings(), public_id=public_id, seal=seal):
        abort(404)
    if request.method == "GET":
        return render_template("account/stop.html", stopped=False)
    resident = residents.find(context.home(), public_id=public_id)
    mailboxes.hear_answers(context.home(), resident=resident, wanted=False)
    context.commit()
    return render_template("account/stop.html", stopped=True)
