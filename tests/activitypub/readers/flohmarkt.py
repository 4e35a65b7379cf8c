"""Flohmarkt, early and newer: a market that reads offers in its own form, and private answers to its own."""

import re
from typing import Final

from tests.activitypub.readers import rows
from tests.activitypub.readers.seen import Doc, Seen, drops, failing, host, is_public, lacks, many, shows, unsaid

ITEM: Final = re.compile(r"/users/[^/]+/items/[0-9a-f-]{36}$")  # protocol.md:260


def read(doc: Doc) -> Seen:
    """What Flohmarkt makes of a document; how it takes a change of an offer of others is not said."""
    return unsaid(182, 260) if doc.get("type") == "Update" else rows.read(doc, row=ROW)


def _thing(doc: Doc) -> Seen:
    if doc["type"] != "Note":
        return drops("no listing", 225, 1593)
    if not is_public(doc):
        return _answer(doc)
    if doc.get("inReplyTo"):
        return drops("a public reply", 260)
    if any(part.get("type") == "Proposal" for part in many(doc.get("attachment"))):
        return shows(261, 1593, title=doc.get("name"), text=doc.get("content"))  # the newer one
    return _listing(doc)


def _listing(doc: Doc) -> Seen:
    """An offer as the early one takes it: 422 without what it is, 403 where it is not."""
    wares = doc.get("flohmarkt:data")
    if not isinstance(wares, dict):
        return drops("no flohmarkt:data", 225, 260)
    fault = lacks(wares, "price", "name", "description", "original_id", "coordinates") or failing(
        {
            "id": ITEM.search(doc["id"]) is not None,
            "attachment": all(lacks(part, "url", "name") is None for part in many(doc.get("attachment"))),
            "perimeter": {"lat", "lng"} <= set(wares.get("coordinates") or {}),
        }
    )
    return drops(fault, 260, 1593) if fault else shows(260, 1593, title=wares["name"], text=wares["description"])


def _answer(doc: Doc) -> Seen:
    if len(many(doc.get("to"))) != 1 or doc.get("cc"):
        return drops("for several", 260)
    about = str(doc.get("inReplyTo"))
    if host(about) == host(doc["to"][0]) and ITEM.search(about):
        return shows(225, 260, 1593, text=doc.get("content"))
    return unsaid(260, 1593)  # an answer to an answer


ROW: Final = rows.Row(  # protocol.md:1593
    line=1593,
    thing=_thing,
    boost=drops("no listing", 1593),
    wrapped=drops("no listing", 1593),
    bargain=drops("no conversation", 1593),
)
