"""Words into JSON-ready dicts with the @context they need, in a stable order, without empty properties."""

from __future__ import annotations

from typing import Final, assert_never

from activitypub import context, lendings, written
from activitypub.details import EventStatus
from activitypub.vocabulary import (
    Accept,
    Activity,
    Actor,
    ActorKind,
    Agreement,
    Article,
    Collection,
    CollectionPage,
    Event,
    Flag,
    Move,
    Note,
    Object,
    Proposal,
    QuoteAuthorization,
    QuoteRequest,
    Reject,
    Tombstone,
    Unspoken,
    Word,
)
from activitypub.wire import stamp
from activitypub.written import Fields

# FEP-8a8e has a word for each but "perhaps".
EVENT_STATUS: Final = {
    EventStatus.CONFIRMED: "https://w3id.org/fep/8a8e/EventScheduled",
    EventStatus.CANCELLED: "https://w3id.org/fep/8a8e/EventCancelled",
}


def write(word: Word) -> Fields:
    """The document of ``word``, with @context at its root only."""
    return {"@context": _context(word), **_fields(word)}


def _context(word: Word) -> object:
    parts = _needs(word)
    return [context.ACTIVITYSTREAMS, *parts] if parts else context.ACTIVITYSTREAMS


def _needs(word: Word | str) -> list[object]:  # noqa: PLR0911 — one per case
    """The contexts beyond ActivityStreams of a word and of what it embeds, each once."""
    match word:
        case Actor():
            return _actor_needs(word)
        case Article() | Note() | Event() | Agreement() | Proposal():
            return _object_needs(word)
        case Collection() | CollectionPage():
            return _each_once([need for item in word.items for need in _needs(item)])
        case QuoteAuthorization() | QuoteRequest():
            return [context.QUOTED]
        case Flag() | Tombstone() | Unspoken() | str():
            return []
        case Accept(object=inner, result=result) if result is not None:
            return _each_once([*_needs(inner), *_needs(result)])
        case _:
            return _needs(word.object)


def _object_needs(word: Article | Note | Event | Agreement | Proposal) -> list[object]:
    if isinstance(word, Agreement):
        return _agreement_needs(word)
    if isinstance(word, Proposal):
        return [context.LISTING]
    needs: list[object] = [context.TERMS]
    if isinstance(word, Event) or (isinstance(word, Note) and word.location is not None and word.location.address):
        needs.append(context.EVENT)
    if word.quotable_by is not None:
        needs.append(context.QUOTES)
    if isinstance(word, Note) and word.proposal is not None:
        needs.append(context.LISTING)
    return needs


def _agreement_needs(word: Agreement) -> list[object]:
    has_days = word.stipulates.begins or word.stipulates.ends
    return [context.AGREEMENT, lendings.TERMS] if word.lending or has_days else [context.AGREEMENT]


def _each_once(needs: list[object]) -> list[object]:
    return [need for place, need in enumerate(needs) if need not in needs[:place]]


def _actor_needs(actor: Actor) -> list[object]:
    needs: list[object] = [context.SECURITY]
    if actor.assertion:
        needs += [context.MULTIKEY, context.PROVERS]
    if actor.webfinger:
        needs.append(context.WEBFINGER)
    needs.append(context.TERMS)
    if actor.posting_restricted is not None:
        needs.append(context.GROUP)
    if actor.implements or actor.generator:
        needs.append(context.STANDARDS)
    if actor.attribution_domains:
        needs.append(context.AUTHORSHIP)
    return needs


def _fields(word: Word) -> Fields:
    match word:
        case Actor():
            return _actor(word)
        case Collection() | CollectionPage():
            return _collection(word) if isinstance(word, Collection) else _page(word)
        case Article() | Note() | Event() | Agreement() | Proposal() | QuoteAuthorization() | Tombstone():
            return _object(word)
        case Unspoken():
            return written.without_empty({"id": word.id, "type": word.type})
        case _:
            return _activity(word)


def _object(word: Object) -> Fields:  # noqa: PLR0911 — one per case
    match word:
        case Article():
            return _article(word)
        case Note():
            return _note(word)
        case Event():
            return _event(word)
        case Agreement():
            return _agreement(word)
        case Proposal():
            return _proposal(word)
        case QuoteAuthorization():
            return _quote_authorization(word)
        case Tombstone():
            return _tombstone(word)
        case _:
            assert_never(word)


def _embedded(part: Word | str) -> object:
    return part if isinstance(part, str) else _fields(part)


def _meant(flag: Flag) -> object:
    """What a report is about; one thing stands by itself, as forums want it."""
    return flag.object[0] if len(flag.object) == 1 else list(flag.object)


def _activity(deed: Activity) -> Fields:
    return written.without_empty(
        {
            "id": deed.id or None,
            "type": type(deed).__name__,
            "actor": deed.actor,
            "published": stamp(deed.published) if deed.published else None,
            "to": list(deed.to) or None,
            "cc": list(deed.cc) or None,
            "audience": deed.audience,
            "content": deed.content if isinstance(deed, Flag | Reject) else None,
            "summary": deed.content if isinstance(deed, Flag) else None,  # Lemmy reads the reason here
            "object": _meant(deed) if isinstance(deed, Flag) else _embedded(deed.object),
            "target": deed.target if isinstance(deed, Move) else None,
            "instrument": deed.instrument if isinstance(deed, QuoteRequest) else None,
            "result": _embedded(deed.result) if isinstance(deed, Accept) and deed.result is not None else None,
        }
    )


def _actor(actor: Actor) -> Fields:
    return written.without_empty(
        {
            "id": actor.id,
            "type": actor.kind.value,
            "preferredUsername": actor.username,
            "webfinger": actor.webfinger,
            "name": actor.name,
            "summary": actor.summary,
            "url": actor.url,
            "inbox": actor.inbox,
            "outbox": actor.outbox,
            "followers": actor.followers,
            "following": actor.following,
            "endpoints": {"sharedInbox": actor.shared_inbox} if actor.shared_inbox else None,
            "manuallyApprovesFollowers": actor.manually_approves,
            "discoverable": actor.discoverable,
            "indexable": actor.indexable,
            "published": stamp(actor.published) if actor.published else None,
            "updated": stamp(actor.updated) if actor.updated else None,
            "publicKey": written.key(actor.key) if actor.key else None,
            "assertionMethod": [written.multikey(one) for one in actor.assertion] or None,
            "attributedTo": actor.attributed_to,
            "postingRestrictedToMods": actor.posting_restricted,
            "sensitive": False if actor.kind is ActorKind.GROUP else None,  # Lemmy reads it on a community
            "featured": actor.featured,
            "streams": list(actor.streams) or None,
            "movedTo": actor.moved_to,
            "alsoKnownAs": list(actor.also_known_as) or None,
            "icon": written.picture(actor.icon, kind="Image") if actor.icon else None,
            "attributionDomains": list(actor.attribution_domains) or None,
            "generator": written.generator(actor.generator) if actor.generator else None,
            "implements": written.standards(actor.implements),
        }
    )


def _article(article: Article) -> Fields:
    return written.without_empty(
        {
            "id": article.id,
            "type": "Article",
            "actor": article.attributed_to,  # Mobilizon reads an article only with both
            "attributedTo": article.attributed_to,
            "audience": article.audience,
            "inReplyTo": article.in_reply_to,
            "name": article.name,
            "summary": article.summary,
            "content": article.content,
            "mediaType": "text/html",
            "contentMap": {article.language: article.content} if article.language else None,
            **_published(article),
            "context": article.context,
            "replies": article.replies,
            "sensitive": False,
            "tag": [written.tag(tag) for tag in article.tags],
            "attachment": _attached(article) or None,
            "image": written.picture(article.image, kind="Image") if article.image else None,
            "interactionPolicy": _policy(article),
        }
    )


def _attached(article: Article) -> list[Fields]:
    """The link it is about, as Lemmy attaches one, and its pictures."""
    link: list[Fields] = [{"type": "Link", "href": article.link}] if article.link else []
    return [*link, *(written.picture(picture, kind="Image") for picture in article.attachments)]


def _note(note: Note) -> Fields:
    return written.without_empty(
        {
            "id": note.id,
            "type": "Question" if note.options else "Note",
            "attributedTo": note.attributed_to,
            "audience": note.audience,
            "inReplyTo": note.in_reply_to,
            "name": note.name,
            "summary": note.summary,
            "content": note.content,
            "contentMap": {note.language: note.content} if note.language else None,
            **_published(note),
            "context": note.context,
            "replies": note.replies,
            "sensitive": False,
            "location": written.place(note.location) if note.location else None,
            "attachment": [written.picture(picture, kind="Document") for picture in note.attachments],
            "tag": [written.tag(tag) for tag in note.tags],
            "interactionPolicy": _policy(note),
            **(written.terms(note.proposal) if note.proposal else {}),
            "oneOf": [{"type": "Note", "name": name} for name in note.options] or None,
        }
    )


def _proposal(proposal: Proposal) -> Fields:
    return written.without_empty(
        {
            "id": proposal.id,
            "type": "Proposal",
            "attributedTo": proposal.attributed_to,
            "name": proposal.name,
            "content": proposal.content,
            **_published(proposal),
            "location": written.place(proposal.location) if proposal.location else None,
            **written.terms(proposal.terms),
        }
    )


def _event(event: Event) -> Fields:
    status = event.status
    return written.without_empty(
        {
            "id": event.id,
            "type": "Event",
            "actor": event.attributed_to,  # Mobilizon reads an event only with both
            "attributedTo": event.attributed_to,
            "audience": event.audience,
            "organizers": list(event.organizers) or None,
            "name": event.name,
            "summary": event.summary,
            "content": event.content,
            "mediaType": "text/html",
            "contentMap": {event.language: event.content} if event.language else None,
            "inLanguage": event.language,
            "startTime": stamp(event.start),
            "endTime": stamp(event.end) if event.end else None,
            "timezone": event.timezone,
            "status": status.value if status else None,
            "ical:status": status.value if status else None,
            "eventStatus": EVENT_STATUS.get(status) if status else None,
            "joinMode": event.join_mode.value if event.join_mode else None,
            "externalParticipationUrl": event.participation_url,
            "category": event.category,
            "isOnline": event.is_online,
            "commentsEnabled": event.has_comments,
            "repliesModerationOption": "closed" if event.has_comments is False else None,  # Mobilizon reads this one
            "location": written.place(event.location) if event.location else None,
            **_published(event),
            "context": event.context,
            "replies": event.replies,
            "sensitive": False,
            "attachment": [written.picture(picture, kind="Document") for picture in event.attachments],
            "tag": [written.tag(tag) for tag in event.tags],
            "interactionPolicy": _policy(event),
        }
    )


def _agreement(agreement: Agreement) -> Fields:
    reciprocal = agreement.reciprocal
    return written.without_empty(
        {
            "id": agreement.id,
            "type": "Agreement",
            "attributedTo": agreement.attributed_to,
            "stipulates": written.commitment(agreement.stipulates),
            "stipulatesReciprocal": written.commitment(reciprocal) if reciprocal else None,
            "url": agreement.url,
            "context": agreement.context,
            "loan": lendings.write(agreement.lending) if agreement.lending else None,
        }
    )


def _published(word: Article | Note | Event | Proposal) -> Fields:
    return {
        "url": word.url,
        "published": stamp(word.published) if word.published else None,
        "updated": stamp(word.updated) if word.updated else None,
        "to": list(word.to),
        "cc": list(word.cc),
    }


def _quote_authorization(word: QuoteAuthorization) -> Fields:
    return {
        "id": word.id,
        "type": "QuoteAuthorization",
        "attributedTo": word.attributed_to,
        "interactingObject": word.interacting,
        "interactionTarget": word.target,
    }


def _tombstone(tombstone: Tombstone) -> Fields:
    deleted = stamp(tombstone.deleted) if tombstone.deleted else None
    return written.without_empty(
        {"id": tombstone.id, "type": "Tombstone", "formerType": tombstone.former_type, "deleted": deleted}
    )


def _collection(collection: Collection) -> Fields:
    return written.without_empty(
        {
            "id": collection.id,
            "type": "OrderedCollection",
            "attributedTo": collection.attributed_to,
            "totalItems": collection.total,
            "first": collection.first,
            "last": collection.last,
            # A list that says no number and has no pages says who is on it, nobody included.
            "orderedItems": [_embedded(item) for item in collection.items]
            or ([] if collection.total is None and collection.first is None else None),
        }
    )


def _page(page: CollectionPage) -> Fields:
    return written.without_empty(
        {
            "id": page.id,
            "type": "OrderedCollectionPage",
            "partOf": page.part_of,
            "totalItems": page.total,
            "next": page.next,
            "prev": page.prev,
            "orderedItems": [_embedded(item) for item in page.items],
        }
    )


def _policy(word: Article | Note | Event) -> Fields | None:
    if word.quotable_by is None:
        return None
    return {"canQuote": {"automaticApproval": list(word.quotable_by)}}
