"""`palier restore FILE`: puts a backup in place, wholly or not at all."""

import os
from pathlib import Path

import click

from web import backup
from web.commands.backup import counts, values
from web.settings import Settings
from web.terminal import printing, spoken
from web.terminal.errors import Refusal
from web.terminal.language import say, say_later
from web.terminal.printing import Sheet
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
@spoken.as_json
def command(file: Path, *, force: bool, as_json: bool) -> None:
    """Put the backup FILE in place of what is there. The instance must be stopped."""
    try:
        summary = backup.restore(Settings.read(os.environ), file=file, force=force)
    except backup.CannotRestore as error:
        raise Refusal("not_restored", sentence=str(error), field="file") from None
    end = say("Restored as of {moment}.").format(moment=summary.made_at)
    printing.show(Sheet(text=counts(summary, end=end), values=values(summary, file=file)), as_json=as_json)
