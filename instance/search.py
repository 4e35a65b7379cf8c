"""Searching: the notices a reader may see that have all the words they typed, newest first, page by page.

By date and not by rank: what hangs is for now, and ranking two million notices takes half a second. Conversations are
not searched.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import chain
from typing import Final

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Select,
    Subquery,
    bindparam,
    cast,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from instance import notices, stems
from instance.audience import BUILDING_CIRCLES, CITY_CIRCLE, Reader
from instance.base import drawn_at, id_at
from instance.boards import WITH_NAMES, Page
from instance.notices import Notice, State
from instance.search_index import IN_INDEX, LEXEMES, NAME, WORDS

LONGEST_TYPED: Final = 200
MOST_WORDS: Final = 8
# With fewer letters the last word is whole: "la" is not the beginning of something.
SHORTEST_BEGINNING: Final = 3
LONGEST_AGO: Final = timedelta(days=400)
# How many notices are looked at before PostgreSQL asks its index: a word of every fifth fills a page from so many.
LOOKED_AT: Final = 100
# And the span after them, before everything.
LATELY: Final = timedelta(days=7)

_WEEK: Final = timedelta(days=7)
# The table and not the class: of a class every family's table would be joined, for a key that none of them has.
_NOTICE: Final = Notice.__table__


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


@dataclass(frozen=True, slots=True)
class Term:
    """One of several is enough: a stem, or a word that begins so."""

    stems: frozenset[str]
    beginnings: frozenset[str] = frozenset()


def read(typed: str) -> tuple[Term, ...]:
    """The words of what was typed, the first few; all of them are looked for, the last one by its beginning, too.

    Whatever was typed is words: quotes, stars and operators of either engine are signs between them.
    """
    words = list(dict.fromkeys(stems.split(typed[:LONGEST_TYPED])))[:MOST_WORDS]
    return tuple(
        Term(stems=stems.stems(word), beginnings=_beginnings(word) if word is words[-1] else frozenset())
        for word in words
    )


def _beginnings(word: str) -> frozenset[str]:
    return frozenset(one for one in stems.beginnings(word) if len(one) >= SHORTEST_BEGINNING)


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
    asked = _Question(
        marks=_marks(wish, now=now),
        terms=wanted,
        circles=there,
        since=wish.since,
        before=before,
        until=now if before is None else drawn_at(before),
    )
    on_sqlite = session.get_bind().dialect.name == "sqlite"
    # Keys first: of what is not shown, nothing else is read.
    found = (_by_words if on_sqlite else _by_circles)(session, asked, limit=limit + 1)
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


def _marks(wish: Wish, *, now: datetime) -> tuple[Sequence[str], ...]:
    """Marks a notice must have, one of each group."""
    here = {Place.TOWN: (":from:here",), Place.AWAY: (":from:away",)}
    groups: list[Sequence[str]] = [here[wish.place]] if wish.place in here else []
    if wish.kind is not None:
        # A kind comes out of an address: what no kind is called like finds nothing.
        groups.append([f":kind:{wish.kind if wish.kind.isascii() and wish.kind.isalnum() else ''}"])
    if wish.since is not None:
        groups.append(_weeks(max(wish.since, now - LONGEST_AGO), until=now))
    return tuple(groups)


def _weeks(since: datetime, *, until: datetime) -> Sequence[str]:
    """The marks of all weeks from one moment to another; of one week ahead, too, for clocks that differ."""
    many = max((until - since) // _WEEK + 3, 1)
    return [notices.week_mark(since + number * _WEEK) for number in range(many)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """What is asked of the index."""

    marks: tuple[Sequence[str], ...]
    terms: tuple[Term, ...]
    circles: tuple[str, ...]
    since: datetime | None
    before: int | None
    until: datetime

    def holds(self, search_text: str, *, at: datetime) -> bool:
        """Whether a notice with these words, hung at that moment, is one: the rule, without an index."""
        has = set(search_text.split(" "))
        return (
            (self.since is None or at >= self.since)
            and all(has.intersection(marks) for marks in self.marks)
            and all(_has(term, has) for term in self.terms)
        )

    def narrowed(self, wanted: Select[int]) -> Select[int]:
        """What is asked of the notice itself beyond its circle and state."""
        if self.since is not None:
            wanted = wanted.where(_NOTICE.c.created_at >= self.since)
        return wanted


def _has(term: Term, words: set[str]) -> bool:
    begun = tuple(one for one in term.beginnings if len(one) < stems.LONGEST_BEGINNING)
    return not words.isdisjoint(term.stems | term.beginnings) or any(one.startswith(begun) for one in words)


def _by_words(session: Session, asked: _Question, *, limit: int) -> Sequence[int]:
    """SQLite: one walk through the words' own lists, from the newest; circles are words in them."""
    groups = [_any(f'":{one}"' for one in asked.circles)]
    groups += [_any(f'"{one}"' for one in marks) for marks in asked.marks]
    groups += [
        _any((*(f'"{one}"' for one in sorted(term.stems)), *(_begun(one) for one in sorted(term.beginnings))))
        for term in asked.terms
    ]
    match = literal_column(NAME).bool_op("MATCH")(" AND ".join(groups))
    wanted = select(_NOTICE.c.id).join(WORDS, WORDS.c.rowid == _NOTICE.c.id).where(match)
    # The plus keeps SQLite from going through the boards and asking of each notice whether it has the words.
    state: ColumnElement[str] = literal_column("+notice.state")
    there: ColumnElement[str] = literal_column("+notice.circle")
    wanted = asked.narrowed(wanted).where(state == State.LIVE.value, there.in_(asked.circles))
    if asked.before is not None:
        wanted = wanted.where(WORDS.c.rowid < asked.before)
    return session.scalars(wanted.order_by(WORDS.c.rowid.desc()).limit(limit)).all()


def _begun(word: str) -> str:
    # A beginning of full length is a word of the index by itself, here and for PostgreSQL.
    return f'"{word}"' if len(word) == stems.LONGEST_BEGINNING else f'"{word}" *'


def _any(parts: Iterable[str], *, by: str = " OR ") -> str:
    return f"({by.join(parts)})"


def _by_circles(session: Session, asked: _Question, *, limit: int) -> Sequence[int]:
    """PostgreSQL: circle by circle, its newest notices, then its newest weeks, then all of it, until that is enough.

    Its index knows words and not what is new. Left to choose, it gathers a hundred thousand notices of a common word to
    sort them, or looks for a rare one through all of them by date.
    """
    settled: dict[str, Sequence[int]] = {}
    for step in (_among_newest, _of_late, _ever):
        still = tuple(one for one in asked.circles if one not in settled)
        if still:
            settled |= step(session, replace(asked, circles=still), limit=limit)
    return sorted(chain(*settled.values()), reverse=True)[:limit]


def _among_newest(session: Session, asked: _Question, *, limit: int) -> dict[str, Sequence[int]]:
    """What the newest notices of each circle have to say, where it is enough or they are all there is.

    Of a building all are looked at: they are few, and not in the index.
    """
    hanging = session.execute(union_all(*(select(_newest(one, before=asked.before)) for one in asked.circles))).all()
    settled: dict[str, Sequence[int]] = {}
    for circle in asked.circles:
        newest = [one for one in hanging if one.circle == circle]
        having = sorted((one.id for one in newest if asked.holds(one.search_text, at=one.created_at)), reverse=True)
        if len(having) >= limit or len(newest) < LOOKED_AT or _is_building(circle):
            settled[circle] = having[:limit]
    return settled


def _is_building(circle: str) -> bool:
    return circle.startswith(BUILDING_CIRCLES)


def _newest(circle: str, *, before: int | None) -> Subquery:
    kept = (_NOTICE.c[one] for one in ("id", "circle", "search_text", "created_at"))
    hanging = select(*kept).where(_NOTICE.c.circle == circle, _NOTICE.c.state == State.LIVE.value)
    if before is not None:
        hanging = hanging.where(_NOTICE.c.id < before)
    return hanging.order_by(_NOTICE.c.id.desc()).limit(None if _is_building(circle) else LOOKED_AT).subquery()


def _of_late(session: Session, asked: _Question, *, limit: int) -> dict[str, Sequence[int]]:
    """What hangs in the whole town since a week, if it is enough; a quarter's lists are short.

    A notice's week and its key are of the same moment; a day more on either side is for clocks that differ.
    """
    if CITY_CIRCLE not in asked.circles:
        return {}
    begin = asked.until - LATELY
    weeks = {notices.week_mark(begin + timedelta(days=day)) for day in (-1, 3, LATELY.days + 1)}
    lately = replace(asked, marks=(*asked.marks, sorted(weeks)))
    found = _read(session, CITY_CIRCLE, lately, least=id_at(begin), limit=limit)
    return {CITY_CIRCLE: found} if len(found) == limit else {}


def _ever(session: Session, asked: _Question, *, limit: int) -> dict[str, Sequence[int]]:
    return {circle: _read(session, circle, asked, least=0, limit=limit) for circle in asked.circles}


def _read(session: Session, circle: str, asked: _Question, *, least: int, limit: int) -> Sequence[int]:
    """The newest keys of a circle, by its words alone: the offset keeps the planner from going by date."""
    by_words = select(_NOTICE.c.id, _NOTICE.c.circle, _NOTICE.c.created_at)
    by_words = by_words.where(literal_column(IN_INDEX, Boolean()), _match(circle, asked))
    there = by_words.offset(0).subquery()
    # The circle is in the words already; this is asked of each notice again.
    wanted = select(there.c.id).where(there.c.circle == circle, there.c.id >= least)
    if asked.before is not None:
        wanted = wanted.where(there.c.id < asked.before)
    if asked.since is not None:
        wanted = wanted.where(there.c.created_at >= asked.since)
    return session.scalars(wanted.order_by(there.c.id.desc()).limit(limit)).all()


def _query(circle: str, asked: _Question) -> str:
    def here(words: Iterable[str], end: str = "") -> Iterator[str]:
        return (f"'{circle}/{word}'{end}" for word in sorted(words))

    groups = [_any(here(marks), by=" | ") for marks in asked.marks]
    for term in asked.terms:
        whole = {one for one in term.beginnings if len(one) == stems.LONGEST_BEGINNING}
        groups.append(_any((*here(term.stems | whole), *here(term.beginnings - whole, ":*")), by=" | "))
    return " & ".join(groups)


def _match(circle: str, asked: _Question) -> ColumnElement[bool]:
    # A literal, because a prepared statement is planned for words in general: a common and a rare one want two plans.
    given: BindParameter[str] = bindparam(None, _query(circle, asked), unique=True, literal_execute=True)
    return literal_column(LEXEMES).bool_op("@@")(cast(given, TSQUERY))
