"""The acceptance table: what each peer shows of everything we say. The strict readers must agree with it."""

from collections.abc import Mapping
from typing import Final

PEERS: Final = ("Mastodon", "GoToSocial", "Lemmy", "PieFed", "Mobilizon", "WordPress")

# What is seen: the part, and the property it is made of. "takes": it has its effect; "–": nothing, and that is meant.
CONVERTED: Final = "title=name text=summary link=url"
FOLDED: Final = "text=content warning=summary link=url"
POST: Final = "title=name text=content"
FULL: Final = "text=content"
PROFILE: Final = "title=name text=summary"
WITH_LINK: Final = f"{PROFILE} link=url"
NATIVE_EVENT: Final = f"{POST} link=externalParticipationUrl"
TITLED: Final = "title=first text=content"
ACCEPTANCE: Final[Mapping[str, tuple[str, ...]]] = {
    # As PEERS stand.
    "application": ("takes", "takes", "takes", "takes", "takes", "takes"),
    "desk": (WITH_LINK, WITH_LINK, "takes", "takes", PROFILE, "takes"),
    "quarter": (WITH_LINK, WITH_LINK, PROFILE, PROFILE, PROFILE, "takes"),
    "organisation": (WITH_LINK, WITH_LINK, "takes", "takes", PROFILE, "takes"),
    "profile-update": (WITH_LINK, WITH_LINK, PROFILE, PROFILE, PROFILE, "–"),
    "followers": ("takes", "takes", "takes", "takes", "takes", "–"),
    "page": ("takes", "takes", "–", "–", "takes", "–"),
    # News reaches forums by the quarter's first Announce, microblogs by themselves and by its second.
    "news": (CONVERTED, FOLDED, POST, POST, POST, "–"),
    "news-create": (CONVERTED, FOLDED, "–", "–", POST, "–"),
    "news-update": (CONVERTED, FOLDED, "–", "–", POST, "–"),
    "news-announce-activity": ("–", "–", POST, POST, POST, "–"),
    "news-announce-object": ("takes", "takes", "–", "takes", "takes", "–"),
    "news-announce-delete": ("–", "–", "takes", "takes", "takes", "–"),
    "news-tombstone": ("takes", "takes", "takes", "takes", "takes", "–"),
    # Offers are for microblogs, and for who trades by FEP-0837; a forum shows one when somebody looks it up.
    "listing": (FULL, f"{FULL} link=url", TITLED, TITLED, "–", "–"),
    "listing-create": (FULL, f"{FULL} link=url", "–", "–", "–", "–"),
    "listing-update": (FULL, f"{FULL} link=url", "–", "–", "–", "–"),
    "listing-delete": ("takes", "takes", "takes", "takes", "takes", "takes"),
    "listing-proposal": ("–", "–", "–", "–", "–", "–"),
    "letter-question": (FULL, FULL, "–", "–", "–", "–"),
    "letter-reply": (FULL, FULL, "–", "–", "–", "–"),
    # Summary and text begin with the date, for software that knows no events.
    "event-create": (CONVERTED, FOLDED, "–", "–", NATIVE_EVENT, "–"),
    "event-update": (CONVERTED, FOLDED, "–", "–", NATIVE_EVENT, "–"),
    "event-announce": ("–", "–", POST, POST, NATIVE_EVENT, "–"),
    "ignore": ("–", "–", "–", "–", "–", "–"),
    "agreement-offer": ("–", "–", "–", "–", "–", "–"),
    "agreement-accept": ("–", "–", "–", "–", "–", "–"),
    "agreement-reject": ("–", "–", "–", "–", "–", "–"),
    "report": ("takes", "takes", "–", "–", "–", "–"),
    # What a forum's community passed on is reported to it, in the one form that forums read.
    "report-to-community": ("–", "–", "takes", "takes", "–", "–"),
    "follow": ("takes", "takes", "takes", "takes", "takes", "takes"),
    "accept": ("takes", "takes", "takes", "takes", "takes", "takes"),
    "reject": ("takes", "takes", "takes", "takes", "takes", "takes"),
    "undo": ("takes", "takes", "takes", "takes", "takes", "takes"),
}


def _cell(cell: str) -> str:
    """What is seen, as a reader of the documents wants it."""
    if "=" not in cell:
        return "taken" if cell == "takes" else cell
    parts = (part.split("=") for part in cell.split())
    return ", ".join(f"{part} (`{made_of}`)" for part, made_of in parts)


def table() -> str:
    """The table for docs/federation/acceptance.md."""
    rows = [f"| `{name}` | {' | '.join(map(_cell, cells))} |" for name, cells in ACCEPTANCE.items()]
    return "\n".join([f"| we say | {' | '.join(PEERS)} |", "|---" * (len(PEERS) + 1) + "|", *rows])
