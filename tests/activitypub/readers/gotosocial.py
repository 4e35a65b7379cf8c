"""GoToSocial 0.19 and later."""

from tests.activitypub.readers import mastodon
from tests.activitypub.readers.seen import Doc, Seen, drops, first_picture, shows

STATUSES = {"Article", "Audio", "Event", "Image", "Note", "Page", "Question", "Video"}


def read(doc: Doc) -> Seen:
    """As Mastodon, but for what of a text is shown (internal/ap, §1.13): all of it, folded under summary or name."""
    whole = mastodon.read(doc)
    inner = doc.get("object") if doc.get("type") in {"Create", "Update"} else doc
    if whole.verdict != "shows" or not isinstance(inner, dict) or inner.get("type") not in STATUSES:
        return whole
    if not inner.get("content"):
        return drops("nothing to show")
    fold = inner.get("summary") or inner.get("name")
    return shows(text=inner["content"], warning=fold, link=inner.get("url"), picture=first_picture(inner))
