"""Publishing on this side of the wall: documents, activities and deliveries of one shareable, in one transaction."""

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import delete as delete_rows
from sqlalchemy import select
from sqlalchemy.orm import Session

from activitypub import codec, vocabulary
from activitypub.details import Purpose
from activitypub.vocabulary import ActorKind, Article, Event, Note, identify
from federation import (
    addresses,
    agreements,
    charters,
    delivery,
    documents,
    identity,
    markets,
    outlines,
    peers,
    quotes,
    translate,
)
from federation.exchange import Matter, News, Offer
from federation.models import (
    Activity,
    ActorState,
    Delivery,
    DeliveryState,
    Document,
    DocumentState,
    Exposure,
)
from federation.shareables import (
    DeskLetter,
    LoanWord,
    Notice,
    OrganisationProfile,
    Profile,
    PublicEvent,
    PublicListing,
    PublicNews,
)

FIRST_MARKET = 8  # of a change's parts: the activity is 0, a quarter's Announces are 1 and 2


class NotYet(Exception):
    """Something that must be there first is not; the change keeps waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a shareable: whether it left, and a few words for the audit book.

    `stored` is False when nothing of it was written on this side either.
    """

    left: bool
    why: str
    stored: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What every step of one publication needs."""

    session: Session
    change: uuid.UUID
    origin: str
    now: datetime


def publish(session: Session, *, shareable: Notice, change: uuid.UUID, origin: str, now: datetime) -> Done:
    """Publish a notice or its newer version. What was withdrawn once never comes back; what is older is ignored.

    Raises NotYet when the author's actor does not exist yet.
    """
    work = _Work(session=session, change=change, origin=origin, now=now)
    word = _word(shareable, origin=origin)
    author = _author(shareable)
    _require(session, usernames=[author, _quarter(shareable)])
    known = session.scalar(select(Document).where(Document.subject_uuid == shareable.notice_id))
    if known is not None and known.state == DocumentState.GONE:
        return Done(left=False, why="was withdrawn outside and stays so", stored=False)
    if known is not None and known.version >= shareable.version:
        return Done(left=False, why="superseded by a newer version", stored=False)
    _store(work, word=word, author=author, subject=shareable.notice_id, version=shareable.version)
    if isinstance(shareable, PublicListing):
        pure = translate.proposal(shareable, origin=origin)
        _store(work, word=pure, author=author, subject=None, version=shareable.version)
    activity = translate.create(word) if known is None else translate.update(word, version=shareable.version)
    inboxes = peers.followers_inboxes(session, own_usernames=[author]) | delivery.exposed(session, object_uri=word.id)
    inboxes = charters.admitted(session, inboxes=inboxes, matter=_matter(shareable, origin=origin), origin=origin)
    if isinstance(shareable, PublicListing):
        inboxes = inboxes - _to_markets(work, shareable=shareable, activity=activity, inboxes=inboxes)
    _send(work, activity=activity, author=author, part=0, object_uri=word.id, inboxes=inboxes)
    if quarter := _quarter(shareable):
        _pass_on(work, inner=activity, quarter=quarter, object_uri=word.id, first=known is None)
    return Done(left=True, why="published" if known is None else f"version {shareable.version}")


def _word(shareable: Notice, *, origin: str) -> Article | Event | Note:
    match shareable:
        case PublicNews():
            return translate.news(shareable, origin=origin)
        case PublicEvent():
            return translate.event(shareable, origin=origin)
        case PublicListing():
            return translate.listing(shareable, origin=origin)


def _matter(shareable: Notice, *, origin: str) -> Matter:
    match shareable:
        case PublicNews() | PublicEvent():
            return News()
        case PublicListing(quarter=quarter):
            return Offer(quarter=identity.uri(origin, quarter) if quarter else None)


def _author(shareable: Notice) -> str:
    return identity.DESK if isinstance(shareable, PublicListing) else shareable.organisation


def _quarter(shareable: Notice) -> str | None:
    return None if isinstance(shareable, PublicListing) else shareable.quarter


def _require(session: Session, *, usernames: Iterable[str | None]) -> None:
    for username in filter(None, usernames):
        actor = identity.find(session, username)
        if actor is None or actor.state != ActorState.ACTIVE:
            msg = f"{username} is not known outside yet"
            raise NotYet(msg)


def _store(
    work: _Work,
    *,
    word: Article | Event | Note | vocabulary.Proposal,
    author: str,
    subject: uuid.UUID | None,
    version: int,
) -> None:
    document = work.session.scalar(select(Document).where(Document.uri == word.id))
    if document is None:
        document = Document(
            uri=word.id, subject_uuid=subject, actor_username=author, published=word.published or work.now
        )
        work.session.add(document)
    document.version = version
    document.type = type(word).__name__
    document.state = DocumentState.LIVE
    document.body = codec.encode(codec.write(word))
    document.url = word.url
    document.updated = word.updated
    document.listed = subject is not None
    work.session.flush()


def _send(
    work: _Work,
    *,
    activity: vocabulary.Activity,
    author: str,
    part: int,
    object_uri: str,
    inboxes: Iterable[str],
    public: bool = True,
) -> None:
    row = delivery.write(
        work.session,
        word=activity,
        actor_username=author,
        change_uuid=work.change,
        part=part,
        document_uri=object_uri,
        public=public,
        now=work.now,
    )
    delivery.post(work.session, activity=row, inboxes=inboxes, object_uri=object_uri, now=work.now)


def _to_markets(
    work: _Work,
    *,
    shareable: PublicListing,
    activity: vocabulary.Create | vocabulary.Update,
    inboxes: Collection[str],
) -> set[str]:
    """Send an offer to marketplaces in their own way; returns their inboxes. What is sought is not for them."""
    found = markets.among(work.session, inboxes=inboxes)
    if found and shareable.purpose is Purpose.OFFER:
        place = outlines.middle(work.session, quarter=shareable.quarter)
        speak = partial(translate.in_dialect, shareable, place=place, origin=work.origin)
        for part, dialect in enumerate(sorted(found), start=FIRST_MARKET):
            row = delivery.write(
                work.session,
                word=activity,
                actor_username=identity.DESK,
                change_uuid=work.change,
                part=part,
                document_uri=identify(activity.object),
                shape=partial(speak, dialect=dialect),
                now=work.now,
            )
            object_uri = identify(activity.object)
            delivery.post(work.session, activity=row, inboxes=found[dialect], object_uri=object_uri, now=work.now)
    return {inbox for some in found.values() for inbox in some}


def _pass_on(
    work: _Work,
    *,
    inner: vocabulary.Create | vocabulary.Update | vocabulary.Delete,
    quarter: str,
    object_uri: str,
    first: bool,
) -> None:
    """The quarter's Announces: of the activity for Lemmy and PieFed, then, once, of the id for Mastodon."""
    inboxes = peers.followers_inboxes(work.session, own_usernames=[quarter])
    if isinstance(inner, vocabulary.Delete):
        # Whoever was given something has to learn that it is gone, whatever a charter says, and nobody else.
        inboxes &= delivery.exposed(work.session, object_uri=object_uri)
    else:
        inboxes = charters.admitted(work.session, inboxes=inboxes, matter=News(), origin=work.origin)
    passed_on: list[vocabulary.Create | vocabulary.Update | vocabulary.Delete | str] = [inner]
    if first:
        passed_on.append(object_uri)
    for part, inside in enumerate(passed_on, start=1):
        activity = translate.announce(
            inside, origin=work.origin, quarter=quarter, seed=work.change, part=part, now=work.now
        )
        _send(work, activity=activity, author=quarter, part=part, object_uri=object_uri, inboxes=inboxes)


def retract(
    session: Session,
    *,
    notice_id: uuid.UUID,
    version: int,
    organisation: str | None,
    quarter: str | None,
    change: uuid.UUID,
    origin: str,
    now: datetime,
    given: Iterable[str] = (),
) -> Done:
    """Take a notice back from everybody who ever got it, and remember that it is gone.

    The mark stays even when nothing had left: a slower worker may still hold an older version in hand. `given` are
    inboxes that had it although this store does not know.
    """
    work = _Work(session=session, change=change, origin=origin, now=now)
    author = organisation or identity.DESK
    known = session.scalar(select(Document).where(Document.subject_uuid == notice_id))
    uri, former_type = _former(known, organisation=organisation, notice_id=notice_id, origin=origin)
    had_left = known is not None and known.state == DocumentState.LIVE
    if known is not None and known.state == DocumentState.GONE:
        return Done(left=False, why="was already withdrawn", stored=False)
    _bury(work, uri=uri, former_type=former_type, author=author, subject=notice_id, version=version)
    if not had_left:
        return Done(left=False, why="nothing had left")
    if not organisation:
        _bury(
            work,
            uri=addresses.proposal(uri),
            former_type="Proposal",
            author=author,
            subject=None,
            version=version,
        )
    for quote in quotes.authorizations(session, uri=uri, author=author):
        _bury(work, uri=quote, former_type=quotes.TYPE, author=author, subject=None, version=version)
    _recall(session, object_uri=uri)
    delivery.expose(session, object_uri=uri, inboxes=given, now=now)
    gone = translate.delete(uri, actor=identity.uri(origin, author), former_type=former_type, version=version, now=now)
    inboxes = delivery.exposed(session, object_uri=uri)
    _send(work, activity=gone, author=author, part=0, object_uri=uri, inboxes=inboxes, public=False)
    if quarter:
        _pass_on(work, inner=gone, quarter=quarter, object_uri=uri, first=False)
    return Done(left=True, why=f"withdrawn from {len(inboxes)} inboxes")


def _former(known: Document | None, *, organisation: str | None, notice_id: uuid.UUID, origin: str) -> tuple[str, str]:
    """Address and type of what is taken back; of what never left, those that it is remembered under."""
    if known is not None:
        return known.uri, known.type
    if organisation:
        return addresses.news(origin, organisation, notice_id), "Article"
    return addresses.listing(origin, notice_id), "Note"


def _bury(work: _Work, *, uri: str, former_type: str, author: str, subject: uuid.UUID | None, version: int) -> None:
    """Put a tombstone where the document was: from now on its address answers 410."""
    document = work.session.scalar(select(Document).where(Document.uri == uri))
    if document is None:
        document = Document(uri=uri, subject_uuid=subject, actor_username=author, published=work.now)
        work.session.add(document)
    document.version = version
    document.type = former_type
    document.state = DocumentState.GONE
    document.body = codec.encode(codec.write(translate.tombstone(uri, former_type=former_type, now=work.now)))
    document.updated = work.now
    document.listed = False
    work.session.flush()


def _recall(session: Session, *, object_uri: str) -> None:
    """Pull unsent deliveries of an object back out of the bag, and forget the words of its activities."""
    activities = session.scalars(select(Activity).where(Activity.document_uri == object_uri)).all()
    mine = [activity.id for activity in activities]
    unsent = select(Delivery).where(Delivery.activity_id.in_(mine), Delivery.state == DeliveryState.DUE)
    delivery.abandon(session, deliveries=session.scalars(unsent).all(), why=delivery.RECALLED)
    # Whoever was never even tried learns nothing by a Delete.
    session.execute(delete_rows(Exposure).where(Exposure.object_uri == object_uri, Exposure.tried_at.is_(None)))
    for activity in activities:
        activity.public = False
        activity.blanked = True
        activity.body = b""
    session.flush()


def show(session: Session, *, profile: Profile, change: uuid.UUID, origin: str, now: datetime) -> Done:
    """Make an actor of an organisation or a quarter, or bring its profile up to date everywhere."""
    kind = ActorKind.ORGANIZATION if isinstance(profile, OrganisationProfile) else ActorKind.GROUP
    summary = profile.summary if isinstance(profile, OrganisationProfile) else profile.city_name
    known = identity.find(session, profile.slug)
    if known is not None and known.kind != kind:
        return Done(left=False, why="another actor has this name")
    actor = identity.ensure(
        session, username=profile.slug, kind=kind, name=profile.name, summary=summary, origin=origin, now=now
    )
    if known is None:
        return Done(left=True, why="actor made")
    work = _Work(session=session, change=change, origin=origin, now=now)
    word = identity.describe(actor, origin=origin)
    activity = vocabulary.Update(
        id=f"{word.id}/updates/{profile.version}",
        actor=word.id,
        to=(vocabulary.PUBLIC,),
        cc=(f"{word.id}/followers",),
        published=now,
        object=word,
    )
    inboxes = peers.followers_inboxes(session, own_usernames=[profile.slug])
    _send(work, activity=activity, author=profile.slug, part=0, object_uri=word.id, inboxes=inboxes, public=False)
    return Done(left=True, why="profile updated")


def send(session: Session, *, letter: DeskLetter | LoanWord, change: uuid.UUID, origin: str, now: datetime) -> Done:
    """Put a desk letter or a word about a loan in the bag for one inbox. Raises NotYet when it is not known."""
    receiver = documents.stored_actor(session, letter.to_actor)
    if receiver is None:
        msg = "the receiver's inbox is not known yet"
        raise NotYet(msg)
    activity: vocabulary.Activity
    # Letters of one thread keep their order, so the thread is what they are ordered by.
    if isinstance(letter, LoanWord):
        activity = agreements.write(letter, origin=origin, change=change)
        thread = agreements.thread(letter, origin=origin)
    else:
        activity = translate.letter(letter, origin=origin, mention=f"@{receiver.username}@{receiver.host}")
        thread = letter.thread_of_theirs or addresses.thread(origin, letter.root_id)
    row = delivery.write(
        session,
        word=activity,
        actor_username=identity.DESK,
        change_uuid=change,
        document_uri=activity.id,
        public=False,
        now=now,
    )
    delivery.post(session, activity=row, inboxes=[receiver.inbox], object_uri=thread, now=now)
    return Done(left=True, why=f"letter to {receiver.host}")
