"""The tables of the federation store: the row is the truth, a job is a nudge."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, Uuid, false, text
from sqlalchemy.orm import Mapped, mapped_column

from federation.base import Federation, Id

# PostgreSQL refuses index entries above 2,704 bytes, and two addresses share one index.
URI = 1000


class ActorState(StrEnum):
    """Whether one of our actors still answers, or answers 410 for ever."""

    ACTIVE = "active"
    GONE = "gone"


class PeerState(StrEnum):
    """What we know of another instance."""

    NEW = "new"
    KNOWN = "known"
    BLOCKED = "blocked"
    UNREACHABLE = "unreachable"


class Direction(StrEnum):
    """Who follows whom: `OUT` is ours following theirs, `IN` theirs following ours."""

    OUT = "out"
    IN = "in"


class FollowState(StrEnum):
    """The life of a follow; `WANTED` is not sent yet, `PENDING` waits for their answer."""

    WANTED = "wanted"
    PENDING = "pending"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    ENDED = "ended"


class LookupState(StrEnum):
    """The life of a look at somebody elsewhere."""

    WANTED = "wanted"
    FOUND = "found"
    FAILED = "failed"


class DocumentState(StrEnum):
    """A document is served, or remembered as gone (410)."""

    LIVE = "live"
    GONE = "gone"


class DeliveryState(StrEnum):
    """The life of one activity towards one inbox; `SHELVED` is a withdrawal that nobody tries any more."""

    DUE = "due"
    LEASED = "leased"
    SENT = "sent"
    FAILED = "failed"
    ABANDONED = "abandoned"
    SHELVED = "shelved"


class LetterState(StrEnum):
    """The life of an incoming letter; `WAITING` lacks a key or an object, `VERIFIED` waits for home."""

    WAITING = "waiting"
    VERIFIED = "verified"
    REFUSED = "refused"
    HANDLED = "handled"


class OwnActor(Federation):
    """One of our actors with its key; a username is never issued twice, so rows are never deleted."""

    __tablename__ = "own_actor"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    username: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str | None] = mapped_column(String(URI))
    published: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default=ActorState.ACTIVE)
    key_id: Mapped[str] = mapped_column(String(URI))
    private_pem: Mapped[str] = mapped_column(Text)
    public_pem: Mapped[str] = mapped_column(Text)
    # Ed25519, for object proofs; an actor older than those gets its key when it is next brought up to date.
    prover_pem: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]


class Peer(Federation):
    """Another instance, by authority (host with port), and the directory of actors it shows."""

    __tablename__ = "peer"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    host: Mapped[str] = mapped_column(String(261), unique=True)
    state: Mapped[str] = mapped_column(String(16), default=PeerState.NEW)
    name: Mapped[str] = mapped_column(Text, default="")
    application_uri: Mapped[str | None] = mapped_column(String(URI))
    desk_uri: Mapped[str | None] = mapped_column(String(URI))
    directory: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(Text, default="")
    # Shown to whoever gets our list of blocks; the note is for ourselves.
    public_comment: Mapped[str] = mapped_column(Text, default="", server_default="")
    # When somebody decided to speak to it, to limit it, and what stands now; lists decide as well as people.
    approved_at: Mapped[datetime | None]
    limited_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    by_list: Mapped[bool] = mapped_column(default=False, server_default=false())
    # A marketplace gets offers in its own way (`activitypub.dialects`), if an administrator chose that.
    market: Mapped[str | None] = mapped_column(String(16))
    added_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)


class RemoteActor(Federation):
    """An actor of another host as last fetched; `followers` is their collection's URI."""

    __tablename__ = "remote_actor"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uri: Mapped[str] = mapped_column(String(URI), unique=True)
    host: Mapped[str] = mapped_column(String(261), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    username: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text, default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str | None] = mapped_column(String(URI))
    inbox: Mapped[str] = mapped_column(String(URI))
    shared_inbox: Mapped[str | None] = mapped_column(String(URI))
    outbox: Mapped[str | None] = mapped_column(String(URI))
    followers: Mapped[str | None] = mapped_column(String(URI))
    key_id: Mapped[str | None] = mapped_column(String(URI), index=True)
    public_pem: Mapped[str | None] = mapped_column(Text)
    # Ed25519 keys for object proofs: multibase by the key's URI.
    prover_keys: Mapped[dict[str, str]] = mapped_column(default=dict, server_default=text("'{}'"))
    # Whether its server keeps loans as ours does, as it says itself (FEP-844e).
    keeps_loans: Mapped[bool] = mapped_column(default=False, server_default=false())
    fetched_at: Mapped[datetime]
    gone_at: Mapped[datetime | None]


ACTIVE_FOLLOW = text("state IN ('wanted', 'pending', 'accepted') AND remote_uri <> ''")


class Follow(Federation):
    """One subscription between one of our actors and one of theirs."""

    __tablename__ = "follow"
    # A refused or ended follow stays as history beside the new attempt. A handle still to be looked up has an
    # empty remote_uri and is kept unique by `peers.follow`.
    __table_args__ = (
        Index(
            "uq_follow_active",
            "direction",
            "own_username",
            "remote_uri",
            unique=True,
            sqlite_where=ACTIVE_FOLLOW,
            postgresql_where=ACTIVE_FOLLOW,
        ),
        Index("ix_follow_state_due_at", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    direction: Mapped[str] = mapped_column(String(8))
    own_username: Mapped[str] = mapped_column(String(64), index=True)
    remote_uri: Mapped[str] = mapped_column(String(URI), index=True, default="")
    activity_uri: Mapped[str] = mapped_column(String(URI), unique=True)
    state: Mapped[str] = mapped_column(String(16), default=FollowState.WANTED)
    handle: Mapped[str] = mapped_column(Text, default="")
    remote_name: Mapped[str] = mapped_column(Text, default="")
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)


class Relocation(Federation):
    """Somebody followed here moved, and follows went along."""

    __tablename__ = "relocation"

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    old_uri: Mapped[str] = mapped_column(String(URI), index=True)
    new_uri: Mapped[str] = mapped_column(String(URI), index=True)
    name: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class Comparison(Federation):
    """Their followers here, as they say, are not those we know of: their list is to be fetched (FEP-8fcf)."""

    __tablename__ = "comparison"

    actor_uri: Mapped[str] = mapped_column(String(URI), primary_key=True)
    url: Mapped[str] = mapped_column(String(URI))
    due_at: Mapped[datetime | None] = mapped_column(index=True)
    checked_at: Mapped[datetime | None]


class StrangeKey(Federation):
    """A key somebody asked with that is not known yet, one per host."""

    __tablename__ = "strange_key"

    host: Mapped[str] = mapped_column(String(261), primary_key=True)
    key_id: Mapped[str] = mapped_column(String(URI))
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None]


class Lookup(Federation):
    """Somebody elsewhere whom one of ours wants to see before following: what was typed, and what was found."""

    __tablename__ = "lookup"
    __table_args__ = (Index("ix_lookup_state_id", "state", "id"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[UUID] = mapped_column(Uuid, unique=True)
    own_username: Mapped[str] = mapped_column(String(64), index=True)
    target: Mapped[str] = mapped_column(String(URI), default="")
    handle: Mapped[str] = mapped_column(Text, default="")
    state: Mapped[str] = mapped_column(String(16), default=LookupState.WANTED)
    found: Mapped[dict[str, Any] | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(index=True)


class Document(Federation):
    """An object of ours as it is served, byte for byte; gone ones keep their row to answer 410."""

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_actor_listed", "actor_username", "listed", "id"),
        # What was withdrawn, newest first, and what was withdrawn long ago.
        Index("ix_document_state_id", "state", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uri: Mapped[str] = mapped_column(String(URI), unique=True)
    subject_uuid: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    version: Mapped[int] = mapped_column(default=1)
    actor_username: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(32))
    state: Mapped[str] = mapped_column(String(16), default=DocumentState.LIVE)
    body: Mapped[bytes] = mapped_column(LargeBinary)
    url: Mapped[str | None] = mapped_column(String(URI))
    published: Mapped[datetime]
    updated: Mapped[datetime | None]
    listed: Mapped[bool] = mapped_column(default=False, server_default=false())


class Activity(Federation):
    """An activity of ours, the same bytes at every try; unique on the change that caused it."""

    __tablename__ = "activity"
    __table_args__ = (
        UniqueConstraint("change_uuid", "part"),
        Index("ix_activity_actor_public", "actor_username", "public", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uri: Mapped[str] = mapped_column(String(URI), unique=True)
    change_uuid: Mapped[UUID | None] = mapped_column(Uuid)
    part: Mapped[int] = mapped_column(default=0)
    document_uri: Mapped[str | None] = mapped_column(String(URI), index=True)
    actor_username: Mapped[str] = mapped_column(String(64))
    type: Mapped[str] = mapped_column(String(32))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
    public: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Addressed to its author's followers: whoever gets it is asked whether they know the same ones.
    to_followers: Mapped[bool] = mapped_column(default=False, server_default=false())
    blanked: Mapped[bool] = mapped_column(default=False, server_default=false())


class Delivery(Federation):
    """One activity towards one inbox."""

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("activity_id", "inbox"),
        Index("ix_delivery_state_due_at", "state", "due_at"),
        Index("ix_delivery_object_inbox", "object_uri", "inbox", "id"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    activity_id: Mapped[int] = mapped_column(Id, ForeignKey("activity.id"))
    inbox: Mapped[str] = mapped_column(String(URI))
    host: Mapped[str] = mapped_column(String(261), index=True)
    object_uri: Mapped[str] = mapped_column(String(URI))
    state: Mapped[str] = mapped_column(String(16), default=DeliveryState.DUE)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    last_status: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class HostHealth(Federation):
    """How a host that we send to is doing; `health` says what the states mean. No row: never tried."""

    __tablename__ = "host_health"

    host: Mapped[str] = mapped_column(String(261), primary_key=True)
    state: Mapped[str] = mapped_column(String(16))
    failures: Mapped[int] = mapped_column(default=0)
    ok_at: Mapped[datetime | None]
    down_since: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    probe_at: Mapped[datetime | None]


class Exposure(Federation):
    """Which inbox was ever given which object, and since when it was tried: Update and Delete go to all of them."""

    __tablename__ = "exposure"
    __table_args__ = (UniqueConstraint("object_uri", "inbox"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    object_uri: Mapped[str] = mapped_column(String(URI))
    inbox: Mapped[str] = mapped_column(String(URI))
    first_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]


class Crossing(Federation):
    """The verdict on one change as committed here: the hatch copies it home and never judges it a second time."""

    __tablename__ = "crossing"

    change_uuid: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    outcome: Mapped[str] = mapped_column(String(32))
    why: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime]


class GoneObject(Federation):
    """A remote object that `by` deleted: a late Create of it by the same author is refused."""

    __tablename__ = "gone_object"

    uri: Mapped[str] = mapped_column(String(URI), primary_key=True)
    # Part of the key, so that a stranger's Delete silences nobody but the stranger.
    by: Mapped[str] = mapped_column(String(URI), primary_key=True)
    at: Mapped[datetime]


class Letter(Federation):
    """An incoming activity; every letter ends as a sentence, and its bytes are blanked once it is over."""

    __tablename__ = "letter"
    __table_args__ = (
        Index("ix_letter_state_due_at", "state", "due_at"),
        Index("ix_letter_sender_state", "sender", "state"),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    activity_uri: Mapped[str] = mapped_column(String(URI), index=True)
    dedupe_key: Mapped[str] = mapped_column(String(64), unique=True)
    type: Mapped[str] = mapped_column(String(64))
    actor_uri: Mapped[str] = mapped_column(String(URI))
    host: Mapped[str] = mapped_column(String(261))
    sender: Mapped[str] = mapped_column(String(64), default="")
    method: Mapped[str] = mapped_column(String(8), default="POST")
    target: Mapped[str] = mapped_column(String(URI))
    headers: Mapped[dict[str, str]] = mapped_column(default=dict)
    raw: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes | None] = mapped_column(LargeBinary)
    object_uri: Mapped[str | None] = mapped_column(String(URI), index=True)
    author_uri: Mapped[str | None] = mapped_column(String(URI))
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default=LetterState.WAITING)
    sentence: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]
