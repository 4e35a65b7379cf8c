"""`palier restore FILE`: puts a backup in place, wholly or not at all."""

import os
from pathlib import Path

import click

from web import backup
from web.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--force", is_flag=True, help="Replace what is there; without it, only an empty place is restored to.")
def command(file: Path, *, force: bool) -> None:
    """Put the backup FILE in place of what is there. The instance must be stopped."""
    try:
        summary = backup.restore(Settings.read(os.environ), file=file, force=force)
    except backup.CannotRestore as error:
        raise click.ClickException(str(error)) from None
    for side, count in backup.counted(summary.rows):
        click.echo(f"{side} store: {count} rows")
    click.echo(f"files and keys: {summary.files}")
    click.echo(f"Restored as of {summary.made_at}.")
