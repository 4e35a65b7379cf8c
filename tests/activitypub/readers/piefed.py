"""PieFed."""

from typing import Final

from tests.activitypub.readers import lemmy
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

POSTS: Final = {"Article", "Event", "Note", "Page", "Question", "Video"}  # §1.13


def read(doc: Doc) -> Seen:
    """As Lemmy, but it takes an Announce of a bare id (§5.15), polls, and attachments of any kind."""
    match doc.get("type"):
        case "Announce" if isinstance(doc.get("object"), str):
            return takes()
        case "Announce" if isinstance(doc.get("object"), dict) and doc["object"].get("type") in {"Create", "Update"}:
            return _passed_on(doc, doc["object"])
        case "Flag" if not isinstance(doc.get("object"), str):
            return drops("a list")  # app/activitypub/util.py, find_reported_object: it looks for one address
        case kind if kind in POSTS:
            return _post(doc)
        case _:
            return lemmy.read(doc)


def _passed_on(doc: Doc, deed: Doc) -> Seen:
    inner = deed.get("object")
    if not isinstance(inner, dict) or inner.get("type") not in POSTS or inner.get("attributedTo") != deed.get("actor"):
        return drops("no post")
    # §1.11: Public, and the community, in to, cc or audience
    return _post(inner) if is_public(inner) and doc["actor"] in audience(inner) else drops("for no community")


def _post(doc: Doc) -> Seen:
    title = doc.get("name") or first_line(doc.get("content", ""))
    return shows(title=title, text=doc.get("content"), picture=first_picture(doc))
