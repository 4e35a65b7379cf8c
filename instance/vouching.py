"""Speaking for a newcomer: neighbours of the building and administrators do so, over a word given face to face.

Whoever vouches holds a proof that needs no neighbour, so a chain has one link and nobody keeps a ring alive.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session, aliased

from instance import assurance, decisions, introductions, moderation, residents
from instance.assurance import Kind, Level, Proof
from instance.base import Refused
from instance.moderation import Step
from instance.places import Building, Lot
from instance.residents import Resident

# What rests on one person's having looked: a neighbour at a face, an administrator at a document.
BY_SOMEBODY = (Kind.VOUCHED.value, Kind.CHECKED.value)
# What an administrator may say of somebody over their word.
BY_STAFF = frozenset({Kind.NOTE, Kind.LOT_LIST})


@dataclass(frozen=True, slots=True, kw_only=True)
class Newcomer:
    """Whom a word belongs to, and the lot they say they live in."""

    resident: Resident
    lot: Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class Voucher:
    """A neighbour who may speak for others, and the lot from which they do."""

    resident: Resident
    lot: Lot


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of the chain: who speaks for whom, saw whose document or noted it, and in which building."""

    proof: Proof
    newcomer: Resident
    voucher: Resident
    building: Building

    @property
    def counts(self) -> bool:
        """Whether it counts now: a neighbour's word does not while their account is suspended."""
        return self.proof.kind != Kind.VOUCHED or self.voucher.state == residents.State.ACTIVE


# --- neighbours


def may_vouch(session: Session, *, resident: Resident) -> Sequence[Voucher]:
    """The lots from which somebody may speak for others: known there by a letter or a check, not by neighbours only."""
    strong = assurance.strong_in(session, resident_id=resident.id)
    return [
        Voucher(resident=resident, lot=one.lot)
        for one in residents.dwellings(session, resident=resident)
        if one.level >= Level.BUILDING and one.lot.id in strong
    ]


def meet(session: Session, *, word: str, by: Resident, pepper: bytes, now: datetime) -> tuple[Newcomer, Voucher]:
    """Who gave this word to a neighbour, and from which lot that neighbour would speak for them.

    Raises Refused: ("not_checked") for a neighbour who may not vouch, whatever the word; ("word_dead"), ("own_word"),
    ("lot_elsewhere") when no building of the neighbour has the lot, ("same_household"); all with field "word".
    """
    vouchers = may_vouch(session, resident=by)
    if not vouchers:
        raise Refused("not_checked", field="word")
    introduction = introductions.find(session, word=word, pepper=pepper, now=now)
    if introduction.resident_id == by.id:
        raise Refused("own_word", field="word")
    found = [
        (Newcomer(resident=introduction.resident, lot=lot), one)
        for one in vouchers
        if (lot := introductions.lot_called(one.lot.building, number=introduction.lot_number)) is not None
    ]
    if not found:
        raise Refused("lot_elsewhere", field="word")
    outside = [(newcomer, one) for newcomer, one in found if newcomer.lot.id != one.lot.id]
    if not outside:
        raise Refused("same_household", field="word")
    return outside[0]


def vouch(session: Session, *, word: str, by: Resident, pepper: bytes, now: datetime) -> Proof:
    """Say that whoever gave this word lives in the lot they said. Raises Refused as `meet`; twice changes nothing."""
    residents.check_active(session, resident=by)
    newcomer, _ = meet(session, word=word, by=by, pepper=pepper, now=now)
    for one in sorted((by, newcomer.resident), key=lambda one: one.id):
        residents.hold(session, resident=one)
    # Asked again with both of them held: either may have moved or lost a proof meanwhile.
    newcomer, voucher = meet(session, word=word, by=by, pepper=pepper, now=now)
    residents.settle(session, resident=newcomer.resident, lot=newcomer.lot, now=now)
    return assurance.give(
        session,
        resident_id=newcomer.resident.id,
        lot_id=newcomer.lot.id,
        kind=Kind.VOUCHED,
        by_id=by.id,
        household_id=voucher.lot.id,
        now=now,
    )


def take_back(session: Session, *, public_id: uuid.UUID, by: Resident, now: datetime) -> None:
    """Speak for somebody no more: their level falls at once. Raises Refused("not_found") for anybody else's word."""
    residents.check_active(session, resident=by)
    proof = _standing(session, public_id=public_id)
    if proof is None or proof.by_id != by.id:
        raise Refused("not_found")
    assurance.revoke(session, proof=proof, now=now)


def _standing(session: Session, *, public_id: uuid.UUID) -> Proof | None:
    wanted = select(Proof).where(
        Proof.public_id == public_id, Proof.kind == Kind.VOUCHED.value, Proof.revoked_at.is_(None)
    )
    return session.scalar(wanted.with_for_update())


def given(session: Session, *, by: Resident) -> Sequence[Link]:
    """For whom somebody speaks now."""
    return _read(session, _links(Proof.by_id == by.id, Proof.kind == Kind.VOUCHED.value))


def _links(*more: ColumnElement[bool]) -> Select[Proof, Resident, Resident, Building]:
    newcomer, voucher = aliased(Resident), aliased(Resident)
    return (
        select(Proof, newcomer, voucher, Building)
        .join(newcomer, newcomer.id == Proof.resident_id)
        .join(voucher, voucher.id == Proof.by_id)
        .join(Lot, Lot.id == Proof.lot_id)
        .join(Building, Building.id == Lot.building_id)
        .where(Proof.revoked_at.is_(None), *more)
        .order_by(Proof.id.desc())
    )


def _read(session: Session, wanted: Select[Proof, Resident, Resident, Building]) -> list[Link]:
    rows = session.execute(wanted)
    return [Link(proof=proof, newcomer=new, voucher=of, building=building) for proof, new, of, building in rows]


# --- those who look after the place


def _desk(session: Session, *, by: Resident) -> tuple[ColumnElement[bool], ...]:
    """What a moderator looks after: buildings they do not live in, of their quarter if they have one.

    What administrators said is for administrators.
    """
    kinds = (*BY_SOMEBODY, *(one.value for one in BY_STAFF)) if by.is_administrator else BY_SOMEBODY
    theirs = (Proof.kind.in_(kinds), Building.id.not_in(residents.buildings_claimed(session, resident=by)))
    return theirs if by.desk_quarter_id is None else (*theirs, Building.quarter_id == by.desk_quarter_id)


def chain(session: Session, *, reader: Resident, after: uuid.UUID | None = None, limit: int = 50) -> Sequence[Link]:
    """Who speaks for whom or saw a document, newest first: for a moderator, of buildings they do not live in.

    Administrators see what they noted of somebody, and whom they found on the list of lots, too.

    Raises Refused("not_moderator").
    """
    if not reader.is_moderator:
        raise Refused("not_moderator")
    wanted = _links(*_desk(session, by=reader))
    if after is not None:
        wanted = wanted.where(Proof.id < select(Proof.id).where(Proof.public_id == after).scalar_subquery())
    return _read(session, wanted.limit(limit))


def find(session: Session, *, public_id: uuid.UUID, reader: Resident) -> Link:
    """One link, for a moderator of another building. Raises Refused("not_found"|"not_moderator")."""
    if not reader.is_moderator:
        raise Refused("not_moderator")
    found = _read(session, _links(*_desk(session, by=reader), Proof.public_id == public_id))
    if not found:
        raise Refused("not_found")
    return found[0]


def end(session: Session, *, public_id: uuid.UUID, reason: str, by: Resident, now: datetime) -> None:
    """Take a word or a check away, an administrator also a note or a mark of the list of lots.

    The newcomer reads the reason, and the book keeps it.

    Raises Refused (not_found: also of a building in which the moderator lives, not_moderator, missing, too_long).
    """
    residents.check_active(session, resident=by)
    found = find(session, public_id=public_id, reader=by)
    said = decisions.read_reason(reason)
    moderation.note(session, step=Step.UNVOUCH, target=f"proof {public_id}", reason=said, by=by, now=now)
    assurance.revoke(session, proof=found.proof, now=now, reason=said)


def end_home(
    session: Session,
    *,
    resident: Resident,
    building: Building,
    lot_number: str,
    reason: str,
    by: Resident,
    now: datetime,
) -> None:
    """An administrator of another building says that an account is not of a lot: all that showed it ends there.

    A letter that somebody else opened and a code of the hall that was passed on stand in no list: it would say who
    lives where. So account and lot are named, and no answer says whether anything ended. Its owner reads the reason.
    Raises Refused (not_administrator, not_yourself, party, missing, too_long; lot_unknown at "lot").
    """
    residents.check_active(session, resident=by)
    if not by.is_administrator:
        raise Refused("not_administrator")
    if resident.id == by.id:
        raise Refused("not_yourself")
    if building.id in residents.buildings_claimed(session, resident=by):
        raise Refused("party")
    lot = introductions.lot_called(building, number=lot_number)
    if lot is None:
        raise Refused("lot_unknown", field="lot")
    said = decisions.read_reason(reason)
    moderation.note(session, step=Step.UNVOUCH, target=f"resident {resident.public_id}", reason=said, by=by, now=now)
    residents.hold(session, resident=resident)
    assurance.revoke_all(session, resident_id=resident.id, lot_id=lot.id, now=now, reason=said)


def attest(
    session: Session,
    *,
    word: str,
    building: Building,
    kind: Kind,
    reason: str,
    by: Resident,
    pepper: bytes,
    now: datetime,
) -> Proof:
    """An administrator of another building says what they know of whoever gave them this word.

    Raises Refused (not_administrator, party, missing, too_long; word_dead, own_word, lot_elsewhere with field "word").
    """
    residents.check_active(session, resident=by)
    newcomer = introduced(session, word=word, building=building, by=by, pepper=pepper, now=now)
    said = decisions.read_reason(reason)
    if kind not in BY_STAFF:
        raise Refused("not_found", field="kind")
    residents.settle(session, resident=newcomer.resident, lot=newcomer.lot, now=now)
    moderation.note(session, step=Step.ATTEST, target=f"building {building.public_id}", reason=said, by=by, now=now)
    return assurance.give(
        session,
        resident_id=newcomer.resident.id,
        lot_id=newcomer.lot.id,
        kind=kind,
        by_id=by.id,
        reason=said,
        now=now,
    )


def introduced(
    session: Session, *, word: str, building: Building, by: Resident, pepper: bytes, now: datetime
) -> Newcomer:
    """Who gave an administrator this word, if they say that they live in this building. Raises as `attest`."""
    if not by.is_administrator:
        raise Refused("not_administrator")
    if building.id in residents.buildings_claimed(session, resident=by):
        raise Refused("party")
    found = introductions.find(session, word=word, pepper=pepper, now=now)
    if found.resident_id == by.id:
        raise Refused("own_word", field="word")
    lot = introductions.lot_called(building, number=found.lot_number)
    if lot is None:
        raise Refused("lot_elsewhere", field="word")
    return Newcomer(resident=found.resident, lot=lot)
