"""The few links at the head of every page, in one literal table; each shows once its page exists and is allowed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from flask import current_app, request, url_for
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from instance.residents import Resident
from web.frame import context


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link: its endpoint, its word, its icon, and for whom it is."""

    endpoint: str
    word: LazyString
    icon: str
    shown: Callable[[Resident | None], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A link as the template draws it."""

    url: str
    word: str
    icon: str
    here: bool


def _visitor(resident: Resident | None) -> bool:
    return resident is None


def _resident(resident: Resident | None) -> bool:
    return resident is not None


def _moderator(resident: Resident | None) -> bool:
    return resident is not None and resident.is_moderator


def _administrator(resident: Resident | None) -> bool:
    return resident is not None and resident.is_administrator


LINKS: Final = (
    Link(endpoint="board.board", word=lazy_gettext("Board"), icon="house", shown=_resident),
    Link(endpoint="search.page", word=lazy_gettext("Search"), icon="search", shown=_resident),
    Link(endpoint="listings.compose", word=lazy_gettext("Hang a notice"), icon="plus", shown=_resident),
    Link(endpoint="conversations.index", word=lazy_gettext("Letters"), icon="message-square", shown=_resident),
    Link(endpoint="loans.index", word=lazy_gettext("Loans"), icon="clock", shown=_resident),
    Link(endpoint="neighbours.index", word=lazy_gettext("Neighbours"), icon="users", shown=_resident),
    Link(endpoint="moderation.desk", word=lazy_gettext("Moderation"), icon="shield", shown=_moderator),
    Link(endpoint="administration.index", word=lazy_gettext("Administration"), icon="settings", shown=_administrator),
    Link(endpoint="account.account", word=lazy_gettext("My account"), icon="user", shown=_resident),
    Link(endpoint="about.about", word=lazy_gettext("What this is"), icon="info", shown=_visitor),
    Link(endpoint="account.join", word=lazy_gettext("Sign up"), icon="key-round", shown=_visitor),
    Link(endpoint="account.sign_in", word=lazy_gettext("Sign in"), icon="log-in", shown=_visitor),
)


def links() -> list[Shown]:
    """The links for whoever reads this page."""
    resident = context.resident()
    return [
        Shown(url=url_for(one.endpoint), word=str(one.word), icon=one.icon, here=request.endpoint == one.endpoint)
        for one in LINKS
        if one.endpoint in current_app.view_functions and one.shown(resident)
    ]
