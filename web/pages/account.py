"""Signing in and out, signing up with a letterbox code, and one's own account."""

from typing import Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, session, url_for
from flask_babel import gettext, lazy_gettext
from flask_login import logout_user
from werkzeug.wrappers import Response
from wtforms import PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from instance import logins, recovery, residents, verification
from instance.base import Refused
from instance.places import Building
from web.frame import arrivals, ceremonies, context, entrance, forms, freshness, locale, moments, patience
from web.frame.forms import PageForm
from web.pages import first_steps, mail_settings, quiet
from web.pages.quiet import HoursForm

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


class SettingsForm(PageForm):
    """Language and e-mail address."""

    locale = SelectField(
        lazy_gettext("Language of the pages"),
        choices=[SelectChoice(code, name) for code, name in locale.LOCALES.items()],
    )
    email = StringField(lazy_gettext("E-mail address"))


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> str | Response:
    """Ask for login name and password; go on to the page that was asked for."""
    onward = entrance.local_path(request.args.get("next")) or "/"
    if context.resident() is not None:
        return redirect(onward)
    form = SignInForm()
    if form.validate_on_submit():
        name = form.name.data
        who = patience.subject(name, known_as=logins.named(context.home(), name=name))
        if seconds := patience.begin(who):
            form.form_errors = [*form.form_errors, forms.in_a_while(seconds)]
            answer = make_response(_sign_in_page(form, onward=onward), 429)
            answer.headers["Retry-After"] = str(seconds)
            return answer
        try:
            resident = logins.check_password(context.home(), name=name, password=form.password.data)
        except Refused as refused:
            form.refuse(refused)
        else:
            patience.forget(who)
            return arrivals.after_password(resident, onward=first_steps.after_signing_in(resident, onward=onward))
    return _sign_in_page(form, onward=onward)


def _sign_in_page(form: SignInForm, *, onward: str) -> str:
    named = ceremonies.name(context.settings()) is not None
    return render_template("account/sign_in.html", form=form, onward=onward, passkeys_here=named)


@pages.post("/sign-out")
def sign_out() -> Response:
    """Close this browser's session, here and in the store."""
    token = session.get(entrance.TOKEN)
    if token:
        logins.sign_out(context.home(), token=token)
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
    if isinstance(found, verification.Good):
        return True
    # The same for a code that never was, one that is over, and one with a wrong letter: who guesses learns nothing.
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
                email=mail_settings.at_once(form.email.data),
                locale=locale.current(),
                now=context.now(),
            )
            asked = mail_settings.ask(resident, email=form.email.data)
        except Refused as refused:
            context.rollback()
            if refused.field == "code":
                return _start_again()
            form.refuse(refused)
        else:
            answer = arrivals.arrive(resident, onward="/")
            flash(gettext("You are registered. This is your board."))
            if asked:
                flash(gettext("A mail is on its way: open its link to confirm your address."))
            else:
                flash(gettext("Print a recovery card under “My account”, for the day you forget your password."))
            return answer
    return render_template("account/join_details.html", form=form)


def _start_again() -> Response:
    session.pop(CODE, None)
    flash(gettext("This code no longer opens anything. Ask for a new letter."))
    return redirect(url_for("account.join"))


@pages.get("/account")
def account() -> str:
    """One's own account."""
    return _account_page()


def _account_page(*, details: SettingsForm | None = None, hours: HoursForm | None = None) -> str:
    resident = context.require_resident()
    details = details or SettingsForm(None, locale=resident.locale, email=resident.email or "")
    homes = residents.buildings_of(context.home(), resident=resident)
    return render_template(
        "account/account.html",
        details=details,
        homes=[_written(one) for one in homes],
        full_name=resident.full_name,
        short_name=resident.short_name,
        login=resident.login,
        mail=mail_settings.section(),
        quiet=quiet.section(hours),
        card_since=recovery.card_since(context.home(), resident=resident, now=context.now()),
    )


def _written(home: Building) -> str:
    """A building of theirs, with the day from which on they live there, while that is still to come."""
    ready, where = moments.to_come(home), f"{home.name}, {home.street}"
    return where if ready is None else gettext("%(home)s, from %(day)s", home=where, day=moments.day(ready))


@pages.post("/account/settings")
def change_settings() -> str | Response:
    """Change language and e-mail address."""
    resident = context.require_resident()
    form = SettingsForm()
    if form.validate_on_submit():
        # Whoever can change the address can later open the account by it.
        if (form.email.data or "") != (resident.email or "") and (asked := freshness.ask()) is not None:
            return asked
        try:
            residents.set_locale(context.home(), resident=resident, locale=form.locale.data)
            said = mail_settings.change(resident, email=form.email.data)
        except Refused as refused:
            context.rollback()
            form.refuse(refused)
        else:
            context.commit()
            locale.remember_after(locale=resident.locale)
            flash(said or gettext("Your settings are kept."))
            return redirect(url_for("account.account"))
    return _account_page(details=form)


@pages.post("/account/hours")
def change_hours() -> str | Response:
    """Change the hours without mail, and of how many new conversations mails tell."""
    form = HoursForm()
    if quiet.keep(form):
        flash(gettext("Your settings are kept."))
        return redirect(url_for("account.account"))
    return _account_page(hours=form)


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
