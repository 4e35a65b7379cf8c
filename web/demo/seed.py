"""Fills one instance of the demonstration: its people and places first, its notices once the cities know each other."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instance import (
    comments,
    conditions,
    conversations,
    halls,
    hours,
    listings,
    loans,
    news,
    notices,
    openings,
    organisations,
    photos,
    pictures,
    places,
    residents,
    rings,
    verification,
)
from instance.conditions import Moment
from instance.happenings import Happening
from instance.hours import TOWN_TIME
from instance.lending import Act
from instance.listings import Direction, Listing
from instance.notices import Notice
from instance.places import Building, City, Lot, Quarter
from instance.residents import Occupancy, Resident
from instance.rings import Pace
from instance.slots import Window
from web.demo import beside, drawing, numbers
from web.demo.people import PASSWORD, Lending, Person, Scene, Slip, Story

SATURDAY = 5  # as `date.weekday` counts
Advance = Callable[[], None]


def settle_in(session: Session, *, scene: Scene, pepper: bytes, now: datetime, advance: Advance) -> None:
    """The city, its quarters, buildings, organisations and people. `advance` is called once for each person."""
    known = places.load_marseille(session, now=now)
    by_name = {quarter.name: quarter for quarter in known}
    for name in scene.quarters:
        places.open_quarter(session, quarter=by_name[name], now=now)
    for publisher in scene.publishers:
        organisations.found(
            session,
            name=publisher.name,
            kind=publisher.kind,
            summary=publisher.summary,
            slug=publisher.slug,
            quarter=by_name[publisher.quarter] if publisher.quarter else None,
            verified=True,
            now=now,
        )
    for house in scene.houses:
        building = places.add_building(
            session,
            quarter=by_name[house.quarter],
            name=house.name,
            street=house.street,
            lots=places.read_lots(house.lots),
            now=now,
        )
        if house.installer:
            building.installer_id = organisations.by_slug(session, slug=house.installer).id
    session.flush()
    numbers.enter(session, scene=scene, now=now)
    for person in scene.people:
        _join(session, person=person, pepper=pepper, now=now)
        advance()


def _join(session: Session, *, person: Person, pepper: bytes, now: datetime) -> None:
    """Residents join as anybody does, by a code from their letterbox; staff without a home are registered."""
    if person.building is None:
        resident = residents.register(
            session,
            login=person.login,
            first_name=person.first_name,
            last_name=person.last_name,
            password=PASSWORD,
            email=None,
            locale="fr",
            role=person.role,
            now=now,
        )
    else:
        code = verification.issue(session, lot=_free_lot(session, person.building), pepper=pepper, now=now)
        resident = residents.join(
            session,
            code=code,
            pepper=pepper,
            login=person.login,
            first_name=person.first_name,
            last_name=person.last_name,
            password=PASSWORD,
            email=None,
            locale="fr",
            now=now,
        )
    if person.writes_for:
        organisation = organisations.by_slug(session, slug=person.writes_for)
        organisations.add_member(session, organisation=organisation, resident=resident, now=now)


def _building(session: Session, name: str) -> Building:
    return session.scalars(select(Building).where(Building.name == name)).one()


def _free_lot(session: Session, building: str) -> Lot:
    wanted = (
        select(Lot)
        .join(Building, Building.id == Lot.building_id)
        .outerjoin(Occupancy, Occupancy.lot_id == Lot.id)
        .where(Building.name == building, Occupancy.id.is_(None))
        .order_by(Lot.position)
        .limit(1)
    )
    return session.scalars(wanted).one()


def is_settled(session: Session) -> bool:
    """Whether somebody lives here already."""
    return bool(session.scalar(select(func.count()).select_from(City)))


def hang_up(session: Session, *, scene: Scene, root: Path, now: datetime) -> None:
    """The notices of a scene; pictures are kept below `root`, the data folder of the home side."""
    for slip in scene.slips:
        listing = _hang_slip(session, slip=slip, now=now)
        _add_details(session, slip=slip, listing=listing, root=root / photos.FOLDER, now=now)
    for one in scene.asks:
        rings.ask(
            session,
            by=_person(session, one.by),
            title=one.title,
            body=one.body,
            audience=one.audience,
            need=one.need,
            pace=Pace.TOMORROW,
            now=now,
        )
    beside.put_up(session, logins={one.login for one in scene.people}, now=now)
    for lending in scene.lent:
        _lend(session, lending=lending, root=root / conditions.FOLDER, now=now)
    for story in scene.stories:
        _publish(session, story=story, now=now)


def _person(session: Session, login: str) -> Resident:
    return residents.by_login(session, login=login)


def _add_details(session: Session, *, slip: Slip, listing: Listing, root: Path, now: datetime) -> None:
    """A picture, and the hours of a standing offer."""
    given: dict[str, Any] = {"listing": listing, "by": _person(session, slip.by), "now": now}
    if slip.picture is not None:
        photos.add(session, root=root, picture=pictures.draw(drawing.drill()), alt=slip.picture, **given)
    if slip.evenings is not None:
        first = now.astimezone(TOWN_TIME).date()
        for weekday in range(5):
            window = Window(weekday=weekday, begins=18 * 60, ends=20 * 60, minutes=30, first=first)
            openings.add(session, window=window, place=slip.evenings, **given)


def _hang_slip(session: Session, *, slip: Slip, now: datetime) -> Listing:
    hang = listings.offer if slip.direction is Direction.OFFER else listings.request
    return hang(
        session,
        by=_person(session, slip.by),
        title=slip.title,
        body=slip.body,
        audience=slip.audience,
        byline=slip.byline,
        now=now,
    )


def _lend(session: Session, *, lending: Lending, root: Path, now: datetime) -> None:
    """A neighbour asks for a thing, and has it for three days; a photograph shows how it was handed over."""
    listing, to = hangs(session, title=lending.title), _person(session, lending.to)
    assert isinstance(listing, Listing)
    assert listing.author is not None
    talk = conversations.answer(session, listing=listing, by=to, body=lending.body, now=now)
    due_on = hours.town_day(now) + timedelta(days=3)
    loan = loans.ask(
        session, conversation=talk, by=to, pickup_at=now + timedelta(hours=1), due_on=due_on, place="", now=now
    )
    loans.agree(session, loan=loan, by=listing.author, terms=loan.terms, now=now)
    given: dict[str, Any] = {"loan": loan, "by": listing.author, "now": now}
    picture = pictures.draw(drawing.raclette())
    conditions.put(session, root=root, moment=Moment.BEFORE, picture=picture, words=lending.shown, **given)
    loans.move(session, act=Act.HAND_OVER, **given)


def _happening(story: Story, *, now: datetime) -> Happening | None:
    if story.saturday is None:
        return None
    today = now.astimezone(TOWN_TIME)
    # The one after today, so that it is still to come at any hour.
    day = today.date() + timedelta(days=(SATURDAY - today.weekday() - 1) % 7 + 1)
    begins, ends = (datetime.combine(day, time(hour), TOWN_TIME).astimezone(UTC) for hour in story.saturday)
    return Happening(begins=begins, ends=ends, place=story.place)


def _publish(session: Session, *, story: Story, now: datetime) -> None:
    item = news.post(
        session,
        organisation=organisations.by_slug(session, slug=story.organisation),
        by=_person(session, story.by),
        title=story.title,
        summary=story.summary,
        body=story.body,
        audience=story.audience,
        building=_building(session, story.building) if story.building else None,
        happening=_happening(story, now=now),
        now=now,
    )
    if story.building:
        neighbour = residents.neighbours(session, building=_building(session, story.building))[0]
        comments.add(session, notice=item, by=neighbour, body="Merci, je préviens mon étage.", now=now)


def hangs(session: Session, *, title: str) -> Notice | None:
    """The notice of this title, when it has arrived."""
    wanted = select(Notice).where(Notice.title == title, Notice.state == notices.State.LIVE.value)
    return session.scalar(wanted)


def answer(session: Session, *, title: str, login: str, body: str, byline: str, now: datetime) -> None:
    """Somebody answers a listing that came from the other city."""
    listing = hangs(session, title=title)
    if isinstance(listing, Listing):
        conversations.answer(session, listing=listing, by=_person(session, login), body=body, byline=byline, now=now)


def put_up_screen(session: Session, *, scene: Scene, now: datetime) -> str:
    """A screen in the hall of the scene's first building, instead of the last run's; returns its key."""
    building = _building(session, scene.houses[0].name)
    for screen in halls.screens(session, building=building):
        halls.remove(session, public_id=screen.public_id, now=now)
    _, key = halls.install(session, building=building, now=now)
    return key


def quarter_slugs(session: Session, *, scene: Scene) -> list[str]:
    """The user names of the scene's open quarters."""
    wanted = select(Quarter.slug).where(Quarter.name.in_(scene.quarters)).order_by(Quarter.slug)
    return list(session.scalars(wanted))
