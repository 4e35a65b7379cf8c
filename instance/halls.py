"""Hall screens: how one is put up, and the three panes of its wall with an allow-list of what they may show.

A wall is read by whoever walks in: what is not in `slides.Slide` cannot be shown.
"""

import hashlib
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import audience, organisations, slides, verification
from instance.base import Refused, Row
from instance.clippings import Clipping
from instance.notices import Notice, State
from instance.organisations import Organisation
from instance.places import Building, Quarter
from instance.residents import Resident
from instance.slides import Hanging, Slide

INSIDE = 200
CODE_LETTERS = 6
CODE_VALID_FOR = timedelta(minutes=10)
# A screen that waits draws a new code by itself; one that was switched off is forgotten.
PAIRING_KEPT = timedelta(hours=1)
# Whoever opens the page of a new screen makes a row. Beyond this many the oldest ones have to ask again.
MOST_WAITING = 500


class Screen(Row):
    """A screen in a hall. Whoever holds its key sees the wall; only the hash of its key is kept."""

    __tablename__ = "screen"

    building_id: Mapped[int] = mapped_column(ForeignKey("building.id"), index=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    removed_at: Mapped[datetime | None] = mapped_column()
    building: Mapped[Building] = relationship()


class Pairing(Row):
    """A display that shows a code and waits for somebody to type it. Its secret becomes the screen's key."""

    __tablename__ = "pairing"

    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    drawn: Mapped[int] = mapped_column()
    expires_at: Mapped[datetime] = mapped_column(index=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What a waiting display shows, and until when it works."""

    letters: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hall:
    """The building of a wall, with the keys of its circles."""

    building: str
    street: str
    quarter: str
    public_id: uuid.UUID
    building_id: int
    quarter_id: int
    installer_id: int | None
    installer_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wall:
    """One screen's content: the installer's pane, the building's, the quarter's and city's, and what is urgent.

    `public_id` is the building's. It is not shown: the code for newcomers is made from it (`instance.presence`).
    """

    public_id: uuid.UUID

    building: str
    street: str
    quarter: str
    installer_name: str | None
    installer: Sequence[Slide]
    at_home: Sequence[Slide]
    around: Sequence[Slide]
    urgent: Sequence[Slide]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """A mark for everything walls stand on: what differs between two pulses has changed in between."""

    circles: frozenset[tuple[str, int, int, int]]
    places: frozenset[tuple[object, ...]]
    screens: frozenset[int]


# --- putting one up


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def install(session: Session, *, building: Building, now: datetime) -> tuple[Screen, str]:
    """Add a screen and return it with its key, the only time the key can be read."""
    key = secrets.token_urlsafe(24)
    screen = Screen(building=building, key_hash=_digest(key), created_at=now)
    session.add(screen)
    session.flush()
    return screen, key


def _letters(secret: str, *, drawn: int) -> str:
    # The display's secret makes its codes, so that the code on show is stored nowhere, not even here.
    number = int.from_bytes(hashlib.blake2b(f"{drawn}".encode(), key=secret.encode()[:64], digest_size=8).digest())
    base = len(verification.LETTERS)
    return "".join(verification.LETTERS[number // base**place % base] for place in range(CODE_LETTERS))


def ask(session: Session, *, now: datetime) -> str:
    """Let a display wait for somebody who types its code; returns the secret that it must keep."""
    forget_waiting(session, now=now)
    secret = secrets.token_urlsafe(24)
    pairing = Pairing(secret_hash=_digest(secret), drawn=0, created_at=now)
    _draw(session, pairing=pairing, secret=secret, now=now)
    session.add(pairing)
    session.flush()
    return secret


def _draw(session: Session, *, pairing: Pairing, secret: str, now: datetime) -> None:
    with session.no_autoflush:
        while True:
            pairing.drawn += 1
            pairing.code_hash = _digest(_letters(secret, drawn=pairing.drawn))
            if session.scalar(select(Pairing.id).where(Pairing.code_hash == pairing.code_hash)) is None:
                break
    pairing.expires_at = now + CODE_VALID_FOR


def waiting(session: Session, *, secret: str, now: datetime) -> Code | None:
    """The code a waiting display shows. None when it is too old, and when nobody with this secret waits."""
    pairing = _pairing(session, secret=secret)
    if pairing is None or pairing.expires_at <= now:
        return None
    return Code(letters=_letters(secret, drawn=pairing.drawn), until=pairing.expires_at)


def renew(session: Session, *, secret: str, now: datetime) -> Code | None:
    """Another code, when the one on show is too old; None when nobody with this secret waits."""
    pairing = _pairing(session, secret=secret)
    if pairing is None:
        return None
    if pairing.expires_at <= now:
        _draw(session, pairing=pairing, secret=secret, now=now)
        session.flush()
    return waiting(session, secret=secret, now=now)


def _pairing(session: Session, *, secret: str) -> Pairing | None:
    return session.scalar(select(Pairing).where(Pairing.secret_hash == _digest(secret)))


def pair(session: Session, *, code: str, building: Building, now: datetime) -> Screen:
    """Make the display that shows this code a screen of the building.

    Raises Refused("pairing_dead", field="code"), the same for a code that never was and one that is too old.
    """
    letters = verification.tidy(code)
    pairing = session.scalar(select(Pairing).where(Pairing.code_hash == _digest(letters), Pairing.expires_at > now))
    if pairing is None:
        raise Refused("pairing_dead", field="code")
    screen = Screen(building=building, key_hash=pairing.secret_hash, created_at=now)
    session.add(screen)
    session.delete(pairing)
    session.flush()
    return screen


def forget_waiting(session: Session, *, now: datetime) -> None:
    """Delete displays that stopped asking, and the oldest ones when too many wait."""
    session.execute(delete(Pairing).where(Pairing.expires_at <= now - PAIRING_KEPT))
    oldest = session.scalar(select(Pairing.id).order_by(Pairing.id.desc()).offset(MOST_WAITING - 1).limit(1))
    if oldest is not None:
        session.execute(delete(Pairing).where(Pairing.id <= oldest))


def may_install(session: Session, *, building: Building, by: Resident) -> bool:
    """Administrators, and whoever writes for the organisation that answers for the building."""
    if by.is_administrator:
        return True
    if building.installer_id is None:
        return False
    organisation = session.get(Organisation, building.installer_id)
    return organisation is not None and organisations.may_write(session, organisation=organisation, resident=by)


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


def screen(session: Session, *, key: str) -> Screen:
    """The screen with this key. Raises Refused("not_found")."""
    found = session.scalar(select(Screen).where(Screen.key_hash == _digest(key), Screen.removed_at.is_(None)))
    if found is None:
        raise Refused("not_found")
    return found


# --- what it shows


def wall(session: Session, *, key: str) -> Wall:
    """What the screen with this key shows now. Raises Refused("not_found")."""
    return of_building(session, building=screen(session, key=key).building)


def of_building(session: Session, *, building: Building) -> Wall:
    """The wall of a building."""
    return arrange(
        hall(session, building=building),
        inside=slides.hanging(session, circle=audience.building_circle(building.id), limit=INSIDE),
        around=[
            *slides.hanging(session, circle=audience.quarter_circle(building.quarter_id)),
            *slides.hanging(session, circle=audience.CITY_CIRCLE),
        ],
    )


def hall(session: Session, *, building: Building) -> Hall:
    """What a wall says of its building, and the keys of its circles."""
    installer = session.get(Organisation, building.installer_id) if building.installer_id is not None else None
    return Hall(
        building=building.name,
        street=building.street,
        quarter=building.quarter.name,
        public_id=building.public_id,
        building_id=building.id,
        quarter_id=building.quarter_id,
        installer_id=building.installer_id,
        installer_name=installer.name if installer is not None else None,
    )


def arrange(hall: Hall, *, inside: Sequence[Hanging], around: Sequence[Hanging]) -> Wall:
    """Put what hangs in a building's circles into its panes."""
    by_installer = [one for one in inside if hall.installer_id is not None and one.organisation_id == hall.installer_id]
    by_neighbours = [one for one in inside if hall.installer_id is None or one.organisation_id != hall.installer_id]
    return Wall(
        public_id=hall.public_id,
        building=hall.building,
        street=hall.street,
        quarter=hall.quarter,
        installer_name=hall.installer_name,
        installer=slides.newest(by_installer),
        at_home=slides.newest(by_neighbours),
        around=slides.newest(around),
        urgent=slides.urgent([*inside, *around]),
    )


def pulse(session: Session) -> Pulse:
    """One cheap look at all boards, places and screens, to find what nobody was told about."""
    by_circle = (
        select(Notice.circle, func.count(), func.sum(Notice.version), func.max(Notice.id))
        .where(Notice.state == State.LIVE.value)
        .group_by(Notice.circle)
    )
    by_place = (
        select(Building.id, Building.name, Building.street, Quarter.id, Quarter.name, Building.installer_id)
        .join(Quarter, Quarter.id == Building.quarter_id)
        .where(Building.id.in_(select(Screen.building_id).where(Screen.removed_at.is_(None))))
    )
    # A name stands on any wall: each organisation's version counts.
    by_name = select(Organisation.id, Organisation.version)
    # A picture comes after its news, and goes by itself.
    pictures = select(func.count(Clipping.id), func.max(Clipping.id))
    return Pulse(
        circles=frozenset((circle, many, int(sums), last) for circle, many, sums, last in session.execute(by_circle)),
        places=frozenset(
            tuple(row) for statement in (by_place, by_name, pictures) for row in session.execute(statement)
        ),
        screens=frozenset(session.scalars(select(Screen.id).where(Screen.removed_at.is_(None)))),
    )
