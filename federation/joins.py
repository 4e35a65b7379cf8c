"""Somebody elsewhere says that they will come to an event of ours: a receipt goes back, and nothing is counted.

One takes part on our page, where nobody keeps a list either. FEP-8a8e asks for an `Ignore` then, to every `Join`.
"""

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub import vocabulary
from federation import delivery, documents, identity
from federation.models import Document, DocumentState


def receive(session: Session, *, asked: vocabulary.Join, origin: str, now: datetime) -> str:
    """Answer a Join of an event of ours; returns the sentence for its letter, which names nobody."""
    event = session.scalar(
        select(Document).where(
            Document.uri == asked.object, Document.type == "Event", Document.state == DocumentState.LIVE
        )
    )
    remote = documents.stored_actor(session, asked.actor)
    if event is None or remote is None:
        return "wants to take part in nothing of ours"
    me = identity.uri(origin, event.actor_username)
    answer = vocabulary.Ignore(id=f"{me}/answers/{uuid4()}", actor=me, object=asked.id, to=(remote.uri,))
    activity = delivery.write(
        session, word=answer, actor_username=event.actor_username, document_uri=answer.id, now=now
    )
    # Under a name of its own: whoever asks is no reader of the event, and is sent nothing more of it.
    inbox = remote.shared_inbox or remote.inbox
    delivery.post(session, activity=activity, inboxes=[inbox], object_uri=answer.id, now=now)
    return "wants to take part; told that nobody counts"
