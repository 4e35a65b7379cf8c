"""What protects one's own account: password, second step, passkeys, and the browsers that are signed in."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import InputRequired

from instance import logins, outgoing, passkeys, second_factor, spare_codes
from instance.base import Refused
from instance.logins import Login
from instance.outgoing import Kind
from instance.passkeys import Passkey
from instance.second_factor import SecondFactor
from web.frame import browsers, ceremonies, context, entrance, freshness, patience
from web.frame.forms import PageForm

pages = Blueprint("security", __name__, url_prefix="/account")

NEEDED: Final = lazy_gettext("Fill in this field.")


class PasswordForm(PageForm):
    """The present password and the new one."""

    old = PasswordField(lazy_gettext("Present password"), [InputRequired(NEEDED)])
    new = PasswordField(lazy_gettext("New password"), [InputRequired(NEEDED)])


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserLine:
    """A signed-in browser, in words."""

    public_id: uuid.UUID
    name: str
    since: datetime
    used_on: datetime
    this: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """A passkey by the name its owner gave it."""

    public_id: uuid.UUID
    name: str
    since: datetime
    used_on: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondStep:
    """How the second step stands."""

    on: bool
    app: bool
    by_passkey: bool
    codes_left: int
    reset_at: datetime | None


def _browser(login: Login) -> BrowserLine:
    return BrowserLine(
        public_id=login.public_id,
        name=browsers.words(family=login.family, system=login.system),
        since=login.created_at,
        used_on=login.used_on,
        this=logins.is_this(login, token=entrance.token()),
    )


def _key(passkey: Passkey) -> KeyLine:
    return KeyLine(public_id=passkey.public_id, name=passkey.name, since=passkey.created_at, used_on=passkey.used_on)


def _step(row: SecondFactor | None) -> SecondStep:
    if row is None:
        return SecondStep(on=False, app=False, by_passkey=False, codes_left=0, reset_at=None)
    return SecondStep(
        on=row.is_on,
        app=row.sealed is not None,
        by_passkey=row.by_passkey,
        codes_left=spare_codes.count_left(context.home(), resident=row.resident),
        reset_at=row.reset_at,
    )


@pages.get("/security")
def page() -> str:
    """Everything that protects one's own account."""
    return _page()


def _page(passwords: PasswordForm | None = None) -> str:
    home, me = context.home(), context.require_resident()
    return render_template(
        "account/security.html",
        passwords=passwords or PasswordForm(None),
        step=_step(second_factor.of(home, resident=me)),
        keys=[_key(one) for one in passkeys.of_resident(home, resident=me)],
        keys_here=ceremonies.name(context.settings()) is not None,
        browsers=[_browser(one) for one in logins.of_resident(home, resident=me, now=context.now())],
    )


@pages.post("/password")
def change_password() -> str | Response:
    """Change the password; every other browser is signed out by it."""
    me, form = context.require_resident(), PasswordForm()
    if form.validate_on_submit():
        who = patience.own(me)
        if seconds := patience.begin(who):
            form.wait("old", seconds=seconds)
            return _page(form)
        try:
            logins.change_password(context.home(), resident=me, old=form.old.data, new=form.new.data)
            outgoing.warn(context.home(), kind=Kind.PASSWORD, to=me, now=context.now())
        except Refused as refused:
            context.rollback()
            form.refuse(refused)
        else:
            patience.forget(who)
            token = logins.open_login(context.home(), resident=me, now=context.now(), browser=browsers.present())
            context.commit()
            entrance.open_browser(resident=me, token=token)
            flash(gettext("Your password is changed. Other browsers are signed out."))
            return redirect(url_for("security.page"))
    return _page(form)


@pages.post("/confirm")
def confirm() -> Response:
    """Give the password again, then go on to the page that wanted it."""
    if (asked := freshness.ask()) is not None:
        return asked
    context.commit()
    return redirect(entrance.local_path(request.args.get("next")) or url_for("security.page"))


@pages.post("/browsers/<uuid:public_id>/close")
def close_browser(public_id: uuid.UUID) -> Response:
    """Sign one of one's own browsers out."""
    logins.close(context.home(), resident=context.require_resident(), public_id=public_id)
    context.commit()
    flash(gettext("That browser is signed out."))
    return redirect(url_for("security.page", _anchor="browsers"))


@pages.post("/browsers/close-others")
def close_others() -> Response:
    """Sign every browser out but this one."""
    if (asked := freshness.ask()) is not None:
        return asked
    logins.close_logins(context.home(), resident=context.require_resident(), but=entrance.token())
    context.commit()
    flash(gettext("All other browsers are signed out."))
    return redirect(url_for("security.page", _anchor="browsers"))


@pages.post("/second-step/read")
def read_reset() -> Response:
    """One has read that an administrator took the second step away."""
    second_factor.read_reset(context.home(), resident=context.require_resident())
    context.commit()
    return redirect(url_for("security.page"))


def second_step_advised() -> bool:
    """Whether somebody who looks after the place is advised to set up a second step: a word, never a wall."""
    me = context.resident()
    return me is not None and me.is_moderator and not second_factor.is_on(context.home(), resident=me)
