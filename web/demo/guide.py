"""What `./run` prints once both places are up: addresses, accounts, and what to try."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from instance.audience import Audience
from web.demo.people import PASSWORD, Scene

DRILL = "Perceuse à percussion"

Say = Callable[[str], str]


class Place(Protocol):
    """What the guide needs to know of one of the two instances."""

    @property
    def name(self) -> str:
        """Its short name."""

    @property
    def origin(self) -> str:
        """Its address."""

    @property
    def log(self) -> Path:
        """Where its processes write what they did."""

    @property
    def scene(self) -> Scene:
        """Who lives there."""


def titles_beyond(scene: Scene) -> list[str]:
    """The titles of a scene that cross to the other place."""
    slips = [slip.title for slip in scene.slips if slip.audience is Audience.NETWORK]
    return slips + [story.title for story in scene.stories if story.audience is Audience.NETWORK]


def text(say: Say, *, towns: Sequence[Place], keys: Mapping[str, str]) -> str:
    """The whole guide, in the reader's language."""
    here, there = towns
    return "\n".join(
        [
            "",
            f"  [bold]{here.scene.name}[/bold]   {here.origin}/",
            f"  [bold]{there.scene.name}[/bold]   {there.origin}/",
            "",
            "  " + say("Accounts (password of all: {password})").format(password=f"[bold]{PASSWORD}[/bold]"),
            *_accounts(say, place=here, logins=_HERE),
            *_accounts(say, place=there, logins=_THERE),
            "",
            "  " + say("Hall screens"),
            *(f"    {place.scene.houses[0].name}: {place.origin}/hall/{keys[place.name]}" for place in towns),
            "",
            "  " + say("What to try"),
            *(f"    {number}. {line}" for number, line in enumerate(_steps(say, here=here, there=there), start=1)),
            "",
            "  " + say("Ctrl-C stops everything. ./run goes on, ./run --fresh starts over."),
            "",
        ]
    )


def values(*, towns: Sequence[Place], keys: Mapping[str, str]) -> Mapping[str, Any]:
    """What a script needs to look around: addresses, every account, one hall screen each."""
    return {
        "password": PASSWORD,
        "places": [
            {
                "name": place.scene.name,
                "origin": place.origin,
                "log": str(place.log),
                "hall": f"{place.origin}/hall/{keys[place.name]}",
                "accounts": [person.login for person in place.scene.people],
            }
            for place in towns
        ],
    }


# Which accounts are worth naming, by login; the words are msgids.
_HERE = ("odile", "amir", "jardins", "mairie", "moderation", "admin")
_THERE = ("camille", "ciq", "moderation", "admin")


def _accounts(say: Say, *, place: Place, logins: Sequence[str]) -> list[str]:
    words = {
        "odile": say("resident of Les Micocouliers (22 of its 44 homes are registered)"),
        "amir": say("her neighbour in the same building"),
        "jardins": say("writes for the garden association"),
        "mairie": say("writes for the town hall"),
        "moderation": say("moderator"),
        "admin": say("administrator"),
        "camille": say("resident of Les Platanes"),
        "ciq": say("writes for the quarter committee"),
    }
    shown = {person.login: person for person in place.scene.people}
    return [
        f"    {place.scene.name:<21} [bold]{login:<11}[/bold] {shown[login].first_name} — {words[login]}"
        for login in logins
    ]


def _steps(say: Say, *, here: Place, there: Place) -> list[str]:
    return [
        say(
            "Sign in as odile at {here}. In her conversations, Camille has answered from {there} about the drill."
            " Write back, then read it as camille at {there}."
        ).format(here=here.origin, there=there.origin),
        say(
            "As odile, post an offer and choose “Beyond”. You are shown what leaves. A few seconds later it hangs"
            " on the board at {there}. Withdraw it: it goes there, too."
        ).format(there=there.origin),
        say(
            "As odile, post a request and choose “Building”. Her neighbour amir sees it, victor (another building)"
            " and {there} never do: administrator, page “What left”."
        ).format(there=there.origin),
        say(
            "As ciq at {there}, publish news “Beyond”: it appears at {here}, also on the garden association's page."
        ).format(here=here.origin, there=there.origin),
        say("Open a hall screen in a second window and publish to that building."),
    ]
