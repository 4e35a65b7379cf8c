"""The one entrance of the pages: every page wants a signed-in resident unless it is in the table of open ones."""

from typing import Final

from flask import Flask, abort, current_app, flash, redirect, request, session, url_for
from flask_babel import gettext
from flask_login import LoginManager, UserMixin, current_user, login_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from instance import logins
from instance.logins import Login
from instance.residents import Resident
from web import stores
from web.frame import context, locale

# Closed unless named here: a page somebody forgets to think about shows nothing to strangers.
OPEN: Final = frozenset(
    {
        "static",
        "account.sign_in",
        "account.join",
        "account.join_details",
        "account.language",
        "joining.without_letter",
        "recovery.ask",
        "recovery.asked",
        "recovery.by_link",
        "recovery.by_card",
        # A suspended account reads what was decided about it, and nothing else.
        "decisions.index",
        "account.sign_out",
        "mail_settings.confirm",
        "mail_settings.stop",
        # A seal in the address opens these.
        "asking.renew_by_link",
        "asking.close_by_link",
        "asking.edit_by_link",
        "about.about",
        "about.accessibility",
        "about.source",
        # These decide by the password given before, or by what they are asked for.
        "second_step.step",
        "passkeys.question",
        "passkeys.answer",
        # At a host without cookies, for whoever knows the name.
        "clippings.picture",
        # These decide by `context.reader()` what they show.
        "board.board",
        "notices.notice",
        "notices.calendar_file",
        "profiles.profile",
        "hall.ask",
        "hall.screen",
        "hall.wall",
        "clippings.on_wall",
    }
)


# Where the library keeps the token in a browser's cookie.
TOKEN: Final = "_user_id"  # noqa: S105 - the name of a place, not what is in it


class Visitor(UserMixin):  # type: ignore[misc]  # the library ships no types
    """A signed-in browser: its row, its resident, and the token that stands for it."""

    def __init__(self, *, login: Login, token: str) -> None:
        self.login = login
        self.resident: Resident = login.resident
        self.token = token

    def get_id(self) -> str:
        """What the cookie carries: the token, never the resident's id."""
        return self.token


def install(app: Flask) -> None:
    """Find out who is signed in, and close every page that is not open."""
    manager = LoginManager()
    # The row of the token decides; a phone that changes its address all day stays signed in.
    manager.session_protection = None
    manager.user_loader(_load)
    manager.init_app(app)
    app.before_request(_refuse_nul)
    app.before_request(_guard)
    app.before_request(_renew)
    app.register_error_handler(401, _to_sign_in)


def _load(token: str) -> Visitor | None:
    found = logins.signed_in(context.home(), token=token, now=context.now())
    return None if found is None else Visitor(login=found, token=token)


def _refuse_nul() -> None:
    """No keyboard types a NUL and PostgreSQL stores none: whoever sends one is not a form of ours."""
    if any("\0" in value for values in (request.args, request.form) for value in values.values()):
        abort(400)


def _guard() -> None:
    if request.endpoint is None or request.endpoint in OPEN:
        return
    if context.resident() is None:
        abort(401)


def _renew() -> None:
    """Once a day, note that a browser is still in use.

    A reading page does so in a transaction of its own; if the store is too busy, tomorrow's page will.
    """
    if request.method not in context.SAFE or request.endpoint in {None, "static"} or context.resident() is None:
        return
    if not logins.wants_renewal(login(), now=context.now()):
        return
    try:
        with stores.of(current_app)[stores.HOME].write.begin() as writing:
            logins.renew(writing, token=token(), now=context.now())
    except SQLAlchemyError:
        current_app.logger.warning("a browser could not be renewed")


def login() -> Login:
    """The signed-in browser of this request; answers 401 when nobody is signed in."""
    if not current_user.is_authenticated:
        abort(401)
    found: Login = current_user.login
    return found


def token() -> str:
    """The token of the signed-in browser of this request; answers 401 when nobody is signed in."""
    if not current_user.is_authenticated:
        abort(401)
    found: str = current_user.token
    return found


def _to_sign_in(_error: Exception) -> Response:
    if request.method in context.SAFE:
        return redirect(url_for("account.sign_in", next=request.full_path.rstrip("?")))
    flash(gettext("You are no longer signed in. Sign in, then send it again."))
    return redirect(url_for("account.sign_in"))


def local_path(wish: str | None) -> str | None:
    """A path of our own to go on to after signing in, or None: never an address that leads elsewhere."""
    if not wish or not wish.startswith("/") or wish[1:2] in {"/", "\\"} or "\\" in wish or not wish.isprintable():
        return None
    return wish


def renew_session() -> None:
    """Start from an empty cookie: nothing planted before signing in survives it."""
    session.clear()
    session.permanent = True


def open_browser(*, resident: Resident, token: str) -> None:
    """Sign this browser in, from an empty cookie, by the token of a row that is committed."""
    renew_session()
    locale.remember_after(locale=resident.locale)
    found = logins.signed_in(context.home(), token=token, now=context.now())
    if found is None:  # suspended: nobody is signed in, and `locked_out` knows who it is
        session[TOKEN] = token
        return
    login_user(Visitor(login=found, token=token))


def locked_out() -> Resident | None:
    """The suspended resident who signed in with this browser, for the page of decisions about them."""
    token = session.get(TOKEN)
    return logins.locked_out(context.home(), token=token, now=context.now()) if token else None
