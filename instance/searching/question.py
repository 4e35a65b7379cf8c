"""What is asked of the index of words, whichever engine keeps it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import FromClause, Select

from instance import notices, stems
from instance.base import drawn_at
from instance.notices import Notice

LONGEST_TYPED: Final = 200
MOST_WORDS: Final = 8
# With fewer letters the last word is whole: "la" is not the beginning of something.
SHORTEST_BEGINNING: Final = 3
LONGEST_AGO: Final = timedelta(days=400)
# The table and not the class: of a class every family's table would be joined, for a key that none of them has.
NOTICE: Final = Notice.__table__

_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Term:
    """One of several is enough: a stem, or a word that begins so."""

    stems: frozenset[str]
    beginnings: frozenset[str] = frozenset()

    @property
    def whole(self) -> Sequence[str]:
        """What has to be a word as it is; a beginning of full length is a word of the index by itself."""
        full = {one for one in self.beginnings if len(one) == stems.LONGEST_BEGINNING}
        return sorted(self.stems | full)

    @property
    def begun(self) -> Sequence[str]:
        """What is only the beginning of a word."""
        return sorted(one for one in self.beginnings if len(one) < stems.LONGEST_BEGINNING)


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


def weeks(since: datetime, *, until: datetime) -> Sequence[str]:
    """The marks of all weeks from one moment to another; of one week ahead, too, for clocks that differ."""
    many = max((until - since) // _WEEK + 3, 1)
    return [notices.week_mark(since + number * _WEEK) for number in range(many)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked of the index."""

    marks: tuple[Sequence[str], ...]
    terms: tuple[Term, ...]
    circles: tuple[str, ...]
    since: datetime | None
    before: int | None
    now: datetime

    @property
    def until(self) -> datetime:
        """The moment of the newest notice that can be one."""
        return self.now if self.before is None else drawn_at(self.before)

    @property
    def marked(self) -> tuple[Sequence[str], ...]:
        """The marks with those of all weeks since the moment that was asked for."""
        if self.since is None:
            return self.marks
        return (*self.marks, weeks(max(self.since, self.now - LONGEST_AGO), until=self.now))

    def narrowed(self, wanted: Select[Any], *, of: FromClause) -> Select[Any]:
        """What is asked of the notice itself beyond its words, circle and state."""
        if self.since is not None:
            wanted = wanted.where(of.c.created_at >= self.since)
        if self.before is not None:
            wanted = wanted.where(of.c.id < self.before)
        return wanted


def any_of(parts: Iterable[str], *, by: str = " OR ") -> str:
    """Several words of a question of which one is enough."""
    return f"({by.join(parts)})"
