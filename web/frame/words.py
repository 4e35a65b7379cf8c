"""The words and icons that stand for audiences and kinds of notice, the same on every page, wall and sheet."""

from dataclasses import dataclass
from typing import Final

from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """An audience in words: its name, what it means in three words, and who that is."""

    name: LazyString
    rule: LazyString
    meaning: LazyString


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """A kind of notice in words, with its icon."""

    name: LazyString
    icon: str


# By `Audience.word`.
REACHES: Final = {
    "building": Reach(
        name=lazy_gettext("Building"),
        rule=lazy_gettext("stays in here"),
        meaning=lazy_gettext("Only the neighbours registered in your building. It never leaves this place."),
    ),
    "quarter": Reach(
        name=lazy_gettext("Quarter"),
        rule=lazy_gettext("no further"),
        meaning=lazy_gettext("The neighbours registered in your quarter, and nobody beyond."),
    ),
    "instance": Reach(
        name=lazy_gettext("Whole town"),
        rule=lazy_gettext("members only"),
        meaning=lazy_gettext("Everybody registered here, in every quarter. It is not on the open internet."),
    ),
    "network": Reach(
        name=lazy_gettext("Beyond"),
        rule=lazy_gettext("public"),
        meaning=lazy_gettext("Anybody, here and in neighbouring towns. Copies leave and cannot all be called back."),
    ),
}

KINDS: Final = {
    "offer": Sort(name=lazy_gettext("Offer"), icon="hand-helping"),
    "request": Sort(name=lazy_gettext("Request"), icon="hand"),
    "news": Sort(name=lazy_gettext("News"), icon="newspaper"),
    "works": Sort(name=lazy_gettext("Works"), icon="hammer"),
    "event": Sort(name=lazy_gettext("Event"), icon="calendar"),
    "fault": Sort(name=lazy_gettext("Fault"), icon="triangle-alert"),
    "assembly": Sort(name=lazy_gettext("Assembly"), icon="users"),
}

# What a request is for, by `Need.value`.
NEEDS: Final = {
    "ingredient": lazy_gettext("An ingredient"),
    "tool": lazy_gettext("A tool"),
    "hand": lazy_gettext("A hand"),
    "minding": lazy_gettext("Minding somebody"),
    "other": lazy_gettext("Something else"),
}
