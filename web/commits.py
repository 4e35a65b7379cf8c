"""Whether anything was committed to a store since one last looked, where a store tells that for next to nothing."""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Final

from sqlalchemy import Engine, event

IN_MEMORY: Final = {None, "", ":memory:"}

Mark = tuple[int, int]


def watch(engine: Engine) -> Callable[[], Mark | None]:
    """A look at a store: while two looks say the same, nothing was committed between them, by whomever.

    None says that it cannot be told: PostgreSQL has no such count that costs less than reading the row one is after.
    """
    if engine.dialect.name != "sqlite" or engine.url.database in IN_MEMORY:
        return lambda: None
    return _Count(engine).look


class _Count:
    """SQLite's own count of commits (https://sqlite.org/pragma.html#pragma_data_version), by a connection of its own.

    The count leaves out what the connection that asks committed itself, so this one never writes. Counts of two
    connections cannot be compared, so each connection has a number.
    """

    def __init__(self, engine: Engine) -> None:
        self._path = str(engine.url.database)
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._number = 0
        event.listen(engine, "engine_disposed", self._close)

    def look(self) -> Mark | None:
        """The number of this connection and its count."""
        try:
            with self._lock:
                if self._connection is None:
                    self._connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None)
                    self._number += 1
                with closing(self._connection.execute("PRAGMA data_version")) as found:
                    return self._number, int(found.fetchone()[0])
        except sqlite3.Error:
            return None  # whoever looks reads the row then, and says what is wrong with the store

    def _close(self, _engine: Engine) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
