"""What a log may hold: when, who, where it broke; never what an exception says, since it quotes the row it broke on.

PostgreSQL names the value that is there twice (`Key (email)=(…) already exists`), and prints whole rows that break a
rule; `int()` and `KeyError` quote what they got. So a failure is written as its kind and the places it went through.
"""

import logging
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import Final

from sqlalchemy.exc import DBAPIError, OperationalError

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]

# Longer chains repeat themselves.
DEEPEST: Final = 5
LONGEST_WORD: Final = 200
# Begins like Python's own, so that whoever looks for failures in a log finds these.
OPENING: Final = "Traceback (without what it said, innermost last):"


class Discreet(logging.Formatter):
    """Writes an exception without its message, and without the source line it stands in."""

    def formatException(self, ei: ExceptionInfo) -> str:  # noqa: N802 - the library's name
        """The kinds of a failure and of what caused it, each with its places."""
        error = ei[1]
        return "" if error is None else sketch(error)

    def format(self, record: logging.LogRecord) -> str:
        """The record as one text; what another formatter kept of the exception is not used."""
        record.exc_text = None
        return super().format(record)


def sketch(error: BaseException) -> str:
    """A failure in words that hold nothing of anybody: types, files, lines, functions."""
    return "\n".join([OPENING, *(line for one in _chain(error) for line in _describe(one))])


def _chain(error: BaseException) -> Iterator[BaseException]:
    """What happened first stands first, as in Python's own words."""
    found = [error]
    while len(found) < DEEPEST:
        before = found[-1].__cause__ or (None if found[-1].__suppress_context__ else found[-1].__context__)
        if before is None:
            break
        found.append(before)
    yield from reversed(found)


def _describe(error: BaseException) -> Iterator[str]:
    kind = type(error)
    yield f"{kind.__module__}.{kind.__qualname__}{_reason(error)}"
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"  {frame.filename}:{frame.lineno} in {frame.name}"


def _reason(error: BaseException) -> str:
    """What an operator needs and no row can be in: the system's word, the database's code, a store that is away."""
    match error:
        case OperationalError(orig=BaseException() as orig):
            # No connection, no disk, no lock: about the store as a whole. One line, because details come below it.
            return f": {str(orig).partition(chr(10))[0][:LONGEST_WORD]}"
        case DBAPIError(orig=BaseException() as orig):
            return f": {type(orig).__name__} {getattr(orig, 'sqlstate', None) or ''}".rstrip()
        case OSError(strerror=str() as reason):
            return f": {reason}"
        case _:
            return ""


def install(*, level: str | int, name: str, force: bool = False) -> None:
    """Write this process's log to standard error, discreetly; `name` tells the processes apart."""
    logging.basicConfig(level=level, force=force)
    for handler in logging.getLogger().handlers:
        handler.setFormatter(Discreet(f"%(asctime)s {name:<8} %(levelname)s %(message)s"))
