"""What `palier init` asks on a terminal: the settings nobody gave yet, an administrator, and where the place is."""

import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar
from urllib.parse import urlsplit

import click

from instance import cities
from instance.base import Refused
from instance.cities import BadLine, Line
from web.pages import refusals
from web.settings import BadSettings, Settings
from web.tongue import Tongue

T = TypeVar("T")
TRIAL: Final = "http://127.0.0.1:8000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Marseille:
    """The city whose quarters are shipped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A city as it was told: its name, its INSEE code, its first quarters."""

    name: str
    insee: str
    quarters: list[Line]


def sentence(refused: Refused) -> str:
    """A refusal as the pages tell it, with the line where one of several is meant."""
    said = refusals.sentence(refused.code)
    return f"{refused.line}: {said}" if isinstance(refused, BadLine) else said


def settings(environ: Mapping[str, str], *, words: Tongue) -> dict[str, str]:
    """The settings that were told, by name; none where the address of the place is known already.

    The others have defaults that suit; only on the very first start is it worth asking for them.
    """
    if environ.get("PALIER_ORIGIN", "").strip():
        return {}
    click.echo(words.say("A new place begins with its address. Each question says what it is for."))
    told = _address(environ, words=words)
    for name, asked, default in (
        (
            "PALIER_NAME",
            words.say("The name of the place, at the top of every page."),
            urlsplit(told["PALIER_ORIGIN"]).hostname,
        ),
        (
            "PALIER_DATA",
            words.say("The folder that keeps everything: stores, keys, files. Make it part of your backups."),
            "var",
        ),
        (
            "PALIER_CONTACT_EMAIL",
            words.say("Where people can write with a question. It is on the letters. Empty: nowhere."),
            "",
        ),
    ):
        if not environ.get(name, "").strip():
            told |= _ask_setting(environ, told=told, name=name, asked=asked, default=default or "", words=words)
    return told


def _address(environ: Mapping[str, str], *, words: Tongue) -> dict[str, str]:
    asked = words.say(
        "The address people will type, with https:// and without a path. It is part of everything that is ever given "
        "out, so it cannot change later. For a trial on this machine alone, take the one proposed."
    )
    while True:
        told = _ask_setting(environ, told={}, name="PALIER_ORIGIN", asked=asked, default=TRIAL, words=words)
        if told["PALIER_ORIGIN"].startswith("https://") or environ.get("PALIER_DEVELOPMENT") == "1":
            return told
        if click.confirm(words.say("Without https, this is for a trial only. Is it one?"), default=True):
            return told | {"PALIER_DEVELOPMENT": "1"}


def _ask_setting(
    environ: Mapping[str, str], *, told: Mapping[str, str], name: str, asked: str, default: str, words: Tongue
) -> dict[str, str]:
    click.echo(f"\n{asked}")
    while True:
        answer = click.prompt(name, default=default, show_default=bool(default)).strip()
        # Without https only a trial can be meant; that it is one is asked afterwards.
        tried = {**environ, "PALIER_DEVELOPMENT": "1", **told, name: answer}
        wrong = [one for one in _problems(tried) if one.startswith(f"{name}:")]
        if not wrong:
            return {name: _lasting(name, answer)} if answer else {}
        click.echo(words.say("This cannot be used. %(problem)s", problem=wrong[0]))


def _lasting(name: str, answer: str) -> str:
    """A folder in full, because the next command may be typed somewhere else."""
    return str(Path(answer).absolute()) if name == "PALIER_DATA" else answer


def _problems(environ: Mapping[str, str]) -> list[str]:
    try:
        Settings.read(environ)
    except BadSettings as error:
        return [str(one) for one in error.problems]
    return []


def administrator(appoint: Callable[[str, str], None], *, words: Tongue) -> str:
    """Ask for login and password until `appoint` takes them; returns the login."""
    click.echo(
        "\n" + words.say("Who runs the place: an account that enters buildings, prints letters, appoints others.")
    )
    while True:
        login = click.prompt(words.say("Login name"))
        password = click.prompt(
            words.say("Password, at least 8 characters"),
            hide_input=True,
            confirmation_prompt=words.say("The same once more"),
        )
        try:
            appoint(login, password)
        except Refused as refused:
            click.echo(sentence(refused))
        else:
            return login.strip().lower()


def town(*, shipped: int, words: Tongue) -> Town | Marseille | None:
    """Where the place is: Marseille as shipped, a town of one's own, or None for later."""
    click.echo("\n" + words.say("Where is it? Buildings stand in a quarter of a city."))
    click.echo(words.say("  1  Marseille, with its %(num)d quarters", num=shipped))
    click.echo(words.say("  2  another city: you type its name, its INSEE code and its quarters"))
    click.echo(words.say("  3  later, on the pages"))
    match click.prompt(words.say("Your choice"), type=click.Choice(["1", "2", "3"]), default="1", show_choices=False):
        case "1":
            return Marseille()
        case "2":
            return _own_town(words)
        case _:
            return None


def _own_town(words: Tongue) -> Town:
    name = click.prompt(words.say("Name of the city"))
    click.echo(
        words.say("Its INSEE code has five characters and is not the postcode: 13055 is Marseille, 2A004 Ajaccio.")
    )
    insee = _until_read(words.say("INSEE code"), cities.read_insee)
    click.echo(
        words.say("Its quarters, one after the other, each with its postcode: La Blancarde 13004. A village is one.")
    )
    quarters = _until_read(words.say("First quarter"), cities.read_quarters)
    while line := click.prompt(words.say("Another one, or nothing"), default="", show_default=False).strip():
        try:
            quarters = cities.read_quarters("\n".join([*(f"{one.name} {one.postcode}" for one in quarters), line]))
        except Refused as refused:
            click.echo(sentence(refused))
    return Town(name=name, insee=insee, quarters=quarters)


def _until_read(label: str, read: Callable[[str], T]) -> T:
    while True:
        try:
            return read(click.prompt(label))
        except Refused as refused:
            click.echo(sentence(refused))


def farewell(*, told: Mapping[str, str], origin: str, login: str | None, words: Tongue) -> None:
    """Say how to start, and where the first ten minutes go on."""
    if told:
        click.echo("\n" + words.say("Keep these lines; every command needs them, also after a restart:"))
        for name, value in told.items():
            click.echo(f"  export {name}={shlex.quote(value)}")
    click.echo("\n" + words.say("Start it:"))
    click.echo("  palier serve")
    click.echo(words.say("Then open this address and sign in. Five steps lead to the first letters and the screen:"))
    click.echo(f"  {origin}/admin/start" + (f"  ({login})" if login else ""))
    click.echo(words.say("It is all explained in docs/first-steps.md."))
