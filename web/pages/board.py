"""The board: what hangs in front of a resident, newest first and with an end; and the door for visitors."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from instance import boards, moving, news, residents
from instance.audience import Reader
from web.frame import context
from web.views import slips

pages = Blueprint("board", __name__)

LONGEST_PAGE: Final = 20
PUBLIC_NEWS: Final = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """One way to look at the board: its word in the address, its name, the family of notices it keeps."""

    word: str
    name: LazyString
    family: str | None


FILTERS: Final = (
    Filter(word="", name=lazy_gettext("Everything"), family=None),
    Filter(word="listings", name=lazy_gettext("Offers and requests"), family="listing"),
    Filter(word="news", name=lazy_gettext("The news"), family="news"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """A filter as the template draws it."""

    url: str
    name: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Empty:
    """An empty board, in words."""

    title: str
    text: str
    url: str
    label: str


@pages.get("/")
def board() -> str:
    """The board of whoever is signed in; for visitors, what this place is and its public news."""
    return _board() if context.reader().signed_in else _welcome()


def _board() -> str:
    reader = context.reader()
    if not reader.circles:
        return _outside()
    chosen = next((one for one in FILTERS if one.word == request.args.get("show", "")), FILTERS[0])
    page = boards.feed(context.home(), reader=reader, before=context.before(), limit=LONGEST_PAGE, family=chosen.family)
    older = url_for("board.board", show=chosen.word or None, before=page.before) if page.before else None
    return render_template(
        "board/board.html",
        slips=slips.board(context.home(), notices=page.notices, reader=reader),
        tabs=_tabs(chosen),
        older=older,
        newest=url_for("board.board", show=chosen.word or None),
        asked=moving.asked(context.home(), resident=context.require_resident()),
        first_page="before" not in request.args,
        empty=_empty(reader, family=chosen.family) if "before" not in request.args and not page.notices else None,
    )


def _outside() -> str:
    """What is public, for an account of which nothing is known, and the way in."""
    shown = news.public(context.home(), limit=PUBLIC_NEWS)
    return render_template(
        "joining/outside.html", slips=slips.board(context.home(), notices=shown, reader=context.reader())
    )


def _empty(reader: Reader, *, family: str | None) -> Empty:
    """What a board with nothing on it says to this reader: what goes here, and the one thing to do."""
    if family == "news":
        return Empty(
            title=gettext("No news yet"),
            text=gettext("News come from the town hall, committees and whoever looks after your building."),
            url=url_for("board.board"),
            label=gettext("Look at the whole board"),
        )
    if not reader.building_ids | reader.quarter_ids:
        return _homeless(reader)
    return Empty(
        title=gettext("You are the first in your building") if _alone(reader) else gettext("Nothing hangs here yet"),
        text=gettext("The first notice is often a question: a ladder, a plumber, a hand with a sofa."),
        url=url_for("listings.compose"),
        label=gettext("Hang a notice"),
    )


def _alone(reader: Reader) -> bool:
    homes = residents.buildings_of(context.home(), resident=context.require_resident())
    return bool(reader.building_ids) and all(
        len(residents.neighbours(context.home(), building=one)) == 1 for one in homes
    )


def _homeless(reader: Reader) -> Empty:
    text = gettext("Here hangs what is for everybody. Notices of a building are for those who live there.")
    if reader.administrator:
        steps = gettext("Look at the first steps")
        return Empty(title=gettext("Nothing hangs here yet"), text=text, url=url_for("first_steps.start"), label=steps)
    return Empty(
        title=gettext("Nothing hangs here yet"),
        text=text,
        url=url_for("joining.known"),
        label=gettext("How to join a building"),
    )


def _tabs(chosen: Filter) -> tuple[Tab, ...]:
    return tuple(
        Tab(url=url_for("board.board", show=one.word or None), name=str(one.name), here=one is chosen)
        for one in FILTERS
    )


def _welcome() -> str:
    shown = news.public(context.home(), limit=PUBLIC_NEWS)
    return render_template(
        "board/welcome.html", slips=slips.board(context.home(), notices=shown, reader=context.reader())
    )
