"""The second step of signing in, and setting it up: an app's digits, recovery codes, or a passkey."""

from collections.abc import Sequence
from typing import Final, assert_never

import segno
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from markupsafe import Markup
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from instance import logins, passkeys, second_factor, spare_codes
from instance.base import Refused
from instance.residents import Resident
from instance.second_factor import Passed, Wait, Wrong
from web.frame import arrivals, ceremonies, context, entrance, forms, freshness, patience
from web.frame.forms import PageForm

pages = Blueprint("second_step", __name__)

NEEDED: Final = lazy_gettext("Fill in this field.")


class CodeForm(PageForm):
    """Six digits, or a recovery code."""

    code = StringField(lazy_gettext("Code"), [InputRequired(NEEDED)])


class OffForm(PageForm):
    """Turning the app off wants both: whoever holds only one of them cannot."""

    old = PasswordField(lazy_gettext("Present password"), [InputRequired(NEEDED)])
    code = StringField(lazy_gettext("Code"), [InputRequired(NEEDED)])


@pages.route("/sign-in/second-step", methods=["GET", "POST"])
def step() -> str | Response:
    """Ask for the code; go on to the page that was asked for before the password."""
    onward = entrance.local_path(request.args.get("next")) or "/"
    resident = arrivals.halfway()
    if resident is None:
        if context.resident() is None:
            flash(gettext("Too much time has passed. Give your password again."))
        return redirect(url_for("account.sign_in", next=onward))
    form = CodeForm()
    if form.validate_on_submit() and (passed := _try(form, resident=resident)) is not None:
        answer = arrivals.arrive(resident, onward=onward)
        _tell(passed)  # into the new cookie: signing in threw the old one away
        return answer
    return render_template(
        "account/second_step.html", form=form, onward=onward, passkey=_has_passkey(resident), app=_has_app(resident)
    )


def _has_passkey(resident: Resident) -> bool:
    named = ceremonies.name(context.settings()) is not None
    return named and passkeys.count(context.home(), resident=resident) > 0


def _has_app(resident: Resident) -> bool:
    row = second_factor.of(context.home(), resident=resident)
    return row is not None and row.sealed is not None


def _try(form: CodeForm | OffForm, *, resident: Resident) -> Passed | None:
    """Try the code of a form; a wrong one is counted, whatever comes next."""
    try:
        found = second_factor.check(
            context.home(), resident=resident, code=form.code.data, keys=arrivals.keys(), now=context.now()
        )
    except Refused as refused:
        form.refuse(refused)
        return None
    match found:
        case Passed():
            return found
        case Wrong():
            form.refuse(Refused("code_wrong", field="code"))
        case Wait(until=until):
            form.code.errors = [forms.in_a_while(int((until - context.now()).total_seconds()))]
        case _:
            assert_never(found)
    context.commit()
    return None


def _tell(passed: Passed) -> None:
    """What its owner should know: a code of the sheet less, or that somebody tried."""
    if passed.left is not None:
        flash(
            ngettext(
                "That recovery code is used up. One is left: make new ones soon.",
                "That recovery code is used up. %(num)d are left.",
                passed.left,
            )
        )
    if passed.misses:
        flash(
            ngettext(
                "One wrong code was tried after the right password. If it was not you, change your password.",
                "%(num)d wrong codes were tried after the right password. If it was not you, change your password.",
                passed.misses,
            )
        )


# --- setting it up


@pages.post("/account/second-step/app")
def set_up() -> str | Response:
    """Show a key to an app, as a QR code and in letters."""
    if (asked := freshness.ask()) is not None:
        return asked
    return _set_up(CodeForm(None))


def _set_up(form: CodeForm) -> str | Response:
    me = context.require_resident()
    secret = second_factor.propose(context.home(), resident=me, keys=arrivals.keys(), now=context.now())
    context.commit()
    place = context.settings().name
    return render_template(
        "account/second_step_app.html",
        form=form,
        drawing=_draw(second_factor.address(secret, login=me.login, place=place)),
        letters=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        place=place,
        login=me.login,
    )


def _draw(address: str) -> Markup:
    """A QR code in the page itself: the key goes into no address, no file and no cache."""
    drawing = segno.make(address, error="m", micro=False).svg_inline(
        scale=5, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None, omitsize=True
    )
    return Markup(drawing)  # noqa: S704 - drawn by segno: shapes only, the address is not written, so nothing to escape


@pages.post("/account/second-step/app/confirm")
def confirm() -> str | Response:
    """Turn the app on with a first code; the recovery codes are shown this once."""
    if (asked := freshness.ask()) is not None:
        return asked
    form = CodeForm()
    if form.validate_on_submit():
        try:
            codes = second_factor.confirm(
                context.home(),
                resident=context.require_resident(),
                code=form.code.data,
                keys=arrivals.keys(),
                now=context.now(),
            )
        except Refused as refused:
            context.rollback()
            if refused.field is None:
                raise
            form.refuse(refused)
        else:
            context.commit()
            return _codes(codes, why=gettext("The second step is on."))
    return _set_up(form)


def _codes(codes: Sequence[str], *, why: str) -> str:
    return render_template("account/recovery_codes.html", codes=codes, why=why, since=context.now())


@pages.route("/account/second-step/app/off", methods=["GET", "POST"])
def turn_off() -> str | Response:
    """No longer ask for the app's digits."""
    me, form = context.require_resident(), OffForm()
    if not _has_app(me):
        return redirect(url_for("security.page"))
    if form.validate_on_submit() and _both(form, resident=me):
        second_factor.turn_app_off(context.home(), resident=me)
        context.commit()
        flash(gettext("The app is no longer asked for."))
        return redirect(url_for("security.page"))
    return render_template("account/second_step_off.html", form=form)


def _both(form: OffForm, *, resident: Resident) -> bool:
    """Whether password and code are right; the code is looked at only after a right password."""
    who = patience.own(resident)
    if seconds := patience.begin(who):
        form.wait("old", seconds=seconds)
        return False
    if not logins.is_password(resident, password=form.old.data):
        form.refuse(Refused("wrong_password", field="old"))
        return False
    patience.forget(who)
    return _try(form, resident=resident) is not None


@pages.post("/account/second-step/codes")
def renew_codes() -> str | Response:
    """Make new recovery codes; the old sheet is void."""
    if (asked := freshness.ask()) is not None:
        return asked
    me = context.require_resident()
    if not second_factor.is_on(context.home(), resident=me):
        return redirect(url_for("security.page"))
    codes = spare_codes.renew(context.home(), resident=me, pepper=arrivals.keys().pepper, now=context.now())
    context.commit()
    return _codes(codes, why=gettext("These codes replace the ones before."))


@pages.post("/account/second-step/passkey")
def ask_for_passkey() -> str | Response:
    """Ask for a passkey after the password, or no longer."""
    if (asked := freshness.ask()) is not None:
        return asked
    home, me = context.home(), context.require_resident()
    if request.form.get("asked") != "yes":
        second_factor.stop_asking_for_passkey(home, resident=me)
        context.commit()
        flash(gettext("A passkey is no longer asked for after the password."))
        return redirect(url_for("security.page"))
    if not _has_passkey(me):
        return redirect(url_for("passkeys.new"))
    codes = second_factor.ask_for_passkey(home, resident=me, keys=arrivals.keys(), now=context.now())
    context.commit()
    if codes:
        return _codes(codes, why=gettext("The second step is on."))
    flash(gettext("A passkey is asked for after the password."))
    return redirect(url_for("security.page"))
