"""Letterboxes: the lot that somebody without a letter means, by the address and the number they type."""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from instance import introductions, spelling, streets
from instance.base import Refused
from instance.places import LONGEST_LOT, Building, Lot, Quarter

# More than these are no answer to an address.
MOST: Final = 5
# How many buildings are compared word by word.
LOOKED_AT: Final = 200
# One letter of these may be written with an accent or a cedilla.
ACCENTED: Final = re.compile(r"[aceinouy]")


def called(session: Session, *, where: str, number: str) -> Sequence[Lot]:
    """The lots of this number in the buildings that are called so or stand there; a handful at most.

    Raises Refused: "missing" or "too_long" at either field; "building_unknown" at "where", "lot_unknown" at "lot".
    """
    typed, wanted = where.strip(), number.strip()
    for value, longest, field in ((typed, spelling.LONGEST_WISH, "where"), (wanted, LONGEST_LOT, "lot")):
        if not value:
            raise Refused("missing", field=field)
        if len(value) > longest:
            raise Refused("too_long", field=field)
    buildings = _named(session, typed=typed) or _addressed(session, typed=typed)
    if not buildings:
        raise Refused("building_unknown", field="where")
    found = [introductions.lot_called(one, number=wanted) for one in buildings]
    lots = [one for one in found if one is not None]
    if not lots:
        raise Refused("lot_unknown", field="lot")
    return lots


def home(lot: Lot) -> str:
    """How a building is written where somebody chooses among several."""
    return f"{lot.building.name}, {lot.building.street}"


def _named(session: Session, *, typed: str) -> list[Building]:
    """The buildings in whose name and address all that was typed stands, whatever the accents and short forms."""
    words = spelling.spell(typed).split()
    telling = spelling.kernel(" ".join(words)).split()
    if not telling:
        return []
    # A word is a better sieve than a number, and a long one than a short one.
    sieve = ACCENTED.sub("_", max(telling, key=lambda one: (not one.isdecimal(), len(one))))
    wanted = (
        select(Building)
        .where((Building.name + " " + Building.street).ilike(f"%{sieve}%"))
        .options(joinedload(Building.quarter).joinedload(Quarter.city))
        .order_by(Building.name, Building.id)
        .limit(LOOKED_AT)
    )
    return _few(one for one in session.scalars(wanted) if set(words) <= _words(one))


def _words(building: Building) -> set[str]:
    place = building.quarter
    return set(spelling.spell(f"{building.name} {building.street} {building.postcode} {place.city.name}").split())


def _addressed(session: Session, *, typed: str) -> list[Building]:
    """The buildings at the addresses most like what was typed: slips of the hand are forgiven."""
    near = streets.search(session, text=typed, limit=MOST)
    return _few(one for address in near for one in streets.buildings_at(session, address=address))


def _few(buildings: Iterable[Building]) -> list[Building]:
    return list({one.id: one for one in buildings}.values())[:MOST]
