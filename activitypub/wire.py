"""Strict JSON in, stable JSON out, and the reading of single fields in all the spellings other servers use."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeAlias

from activitypub.vocabulary import PUBLIC

Doc: TypeAlias = Mapping[str, object]

MEDIA_TYPE: Final = "application/activity+json"
LD_JSON: Final = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 32
MAX_NODES: Final = 10_000
# In bytes: what keeps references has an index over two of them, and PostgreSQL wants no more than 2,704 in an entry.
MAX_URI: Final = 1000

# Keywords by which one document can mean different things to two readers (the ambiguity advisories of 2026).
AMBIGUOUS: Final = frozenset({"@graph", "@included", "@reverse", "@nest"})
# Terms whose meaning decides who speaks; an inline context that moves one is an attack, not a dialect.
FIXED_TERMS: Final = frozenset(
    {"id", "type", "actor", "object", "attributedTo", "inbox", "owner", "publicKey", "publicKeyPem", "inReplyTo"}
)
NAMESPACES: Final = (
    "as:",
    "https://www.w3.org/ns/activitystreams#",
    "http://www.w3.org/ns/ldp#",
    "ldp:",
    "sec:",
    "https://w3id.org/security#",
)
TYPE_PREFIXES: Final = ("https://www.w3.org/ns/activitystreams#", "as:", "https://w3id.org/valueflows/ont/vf#", "vf:")
LANGUAGE_TAG: Final = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,3}")  # the part of RFC 5646 that is in use
PUBLIC_SPELLINGS: Final = frozenset({PUBLIC, "as:Public", "Public"})


_HALF: Final = re.compile("[\ud800-\udfff]")
# Bare, neither is UTF-8 or JSON: only where one is escaped is each text looked at.
_DOUBTFUL: Final = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


class Malformed(ValueError):
    """What came is not what it claims to be; the text names the place and the fault, never the content."""

    def __init__(self, fault: str, *, where: str = "") -> None:
        """``where`` is the path from the root of the document."""
        super().__init__(f"{where}: {fault}" if where else fault)


def load(raw: bytes) -> dict[str, object]:
    """The JSON object in ``raw``.

    Raises Malformed on more than 1 MiB, invalid UTF-8 or JSON, duplicate keys, NaN or infinite numbers, more than
    32 levels or 10,000 nodes, NUL or lone surrogates in text, and on JSON-LD keywords or contexts that let two readers
    understand two things.
    """
    if len(raw) > MAX_BYTES:
        raise Malformed("larger than 1 MiB", where="document")
    try:
        doc: object = json.loads(
            raw.decode("utf-8"), object_pairs_hook=_pairs, parse_constant=_constant, parse_float=_finite
        )
    except RecursionError:
        raise Malformed("nested too deeply", where="document") from None
    except UnicodeDecodeError:
        raise Malformed("not UTF-8", where="document") from None
    except Malformed:
        raise
    except ValueError:  # JSONDecodeError, and integers of thousands of digits
        raise Malformed("not JSON", where="document") from None
    if not isinstance(doc, dict):
        raise Malformed("not a JSON object", where="document")
    _inspect(doc, texts=_DOUBTFUL.search(raw) is not None)
    return doc


def encode(doc: Doc) -> bytes:
    """The bytes of ``doc``: compact UTF-8 in the order of its keys, the same for the same document every time."""
    return json.dumps(doc, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a key stands twice in one object", where="document")
    return found


def _constant(_name: str) -> NoReturn:
    raise Malformed("NaN and infinity are no JSON numbers", where="document")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise Malformed("a number is not finite", where="document")
    return number


def _inspect(doc: dict[str, object], *, texts: bool) -> None:
    """Walk the whole document once, without recursion; `texts` is whether one of them may be no text."""
    nodes = 0
    waiting: list[tuple[object, int]] = [(doc, 1)]
    while waiting:
        node, depth = waiting.pop()
        nodes += 1
        if nodes > MAX_NODES:
            raise Malformed("more than 10,000 nodes", where="document")
        if depth > MAX_DEPTH:
            raise Malformed("nested too deeply", where="document")
        if isinstance(node, dict):
            _inspect_keys(node, texts=texts)
            waiting.extend([(value, depth + 1) for value in node.values()])
        elif isinstance(node, list):
            waiting.extend([(value, depth + 1) for value in node])
        elif texts and isinstance(node, str):
            _inspect_text(node)


def _inspect_keys(node: dict[str, object], *, texts: bool) -> None:
    for key in AMBIGUOUS & node.keys():
        raise Malformed("a JSON-LD keyword that is not accepted", where=key)
    if texts:
        for key in node:
            _inspect_text(key)
    if "@context" in node:
        for part in each(node["@context"]):
            _inspect_context(part)


def _inspect_context(part: object) -> None:
    if not isinstance(part, dict):
        return
    for term in FIXED_TERMS & part.keys():
        meaning = part[term]
        if isinstance(meaning, dict):
            meaning = meaning.get("@id")
        if meaning not in ("@id", "@type") and not str(meaning).startswith(NAMESPACES):
            raise Malformed("given another meaning", where=f"@context.{term}")


def _inspect_text(text: str) -> None:
    if "\x00" in text:
        raise Malformed("a text contains NUL", where="document")
    if _HALF.search(text):
        raise Malformed("a text contains half a character", where="document")


# Single fields. ``where`` in a message is the path from the root of the document.


def each(value: object) -> list[object]:
    """One or many, as a list; null is none."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def sole(value: object) -> object:
    """The first of one or many, or None."""
    parts = each(value)
    return parts[0] if parts else None


def uri(value: object) -> str | None:
    """An http(s) reference given as a text or as an object with an id (or a Link's href); None when there is none."""
    found = sole(value)
    if isinstance(found, dict):
        found = found.get("id", found.get("href"))
    if not isinstance(found, str) or not found.startswith(("https://", "http://")):
        return None
    return found if found.isprintable() and " " not in found and is_short(found) else None


def is_short(reference: str) -> bool:
    """Whether a reference is as short as references are."""
    return len(reference) <= MAX_URI and (reference.isascii() or len(reference.encode()) <= MAX_URI)


def demand_uri(doc: Doc, key: str, *, where: str) -> str:
    """The reference at ``key``. Raises Malformed when missing or not http(s)."""
    found = uri(doc.get(key))
    if found is None:
        fault = "missing" if doc.get(key) is None else "not an http(s) reference"
        raise Malformed(fault, where=f"{where}.{key}")
    return found


def address(value: object) -> tuple[str, ...]:
    """An audience, every spelling of Public as the full one, without repeats, without what is no reference."""
    found = [PUBLIC if isinstance(part, str) and part in PUBLIC_SPELLINGS else _one_uri(part) for part in each(value)]
    return tuple(dict.fromkeys(part for part in found if part is not None))


def references(value: object) -> tuple[str, ...]:
    """One or many references, without what is none."""
    return tuple(found for part in each(value) if (found := _one_uri(part)) is not None)


def _one_uri(part: object) -> str | None:
    return None if isinstance(part, list) else uri(part)  # a list in a list is nobody's dialect


def text(doc: Doc, key: str) -> str | None:
    """The text at ``key`` or, without one, the first of its language map."""
    found = sole(doc.get(key))
    if isinstance(found, str):
        return found
    by_language = doc.get(f"{key}Map")
    if isinstance(by_language, dict):
        return next((value for value in by_language.values() if isinstance(value, str)), None)
    return None


def language(doc: Doc) -> str | None:
    """The language of ``content``: by its language map, else as PeerTube and Lemmy, or Mobilizon, name it."""
    by_language = doc.get("contentMap")
    named = doc.get("language")
    found = [named.get("identifier") if isinstance(named, dict) else None, doc.get("inLanguage")]
    if isinstance(by_language, dict):
        content = doc.get("content")
        found = [*(key for key, value in by_language.items() if value == content), *by_language, *found]
    tags = (tag for tag in found if isinstance(tag, str) and tag != "und")  # undetermined (RFC 5646)
    return next((tag for tag in tags if LANGUAGE_TAG.fullmatch(tag)), None)


def truth(doc: Doc, key: str) -> bool:
    """True only when ``key`` is literally true: consent is never guessed."""
    return doc.get(key) is True


def choice(doc: Doc, key: str) -> bool | None:
    """True or false as ``key`` says, or None when it says neither."""
    value = doc.get(key)
    return value if isinstance(value, bool) else None


def count(value: object) -> int | None:
    """A natural number, or None."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def number(value: object) -> float | None:
    """A finite number, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) >= 2**53:
        return None
    return float(value)


def moment(value: object) -> datetime | None:
    """An xsd:dateTime in UTC (without zone: taken as UTC); None when absent or unreadable: many servers write oddly."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value.strip())
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def stamp(when: datetime) -> str:
    """``when`` as xsd:dateTime in UTC."""
    return when.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def kinds(doc: Doc) -> tuple[str, ...]:
    """The types of ``doc`` without the prefixes some servers write."""
    return tuple(_plain_type(part) for part in each(doc.get("type", doc.get("@type"))) if isinstance(part, str))


def _plain_type(name: str) -> str:
    for prefix in TYPE_PREFIXES:
        if name.startswith(prefix):
            return name[len(prefix) :]
    return name
