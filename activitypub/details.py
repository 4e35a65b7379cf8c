"""What stands inside words: keys, pictures, tags, places, the terms of listings and of agreements.

They are frozen values that know nothing of JSON, as the words are. Sources: ActivityStreams 2.0 Vocabulary (W3C),
FEP-0837 (listings and agreements), FEP-521a (keys), FEP-844e (standards), FEP-e232 (links).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeAlias


class Purpose(StrEnum):
    """Which way a listing points (FEP-0837 ``purpose``)."""

    OFFER = "offer"
    REQUEST = "request"


class Action(StrEnum):
    """What would happen to the thing (FEP-0837 ``action``)."""

    TRANSFER = "transfer"
    DELIVER_SERVICE = "deliverService"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """The RSA key an actor signs its requests with."""

    id: str
    owner: str
    pem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Multikey:
    """The Ed25519 key an actor proves documents with (FEP-521a), as multibase."""

    id: str
    controller: str
    multibase: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """An image beside a text; ``alt`` is its description for those who do not see it."""

    url: str
    media_type: str | None = None
    alt: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """Names an actor in a text, so that its server notifies it."""

    href: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hashtag:
    """A subject word."""

    name: str
    href: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectLink:
    """Points from a text to another document (FEP-e232), for us a listing's pure Proposal (FEP-0ea0 ``rel``)."""

    href: str
    rel: tuple[str, ...] = ()
    media_type: str | None = None
    name: str | None = None


Tag: TypeAlias = Mention | Hashtag | ObjectLink


@dataclass(frozen=True, slots=True, kw_only=True)
class PostalAddress:
    """An address in its parts (schema.org); who gives it as one line has it all in ``street``."""

    street: str | None = None
    postal_code: str | None = None
    locality: str | None = None
    region: str | None = None
    country: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A named place, as coarse as its author chose to write it."""

    name: str
    latitude: float | None = None
    longitude: float | None = None
    id: str | None = None
    address: PostalAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """So many of a unit (OM-2 names: one, hour, EUR …); the number stays text, as FEP-0837 has it."""

    unit: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One half of a listing: what would be given or done."""

    id: str | None = None
    action: Action | None = None
    conforms_to: str | None = None
    quantity: Measure | None = None
    available: Measure | None = None
    minimum: Measure | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalTerms:
    """The terms of a listing (FEP-0837); no ``reciprocal`` means nothing is asked in return."""

    purpose: Purpose
    primary: Intent | None = None
    reciprocal: Intent | None = None
    unit_based: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """One half of an agreement: how much of which intent (FEP-0837), from when until when; an id once it is agreed."""

    satisfies: str
    quantity: Measure | None = None
    id: str | None = None
    begins: datetime | None = None
    ends: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Lending:
    """A loan between two towns: its ``state``, ``version`` and the last act ``heard``, or one ``act`` in ``sequence``.

    ``asker`` is ``lender`` or ``borrower``, ``terms`` the number of the proposal; days are those of the lender's town.
    """

    state: str | None = None
    act: str | None = None
    version: int = 0
    heard: int = 0
    sequence: int = 0
    asker: str | None = None
    terms: int = 0
    pick_up: datetime | None = None
    due: date | None = None
    place: str | None = None
    longer_until: date | None = None


class JoinMode(StrEnum):
    """How one takes part in an event (Mobilizon's words)."""

    FREE = "free"
    RESTRICTED = "restricted"
    EXTERNAL = "external"
    INVITE = "invite"


class EventStatus(StrEnum):
    """Whether an event takes place (RFC 5545 ``STATUS``)."""

    CONFIRMED = "CONFIRMED"
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standard:
    """Something that a server keeps to, named by where it is written (FEP-844e)."""

    href: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """The server behind an actor, and what it keeps to (FEP-844e)."""

    id: str | None = None
    implements: tuple[Standard, ...] = ()
