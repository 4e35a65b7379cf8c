"""A town: several instances in one process, with real stores, real signatures and the real door of each.

Nothing is mocked but the wire: a request that would leave is handed to the door of the instance it is
for, and kept, so that a test can search everything that ever left.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from activitypub.vocabulary import ActorKind
from federation import absences, catching, doubts, identity, inbox, lookups, peers, pictures, reconciling, sending
from federation.hatch import clippings, handlers, outbox
from federation.models import Delivery, DeliveryState, Letter
from instance import clippings as clippings_at_home
from instance import listings, logins, news, organisations, places, residents
from instance.audience import Audience, Reader
from instance.conversations import Conversation
from instance.listings import Listing
from instance.notices import Notice
from instance.organisations import Kind, Organisation
from instance.places import Building, Lot, Quarter
from instance.reports import Report
from instance.residents import Resident
from tests.town.wires import Sent, Wire
from web import door, home, secret, stores
from web.frame import limits
from web.settings import Settings, SideSettings

PASSWORD = "un mot de passe long"


@dataclass(slots=True, kw_only=True)
class House:
    """One instance of the town."""

    town: "Town"
    origin: str
    home: stores.Store
    federation: stores.Store
    door: Flask
    wire: Wire
    environ: dict[str, str] = field(default_factory=dict)
    is_up: bool = True
    _pages: Flask | None = None

    @property
    def host(self) -> str:
        """Its authority."""
        return urlsplit(self.origin).netloc

    @property
    def pages(self) -> Flask:
        """What residents and visitors see, made when somebody first looks; without what would stop a test's forms."""
        if self._pages is None:
            settings = Settings.read(self.environ)
            secret.ensure(settings.secret_key_file)
            self._pages = home.create_app(settings, now=lambda: self.town.now)
            self._pages.config.update(WTF_CSRF_ENABLED=False)
            self._pages.extensions[limits.LIMITER].enabled = False
        return self._pages

    @property
    def federation_folder(self) -> Path:
        """The folder of the side that talks to others."""
        return SideSettings.read(self.environ).federation_data

    @property
    def clippings(self) -> Path:
        """Where its pictures from elsewhere lie."""
        return Settings.read(self.environ).home_data / clippings_at_home.FOLDER

    def browser(self, resident: Resident | None) -> FlaskClient:
        """A browser of somebody who is signed in, or of a visitor."""
        client = self.pages.test_client()
        if resident is not None:
            with self.home.write.begin() as session:
                known = session.get_one(Resident, resident.id)
                token = logins.open_login(session, resident=known, now=self.town.now)
            with client.session_transaction() as cookie:
                cookie["_user_id"] = token
                cookie["_fresh"] = True
        return client

    def close(self) -> None:
        """Give all connections back."""
        apps = [self.door] if self._pages is None else [self.door, self._pages]
        for store in (self.home, self.federation, *(one for app in apps for one in stores.of(app).values())):
            store.close()

    def work_home(self) -> int:
        """One sweep of the home worker."""
        sides = (self.home.write, self.federation.write)
        out = outbox.sweep(*sides, origin=self.origin, now=self.town.now)
        out += clippings.sweep(*sides, root=self.clippings, now=self.town.now)
        return out + handlers.sweep(*sides, origin=self.origin, now=self.town.now)

    def work_courier(self) -> int:
        """One round of the courier."""
        shared = {"client": self.wire, "origin": self.origin}
        done = peers.run_errands(self.federation.write, now=self.town.now, **shared)
        done += reconciling.run(self.federation.write, client=self.wire, origin=self.origin, now=self.town.now)
        done += catching.run(self.federation.write, client=self.wire, now=self.town.now)
        done += doubts.run(self.federation.write, client=self.wire, now=self.town.now)
        done += pictures.run(self.federation.write, client=self.wire, now=self.town.now)
        done += lookups.run(self.federation.write, client=self.wire, origin=self.origin, now=self.town.now)
        done += inbox.settle(self.federation.write, now=self.town.now, **shared)
        with self.federation.read() as session:
            hosts = sending.hosts_due(session, now=self.town.now)
        for host in hosts:
            done += sending.drain(self.federation.write, host=host, now=lambda: self.town.now, **shared)
        return done

    def wake(self) -> int:
        """The first beat of the courier's heart in a new life."""
        with self.federation.write.begin() as session:
            return absences.beat(session, now=self.town.now)

    # --- people and places

    def quarter(self, name: str) -> Quarter:
        """A quarter that may be followed."""
        with self.home.write.begin() as session:
            city = places.add_city(session, name="Ville", insee="13055", now=self.town.now)
            made = places.add_quarter(session, city=city, name=name, postcode="13012", district=12, now=self.town.now)
            places.open_quarter(session, quarter=made, now=self.town.now)
        return made

    def building(self, quarter: Quarter, *, name: str = "Les Tilleuls", lots: str = "1-8") -> Building:
        """A building with numbered lots."""
        with self.home.write.begin() as session:
            return places.add_building(
                session,
                quarter=session.get_one(Quarter, quarter.id),
                name=name,
                street="14 rue des Tilleuls",
                lots=places.read_lots(lots),
                now=self.town.now,
            )

    def resident(self, first_name: str, *, building: Building | None = None) -> Resident:
        """Somebody who lives in the next free lot of a building."""
        with self.home.write.begin() as session:
            made = residents.register(
                session,
                login=f"{first_name.lower()}.test",
                first_name=first_name,
                last_name="Essai",
                password=PASSWORD,
                email=None,
                locale="fr",
                now=self.town.now,
            )
            if building is not None:
                lots = session.get_one(Building, building.id).lots
                taken = residents.count_lots_registered(session, building=building)
                residents.move_in(session, resident=made, lot=lots[taken], now=self.town.now)
        return made

    def organisation(self, slug: str, *, writer: Resident, quarter: Quarter | None = None) -> Organisation:
        """An organisation and somebody who writes for it."""
        with self.home.write.begin() as session:
            made = organisations.found(
                session,
                name=slug.replace("_", " ").title(),
                kind=Kind.COMMITTEE,
                summary="Association de quartier",
                slug=slug,
                quarter=session.get_one(Quarter, quarter.id) if quarter else None,
                now=self.town.now,
            )
            organisations.add_member(
                session, organisation=made, resident=session.get_one(Resident, writer.id), now=self.town.now
            )
        return made

    # --- doing things

    def do(self, act: Callable[..., object], **given: object) -> object:
        """Call a domain function in a transaction, with rows given from other sessions looked up anew."""
        with self.home.write.begin() as session:
            known = {
                name: session.get_one(type(value), value.id) if isinstance(value, ROWS) else value
                for name, value in given.items()
            }
            return act(session, now=self.town.now, **known)

    def offer(self, by: Resident, title: str, *, audience: Audience, byline: str | None = "Une voisine") -> Listing:
        """Hang an offer."""
        made = self.do(listings.offer, by=by, title=title, body=f"{title}, à prêter.", audience=audience, byline=byline)
        assert isinstance(made, Listing)
        return made

    def publish(
        self, organisation: Organisation, by: Resident, title: str, *, audience: Audience, **more: object
    ) -> Notice:
        """Publish news."""
        made = self.do(
            news.post,
            organisation=organisation,
            by=by,
            title=title,
            summary=f"{title} en bref.",
            body=f"{title}, en détail.",
            audience=audience,
            **more,
        )
        assert isinstance(made, Notice)
        return made

    def follow(self, target: str, *, own_username: str = identity.APPLICATION) -> None:
        """Wish to follow somebody elsewhere."""
        with self.federation.write.begin() as session:
            peers.follow(session, own_username=own_username, target=target, now=self.town.now)

    def add_peer(self, other: "House") -> None:
        """Get to know another instance."""
        with self.federation.write.begin() as session:
            peers.add(session, host=other.host, now=self.town.now)

    # --- looking

    def titles(self) -> set[str]:
        """What hangs on the city's board."""
        with self.home.read() as session:
            wanted = select(Notice).where(Notice.state == "live", Notice.circle == "instance")
            return {notice.title for notice in session.scalars(wanted)}

    def hung(self, title: str) -> Notice:
        """The notice of this title, whoever may see it."""
        with self.home.read() as session:
            return session.scalars(select(Notice).where(Notice.title == title)).one()

    def conversations(self) -> list[Conversation]:
        """All conversations, oldest first, with their letters loaded."""
        with self.home.read() as session:
            found = list(session.scalars(select(Conversation).order_by(Conversation.id)))
            for one in found:
                assert one.messages is not None
                assert one.subject.title is not None
            return found

    def letters(self) -> list[Letter]:
        """What came in."""
        with self.federation.read() as session:
            return list(session.scalars(select(Letter).order_by(Letter.id)))

    def reader(self, resident: Resident) -> Reader:
        """How the board sees somebody."""
        with self.home.read() as session:
            known = session.get_one(Resident, resident.id)
            homes = residents.buildings_of(session, resident=known)
            return Reader(
                resident_id=known.id,
                building_ids=frozenset(one.id for one in homes),
                quarter_ids=frozenset(one.quarter_id for one in homes),
            )


ROWS = (Resident, Organisation, Quarter, Building, Lot, Notice, Conversation, Report)


class Present:
    """The clock of real processes, in place of a town."""

    @property
    def now(self) -> datetime:
        """This very moment."""
        return datetime.now(UTC)


@contextmanager
def beside(data: Path, *, origin: str) -> Iterator[House]:
    """An instance that runs as processes on SQLite, its stores opened beside them; without door and wire here."""
    opened = [stores.open_store(f"sqlite:///{data}/{side}/store.sqlite") for side in (stores.HOME, stores.FEDERATION)]
    try:
        yield House(town=Present(), origin=origin, home=opened[0], federation=opened[1], door=None, wire=None)
    finally:
        for store in opened:
            store.close()


@dataclass(slots=True, kw_only=True)
class Town:
    """All instances, the one clock they share, and everything that ever went between them."""

    now: datetime
    folder: Path
    make_store: Callable[..., str]
    houses: dict[str, House] = field(default_factory=dict)
    sent: list[Sent] = field(default_factory=list)

    def build(self, name: str) -> House:
        """Add an instance with its two stores, its own actors and its door."""
        origin = f"http://{name}.localhost"
        urls = {side: self.make_store(side) for side in (stores.HOME, stores.FEDERATION)}
        environ = {
            "PALIER_ORIGIN": origin,
            "PALIER_DEVELOPMENT": "1",
            "PALIER_DATA": str(self.folder / name),
            "PALIER_HOME_DATABASE_URL": urls[stores.HOME],
            "PALIER_FEDERATION_DATABASE_URL": urls[stores.FEDERATION],
        }
        house = House(
            town=self,
            origin=origin,
            home=stores.open_store(urls[stores.HOME]),
            federation=stores.open_store(urls[stores.FEDERATION]),
            door=door.create_app(SideSettings.read(environ), now=lambda: self.now),
            wire=Wire(self, origin=origin),
            environ=environ,
        )
        with house.federation.write.begin() as session:
            shared = {"origin": origin, "now": self.now, "name": name.title()}
            identity.ensure(session, username=identity.APPLICATION, kind=ActorKind.APPLICATION, **shared)
            identity.ensure(session, username=identity.DESK, kind=ActorKind.SERVICE, **shared)
        self.houses[origin] = house
        return house

    def settle(self, *, rounds: int = 30) -> None:
        """Let every worker work until nobody has anything left to do."""
        for _ in range(rounds):
            if not sum(house.work_home() + house.work_courier() for house in self.houses.values() if house.is_up):
                return
        msg = "the town does not come to rest"
        raise AssertionError(msg)

    def pass_time(self, **span: float) -> None:
        """Let time go by."""
        self.now += timedelta(**span)

    def undelivered(self) -> list[Delivery]:
        """Everything that is still owed to somebody."""
        owed = []
        for house in self.houses.values():
            with house.federation.read() as session:
                owed += session.scalars(select(Delivery).where(Delivery.state != DeliveryState.SENT)).all()
        return owed

    def close(self) -> None:
        """Give all connections back."""
        for house in self.houses.values():
            house.close()
