"""Where a file of addresses waits, on disk and outside the store, until all of it was read and compared.

Hundreds of thousands of lines neither fill the memory nor keep anybody from writing while they are read.
"""

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from instance.base import new_id

BATCH: Final = 2000
TABLES: Final = """
CREATE TABLE line (number INTEGER PRIMARY KEY, id TEXT, city INTEGER, postcode TEXT, street TEXT, house INTEGER,
                   suffix TEXT);
CREATE TABLE kept (id TEXT PRIMARY KEY, city INTEGER, postcode TEXT, street TEXT, house INTEGER, suffix TEXT,
                   gone INTEGER, stands INTEGER) WITHOUT ROWID;
CREATE TABLE street (city INTEGER, postcode TEXT, name TEXT, id INTEGER, fresh INTEGER,
                     PRIMARY KEY (city, postcode, name)) WITHOUT ROWID;
"""
# By number, so that the first of two lines counts as right and the second as wrong.
TWICE: Final = """
SELECT number FROM line AS one
WHERE EXISTS (SELECT 1 FROM line AS other WHERE other.id = one.id AND other.number < one.number) ORDER BY number
"""
NEW: Final = """
SELECT line.id, street.id, line.house, line.suffix FROM line
JOIN street ON (street.city, street.postcode, street.name) = (line.city, line.postcode, line.street)
WHERE NOT EXISTS (SELECT 1 FROM kept WHERE kept.id = line.id)
"""
CHANGED: Final = """
SELECT line.id, street.id, line.house, line.suffix FROM line
JOIN street ON (street.city, street.postcode, street.name) = (line.city, line.postcode, line.street)
JOIN kept ON kept.id = line.id
WHERE kept.gone OR (kept.city, kept.postcode, kept.street, kept.house, kept.suffix)
                <> (line.city, line.postcode, line.street, line.house, line.suffix)
"""
# Only of cities that the file speaks of: the next department's file says nothing about this one's.
MISSING: Final = """
SELECT id, stands FROM kept
WHERE NOT gone AND city IN (SELECT DISTINCT city FROM line) AND NOT EXISTS (SELECT 1 FROM line WHERE line.id = kept.id)
"""
NEW_STREETS: Final = """
INSERT INTO street SELECT city, postcode, street, new_id(), 1 FROM (
  SELECT DISTINCT city, postcode, street FROM line
) AS line
WHERE NOT EXISTS (SELECT 1 FROM street AS known WHERE (known.city, known.postcode, known.name)
                                                    = (line.city, line.postcode, line.street))
"""


class Stage:
    """The waiting place of one import; it is gone when left."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="palier-import-")
        self._lines = sqlite3.connect(Path(self._folder.name) / "stage.sqlite", isolation_level=None)
        self._lines.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -8000;")
        self._lines.executescript(TABLES)
        self._lines.create_function("new_id", 0, new_id)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self._folder.cleanup()

    def take_lines(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Let lines wait: number, id, city, postcode, street, house number, suffix. Many at once are written as one."""
        self._lines.execute("BEGIN")
        self._lines.executemany("INSERT INTO line VALUES (?, ?, ?, ?, ?, ?, ?)", rows)
        self._lines.execute("COMMIT")

    def twice(self) -> Iterator[int]:
        """The numbers of lines whose id an earlier line has."""
        self._lines.execute("CREATE INDEX IF NOT EXISTS line_id ON line (id)")
        for (number,) in self._lines.execute(TWICE):
            yield number

    def take_kept(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Let wait beside them what the store has: id, city, postcode, street, house number, suffix, gone, stands."""
        self._lines.execute("BEGIN")
        self._lines.executemany("INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._lines.execute("COMMIT")

    def take_streets(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Let wait the streets that the store has: city, postcode, name, id."""
        self._lines.execute("BEGIN")
        self._lines.executemany("INSERT INTO street VALUES (?, ?, ?, ?, 0)", rows)
        self._lines.execute("COMMIT")

    def name_streets(self) -> None:
        """Give an id to each street of the file that the store has not."""
        self._lines.execute(NEW_STREETS)

    def new_streets(self) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Id, city, postcode and name of those streets, in stretches."""
        return self._stretches("SELECT id, city, postcode, name FROM street WHERE fresh")

    def new(self) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Id, street, house number and suffix of addresses that the store has not, in stretches."""
        return self._stretches(NEW)

    def changed(self) -> Iterator[Sequence[tuple[Any, ...]]]:
        """The same of those that the store has otherwise, or as gone."""
        return self._stretches(CHANGED)

    def missing(self) -> Iterator[Sequence[tuple[Any, ...]]]:
        """Id of addresses that the file has no more, and whether a building stands there."""
        return self._stretches(MISSING)

    def _stretches(self, statement: str) -> Iterator[Sequence[tuple[Any, ...]]]:
        found = self._lines.execute(statement)
        while stretch := found.fetchmany(BATCH):
            yield stretch
