"""Which language a page speaks: the one asked for, the one chosen last on this browser, the account's, the town's."""

from typing import Final
from urllib.parse import urlencode

from flask import Flask, Response, after_this_request, has_request_context, request
from flask_babel import Babel, get_locale

from web.frame import context
from web.settings import Settings

LOCALES: Final = {"fr": "Français", "en": "English"}
COOKIE: Final = "palier_language"
REMEMBERED: Final = 365 * 24 * 3600
TIMEZONE: Final = "Europe/Paris"


def install(app: Flask, *, settings: Settings) -> None:
    """Set up translations, and remember a language chosen by `?lang=`."""
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    app.config["BABEL_DEFAULT_LOCALE"] = settings.default_locale
    app.config["BABEL_DEFAULT_TIMEZONE"] = TIMEZONE
    Babel(app, locale_selector=choose)

    def keep(response: Response) -> Response:
        if (asked := request.args.get("lang")) in LOCALES:
            remember(response, locale=asked)
        return response

    app.after_request(keep)


def choose() -> str:
    """The language of this request."""
    default = context.settings().default_locale
    if not has_request_context():
        return default
    resident = context.resident()
    for wish in (request.args.get("lang"), request.cookies.get(COOKIE), resident and resident.locale):
        if wish in LOCALES:
            return str(wish)
    # Without any match the town's own language, not the first of our list.
    return request.accept_languages.best_match(LOCALES) or default


def remember(response: Response, *, locale: str) -> None:
    """Keep a choice in a cookie that says nothing but the language."""
    response.set_cookie(
        COOKIE, locale, max_age=REMEMBERED, httponly=True, samesite="Lax", secure=context.settings().secure
    )


def remember_after(*, locale: str) -> None:
    """Keep a choice with the answer to this request: the account's own, at sign-in and when it is changed."""

    @after_this_request
    def keep(response: Response) -> Response:
        remember(response, locale=locale)
        return response


def current() -> str:
    """The code of the language being spoken now, for `lang` attributes."""
    return str(get_locale())


def query(locale: str) -> str:
    """The query of this very page in another language, for a link that needs no form."""
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return urlencode([*others, ("lang", locale)])
