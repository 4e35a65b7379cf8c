"""What a peer makes of a document of ours, and the questions that several of them ask.

One module per peer, one rule per line, each with where it was read: a file of that software, a specification, or the
section (§) of the protocol notes that Palier was planned by. What is marked "memory" was not read anywhere, and is the
first thing to look at when a real server of that make behaves otherwise.
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
    """What becomes of it: shown to people, taken without being shown, or dropped with the reason."""

    verdict: str
    title: str | None = None
    text: str | None = None
    warning: str | None = None
    link: str | None = None
    picture: str | None = None
    why: str | None = None


def shows(**parts: str | None) -> Seen:
    """People see it."""
    return Seen(verdict="shows", **{name: part or None for name, part in parts.items()})


def takes() -> Seen:
    """It has its effect, and nobody sees it."""
    return Seen(verdict="takes")


def drops(why: str) -> Seen:
    """Nothing comes of it."""
    return Seen(verdict="drops", why=why)


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


def key_fault(actor: Doc) -> str | None:
    """What is wrong with an actor's key: it must be its own, and on its host (§1.3, §1.8)."""
    key = actor.get("publicKey")
    if not isinstance(key, dict) or lacks(key, "id", "owner", "publicKeyPem"):
        return "publicKey"
    return None if key["owner"] == actor["id"] and host(key["id"]) == host(actor["id"]) else "a key of somebody else"


def first_picture(doc: Doc) -> str | None:
    """The first image attached to it, or its own."""
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
