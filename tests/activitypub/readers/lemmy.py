"""Lemmy 0.19 and later: the strictest of all, it drops a post for one property it cannot parse."""

from typing import Final

from tests.activitypub.readers.seen import (
    Doc,
    Seen,
    audience,
    drops,
    first_line,
    first_picture,
    host,
    is_public,
    key_fault,
    lacks,
    many,
    shows,
    takes,
)

POSTS: Final = {"Article", "Event", "Note", "Page", "Video"}  # protocol/page.rs, §1.13
AUTHORS: Final = {"Organization", "Person", "Service"}  # §0.3: a Group cannot write
PASSED_ON: Final = {"Create", "Delete", "Dislike", "Like", "Undo", "Update"}


def read(doc: Doc) -> Seen:
    """What Lemmy makes of a document; a quarter is a remote community to it."""
    kind = doc.get("type")
    if kind in {*AUTHORS, "Application"}:
        fault = lacks(doc, "id", "preferredUsername", "inbox", "outbox") or key_fault(doc)
        return drops(fault) if fault else takes()
    if kind in POSTS:
        return _post(doc)
    if kind in {"OrderedCollection", "Tombstone"}:
        return takes()
    return READERS.get(str(kind), _unknown)(doc)  # §1.13: Question, Proposal; §5.15: Agreement


def _unknown(_doc: Doc) -> Seen:
    return drops("not parsed")


def _community(doc: Doc) -> Seen:
    # objects/src/protocol/group.rs, §1.3
    fault = lacks(doc, "id", "preferredUsername", "inbox", "outbox", "followers") or key_fault(doc)
    return drops(fault) if fault else shows(title=doc.get("name"), text=doc.get("summary"))


def _announce(doc: Doc) -> Seen:
    inner = doc.get("object")
    if not isinstance(inner, dict):
        return drops("a bare id")  # activities/src/community/announce.rs, §1.12: refused quietly
    if inner.get("type") not in PASSED_ON or not inner.get("id") or not is_public(doc):
        return drops("not for a community")
    if inner["type"] == "Delete":
        return _delete(inner)
    return _authored(inner, community=doc["actor"])


def _authored(doc: Doc, *, community: str | None = None) -> Seen:
    inner = doc.get("object")
    fault = lacks(doc, "id", "actor")
    if fault or not isinstance(inner, dict):
        return drops(fault or "not embedded")
    if inner.get("type") in {*AUTHORS, "Group", "Application"}:
        return takes() if inner["type"] in AUTHORS and inner.get("id") == doc["actor"] else read(inner)
    if inner.get("attributedTo") != doc["actor"]:
        return drops("somebody else's")
    if not is_public(inner):
        return drops("a private message of another type")  # §5.15: they write ChatMessage
    known = audience(inner) & audience(doc)
    if community is None or community not in known:
        return drops("for no community")  # §1.11: the community in to, cc or audience
    return _post(inner)


def _post(doc: Doc) -> Seen:
    fault = lacks(doc, "id", "attributedTo") or _unparsed(doc)
    if fault:
        return drops(fault)
    title = doc.get("name") or first_line(doc.get("content", ""))  # §1.13
    link = next((part.get("href") or part.get("url") for part in many(doc.get("attachment"))), None)
    return shows(title=title, text=doc.get("content"), link=link, picture=first_picture(doc))


def _unparsed(doc: Doc) -> str | None:
    """The property of another shape than ``protocol/page.rs`` takes (§1.13)."""
    shapes = {
        "attributedTo": isinstance(doc["attributedTo"], str) and host(doc["attributedTo"]) == host(doc["id"]),
        "attachment": all(_is_attachment(part) for part in many(doc.get("attachment"))),
        "image": doc.get("image") is None or isinstance(doc["image"], dict),
        "context": doc.get("context") is None or isinstance(doc["context"], str),
        "inReplyTo": doc.get("inReplyTo") is None,
        "to": isinstance(doc.get("to"), list),
    }
    return next((name for name, is_right in shapes.items() if not is_right), None)


def _is_attachment(part: object) -> bool:
    wanted = {"Link": "href", "Image": "url", "Document": "url"}
    return isinstance(part, dict) and isinstance(part.get(wanted.get(str(part.get("type")), "")), str)


def _follow(doc: Doc) -> Seen:
    inner = doc.get("object")
    is_follow = isinstance(inner, dict) and inner.get("type") == "Follow" and inner.get("id")
    is_asked = doc["type"] == "Follow" and isinstance(inner, str)
    return takes() if (is_follow or is_asked) and doc.get("id") else drops("no follow")


def _delete(doc: Doc) -> Seen:
    inner = doc.get("object")
    gone = inner.get("id") if isinstance(inner, dict) else inner  # IdOrNestedObject<Tombstone>, deletion/delete.rs
    return takes() if host(gone) == host(doc.get("actor")) and doc.get("to") else drops("another host's")


def _report(doc: Doc) -> Seen:
    # activities/src/protocol/community/report.rs, §1.18: one receiver, the community; objects/src/protocol/person.rs:
    # whoever reports is no Application, and ours is at /actor.
    receivers, inner = many(doc.get("to")), doc.get("object")
    if len(receivers) != 1 or "/c/" not in receivers[0]:
        return drops("to no community")
    if doc["actor"].endswith("/actor"):
        return drops("by an Application")
    return takes() if inner and (doc.get("summary") or doc.get("content")) else drops("no reason")


READERS: Final = {
    "Flag": _report,
    "Group": _community,
    "Announce": _announce,
    "Create": _authored,
    "Update": _authored,
    "Delete": _delete,
    **dict.fromkeys(("Follow", "Accept", "Reject", "Undo"), _follow),
}
