"""Tables in files (CSV, also packed by gzip), read line by line under their headings, each mistake with its place."""

import csv
import gzip
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Final, cast

from instance import spelling
from instance.base import Refused

SEPARATORS: Final = (";", "\t", ",")
# A line of these files has some hundred characters; one without an end must not fill the memory.
LONGEST_LINE: Final = 64 * 1024
GZIP: Final = b"\x1f\x8b"

Step = Callable[[int], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong, and where: the line in the file, the column by its heading (None for the whole line)."""

    line: int
    column: str | None
    code: str


@dataclass(slots=True, kw_only=True)
class Problems:
    """What is wrong in a file: the first ones, and how many there are."""

    most: int
    wrong: int = 0
    first: list[Problem] = field(default_factory=list)

    def note(self, problem: Problem) -> None:
        """Count a problem, and keep it while there is room: a file of another kind is wrong in every line."""
        self.wrong += 1
        if len(self.first) < self.most:
            self.first.append(problem)


class Wrong(Exception):
    """A file that cannot be read any further; nothing after it is looked at."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.code)
        self.problem = problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which headings a table may have, in their plain spelling, and which of its columns it must have.

    `closed` tables have no other headings. An open one is published by somebody else, who may add columns.
    """

    called: Mapping[str, str]
    needed: Sequence[str]
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a table: where it begins in the file, and its cells."""

    number: int
    headings: Sequence[str]
    row: Sequence[str]

    def cells(self) -> Mapping[str, str]:
        """The cells under their headings; those left out at the end are empty.

        Raises Refused("cells_too_many"|"table_malformed").
        """
        if len(self.row) > len(self.headings):
            raise Refused("cells_too_many")
        if any("\0" in one for one in self.row):
            raise Refused("table_malformed")
        return dict(zip(self.headings, [*self.row, *[""] * (len(self.headings) - len(self.row))], strict=True))


def lines(source: IO[bytes]) -> Iterator[str]:
    """The lines of a file in UTF-8, from its beginning, unpacked if it is packed by gzip.

    Line by line, so that a byte that is no UTF-8 is told with its line. Raises UnicodeDecodeError, what gzip raises,
    and csv.Error for a line that has no end.
    """
    source.seek(0)
    packed = source.read(len(GZIP)) == GZIP
    source.seek(0)
    raw = cast("IO[bytes]", gzip.GzipFile(fileobj=source)) if packed else source
    while line := raw.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise csv.Error("line too long")
        yield line.decode("utf-8")


def read(text: Iterable[str], *, columns: Columns) -> Iterator[Line]:
    """The rows of a table; empty ones are left out. Raises Wrong when it is no table that can be read."""
    source = iter(text)
    number = 1
    try:
        first = next(source, "").lstrip("\ufeff")
        separator = max(SEPARATORS, key=first.count)
        headings = _headings(next(csv.reader([first], delimiter=separator, strict=True), []), columns=columns)
        rows = csv.reader(source, delimiter=separator, strict=True)
        number = 2
        for row in rows:
            if any(one.strip() for one in row):
                yield Line(number=number, headings=headings, row=row)
            number = rows.line_num + 2
    except csv.Error:
        raise wrong(Refused("table_malformed"), line=number) from None
    except UnicodeDecodeError:
        raise wrong(Refused("not_utf8"), line=number) from None
    except (EOFError, gzip.BadGzipFile, zlib.error):
        raise wrong(Refused("gzip_broken"), line=number) from None


def wrong(refused: Refused, *, line: int, column: str | None = None) -> Wrong:
    """The end of reading, for this reason."""
    return Wrong(Problem(line=line, column=column, code=refused.code))


def _headings(row: Sequence[str], *, columns: Columns) -> list[str]:
    named = [spelling.plain(one) for one in row]
    if not any(named):
        raise wrong(Refused("file_empty"), line=1)
    unknown = [typed for typed, one in zip(row, named, strict=True) if one not in columns.called]
    if unknown and columns.closed:
        raise wrong(Refused("column_unknown"), line=1, column=unknown[0].strip().casefold())
    # A column of others keeps a name that none of ours has.
    headings = [columns.called.get(one, f"?{place}") for place, one in enumerate(named)]
    twice = [one for one in headings if headings.count(one) > 1]
    if twice:
        raise wrong(Refused("column_twice"), line=1, column=twice[0])
    missing = [one for one in columns.needed if one not in headings]
    if missing:
        refused = Refused("column_missing") if columns.closed else Refused("heading_missing")
        raise wrong(refused, line=1, column=missing[0])
    return headings
