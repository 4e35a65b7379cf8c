"""Which words of a document its contexts define: what they do not is lost to whoever expands JSON-LD."""

from collections.abc import Mapping
from typing import Any

# Terms that the remote contexts define for us.
ACTIVITYSTREAMS_TERMS = """
    id type actor object to cc audience published updated deleted formerType name summary content contentMap mediaType
    url attributedTo context replies inReplyTo tag href rel image icon width height attachment location latitude
    longitude preferredUsername inbox outbox followers following endpoints sharedInbox streams totalItems first last
    next prev partOf orderedItems Accept Announce Application Article Block Create Delete Document Flag Follow Group
    Image Link Mention Note OrderedCollection OrderedCollectionPage Organization Person Place Reject Service Tombstone
    Undo Update generator startTime endTime result target Event Offer Ignore Join instrument
"""
BY_ACTIVITYSTREAMS = set(ACTIVITYSTREAMS_TERMS.split())
BY_SECURITY = {"publicKey", "owner", "publicKeyPem"}
BY_MULTIKEY = {"Multikey", "controller", "publicKeyMultibase"}
BY_WEBFINGER = {"webfinger"}
# What they hold has no terms: texts by language, and what a context declares to be plain JSON.
OPAQUE = {"contentMap", "flohmarkt:data"}


def used_terms(value: Any) -> set[str]:
    """Every property and type in a document."""
    if isinstance(value, list):
        return set().union(*map(used_terms, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    found = {key for key in value if key != "@context"} | ({value["type"]} if "type" in value else set())
    parts = [part for key, part in value.items() if key != "@context" and key not in OPAQUE]
    return found | used_terms(parts)


def undefined_terms(doc: Mapping[str, Any]) -> set[str]:
    """What whoever expands JSON-LD would lose of a document."""
    context = doc["@context"] if isinstance(doc["@context"], list) else [doc["@context"]]
    assert context[0] == "https://www.w3.org/ns/activitystreams"
    known = set(BY_ACTIVITYSTREAMS)
    known |= BY_SECURITY if "https://w3id.org/security/v1" in context else set()
    known |= BY_MULTIKEY if "https://w3id.org/security/multikey/v1" in context else set()
    known |= BY_WEBFINGER if "https://purl.archive.org/socialweb/webfinger" in context else set()
    for part in context:
        known |= set(part) if isinstance(part, dict) else set()
    return {term.partition(":")[0] for term in used_terms(doc)} - known
