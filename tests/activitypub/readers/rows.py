"""Peers of whom the notes say little more than one row of their last table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.activitypub.readers import deeds
from tests.activitypub.readers.seen import Doc, Seen, drops, unsaid

THINGS: Final = {"Article", "Event", "Note", "Proposal"}  # protocol.md:1586: the columns
BARGAINS: Final = {"Accept", "Offer", "Reject"}  # protocol.md:255, 1586


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a peer makes of a thing, of each of the two Announces, of an Agreement; the line of its row."""

    line: int
    thing: Callable[[Doc], Seen]
    boost: Seen
    wrapped: Seen
    bargain: Seen


def read(doc: Doc, *, row: Row) -> Seen:
    """A document, as the columns of the table have it."""
    kind = doc.get("type")
    if kind in deeds.ACTORS:
        return deeds.actor(doc)
    if kind in THINGS:
        return row.thing(doc)
    return deeds.read(doc) or _deed(doc, row=row)


def _deed(doc: Doc, *, row: Row) -> Seen:
    match doc.get("type"):
        case "Create" | "Update":
            fault, inner = deeds.written_fault(doc), doc["object"]
            return drops(fault, 181, 182, 247) if fault else read(inner, row=row)
        case "Announce":
            fault = deeds.announced_fault(doc)
            seen = row.boost if isinstance(doc.get("object"), str) else row.wrapped
            return drops(fault, 184) if fault else seen
        case kind if kind in BARGAINS:
            return row.bargain
        case _:  # a report, an Ignore, a collection: there is no column for it
            return unsaid(row.line, 1586)
