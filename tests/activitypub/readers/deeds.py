"""What every peer reads alike: who an activity is of, follows and their answers, withdrawals, collections."""

from collections.abc import Callable, Mapping
from typing import Final

from tests.activitypub.readers.seen import Doc, Seen, actor_fault, audience, drops, failing, host, lacks, many, takes

ACTORS: Final = {"Application", "Group", "Organization", "Person", "Service"}  # protocol.md:92, 93, 94, 95, 96
LONGEST_PAGE: Final = 20  # protocol.md:115


def read(doc: Doc) -> Seen | None:
    """What everybody makes of a follow, an answer to one, a withdrawal; None for everything else."""
    reader = READERS.get(str(doc.get("type")))
    if reader is None:
        return None
    fault = unbound(doc) if "actor" in doc else None
    return drops(fault, 108) if fault else reader(doc)


def unbound(doc: Doc) -> str | None:
    """Why an activity is nobody's; the signature that goes with it is not in the document."""
    return lacks(doc, "id", "actor", "object") or failing({"another host's": host(doc["id"]) == host(doc["actor"])})


def actor(doc: Doc) -> Seen:
    """An actor that is known and not shown."""
    fault = actor_fault(doc)
    return drops(fault, 88, 98, 108) if fault else takes(88, 98)


def written_fault(doc: Doc) -> str | None:
    """Why a Create or Update is not taken (181, 182, 247)."""
    inner = doc.get("object")
    if unbound(doc) or not isinstance(inner, dict) or not inner.get("id"):
        return unbound(doc) or "not embedded"
    is_actor, is_new = inner.get("type") in ACTORS, doc["type"] == "Create"
    return failing(
        {
            "another host's": host(inner["id"]) == host(doc["actor"]),
            "somebody else's": doc["actor"] == (inner["id"] if is_actor else inner.get("attributedTo")),
            "for others than its object": not is_new or audience(doc) == audience(inner),
            "no later than before": is_new or is_actor or bool(inner.get("updated")),
            "no id of its own": doc["id"] != inner["id"],
        }
    )


def announced_fault(doc: Doc) -> str | None:
    """Why an Announce is not taken (184)."""
    return unbound(doc) or lacks(doc, "published", "to", "cc")


def collection(doc: Doc) -> Seen:
    """A collection: counted, with pages or hidden; or one page of it."""
    if doc["type"] == "OrderedCollectionPage":
        fault = lacks(doc, "id", "partOf") or failing({"too long": len(many(doc.get("orderedItems"))) <= LONGEST_PAGE})
    else:
        fault = lacks(doc, "id", "totalItems") or failing({"no pages": not doc["totalItems"] or "first" in doc})
    return drops(fault, 115) if fault else takes(115)


def _follow(doc: Doc) -> Seen:
    return takes(179) if isinstance(doc["object"], str) else drops("nobody to follow", 179)


def _answer(doc: Doc) -> Seen | None:
    inner = doc["object"]
    if isinstance(inner, str):
        return None  # an answer to an Offer (protocol.md:255)
    is_whole = inner.get("type") == "Follow" and lacks(inner, "id", "actor", "object") is None
    return takes(179) if is_whole else drops("a Follow without id", 179)


def _undo(doc: Doc) -> Seen:
    inner = doc["object"]
    if not isinstance(inner, dict) or lacks(inner, "id", "type"):
        return drops("not embedded", 180)
    return takes(180) if inner.get("actor") == doc["actor"] else drops("somebody else's", 180)


def _delete(doc: Doc) -> Seen:
    inner = doc["object"]
    if not isinstance(inner, dict) or inner.get("type") != "Tombstone":
        return drops("no Tombstone", 183)
    return _tombstone(inner) if host(inner.get("id")) == host(doc["actor"]) else drops("another host's", 183)


def _tombstone(doc: Doc) -> Seen:
    fault = lacks(doc, "id", "formerType", "deleted")
    return drops(fault, 183) if fault else takes(183)


READERS: Final[Mapping[str, Callable[[Doc], Seen | None]]] = {  # protocol.md:179, 180, 183
    "Follow": _follow,
    "Accept": _answer,
    "Reject": _answer,
    "Undo": _undo,
    "Delete": _delete,
    "Tombstone": _tombstone,
}
