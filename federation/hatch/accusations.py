"""What another town reports: a notice or a letter it was given, else whoever it names of us."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias
from uuid import UUID

from sqlalchemy.orm import Session

from federation import addresses
from federation.hatch.incoming import Incoming
from instance import conversations, notices, organisations
from instance.base import Refused
from instance.evidence import THIS_TOWN, Target

Accused: TypeAlias = tuple[Target, UUID]


def meant(session: Session, incoming: Incoming, *, uris: Iterable[str]) -> Sequence[Accused]:
    """What a report is about. Most software names the author beside the text: then it is about the text."""
    named = list(dict.fromkeys(uris))
    texts = [one for uri in named if (one := _text(session, incoming, uri=uri)) is not None]
    speakers = [one for uri in named if (one := _speaker(session, incoming, uri=uri)) is not None]
    return list(dict.fromkeys(texts or speakers))


def _text(session: Session, incoming: Incoming, *, uri: str) -> Accused | None:
    letter_id = addresses.read_letter(uri, origin=incoming.origin)
    if letter_id is not None:
        return (Target.MESSAGE, letter_id) if _has_letter(session, incoming, letter_id=letter_id) else None
    public_id = addresses.read_listing(uri, origin=incoming.origin) or addresses.read_news(uri, origin=incoming.origin)
    notice = notices.by_public_id(session, public_id=public_id) if public_id else None
    return (Target.NOTICE, notice.public_id) if notice is not None and notice.reached_network else None


def _has_letter(session: Session, incoming: Incoming, *, letter_id: UUID) -> bool:
    """Whether a letter of ours went to the town that reports it: as a resident, it reports what it was sent."""
    message = conversations.message_by_public_id(session, public_id=letter_id)
    if message is None or message.author_id is None:
        return False
    return message.conversation.remote_host == incoming.host


def _speaker(session: Session, incoming: Incoming, *, uri: str) -> Accused | None:
    name = addresses.read_actor(uri, origin=incoming.origin)
    if name is None:
        return None
    try:
        return Target.ORGANISATION, organisations.by_slug(session, slug=name).public_id
    except Refused:
        # The desk, a quarter, the instance itself: nobody in particular speaks there.
        return Target.TOWN, THIS_TOWN
