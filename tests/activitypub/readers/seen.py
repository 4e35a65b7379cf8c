"""What a peer makes of a document of ours, and the questions that several of them ask.

One module per peer. Each rule gives the lines of protocol.md that it was read in; what those say is in `protocol.py`,
and nobody needs the notes to check a rule. Where they say nothing the reader does not guess: that is a verdict, too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import urlsplit

PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
Doc = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What becomes of it: shown to people, taken without being shown, dropped with the reason, or nobody says what."""

    verdict: str
    lines: tuple[int, ...]
    title: str | None = None
    text: str | None = None
    warning: str | None = None
    link: str | None = None
    picture: str | None = None
    why: str | None = None


def shows(line: int, *more: int, **parts: str | None) -> Seen:
    """People see it."""
    return Seen(verdict="shows", lines=(line, *more), **{name: part or None for name, part in parts.items()})


def takes(line: int, *more: int) -> Seen:
    """It has its effect, and nobody sees it."""
    return Seen(verdict="takes", lines=(line, *more))


def drops(why: str, line: int, *more: int) -> Seen:
    """Nothing comes of it."""
    return Seen(verdict="drops", lines=(line, *more), why=why)


def unsaid(line: int, *more: int) -> Seen:
    """The lines that would tell do not."""
    return Seen(verdict="unsaid", lines=(line, *more))


def host(uri: object) -> str:
    """Where an address leads."""
    return urlsplit(uri).netloc if isinstance(uri, str) else ""


def many(value: object) -> list[Any]:
    """One or many."""
    return value if isinstance(value, list) else [] if value is None else [value]


def audience(doc: Doc) -> set[str]:
    """Whom it is addressed to."""
    return {one for key in ("to", "cc", "audience") for one in many(doc.get(key)) if isinstance(one, str)}


def is_public(doc: Doc) -> bool:
    """Whether everybody may see it."""
    return PUBLIC in audience(doc)


def lacks(doc: Doc, *keys: str) -> str | None:
    """The first of these properties that is missing."""
    return next((key for key in keys if doc.get(key) in (None, "")), None)


def failing(checks: Mapping[str, bool]) -> str | None:
    """The first of these that does not hold."""
    return next((name for name, holds in checks.items() if not holds), None)


def actor_fault(doc: Doc, *also: str) -> str | None:
    """What an actor lacks, or has of another host; its key must be its own (protocol.md:88, 98, 108)."""
    key = doc.get("publicKey")
    if not isinstance(key, dict) or lacks(key, "id", "owner", "publicKeyPem"):
        return "publicKey"
    homes = {host(doc[name]) for name in ("inbox", "outbox", "followers") if doc.get(name)} | {host(key["id"])}
    return lacks(doc, "id", "preferredUsername", "inbox", "outbox", *also) or failing(
        {"a key of somebody else": key["owner"] == doc["id"], "spread over hosts": homes == {host(doc["id"])}}
    )


def first_picture(doc: Doc) -> str | None:
    """The first image attached to it, or its own (protocol.md:235)."""
    parts = [*many(doc.get("attachment")), *many(doc.get("image"))]
    shown = (part for part in parts if isinstance(part, dict) and part.get("type") in {"Image", "Document"})
    return next((part["url"] for part in shown if isinstance(part.get("url"), str)), None)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]

    def handle_data(self, data: str) -> None:
        self.lines[-1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "li", "div", "h2"}:
            self.lines.append("")


def first_line(html: str) -> str:
    """The first line of a text that has no title."""
    words = _Words()
    words.feed(html)
    return next((line.strip() for line in words.lines if line.strip()), "")
