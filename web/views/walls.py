"""The wall as templates show it: messages cut to what is read walking past, and the parts that change by themselves."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import segno
from flask import render_template
from flask_babel import get_locale, gettext
from markupsafe import Markup

from instance import presence
from instance.audience import Audience
from instance.halls import Hall, Wall
from instance.slides import Shown, Slide
from web import VERSION
from web.frame import context, drawings, locale, media, moments
from web.views import happenings

# Read from three metres, walking: twelve words large, thirty small, one message at a time in each pane.
LARGE: Final = 12
SMALL: Final = 30
# The longer a title, the smaller its letters, so that it is whole on every screen.
SIZES: Final = ((24, "large"), (52, "middle"))
NIGHT: Final = frozenset({22, 23, 0, 1, 2, 3, 4, 5})
# How long one message stays before the next one of its pane comes. Without scripts the page turns once a minute.
TURN_SECONDS: Final = 12
PARTS: Final = ("head", "installer", "home", "around", "urgent")
SHEETS: Final = ("hall.js", "css/hall.css", "css/tokens.css")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message, cut to what somebody walking past can read. `address` is what its QR code opens."""

    kind: str
    title: str
    size: str
    # When and where what it announces takes place.
    when: str
    summary: str
    signed: str | None
    audience: Audience
    since: datetime
    until: datetime | None
    urgent_until: datetime | None
    address: str
    picture: Shown | None = None

    @property
    def picture_address(self) -> str:
        """Where its picture is."""
        return media.wall_address(self.picture.public_id) if self.picture is not None else ""

    @property
    def code(self) -> Markup:
        """The QR code."""
        return qr(self.address)

    @property
    def verb(self) -> str:
        """What somebody who follows the QR code does."""
        return gettext("Read more") if self.kind == "news" else gettext("Answer")

    @property
    def lasting(self) -> str:
        """Until when it is urgent, in words."""
        until = self.urgent_until
        if until is None:
            return ""
        if local_day(until) == local_day(context.now()):
            return gettext("Until %(hour)s", hour=moments.hour(until))
        return gettext("Until %(day)s, %(hour)s", day=moments.day(until), hour=moments.hour(until))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """One of the three frames: its name, its messages, and what stands there when there are none."""

    name: str
    messages: Sequence[Message]
    empty: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A piece of the wall that is sent when it changes: the same words, the same version."""

    name: str
    version: str
    html: Markup


def head(wall: Wall | Hall, *, origin: str, key: bytes, now: datetime) -> Part:
    """The name of the building, its street, and the code of these ten minutes, for somebody who is new here."""
    letters = presence.code(key=key, building=wall.public_id, window=presence.window(now))
    where = f"{urlsplit(origin).netloc}/join"
    return _part("head", wall.building, wall.street, where, presence.pretty(letters))


def installer(wall: Wall, *, origin: str, now: datetime) -> Part:
    """The pane of whoever answers for the building."""
    name = wall.installer_name or gettext("About the building")
    empty = gettext("Room for whoever answers for the building.")
    return _part("installer", Pane(name=name, messages=_messages(wall.installer, origin=origin, now=now), empty=empty))


def home(wall: Wall, *, origin: str, now: datetime) -> Part:
    """The pane of the neighbours."""
    messages = _messages(wall.at_home, origin=origin, now=now)
    return _part("home", Pane(name=gettext("Your building"), messages=messages, empty=gettext("Room for your notice.")))


def around(slides: Iterable[Slide], *, quarter: str, origin: str, now: datetime) -> Part:
    """The pane of a quarter and the town: the same on every wall of the quarter."""
    name = gettext("%(quarter)s and the town", quarter=quarter)
    messages = _messages(slides, origin=origin, now=now)
    return _part("around", Pane(name=name, messages=messages, empty=gettext("Nothing new around here.")))


def urgent(slides: Iterable[Slide], *, origin: str, now: datetime) -> Part:
    """What takes the whole wall; nothing most of the time."""
    wanted = [one for one in slides if one.urgent_until is not None and one.urgent_until > now]
    # "until 6 pm" becomes wrong at midnight, so the day is part of what is said.
    return _part("urgent", _messages(wanted, origin=origin, now=now), local_day(now) if wanted else None)


def parts(wall: Wall, *, origin: str, key: bytes, now: datetime) -> Sequence[Part]:
    """The whole wall, in the order of `PARTS`."""
    return (
        head(wall, origin=origin, key=key, now=now),
        installer(wall, origin=origin, now=now),
        home(wall, origin=origin, now=now),
        around(wall.around, quarter=wall.quarter, origin=origin, now=now),
        urgent(wall.urgent, origin=origin, now=now),
    )


def local_day(moment: datetime) -> str:
    """The day of a moment in the town."""
    return moment.astimezone(ZoneInfo(locale.TIMEZONE)).date().isoformat()


def is_night(moment: datetime) -> bool:
    """Whether the wall dims: from 22 to 6 o'clock in the town."""
    return moment.astimezone(ZoneInfo(locale.TIMEZONE)).hour in NIGHT


def shell() -> str:
    """The version of the page around the parts: a screen that has another one loads itself anew."""
    return _digest(VERSION, *(drawings.version(one) for one in SHEETS))


def message(slide: Slide, *, origin: str) -> Message:
    """A slide in the words that fit."""
    title = _cut(slide.title, words=LARGE)
    return Message(
        kind=slide.kind,
        title=title,
        size=next((size for longest, size in SIZES if len(title) <= longest), "small"),
        when=_when(slide),
        summary=_cut(slide.summary, words=SMALL),
        signed=slide.organisation or slide.city,
        audience=Audience.NETWORK if slide.city else slide.audience,
        since=slide.since,
        until=slide.until,
        urgent_until=slide.urgent_until,
        address=f"{origin}/notices/{slide.notice}",
        # Beside a long title there is room for the summary or a picture: words come first.
        picture=slide.picture if len(title) <= SIZES[-1][0] else None,
    )


def _when(slide: Slide) -> str:
    """`samedi 5 juin, 10 h 00 · Place des Essais`."""
    found = slide.happening
    if found is None:
        return ""
    said = [gettext("called off")] if found.called_off else []
    return " · ".join([*said, happenings.when(found), *([found.place] if found.place else [])])


@lru_cache(maxsize=2000)
def qr(address: str) -> Markup:
    """An address as a QR code, drawn inline. Micro codes are not read by every telephone."""
    # One pattern for all: every reader knows the eight, and trying them out takes most of the time.
    drawing = segno.make(address, error="m", mask=0, micro=False)
    return Markup(  # noqa: S704 - clean: a drawing made here
        drawing.svg_inline(omitsize=True, border=2, svgclass="qr", lineclass=None, dark="#000", light="#fff")
    )


def _messages(slides: Iterable[Slide], *, origin: str, now: datetime) -> tuple[Message, ...]:
    return tuple(message(one, origin=origin) for one in slides if one.until is None or one.until > now)


def _cut(text: str, *, words: int) -> str:
    found = text.split()
    short = " ".join(found) if len(found) <= words else " ".join(found[:words]).rstrip(" ,;:.") + "…"
    # French sets a space before these; on a narrow wall they would begin a line.
    return re.sub(r" (?=[:;!?»])", "\u00a0", short)


def _part(name: str, *content: object) -> Part:
    return _drawn(name, str(get_locale()), content)


@lru_cache(maxsize=512)
def _drawn(name: str, language: str, content: tuple[object, ...]) -> Part:
    """Draw once what many walls show: the part around is the same in a whole quarter."""
    version = _digest(name, language, repr(content))
    # What is urgent says until when, in words of today; all else a slide says stays true, so it is drawn once.
    slides = [_slide(one, language, name == "urgent") for one in _messages_in(content)]
    html = render_template("hall/part.html", content=content, part=name, version=version, slides=slides)
    return Part(name=name, version=version, html=Markup(html))  # noqa: S704 - our own template, which escapes


def _messages_in(content: tuple[object, ...]) -> Sequence[Message]:
    match content:
        case (Pane() as pane,):
            return pane.messages
        case (tuple() as messages, _):
            return messages
        case _:
            return ()


def _slide(message: Message, language: str, urgent: bool) -> Markup:
    if urgent:
        return _drawn_slide.__wrapped__(message, language, urgent)
    return _drawn_slide(message, language, urgent)


@lru_cache(maxsize=2000)
def _drawn_slide(message: Message, _language: str, urgent: bool) -> Markup:
    html = render_template("hall/slide.html", message=message, urgent=urgent)
    return Markup(html)  # noqa: S704 - our own template, which escapes


def _digest(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:12]
