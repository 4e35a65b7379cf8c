"""One row of every table that has a public id: real ones of a lived-in building, and bystanders for the rest.

Nothing here is named by hand but what has to happen for it to exist: a new table is among the rows that `every` returns
from the day it has a model, and is asked for at every route like all others.
"""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from instance import (
    comments,
    evidence,
    lookouts,
    moderation,
    news,
    recommendations,
    reports,
    rings,
    skills,
    suspensions,
    waiting,
)
from instance.audience import Audience
from instance.conversations import Conversation
from instance.decisions import Rule
from instance.listings import Listing
from instance.needs import Need
from instance.organisations import Organisation
from instance.places import Building
from instance.residents import Occupancy, Resident
from instance.rings import Pace
from instance.search import Wish
from tests.town import canaries
from tests.town.houses import House
from web import tables


def live(house: House, *, building: Building, odile: Resident, amir: Resident, judge: Resident) -> None:
    """What else happens in a building: an ask that widens, a comment, waiting, reports, decisions, and a suspension."""
    house.organisation("gardiens", writer=odile)
    with house.home.write.begin() as session:
        _ask(session, by=session.get_one(Resident, odile.id), house=house)
        _judged(session, house=house, building=building.id, persons=(odile.id, amir.id, judge.id))


def _ask(session: Session, *, by: Resident, house: House) -> None:
    _beside(session, by=by, now=house.town.now)
    words = {"title": "Un œuf", "body": "Pour ce soir.", "audience": Audience.QUARTER}
    lookouts.keep(session, by=by, reader=house.reader(by), wish=Wish(words="escabeau"), now=house.town.now)
    rings.ask(session, by=by, need=Need.HAND, pace=Pace.HOURS, now=house.town.now, **words)


def _beside(session: Session, *, by: Resident, now: datetime) -> None:
    """What stands beside the board: something that she may be asked for, and a craftsman whom she recommends."""
    here = {"audience": Audience.BUILDING, "building": None, "now": now}
    skills.offer(session, by=by, title="Tenir une échelle", **here)
    words = {"trade": "plumber", "name": "Les Tuyaux", "phone": "", "site": "", "done": "Une fuite."}
    recommendations.write(session, by=by, words=recommendations.read(**words), **here)


def _judged(session: Session, *, house: House, building: int, persons: tuple[int, int, int]) -> None:
    odile, amir, judge = (session.get_one(Resident, one) for one in persons)
    place, now = session.get_one(Building, building), house.town.now
    team = session.scalars(select(Organisation).where(Organisation.slug == "gardiens")).one()
    place.installer_id = team.id
    words = {"title": "Eau coupée", "summary": "Mardi.", "body": "Le matin.", "audience": Audience.BUILDING}
    item = news.post(session, organisation=team, by=odile, building=place, now=now, **words)
    said = comments.add(session, notice=item, by=amir, body="Encore.", now=now)
    hidden = comments.add(session, notice=item, by=amir, body="Toujours.", now=now)
    ladder = session.scalars(select(Listing).where(Listing.title == "Escabeau")).one()
    waiting.put_down(session, listing=ladder, resident=amir, now=now)
    why = {"reason": "Pour l’essai.", "now": now}
    talk = session.scalars(select(Conversation)).first()
    assert talk is not None
    for target, one in ((evidence.Target.COMMENT, said.public_id), (evidence.Target.PERSON, talk.public_id)):
        entry = reports.report(session, target=target, public_id=one, by=odile, reader=house.reader(odile), **why)
        if target is evidence.Target.COMMENT:
            moderation.warn(session, entry=entry, by=judge, rule=Rule.RESPECT, **why)
    moderation.hide_comment(session, comment=hidden, by=judge, rule=Rule.RESPECT, **why)


def suspended(house: House, *, building: Building, judge: Resident) -> Resident:
    """Somebody of the building whose account is locked, with a notice that is hidden by that."""
    tom = house.resident("Tom", building=building)
    house.offer(tom, "Perceuse", audience=Audience.BUILDING)
    with house.home.write.begin() as session:
        given = {"resident": session.get_one(Resident, tom.id), "by": session.get_one(Resident, judge.id)}
        until = house.town.now + timedelta(days=7)
        suspensions.suspend(session, reason="x", rule=Rule.LAW, until=until, now=house.town.now, **given)
    return tom


def with_public_id() -> list[Table]:
    """Every table of the home store whose rows have an address."""
    return [one for one in tables.HOME.sorted_tables if "public_id" in one.columns]


def every(house: House, *, readers: Collection[int], real: Collection[str]) -> dict[str, list[uuid.UUID]]:
    """For each table, the public ids of rows that are none of the readers': lived-in ones, and a bystander of each.

    `real` are the tables that must have a lived-in row.
    """
    found: dict[str, list[uuid.UUID]] = {}
    with house.home.read() as session:
        # A lot names no resident, and is somebody's home all the same.
        homes = set(session.scalars(select(Occupancy.lot_id).where(Occupancy.resident_id.in_(readers))))
        for table in with_public_id():
            rows = session.execute(select(table).order_by(table.c.id)).mappings().all()
            found[table.name] = [row["public_id"] for row in rows if not _is_of(table, row, readers, homes)][:1]
    assert {one for one in real if not found[one]} == set(), "nothing of it happens in the building"
    with house.home.write() as session:
        canaries.bystanders(session)
        for table in with_public_id():
            newest = select(table.c.public_id).order_by(table.c.id.desc())
            if not found[table.name]:
                found[table.name] = list(session.scalars(newest.limit(1)))
        session.commit()
    return found


def _is_of(table: Table, row: object, readers: Collection[int], homes: Collection[int]) -> bool:
    if table.name == "lot":
        return row["id"] in homes  # type: ignore[index]
    keys = [one.name for one in table.columns if any(key.column.table.name == "resident" for key in one.foreign_keys)]
    if table.name == "resident":
        keys.append("id")
    return any(row[key] in readers for key in keys)  # type: ignore[index]
