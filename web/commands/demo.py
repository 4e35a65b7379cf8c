"""`palier demo`: two fictional instances side by side; what `./run` calls."""

from pathlib import Path

import click

from web.demo import stage
from web.terminal import language, spoken
from web.terminal.errors import Refusal
from web.terminal.language import say_later
from web.terminal.spoken import Command, Option


@click.command(
    cls=Command, help=say_later("Run two fictional neighbouring instances until Ctrl-C; a second run resumes.")
)
@click.option(
    "--fresh", cls=Option, is_flag=True, help=say_later("Forget the demonstration of last time and start over.")
)
@click.option(
    "--ports",
    cls=Option,
    nargs=2,
    type=click.IntRange(1, 65535),
    default=None,
    help=say_later("Where the two listen, on 127.0.0.1 and 127.0.0.2: at first 8100 and 8200, then as last time."),
)
@click.option(
    "--folder",
    cls=Option,
    type=click.Path(path_type=Path, file_okay=False),
    default=stage.FOLDER,
    show_default=True,
    help=say_later("Where the demonstration keeps its stores and logs."),
)
@click.option(
    "--locale", cls=Option, type=click.Choice(["fr", "en"]), help=say_later("The language of what is printed here.")
)
@spoken.as_json
def command(*, fresh: bool, ports: tuple[int, int] | None, folder: Path, locale: str | None, as_json: bool) -> None:
    """Run two fictional neighbouring instances until Ctrl-C; a second run resumes."""
    try:
        stage.run(fresh=fresh, ports=ports, folder=folder, locale=locale or language.locale(), as_json=as_json)
    except stage.Stopped as reason:
        raise Refusal("stopped", sentence=str(reason)) from None
