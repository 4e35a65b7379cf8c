"""Who somebody is as a reader: the places and organisations that are theirs.

Said once, for whoever looks at a page and for whoever is told of it by mail.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from instance import organisations, residents
from instance.assurance import Level
from instance.audience import Reader
from instance.residents import Resident


def reader(session: Session, *, resident: Resident | None, now: datetime) -> Reader:
    """A resident with the boards they may stand in front of; a visitor for None."""
    if resident is None:
        return Reader()
    homes = residents.dwellings(session, resident=resident)
    return Reader(
        resident_id=resident.id,
        building_ids=frozenset(one.lot.building_id for one in homes if one.level >= Level.BUILDING),
        quarter_ids=frozenset(
            one.lot.building.quarter_id for one in homes if one.level >= Level.QUARTER and one.is_lived_in(now=now)
        ),
        organisation_ids=frozenset(one.id for one in organisations.of_resident(session, resident=resident)),
        moderator=resident.is_moderator,
        administrator=resident.is_administrator,
    )
