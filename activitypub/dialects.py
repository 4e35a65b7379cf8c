"""A listing as two marketplaces read it: the same activity with what they look for added, and nothing else said.

Only for servers that somebody here chose it for: a name on a Note, and a Proposal among its attachments, are read
wrongly by others. Sources: Flohmarkt's early source (``flohmarkt:data``), FEP-0837 and the source of Unfathomably.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, assert_never

from activitypub import context
from activitypub.outlines import Point

FREE: Final = "0"
CURRENCY: Final = "EUR"
TRANSFER: Final = "transfer"
# FEP-0837 terms, and links to their pure form, that early Flohmarkt cannot tell from pictures and hashtags.
UNKNOWN_TO_FLOHMARKT: Final = ("purpose", "publishes")

Fields = dict[str, Any]


class Dialect(StrEnum):
    """How a marketplace wants a listing."""

    FLOHMARKT = "flohmarkt"
    PROPOSAL = "proposal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wares:
    """What a marketplace shows of a listing: its name, its words, what it is known as where it comes from, and where.

    `place` is the middle of its quarter, longitude first; early Flohmarkt refuses what is not within its perimeter.
    """

    name: str
    description: str
    original_id: str
    place: Point | None


def speak(deed: Fields, *, dialect: Dialect, wares: Wares, proposal: Fields) -> Fields:
    """The document of a ``Create`` or ``Update`` of a Note in a dialect; ``proposal`` is the listing's pure form.

    The id differs by its fragment, so that a store has both and whoever fetches it gets the one that all are given.
    """
    note = {**deed["object"], "name": wares.name}
    said = {**deed, "id": f"{deed['id']}#{dialect.value}"}
    match dialect:
        case Dialect.FLOHMARKT:
            note = {key: value for key, value in note.items() if key not in UNKNOWN_TO_FLOHMARKT}
            note |= {"tag": [], "flohmarkt:data": _data(wares)}
            said["@context"] = [*deed["@context"], context.FLOHMARKT]
        case Dialect.PROPOSAL:
            note |= {"attachment": [*note.get("attachment", []), _with_price(proposal)]}
        case _:
            assert_never(dialect)
    return {**said, "object": note}


def _data(wares: Wares) -> Fields:
    data: Fields = {
        "name": wares.name,
        "description": wares.description,
        "price": FREE,
        "currency": CURRENCY,
        "original_id": wares.original_id,
    }
    if wares.place is None:
        return data
    longitude, latitude = wares.place
    return data | {"coordinates": {"lat": latitude, "lng": longitude}}


def _with_price(proposal: Fields) -> Fields:
    """Nothing is asked in return; those who trade want to read that as a number, and every offer as a transfer."""
    nothing = {"hasUnit": CURRENCY, "hasNumericalValue": FREE}
    inner = {key: value for key, value in proposal.items() if key != "@context"}
    inner["publishes"] = {**inner["publishes"], "action": TRANSFER}
    reciprocal = {
        "type": "Intent",
        "id": f"{proposal['id']}#reciprocal",
        "action": TRANSFER,
        "resourceQuantity": nothing,
    }
    return {**inner, "reciprocal": reciprocal}
