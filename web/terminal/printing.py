"""What a command answers, and how it is printed: one JSON document, a table on a terminal, tabs in a pipe."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final, TextIO
from uuid import UUID

import click
from flask_babel import format_datetime, gettext
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from web.terminal import labels

Values = Mapping[str, Any]
NOTHING: Final = "–"


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A word of a closed list: scripts read the code, people the word."""

    code: str
    word: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """A list under a name. `after` continues it where it was cut."""

    name: str
    rows: Sequence[Values]
    columns: Sequence[str]
    after: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class One:
    """One thing as it is now, or as it is after the command; `sentence` says to a person what was done.

    A `status` other than 0 says that something was found that keeps the command from being done.
    """

    values: Values
    sentence: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Text to print as it is, with the same as data for scripts."""

    text: str
    values: Values


Answer = Rows | One | Sheet


def show(answer: Answer, *, as_json: bool) -> None:
    """Print an answer on standard output."""
    if as_json:
        click.echo(document(answer))
        return
    match answer:
        case Rows():
            _show_rows(answer)
        case One(sentence="", values=values):
            _show_values(values)
        case One(sentence=sentence):
            click.echo(tame(sentence))
        case Sheet(text=text):
            click.echo(text, nl=not text.endswith("\n"))


# --- for scripts


def document(answer: Answer) -> str:
    """An answer as one JSON document: stable keys, moments in UTC (RFC 3339), public ids."""
    return encode({answer.name: answer.rows, "next": answer.after} if isinstance(answer, Rows) else answer.values)


def encode(values: Values) -> str:
    """JSON as every command writes it."""
    return json.dumps(values, ensure_ascii=False, indent=2, default=_plain)


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case Coded(code=code):
            return code
        case UUID() | StrEnum():
            return str(value)
        case _:
            msg = f"{type(value).__name__} has no place in an answer"
            raise TypeError(msg)


# --- for people


def tame(text: str, *, lines: bool = True) -> str:
    """Text that cannot command a terminal: names come from other towns as well (CWE-150)."""
    return "".join(one if one.isprintable() or (lines and one == "\n") else "\N{REPLACEMENT CHARACTER}" for one in text)


def word(value: object) -> str:
    """A value as a person reads it."""
    match value:
        case bool():
            return gettext("yes") if value else gettext("no")
        case datetime():
            return str(format_datetime(value.astimezone(UTC), "yyyy-MM-dd HH:mm"))
        case Coded():
            return value.word
        case list() | tuple():
            return ", ".join(word(one) for one in value) or NOTHING
        case Mapping():
            return ", ".join(word(one) for one in value.values())
        case _:
            return str(value) if value not in {None, ""} else NOTHING


def _show_rows(answer: Rows) -> None:
    heads = [str(labels.LABELS[one]) for one in answer.columns]
    cells = [[tame(word(row[one]), lines=False) for one in answer.columns] for row in answer.rows]
    if not sys.stdout.isatty():
        click.echo("\n".join("\t".join(line) for line in [heads, *cells]))
    elif not cells:
        click.echo(gettext("Nothing."))
    else:
        table = Table(box=None, pad_edge=False, header_style="bold")
        for head in heads:
            table.add_column(Text(head), overflow="fold")
        for line in cells:
            table.add_row(*(Text(one) for one in line))
        console(sys.stdout).print(table)
    if answer.after is not None:
        click.echo(gettext("There is more: --after %(key)s", key=tame(answer.after)), err=True)


def _show_values(values: Values) -> None:
    heads = {key: str(labels.LABELS[key]) for key in values}
    width = max(map(len, heads.values()), default=0)
    for key, value in values.items():
        first, *others = tame(word(value)).split("\n")
        click.echo(f"{heads[key]:<{width}}  {first}")
        for line in others:
            click.echo(f"{'':<{width}}  {line}")


def console(stream: TextIO) -> Console:
    """A console that colours nothing but a terminal and reads no markup."""
    return Console(file=stream, markup=False, emoji=False, highlight=False)


def progress(total: int | None, *, what: str) -> AbstractContextManager[Callable[[int], None]]:
    """A bar on standard error, on terminals only; the function it gives says how many more are done."""
    return _Bar(total, what=what)


class _Bar(AbstractContextManager[Callable[[int], None]]):
    def __init__(self, total: int | None, *, what: str) -> None:
        shown = console(sys.stderr)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._progress = Progress(*columns, console=shown, disable=not sys.stderr.isatty(), transient=True)
        self._task = self._progress.add_task(what, total=total)

    def __enter__(self) -> Callable[[int], None]:
        self._progress.start()
        return lambda more: self._progress.advance(self._task, more)

    def __exit__(self, *_: object) -> None:
        self._progress.stop()
