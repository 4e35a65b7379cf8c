"""`palier serve`: all processes of an instance under one supervisor, or a single one for other supervisors."""

import os
import subprocess
import sys

import click

from web import logs
from web.processes import roles, supervisor
from web.settings import Settings, SideSettings
from web.terminal.language import say, say_later
from web.terminal.spoken import Command, Option

SINGLE = ("pages", "live", "door", "home", "courier", "mail")


@click.command(cls=Command, help=say_later("Run an instance until Ctrl-C or SIGTERM."))
@click.option(
    "--only", cls=Option, type=click.Choice(SINGLE), help=say_later("Run this process alone, in the foreground.")
)
def command(only: str | None) -> None:
    """Run an instance until Ctrl-C or SIGTERM."""
    if only is None:
        sys.exit(_embedded(Settings.read(os.environ)))
    role = roles.ROLES[only]
    # The federation side never looks at a setting of home, and home's settings need not be there.
    settings = Settings.read(os.environ) if role.home else SideSettings.read(os.environ)
    if role.listens:
        _check_free(settings)
    roles.become(only, settings=settings)


def _embedded(settings: Settings) -> int:
    _check_free(settings)
    # In a process of its own: it loads the models, which this one must not have when it forks.
    initialised = subprocess.run([sys.executable, "-m", "web.cli", "init", "--quiet"], check=False)
    if initialised.returncode:
        return initialised.returncode
    logs.install(level=settings.log_level, name="palier")
    roles.share()
    return supervisor.run(
        roles.parts(settings),
        when_ready=lambda: click.echo(f"Palier is up at {settings.origin}/ (Ctrl-C stops it)"),
    )


def _check_free(settings: Settings | SideSettings) -> None:
    if roles.busy(settings.bind):
        msg = say("{bind} is in use: stop what listens there, or set PALIER_BIND to another address").format(
            bind=settings.bind
        )
        raise click.ClickException(msg)
