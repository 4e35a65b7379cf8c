"""Mobilizon 5."""

from typing import Final

from tests.activitypub.readers import deeds
from tests.activitypub.readers.seen import (
    Doc,
    Seen,
    actor_fault,
    drops,
    failing,
    is_public,
    lacks,
    many,
    shows,
    takes,
    unsaid,
)

TEXTS: Final = {"Article", "Event", "Note"}  # protocol.md:223
WAYS_TO_JOIN: Final = {"external", "free", "invite", "restricted"}  # protocol.md:277


def read(doc: Doc) -> Seen:
    """What Mobilizon makes of a document."""
    kind = doc.get("type")
    if kind in deeds.ACTORS:
        return _actor(doc)
    if kind in TEXTS:
        return _text(doc)
    return deeds.read(doc) or _other(doc)


def _other(doc: Doc) -> Seen:
    match doc.get("type"):
        case "Create" | "Update":
            return _written(doc)
        case "Announce":
            return _announce(doc)
        case "OrderedCollection" | "OrderedCollectionPage":
            return deeds.collection(doc)
        case "Flag":
            return unsaid(281)
        case _:  # a Question, a Proposal, an Agreement and answers to it, an Ignore
            return drops("ignored", 190, 223, 1592)


def _actor(doc: Doc) -> Seen:
    fault = actor_fault(doc)
    if fault:
        return drops(fault, 88, 98, 108)
    match doc["type"]:
        case "Application":
            return takes(96)  # a relay
        case "Service":
            return unsaid(95)
        case _:
            return shows(92, 93, 94, title=doc.get("name"), text=doc.get("summary"))


def _announce(doc: Doc) -> Seen:
    inner, fault = doc.get("object"), deeds.announced_fault(doc)
    if fault:
        return drops(fault, 184)
    if isinstance(inner, str):
        return takes(1592)
    return read(inner) if isinstance(inner, dict) else drops("nothing passed on", 209)


def _written(doc: Doc) -> Seen:
    fault, inner = deeds.written_fault(doc), doc["object"]
    if fault:
        return drops(fault, 181, 182, 247)
    if inner.get("type") in deeds.ACTORS:
        return _actor(inner)
    return _text(inner) if inner.get("type") in TEXTS else drops("ignored", 223)


def _text(doc: Doc) -> Seen:
    match doc["type"]:
        case "Event":
            return _event(doc)
        case "Article":
            fault = lacks(doc, "actor", "attributedTo")
            return (
                drops(fault, 223, 1592) if fault else shows(223, 1592, title=doc.get("name"), text=doc.get("content"))
            )
        case _ if is_public(doc) and doc.get("inReplyTo"):
            return shows(223, text=doc.get("content"))
        case _:
            return drops("no comment", 223, 1592)


def _event(doc: Doc) -> Seen:
    way, link = doc.get("joinMode"), doc.get("externalParticipationUrl")
    fault = lacks(doc, "actor", "attributedTo", "name", "startTime") or failing(
        {"joinMode": way is None or way in WAYS_TO_JOIN, "nowhere to join": way != "external" or bool(link)}
    )
    if fault:
        return drops(fault, 277)
    return shows(
        223,
        277,
        1592,
        title=doc["name"],
        text=doc.get("content"),
        link=link if way == "external" else None,
        picture=next((part["url"] for part in many(doc.get("attachment")) if part.get("name") == "Banner"), None),
    )
