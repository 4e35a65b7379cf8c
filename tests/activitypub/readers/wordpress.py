"""The ActivityPub plugin of WordPress: it publishes; of what others write it reads answers to its own posts.

From memory, but for the documents of its own in the corpus and its ways of signing (§1.6).
"""

from tests.activitypub.readers.seen import Doc, Seen, drops, is_public, key_fault, lacks, shows, takes


def read(doc: Doc) -> Seen:
    """What WordPress makes of a document; none of ours answers a post of its."""
    match doc.get("type"):
        case "Application" | "Group" | "Organization" | "Person" | "Service":
            fault = lacks(doc, "id", "preferredUsername", "inbox", "url") or key_fault(doc)
            return drops(fault) if fault else takes()
        case "Accept" | "Reject" if isinstance(doc.get("object"), str):
            return drops("of something it never sent")
        case "Follow" | "Accept" | "Reject" | "Undo":
            return takes() if lacks(doc, "id", "actor", "object") is None else drops("no object")
        case "Delete":
            return takes()
        case "Create" | "Update":
            return _comment(doc.get("object"))
        case _:
            return drops("not handled")


def _comment(inner: object) -> Seen:
    if not isinstance(inner, dict) or not is_public(inner) or not inner.get("inReplyTo"):
        return drops("no answer to a post")
    return shows(text=inner.get("content"))
