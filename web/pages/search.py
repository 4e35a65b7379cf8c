"""Searching what hangs, by words, place, kind and time; all of it in the address, so that a search can be kept."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from instance import lookouts, search
from instance.audience import Reader
from instance.base import Refused
from instance.lookouts import Lookout
from instance.search import Place, Wish
from web.frame import context
from web.frame.slips import Slip
from web.pages import refusals
from web.views import slips

pages = Blueprint("search", __name__)

LONGEST_PAGE: Final = 20

PLACES: Final = {
    "": lazy_gettext("Everywhere"),
    Place.BUILDING.value: lazy_gettext("My building"),
    Place.QUARTER.value: lazy_gettext("My quarter"),
    Place.TOWN.value: lazy_gettext("The whole town"),
    Place.AWAY.value: lazy_gettext("Other towns"),
}
KINDS: Final = {
    "": lazy_gettext("Everything"),
    "offer": lazy_gettext("Offers"),
    "request": lazy_gettext("Requests"),
    "news": lazy_gettext("The news"),
}
SINCE: Final = {
    "": lazy_gettext("At any time"),
    "week": lazy_gettext("In the last seven days"),
    "month": lazy_gettext("In the last thirty days"),
    "season": lazy_gettext("In the last three months"),
}
SPANS: Final = {"week": timedelta(days=7), "month": timedelta(days=30), "season": timedelta(days=92)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice of a list: its value in the address, its words, and whether it is the one."""

    value: str
    words: LazyString
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the address asks for, as words of its own lists; anything else in it is the first of each list."""

    words: str
    place: str
    kind: str
    since: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for at all."""
        return not (self.words.strip() or self.place or self.kind or self.since)

    @property
    def query(self) -> dict[str, Any]:
        """The same as parts of an address."""
        given = {"q": self.words, "where": self.place, "kind": self.kind, "since": self.since}
        return {name: value for name, value in given.items() if value}

    def wish(self) -> Wish:
        """The same for the domain."""
        return Wish(
            words=self.words,
            kind=self.kind or None,
            place=Place(self.place) if self.place else None,
            since=context.now() - SPANS[self.since] if self.since else None,
        )


def asked() -> Asked:
    """What this page's address asks for."""
    given = request.values
    return Asked(
        words=given.get("q", "")[: search.LONGEST_TYPED],
        place=_one_of(PLACES, given.get("where", "")),
        kind=_one_of(KINDS, given.get("kind", "")),
        since=_one_of(SINCE, given.get("since", "")),
    )


def _one_of(known: dict[str, LazyString], word: str) -> str:
    return word if word in known else ""


def _choices(known: dict[str, LazyString], chosen: str) -> Sequence[Choice]:
    return tuple(Choice(value=value, words=words, here=value == chosen) for value, words in known.items())


def _places(reader: Reader) -> dict[str, LazyString]:
    """Who lives nowhere here has no building and no quarter to look in."""
    missing = {
        *(() if reader.building_ids else (Place.BUILDING.value,)),
        *(() if reader.quarter_ids else (Place.QUARTER.value,)),
    }
    return {value: words for value, words in PLACES.items() if value not in missing}


@pages.get("/search")
def page() -> str:
    """What was asked for, newest first; how to ask when nothing was."""
    wish, session, reader = asked(), context.home(), context.reader()
    found = None
    if not wish.is_empty:
        found = search.find(
            session, reader=reader, wish=wish.wish(), now=context.now(), before=context.before(), limit=LONGEST_PAGE
        )
    return render_template(
        "search/search.html",
        asked=wish,
        places=_choices(_places(reader), wish.place),
        kinds=_choices(KINDS, wish.kind),
        since=_choices(SINCE, wish.since),
        longest=search.LONGEST_TYPED,
        slips=slips.board(session, notices=found.notices, reader=reader) if found else (),
        older=url_for("search.page", **wish.query, before=found.before) if found and found.before else None,
        newest=url_for("search.page", **wish.query) if "before" in request.args else None,
        too_small=bool(wish.words.strip()) and not search.read(wish.words),
        can_keep=bool(search.read(wish.words)),
    )


# --- kept searches


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One of one's own kept searches, with what it found."""

    public_id: uuid.UUID
    words: str
    narrowed: tuple[str, ...]
    url: str
    silent: bool
    slips: Sequence[Slip]


@pages.get("/search/kept")
def kept() -> str:
    """One's own kept searches, and what each found."""
    own = lookouts.of_resident(context.home(), resident=context.require_resident())
    return render_template("search/kept.html", kept=[_kept(one) for one in own], most=lookouts.MOST)


def _kept(lookout: Lookout) -> Kept:
    session, reader = context.home(), context.reader()
    found = lookouts.finds(session, lookout=lookout, reader=reader)
    given: dict[str, Any] = {"q": lookout.words, "where": lookout.place, "kind": lookout.kind}
    return Kept(
        public_id=lookout.public_id,
        words=lookout.words,
        narrowed=(str(PLACES[lookout.place or ""]), str(KINDS[lookout.kind or ""])),
        url=url_for("search.page", **{name: value for name, value in given.items() if value}),
        silent=lookouts.is_silent(lookout, reader=reader),
        slips=slips.board(session, notices=found, reader=reader),
    )


@pages.post("/search/kept")
def keep() -> Response:
    """Keep the search that was just made."""
    wish = asked()
    try:
        lookouts.keep(
            context.home(),
            by=context.require_resident(),
            reader=context.reader(),
            wish=wish.wish(),
            now=context.now(),
        )
    except Refused as refused:
        context.rollback()
        flash(refusals.sentence(refused.code))
        return redirect(url_for("search.page", **wish.query))
    context.commit()
    flash(gettext("We tell you when it is hung."))
    return redirect(url_for("search.kept"))


@pages.post("/search/kept/<uuid:public_id>/forget")
def forget(public_id: uuid.UUID) -> Response:
    """Look out for it no longer."""
    lookouts.forget(context.home(), public_id=public_id, by=context.require_resident())
    context.commit()
    flash(gettext("We no longer look out for it."))
    return redirect(url_for("search.kept"))
