"""Unfathomably, a fork of Pleroma: it trades, and reads an offer in either form that marketplaces get."""

from typing import Final

from tests.activitypub.readers import rows
from tests.activitypub.readers.seen import Doc, Seen, drops, lacks, many, shows, takes, unsaid

LINKED: Final = "application/ld+json"  # protocol.md:270
PAYMENT: Final = "payment"  # protocol.md:270


def read(doc: Doc) -> Seen:
    """What Unfathomably makes of a document: texts, messages, and listings for its market."""
    return rows.read(doc, row=ROW)


def _thing(doc: Doc) -> Seen:
    if doc["type"] == "Proposal":
        return drops("only as an attachment", 1595)
    if any(_is_quote(tag) for tag in many(doc.get("tag"))):
        return drops("taken for a quote", 270)
    attached = [part for part in many(doc.get("attachment")) if part.get("type") == "Proposal"]
    wares = doc.get("flohmarkt:data")
    if wares is None and not attached:
        return shows(1595, text=doc.get("content"))
    if all(map(_is_for_sale, attached)) and (wares is None or lacks(wares, "price", "currency") is None):
        return shows(262, 1595, title=doc.get("name"), text=doc.get("content"))
    return drops("no offer at a price", 262, 1595)


def _is_quote(tag: Doc) -> bool:
    is_link = tag.get("type") == "Link" and str(tag.get("mediaType")).startswith(LINKED)
    return is_link and PAYMENT not in many(tag.get("rel"))


def _is_for_sale(proposal: Doc) -> bool:
    """An offer of a transfer with a price and a currency (protocol.md:262)."""
    price = proposal.get("reciprocal", {}).get("resourceQuantity", {})
    is_offer = proposal.get("purpose") == "offer" and proposal["publishes"].get("action") == "transfer"
    return is_offer and lacks(price, "hasUnit", "hasNumericalValue") is None


ROW: Final = rows.Row(  # protocol.md:1595
    line=1595,
    thing=_thing,
    boost=takes(1595),
    wrapped=drops("a wrapped activity", 210),
    bargain=unsaid(1595),
)
