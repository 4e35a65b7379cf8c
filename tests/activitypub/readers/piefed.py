"""PieFed."""

from typing import Final

from tests.activitypub.readers import deeds, lemmy
from tests.activitypub.readers.seen import (
    Doc,
    Seen,
    audience,
    drops,
    first_line,
    first_picture,
    is_public,
    shows,
    takes,
)

POSTS: Final = {"Article", "Event", "Note", "Page", "Question"}  # protocol.md:222


def read(doc: Doc) -> Seen:
    """As Lemmy, but it takes an Announce of a bare id, polls, and attachments of any kind."""
    match doc.get("type"):
        case "Announce" if isinstance(doc.get("object"), str):
            fault = deeds.announced_fault(doc)
            return drops(fault, 184) if fault else takes(1591)
        case "Announce" if isinstance(doc.get("object"), dict) and doc["object"].get("type") in {"Create", "Update"}:
            return _passed_on(doc, doc["object"])
        case kind if kind in POSTS:
            return _post(doc)
        case "Proposal" | "Ignore":
            return drops("ignored", 190, 222, 1591)
        case "Accept" | "Offer" | "Reject" if not _is_about_a_follow(doc):
            return drops("an Agreement", 255, 1591)
        case _:
            return lemmy.read(doc)


def _is_about_a_follow(doc: Doc) -> bool:
    return isinstance(doc.get("object"), dict) and doc["object"].get("type") == "Follow"


def _passed_on(doc: Doc, deed: Doc) -> Seen:
    fault = deeds.announced_fault(doc) or deeds.written_fault(deed)
    if fault or deed["object"].get("type") not in POSTS:
        return drops(fault or "no post", 181, 182, 184, 222)
    return _post(deed["object"]) if doc["actor"] in audience(deed["object"]) else drops("for no community", 205)


def _post(doc: Doc) -> Seen:
    if not is_public(doc) or not lemmy.is_for_a_community(doc):
        return drops("for no community", 205, 1591)
    title = doc.get("name") or first_line(doc.get("content", ""))
    return shows(222, 1591, title=title, text=doc.get("content"), picture=first_picture(doc))
