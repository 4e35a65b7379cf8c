"""Every kind of mail as it looks, beside its plain form: for whoever builds or judges the look."""

from typing import Final

from flask import Blueprint, Response, abort, make_response, render_template

from web.frame import context, locale
from web.mail import envelope
from web.mail.samples import SAMPLES

pages = Blueprint("design_mail", __name__, url_prefix="/design/mail")

# A mail is no page of ours: its styles stand in place, and still nothing may be loaded from anywhere.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"


@pages.before_request
def _staff_or_development() -> None:
    if not context.settings().development and not context.require_resident().is_moderator:
        abort(404)


@pages.get("")
def index() -> str:
    """The list."""
    return render_template("design/mail.html", kinds=list(SAMPLES))


@pages.get("/<kind>.html")
def html(kind: str) -> Response:
    """One mail as a mail program shows it."""
    answer = _written(kind, form="html")
    answer.headers["Content-Security-Policy"] = POLICY
    return answer


@pages.get("/<kind>.txt")
def text(kind: str) -> Response:
    """The same mail without HTML."""
    answer = _written(kind, form="txt")
    answer.mimetype = "text/plain"
    return answer


def _written(kind: str, *, form: str) -> Response:
    if kind not in SAMPLES:
        abort(404)
    settings = context.settings()
    said = SAMPLES[kind](settings.name, settings.origin)
    write = envelope.html if form == "html" else envelope.text
    return make_response(write(said, place=settings.name, language=locale.current()))
