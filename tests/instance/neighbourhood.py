"""A small invented city for tests of the domain: two quarters, three buildings, and whoever a test moves in."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from instance import boards, listings, news, notices, organisations, places, reading, residents
from instance.audience import Audience, Reader
from instance.listings import Listing
from instance.news import NewsItem
from instance.organisations import Kind, Organisation
from instance.places import Building, Quarter
from instance.residents import Resident, Role
from tests import servers
from web import stores, tables

NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)
PEPPER = b"not a secret, this is a test"
PASSWORD = "correct horse"


@contextmanager
def fresh_session() -> Iterator[Session]:
    """A writing session on an empty home store in memory."""
    store = stores.wrap(create_engine("sqlite://", **stores.options("sqlite://")))
    with store.engine.connect() as connection:
        connection.connection.driver_connection.deserialize(servers.blank(tables.HOME))
    with store.write() as session:
        yield session
    store.close()


@dataclass(slots=True)
class Neighbourhood:
    """The places, and short ways to fill them."""

    session: Session
    north: Quarter
    south: Quarter
    lilas: Building
    tilleuls: Building
    far: Building
    now: datetime = NOW
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def later(self, **span: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**span)
        return self.now

    def resident(self, *homes: Building, role: Role = Role.RESIDENT, name: str = "") -> Resident:
        """Somebody who lives in the first lot of each of these buildings."""
        n = next(self.numbers)
        somebody = residents.register(
            self.session,
            login=name.lower() or f"voisin{n}",
            first_name=name or f"Prénom{n}",
            last_name=f"Famille{n}",
            password=PASSWORD,
            email=None,
            locale="fr",
            role=role,
            now=self.now,
        )
        for home in homes:
            residents.move_in(self.session, resident=somebody, lot=home.lots[0], now=self.now)
        return somebody

    def reader(self, somebody: Resident) -> Reader:
        """What the doors make of a signed-in resident."""
        return reading.reader(self.session, resident=somebody, now=self.now)

    def organisation(self, *members: Resident, quarter: Quarter | None = None, name: str = "") -> Organisation:
        """A committee with these members."""
        found = organisations.found(
            self.session,
            name=name or f"Comité {next(self.numbers)}",
            kind=Kind.COMMITTEE,
            summary="Un comité inventé.",
            quarter=quarter,
            now=self.now,
        )
        for member in members:
            organisations.add_member(self.session, organisation=found, resident=member, now=self.now)
        return found

    def offer(self, by: Resident, audience: Audience, *, title: str = "Une échelle", **more: object) -> Listing:
        """An offer."""
        byline = "Une voisine" if audience is Audience.NETWORK else None
        return listings.offer(
            self.session,
            by=by,
            title=title,
            body="À prêter le samedi.",
            audience=audience,
            now=self.now,
            **{"byline": byline, **more},
        )

    def post(self, by: Resident, organisation: Organisation, audience: Audience, **more: object) -> NewsItem:
        """A piece of news."""
        words = {"title": "Fête du quartier", "summary": "Samedi sur la place.", "body": "Venez **nombreux**."}
        return news.post(
            self.session, organisation=organisation, by=by, audience=audience, now=self.now, **{**words, **more}
        )

    def feed(self, reader: Reader, *, limit: int = 20) -> list[notices.Notice]:
        """The whole feed, page after page."""
        found: list[notices.Notice] = []
        before = None
        while True:
            page = boards.feed(self.session, reader=reader, before=before, limit=limit)
            assert len(page.notices) <= limit
            found.extend(page.notices)
            before = page.before
            if before is None:
                return found


def build(session: Session) -> Neighbourhood:
    """The city of every test."""
    city = places.add_city(session, name="Ville-d’Essai", insee="99001", now=NOW)
    north, south = (
        places.add_quarter(session, city=city, name=name, postcode="99000", district=None, now=NOW)
        for name in ("Quartier Nord", "Quartier Sud")
    )
    lilas, tilleuls, far = (
        places.add_building(session, quarter=quarter, name=name, street=f"1 rue {name}", lots=["1", "2"], now=NOW)
        for quarter, name in ((north, "Les Lilas"), (north, "Les Tilleuls"), (south, "Au Loin"))
    )
    return Neighbourhood(session=session, north=north, south=south, lilas=lilas, tilleuls=tilleuls, far=far)


def origin(n: int = 1, **more: object) -> notices.Origin:
    """Where a notice from another city comes from."""
    given = {
        "uri": f"https://ailleurs.example/users/instance/items/{n}",
        "actor_uri": "https://ailleurs.example/users/instance",
        "name": "Ailleurs",
        "host": "ailleurs.example",
        "url": f"https://ailleurs.example/notices/{n}",
        "updated": NOW,
    }
    return notices.Origin(**{**given, **more})
