"""A forgotten password: asking for a link by mail, choosing a new one by the link, or with a recovery card."""

from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from instance import logins, recovery, second_factor
from instance.base import Refused
from instance.residents import Resident
from web.frame import browsers, context, entrance, freshness
from web.frame.forms import PageForm
from web.mail import links

pages = Blueprint("recovery", __name__)

NEEDED: Final = lazy_gettext("Fill in this field.")


class AskForm(PageForm):
    """Who forgot."""

    name = StringField(lazy_gettext("Login name or e-mail address"), [InputRequired(NEEDED)])


class NewPasswordForm(PageForm):
    """The new password."""

    new = PasswordField(lazy_gettext("New password"), [InputRequired(NEEDED)])


class CardForm(NewPasswordForm):
    """The code of a card, and the new password."""

    code = StringField(lazy_gettext("Code of the card"), [InputRequired(NEEDED)])


class MakeCardForm(PageForm):
    """A button."""


def sends_mail() -> bool:
    """Whether this place has a relay."""
    return bool(context.settings().smtp_url)


@pages.route("/recover", methods=["GET", "POST"])
def ask() -> str | Response:
    """Both ways; by mail, the same answer whether or not there is such an account."""
    form = AskForm()
    if form.is_submitted() and not sends_mail():
        abort(404)
    if form.carry_out(lambda: recovery.ask(context.home(), name=form.name.data, now=context.now())):
        return redirect(url_for("recovery.asked"))
    return render_template("recovery/ask.html", form=form, by_mail=sends_mail())


@pages.get("/recover/asked")
def asked() -> str:
    """What happens now, for everybody the same."""
    return render_template("recovery/asked.html")


@pages.route("/recover/link/<token>", methods=["GET", "POST"])
def by_link(token: str) -> str | Response | tuple[str, int]:
    """Choose a new password with the link of a mail; looking uses nothing up, because mail programs look first."""
    form, key = NewPasswordForm(), links.key(context.settings())
    try:
        if not form.validate_on_submit():
            recovery.open_link(context.home(), token=token, key=key, now=context.now())
            return render_template("recovery/by_link.html", form=form)
        recovery.reset(context.home(), token=token, key=key, new=form.new.data, now=context.now())
    except Refused as refused:
        context.rollback()
        if refused.code == "link_dead":
            return render_template("recovery/dead.html", again=url_for("recovery.ask")), 410
        form.refuse(refused)
        return render_template("recovery/by_link.html", form=form)
    context.commit()
    flash(gettext("Your password is changed. All browsers are signed out: sign in with the new one."))
    return redirect(url_for("account.sign_in"))


@pages.route("/recover/card", methods=["GET", "POST"])
def by_card() -> str | Response:
    """Choose a new password with a recovery card: it is used up, and the next one is printed."""
    form = CardForm()
    if form.validate_on_submit():
        found = recovery.check(context.home(), code=form.code.data, pepper=_pepper(), now=context.now())
        if isinstance(found, recovery.Good):
            return _redeem(form, found.card)
        # The same for a card that never was, one that is over, and one with a wrong letter.
        form.refuse(Refused("card_dead", field="code"))
        context.commit()  # a wrong try is counted, whatever comes next
    return render_template("recovery/by_card.html", form=form)


def _redeem(form: CardForm, card: recovery.RecoveryCard) -> str:
    try:
        code = recovery.redeem(context.home(), card=card, new=form.new.data, pepper=_pepper(), now=context.now())
    except Refused as refused:
        context.rollback()
        form.refuse(refused)
        return render_template("recovery/by_card.html", form=form)
    resident = card.resident
    # A card stands for the password and for nothing more: a second step is still asked for, at the next sign-in.
    if second_factor.is_on(context.home(), resident=resident):
        context.commit()
    else:
        token = logins.open_login(context.home(), resident=resident, now=context.now(), browser=browsers.present())
        context.commit()
        entrance.open_browser(resident=resident, token=token)
    return card_page(code, resident=resident, first=gettext("Your password is changed, and the old card is used up."))


@pages.route("/account/card", methods=["GET", "POST"])
def make_card() -> str | Response:
    """Print a card for oneself; the one before no longer works."""
    resident, form = context.require_resident(), MakeCardForm()
    if form.validate_on_submit():
        # Whoever finds an open browser must not be able to print the key to the account.
        if (asked_again := freshness.ask()) is not None:
            return asked_again
        code = recovery.issue(context.home(), resident=resident, pepper=_pepper(), now=context.now())
        context.commit()
        return card_page(code, resident=resident)
    since = recovery.card_since(context.home(), resident=resident, now=context.now())
    return render_template("account/make_card.html", form=form, since=since)


def card_page(code: str, *, resident: Resident, first: str = "", days: int | None = None) -> str:
    """The card itself, to print: its code is shown this once. `days` is how long it works; None for always."""
    return render_template(
        "account/card.html",
        code=code,
        whose=resident.first_name if days is None else resident.login,
        address=context.absolute(url_for("recovery.by_card")),
        first=first,
        days=days,
        now=context.now(),
    )


def _pepper() -> bytes:
    return links.card_pepper(context.settings())
