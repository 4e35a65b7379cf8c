"""How somebody is known, in plain words: levels, what each opens, and what stands for them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from instance import assurance, residents
from instance.assurance import Kind, Level, Proof
from instance.residents import Dwelling, Resident
from web.frame import moments

LEVELS: Final[dict[Level, LazyString]] = {
    Level.ACCOUNT: lazy_gettext("Not checked yet"),
    Level.QUARTER: lazy_gettext("Known in the quarter"),
    Level.BUILDING: lazy_gettext("Known in the building"),
    Level.LOT_LIST: lazy_gettext("Known in the building, and on the list of lots"),
}
OPENS: Final[dict[Level, LazyString]] = {
    Level.ACCOUNT: lazy_gettext("You read what is public, as everybody does."),
    Level.QUARTER: lazy_gettext(
        "You read the boards of your quarter and of the town, answer there, and can hang offers and requests in your"
        " quarter. Nothing of the building."
    ),
    Level.BUILDING: lazy_gettext("You read the board of your building too, and can hang notices on all boards."),
    Level.LOT_LIST: lazy_gettext(
        "You read the board of your building too, and can hang notices on all boards. When your building votes here,"
        " you will have your voice."
    ),
}
# The same where the building is handed over later.
LATER: Final[dict[Level, LazyString]] = {
    Level.ACCOUNT: OPENS[Level.ACCOUNT],
    Level.QUARTER: lazy_gettext("Until then you read what is public, as everybody does."),
    Level.BUILDING: lazy_gettext(
        "Until then the board of the building is yours, with the other future neighbours. Quarter and town open on that"
        " day, by themselves."
    ),
}
# The door of the look: closed means that it is the building's.
DOORS: Final[dict[Level, str]] = {
    Level.ACCOUNT: "network",
    Level.QUARTER: "quarter",
    Level.BUILDING: "building",
    Level.LOT_LIST: "building",
}
NEXT: Final[dict[Level, LazyString | None]] = {
    Level.ACCOUNT: lazy_gettext("One of the ways below opens the quarter or the building."),
    Level.QUARTER: lazy_gettext(
        "The code of your letterbox opens the building. So does a second neighbour’s word from another home, or, beside"
        " the code of the hall, the word of one."
    ),
    Level.BUILDING: lazy_gettext("Nothing more is needed. Only the list of lots goes further, for votes."),
    Level.LOT_LIST: None,
}
KINDS: Final[dict[Kind, LazyString]] = {
    Kind.LETTER: lazy_gettext("You opened the letterbox"),
    Kind.CHECKED: lazy_gettext("An administrator saw a document"),
    Kind.VOUCHED: lazy_gettext("A neighbour answers for you"),
    Kind.PRESENCE: lazy_gettext("You read the code in the hall"),
    Kind.NOTE: lazy_gettext("An administrator knows you"),
    Kind.LOT_LIST: lazy_gettext("You are on the list of lots"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofLine:
    """One proof as its owner reads it: who answered is not said, so that nobody is asked why they took it back.

    `paused`: it does not count now, and may again.
    """

    word: str
    since: datetime
    until: datetime | None
    reason: str | None
    paused: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeCard:
    """One home: how far somebody is known there, what that opens, what stands for them, what would open more."""

    public_id: uuid.UUID
    building: str
    street: str
    lot: str
    door: str
    level: str
    opens: str
    further: str | None
    proofs: Sequence[ProofLine]
    ready: datetime | None


def homes(session: Session, *, resident: Resident) -> tuple[HomeCard, ...]:
    """Every home of somebody, with what is known of it."""
    proofs = assurance.of_resident(session, resident_id=resident.id)
    paused = assurance.paused(session, resident_id=resident.id)
    return tuple(
        _card(one, proofs=[_line(proof, paused=proof.id in paused) for proof in proofs if proof.lot_id == one.lot.id])
        for one in residents.dwellings(session, resident=resident)
    )


def _card(home: Dwelling, *, proofs: Sequence[ProofLine]) -> HomeCard:
    ready = moments.to_come(home.lot.building)
    level = home.level if ready is None else min(home.level, Level.BUILDING)
    further = NEXT[level]
    return HomeCard(
        public_id=home.lot.public_id,
        building=home.lot.building.name,
        street=home.lot.building.street,
        lot=home.lot.number,
        door=DOORS[level],
        level=str(LEVELS[level]),
        opens=str(OPENS[level] if ready is None else LATER[level]),
        further=None if further is None else str(further),
        proofs=proofs,
        ready=ready,
    )


def _line(proof: Proof, *, paused: bool) -> ProofLine:
    return ProofLine(
        word=str(KINDS[Kind(proof.kind)]),
        since=proof.created_at,
        until=proof.revoked_at,
        reason=proof.reason,
        paused=paused,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VouchLine:
    """Somebody one speaks for."""

    public_id: uuid.UUID
    name: str
    where: str
    since: datetime


def where(building: str, *, lot: str) -> str:
    """A home in a few words."""
    return gettext("%(building)s, lot %(lot)s", building=building, lot=lot)
