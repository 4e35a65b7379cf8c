"""What a page says when something is wrong: always what to do next, never what happened inside."""

from http import HTTPStatus
from typing import Final

from flask import Flask, Response, g, make_response, render_template, request
from flask_babel import gettext, lazy_gettext
from flask_limiter import RateLimitExceeded
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from instance.base import Refused
from web.frame import context, forms, limits
from web.pages import refusals

TITLES: Final = {
    400: lazy_gettext("This could not be read"),
    403: lazy_gettext("This is not for you to open"),
    404: lazy_gettext("Nothing hangs here"),
    405: lazy_gettext("This page takes no such request"),
    413: lazy_gettext("This is too large"),
    429: lazy_gettext("Too many tries in a short time"),
    500: lazy_gettext("Something broke on our side"),
}
WAYS_OUT: Final = {
    400: lazy_gettext("Go back, load the page again, and send it once more."),
    403: lazy_gettext("If you think you should see it, ask whoever gave you the address."),
    404: lazy_gettext("It may have been taken down, or it is for other neighbours. Start again from the board."),
    405: lazy_gettext("Go back to the page before and use its buttons."),
    413: lazy_gettext("Shorten the text or send less at once."),
    429: lazy_gettext("Wait a quarter of an hour, then try again. Nothing was lost."),
    500: lazy_gettext("What you wrote before is kept. Wait a minute and try again; if it stays, tell us."),
}
# Refusals that reach this far have no form to land in.
REFUSED_AS: Final = {"not_found": 404}


def install(app: Flask) -> None:
    """Answer every error with a page of ours."""
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(CSRFError, _stale)
    app.register_error_handler(RateLimitExceeded, _too_often)
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(500, _broken)


def page(status: int, *, way_out: str | None = None) -> Response:
    """An error page of this status."""
    known = status if status in TITLES else 500 if status >= 500 else 400
    return make_response(
        render_template(
            "errors/error.html",
            status=status,
            title=str(TITLES[known]),
            way_out=way_out or str(WAYS_OUT[known]),
            reference=g.get("palier_reference"),
        ),
        status,
    )


def _http(error: HTTPException) -> Response:
    if error.response is not None:  # a view's own answer, thrown
        return make_response(error.response)
    answer = page(error.code or HTTPStatus.INTERNAL_SERVER_ERROR)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


# What was typed is given back to be sent again; passwords, codes and tokens are not.
_NOT_GIVEN_BACK: Final = frozenset({"csrf_token", "password", "old", "new", "code", "present_password"})


def _too_often(_error: RateLimitExceeded) -> Response:
    seconds = limits.seconds_to_wait()
    typed = [pair for pair in request.form.items(multi=True) if pair[0] not in _NOT_GIVEN_BACK and pair[1]]
    answer = make_response(
        render_template(
            "errors/too_often.html",
            title=str(TITLES[429]),
            way_out=forms.in_a_while(seconds),
            # Nobody is signed in where a code or a password is guessed: there they start from the empty form.
            typed=typed if context.resident() is not None else [],
            action=request.full_path.rstrip("?"),
        ),
        429,
    )
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _stale(_error: CSRFError) -> Response:
    return page(400, way_out=gettext("The page was open in another session. Go back, load it again, and send it."))


def _refused(refused: Refused) -> Response:
    status = REFUSED_AS.get(refused.code, 403)
    return page(status, way_out=None if status == 404 else refusals.sentence(refused.code))


def _broken(_error: Exception) -> Response:
    # The store may be what broke: this page is drawn as for a visitor and asks it nothing.
    g._login_user = AnonymousUserMixin()  # noqa: SLF001 - where Flask-Login keeps who was found
    return page(500)
