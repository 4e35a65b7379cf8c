"""The door's application: what other servers reach. It is given the federation store and cannot name another."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final, cast

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException, TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix

from activitypub import codec
from federation import policy
from federation.base import Federation
from federation.postbox import Postbox
from web import fediverse, stores
from web.settings import SideSettings
from web.shelf import Shelf

# Far above what an honest neighbour sends, far below what hurts.
INBOX_LIMIT: Final = RateLimitItemPerMinute(1200, 5)
RETRY_AFTER_SECONDS = "60"

SHELF: Final = "palier_shelf"

# The last hop: an answer carries these headers and no other, whatever an extension, a proxy library or a later change
# sets. Each says something about the document or about how to read it, none about whom it was made for.
SPOKEN: Final = frozenset(
    {
        "access-control-allow-origin",
        "allow",
        "cache-control",
        "content-length",
        "content-security-policy",
        "content-type",
        "link",
        "location",
        "referrer-policy",
        "retry-after",
        "vary",
        "x-content-type-options",
    }
)

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def create_app(settings: SideSettings, *, now: Callable[[], datetime] = utc_now) -> Flask:
    """Make the door; nothing in it leads to the home store."""
    app = Flask("web", static_folder=None, template_folder=None, instance_path=str(settings.federation_data))
    app.config["MAX_CONTENT_LENGTH"] = policy.LETTER_LIMIT
    app.extensions[fediverse.SETTINGS] = settings
    app.extensions[fediverse.CLOCK] = now
    attached = stores.attach(
        app, {stores.FEDERATION: stores.Bind(url=settings.federation_database_url, metadata=Federation.metadata)}
    )
    app.extensions[fediverse.POSTBOX] = Postbox(attached[stores.FEDERATION].write, origin=settings.origin, now=now)
    app.register_blueprint(fediverse.routes)
    app.register_error_handler(HTTPException, _refuse)
    app.register_error_handler(OperationalError, _fail)
    app.register_error_handler(Exception, _fail)
    app.after_request(_harden)
    _limit(app)
    shelf = Shelf(app.wsgi_app, attached[stores.FEDERATION], origin=settings.origin)
    app.wsgi_app = shelf  # type: ignore[method-assign]
    app.extensions[SHELF] = shelf
    if settings.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies
        )
    return app


def _limit(app: Flask) -> None:
    """Slow floods down per sender; counts live in the process, and forged X-Forwarded-For headers are not read.

    The limiter is asked by hand: all that Flask-Limiter does around it would be a sixth of what storing a letter takes.
    """
    limiter = FixedWindowRateLimiter(MemoryStorage())
    view = app.view_functions["fediverse.deliver"]

    @wraps(view)
    def limited(**name: Any) -> ResponseReturnValue:
        if not limiter.hit(INBOX_LIMIT, policy.sender(request.remote_addr or "")):
            raise TooManyRequests
        return cast("ResponseReturnValue", view(**name))

    app.view_functions["fediverse.deliver"] = limited


def _answer(status: int) -> Response:
    """Answer an error: always JSON, always the same words, since what is private must look like what never was."""
    answer = Response(codec.encode({"error": _WORDS.get(status, "not accepted")}), status=status)
    answer.content_type = "application/json"
    if status in {429, 503}:
        answer.headers["Retry-After"] = RETRY_AFTER_SECONDS
    return answer


_WORDS = {404: "not found", 405: "method not allowed", 413: "too large", 429: "too many", 503: "try again later"}


def _refuse(error: HTTPException) -> Response:
    if error.response is not None:
        return _answer(error.response.status_code)
    answer = _answer(error.code or 500)
    if error.code == 405:
        answer.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return answer


def _fail(error: Exception) -> Response:
    """Turn our own failure into "try again": a 4xx or an HTML page makes others give up for ever."""
    log.error("failure at the door, endpoint %s", request.endpoint, exc_info=error)
    return _answer(503)


def _harden(answer: Response) -> Response:
    """Add what protects a reader, and take away whatever is not on the list: registered first, so it runs last."""
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    answer.headers["Referrer-Policy"] = "no-referrer"
    for name in {name for name, _ in answer.headers if name.lower() not in SPOKEN}:
        del answer.headers[name]
    return answer
