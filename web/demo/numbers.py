"""The invented house numbers of the demonstration: they come as a real list does, from lines of the address base."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import places, streets
from instance.imports import ban
from instance.imports.stage import Stage
from instance.places import Building
from web.demo.people import Scene

AROUND: Final = range(1, 31)


def enter(session: Session, *, scene: Scene, now: datetime) -> None:
    """Number the streets of a scene's buildings, and say at which number each building stands."""
    with Stage() as stage:
        found = ban.check(session, lines=_lines(session, scene=scene), stage=stage)
        ban.compare(session, stage=stage, found=found)
        ban.enter(session, stage=stage, now=now)
    for house in scene.houses:
        building = session.scalars(select(Building).where(Building.name == house.name)).one()
        city = building.quarter.city.name
        wish = streets.written(house.street, postcode=building.postcode, city=city)
        known = streets.written_so(session, wishes=[wish] if wish is not None else [])
        streets.put_all(session, pairs=[(building.id, one) for one in known.values()])


def _lines(session: Session, *, scene: Scene) -> Iterator[str]:
    yield ";".join(ban.NEEDED) + "\n"
    by_name = {one.name: one for one in places.quarters(session)}
    for place, house in enumerate(scene.houses):
        quarter = by_name[house.quarter]
        street = house.street.partition(" ")[2]
        for number in AROUND:
            yield f"demo_{place:04}_{number:05};{number};;{street};{quarter.postcode};{quarter.city.insee}\n"
