"""The shape of every command: a noun holds verbs, a verb answers, a refusal becomes a sentence."""

import sys
from typing import Any

import click
from flask_babel import gettext

from federation.base import PeerRefused
from instance.base import Refused
from web.pages import refusals
from web.terminal import printing
from web.terminal.desk import Desk
from web.terminal.errors import Refusal
from web.terminal.spoken import JSON, JSON_HELP, Command, Group, Option


class Verb(Command):
    """One act. The function behind it gets the desk first, then its parameters, and returns an answer."""

    def __init__(self, *arguments: Any, writes: bool = False, **attributes: Any) -> None:
        super().__init__(*arguments, **attributes)
        self.writes = writes
        self.params.append(Option(["--json", JSON], is_flag=True, help=JSON_HELP))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Tell the desk, before parameters are looked up in the stores, whether this command writes."""
        desk = ctx.find_object(Desk)
        if desk is not None:
            desk.writing = self.writes
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> None:
        """Do it and print the answer; what the domain refuses changes nothing and is told in a sentence."""
        as_json = ctx.params.pop(JSON)
        desk = ctx.ensure_object(Desk)
        try:
            answer = ctx.invoke(self.callback, desk, **ctx.params) if self.callback else None
        except (Refused, PeerRefused) as refused:
            desk.rollback()
            raise refusal(refused) from None
        if answer is not None:
            printing.show(answer, as_json=as_json)
            if isinstance(answer, printing.One) and answer.status:
                ctx.exit(answer.status)


class Noun(Group):
    """A noun with its verbs; they share a desk, which opens no store that no verb asks for."""

    command_class = Verb

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  # click's signature
        """The verbs as they stand in the source: looking first, then changing."""
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        """Set up the desk, then let the verb be parsed and done."""
        ctx.obj = ctx.with_resource(Desk())
        return super().invoke(ctx)


def refusal(refused: Refused | PeerRefused) -> Refusal:
    """The domain's refusal, in the sentence that the pages use."""
    return Refusal(refused.code, sentence=refusals.sentence(refused.code), field=refused.field)


def sure(desk: Desk, question: str, *, yes: bool) -> None:
    """Ask before what cannot be undone. Where nobody can answer, `--yes` has to say it.

    Rolls back first: while somebody thinks, nobody else is kept from writing.
    Raises Refusal("not_confirmed") for anything but a yes.
    """
    if yes:
        return
    desk.rollback()
    if not sys.stdin.isatty():
        raise Refusal("not_confirmed", sentence=f"{question} {gettext('Say it with --yes.')}", field="yes")
    click.echo(question, err=True)
    if not click.confirm(gettext("Go on?"), err=True):
        raise Refusal("not_confirmed", sentence=gettext("Nothing was changed."))
