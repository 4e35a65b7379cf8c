"""Signing in and out, signing up with a letterbox code, and one's own account."""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_login import login_user, logout_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from instance import residents, verification
from instance.base import Refused
from web.frame import context, entrance, locale
from web.frame.entrance import Visitor
from web.frame.forms import PageForm
from web.pages import first_steps

pages = Blueprint("account", __name__)

# The code typed in the first step of signing up, kept in the visitor's own cookie until the second.
CODE: Final = "letterbox_code"
NEEDED: Final = lazy_gettext("Fill in this field.")


class SignInForm(PageForm):
    """Two fields."""

    name = StringField(lazy_gettext("Login name or e-mail address"), [InputRequired(NEEDED)])
    password = PasswordField(lazy_gettext("Password"), [InputRequired(NEEDED)])


class CodeForm(PageForm):
    """The code from the letterbox."""

    code = StringField(lazy_gettext("Letterbox code"), [InputRequired(NEEDED)])


class JoinForm(PageForm):
    """Who lives there."""

    first_name = StringField(lazy_gettext("First name"), [InputRequired(NEEDED)])
    last_name = StringField(lazy_gettext("Last name"), [InputRequired(NEEDED)])
    login = StringField(lazy_gettext("Login name"), [InputRequired(NEEDED)])
    password = PasswordField(lazy_gettext("Password"), [InputRequired(NEEDED)])
    email = StringField(lazy_gettext("E-mail address"))


class PasswordForm(PageForm):
    """The present password and the new one."""

    old = PasswordField(lazy_gettext("Present password"), [InputRequired(NEEDED)])
    new = PasswordField(lazy_gettext("New password"), [InputRequired(NEEDED)])


class SettingsForm(PageForm):
    """Language and e-mail address."""

    locale = SelectField(
        lazy_gettext("Language of the pages"),
        choices=[SelectChoice(code, name) for code, name in locale.LOCALES.items()],
    )
    email = StringField(lazy_gettext("E-mail address"))


def _open(*, resident: residents.Resident, token: str) -> None:
    """Sign a browser in, from an empty cookie."""
    entrance.renew_session()
    locale.remember_after(locale=resident.locale)
    login_user(Visitor(resident=resident, token=token))


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> str | Response:
    """Ask for login name and password; go on to the page that was asked for."""
    onward = entrance.local_path(request.args.get("next")) or "/"
    if context.resident() is not None:
        return redirect(onward)
    form = SignInForm()
    if form.validate_on_submit():
        try:
            opened = residents.sign_in(
                context.home(), name=form.name.data, password=form.password.data, now=context.now()
            )
        except Refused as refused:
            form.refuse(refused)
        else:
            context.commit()
            _open(resident=opened.resident, token=opened.token)
            return redirect(first_steps.after_signing_in(opened.resident, onward=onward))
    return render_template("account/sign_in.html", form=form)


@pages.post("/sign-out")
def sign_out() -> Response:
    """Close this browser's session, here and in the store."""
    token = session.get("_user_id")
    if token:
        residents.sign_out(context.home(), token=token)
        context.commit()
    logout_user()
    session.clear()
    flash(gettext("You are signed out."))
    return redirect(url_for("account.sign_in"))


def _try_code(form: CodeForm) -> bool:
    found = verification.check(
        context.home(), code=form.code.data, pepper=context.letterbox_pepper(), now=context.now()
    )
    context.commit()  # a wrong try is counted, whatever comes next
    match found:
        case verification.Good():
            return True
        case verification.Wrong(left=left):
            form.code.errors = [
                ngettext(
                    "This code is not right. One try is left: compare it with the letter.",
                    "This code is not right. %(num)d tries are left: compare it with the letter.",
                    left,
                )
            ]
        case verification.Dead():
            form.refuse(Refused("code_dead", field="code"))
    return False


@pages.route("/join", methods=["GET", "POST"])
def join() -> str | Response:
    """First step of signing up: the code found in the letterbox."""
    if context.resident() is not None:
        return redirect("/")
    form = CodeForm()
    if form.validate_on_submit() and _try_code(form):
        session[CODE] = form.code.data
        return redirect(url_for("account.join_details"))
    return render_template("account/join.html", form=form)


@pages.route("/join/details", methods=["GET", "POST"])
def join_details() -> str | Response:
    """Second step: name, login name, password and, if wished, an e-mail address."""
    code = session.get(CODE)
    if not code or context.resident() is not None:
        return redirect(url_for("account.join"))
    form = JoinForm()
    if form.validate_on_submit():
        try:
            resident = residents.join(
                context.home(),
                code=code,
                pepper=context.letterbox_pepper(),
                login=form.login.data,
                first_name=form.first_name.data,
                last_name=form.last_name.data,
                password=form.password.data,
                email=form.email.data or None,
                locale=locale.current(),
                now=context.now(),
            )
        except Refused as refused:
            context.rollback()
            if refused.field == "code":
                return _start_again()
            form.refuse(refused)
        else:
            token = residents.open_login(context.home(), resident=resident, now=context.now())
            context.commit()
            _open(resident=resident, token=token)
            flash(gettext("You are registered. This is your board."))
            return redirect("/")
    return render_template("account/join_details.html", form=form)


def _start_again() -> Response:
    session.pop(CODE, None)
    flash(gettext("This code no longer opens anything. Ask for a new letter."))
    return redirect(url_for("account.join"))


@pages.get("/account")
def account() -> str:
    """One's own account."""
    return _account_page()


def _account_page(*, details: SettingsForm | None = None, passwords: PasswordForm | None = None) -> str:
    resident = context.require_resident()
    details = details or SettingsForm(None, locale=resident.locale, email=resident.email or "")
    homes = residents.buildings_of(context.home(), resident=resident)
    return render_template(
        "account/account.html",
        details=details,
        passwords=passwords or PasswordForm(None),
        homes=[f"{one.name}, {one.street}" for one in homes],
        full_name=resident.full_name,
        short_name=resident.short_name,
        login=resident.login,
    )


@pages.post("/account/settings")
def change_settings() -> str | Response:
    """Change language and e-mail address."""
    resident = context.require_resident()
    form = SettingsForm()
    if form.validate_on_submit():
        try:
            residents.set_locale(context.home(), resident=resident, locale=form.locale.data)
            residents.set_email(context.home(), resident=resident, email=form.email.data or None)
        except Refused as refused:
            context.rollback()
            form.refuse(refused)
        else:
            context.commit()
            locale.remember_after(locale=resident.locale)
            flash(gettext("Your settings are kept."))
            return redirect(url_for("account.account"))
    return _account_page(details=form)


@pages.post("/account/password")
def change_password() -> str | Response:
    """Change the password; every other browser is signed out by it."""
    resident = context.require_resident()
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            residents.change_password(context.home(), resident=resident, old=form.old.data, new=form.new.data)
        except Refused as refused:
            context.rollback()
            form.refuse(refused)
        else:
            token = residents.open_login(context.home(), resident=resident, now=context.now())
            context.commit()
            _open(resident=resident, token=token)
            flash(gettext("Your password is changed. Other browsers are signed out."))
            return redirect(url_for("account.account"))
    return _account_page(passwords=form)


@pages.post("/language")
def language() -> Response:
    """Change the language of the pages, for this browser and for the account if there is one."""
    onward = entrance.local_path(request.form.get("next")) or "/"
    answer = make_response(redirect(onward))
    wish = request.form.get("locale", "")
    if wish in locale.LOCALES:
        locale.remember(answer, locale=wish)
        resident = context.resident()
        if resident is not None:
            residents.set_locale(context.home(), resident=resident, locale=wish)
            context.commit()
    return answer
