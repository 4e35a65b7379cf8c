"""The words we speak with other servers, as frozen values that know nothing of JSON.

Texts in ``summary`` and ``content`` that were read from elsewhere are untrusted HTML: whoever shows them cleans them.
Sources: ActivityStreams 2.0 Vocabulary and ActivityPub (W3C), FEP-0837 (listings,
agreements), FEP-1b12 (groups), FEP-8a8e and Mobilizon (events).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from activitypub.details import (
    Commitment,
    EventStatus,
    Generator,
    JoinMode,
    Lending,
    Multikey,
    Picture,
    Place,
    ProposalTerms,
    PublicKey,
    Standard,
    Tag,
)

PUBLIC = "https://www.w3.org/ns/activitystreams#Public"


class ActorKind(StrEnum):
    """What an actor says it is; decides its badge elsewhere and may never change to another kind by an Update."""

    APPLICATION = "Application"
    SERVICE = "Service"
    GROUP = "Group"
    ORGANIZATION = "Organization"
    PERSON = "Person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Somebody who can be followed or written to: an instance, a desk, a quarter, an organisation, a person."""

    id: str
    kind: ActorKind
    username: str
    inbox: str
    name: str | None = None
    summary: str | None = None
    url: str | None = None
    outbox: str | None = None
    followers: str | None = None
    following: str | None = None
    shared_inbox: str | None = None
    key: PublicKey | None = None
    assertion: tuple[Multikey, ...] = ()
    manually_approves: bool = False
    discoverable: bool = False
    indexable: bool = False
    published: datetime | None = None
    updated: datetime | None = None
    attributed_to: str | None = None
    streams: tuple[str, ...] = ()
    moved_to: str | None = None
    also_known_as: tuple[str, ...] = ()
    featured: str | None = None
    posting_restricted: bool | None = None
    webfinger: str | None = None
    icon: Picture | None = None
    attribution_domains: tuple[str, ...] = ()
    implements: tuple[Standard, ...] = ()
    generator: Generator | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """News: a title, a summary that must stand alone, the text; ``link`` leads to what it is about, elsewhere."""

    id: str
    attributed_to: str
    name: str
    content: str
    summary: str | None = None
    url: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    audience: str | None = None
    context: str | None = None
    replies: str | None = None
    in_reply_to: str | None = None
    language: str | None = None
    tags: tuple[Tag, ...] = ()
    attachments: tuple[Picture, ...] = ()
    image: Picture | None = None
    link: str | None = None
    quotable_by: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A short text: a comment, a letter to the desk, with ``proposal`` a listing, with ``options`` a question."""

    id: str
    attributed_to: str
    content: str
    name: str | None = None
    summary: str | None = None
    url: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    audience: str | None = None
    context: str | None = None
    replies: str | None = None
    in_reply_to: str | None = None
    language: str | None = None
    tags: tuple[Tag, ...] = ()
    attachments: tuple[Picture, ...] = ()
    location: Place | None = None
    proposal: ProposalTerms | None = None
    options: tuple[str, ...] = ()
    quotable_by: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that takes place; moments are in UTC, ``timezone`` says by which clock it is announced."""

    id: str
    attributed_to: str
    name: str
    start: datetime
    end: datetime | None = None
    timezone: str | None = None
    content: str = ""
    summary: str | None = None
    url: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    audience: str | None = None
    context: str | None = None
    replies: str | None = None
    language: str | None = None
    tags: tuple[Tag, ...] = ()
    attachments: tuple[Picture, ...] = ()
    location: Place | None = None
    organizers: tuple[str, ...] = ()
    join_mode: JoinMode | None = None
    participation_url: str | None = None
    status: EventStatus | None = None
    category: str | None = None
    is_online: bool | None = None
    has_comments: bool | None = None
    quotable_by: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Who commits to what (FEP-0837); without an id while it is only offered."""

    stipulates: Commitment
    reciprocal: Commitment | None = None
    id: str | None = None
    attributed_to: str | None = None
    url: str | None = None
    context: str | None = None
    lending: Lending | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A listing in its pure form (FEP-0837), for software that trades rather than shows texts."""

    id: str
    attributed_to: str
    terms: ProposalTerms
    name: str | None = None
    content: str | None = None
    url: str | None = None
    published: datetime | None = None
    updated: datetime | None = None
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    location: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteAuthorization:
    """The author of ``target`` lets ``interacting`` quote it, as long as this can be fetched (FEP-044f)."""

    id: str
    attributed_to: str
    interacting: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """What stands where something was."""

    id: str
    former_type: str | None = None
    deleted: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unspoken:
    """Something well formed whose type we do not speak; kept as a value, since ignoring politely is an outcome."""

    type: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """An ordered list seen from outside; ``items`` only when it is short enough to have no pages."""

    id: str
    total: int | None = None
    first: str | None = None
    last: str | None = None
    items: tuple[Word | str, ...] = ()
    attributed_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPage:
    """One page of a collection."""

    id: str
    part_of: str | None = None
    items: tuple[Word | str, ...] = ()
    next: str | None = None
    prev: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """What all activities share. ``id`` is empty only on an activity embedded in another one without an id."""

    id: str
    actor: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    audience: str | None = None
    published: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Create(Deed):
    """Something new."""

    object: Word | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Update(Deed):
    """A new version of something, whole."""

    object: Word | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete(Deed):
    """Something is gone."""

    object: Word | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce(Deed):
    """A quarter passes on an activity (FEP-1b12, embedded) or an object (its id, as microblogs boost)."""

    object: Word | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Follow(Deed):
    """Asks to be sent what an actor publishes."""

    object: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Deed):
    """Yes, to the embedded Follow, or to an Offer: then ``result`` is what is agreed."""

    object: Word | str
    result: Word | str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject(Deed):
    """No, to the embedded Follow, also when it was accepted before, or to an Offer, perhaps with a word why."""

    object: Word | str
    content: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore(Deed):
    """Neither: says that a Join came and is not counted (FEP-8a8e)."""

    object: Word | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo(Deed):
    """Takes an activity back."""

    object: Word | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag(Deed):
    """A report; ``object`` names the actor and whatever of theirs is meant."""

    object: tuple[str, ...]
    content: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Block(Deed):
    """An actor elsewhere wants no more of ours; read, never sent."""

    object: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Move(Deed):
    """An actor, ``object``, lives at ``target`` from now on, if both say so of each other."""

    object: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Join(Deed):
    """Somebody would like to take part in an event; read, never sent."""

    object: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuoteRequest(Deed):
    """Somebody quotes ``object`` in ``instrument`` and asks whether they may (FEP-044f); read, never sent."""

    object: str
    instrument: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer(Deed):
    """Proposes an agreement about a listing (FEP-0837)."""

    object: Word | str


Answer: TypeAlias = Accept | Reject | Ignore
Asking: TypeAlias = Follow | Join | QuoteRequest | Offer
Activity: TypeAlias = Create | Update | Delete | Announce | Asking | Answer | Undo | Flag | Block | Move
Object: TypeAlias = Article | Note | Event | Agreement | Proposal | QuoteAuthorization | Tombstone
Word: TypeAlias = Actor | Object | Collection | CollectionPage | Activity | Unspoken


def identify(word: Word | str) -> str:
    """The id of a word or of a bare reference; empty when an embedded thing has none."""
    return word if isinstance(word, str) else word.id or ""
