"""The command `palier`: names its commands, loads the one asked for, and turns mistakes into sentences."""

import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from web import VERSION
from web.terminal import errors, language
from web.terminal.language import say, say_later

# Names and not imports: `serve` forks, and what it has loaded every child holds.
COMMANDS: Mapping[str, tuple[str, str]] = {
    # the instance
    "init": (
        "web.commands.init",
        say_later("Make folders, keys, tables, the instance's own actors and a first administrator."),
    ),
    "serve": ("web.commands.serve", say_later("Run an instance: all its processes, or one of them.")),
    "demo": ("web.commands.demo", say_later("Run two fictional neighbouring instances on this machine.")),
    "doctor": (
        "web.commands.doctor",
        say_later("Look everything over and say what is wrong and how to repair it."),
    ),
    "mail": ("web.commands.mail", say_later("Try the mail relay out, see what it did not take, send it again.")),
    "backup": ("web.commands.backup", say_later("Save both stores, the files and the keys as one file.")),
    "restore": ("web.commands.restore", say_later("Put a backup in place, wholly or not at all.")),
    # the place
    "cities": ("web.commands.cities", say_later("Cities that quarters belong to.")),
    "quarters": ("web.commands.quarters", say_later("Quarters, and which of them are open to neighbouring towns.")),
    "buildings": ("web.commands.buildings", say_later("Buildings with their lots; many at once from a file.")),
    "addresses": ("web.commands.addresses", say_later("Addresses from open data, and which buildings stand there.")),
    "codes": ("web.commands.codes", say_later("Letterbox codes, to print.")),
    "screens": ("web.commands.screens", say_later("Screens in entrance halls.")),
    # the people
    "accounts": ("web.commands.accounts", say_later("Accounts, by login name, and what they may do.")),
    "proofs": ("web.commands.proofs", say_later("What is known of who lives where.")),
    "organisations": ("web.commands.organisations", say_later("Organisations that publish.")),
    "members": ("web.commands.members", say_later("Who writes in an organisation's name.")),
    # the board
    "news": ("web.commands.news", say_later("News, in an organisation's name.")),
    "listings": ("web.commands.listings", say_later("Offers and requests, on behalf of an account.")),
    "reports": ("web.commands.reports", say_later("What was reported, and what is done about it.")),
    "moderation": (
        "web.commands.moderation",
        say_later("The moderators' book, hidden notices, suspended accounts."),
    ),
    # the neighbours
    "peers": ("web.commands.peers", say_later("Neighbouring towns.")),
    "charters": ("web.commands.charters", say_later("What is exchanged with neighbouring towns.")),
    "follows": ("web.commands.follows", say_later("What is followed in neighbouring towns.")),
    "followers": ("web.commands.followers", say_later("Who follows us from elsewhere.")),
    "crossings": ("web.commands.crossings", say_later("The boundary's book: what left, what stayed, and why.")),
    "deliveries": ("web.commands.deliveries", say_later("What is still owed to other towns.")),
    "erasures": ("web.commands.erasures", say_later("What was taken back from other towns, and who confirmed it.")),
    "letters": ("web.commands.letters", say_later("What came in from elsewhere.")),
}


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
        with formatter.section(say("Commands")):
            formatter.write_dl([(name, say(meaning)) for name, (_, meaning) in COMMANDS.items()])

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """What it is, in the terminal's language."""
        formatter.write_paragraph()
        with formatter.indentation():
            formatter.write_text(
                say("A self-hosted network for neighbours. Settings come from the environment (PALIER_…).")
            )

    def main(  # type: ignore[override]  # all that click gives beside goes through `extra`
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> Any:
        """Run a command; a mistake ends with a sentence and a status, never with a trace."""
        given = list(sys.argv[1:] if args is None else args)
        with language.spoken():
            try:
                left = super().main(given, prog_name, **{**extra, "standalone_mode": False})
            except (click.ClickException, *errors.UNUSABLE) as error:
                errors.end(error, as_json="--json" in given)
            except click.Abort:
                click.echo(say("Aborted!"), err=True)
                sys.exit(errors.REFUSED)
            except BrokenPipeError:
                # Whoever read us has enough, and nothing may be flushed into nowhere at the end.
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
                sys.exit(errors.REFUSED)
        sys.exit(left if isinstance(left, int) else 0)


@click.group(cls=Commands)
@click.version_option(VERSION, prog_name="palier")
def palier() -> None:
    """A self-hosted network for neighbours."""


def main() -> None:
    """The entry of `palier`."""
    # Stores, keys and sockets are for this account alone.
    os.umask(0o077)
    palier(prog_name="palier")


if __name__ == "__main__":
    main()
