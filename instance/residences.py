"""Residences of several buildings: which buildings belong together, as administrators say.

A residence is a place and no audience: each of its buildings keeps its own board, screens and letters.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance.base import Refused
from instance.places import Building, Residence

NUMBER: Final = re.compile(r"[A-Z0-9]{3,20}")


def tidy_number(text: str, *, field: str) -> str:
    """A number of the register without spaces, in capitals. Raises Refused("registered_shape")."""
    number = "".join(text.split()).upper()
    if not NUMBER.fullmatch(number):
        raise Refused("registered_shape", field=field)
    return number


def of_building(session: Session, *, building: Building) -> Residence | None:
    """The residence a building belongs to, if it is known."""
    return session.get(Residence, building.residence_id) if building.residence_id is not None else None


def buildings(session: Session, *, residence: Residence) -> Sequence[Building]:
    """The buildings of a residence, by name."""
    wanted = select(Building).where(Building.residence_id == residence.id).order_by(Building.name, Building.id)
    return session.scalars(wanted).all()


def join(session: Session, *, building: Building, other: Building, number: str, now: datetime) -> Residence:
    """Say that a building belongs to the same residence as another one.

    The other one's residence counts, then the building's own, then that of the number in the register. Raises
    Refused("residence_itself", field="other"), and where neither has a residence Refused("residence_number") or
    ("registered_shape"), field "number".
    """
    if building.id == other.id:
        raise Refused("residence_itself", field="other")
    residence = (
        of_building(session, building=other)
        or of_building(session, building=building)
        or _numbered(session, number=number, now=now)
    )
    building.residence_id = other.residence_id = residence.id
    session.flush()
    return residence


def _numbered(session: Session, *, number: str, now: datetime) -> Residence:
    if not number.strip():
        raise Refused("residence_number", field="number")
    number = tidy_number(number, field="number")
    known = session.scalar(select(Residence).where(Residence.number == number))
    if known is not None:
        return known
    # Empty until the register says more: then its buildings keep what they were entered with.
    residence = Residence(number=number, name="", street="", lots=0, created_at=now)
    session.add(residence)
    session.flush()
    return residence


def leave(session: Session, *, building: Building) -> None:
    """Take a building out of its residence, which stays known: the register would bring the building back otherwise."""
    building.residence_id = None
    session.flush()
