"""Our collections as others see them: what is public, by pages; who follows is nobody's business."""

from urllib.parse import quote

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from activitypub import codec
from activitypub.vocabulary import ActorKind, Collection, CollectionPage, Word
from federation import identity
from federation.models import Activity, Document, DocumentState, OwnActor

PAGE = 20
STREAM_LIMIT = 200
CONTEXT = "/context"

# What the instance's own actor shows of itself: the streams in which a peer finds whom it may follow.
STREAMS: dict[str, tuple[str, ...]] = {
    "quarters": (ActorKind.GROUP,),
    # The desk comes with the organisations: it writes the listings.
    "organisations": (ActorKind.ORGANIZATION, ActorKind.SERVICE),
}


def outbox(session: Session, *, actor: OwnActor, origin: str) -> Collection:
    """Describe what an actor published, without any of it."""
    me = identity.uri(origin, actor.username)
    total = session.scalar(select(func.count()).select_from(Activity).where(*_shown(actor)))
    return Collection(id=f"{me}/outbox", total=total or 0, first=f"{me}/outbox?page=1")


def outbox_page(session: Session, *, actor: OwnActor, origin: str, before: str | None) -> CollectionPage:
    """Give one page, newest first; `before` is the address of the last activity of the page before, or None.

    The place in the list is told by an address, since a number would tell how much happens in between.
    """
    me = identity.uri(origin, actor.username)
    wanted = select(Activity).where(*_shown(actor))
    if before is not None:
        last = session.scalar(select(Activity.id).where(Activity.uri == before, *_shown(actor)))
        wanted = wanted.where(Activity.id < (last or 0))
    rows = session.scalars(wanted.order_by(Activity.id.desc()).limit(PAGE + 1)).all()
    items: list[Word | str] = [codec.read_word(codec.load(row.body)) for row in rows[:PAGE]]
    this = f"{me}/outbox?page=1" + (f"&before={quote(before, safe='')}" if before else "")
    more = f"{me}/outbox?page=1&before={quote(rows[PAGE - 1].uri, safe='')}" if len(rows) > PAGE else None
    return CollectionPage(id=this, part_of=f"{me}/outbox", items=tuple(items), next=more)


def _shown(actor: OwnActor) -> tuple[ColumnElement[bool], ...]:
    return (
        Activity.actor_username == actor.username,
        Activity.public.is_(True),
        Activity.blanked.is_(False),
    )


def hidden(*, actor: OwnActor, origin: str, name: str) -> Collection:
    """Give followers or following: that they exist, and nothing else (ActivityPub §5.3 leaves that free)."""
    return Collection(id=f"{identity.uri(origin, actor.username)}/{name}", total=0)


def stream(session: Session, *, name: str, origin: str) -> Collection:
    """List our quarters or organisations with their profiles, so that a peer can show whom to follow.

    Raises:
        KeyError: when there is no such stream.
    """
    actors = identity.all_of(session, *STREAMS[name])[:STREAM_LIMIT]
    me = identity.uri(origin, identity.APPLICATION)
    return Collection(
        id=f"{me}/{name}",
        total=len(actors),
        items=tuple(identity.describe(actor, origin=origin) for actor in actors),
        attributed_to=me,
    )


def context(session: Session, *, uri: str) -> Collection | None:
    """Give the conversation of a document of ours (FEP-7888): the document itself; None when there is none.

    Answers of others are read on their own hosts; passing them on would publish what their authors may withdraw.
    """
    document = session.scalar(
        select(Document).where(Document.uri == uri.removesuffix(CONTEXT), Document.state == DocumentState.LIVE)
    )
    if document is None:
        return None
    author = session.scalar(select(OwnActor).where(OwnActor.username == document.actor_username))
    return Collection(
        id=uri, total=1, items=(document.uri,), attributed_to=identity.address(author) if author else None
    )
