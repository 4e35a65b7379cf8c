"""Mobilizon 5."""

from tests.activitypub.readers.seen import (
    Doc,
    Seen,
    drops,
    first_picture,
    host,
    is_public,
    key_fault,
    lacks,
    shows,
    takes,
)


def read(doc: Doc) -> Seen:  # noqa: PLR0911 — one return per kind
    """What Mobilizon makes of a document (lib/federation/activity_pub, §1.13, §1.17)."""
    match doc.get("type"):
        case "Group" | "Organization" | "Person" | "Service" | "Application":
            return _actor(doc)
        case "Create" | "Update":
            return _authored(doc)
        case "Announce":
            inner = doc.get("object")  # §5.15: handles both
            return (
                _authored(inner) if isinstance(inner, dict) and inner.get("type") in {"Create", "Update"} else takes()
            )
        case "Accept" | "Reject" if isinstance(doc.get("object"), str):
            return drops("of something it never sent")
        case "Follow" | "Accept" | "Reject" | "Undo" | "Delete":
            return takes() if doc.get("id") and doc.get("object") else drops("no object")
        case "Article" | "Event" | "Note":
            return _text(doc)
        case "OrderedCollection" | "OrderedCollectionPage" | "Tombstone":
            return takes()
        case _:
            return drops("ignored")


def _actor(doc: Doc) -> Seen:
    fault = lacks(doc, "id", "preferredUsername", "inbox", "outbox") or key_fault(doc)
    if fault:
        return drops(fault)
    return takes() if doc["type"] == "Application" else shows(title=doc.get("name"), text=doc.get("summary"))


def _authored(doc: Doc) -> Seen:
    inner = doc.get("object")
    if not isinstance(inner, dict) or host(inner.get("id")) != host(doc.get("actor")):
        return drops("another host's")
    return _text(inner) if inner.get("type") in {"Article", "Event", "Note"} else read(inner)


def _text(doc: Doc) -> Seen:
    match doc["type"]:
        case "Event":  # converter/event.ex, §1.17
            fault = lacks(doc, "actor", "attributedTo", "name", "startTime")
            link = doc.get("externalParticipationUrl") if doc.get("joinMode") == "external" else None
        case "Article":  # §1.13: only with both
            fault, link = lacks(doc, "actor", "attributedTo", "name"), None
        case _:  # §1.13: a Note is a comment, and nothing else; §5.15: no direct messages
            fault = "no comment" if not is_public(doc) else lacks(doc, "inReplyTo")
            link = None
    if fault:
        return drops(fault)
    return shows(title=doc.get("name"), text=doc.get("content"), link=link, picture=first_picture(doc))
