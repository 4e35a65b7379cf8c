"""A search on SQLite: one walk through the words' own lists."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, literal_column, select
from sqlalchemy.orm import Session

from instance.notices import State
from instance.search_index import NAME, WORDS
from instance.searching.question import NOTICE, Question, any_of


def find(session: Session, asked: Question, *, limit: int) -> Sequence[int]:
    """SQLite: one walk through the words' own lists, from the newest; circles are words in them."""
    groups = [any_of(f'":{one}"' for one in asked.circles)]
    groups += [any_of(f'"{one}"' for one in marks) for marks in asked.marked]
    groups += [
        any_of((*(f'"{one}"' for one in term.whole), *(f'"{one}" *' for one in term.begun))) for term in asked.terms
    ]
    match = literal_column(NAME).bool_op("MATCH")(" AND ".join(groups))
    wanted = select(NOTICE.c.id).join(WORDS, WORDS.c.rowid == NOTICE.c.id).where(match)
    # The plus keeps SQLite from going through the boards and asking of each notice whether it has the words.
    state: ColumnElement[str] = literal_column("+notice.state")
    there: ColumnElement[str] = literal_column("+notice.circle")
    wanted = wanted.where(state == State.LIVE.value, there.in_(asked.circles))
    if asked.since is not None:
        wanted = wanted.where(NOTICE.c.created_at >= asked.since)
    if asked.before is not None:
        wanted = wanted.where(WORDS.c.rowid < asked.before)
    return session.scalars(wanted.order_by(WORDS.c.rowid.desc()).limit(limit)).all()
