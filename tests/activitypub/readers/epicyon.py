"""Epicyon: what it shares and wants is a Proposal, and it shows those of others."""

from typing import Final

from tests.activitypub.readers import rows
from tests.activitypub.readers.seen import Doc, Seen, drops, failing, lacks, shows, takes, unsaid

KNOWN_CURRENCIES: Final = "https://www.wikidata.org/wiki/"  # protocol.md:263
PRIMARY: Final = "#primary"  # protocol.md:253, 1596


def read(doc: Doc) -> Seen:
    """What Epicyon makes of a document."""
    return rows.read(doc, row=ROW)


def _thing(doc: Doc) -> Seen:
    match doc["type"]:
        case "Event":
            return unsaid(226, 1596)
        case "Proposal":
            return _share(doc)
        case _:
            return shows(226, 1596, text=doc.get("content"))


def _share(doc: Doc) -> Seen:
    intent, price, place = doc.get("publishes", {}), doc.get("reciprocal"), doc.get("location")
    fault = lacks(doc, "id", "attributedTo", "purpose") or failing(
        {
            "publishes": str(intent.get("id")).endswith(PRIMARY),
            "reciprocal": price is None or str(price.get("resourceConformsTo")).startswith(KNOWN_CURRENCIES),
            "location": place is None or bool(place.get("name")),
        }
    )
    return drops(fault, 253, 263) if fault else shows(263, 1596, title=doc.get("name"), text=doc.get("content"))


ROW: Final = rows.Row(  # protocol.md:1596
    line=1596,
    thing=_thing,
    boost=takes(1596),
    wrapped=unsaid(1596),
    bargain=unsaid(1596),
)
