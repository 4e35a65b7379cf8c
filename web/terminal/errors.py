"""How a command that was refused ends: a sentence on standard error, or the same as JSON, and a status."""

import json
import sys
from typing import Final, NoReturn

import click
from sqlalchemy.exc import OperationalError

from web.processes.brokers import NoBroker
from web.settings import BadSetting, BadSettings
from web.terminal.language import say

REFUSED: Final = 1
WRONG: Final = 2
# What ends with status 2 beside wrong usage: nothing can be done before it is repaired.
UNUSABLE: Final = (BadSettings, BadSetting, NoBroker, OperationalError)


class Refusal(click.ClickException):
    """The act was refused and changed nothing. `code` is stable, `field` says which parameter, `hints` what is near."""

    exit_code = REFUSED

    def __init__(self, code: str, *, sentence: str, field: str | None = None, hints: tuple[str, ...] = ()) -> None:
        super().__init__(sentence)
        self.code = code
        self.field = field
        self.hints = hints

    def format_message(self) -> str:
        """The sentence, then what could have been meant."""
        if not self.hints:
            return self.message
        return f"{self.message} {say('Did you mean: {names}?').format(names=', '.join(self.hints))}"


def end(error: Exception, *, as_json: bool) -> NoReturn:
    """Say what is wrong and leave with its status."""
    code, field = _about(error)
    if as_json:
        told = {"error": {"code": code, "field": field, "sentence": " ".join(sentences(error))}}
        click.echo(json.dumps(told, ensure_ascii=False), err=True)
    elif isinstance(error, click.ClickException):
        error.show()
    else:
        for line in sentences(error):
            click.echo(line, err=True)
    sys.exit(error.exit_code if isinstance(error, click.ClickException) else WRONG)


def _about(error: Exception) -> tuple[str, str | None]:
    match error:
        case Refusal(code=code, field=field):
            return code, field
        case click.UsageError():
            parameter = getattr(error, "param", None)
            return "usage", parameter.name if parameter is not None else None
        case BadSettings() | BadSetting():
            return "settings", getattr(error, "name", None)
        case OperationalError() | NoBroker():
            return "unavailable", None
        case _:
            return "failed", None


def sentences(error: Exception) -> list[str]:
    """What is wrong, in the terminal's language."""
    match error:
        case click.ClickException():
            return [error.format_message()]
        case BadSettings(problems=problems):
            return [say("These settings cannot be used:"), *(f"  {problem}" for problem in problems)]
        case OperationalError():
            said = str(error.orig).strip().splitlines()[0]
            return [
                say("A store does not answer: {said}").format(said=said),
                say("`palier doctor` says which one and what to do."),
            ]
        case _:
            return [str(error)]
