"""The acceptance table: what each peer shows of everything we say. The strict readers must agree with it."""

from collections.abc import Mapping, Sequence
from typing import Final

PEERS: Final = ("Mastodon", "GoToSocial", "Lemmy", "PieFed", "Mobilizon", "WordPress")
FURTHER: Final = ("Flohmarkt", "Mitra", "Unfathomably", "Epicyon", "Fedify")

# What is seen: the part, and the property it is made of. "takes": it has its effect; "–": nothing, and that is
# meant; "?": protocol.md does not tell.
CONVERTED: Final = "title=name text=summary link=url"
FOLDED: Final = "text=content warning=summary"
NAMED: Final = "text=content warning=name"
POST: Final = "title=name text=content"
FULL: Final = "text=content"
PROFILE: Final = "title=name text=summary"
WITH_LINK: Final = f"{PROFILE} link=url"
WARES: Final = "title=flohmarkt:data.name text=flohmarkt:data.description"
NATIVE_EVENT: Final = f"{POST} link=externalParticipationUrl"
ACCEPTANCE: Final[Mapping[str, tuple[str, ...]]] = {
    # As PEERS stand.
    "application": ("takes", "takes", "takes", "takes", "takes", "takes"),
    "desk": (WITH_LINK, WITH_LINK, "takes", "takes", "?", "takes"),
    "quarter": (WITH_LINK, WITH_LINK, PROFILE, PROFILE, PROFILE, "takes"),
    "organisation": (WITH_LINK, WITH_LINK, "takes", "takes", PROFILE, "takes"),
    "profile-update": (WITH_LINK, WITH_LINK, PROFILE, PROFILE, PROFILE, "?"),
    "followers": ("takes", "takes", "takes", "takes", "takes", "?"),
    "page": ("takes", "takes", "?", "?", "takes", "?"),
    # News reaches forums by the quarter's first Announce, microblogs by themselves and by its second.
    "news": (CONVERTED, FOLDED, POST, POST, POST, "?"),
    "news-create": (CONVERTED, FOLDED, "–", "–", POST, "?"),
    "news-update": (CONVERTED, FOLDED, "–", "–", POST, "?"),
    "news-announce-activity": ("–", "–", POST, POST, POST, "?"),
    "news-announce-object": ("takes", "takes", "–", "takes", "takes", "?"),
    "news-announce-delete": ("–", "–", "takes", "takes", "takes", "?"),
    "news-tombstone": ("takes", "takes", "takes", "takes", "takes", "takes"),
    # Offers are for microblogs, and for who trades by FEP-0837; no community passes them on, so forums show none.
    "listing": (FULL, FULL, "–", "–", "–", "?"),
    "listing-create": (FULL, FULL, "–", "–", "–", "?"),
    "listing-update": (FULL, FULL, "–", "–", "–", "?"),
    "listing-delete": ("takes", "takes", "takes", "takes", "takes", "takes"),
    "listing-proposal": ("–", "–", "–", "–", "–", "?"),
    # Sent only where somebody chose it, whatever answers there: a name folds an offer for some.
    "market-flohmarkt": (FULL, NAMED, "–", "–", "–", "?"),
    "market-flohmarkt-update": (FULL, NAMED, "–", "–", "–", "?"),
    "market-proposal": (FULL, NAMED, "–", "–", "–", "?"),
    "market-proposal-update": (FULL, NAMED, "–", "–", "–", "?"),
    "letter-question": (FULL, FULL, "–", "–", "–", "?"),
    "letter-reply": (FULL, FULL, "–", "–", "–", "?"),
    # Summary and text begin with the date, for software that knows no events.
    "event-create": (CONVERTED, FOLDED, "–", "–", NATIVE_EVENT, "?"),
    "event-update": (CONVERTED, FOLDED, "–", "–", NATIVE_EVENT, "?"),
    "event-announce": ("–", "–", POST, POST, NATIVE_EVENT, "?"),
    "ignore": ("–", "–", "–", "–", "–", "?"),
    "quote-accept": ("takes", "?", "–", "–", "–", "?"),
    "quote-authorization": ("takes", "?", "–", "–", "–", "?"),
    "agreement-offer": ("–", "–", "–", "–", "–", "?"),
    "agreement-accept": ("–", "–", "–", "–", "–", "?"),
    "agreement-reject": ("–", "–", "–", "–", "–", "?"),
    "report": ("takes", "takes", "–", "–", "?", "?"),
    # What a forum's community passed on is reported to it, in the one form that forums read.
    "report-to-community": ("–", "–", "takes", "takes", "?", "?"),
    "follow": ("takes", "takes", "takes", "takes", "takes", "takes"),
    "accept": ("takes", "takes", "takes", "takes", "takes", "takes"),
    "reject": ("takes", "takes", "takes", "takes", "takes", "takes"),
    "undo": ("takes", "takes", "takes", "takes", "takes", "takes"),
}
# As FURTHER stand: the market first, Fedify last, for which "takes" means that everything in it has a type there.
ALSO: Final[Mapping[str, tuple[str, ...]]] = {
    "application": ("takes", "takes", "takes", "takes", "takes"),
    "desk": ("takes", "takes", "takes", "takes", "takes"),
    "quarter": ("takes", "takes", "takes", "takes", "takes"),
    "organisation": ("takes", "takes", "takes", "takes", "takes"),
    "profile-update": ("?", "takes", "takes", "takes", "takes"),
    "followers": ("?", "?", "?", "?", "takes"),
    "page": ("?", "?", "?", "?", "takes"),
    "news": ("–", FULL, FULL, FULL, "takes"),
    "news-create": ("–", FULL, FULL, FULL, "takes"),
    "news-update": ("?", FULL, FULL, FULL, "takes"),
    "news-announce-activity": ("–", "–", "–", "?", "takes"),
    "news-announce-object": ("–", "takes", "takes", "takes", "takes"),
    "news-announce-delete": ("–", "–", "–", "?", "takes"),
    "news-tombstone": ("takes", "takes", "takes", "takes", "takes"),
    "listing": ("–", FULL, FULL, FULL, "takes"),
    "listing-create": ("–", FULL, FULL, FULL, "takes"),
    "listing-update": ("?", FULL, FULL, FULL, "takes"),
    "listing-delete": ("takes", "takes", "takes", "takes", "takes"),
    "listing-proposal": ("–", "–", "–", POST, "takes"),
    "market-flohmarkt": (WARES, FULL, POST, FULL, "takes"),
    "market-flohmarkt-update": ("?", FULL, POST, FULL, "takes"),
    "market-proposal": (POST, FULL, POST, FULL, "takes"),
    "market-proposal-update": ("?", FULL, POST, FULL, "takes"),
    "letter-question": (FULL, FULL, FULL, FULL, "takes"),
    "letter-reply": ("?", FULL, FULL, FULL, "takes"),
    "event-create": ("–", FULL, FULL, "?", "takes"),
    "event-update": ("?", FULL, FULL, "?", "takes"),
    "event-announce": ("–", "–", "–", "?", "takes"),
    "ignore": ("?", "?", "?", "?", "takes"),
    "quote-accept": ("–", "–", "?", "?", "takes"),
    "quote-authorization": ("?", "?", "?", "?", "takes"),
    "agreement-offer": ("–", "–", "?", "?", "takes"),
    "agreement-accept": ("–", "–", "?", "?", "takes"),
    "agreement-reject": ("–", "–", "?", "?", "takes"),
    "report": ("?", "?", "?", "?", "takes"),
    "report-to-community": ("?", "?", "?", "?", "takes"),
    "follow": ("takes", "takes", "takes", "takes", "takes"),
    "accept": ("takes", "takes", "takes", "takes", "takes"),
    "reject": ("takes", "takes", "takes", "takes", "takes"),
    "undo": ("takes", "takes", "takes", "takes", "takes"),
}


def _cell(cell: str) -> str:
    """What is seen, as a reader of the documents wants it."""
    if "=" not in cell:
        return "taken" if cell == "takes" else cell
    parts = (part.split("=") for part in cell.split())
    return ", ".join(f"{part} (`{made_of}`)" for part, made_of in parts)


def _table(peers: Sequence[str], cells: Mapping[str, tuple[str, ...]]) -> str:
    rows = [f"| `{name}` | {' | '.join(map(_cell, row))} |" for name, row in cells.items()]
    return "\n".join([f"| we say | {' | '.join(peers)} |", "|---" * (len(peers) + 1) + "|", *rows])


def tables() -> dict[str, str]:
    """The two tables for docs/federation/acceptance.md."""
    return {"acceptance": _table(PEERS, ACCEPTANCE), "acceptance-further": _table(FURTHER, ALSO)}
