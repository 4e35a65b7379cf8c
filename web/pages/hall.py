"""The wall in an entrance hall: three panes on a page of its own, drawn anew every minute with or without scripts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, make_response, render_template
from flask_babel import force_locale, gettext

from instance import halls
from instance.audience import Audience
from instance.halls import Slide, Wall
from web.frame import context, locale

pages = Blueprint("hall", __name__)

# Read from three metres, walking: twelve words large, thirty small, one message at a time in each pane.
LARGE: Final = 12
SMALL: Final = 30
ALSO: Final = 2
# The longer a title, the smaller its letters, so that it is whole on every screen.
SIZES: Final = ((24, "large"), (52, "middle"))
NIGHT: Final = frozenset({22, 23, 0, 1, 2, 3, 4, 5})


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What a pane says large, cut to what somebody walking past can read."""

    kind: str
    title: str
    size: str
    summary: str
    signed: str | None
    audience: Audience
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One of the three: its name, its message of this minute, and what else hangs there."""

    name: str
    message: Message | None
    also: Sequence[str]
    more: int
    empty: str


@pages.get("/hall/<key>")
def wall(key: str) -> Response:
    """The wall of one screen. Its key is the only thing asked for; an unknown one is no page at all."""
    # A wall speaks the town's language, whatever the screen's browser was set to in its factory.
    with force_locale(context.settings().default_locale):
        answer = make_response(_draw(halls.wall(context.home(), key=key), now=context.now()))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    # The address is the key, so it is told to nobody, not even to ourselves.
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _draw(found: Wall, *, now: datetime) -> str:
    return render_template(
        "hall/wall.html",
        building=found.building,
        street=found.street,
        panes=_panes(found, now=now),
        now=now,
        night=now.astimezone(ZoneInfo(locale.TIMEZONE)).hour in NIGHT,
    )


def _panes(found: Wall, *, now: datetime) -> list[Pane]:
    around = gettext("%(quarter)s and the town", quarter=found.quarter)
    frame = gettext("Room for whoever answers for the building.")
    return [
        _pane(found.installer, name=found.installer_name or gettext("About the building"), empty=frame, now=now),
        _pane(found.at_home, name=gettext("Your building"), empty=gettext("Room for your notice."), now=now),
        _pane(found.around, name=around, empty=gettext("Nothing new around here."), now=now),
    ]


def _pane(slides: Sequence[Slide], *, name: str, empty: str, now: datetime) -> Pane:
    """Another slide at each minute, because the page draws itself anew at each minute."""
    hanging = [one for one in slides if one.until is None or one.until > now]
    if not hanging:
        return Pane(name=name, message=None, also=(), more=0, empty=empty)
    turn = int(now.timestamp() // 60) % len(hanging)
    others = [*hanging[turn + 1 :], *hanging[:turn]]
    return Pane(
        name=name,
        message=_message(hanging[turn]),
        also=[_cut(one.title, words=LARGE) for one in others[:ALSO]],
        more=max(0, len(others) - ALSO),
        empty="",
    )


def _message(slide: Slide) -> Message:
    title = _cut(slide.title, words=LARGE)
    return Message(
        kind=slide.kind,
        title=title,
        size=next((size for longest, size in SIZES if len(title) <= longest), "small"),
        summary=_cut(slide.summary, words=SMALL),
        signed=slide.organisation or slide.city,
        audience=Audience.NETWORK if slide.city else slide.audience,
        since=slide.since,
        until=slide.until,
    )


def _cut(text: str, *, words: int) -> str:
    found = text.split()
    short = " ".join(found) if len(found) <= words else " ".join(found[:words]).rstrip(" ,;:.") + "…"
    # French sets a space before these; on a narrow wall they would begin a line.
    return re.sub(r" (?=[:;!?»])", "\u00a0", short)
