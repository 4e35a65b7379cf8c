"""The closed list of all that may ever leave home: frozen records, reviewed field by field.

A field that is not here cannot cross. FEDERATION.md names every one of them; a test compares the two.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from activitypub.details import Lending, Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicNews:
    """A piece of news that an organisation addressed to everybody."""

    notice_id: uuid.UUID
    version: int
    organisation: str
    quarter: str | None
    title: str
    summary: str
    html: str
    language: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicEvent:
    """Something that an organisation announced to everybody, with its date; `place` as it wrote it.

    `called_off` says that it does not take place.
    """

    notice_id: uuid.UUID
    version: int
    organisation: str
    quarter: str | None
    title: str
    summary: str
    html: str
    begins: datetime
    ends: datetime | None
    zone: str
    place: str
    called_off: bool
    language: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicListing:
    """An offer or request that a resident let out, under the byline they chose; days, not hours.

    `quarter` is the username of an opened quarter: it decides who is a neighbour and stands in no document.
    """

    notice_id: uuid.UUID
    version: int
    purpose: Purpose
    title: str
    html: str
    byline: str
    quarter_name: str
    quarter: str | None
    language: str
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationProfile:
    """Who an organisation is."""

    organisation_id: uuid.UUID
    version: int
    slug: str
    name: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterProfile:
    """Which quarter this is, and where it lies: `outline` is a map's line, thinned out, as well-known text."""

    quarter_id: uuid.UUID
    version: int
    slug: str
    name: str
    city_name: str
    outline: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskLetter:
    """A resident's letter to exactly one actor elsewhere, in the desk's envelope.

    `reply_to_theirs` and `reply_to_ours` name the letter (or listing) it answers; `thread_of_theirs` is the
    name their side gave the thread, `root_id` our first letter in it when we opened it.
    """

    letter_id: uuid.UUID
    to_actor: str
    byline: str
    html: str
    reply_to_theirs: str | None
    reply_to_ours: uuid.UUID | None
    thread_of_theirs: str | None
    root_id: uuid.UUID
    written: datetime


class LoanSpeech(StrEnum):
    """How a word about a loan is said."""

    OFFER = "offer"
    ACCEPT = "accept"
    REJECT = "reject"
    UPDATE = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanWord:
    """One word about a loan to exactly one desk elsewhere: what a borrower wishes, or how it stands.

    `lending` holds what the two agree on and nothing else: when, where, until when, and in which state it is.
    """

    speech: LoanSpeech
    bond_id: uuid.UUID
    loan_id: uuid.UUID | None
    to_actor: str
    listing_id: uuid.UUID | None
    listing_of_theirs: str | None
    offer_of_theirs: str | None
    amount: str | None
    unit: str | None
    language: str
    thread_of_theirs: str | None
    root_id: uuid.UUID | None
    lending: Lending | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A moderator tells another town that something of theirs is not right: about what, in words chosen for them.

    Nothing says who reported it, what they wrote, or which resident decided.
    """

    complaint_id: uuid.UUID
    to_actor: str
    object_uri: str
    words: str


Notice = PublicNews | PublicEvent | PublicListing
Profile = OrganisationProfile | QuarterProfile
SHAREABLES = (
    PublicNews,
    PublicEvent,
    PublicListing,
    OrganisationProfile,
    QuarterProfile,
    DeskLetter,
    LoanWord,
    Complaint,
)
