"""A search on PostgreSQL: circle by circle, by date as long as that is enough, then by words.

Both statements are written out: put together anew for each question, they cost more than PostgreSQL takes to answer.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, Final, NamedTuple

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from instance.audience import BUILDING_CIRCLES
from instance.base import drawn_at, id_at
from instance.search_index import IN_INDEX, LEXEMES
from instance.searching.question import LONGEST_AGO, Question, Term, any_of, weeks

# How many notices of a circle are read before anything else: a word of every tenth fills a page from so many.
LOOKED_AT: Final = 300
# It goes on where so many times what is wanted should be in what is read next, and that is not more than so many.
AMPLE: Final = 2
FURTHEST: Final = 2_000

_DAY: Final = timedelta(days=1)
_NARROWED: Final = """
    created_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
    AND id < coalesce(CAST(:before AS bigint), 9223372036854775807)
"""
# With what it has, how far back was read; nothing where no more hangs than was read.
_NEWEST: Final = f"""
    SELECT asked.circle, found.id, found.is_edge
    FROM unnest(CAST(:circles AS text[]), CAST(:many AS bigint[])) AS asked (circle, many)
    CROSS JOIN LATERAL (
        WITH newest AS MATERIALIZED (
            SELECT id, created_at, ' ' || search_text || ' ' AS words
            FROM notice
            WHERE circle = asked.circle AND state = 'live'
                AND id < coalesce(CAST(:before AS bigint), 9223372036854775807)
            ORDER BY id DESC
            LIMIT asked.many
        )
        (SELECT id, false AS is_edge FROM newest WHERE {_NARROWED} AND ({{has}}) ORDER BY id DESC LIMIT :limit)
        UNION ALL
        SELECT min(id), true FROM newest HAVING count(*) = asked.many
    ) AS found
"""  # noqa: S608 — of our own words alone; what somebody typed is always a parameter
# By its words alone: the offset keeps the planner from going by date. The circle is in the words already, as all words
# are where an index is asked for ever; of what it has for some weeks, both are asked again.
_INDEXED: Final = f"""
    SELECT asked.circle, found.id, false AS is_edge
    FROM unnest(CAST(:circles AS text[]), CAST(:queries AS text[]), CAST(:oldest AS bigint[]))
        AS asked (circle, query, oldest)
    CROSS JOIN LATERAL (
        SELECT id
        FROM (
            SELECT id, circle, created_at, ' ' || search_text || ' ' AS words
            FROM notice
            WHERE {IN_INDEX} AND {LEXEMES} @@ CAST(asked.query AS tsquery)
            OFFSET 0
        ) AS there
        WHERE circle = asked.circle AND {_NARROWED} AND (asked.oldest IS NULL OR (id >= asked.oldest AND {{has}}))
        ORDER BY id DESC
        LIMIT :limit
    ) AS found
"""  # noqa: S608 — as above


class _Found(NamedTuple):
    """What a circle has, newest first; `edge` is the oldest that was looked at, if more hangs beyond it."""

    keys: Sequence[int]
    edge: int | None


def find(session: Session, *, asked: Question, limit: int) -> Sequence[int]:
    """PostgreSQL: of each circle the newest notices are read; where they do not fill a page, its index is asked.

    The index knows words and not what is new: it gathers all it has before the newest can be taken. So it is asked for
    the weeks that should hold enough, and for everything only if they did not.
    """
    # Of a building it is all: few, and in no index.
    many = {one: None if one.startswith(BUILDING_CIRCLES) else LOOKED_AT for one in asked.circles}
    found = _newest(session, asked, many=many, limit=limit)
    further = {one: int(LOOKED_AT * _more(found[one], limit=limit)) for one in _wanting(found, limit=limit)}
    near: dict[str, int | None] = {one: read for one, read in further.items() if read <= FURTHEST}
    found |= _newest(session, asked, many=near, limit=limit)
    begins = {
        one: _begin(asked, edge=edge, times=_more(found[one], limit=limit))
        for one, edge in _wanting(found, limit=limit).items()
    }
    while begins:
        found |= _indexed(session, asked, begins=begins, limit=limit)
        begins = {one: None for one, begin in begins.items() if begin is not None and len(found[one].keys) < limit}
    return sorted(chain(*(one.keys for one in found.values())), reverse=True)[:limit]


def _wanting(found: Mapping[str, _Found], *, limit: int) -> dict[str, int]:
    """The circles that have too little so far and more to look at, each with how far it was looked at."""
    return {circle: one.edge for circle, one in found.items() if one.edge is not None and len(one.keys) < limit}


def _more(found: _Found, *, limit: int) -> float:
    """How many times as many notices should hold enough, by what was found in some."""
    return AMPLE * limit / max(len(found.keys), 1)


def _newest(session: Session, asked: Question, *, many: Mapping[str, int | None], limit: int) -> dict[str, _Found]:
    """What so many of the newest notices of each circle have to say, or all of them."""
    return _ask(session, asked, _NEWEST, circles=list(many), many=list(many.values()), limit=limit)


def _begin(asked: Question, *, edge: int, times: float) -> datetime | None:
    """Since when a circle is asked: so many times as far back as its newest reach that were seen; None is for ever."""
    span = (asked.until - drawn_at(edge)) * times
    return asked.until - span if timedelta() < span < LONGEST_AGO else None


def _indexed(
    session: Session, asked: Question, *, begins: Mapping[str, datetime | None], limit: int
) -> dict[str, _Found]:
    """The newest keys of each circle, by its words."""
    return _ask(
        session,
        asked,
        _INDEXED,
        circles=list(begins),
        queries=[_match(circle, asked, begin=begin) for circle, begin in begins.items()],
        oldest=[None if begin is None else id_at(begin) for begin in begins.values()],
        limit=limit,
    )


def _match(circle: str, asked: Question, *, begin: datetime | None) -> str:
    """The words of a circle as the index has them."""

    def here(words: Iterable[str], end: str = "") -> Iterator[str]:
        return (f"'{circle}/{word}'{end}" for word in words)

    # A notice's week and its key are of the same moment; a day more is for clocks that differ.
    span = () if begin is None else (weeks(begin - _DAY, until=asked.until),)
    groups = [any_of(here(marks), by=" | ") for marks in (*asked.marked, *span)]
    groups += [any_of((*here(term.whole), *here(term.begun, ":*")), by=" | ") for term in _listed(asked, begin=begin)]
    return " & ".join(groups)


def _listed(asked: Question, *, begin: datetime | None) -> Sequence[Term]:
    """The words whose lists are worth reading.

    For a beginning the lists of all words that begin so are put together, whole: where weeks and another word leave
    little, it is looked for in that.
    """
    whole = tuple(one for one in asked.terms if not one.begun)
    return asked.terms if begin is None or not whole else whole


# --- asking


def _ask(
    session: Session, asked: Question, statement: str, *, circles: Sequence[str], **given: Any
) -> dict[str, _Found]:
    """One question of all these circles, in one statement."""
    if not circles:
        return {}
    patterns = {f"has_{place}": list(one) for place, one in enumerate(_patterns(asked))}
    rows = session.execute(
        _written(statement, groups=len(patterns)),
        {"circles": circles, "since": asked.since, "before": asked.before, **given, **patterns},
    ).all()
    return {
        circle: _Found(
            keys=[key for there, key, is_edge in rows if there == circle and not is_edge],
            edge=next((key for there, key, is_edge in rows if there == circle and is_edge), None),
        )
        for circle in circles
    }


@lru_cache
def _written(statement: str, *, groups: int) -> TextClause:
    """The statement for so many groups of words, one of each of which a notice has to have."""
    has = (f"words LIKE ANY (CAST(:has_{place} AS text[]))" for place in range(groups))
    return text(statement.replace("{has}", " AND ".join(has) or "true"))


def _patterns(asked: Question) -> Iterator[Iterable[str]]:
    """The rule, without an index: no word and no mark has a sign that means something in a pattern."""
    for marks in asked.marks:
        yield (f"% {one} %" for one in marks)
    for term in asked.terms:
        yield (*(f"% {one} %" for one in term.whole), *(f"% {one}%" for one in term.begun))
