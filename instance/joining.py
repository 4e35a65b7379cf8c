"""Coming to live somewhere without a letter: the code on the wall of the hall shows that somebody was there."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import assurance, introductions, presence, residents, verification
from instance.assurance import Kind
from instance.base import Refused
from instance.halls import Screen
from instance.places import Building, Lot
from instance.residents import Resident


def in_the_hall(session: Session, *, resident: Resident, code: str, lot_number: str, key: bytes, now: datetime) -> Lot:
    """Take the code that a wall shows, and the number of the lot somebody says they live in, as a proof of presence.

    Raises Refused ("hall_code_dead", field="code"), ("lot_unknown", field="lot"). Guessing is slowed by the door.
    """
    building = _shown_at(session, code=code, key=key, now=now)
    if building is None:
        raise Refused("hall_code_dead", field="code")
    lot = introductions.lot_called(building, number=lot_number)
    if lot is None:
        raise Refused("lot_unknown", field="lot")
    residents.settle(session, resident=resident, lot=lot, now=now)
    assurance.give(session, resident_id=resident.id, lot_id=lot.id, kind=Kind.PRESENCE, now=now)
    return lot


def _shown_at(session: Session, *, code: str, key: bytes, now: datetime) -> Building | None:
    """The building on whose wall this code is. Each one with a screen is compared: two hashes, some microseconds."""
    typed = verification.tidy(code)
    with_screen = (
        select(Building.id, Building.public_id)
        .where(Building.id.in_(select(Screen.building_id).where(Screen.removed_at.is_(None))))
        .order_by(Building.id)
    )
    for building_id, public_id in session.execute(with_screen):
        if presence.matches(typed, key=key, building=public_id, now=now):
            building = session.get_one(Building, building_id)
            # A display that is tried out before the building is handed over shows who stood in no hall.
            return building if building.stands(now=now) else None
    return None
