"""Mitra."""

from typing import Final

from tests.activitypub.readers import rows
from tests.activitypub.readers.seen import Doc, Seen, drops, shows, takes


def read(doc: Doc) -> Seen:
    """What Mitra makes of a document: posts and messages; of what is offered only subscriptions at a price."""
    return rows.read(doc, row=ROW)


def _thing(doc: Doc) -> Seen:
    if doc["type"] == "Proposal":
        return drops("no subscription", 259, 1594)
    return shows(1594, text=doc.get("content"))


ROW: Final = rows.Row(  # protocol.md:1594
    line=1594,
    thing=_thing,
    boost=takes(1594),
    wrapped=drops("nothing comes of a wrapped one", 1594),
    bargain=drops("only of its own kind", 259, 1594),
)
