"""A search on PostgreSQL: circle by circle, by date as long as that is enough, then by words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from typing import Any, Final

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Select,
    bindparam,
    cast,
    literal,
    literal_column,
    or_,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from instance.audience import BUILDING_CIRCLES
from instance.base import drawn_at, id_at
from instance.notices import State
from instance.search_index import IN_INDEX, LEXEMES
from instance.searching.question import LONGEST_AGO, NOTICE, Question, Term, any_of, weeks

# How many notices of a circle are read before anything else: a word of every tenth fills a page from so many.
LOOKED_AT: Final = 300
# It goes on where so many times what is wanted should be in what is read next, and that is not more than so many.
AMPLE: Final = 2
FURTHEST: Final = 2_000

_DAY: Final = timedelta(days=1)


def find(session: Session, asked: Question, *, limit: int) -> Sequence[int]:
    """PostgreSQL: of each circle the newest notices are read; where they do not fill a page, its index is asked.

    The index knows words and not what is new: it gathers all it has before the newest can be taken. So it is asked for
    the weeks that should hold enough, and for everything only if they did not.
    """
    many = {one: None if _is_building(one) else LOOKED_AT for one in asked.circles}
    found = _newest(session, asked, many=many, limit=limit)
    seen = {one: LOOKED_AT for one in asked.circles if not _is_building(one) and len(found[one]) < limit}
    next_ = {one: int(read * _more(found[one], limit=limit)) for one, read in seen.items()}
    near = {one: read for one, read in next_.items() if read <= FURTHEST}
    found |= _newest(session, asked, many=near, limit=limit)
    few = {one: read for one, read in (seen | near).items() if len(found[one]) < limit}
    begins = _begins(session, asked, seen=few, spans={one: _more(found[one], limit=limit) for one in few})
    while begins:
        found |= _indexed(session, asked, begins=begins, limit=limit)
        begins = {one: None for one, begin in begins.items() if begin is not None and len(found[one]) < limit}
    return sorted(chain(*found.values()), reverse=True)[:limit]


def _is_building(circle: str) -> bool:
    return circle.startswith(BUILDING_CIRCLES)


def _more(found: Sequence[int], *, limit: int) -> float:
    """How many times as many notices should hold enough, by what was found in some."""
    return AMPLE * limit / max(len(found), 1)


def _by_circle(session: Session, questions: Mapping[str, Select[Any]]) -> dict[str, Sequence[int]]:
    """One question of keys for each circle, all in one statement."""
    if not questions:
        return {}
    of_each = (
        select(literal(circle).label("circle"), subquery.c.id)
        for circle, subquery in ((circle, question.subquery()) for circle, question in questions.items())
    )
    answers = session.execute(union_all(*of_each)).all()
    return {circle: [one.id for one in answers if one.circle == circle] for circle in questions}


def _newest(
    session: Session, asked: Question, *, many: Mapping[str, int | None], limit: int
) -> dict[str, Sequence[int]]:
    """What so many of the newest notices of each circle have to say; of a building it is all: few, and in no index."""

    def of(circle: str) -> Select[Any]:
        newest = _hanging(circle, asked).limit(many[circle]).subquery()
        wanted = select(newest.c.id).where(*_has(asked, newest.c.search_text))
        return asked.narrowed(wanted, of=newest).order_by(newest.c.id.desc()).limit(limit)

    return _by_circle(session, {circle: of(circle) for circle in many})


def _hanging(circle: str, asked: Question) -> Select[Any]:
    hanging = select(NOTICE.c.id, NOTICE.c.search_text, NOTICE.c.created_at)
    hanging = hanging.where(NOTICE.c.circle == circle, NOTICE.c.state == State.LIVE.value)
    if asked.before is not None:
        hanging = hanging.where(NOTICE.c.id < asked.before)
    return hanging.order_by(NOTICE.c.id.desc())


def _has(asked: Question, search_text: ColumnElement[str]) -> Iterator[ColumnElement[bool]]:
    """The rule, without an index."""
    words = literal(" ").concat(search_text).concat(" ")
    for marks in asked.marks:
        yield or_(*(words.contains(f" {one} ", autoescape=True) for one in marks))
    for term in asked.terms:
        ends = (*(f" {one} " for one in term.whole), *(f" {one}" for one in term.begun))
        yield or_(*(words.contains(one, autoescape=True) for one in ends))


def _begins(
    session: Session, asked: Question, *, seen: Mapping[str, int], spans: Mapping[str, float]
) -> dict[str, datetime | None]:
    """Since when each circle is asked: so many times as far back as its newest reach that were seen; None is for ever.

    A circle that has no more notices than were seen is not in it.
    """
    last = _by_circle(
        session,
        {
            circle: _hanging(circle, asked).with_only_columns(NOTICE.c.id).offset(many - 1).limit(1)
            for circle, many in seen.items()
        },
    )
    begins = {}
    for circle, ids in last.items():
        for oldest in ids:
            span = (asked.until - drawn_at(oldest)) * spans[circle]
            begins[circle] = asked.until - span if timedelta() < span < LONGEST_AGO else None
    return begins


def _indexed(
    session: Session, asked: Question, *, begins: Mapping[str, datetime | None], limit: int
) -> dict[str, Sequence[int]]:
    """The newest keys of each circle, by its words alone: the offset keeps the planner from going by date."""

    def of(circle: str, begin: datetime | None) -> Select[Any]:
        by_words = select(NOTICE.c.id, NOTICE.c.circle, NOTICE.c.created_at, NOTICE.c.search_text)
        by_words = by_words.where(literal_column(IN_INDEX, Boolean()), _match(circle, asked, begin=begin))
        there = by_words.offset(0).subquery()
        # The circle is in the words already; this is asked of each notice again.
        wanted = select(there.c.id).where(there.c.circle == circle)
        if begin is not None:
            wanted = wanted.where(there.c.id >= id_at(begin), *_has(asked, there.c.search_text))
        return asked.narrowed(wanted, of=there).order_by(there.c.id.desc()).limit(limit)

    return _by_circle(session, {circle: of(circle, begin) for circle, begin in begins.items()})


def _match(circle: str, asked: Question, *, begin: datetime | None) -> ColumnElement[bool]:
    def here(words: Iterable[str], end: str = "") -> Iterator[str]:
        return (f"'{circle}/{word}'{end}" for word in words)

    # A notice's week and its key are of the same moment; a day more is for clocks that differ.
    span = () if begin is None else (weeks(begin - _DAY, until=asked.until),)
    groups = [any_of(here(marks), by=" | ") for marks in (*asked.marked, *span)]
    groups += [any_of((*here(term.whole), *here(term.begun, ":*")), by=" | ") for term in _listed(asked, begin=begin)]
    # A literal, because a prepared statement is planned for words in general: a common and a rare one want two plans.
    given: BindParameter[str] = bindparam(None, " & ".join(groups), unique=True, literal_execute=True)
    return literal_column(LEXEMES).bool_op("@@")(cast(given, TSQUERY))


def _listed(asked: Question, *, begin: datetime | None) -> Sequence[Term]:
    """The words whose lists are worth reading.

    For a beginning the lists of all words that begin so are put together, whole: where weeks and another word leave
    little, it is looked for in that.
    """
    whole = tuple(one for one in asked.terms if not one.begun)
    return asked.terms if begin is None or not whole else whole
