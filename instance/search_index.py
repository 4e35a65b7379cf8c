"""The index over what is searched: kept by the store itself, so that no way to change a notice can forget it.

Only what hangs is in it. SQLite has a table of its own for words (FTS5), kept by triggers; PostgreSQL an index (GIN).
Both hold the words of `Notice.search_text` as they are, no engine's own idea of a word, and the notice's circle. A mark
begins with a colon, and no word does: no beginning of a word is one of a mark.
Sources: https://www.sqlite.org/fts5.html, https://www.postgresql.org/docs/current/gin.html
"""

from typing import Final

from sqlalchemy import DDL, Table, column, event, table

from instance import audience
from instance.notices import Notice

# SQLite's table of words, as statements name it; it belongs to no metadata, because nobody but its triggers writes it.
NAME: Final = "notice_words"
WORDS: Final = table(NAME, column("rowid"), column(NAME), column("rank"))
GIN: Final = "ix_notice_search"
# One expression, in the index and in each question: PostgreSQL uses the index only when they are the same. Each word
# has its circle before it: the lists of a small circle stay small, however common its words are in the town.
LEXEMES: Final = (
    "array_to_tsvector(string_to_array((notice.circle || '/')"
    " || replace(notice.search_text, ' ', (' ' || notice.circle) || '/'), ' '))"
)
# A building's notices are few: they are looked at one by one, and their thousands of circles would fill the index.
IN_INDEX: Final = f"notice.state = 'live' AND notice.circle NOT LIKE '{audience.BUILDING_CIRCLES}%'"

_WATCHED: Final = "id, state, circle, search_text"
_OLD: Final = "SELECT 'delete', old.id, ':' || old.circle, old.search_text WHERE old.state = 'live'"
_NEW: Final = "SELECT new.id, ':' || new.circle, new.search_text WHERE new.state = 'live'"
_FORGET: Final = f"INSERT INTO {NAME} ({NAME}, rowid, circle, search_text) {_OLD};"
_LEARN: Final = f"INSERT INTO {NAME} (rowid, circle, search_text) {_NEW};"

# Each length of a beginning has lists of its own: else a common one would be put together for every question.
# `ascii` leaves letters beyond ASCII alone: words are folded before they come here. The colon is part of a mark.
_VIEW: Final = (
    "CREATE VIEW notice_hanging AS SELECT id, ':' || circle AS circle, search_text FROM notice WHERE state = 'live'"
)
_TABLE: Final = (
    f"CREATE VIRTUAL TABLE {NAME} USING fts5(circle, search_text, content='notice_hanging', content_rowid='id',"
    " tokenize=\"ascii tokenchars ':'\", detail='none', columnsize=0, prefix='3 4 5 6 7')"
)
SQLITE: Final = (
    _VIEW,
    _TABLE,
    f"CREATE TRIGGER {NAME}_hung AFTER INSERT ON notice BEGIN {_LEARN} END",
    f"CREATE TRIGGER {NAME}_gone AFTER DELETE ON notice BEGIN {_FORGET} END",
    f"CREATE TRIGGER {NAME}_changed AFTER UPDATE OF {_WATCHED} ON notice BEGIN {_FORGET} {_LEARN} END",
)
# Without fastupdate: the list of what is not yet in order would be read by every question.
_GIN: Final = f"CREATE INDEX {GIN} ON notice USING gin ({LEXEMES}) WITH (fastupdate = off) WHERE {IN_INDEX}"
POSTGRESQL: Final = (_GIN.replace("notice.", ""),)


def _prepare(notice: Table) -> None:
    for dialect, statements in (("sqlite", SQLITE), ("postgresql", POSTGRESQL)):
        for statement in statements:
            made = DDL(statement.replace("%", "%%"))  # type: ignore[no-untyped-call]  # SQLAlchemy types it not
            event.listen(notice, "after_create", made.execute_if(dialect=dialect))


_prepare(Notice.metadata.tables["notice"])


def is_part(name: str | None) -> bool:
    """Whether a name in a store is of this index, which no model says anything about."""
    return name is not None and (name in {GIN, NAME} or name.startswith(f"{NAME}_"))
