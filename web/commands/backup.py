"""`palier backup FILE`: saves an instance, running or not."""

import os
from datetime import UTC, datetime
from pathlib import Path

import click

from web import backup
from web.settings import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def command(file: Path) -> None:
    """Save both stores, the files and the keys into FILE, which must not exist yet."""
    if file.exists():
        msg = f"{file} exists already; choose another name"
        raise click.ClickException(msg)
    try:
        summary = backup.save(Settings.read(os.environ), file=file, now=datetime.now(UTC))
    except OSError as error:
        msg = f"{file} cannot be written: {error.strerror or error}"
        raise click.ClickException(msg) from None
    for side, count in backup.counted(summary.rows):
        click.echo(f"{side} store: {count} rows")
    click.echo(f"files and keys: {summary.files}")
    click.echo(f"{file} is complete. It holds every private row and every key: keep it as safe as the instance.")
