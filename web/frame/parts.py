"""What a template needs to draw slots, paths and what is shown on /design: plain data, prepared by a view."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One time that can be chosen: the value its field sends, its hours in words, and whether it still can be.

    `note` says why not, or what is special about it ("taken", "yours").
    """

    value: str
    hours: str
    free: bool = True
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The slots of one day, under its name in words."""

    name: str
    slots: tuple[Slot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step of a guided path. `url` leads to it where one may go back or ahead."""

    name: str
    url: str | None = None
    done: bool = False
