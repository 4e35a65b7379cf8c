"""`palier backup FILE`: saves an instance, running or not."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from web import backup
from web.settings import Settings
from web.terminal.language import say, say_later
from web.terminal.spoken import Command


@click.command(
    cls=Command, help=say_later("Save both stores, the files and the keys into FILE, which must not exist yet.")
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path) -> None:
    """Save both stores, the files and the keys into FILE, which must not exist yet."""
    if file.exists():
        msg = say("{file} exists already; choose another name").format(file=file)
        raise click.ClickException(msg)
    try:
        summary = backup.save(Settings.read(os.environ), file=file, now=datetime.now(UTC))
    except OSError as error:
        msg = say("{file} cannot be written: {why}").format(file=file, why=error.strerror or error)
        raise click.ClickException(msg) from None
    for side, count in backup.counted(summary.rows):
        click.echo(say("{side} store: {count} rows").format(side=side, count=count))
    click.echo(say("files and keys: {count}").format(count=summary.files))
    complete = say("{file} is complete. It holds every private row and every key: keep it as safe as the instance.")
    click.echo(complete.format(file=file))
