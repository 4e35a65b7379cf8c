"""`palier restore FILE`: puts a backup in place, wholly or not at all."""

import os
from pathlib import Path

import click

from web import backup
from web.settings import Settings
from web.terminal.language import say, say_later
from web.terminal.spoken import Command, Option


@click.command(
    cls=Command,
    help=say_later("Put the backup FILE in place of what is there. The instance must be stopped."),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--force",
    cls=Option,
    is_flag=True,
    help=say_later("Replace what is there; without it, only an empty place is restored to."),
)
def command(file: Path, *, force: bool) -> None:
    """Put the backup FILE in place of what is there. The instance must be stopped."""
    try:
        summary = backup.restore(Settings.read(os.environ), file=file, force=force)
    except backup.CannotRestore as error:
        raise click.ClickException(str(error)) from None
    for side, count in backup.counted(summary.rows):
        click.echo(say("{side} store: {count} rows").format(side=side, count=count))
    click.echo(say("files and keys: {count}").format(count=summary.files))
    click.echo(say("Restored as of {moment}.").format(moment=summary.made_at))
