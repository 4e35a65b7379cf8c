"""Words into JSON-ready dicts with the @context they need, in a stable order, without empty properties."""

from __future__ import annotations

from typing import assert_never

from activitypub import context
from activitypub.details import (
    Hashtag,
    Intent,
    Measure,
    Mention,
    Multikey,
    ObjectLink,
    Picture,
    Place,
    ProposalTerms,
    PublicKey,
    Tag,
)
from activitypub.vocabulary import (
    Activity,
    Actor,
    ActorKind,
    Article,
    Collection,
    CollectionPage,
    Flag,
    Note,
    Object,
    Proposal,
    Tombstone,
    Unspoken,
    Word,
)
from activitypub.wire import stamp

Fields = dict[str, object]


def write(word: Word) -> Fields:
    """The document of ``word``, with @context at its root only."""
    return {"@context": _context(word), **_fields(word)}


def _context(word: Word) -> object:
    parts = _needs(word)
    return [context.ACTIVITYSTREAMS, *parts] if parts else context.ACTIVITYSTREAMS


def _needs(word: Word | str) -> list[object]:
    """The contexts beyond ActivityStreams of a word and of what it embeds, each once."""
    match word:
        case Actor():
            return _actor_needs(word)
        case Article() | Note():
            return _text_needs(word)
        case Proposal():
            return [context.LISTING]
        case Collection() | CollectionPage():
            found = [need for item in word.items for need in _needs(item)]
            return [need for place, need in enumerate(found) if need not in found[:place]]
        case Flag() | Tombstone() | Unspoken() | str():
            return []
        case _:
            return _needs(word.object)


def _actor_needs(actor: Actor) -> list[object]:
    needs: list[object] = [context.SECURITY]
    if actor.assertion:
        needs.append(context.MULTIKEY)
    if actor.webfinger:
        needs.append(context.WEBFINGER)
    needs.append(context.TERMS)
    if actor.posting_restricted is not None:
        needs.append(context.GROUP)
    return needs


def _text_needs(word: Article | Note) -> list[object]:
    needs: list[object] = [context.TERMS]
    if word.quotable_by is not None:
        needs.append(context.QUOTES)
    if isinstance(word, Note) and word.proposal is not None:
        needs.append(context.LISTING)
    return needs


def _fields(word: Word) -> Fields:
    match word:
        case Actor():
            return _actor(word)
        case Collection() | CollectionPage():
            return _collection(word) if isinstance(word, Collection) else _page(word)
        case Article() | Note() | Proposal() | Tombstone():
            return _object(word)
        case Unspoken():
            return _without_empty({"id": word.id, "type": word.type})
        case _:
            return _activity(word)


def _object(word: Object) -> Fields:
    match word:
        case Article():
            return _article(word)
        case Note():
            return _note(word)
        case Proposal():
            return _proposal(word)
        case Tombstone():
            return _tombstone(word)
        case _:
            assert_never(word)


def _embedded(part: Word | str) -> object:
    return part if isinstance(part, str) else _fields(part)


def _without_empty(fields: Fields) -> Fields:
    return {key: value for key, value in fields.items() if value is not None}


def _activity(deed: Activity) -> Fields:
    return _without_empty(
        {
            "id": deed.id or None,
            "type": type(deed).__name__,
            "actor": deed.actor,
            "published": stamp(deed.published) if deed.published else None,
            "to": list(deed.to) or None,
            "cc": list(deed.cc) or None,
            "audience": deed.audience,
            "content": deed.content if isinstance(deed, Flag) else None,
            "object": list(deed.object) if isinstance(deed, Flag) else _embedded(deed.object),
        }
    )


def _actor(actor: Actor) -> Fields:
    return _without_empty(
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
            "publicKey": _key(actor.key) if actor.key else None,
            "assertionMethod": [_multikey(one) for one in actor.assertion] or None,
            "attributedTo": actor.attributed_to,
            "postingRestrictedToMods": actor.posting_restricted,
            "sensitive": False if actor.kind is ActorKind.GROUP else None,  # Lemmy reads it on a community
            "featured": actor.featured,
            "streams": list(actor.streams) or None,
            "movedTo": actor.moved_to,
            "alsoKnownAs": list(actor.also_known_as) or None,
            "icon": _picture(actor.icon, kind="Image") if actor.icon else None,
        }
    )


def _key(key: PublicKey) -> Fields:
    return {"id": key.id, "owner": key.owner, "publicKeyPem": key.pem}


def _multikey(key: Multikey) -> Fields:
    return {"id": key.id, "type": "Multikey", "controller": key.controller, "publicKeyMultibase": key.multibase}


def _article(article: Article) -> Fields:
    return _without_empty(
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
            "tag": [_tag(tag) for tag in article.tags],
            "image": _picture(article.image, kind="Image") if article.image else None,
            "interactionPolicy": _policy(article),
        }
    )


def _note(note: Note) -> Fields:
    return _without_empty(
        {
            "id": note.id,
            "type": "Note",
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
            "location": _place(note.location) if note.location else None,
            "attachment": [_picture(picture, kind="Document") for picture in note.attachments],
            "tag": [_tag(tag) for tag in note.tags],
            "interactionPolicy": _policy(note),
            **(_terms(note.proposal) if note.proposal else {}),
        }
    )


def _proposal(proposal: Proposal) -> Fields:
    return _without_empty(
        {
            "id": proposal.id,
            "type": "Proposal",
            "attributedTo": proposal.attributed_to,
            "name": proposal.name,
            "content": proposal.content,
            **_published(proposal),
            "location": _place(proposal.location) if proposal.location else None,
            **_terms(proposal.terms),
        }
    )


def _published(word: Article | Note | Proposal) -> Fields:
    return {
        "url": word.url,
        "published": stamp(word.published) if word.published else None,
        "updated": stamp(word.updated) if word.updated else None,
        "to": list(word.to),
        "cc": list(word.cc),
    }


def _tombstone(tombstone: Tombstone) -> Fields:
    deleted = stamp(tombstone.deleted) if tombstone.deleted else None
    return _without_empty(
        {"id": tombstone.id, "type": "Tombstone", "formerType": tombstone.former_type, "deleted": deleted}
    )


def _collection(collection: Collection) -> Fields:
    return _without_empty(
        {
            "id": collection.id,
            "type": "OrderedCollection",
            "attributedTo": collection.attributed_to,
            "totalItems": collection.total,
            "first": collection.first,
            "last": collection.last,
            "orderedItems": [_embedded(item) for item in collection.items] or None,
        }
    )


def _page(page: CollectionPage) -> Fields:
    return _without_empty(
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


def _tag(tag: Tag) -> Fields:
    match tag:
        case Mention():
            return _without_empty({"type": "Mention", "href": tag.href, "name": tag.name})
        case Hashtag():
            return _without_empty({"type": "Hashtag", "href": tag.href, "name": tag.name})
        case ObjectLink():
            rel = list(tag.rel) or None
            fields: Fields = {
                "type": "Link",
                "mediaType": tag.media_type,
                "href": tag.href,
                "rel": rel,
                "name": tag.name,
            }
            return _without_empty(fields)
        case _:
            assert_never(tag)


def _picture(picture: Picture, *, kind: str) -> Fields:
    return _without_empty(
        {
            "type": kind,
            "mediaType": picture.media_type,
            "url": picture.url,
            "name": picture.alt,
            "width": picture.width,
            "height": picture.height,
        }
    )


def _policy(word: Article | Note) -> Fields | None:
    if word.quotable_by is None:
        return None
    return {"canQuote": {"automaticApproval": list(word.quotable_by)}}


def _place(place: Place) -> Fields:
    return _without_empty(
        {"type": "Place", "name": place.name, "latitude": place.latitude, "longitude": place.longitude}
    )


def _terms(terms: ProposalTerms) -> Fields:
    return {
        "purpose": terms.purpose.value,
        "publishes": _intent(terms.primary) if terms.primary else None,
        "reciprocal": _intent(terms.reciprocal) if terms.reciprocal else None,
        "unitBased": terms.unit_based,
    }


def _intent(intent: Intent) -> Fields:
    return _without_empty(
        {
            "type": "Intent",
            "id": intent.id,
            "action": intent.action.value if intent.action else None,
            "resourceQuantity": _measure(intent.quantity) if intent.quantity else None,
            "resourceConformsTo": intent.conforms_to,
            "availableQuantity": _measure(intent.available) if intent.available else None,
            "minimumQuantity": _measure(intent.minimum) if intent.minimum else None,
        }
    )


def _measure(measure: Measure) -> Fields:
    return {"hasUnit": measure.unit, "hasNumericalValue": measure.value}
