"""What we understand of the documents of others, as a text that a person can check: a line per thing read."""

import dataclasses
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from activitypub import codec, webfinger

CORPUS = Path(__file__).parent / "corpus"
MEANINGS = CORPUS / "meanings"
LONGEST = 100
# A page of an outbox repeats itself after a few items.
SHOWN = 3


def software(path: Path) -> str:
    """Whose meanings a document stands among: the folder says it."""
    top, *rest = path.relative_to(CORPUS).parts
    return f"{top}-{rest[0]}" if top == "lemmy" else top


def documents() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Every document: whose it is, its name, and itself."""
    for path in sorted(CORPUS.rglob("*.json")):
        found = json.loads(path.read_text("utf-8"))
        name = str(path.relative_to(CORPUS).with_suffix(""))
        if isinstance(found, list):  # variants of one question
            yield from ((software(path), f"{name}/{number}", one) for number, one in enumerate(found))
        else:
            yield software(path), name, found


def read(doc: dict[str, Any]) -> object:
    """A document as the code reads it, from its bytes. Raises Malformed."""
    found = codec.load(codec.encode(doc))
    return webfinger.read(found) if "subject" in found else codec.read_word(found)


def _short(text: str) -> str:
    """The first words, and how many letters there are."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}… ({len(text)} letters)"


def _tell(value: object) -> list[str]:
    if isinstance(value, StrEnum | bool | int | float):
        return [str(value)]
    if isinstance(value, datetime):
        return [value.isoformat()]
    if isinstance(value, str):
        return [_short(value)]
    if isinstance(value, Mapping):
        return [_short(json.dumps(value, ensure_ascii=False))]
    return [type(value).__name__, *(f"  {line}" for line in _fields(value))]


def _fields(word: Any) -> Iterator[str]:
    """Everything that was read, without what was not said."""
    for field in dataclasses.fields(word):
        value = getattr(word, field.name)
        if value in (None, (), "", False) or (field.name == "pem"):
            continue
        many = value if isinstance(value, tuple) else (value,)
        for part in many[:SHOWN]:
            first, *rest = _tell(part)
            yield f"{field.name}: {first}"
            yield from rest
        if len(many) > SHOWN:
            yield f"{field.name}: … ({len(many)} in all)"


def meaning(doc: dict[str, Any]) -> str:
    """What a document says to us, or why it says nothing."""
    try:
        return "\n".join(_tell(read(doc)))
    except codec.Malformed as fault:
        return f"MALFORMED {fault}"


def texts() -> dict[str, str]:
    """Every meaning, by whose it is."""
    found: dict[str, list[str]] = {}
    for whose, name, doc in documents():
        found.setdefault(whose, []).append(f"== {name}\n{meaning(doc)}\n")
    return {whose: "\n".join(many) for whose, many in found.items()}


def accept() -> None:
    """Write every meaning as it is read now, as what the tests compare with."""
    MEANINGS.mkdir(exist_ok=True)
    for whose, text in texts().items():
        (MEANINGS / f"{whose}.txt").write_text(text, "utf-8")
        print(MEANINGS / f"{whose}.txt")
