"""Mastodon 4.5 to 4.7."""

from typing import Final

from tests.activitypub.readers.seen import (
    Doc,
    Seen,
    drops,
    first_picture,
    host,
    is_public,
    key_fault,
    lacks,
    many,
    shows,
    takes,
)

ACTORS: Final = {"Application", "Group", "Organization", "Person", "Service"}
CONVERTED: Final = {"Article", "Audio", "Event", "Image", "Page", "Video"}  # activitypub/activity.rb, §1.13
LONGEST_NAME: Final = 30


def read(doc: Doc) -> Seen:
    """What Mastodon makes of a document: delivered when it is an activity, else fetched."""
    kind = doc.get("type")
    if kind in ACTORS:
        return _actor(doc)
    if kind in {"Note", "Question", *CONVERTED}:
        return _status(doc)
    if kind in {"OrderedCollection", "OrderedCollectionPage", "Tombstone"}:
        return takes()
    return _activity(doc)


def _actor(doc: Doc) -> Seen:
    missing = lacks(doc, "id", "preferredUsername", "inbox", "outbox", "followers")
    if missing == "followers" and doc["type"] == "Application":
        missing = None  # only followers-only recognition needs it, §1.3
    fault = missing or key_fault(doc)
    if fault:
        return drops(fault)
    if doc["type"] == "Application":
        return takes()  # §1.3: not shown
    return shows(title=doc.get("name"), text=doc.get("summary"), link=doc.get("url"))


def _status(doc: Doc) -> Seen:
    fault = lacks(doc, "id", "attributedTo", "published")
    if fault or host(doc["id"]) != host(doc["attributedTo"]):  # §1.9 Create: object host == actor host
        return drops(fault or "another host's")
    if not is_public(doc) and not _mentions_a_receiver(doc):
        return drops("direct, and names nobody")  # §1.11: a Mention is needed
    if doc["type"] in CONVERTED:  # §1.13: title, summary and a link; content is thrown away
        return shows(title=doc.get("name"), text=doc.get("summary"), link=doc.get("url"), picture=first_picture(doc))
    # §1.13: name is ignored, summary is a content warning
    return shows(text=doc.get("content"), warning=doc.get("summary"), picture=first_picture(doc))


def _mentions_a_receiver(doc: Doc) -> bool:
    mentioned = {tag.get("href") for tag in many(doc.get("tag")) if tag.get("type") == "Mention"}
    return bool(mentioned & set(many(doc.get("to"))))


def _activity(doc: Doc) -> Seen:  # noqa: PLR0911 — one return per kind
    fault = lacks(doc, "id", "actor", "object")
    if fault or host(doc["id"]) != host(doc["actor"]):  # §1.4 step 7
        return drops(fault or "another host's")
    inner = doc["object"]
    match doc["type"]:
        case "Create" | "Update" if isinstance(inner, dict):
            return _written(doc, inner)
        case "Announce" if isinstance(inner, str):
            return takes()  # a boost; what it boosts is fetched
        case "Accept" | "Reject" | "Undo" if isinstance(inner, dict) and inner.get("type") == "Follow":
            return takes() if inner.get("id") else drops("a Follow without id")  # §1.9
        case "Follow" if isinstance(inner, str):
            return takes()
        case "Flag" if isinstance(inner, list) and {host(one) for one in inner} == {
            host(one) for one in many(doc["to"])
        }:
            return takes()  # §1.18: an actor and their posts, all of the host it is told to
        case "Delete":
            return (
                takes()
                if host(inner if isinstance(inner, str) else inner.get("id")) == host(doc["actor"])
                else drops("another host's")
            )
        case _:
            return drops("not understood")  # §1.12: a wrapped activity, §1.16: an Agreement


def _written(doc: Doc, inner: Doc) -> Seen:
    if inner.get("type") in ACTORS:
        return _actor(inner) if inner.get("id") == doc["actor"] else drops("somebody else")
    if inner.get("type") not in {"Note", "Question", *CONVERTED}:
        return drops("not shown")  # §1.13: a bare Proposal
    return _status(inner) if inner.get("attributedTo") == doc["actor"] else drops("somebody else's")
