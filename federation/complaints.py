"""A report of our moderators on its way to the town that what it is about came from."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub.vocabulary import ActorKind
from federation import blocks, charters, delivery, documents, identity, translate
from federation.exchange import Report
from federation.models import Letter, RemoteActor
from federation.publications import Done
from federation.shareables import Complaint


def refer(session: Session, *, complaint: Complaint, change: uuid.UUID, origin: str, now: datetime) -> Done:
    """Put a report in the bag for whoever wrote what it is about, if both charters let reports pass.

    What a forum's community passed on is reported to the community: only there does a forum read it.
    """
    author = documents.stored_actor(session, complaint.to_actor)
    if author is None or author.gone_at is not None:
        return Done(left=False, why="nobody is left to tell", stored=False)
    if blocks.is_blocked(session, author.host):
        return Done(left=False, why="host blocked", stored=False)
    if not charters.may_leave(session, host=author.host, matter=Report(), origin=origin):
        return Done(left=False, why=delivery.AGAINST_CHARTER, stored=False)
    community = _community(session, author=author, uri=complaint.object_uri)
    word = (
        translate.flag(complaint, origin=origin)
        if community is None
        else translate.flag_to_community(complaint, community=community.uri, origin=origin)
    )
    row = delivery.write(
        session,
        word=word,
        actor_username=identity.APPLICATION if community is None else identity.DESK,
        change_uuid=change,
        document_uri=word.id,
        now=now,
    )
    delivery.post(session, activity=row, inboxes=[(community or author).inbox], object_uri=word.id, now=now)
    return Done(left=True, why=f"report to {author.host}")


def _community(session: Session, *, author: RemoteActor, uri: str) -> RemoteActor | None:
    """The community of the author's own host that passed this on to us, where people write into communities.

    One of another host is told nothing: the moderator chose whom to tell. What organisations write is no forum's.
    """
    if author.kind != ActorKind.PERSON:
        return None
    return session.scalar(
        select(RemoteActor)
        .join(Letter, Letter.actor_uri == RemoteActor.uri)
        .where(
            Letter.object_uri == uri,
            Letter.type == "Announce",
            RemoteActor.host == author.host,
            RemoteActor.kind == ActorKind.GROUP,
            RemoteActor.gone_at.is_(None),
        )
        .order_by(Letter.id)
        .limit(1)
    )
