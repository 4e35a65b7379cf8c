"""Files that a command reads into the store: how they are opened, and how their mistakes are told."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from flask_babel import gettext

from instance.imports.tables import Problem, Problems
from web.pages import refusals
from web.terminal.errors import Refusal

LARGEST_IN_MEMORY: Final = 1024 * 1024


@contextmanager
def opened(file: Path) -> Iterator[IO[bytes]]:
    """The file, to be read twice; what comes through a pipe is kept beside, on disk when it is long.

    Raises Refusal("unreadable").
    """
    if str(file) == "-":
        with tempfile.SpooledTemporaryFile(max_size=LARGEST_IN_MEMORY) as kept:
            for chunk in iter(lambda: sys.stdin.buffer.read(LARGEST_IN_MEMORY), b""):
                kept.write(chunk)
            yield kept
        return
    try:
        source = file.open("rb")
    except OSError as error:
        sentence = gettext("%(file)s cannot be read: %(why)s", file=file, why=error.strerror or error)
        raise Refusal("unreadable", sentence=sentence, field="file") from None
    with source:
        yield source


def listed(told: Problems) -> list[dict[str, Any]]:
    """The mistakes kept, for scripts."""
    return [
        {"line": one.line, "column": one.column, "code": one.code, "sentence": refusals.sentence(one.code)}
        for one in told.first
    ]


def sentences(told: Problems) -> Iterator[str]:
    """The mistakes kept, for people, and how many more there are."""
    for one in told.first:
        yield _sentence(one)
    if told.wrong > len(told.first):
        yield gettext("There are %(count)d more mistakes.", count=told.wrong - len(told.first))


def _sentence(problem: Problem) -> str:
    where = gettext("Line %(line)d", line=problem.line) + (f", {problem.column}" if problem.column else "")
    return f"{where}: {refusals.sentence(problem.code)}"
