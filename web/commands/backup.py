"""`palier backup FILE`: saves an instance, running or not."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from web import backup
from web.backup import Summary
from web.settings import Settings
from web.terminal import printing, spoken
from web.terminal.errors import Refusal
from web.terminal.language import say, say_later
from web.terminal.printing import Sheet, Values
from web.terminal.spoken import Command


@click.command(
    cls=Command, help=say_later("Save both stores, the files and the keys into FILE, which must not exist yet.")
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@spoken.as_json
def command(file: Path, *, as_json: bool) -> None:
    """Save both stores, the files and the keys into FILE, which must not exist yet."""
    if file.exists():
        sentence = say("{file} exists already; choose another name").format(file=file)
        raise Refusal("file_exists", sentence=sentence, field="file")
    try:
        summary = backup.save(Settings.read(os.environ), file=file, now=datetime.now(UTC))
    except OSError as error:
        sentence = say("{file} cannot be written: {why}").format(file=file, why=error.strerror or error)
        raise Refusal("unwritable", sentence=sentence, field="file") from None
    complete = say("{file} is complete. It holds every private row and every key: keep it as safe as the instance.")
    told = Sheet(text=counts(summary, end=complete.format(file=file)), values=values(summary, file=file))
    printing.show(told, as_json=as_json)


def values(summary: Summary, *, file: Path) -> Values:
    """What a backup holds, for scripts."""
    return {
        "file": str(file.absolute()),
        "version": summary.version,
        "made_at": datetime.fromisoformat(summary.made_at),
        "rows": dict(backup.counted(summary.rows)),
        "files": summary.files,
    }


def counts(summary: Summary, *, end: str) -> str:
    """What a backup holds, for people, and what became of it."""
    stores = [
        say("{side} store: {count} rows").format(side=side, count=count) for side, count in backup.counted(summary.rows)
    ]
    return "\n".join([*stores, say("files and keys: {count}").format(count=summary.files), end])
