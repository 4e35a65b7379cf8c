"""Software made with Fedify: it reads by JSON-LD expansion, types everything it knows, and the application decides.

Bonfire shares its row, and its own terms are not those of FEP-0837: nothing of ours is written for it.
"""

from typing import Final

from tests.activitypub.readers.seen import Doc, Seen, drops, takes
from tests.activitypub.terms import undefined_terms

BARGAINS: Final = {"Accept", "Offer", "Proposal", "Reject"}  # protocol.md:227, 264


def read(doc: Doc) -> Seen:
    """Typed, if every word of it has a meaning."""
    lost = undefined_terms(doc)
    if lost:
        return drops(f"emptied: {sorted(lost)}", 264)
    return takes(227, 264) if doc.get("type") in BARGAINS else takes(227, 1597)
