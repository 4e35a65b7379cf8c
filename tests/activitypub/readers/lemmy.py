"""Lemmy 0.19 and later: the strictest of all, it drops a post for one property it cannot parse."""

from typing import Final

from tests.activitypub.readers import deeds
from tests.activitypub.readers.seen import (
    PUBLIC,
    Doc,
    Seen,
    actor_fault,
    audience,
    drops,
    failing,
    first_line,
    first_picture,
    host,
    is_public,
    lacks,
    many,
    shows,
    takes,
    unsaid,
)

POSTS: Final = {"Article", "Event", "Note", "Page"}  # protocol.md:221
AUTHORS: Final = {"Organization", "Person", "Service"}  # protocol.md:27, 229: a Group cannot write
PASSED_ON: Final = {"Create", "Delete", "Like", "Undo", "Update"}  # protocol.md:209


def read(doc: Doc) -> Seen:
    """What Lemmy makes of a document; a quarter is a remote community to it."""
    kind = doc.get("type")
    if kind in deeds.ACTORS:
        return _actor(doc)
    if kind in POSTS:
        return post(doc)
    return deeds.read(doc) or _other(doc)


def _other(doc: Doc) -> Seen:
    match doc.get("type"):
        case "Announce":
            return _announce(doc)
        case "Create" | "Update":
            return _told(doc)
        case "Flag":
            return _report(doc)
        case "OrderedCollection":
            return deeds.collection(doc)
        case "OrderedCollectionPage":
            return unsaid(115)
        case _:
            return drops("not parsed", 190, 221, 1590)  # a Question, a Proposal, an Agreement, an Ignore


def _actor(doc: Doc) -> Seen:
    fault = actor_fault(doc) or failing({"attributedTo": isinstance(doc.get("attributedTo", ""), str)})
    if fault:
        return drops(fault, 88, 98, 108, 211)
    if doc["type"] == "Group":
        return shows(88, 93, title=doc.get("name"), text=doc.get("summary"))  # a community
    return takes(92, 94, 95, 96)


def _announce(doc: Doc) -> Seen:
    inner, fault = doc.get("object"), deeds.announced_fault(doc)
    if not isinstance(inner, dict):
        return drops("a bare id", 210, 1590)
    if fault or inner.get("type") not in PASSED_ON or not is_public(doc):
        return drops(fault or "not for a community", 184, 209)
    return deeds.read(inner) or _passed_on(inner, community=doc["actor"])


def _passed_on(doc: Doc, *, community: str) -> Seen:
    fault = deeds.written_fault(doc)
    if fault:
        return drops(fault, 181, 182, 247)
    if community not in audience(doc["object"]) & audience(doc):
        return drops("for no community", 205)
    return post(doc["object"])


def _told(doc: Doc) -> Seen:
    """A Create or Update that no community passed on."""
    fault, inner = deeds.written_fault(doc), doc["object"]
    if fault:
        return drops(fault, 181, 182, 247)
    if inner["type"] in deeds.ACTORS:
        return _actor(inner)
    if not is_public(inner):
        return drops("a private message of another type", 1590, 1591)
    return drops("not by a community", 28, 1590, 1591)


def post(doc: Doc) -> Seen:
    """A post, if all of it is parsed and it is for everybody in a community."""
    fault = lacks(doc, "id", "attributedTo") or _unparsed(doc)
    if fault:
        return drops(fault, 229)
    if not is_public(doc) or not is_for_a_community(doc):
        return drops("for no community", 205, 1590)
    title = doc.get("name") or first_line(doc.get("content", ""))
    link = next((part.get("href") or part.get("url") for part in many(doc.get("attachment"))), None)
    return shows(221, 1590, title=title, text=doc.get("content"), link=link, picture=first_picture(doc))


def is_for_a_community(doc: Doc) -> bool:
    """Whether it is addressed to an actor beside everybody and its author's followers (protocol.md:205)."""
    return any(one != PUBLIC and not one.endswith("/followers") for one in audience(doc))


def _unparsed(doc: Doc) -> str | None:
    """The property of another shape than is parsed (protocol.md:229)."""
    return failing(
        {
            "attributedTo": isinstance(doc["attributedTo"], str) and host(doc["attributedTo"]) == host(doc["id"]),
            "attachment": all(_is_attachment(part) for part in many(doc.get("attachment"))),
            "image": doc.get("image") is None or isinstance(doc["image"], dict),
            "context": doc.get("context") is None or isinstance(doc["context"], str),
            "inReplyTo": doc.get("inReplyTo") is None,
        }
    )


def _is_attachment(part: object) -> bool:
    wanted = {"Link": "href", "Image": "url", "Document": "url"}
    return isinstance(part, dict) and isinstance(part.get(wanted.get(str(part.get("type")), "")), str)


def _report(doc: Doc) -> Seen:
    receivers, inner = many(doc.get("to")), doc.get("object")
    if len(receivers) != 1 or "/c/" not in receivers[0]:
        return drops("to no community", 281)
    if doc["actor"].endswith("/actor"):
        return drops("by a site, not by an author", 95, 96)
    return takes(281) if isinstance(inner, str) and doc.get("summary") else drops("no reason, or several things", 281)
