"""Addresses as people type them: one spelling for comparing, and pieces of three letters for finding what is near."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

# How signs, files and people shorten a word. No expansion is itself a short form, so spelling twice changes nothing.
SHORT_FORMS: Final[Mapping[str, str]] = {
    "all": "allee",
    "av": "avenue",
    "ave": "avenue",
    "bat": "batiment",
    "bd": "boulevard",
    "bld": "boulevard",
    "blvd": "boulevard",
    "boul": "boulevard",
    "bvd": "boulevard",
    "ch": "chemin",
    "che": "chemin",
    "chem": "chemin",
    "cdt": "commandant",
    "col": "colonel",
    "crs": "cours",
    "dr": "docteur",
    "fg": "faubourg",
    "gal": "general",
    "imp": "impasse",
    "lot": "lotissement",
    "mal": "marechal",
    "pl": "place",
    "pass": "passage",
    "prof": "professeur",
    "r": "rue",
    "res": "residence",
    "rte": "route",
    "sq": "square",
    "st": "saint",
    "ste": "sainte",
    "tra": "traverse",
    "trav": "traverse",
    "ham": "hameau",
    "qu": "quai",
}
# What tells one street from another only when nothing else does.
COMMON: Final = frozenset(
    [
        "allee",
        "avenue",
        "boulevard",
        "chemin",
        "cours",
        "faubourg",
        "hameau",
        "impasse",
        "lotissement",
        "passage",
        "place",
        "quai",
        "residence",
        "route",
        "rue",
        "square",
        "traverse",
        "voie",
        "a",
        "au",
        "aux",
        "d",
        "de",
        "des",
        "du",
        "en",
        "et",
        "l",
        "la",
        "le",
        "les",
        "sur",
    ]
)
REPEATED: Final[Mapping[str, str]] = {"b": "bis", "t": "ter", "q": "quater"}
LONGEST_WISH: Final = 200

_OTHER: Final = re.compile(r"[^a-z0-9]+")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "Œ": "oe", "Æ": "ae", "ß": "ss"})
_POSTCODE: Final = re.compile(r"\b\d{5}\b")
# A house number with what follows it: 12, 12bis, 12 ter, 12b, 12 B; but in "12 r de Rome" the r is a street.
_NUMBER: Final = re.compile(
    r"(?P<number>\d{1,4})(?P<suffix>\s?(?:bis|ter|quater|quinquies)|[a-z]|\s[abce-km-qs-z])?\s+(?=\S)"
)


def plain(text: str) -> str:
    """Small letters without accents, digits, and a single space for everything between."""
    apart = unicodedata.normalize("NFKD", text.translate(_LIGATURES).casefold())
    return _OTHER.sub(" ", "".join(one for one in apart if not unicodedata.combining(one))).strip()


def spell(text: str) -> str:
    """The one spelling of a street: plain, with short forms written out. Spelling what is spelled changes nothing."""
    return " ".join(SHORT_FORMS.get(one, one) for one in plain(text).split())


def kernel(spelled: str) -> str:
    """The words that tell a street from others: without rue, avenue, de, la; all of them if nothing is left."""
    return " ".join(one for one in spelled.split() if one not in COMMON) or spelled


def pieces(spelled: str) -> frozenset[str]:
    """Each three letters that follow each other in a word, its beginning and end counted in.

    Every letter mistyped spoils three of them and no more, so what is near still shares most.
    """
    found = set[str]()
    for word in spelled.split():
        padded = f"  {word} "
        found.update(padded[at : at + 3] for at in range(len(padded) - 2))
    return frozenset(found)


def repeated(text: str) -> str:
    """What follows a house number in one spelling: b and B are bis."""
    found = plain(text)
    return REPEATED.get(found, found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An address as typed, taken apart. `number` is None and the others are empty where nothing was typed."""

    number: int | None
    suffix: str
    postcode: str
    street: str


def read(text: str, *, cities: Sequence[str] = ()) -> Wish:
    """Take apart what somebody typed: `12 bis r de la République 13001 Marseille`, of which only the street must be.

    `cities` are the names, spelled, that may stand at the end.
    """
    left = plain(text[:LONGEST_WISH])
    postcode = _POSTCODE.search(left)
    if postcode is not None:
        left = f"{left[: postcode.start()]} {left[postcode.end() :]}".strip()
    number = _NUMBER.match(left)
    if number is not None:
        left = left[number.end() :]
    street = spell(left)
    street = next((one for city in cities if (one := _without(street, city))), street)
    return Wish(
        number=int(number["number"]) if number is not None else None,
        suffix=repeated(number["suffix"] or "") if number is not None else "",
        postcode=postcode[0] if postcode is not None else "",
        street=street,
    )


def _without(street: str, city: str) -> str:
    """The street without the city at its end; empty if the city is not there or is the street's own name."""
    left = street.removesuffix(f" {city}")
    return left if city and left != street and any(one not in COMMON for one in left.split()) else ""
