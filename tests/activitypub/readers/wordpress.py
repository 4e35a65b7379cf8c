"""The ActivityPub plugin of WordPress: the notes tell how it signs, and nothing of what it makes of others' texts."""

from tests.activitypub.readers import deeds
from tests.activitypub.readers.seen import Doc, Seen, unsaid


def read(doc: Doc) -> Seen:
    """What holds of everybody holds of WordPress; the rest is not said: no table of the notes has a row for it."""
    if doc.get("type") in deeds.ACTORS:
        return deeds.actor(doc)
    return deeds.read(doc) or unsaid(157, 217, 1586)
