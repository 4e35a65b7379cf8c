"""The command `palier`: names its commands, loads the one asked for, and turns mistakes into sentences."""

import importlib
import os
import sys
from collections.abc import Mapping

import click
from sqlalchemy.exc import OperationalError

from web import VERSION
from web.processes.brokers import NoBroker
from web.settings import BadSetting, BadSettings

# Names and not imports: `serve` forks, and what it has loaded every child holds.
COMMANDS: Mapping[str, tuple[str, str]] = {
    "init": ("web.commands.init", "Make folders, keys, tables, the instance's own actors and a first administrator."),
    "serve": ("web.commands.serve", "Run an instance: all its processes, or one of them."),
    "demo": ("web.commands.demo", "Run two fictional neighbouring instances on this machine."),
    "doctor": ("web.commands.doctor", "Look everything over and say what is wrong and how to repair it."),
    "mail": ("web.commands.mail", "Try the mail relay out, see what it did not take, send it again."),
    "backup": ("web.commands.backup", "Save both stores, the files and the keys as one file."),
    "restore": ("web.commands.restore", "Put a backup in place, wholly or not at all."),
}
WRONG = 2


class Commands(click.Group):
    """Commands that are loaded when called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """The names, in the order an operator meets them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  # likewise
        """The command of that name, loaded now."""
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The list in the help text, without loading any command."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, meaning) for name, (_, meaning) in COMMANDS.items()])


@click.group(cls=Commands)
@click.version_option(VERSION, prog_name="palier")
def palier() -> None:
    """A self-hosted network for neighbours. Settings come from the environment (PALIER_…)."""


def main() -> None:
    """Run a command; a mistake ends with a sentence and status 2, never with a trace."""
    # Stores, keys and sockets are for this account alone.
    os.umask(0o077)
    try:
        palier()
    except BadSettings as error:
        _complain("These settings cannot be used:", *(f"  {problem}" for problem in error.problems))
    except (BadSetting, NoBroker) as error:
        _complain(str(error))
    except OperationalError as error:
        said = str(error.orig).strip().splitlines()[0]
        _complain(f"A store does not answer: {said}", "`palier doctor` says which one and what to do.")


def _complain(*lines: str) -> None:
    for line in lines:
        click.echo(line, err=True)
    sys.exit(WRONG)


if __name__ == "__main__":
    main()
