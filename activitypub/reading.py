"""JSON into words, lenient about dialects: one or many, embedded or by reference, missing fields, prefixes.

Every function raises Malformed when a word cannot stand without what is missing. What is embedded is only *read* here:
whether it may be believed (same origin, same owner, FEP-fe34) is judged by the caller.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeAlias, TypedDict

from activitypub import actors, objects
from activitypub.events import read_event
from activitypub.listing_terms import read_agreement
from activitypub.vocabulary import (
    Accept,
    Activity,
    Actor,
    Announce,
    Article,
    Block,
    Collection,
    CollectionPage,
    Create,
    Delete,
    Event,
    Flag,
    Follow,
    Ignore,
    Join,
    Move,
    Note,
    Object,
    Offer,
    QuoteRequest,
    Reject,
    Undo,
    Unspoken,
    Update,
    Word,
)
from activitypub.wire import (
    Doc,
    Malformed,
    address,
    count,
    demand_uri,
    each,
    kinds,
    moment,
    references,
    sole,
    text,
    uri,
)

MAX_EMBEDDED: Final = 4  # Announce ▸ Create ▸ Note is three; nothing honest goes deeper

Transitive: TypeAlias = type[Announce | Undo | Offer | Ignore]


def read_word(doc: Doc, *, where: str = "document", depth: int = 0) -> Word:
    """Whatever ``doc`` is. Raises Malformed when it has no type or lacks what its type needs."""
    names = kinds(doc)
    if not names:
        raise Malformed("missing", where=f"{where}.type")
    if depth > MAX_EMBEDDED:
        raise Malformed("embedded too deeply", where=where)
    for name in names:
        if name in READERS:
            return READERS[name](doc, where, depth)
    return Unspoken(type=names[0], id=uri(doc.get("id")))


def read_activity(doc: Doc) -> Activity | Unspoken:
    """The activity in a document that arrived at an inbox; ``Unspoken`` when it is no activity we speak.

    Raises Malformed, for a missing id too: a letter without id cannot be told from its copy.
    """
    word = read_word(doc)
    if not isinstance(word, Activity):
        return word if isinstance(word, Unspoken) else Unspoken(type=kinds(doc)[0], id=word.id)
    if not word.id:
        raise Malformed("missing", where="document.id")
    return word


def read_actor(doc: Doc) -> Actor:
    """The actor in ``doc``. Raises Malformed when it is none."""
    word = read_word(doc)
    if not isinstance(word, Actor):
        raise Malformed("not an actor's", where="document.type")
    return word


def read_object(doc: Doc) -> Object | Unspoken:
    """The article, note, proposal or tombstone in ``doc``; ``Unspoken`` for every other type. Raises Malformed."""
    word = read_word(doc)
    if isinstance(word, Object | Unspoken):
        return word
    return Unspoken(type=kinds(doc)[0], id=word.id or None)


def read_collection(doc: Doc) -> Collection | CollectionPage:
    """The collection or page in ``doc``. Raises Malformed when it is neither."""
    word = read_word(doc)
    if not isinstance(word, Collection | CollectionPage):
        raise Malformed("not a collection's", where="document.type")
    return word


def _read_collection(doc: Doc, where: str, depth: int) -> Collection:
    first = doc.get("first")
    items = _items(doc, where, depth)
    if isinstance(first, Mapping):  # an embedded first page
        items += _items(first, where, depth)
    return Collection(
        id=demand_uri(doc, "id", where=where),
        total=count(doc.get("totalItems")),
        first=uri(first),
        last=uri(doc.get("last")),
        items=items,
        attributed_to=uri(doc.get("attributedTo")),
    )


def _read_page(doc: Doc, where: str, depth: int) -> CollectionPage:
    return CollectionPage(
        id=demand_uri(doc, "id", where=where),
        part_of=uri(doc.get("partOf")),
        items=_items(doc, where, depth),
        next=uri(doc.get("next")),
        prev=uri(doc.get("prev")),
        total=count(doc.get("totalItems")),
    )


def _items(doc: Doc, where: str, depth: int) -> tuple[Word | str, ...]:
    """The items that can be read: one broken item does not spoil a page."""
    found: list[Word | str] = []
    for part in each(doc.get("orderedItems", doc.get("items"))):
        try:
            found.append(_embedded(part, f"{where}.items", depth))
        except Malformed:
            continue
    return tuple(found)


def _embedded(part: object, where: str, depth: int) -> Word | str:
    """A word, when the thing came embedded with a type, else its reference."""
    if isinstance(part, Mapping) and kinds(part):
        return read_word(part, where=where, depth=depth + 1)
    found = uri(part)
    if found is None:
        raise Malformed("missing" if part is None else "neither a reference nor an object", where=where)
    return found


def _single(doc: Doc, where: str, depth: int) -> Word | str:
    parts = each(doc.get("object"))
    if len(parts) > 1:  # handlers decide on one thing; a list would let a second one pass unseen
        raise Malformed("more than one", where=f"{where}.object")
    return _embedded(parts[0] if parts else None, f"{where}.object", depth)


class _Shared(TypedDict):
    """What every activity says."""

    id: str
    actor: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    audience: str | None
    published: datetime | None


def _shared(doc: Doc, where: str) -> _Shared:
    return {
        "id": uri(doc.get("id")) or "",
        "actor": demand_uri(doc, "actor", where=where),
        "to": address(doc.get("to")),
        "cc": address(doc.get("cc")),
        "audience": uri(doc.get("audience")),
        "published": moment(doc.get("published")),
    }


def _read_authored(kind: type[Create | Update]) -> Reader:
    def read(doc: Doc, where: str, depth: int) -> Word:
        shared, word = _shared(doc, where), _single(doc, where, depth)
        said = sole(doc.get("object"))
        if isinstance(word, Article | Note | Event) and isinstance(said, Mapping) and not {"to", "cc"} & said.keys():
            word = replace(word, to=shared["to"], cc=shared["cc"])  # said once, for both
        return kind(**shared, object=word)

    return read


def _read_delete(doc: Doc, where: str, depth: int) -> Delete:
    """What is deleted need not be whole: Mastodon names an account by its id and type alone."""
    parts = each(doc.get("object"))
    stub = uri(parts[0]) if len(parts) == 1 else None
    try:
        word = _single(doc, where, depth)
    except Malformed:
        if stub is None:
            raise
        word = stub
    return Delete(**_shared(doc, where), object=word)


def _transitive(kind: Transitive) -> Reader:
    def read(doc: Doc, where: str, depth: int) -> Word:
        return kind(
            **_shared(doc, where),
            object=_single(doc, where, depth),
        )

    return read


def _read_accept(doc: Doc, where: str, depth: int) -> Accept:
    result = sole(doc.get("result"))
    return Accept(
        **_shared(doc, where),
        object=_single(doc, where, depth),
        result=_embedded(result, f"{where}.result", depth) if result is not None else None,
    )


def _read_reject(doc: Doc, where: str, depth: int) -> Reject:
    return Reject(
        **_shared(doc, where),
        object=_single(doc, where, depth),
        content=text(doc, "content"),
    )


def _read_move(doc: Doc, where: str, _depth: int) -> Move:
    return Move(
        **_shared(doc, where),
        object=demand_uri(doc, "object", where=where),
        target=demand_uri(doc, "target", where=where),
    )


def _pointing(kind: type[Follow | Block | Join]) -> Reader:
    def read(doc: Doc, where: str, _depth: int) -> Word:
        return kind(
            **_shared(doc, where),
            object=demand_uri(doc, "object", where=where),
        )

    return read


def _read_quote_request(doc: Doc, where: str, _depth: int) -> QuoteRequest:
    return QuoteRequest(
        **_shared(doc, where),
        object=demand_uri(doc, "object", where=where),
        instrument=demand_uri(doc, "instrument", where=where),
    )


def _read_flag(doc: Doc, where: str, _depth: int) -> Flag:
    meant = references(doc.get("object"))
    if not meant:
        raise Malformed("missing", where=f"{where}.object")
    return Flag(
        **_shared(doc, where),
        object=meant,
        content=text(doc, "content") or text(doc, "summary"),  # Lemmy gives the reason as summary
    )


Reader: TypeAlias = Callable[[Doc, str, int], Word]

READERS: Final[Mapping[str, Reader]] = MappingProxyType(
    {
        **dict.fromkeys(("Application", "Service", "Group", "Organization", "Person"), actors.read_actor),
        "Article": objects.read_article,
        "Page": objects.read_article,
        "Video": objects.read_article,
        "Audio": objects.read_article,
        "Note": objects.read_note,
        "Question": objects.read_note,
        "Event": read_event,
        "Agreement": read_agreement,
        "Proposal": objects.read_proposal,
        "QuoteAuthorization": objects.read_quote_authorization,
        "Tombstone": objects.read_tombstone,
        "Collection": _read_collection,
        "OrderedCollection": _read_collection,
        "CollectionPage": _read_page,
        "OrderedCollectionPage": _read_page,
        "Create": _read_authored(Create),
        "Update": _read_authored(Update),
        "Delete": _read_delete,
        "Announce": _transitive(Announce),
        "Accept": _read_accept,
        "Reject": _read_reject,
        "Undo": _transitive(Undo),
        "Ignore": _transitive(Ignore),
        "Offer": _transitive(Offer),
        "Move": _read_move,
        "Join": _pointing(Join),
        "QuoteRequest": _read_quote_request,
        "Follow": _pointing(Follow),
        "Block": _pointing(Block),
        "Flag": _read_flag,
    }
)
