"""Searching: the notices a reader may see that have all the words they typed, newest first, page by page.

By date and not by rank: what hangs is for now, and ranking two million notices takes half a second. Conversations are
not searched.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance.audience import CITY_CIRCLE, Reader
from instance.boards import WITH_NAMES, Page
from instance.notices import Notice
from instance.searching import by_circles, by_words
from instance.searching.question import LONGEST_TYPED, Question, read

__all__ = ["LONGEST_TYPED", "Place", "Wish", "circles", "find", "read"]


class Place(StrEnum):
    """Where to look: one of a reader's own circles, or what hangs here for other towns."""

    BUILDING = "building"
    QUARTER = "quarter"
    TOWN = "town"
    AWAY = "away"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody looks for. `kind` is `offer`, `request` or a family of notices; None is any, as in `place`."""

    words: str = ""
    kind: str | None = None
    place: Place | None = None
    since: datetime | None = None


def find(
    session: Session, *, reader: Reader, wish: Wish, now: datetime, before: int | None = None, limit: int = 20
) -> Page:
    """Live notices of the reader's circles that have all the words, newest first; nothing for a visitor.

    Without a word it is everything of that kind, place and time; typed words that all are too small find nothing.
    The index says what to look at; what may be read is asked of each notice again.
    """
    there = circles(reader, place=wish.place)
    wanted = read(wish.words)
    if not there or (wish.words.strip() and not wanted):
        return Page(notices=(), before=None)
    asked = Question(
        marks=_marks(wish),
        terms=wanted,
        circles=there,
        since=wish.since,
        before=before,
        now=now,
    )
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    # Keys first: of what is not shown, nothing else is read.
    found = (by_words if on_sqlite else by_circles).find(session, asked, limit=limit + 1)
    shown = found[:limit]
    if not shown:
        return Page(notices=(), before=None)
    hung = session.scalars(
        select(Notice).where(Notice.id.in_(shown)).order_by(Notice.id.desc()).options(*WITH_NAMES)
    ).all()
    return Page(notices=hung, before=shown[-1] if len(found) > limit else None)


def circles(reader: Reader, *, place: Place | None) -> tuple[str, ...]:
    """The boards of a reader that are at such a place."""
    match place:
        case None:
            return reader.circles
        case Place.TOWN | Place.AWAY:
            return tuple(one for one in reader.circles if one == CITY_CIRCLE)
        case Place.BUILDING | Place.QUARTER:
            return tuple(one for one in reader.circles if one.startswith(f"{place}:"))


def _marks(wish: Wish) -> tuple[Sequence[str], ...]:
    """Marks a notice must have, one of each group; its week is not among them."""
    here = {Place.TOWN: (":from:here",), Place.AWAY: (":from:away",)}
    groups: list[Sequence[str]] = [here[wish.place]] if wish.place in here else []
    if wish.kind is not None:
        # A kind comes out of an address: what no kind is called like finds nothing.
        groups.append([f":kind:{wish.kind if wish.kind.isascii() and wish.kind.isalnum() else ''}"])
    return tuple(groups)
