"""What a template needs to draw one slip on the board: plain data, prepared by a view, no row and no query."""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from instance.audience import Audience


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """Who signs, as this reader may know them.

    `verified` draws the stamp, `town` says where from, `relays` that it is for a neighbour without internet.
    """

    name: str
    url: str | None = None
    verified: bool = False
    town: str | None = None
    relays: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Photograph:
    """A photograph: its two addresses, what is on it in words, its size in points; `remove_url` is for its author."""

    url: str
    small_url: str
    alt: str
    width: int
    height: int
    remove_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Date:
    """When and where something takes place, in words; `begins` for machines."""

    words: str
    place: str
    begins: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One notice for one reader. `kind` is a key of `words.KINDS`; `place` completes the audience mark.

    `body` is HTML that `instance.prose` has cleaned; None on a board, where `excerpt` stands instead.
    """

    kind: str
    title: str
    audience: Audience
    byline: Byline
    since: datetime
    url: str | None = None
    place: str | None = None
    excerpt: str = ""
    body: Markup | None = None
    status: str | None = None
    until: datetime | None = None
    urgent: bool = False
    # What a request is for, in words.
    need: str | None = None
    # Of news that announces something.
    date: Date | None = None
    photo: Photograph | None = None
