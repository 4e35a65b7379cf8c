"""Where a lot is, as its name says it in French practice: stair, floor and door.

Names are written in many ways: `A101`, `302`, `A 3e droite`, `Hall A 3`, `esc. 2 ét. 4 porte 12`, `RDC`. What a name
does not say is not guessed, and names of no known form stay in the order in which people count: 2 before 10.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

# A lot's name has twelve characters; nobody's walk depends on the rest of a longer one.
LONGEST: Final = 40
BASEMENT: Final = -1
_LETTER: Final = r"[^\W\d_]"
_ALONE: Final = rf"(?<!{_LETTER})(?:{{}})(?!{_LETTER})"
_FLOOR, _GROUND, _BELOW = "ETAGE", "RDC", "SS"
# What means the same is written the same, one after another. An "e" by itself is an ordinal only where it is small or
# something follows: 3E stands beside 3D.
_SPELLINGS: Final = tuple(
    (re.compile(wanted), instead)
    for wanted, instead in (
        (rf"(?i:(?<!{_LETTER})n\s*[°º])", " "),
        (
            _ALONE.format(r"(?i:rez(?:[\s.-]*de[\s.-]*(?:chauss[ée]e|jardin))?|r\.?d\.?[cj]|rch|entresol)"),
            f" {_GROUND} ",
        ),
        (_ALONE.format(r"(?i:sous[\s-]*sol|ss)"), f" {_BELOW} "),
        (_ALONE.format(r"(?i:[ée]tages?|[ée]tg\.?|ét\.?|et\.|niveau|niv\.?)"), f" {_FLOOR} "),
        (rf"(?i:(?<!{_LETTER})r\s*\+\s*(?=[0-9]))", f" {_FLOOR} "),
        (rf"([0-9]+)\s*(?i:er|[eè]re|i?[eè]me|nde?)(?!{_LETTER})", rf" {_FLOOR} \1 "),
        (rf"([0-9]+)(?:e(?!{_LETTER})|E(?=[\W_]+\w))", rf" {_FLOOR} \1 "),
        (rf"([0-9]+)\s*{_FLOOR}(?!\s*[0-9])", rf" {_FLOOR} \1 "),
    )
)
_WORD: Final = re.compile(rf"{_LETTER}+|[0-9]+")
_STAIRS: Final = frozenset(
    ("ESC", "ESCALIER", "HALL", "BAT", "BATIMENT", "BT", "ENTREE", "ENT", "CAGE", "TOUR", "MONTEE", "BLOC", "AILE")
)
_DOORS: Final = frozenset(
    (
        *("PORTE", "PTE", "APPARTEMENT", "APPART", "APPT", "APT", "APP"),
        *("LOGEMENT", "LOGT", "LGT", "LOG", "LOT", "BAL", "BOITE", "NO", "NUMERO"),
    )
)
_WINDS: Final = frozenset(["NORD", "SUD", "EST", "OUEST"])
_SIDES: Final = {
    **dict.fromkeys(["GAUCHE", "GCHE", "GCH"], "GAUCHE"),
    **dict.fromkeys(["DROITE", "DRTE", "DTE", "DT"], "DROITE"),
    **{one: one for one in ["FACE", "MILIEU", "CENTRE", "FOND"]},
}
Natural = tuple[tuple[int, int, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a lot is: its stair ("" for none), its floor (0 for the ground, None where it is not said), its door."""

    stair: str
    floor: int | None
    door: str


@dataclass(slots=True)
class _Read:
    stairs: list[str] = field(default_factory=list)
    floor: int | None = None
    door: list[str] = field(default_factory=list)


def place_of(name: str) -> Place:
    """What a lot's name says of where it is. Pure, and for every text."""
    stairs, rest = _named_stairs(_words(name))
    read, at = _Read(stairs=stairs), _floor_at(rest)
    if at is None:
        _by_numbers(read, _only_doors(rest))
    else:
        _by_floor(read, before=rest[:at], after=rest[at:])
    door = [_SIDES.get(one, one) for one in read.door]
    return Place(stair=" ".join(read.stairs), floor=read.floor, door=" ".join(door))


def walk(name: str) -> tuple[Any, ...]:
    """By what lots are put in the order of a walk: stair by stair, floor by floor, door by door. No two names tie.

    Where no floor is said a lot stands with the ground floor, after those of which it is said.
    """
    place = place_of(name)
    return (
        natural(place.stair),
        place.floor or 0,
        place.floor is None,
        natural(place.door),
        natural(name[:LONGEST]),
        name,
    )


def natural(text: str) -> Natural:
    """By what texts are put in the order in which people count: 2 before 10, numbers before letters."""
    return tuple((0, int(one), "") if one.isdigit() else (1, 0, one) for one in _cut(text))


def _cut(text: str) -> list[str]:
    # Accents are parts of their letters no more, and so no words of their own.
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return [one for one in _WORD.findall(plain.upper()) if one.isascii() or not one.isdigit()]


def _words(name: str) -> list[str]:
    text = unicodedata.normalize("NFC", name[:LONGEST])
    for wanted, instead in _SPELLINGS:
        text = wanted.sub(instead, text)
    return _cut(text)


def _named_stairs(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """The stairs that are called so (hall, entrance, building), and what is left of the words."""
    stairs, rest, at = [], [], 0
    while at < len(words):
        if words[at] in _STAIRS and at + 1 < len(words):
            stairs.append(words[at + 1])
            at += 2
        else:
            rest.append(words[at])
            at += 1
    return stairs, rest


def _floor_at(words: Sequence[str]) -> int | None:
    """Where a floor is named among the words, if it is."""
    for at, word in enumerate(words):
        if word in (_GROUND, _BELOW) or (word == _FLOOR and "".join(words[at + 1 : at + 2]).isdigit()):
            return at
    return None


def _by_floor(read: _Read, *, before: Sequence[str], after: Sequence[str]) -> None:
    """What stands before a floor is the stair, unless nothing comes after it: then its number is the door's."""
    word, rest = after[0], after[1:]
    if word == _FLOOR:
        read.floor, rest = int(rest[0]), rest[1:]
    else:
        read.floor = 0 if word == _GROUND else BASEMENT
    door = _only_doors(rest)
    for one in _only_doors(before):
        (read.stairs if _is_stair(one) or (door and one.isdigit()) else read.door).append(one)
    read.door += door


def _by_numbers(read: _Read, words: Sequence[str]) -> None:
    """No floor is named: the numbers tell, `A-3-12` by their places and `A312` by its hundreds."""
    if len(words) > 1 and _is_stair(words[0]) and words[1].isdigit():
        read.stairs.append(words[0])
        words = words[1:]
    count = next((at for at, one in enumerate(words) if not one.isdigit()), len(words))
    numbers, tail = list(words[:count]), list(words[count:])
    if not numbers or any(one.isdigit() for one in tail):
        read.door = [*words]
        return
    # 1-203 is on the second floor of stair 1. Should 2-203 mean floor 2 twice, the order is the same.
    keeps = 1 if len(numbers[-1]) > 2 else 2
    read.stairs += numbers[:-keeps]
    numbers = numbers[-keeps:]
    if len(numbers) == 2:
        read.floor, numbers = int(numbers[0]), numbers[1:]
    elif len(numbers[0]) > 2:
        read.floor = int(numbers[0][:-2])
    elif tail and tail[0] in _SIDES:
        read.floor, numbers = int(numbers[0]), []
    read.door = numbers + tail


def _is_stair(word: str) -> bool:
    return (len(word) == 1 and word.isalpha()) or word in _WINDS


def _only_doors(words: Iterable[str]) -> list[str]:
    return [one for one in words if one not in _DOORS and one != _FLOOR]
