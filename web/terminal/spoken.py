"""Commands whose helps are spoken in the terminal's language; loads nothing of the application."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from web.terminal.language import say, say_later

JSON: Final = "as_json"
JSON_HELP: Final = say_later("Print one JSON document instead of text for people.")

Function = TypeVar("Function", bound=Callable[..., Any])


class _Spoken:
    """Keeps a help in English, and gives it in the terminal's language."""

    _help: str | None = None

    @property
    def help(self) -> str | None:
        """What it is for."""
        return say(self._help) if self._help else None

    @help.setter  # noqa: A003  # click's own word
    def help(self, text: str | None) -> None:
        self._help = text


class Option(_Spoken, click.Option):
    """An option."""


def as_json(function: Function) -> Function:
    """`--json`, for a command that is no verb of a noun: verbs have it by themselves."""
    return click.option("--json", JSON, cls=Option, is_flag=True, help=JSON_HELP)(function)


class Argument(_Spoken, click.Argument):
    """An argument."""


class Command(_Spoken, click.Command):
    """A command."""

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002  # click's signature
        """Its first sentence, whole."""
        return (self.help or "").partition(". ")[0].rstrip(".") + "."


class Group(_Spoken, click.Group):
    """A command of commands."""
