"""Somebody elsewhere quotes a text of ours and asks whether they may (FEP-044f): the text itself says who may.

Yes is a document of its own, at an address of its own, that other servers look for beside the quote. It is gone when
the text is. Who quotes is not shown to anybody here, and no quote is kept.
"""

from datetime import datetime
from typing import Final
from uuid import NAMESPACE_URL, uuid4, uuid5

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from activitypub import codec, vocabulary
from activitypub.vocabulary import PUBLIC, Accept, QuoteAuthorization, Reject
from federation import delivery, documents, identity, policy
from federation.models import Document, DocumentState

TYPE: Final = "QuoteAuthorization"
# A text is quoted a few times; whoever asks so often wants something else.
MOST: Final = 1000


def receive(session: Session, *, asked: vocabulary.QuoteRequest, origin: str, now: datetime) -> str:
    """Answer whether a text of ours may be quoted; returns the sentence for the letter."""
    quoted = session.scalar(select(Document).where(Document.uri == asked.object, Document.state == DocumentState.LIVE))
    remote = documents.stored_actor(session, asked.actor)
    if quoted is None or remote is None:
        return "would quote nothing of ours"
    me = identity.uri(origin, quoted.actor_username)
    may = policy.same_origin(asked.instrument, asked.actor) and _is_quotable(quoted) and _has_room(session, quoted)
    answer_id = f"{me}/answers/{uuid4()}"
    answer = (
        Accept(
            id=answer_id,
            actor=me,
            object=asked.id,
            result=_authorize(session, quoted=quoted, me=me, quote=asked.instrument, now=now),
            to=(remote.uri,),
        )
        if may
        else Reject(id=answer_id, actor=me, object=asked.id, to=(remote.uri,))
    )
    activity = delivery.write(
        session, word=answer, actor_username=quoted.actor_username, document_uri=answer_id, now=now
    )
    # Under a name of its own: whoever asks is no reader of the text, and is sent nothing more of it.
    inbox = remote.shared_inbox or remote.inbox
    delivery.post(session, activity=activity, inboxes=[inbox], object_uri=answer_id, now=now)
    return "asks to quote; told that they may" if may else "asks to quote; told that they may not"


def authorizations(session: Session, *, uri: str, author: str) -> list[str]:
    """The addresses of every yes that a text of this actor of ours gave."""
    return list(session.scalars(select(Document.uri).where(*_given(uri, author=author))))


def _is_quotable(quoted: Document) -> bool:
    """Whether everybody may: as the text itself says, as it was last published."""
    word = codec.read_object(codec.load(quoted.body))
    return isinstance(word, vocabulary.Article | vocabulary.Event | vocabulary.Note) and PUBLIC in (
        word.quotable_by or ()
    )


def _has_room(session: Session, quoted: Document) -> bool:
    given = _given(quoted.uri, author=quoted.actor_username)
    return (session.scalar(select(func.count()).select_from(Document).where(*given)) or 0) < MOST


def _authorize(session: Session, *, quoted: Document, me: str, quote: str, now: datetime) -> str:
    """Keep the yes under an address that is the same for the same quote, so that asking twice makes one."""
    uri = f"{quoted.uri}/quotes/{uuid5(NAMESPACE_URL, quote)}"
    if session.scalar(select(Document.id).where(Document.uri == uri)) is None:
        word = QuoteAuthorization(id=uri, attributed_to=me, interacting=quote, target=quoted.uri)
        session.add(
            Document(
                uri=uri,
                actor_username=quoted.actor_username,
                type=TYPE,
                body=codec.encode(codec.write(word)),
                published=now,
            )
        )
        session.flush()
    return uri


def _given(uri: str, *, author: str) -> tuple[ColumnElement[bool], ...]:
    # Found among what this actor has beside its texts, by an index; of addresses none knows how they begin.
    return (
        Document.actor_username == author,
        Document.listed.is_(False),
        Document.type == TYPE,
        Document.state == DocumentState.LIVE,
        Document.uri.startswith(f"{uri}/quotes/", autoescape=True),
    )
