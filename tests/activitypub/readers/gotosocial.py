"""GoToSocial 0.19 and later."""

from tests.activitypub.readers import mastodon
from tests.activitypub.readers.seen import Doc, Seen, drops, first_picture, shows, unsaid


def read(doc: Doc) -> Seen:
    """As Mastodon, but for what of a text is shown; of quotes nothing is known."""
    if mastodon.quoted(doc) is not None:
        return unsaid(237)
    return mastodon.read(doc, show=_shown)


def _shown(doc: Doc) -> Seen:
    """All of it, folded under its summary or, without one, its name."""
    if not doc.get("content"):
        return drops("nothing to show", 220, 1589)
    fold = doc.get("summary") or doc.get("name")
    return shows(220, 1589, text=doc["content"], warning=fold, picture=first_picture(doc))
