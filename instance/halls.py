"""Hall screens: three panes, and an allow-list of what a wall may show.

A wall is read by whoever walks in. So a pane carries titles, kinds, organisations and hours, and has no
field for a resident's name, floor or picture: what is not in `Slide` cannot be shown.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import audience, notices
from instance.base import Refused, Row
from instance.listings import Listing
from instance.news import NewsItem
from instance.notices import Notice
from instance.organisations import Organisation
from instance.places import Building

SLIDES = 6
INSIDE = 200


class Screen(Row):
    """A screen in a hall. Whoever holds its address sees the wall; only the hash of its key is kept."""

    __tablename__ = "screen"

    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    removed_at: Mapped[datetime | None] = mapped_column()
    building: Mapped[Building] = relationship()


@dataclass(frozen=True, slots=True, kw_only=True)
class Slide:
    """All that a wall may show of one notice."""

    kind: str
    title: str
    summary: str
    organisation: str | None
    city: str | None
    audience: audience.Audience
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """One screen's content: the installer's pane, the building's, the quarter's and city's."""

    building: str
    street: str
    quarter: str
    installer_name: str | None
    installer: Sequence[Slide]
    at_home: Sequence[Slide]
    around: Sequence[Slide]


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def install(session: Session, *, building: Building, now: datetime) -> tuple[Screen, str]:
    """Add a screen and return it with its key, the only time the key can be read."""
    key = secrets.token_urlsafe(24)
    screen = Screen(building=building, key_hash=_digest(key), created_at=now)
    session.add(screen)
    session.flush()
    return screen, key


def remove(session: Session, *, public_id: uuid.UUID, now: datetime) -> None:
    """Switch a screen off for good. Raises Refused("not_found")."""
    screen = session.scalar(select(Screen).where(Screen.public_id == public_id))
    if screen is None:
        raise Refused("not_found")
    screen.removed_at = now
    session.flush()


def screens(session: Session, *, building: Building) -> Sequence[Screen]:
    """The screens of a building that are in use."""
    wanted = select(Screen).where(Screen.building_id == building.id, Screen.removed_at.is_(None))
    return session.scalars(wanted.order_by(Screen.id)).all()


def wall(session: Session, *, key: str) -> Wall:
    """What the screen with this key shows now. Raises Refused("not_found")."""
    screen = session.scalar(select(Screen).where(Screen.key_hash == _digest(key), Screen.removed_at.is_(None)))
    if screen is None:
        raise Refused("not_found")
    return of_building(session, building=screen.building)


def of_building(session: Session, *, building: Building) -> Wall:
    """The wall of a building."""
    # Deep enough that neither the installer nor the neighbours push the others off the wall.
    inside = notices.board(session, circle=audience.building_circle(building.id), limit=INSIDE)
    around = [
        *notices.board(session, circle=audience.quarter_circle(building.quarter_id)),
        *notices.board(session, circle=audience.CITY_CIRCLE),
    ]
    around.sort(key=lambda one: one.id, reverse=True)
    by_installer = [one for one in inside if _from_installer(one, building=building)]
    by_neighbours = [one for one in inside if not _from_installer(one, building=building)]
    installer = session.get(Organisation, building.installer_id) if building.installer_id is not None else None
    return Wall(
        building=building.name,
        street=building.street,
        quarter=building.quarter.name,
        installer_name=installer.name if installer is not None else None,
        installer=_slides(by_installer),
        at_home=_slides(by_neighbours),
        around=_slides(around),
    )


def _from_installer(notice: Notice, *, building: Building) -> bool:
    return building.installer_id is not None and notice.organisation_id == building.installer_id


def _slides(wanted: Sequence[Notice]) -> Sequence[Slide]:
    return tuple(_slide(one) for one in wanted[:SLIDES])


def _slide(notice: Notice) -> Slide:
    return Slide(
        kind=notice.direction if isinstance(notice, Listing) else "news",
        title=notice.title,
        summary=notice.summary if isinstance(notice, NewsItem) else "",
        organisation=notice.organisation.name if notice.organisation else None,
        city=notice.origin_name,
        audience=notice.audience,
        since=notice.created_at,
        until=notice.expires_at,
    )
