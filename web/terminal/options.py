"""Options and arguments that several nouns share, so that one word means one thing everywhere."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

import click

from instance.decisions import Rule
from web.terminal import kinds
from web.terminal.language import say_later
from web.terminal.spoken import Argument, Option

SHOWN: Final = 50
MOST: Final = 1000

Function = TypeVar("Function", bound=Callable[..., Any])
T = TypeVar("T")


def argument(name: str, help: str, **how: Any) -> Callable[[Function], Function]:  # noqa: A002  # click's own word
    """An argument with its meaning."""
    return click.argument(name, cls=Argument, help=help, **how)


def option(*names: str, help: str, **how: Any) -> Callable[[Function], Function]:  # noqa: A002  # click's own word
    """An option with its meaning."""
    return click.option(*names, cls=Option, help=help, **how)


def limit(function: Function) -> Function:
    """`--limit`: how much of a long list."""
    help_text = say_later("How many at most.")
    return option("--limit", type=click.IntRange(1, MOST), default=SHOWN, show_default=True, help=help_text)(function)


def after(kind: Any) -> Callable[[Function], Function]:
    """`--after`: go on behind this one."""
    return option("--after", type=kind, help=say_later("Go on after this one; the end of a list says which."))


def acting(*, required: bool = True) -> Callable[[Function], Function]:
    """`--as LOGIN`: who answers for the act."""
    return option(
        "--as",
        "acting",
        type=kinds.ACTING,
        required=required,
        metavar="LOGIN",
        help=say_later("The account that does it and answers for it."),
    )


def reason(function: Function) -> Function:
    """`--reason`: why; it stays in the book."""
    help_text = say_later("Why. It stays in the moderators' book.")
    return option("--reason", type=kinds.LINE, required=True, help=help_text)(function)


def rule(function: Function) -> Function:
    """`--rule`: which rule of the house it is about; whoever it concerns is told."""
    help_text = say_later("Which rule of the house it is about; whoever it concerns is told.")
    return option("--rule", type=click.Choice([one.value for one in Rule]), required=True, help=help_text)(function)


def days(function: Function) -> Function:
    """`--days`: for how long an account is suspended."""
    help_text = say_later("For how many days; without it, until further notice.")
    return option("--days", type=click.IntRange(1, 366), help=help_text)(function)


def yes(function: Function) -> Function:
    """`--yes`: do not ask."""
    return option("--yes", is_flag=True, help=say_later("Do not ask; it cannot be undone."))(function)


def dry_run(function: Function) -> Function:
    """`--dry-run`: look, and leave everything as it is."""
    return option("--dry-run", is_flag=True, help=say_later("Say what would leave; publish nothing."))(function)


def audience(function: Function) -> Function:
    """`--audience`: how far it reaches; there is no default."""
    help_text = say_later("Who will see it.")
    return option("--audience", type=kinds.AUDIENCE, required=True, help=help_text)(function)


def body(*, required: bool = True) -> Callable[[Function], Function]:
    """`--body`: a text of several lines."""
    help_text = say_later("A file with the text, or - for standard input.")
    return option("--body", type=kinds.WORDS, required=required, help=help_text)


def quarter(function: Function) -> Function:
    """A quarter by its short name."""
    return argument("quarter", say_later("A quarter's short name or name."), type=kinds.QUARTER)(function)


def building(function: Function) -> Function:
    """A building."""
    help_text = say_later('A building by its id, or as "name, street".')
    return argument("building", help_text, type=kinds.BUILDING)(function)


def organisation(function: Function) -> Function:
    """An organisation by its short name."""
    return argument("organisation", say_later("An organisation's short name."), type=kinds.ORGANISATION)(function)


def account(function: Function) -> Function:
    """An account by its login name."""
    return argument("account", say_later("A login name."), type=kinds.ACCOUNT, metavar="LOGIN")(function)


def notice(function: Function) -> Function:
    """A notice by its public id."""
    return argument("notice", say_later("A notice's id, as in its address."), type=click.UUID, metavar="ID")(function)


def cut(found: Sequence[T], *, limit: int, key: Callable[[T], uuid.UUID | str]) -> tuple[Sequence[T], str | None]:
    """What is shown of a list that was asked for with one more than the limit, and behind what it goes on."""
    shown = found[:limit]
    return shown, str(key(shown[-1])) if len(found) > limit else None
