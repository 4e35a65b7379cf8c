"""Words as a search compares them: small, without accents, without endings. Pure; one way for both engines.

Neither engine's own French is used: their stemmings differ, and so would what is found.
"""

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import snowballstemmer

LONGEST_WORD: Final = 40
# What words share with so many first letters is near enough; longer ones would want lists of their own in the index.
LONGEST_BEGINNING: Final = 8
# Shorter ones end in a single vowel before their s as often as not: bus, gaz, riz.
SHORTEST_PLURAL: Final = 4
# Words that stand in nearly every notice tell none from another.
SMALL: Final = frozenset(
    [
        "a",
        "ai",
        "as",
        "au",
        "aux",
        "avec",
        "ce",
        "ces",
        "cet",
        "cette",
        "d",
        "dans",
        "de",
        "des",
        "du",
        "elle",
        "en",
        "es",
        "est",
        "et",
        "eu",
        "eux",
        "il",
        "ils",
        "j",
        "je",
        "l",
        "la",
        "le",
        "les",
        "leur",
        "leurs",
        "lui",
        "m",
        "ma",
        "mais",
        "me",
        "mes",
        "mon",
        "n",
        "ne",
        "nos",
        "notre",
        "nous",
        "on",
        "ont",
        "ou",
        "par",
        "pas",
        "pour",
        "qu",
        "que",
        "qui",
        "s",
        "sa",
        "sans",
        "se",
        "ses",
        "si",
        "son",
        "sont",
        "sur",
        "t",
        "ta",
        "te",
        "tes",
        "ton",
        "tu",
        "un",
        "une",
        "vos",
        "votre",
        "vous",
        "y",
    ]
)

_ELIDED: Final = re.compile(r"\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)['’ʼ‘`´]")
_WORD: Final = re.compile(r"[^\W_]+")
_LIGATURES: Final = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss"})

_french = snowballstemmer.stemmer("french")
# The stemmer keeps the word it works at in itself; pages are many threads.
_turn = threading.Lock()


def fold(word: str) -> str:
    """A word without accents and in small letters. Folding what is folded changes nothing."""
    apart = unicodedata.normalize("NFKD", word.casefold().translate(_LIGATURES))
    return "".join(one for one in apart.casefold() if not unicodedata.combining(one))


def split(text: str) -> Iterator[str]:
    """The words of a text in small letters, with their accents, in their order: without l’, d’, qu’ and small words."""
    composed = unicodedata.normalize("NFKC", text).casefold().translate(_LIGATURES)
    for word in _WORD.findall(unicodedata.normalize("NFC", _ELIDED.sub(" ", composed))):
        if fold(word) not in SMALL:
            yield word[:LONGEST_WORD]


@lru_cache(maxsize=50_000)
def stems(word: str) -> frozenset[str]:
    """What a word is compared by: its stems, written with accents or without, in the plural or not.

    `vélos` is also compared as `vélo` (the French of Snowball keeps that s), `réparée` also as `reparee`, so that who
    types no accents finds it. Source: https://snowballstem.org/algorithms/french/stemmer.html
    """
    plain = fold(word)
    written = {word, plain}
    if len(plain) >= SHORTEST_PLURAL and plain.endswith(("s", "x")):
        written |= {word[:-1], plain[:-1]}
    with _turn:
        return frozenset(_only(fold(_french.stemWord(one)) for one in written))


def _only(folded: Iterator[str]) -> Iterator[str]:
    """What is still one word after folding: a letter of another script may come apart into several."""
    return (part for one in folded for part in _WORD.findall(one))


def terms(text: str) -> frozenset[str]:
    """All that a text is found by: each word's stems, and the word itself, to be found by its beginning."""
    return frozenset(term for word in split(text) for term in (*stems(word), *beginnings(word)))


def beginnings(word: str) -> frozenset[str]:
    """A word as its beginning is compared: without accents, its first letters."""
    return frozenset(one[:LONGEST_BEGINNING] for one in _WORD.findall(fold(word)))
