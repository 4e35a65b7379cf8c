"""Our collections as others see them: what is public, by pages; who follows is nobody's business."""

from datetime import datetime, timedelta
from urllib.parse import quote

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from activitypub import codec
from activitypub.vocabulary import ActorKind, Collection, CollectionPage, Event, Word
from federation import identity, policy
from federation.models import Activity, ActorState, Document, DocumentState, OwnActor

PAGE = 20
# Among the newest events the next ones are found: what is announced further back has passed.
LOOKED_AT = 100
# An event that says no end is taken to last so long.
LASTS = timedelta(hours=6)
# So many profiles are some 200 KiB.
STREAM_PAGE = 100
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


def outbox_page(
    session: Session, *, actor: OwnActor, origin: str, before: str | None = None, after: str | None = None
) -> CollectionPage:
    """Give one page, newest first: what is older than the activity at `before`, or what is just newer than `after`.

    The place in the list is told by an address, since a number would tell how much happens in between. An address that
    is not in the list, for whatever reason, has nothing before and nothing after it.
    """
    home = f"{identity.uri(origin, actor.username)}/outbox"
    rows = _rows(session, actor=actor, before=before, after=after)
    items: list[Word | str] = [codec.read_word(codec.load(row.body)) for row in rows]
    asked = {"before": before} if before is not None else {"after": after} if after is not None else {}
    return CollectionPage(
        id=_page(home, **asked),
        part_of=home,
        items=tuple(items),
        next=_page(home, before=rows[-1].uri) if rows and _is_more(session, actor, Activity.id < rows[-1].id) else None,
        prev=_page(home, after=rows[0].uri) if rows and _is_more(session, actor, Activity.id > rows[0].id) else None,
    )


def _rows(session: Session, *, actor: OwnActor, before: str | None, after: str | None) -> list[Activity]:
    wanted = select(Activity).where(*_shown(actor)).limit(PAGE)
    cursor = before if before is not None else after
    if cursor is None:
        return list(session.scalars(wanted.order_by(Activity.id.desc())))
    place = select(Activity.id).where(Activity.uri == cursor, *_shown(actor))
    found = session.scalar(place) if policy.fit([cursor]) and cursor.isprintable() else None
    if found is None:
        return []
    if before is not None:
        return list(session.scalars(wanted.where(Activity.id < found).order_by(Activity.id.desc())))
    return list(session.scalars(wanted.where(Activity.id > found).order_by(Activity.id)))[::-1]


def _page(home: str, **asked: str | None) -> str:
    given = "".join(f"&{name}={quote(value, safe='')}" for name, value in asked.items() if value is not None)
    return f"{home}?page=1{given}"


def _is_more(session: Session, actor: OwnActor, which: ColumnElement[bool]) -> bool:
    return session.scalar(select(Activity.id).where(*_shown(actor), which).limit(1)) is not None


def _shown(actor: OwnActor) -> tuple[ColumnElement[bool], ...]:
    return (
        Activity.actor_username == actor.username,
        Activity.public.is_(True),
        Activity.blanked.is_(False),
    )


def hidden(*, actor: OwnActor, origin: str, name: str) -> Collection:
    """Give followers or following: that they exist, and nothing else (ActivityPub §5.3 leaves that free)."""
    return Collection(id=f"{identity.uri(origin, actor.username)}/{name}", total=0)


def featured(session: Session, *, actor: OwnActor, origin: str, now: datetime) -> Collection:
    """Give what an organisation announced that is still to come, the next one first: other software pins it."""
    wanted = (
        select(Document.body)
        .where(
            Document.actor_username == actor.username,
            Document.listed.is_(True),
            Document.type == "Event",
            Document.state == DocumentState.LIVE,
        )
        .order_by(Document.id.desc())
        .limit(LOOKED_AT)
    )
    events = [codec.read_object(codec.load(body)) for body in session.scalars(wanted)]
    coming = sorted(
        (one.start, one.id) for one in events if isinstance(one, Event) and (one.end or one.start + LASTS) > now
    )
    return Collection(
        id=f"{identity.uri(origin, actor.username)}/featured",
        total=len(coming[:PAGE]),
        items=tuple(uri for _, uri in coming[:PAGE]),
    )


def stream(session: Session, *, name: str, origin: str) -> Collection:
    """List our quarters or organisations with their profiles, so that a peer can show whom to follow.

    What one page holds is in the list itself; where there are more, it only says how many and where they begin.

    Raises:
        KeyError: when there is no such stream.
    """
    me = identity.uri(origin, identity.APPLICATION)
    total = session.scalar(select(func.count()).select_from(OwnActor).where(*_in_stream(name))) or 0
    page = stream_page(session, name=name, origin=origin)
    is_whole = page.next is None
    return Collection(
        id=f"{me}/{name}",
        total=total,
        items=page.items if is_whole else (),
        first=None if is_whole else page.id,
        attributed_to=me,
    )


def stream_page(session: Session, *, name: str, origin: str, after: str = "") -> CollectionPage:
    """Give one page of a stream, by username: those behind `after`.

    Raises:
        KeyError: when there is no such stream.
    """
    home = f"{identity.uri(origin, identity.APPLICATION)}/{name}"
    wanted = select(OwnActor).where(*_in_stream(name), OwnActor.username > after).order_by(OwnActor.username)
    rows = session.scalars(wanted.limit(STREAM_PAGE + 1)).all()
    shown = rows[:STREAM_PAGE]
    return CollectionPage(
        id=_page(home, after=after or None),
        part_of=home,
        items=tuple(identity.describe(actor, origin=origin) for actor in shown),
        next=_page(home, after=shown[-1].username) if len(rows) > len(shown) else None,
    )


def _in_stream(name: str) -> tuple[ColumnElement[bool], ...]:
    return OwnActor.kind.in_(STREAMS[name]), OwnActor.state == ActorState.ACTIVE


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
