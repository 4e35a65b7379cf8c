"""The pages' application: everything residents and staff see, wired to both stores. Nothing is decided here."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from types import TracebackType
from typing import Final

from flask import Blueprint, Flask, g, request
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

from instance import logins
from web import secret, stores, tables
from web.frame import (
    context,
    drawings,
    entrance,
    forms,
    headers,
    limits,
    locale,
    media,
    moments,
    navigation,
    patience,
    theme,
    uploads,
    words,
)
from web.pages import (
    about,
    accords,
    account,
    admin_accounts,
    admin_addresses,
    admin_cities,
    admin_codes,
    admin_delivery,
    admin_documents,
    admin_organisations,
    admin_outlines,
    admin_places,
    admin_proofs,
    admin_recovery,
    admin_residences,
    administration,
    asking,
    blocklists,
    board,
    bookings,
    clippings,
    comments,
    conditions,
    conversations,
    craftsmen,
    crossings,
    daybook,
    decisions,
    design,
    design_mail,
    documents,
    erasures,
    errors,
    first_steps,
    follows,
    hall,
    interactions,
    joining,
    letters,
    listings,
    loans,
    mail_settings,
    meetings,
    moderation,
    neighbours,
    news,
    notices,
    passkeys,
    peers,
    photos,
    profiles,
    quiet,
    recovery,
    relays,
    removals,
    reports,
    screens,
    search,
    second_step,
    security,
    skills,
    vouches,
    vouching,
)
from web.settings import Settings

# One line per noun. Others add theirs here.
BLUEPRINTS: Final[tuple[Blueprint, ...]] = (
    about.pages,
    accords.pages,
    account.pages,
    admin_accounts.pages,
    admin_cities.pages,
    admin_codes.pages,
    admin_delivery.pages,
    admin_documents.pages,
    admin_organisations.pages,
    admin_outlines.pages,
    admin_places.pages,
    admin_addresses.pages,
    admin_proofs.pages,
    admin_residences.pages,
    admin_recovery.pages,
    administration.pages,
    asking.pages,
    blocklists.pages,
    board.pages,
    bookings.pages,
    clippings.pages,
    comments.pages,
    conditions.pages,
    conversations.pages,
    craftsmen.pages,
    crossings.pages,
    daybook.pages,
    decisions.pages,
    design.pages,
    design_mail.pages,
    documents.pages,
    erasures.pages,
    first_steps.pages,
    follows.pages,
    hall.pages,
    interactions.pages,
    joining.pages,
    letters.pages,
    listings.pages,
    loans.pages,
    mail_settings.pages,
    meetings.pages,
    moderation.pages,
    neighbours.pages,
    news.pages,
    notices.pages,
    passkeys.pages,
    peers.pages,
    photos.pages,
    profiles.pages,
    quiet.pages,
    recovery.pages,
    relays.pages,
    removals.pages,
    reports.pages,
    search.pages,
    second_step.pages,
    security.pages,
    screens.pages,
    skills.pages,
    vouches.pages,
    vouching.pages,
)

LARGEST_REQUEST: Final = 1 * 1024 * 1024

ExceptionInfo = tuple[type, BaseException, TracebackType | None] | tuple[None, None, None]


class Pages(Flask):
    """A Flask application whose log names the page's endpoint and never its address.

    The address of a listing or a conversation beside an hour and a client would say who looked at what.
    For the same reason the web server's own access log stays off.
    """

    def log_exception(self, exc_info: ExceptionInfo) -> None:
        """Log a failure under a number that the error page shows."""
        g.palier_reference = secrets.token_hex(4)
        self.logger.error("failure %s in page %s", g.palier_reference, request.endpoint, exc_info=exc_info)


def utc_now() -> datetime:
    """The present moment."""
    return datetime.now(UTC)


def create_app(settings: Settings, *, now: Callable[[], datetime] = utc_now) -> Flask:
    """Compose the pages: stores, sessions, languages, limits, headers, blueprints."""
    app = Pages(
        "web",
        # Given, because the default folder is called instance/, which is our domain package.
        instance_path=str(settings.home_data.absolute()),
        static_folder="static",
        template_folder="templates",
    )
    _configure(app, settings=settings)
    stores.attach(
        app,
        {
            stores.HOME: stores.Bind(url=settings.home_database_url, metadata=tables.HOME),
            stores.FEDERATION: stores.Bind(url=settings.federation_database_url, metadata=tables.FEDERATION),
        },
    )
    context.install(app, settings=settings, now=now)
    # First of all: at the second host nothing else is looked at.
    media.install(app, settings=settings)
    # Whatever reads a form comes after it.
    uploads.install(app)
    # One-click unsubscribing (RFC 8058) comes from mail programs, which have no form of ours.
    CSRFProtect(app).exempt(mail_settings.stop)
    entrance.install(app)
    locale.install(app, settings=settings)
    theme.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    errors.install(app)
    limits.install(app, settings=settings)
    patience.install(app, settings=settings)
    headers.install(app, settings=settings)
    _prepare_templates(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    return app


def _configure(app: Flask, *, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=secret.derive(secret.read(settings.secret_key_file), purpose="sessions"),
        # __Host-: a browser takes such a cookie only over https, for this very host and all its paths.
        SESSION_COOKIE_NAME="__Host-palier" if settings.secure else "palier",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=logins.SIGNED_IN_FOR,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        # A form may stay open as long as somebody needs to write; the session's end ends it.
        WTF_CSRF_TIME_LIMIT=None,
        PREFERRED_URL_SCHEME="https" if settings.secure else "http",
    )


def _prepare_templates(app: Flask) -> None:
    drawings.install(app)
    app.context_processor(context.template_data)
    app.jinja_env.globals.update(
        KINDS=words.KINDS,
        REACHES=words.REACHES,
        described=forms.described,
        LOCALES=locale.LOCALES,
        absolute=context.absolute,
        language=locale.current,
        language_query=locale.query,
        navigation=navigation.links,
        theme=theme.chosen,
        themes=theme.choices,
        theme_bars=theme.bars,
        second_step_advised=security.second_step_advised,
        first_steps_reminder=first_steps.reminder,
    )
    app.jinja_env.filters.update(spoken=moments.spoken, day=moments.day, hour=moments.hour, machine=moments.machine)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
