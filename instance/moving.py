"""Moving: who leaves a lot takes their account along and leaves to the building what is the building's."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.orm import Session

from instance import assurance, documents, notices, partings, residents, skills
from instance.audience import Audience
from instance.base import Refused
from instance.conversations import Conversation
from instance.introductions import Introduction
from instance.listings import Listing
from instance.nearby import Nearby
from instance.notices import State
from instance.places import Lot
from instance.recommendations import Recommendation
from instance.residents import Occupancy, Resident
from instance.skills import Skill

NearbyT = TypeVar("NearbyT", bound=Nearby)


def home(session: Session, *, public_id: uuid.UUID, resident: Resident) -> Lot:
    """One's own home, by the public id of its lot. Raises Refused("not_found") for any other."""
    for one in residents.dwellings(session, resident=resident):
        if one.lot.public_id == public_id:
            return one.lot
    raise Refused("not_found")


def ask_about(session: Session, *, lot: Lot, now: datetime) -> None:
    """Ask whoever lives in a lot whether they still do, when a letter for a new tenant is made.

    Nothing closes by itself, and who makes the letter never learns whether somebody was asked or what they said.
    """
    session.execute(update(Occupancy).where(Occupancy.lot_id == lot.id).values(asked_at=now))


def asked(session: Session, *, resident: Resident) -> Sequence[Lot]:
    """The homes about which somebody is asked whether they still live there."""
    wanted = (
        select(Lot)
        .join(Occupancy, Occupancy.lot_id == Lot.id)
        .where(Occupancy.resident_id == resident.id, Occupancy.asked_at.is_not(None))
        .order_by(Lot.id)
    )
    return session.scalars(wanted).all()


def stay(session: Session, *, resident: Resident, lot: Lot) -> None:
    """Say that one still lives there: the question goes."""
    here = update(Occupancy).where(Occupancy.resident_id == resident.id, Occupancy.lot_id == lot.id)
    session.execute(here.values(asked_at=None))


def move_out(session: Session, *, resident: Resident, lot: Lot, now: datetime) -> None:
    """Leave a home: its building closes, with one's own notices and conversations in it; the account remains.

    What hangs in a quarter where one no longer lives comes down, too, and so does the rest when no home is left; what
    one can be asked for and whom one recommends goes the same way.
    Comments, other conversations, loans and what one said for neighbours stay. Of several homes in one building,
    leaving one ends nothing in it.
    """
    residents.hold(session, resident=resident)
    assurance.revoke_all(session, resident_id=resident.id, lot_id=lot.id, now=now)
    session.execute(delete(Occupancy).where(Occupancy.resident_id == resident.id, Occupancy.lot_id == lot.id))
    session.execute(delete(Introduction).where(Introduction.resident_id == resident.id))
    documents.end_of(session, resident=resident, lot=lot, now=now)
    session.expire(resident, ["homes"])
    buildings = {one.id for one in residents.buildings_of(session, resident=resident)}
    quarters = {one.id for one in residents.quarters_of(session, resident=resident, now=now)}
    if lot.building_id not in buildings:
        gone = [_within(Audience.BUILDING) & (Listing.building_id == lot.building_id)]
        if lot.building.quarter_id not in quarters:
            gone.append(_within(Audience.QUARTER) & (Listing.quarter_id == lot.building.quarter_id))
        if not quarters:
            gone.append(~_within(Audience.BUILDING) & ~_within(Audience.QUARTER))
        _take_down(session, resident=resident, gone=or_(*gone), now=now)
        _leave_talks(session, resident=resident, lot=lot, now=now)
        _let_go(session, resident=resident, lot=lot, quarters=quarters, now=now)
    session.flush()


def _within(audience: Audience) -> ColumnElement[bool]:
    return Listing.reach == audience.value


def _take_down(session: Session, *, resident: Resident, gone: ColumnElement[bool], now: datetime) -> None:
    wanted = select(Listing).where(Listing.author_id == resident.id, Listing.state == State.LIVE.value, gone)
    for one in session.scalars(wanted.order_by(Listing.id)).all():
        notices.withdraw(session, notice=one, by=resident, now=now)


def _let_go(session: Session, *, resident: Resident, lot: Lot, quarters: Collection[int], now: datetime) -> None:
    """What they said they can be asked for, and whom they recommend: it was for neighbours they no longer have."""
    for one in session.scalars(_theirs(Skill, resident, lot=lot, quarters=quarters)).all():
        skills.end(one, now=now)
    for row in session.scalars(_theirs(Recommendation, resident, lot=lot, quarters=quarters)).all():
        session.delete(row)


def _theirs(kind: type[NearbyT], resident: Resident, *, lot: Lot, quarters: Collection[int]) -> Select[NearbyT]:
    gone = [kind.building_id == lot.building_id]
    if lot.building.quarter_id not in quarters:
        gone.append(kind.building_id.is_(None) & (kind.quarter_id == lot.building.quarter_id))
    return select(kind).where(kind.author_id == resident.id, or_(*gone)).order_by(kind.id)


def _leave_talks(session: Session, *, resident: Resident, lot: Lot, now: datetime) -> None:
    """Conversations about what hung in the building: they end for whoever leaves, and nobody is told."""
    hung = select(Listing.id).where(Listing.building_id == lot.building_id, _within(Audience.BUILDING))
    stood = select(Skill.id).where(Skill.building_id == lot.building_id)
    wanted = (
        select(Conversation)
        .where(
            or_(Conversation.listing_id.in_(hung), Conversation.skill_id.in_(stood)),
            or_(Conversation.owner_id == resident.id, Conversation.opener_id == resident.id),
        )
        .order_by(Conversation.id)
    )
    for one in session.scalars(wanted).all():
        partings.leave(session, conversation=one, by=resident, now=now)
