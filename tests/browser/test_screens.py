"""Five screens of different sizes stay right through 500 random acts, with lines cut and a server that dies."""

import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize
from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import halls, listings, moderation, news, notices, organisations
from instance.audience import Audience
from instance.halls import Wall
from instance.listings import Listing
from instance.news import NewsItem
from instance.notices import Notice, State
from instance.organisations import Kind, Organisation
from instance.places import Building
from instance.residents import Resident, Role
from tests import servers, streams
from tests.instance import neighbourhood
from web import echoes, stores, tables

pytestmark = [
    pytest.mark.timeout(600),
    pytest.mark.processes,
    pytest.mark.sqlite,
]

ACTS = 500
CHECKS = 5
SEED = 20261125
PATIENCE = 60
SIZES = ((1920, 1080), (1080, 1920), (800, 480), (1280, 800), (3840, 2160))
HALLS = ("lilas", "lilas", "tilleuls", "far", "far")
SHOWN = """() => Object.fromEntries([...document.querySelectorAll("[data-part]")].map((part) => [
  part.dataset.part, part.dataset.part === "head"
    ? [part.querySelector("h1").firstChild.textContent.trim()]
    : [...part.querySelectorAll(".hall__title")].map((one) => one.textContent)]))"""
FITS = (
    "() => [document.documentElement.scrollWidth <= innerWidth, document.documentElement.scrollHeight <= innerHeight]"
)


@dataclass(slots=True)
class City:
    """The store, who acts in it, and the buildings by name."""

    store: stores.Store
    people: Sequence[int]
    moderator: int
    organisation: int
    buildings: dict[str, int]
    chance: random.Random
    counts: dict[str, int] = field(default_factory=dict)
    titles: int = 0

    def wall(self, name: str) -> Wall:
        with self.store.read() as session:
            return halls.of_building(session, building=session.get_one(Building, self.buildings[name]))

    def act(self) -> None:
        """One random act of somebody, committed."""
        kind = self.chance.choice(("offer", "offer", "news", "edit", "edit", "withdraw", "narrow", "hide"))
        with self.store.write.begin() as session:
            done = getattr(self, f"_{kind}")(session)
        self.counts[kind] = self.counts.get(kind, 0) + bool(done)

    def _title(self) -> str:
        self.titles += 1
        return f"Avis {self.titles} {self.chance.choice(('échelle', 'vélo', 'chaises', 'fête', 'ascenseur'))}"

    def _offer(self, session: Session) -> bool:
        name = self.chance.choice(list(self.buildings))
        by = session.get_one(Resident, self.people[list(self.buildings).index(name)])
        listings.offer(
            session,
            by=by,
            title=self._title(),
            body="x",
            audience=self.chance.choice((Audience.BUILDING, Audience.QUARTER, Audience.INSTANCE)),
            building=session.get_one(Building, self.buildings[name]),
            now=datetime.now(UTC),
        )
        return True

    def _news(self, session: Session) -> bool:
        audience = self.chance.choice((Audience.BUILDING, Audience.INSTANCE))
        news.post(
            session,
            organisation=session.get_one(Organisation, self.organisation),
            by=session.get_one(Resident, self.people[0]),
            title=self._title(),
            summary="En deux mots.",
            body="x",
            audience=audience,
            building=session.get_one(Building, self.buildings["lilas"]) if audience is Audience.BUILDING else None,
            now=datetime.now(UTC),
        )
        return True

    def _one(self, session: Session) -> Notice | None:
        # Among the newest, so that what happens happens on the walls.
        live = session.scalars(
            select(Notice).where(Notice.state == State.LIVE.value).order_by(Notice.id.desc()).limit(25)
        ).all()
        return self.chance.choice(live) if live else None

    def _edit(self, session: Session) -> bool:
        match self._one(session):
            case NewsItem() as item:
                news.edit(
                    session,
                    item=item,
                    by=session.get_one(Resident, self.people[0]),
                    title=self._title(),
                    summary="Autrement dit.",
                    body="y",
                    happening=None,
                    now=datetime.now(UTC),
                )
            case Listing() as listing:
                title = self._title()
                notices.edit(session, notice=listing, by=listing.author, title=title, body="y", now=datetime.now(UTC))
            case _:
                return False
        return True

    def _withdraw(self, session: Session) -> bool:
        found = self._one(session)
        if found is None:
            return False
        notices.withdraw(session, notice=found, by=found.author, now=datetime.now(UTC))
        return True

    def _narrow(self, session: Session) -> bool:
        found = self._one(session)
        if not isinstance(found, Listing) or found.audience is Audience.BUILDING:
            return False
        name = list(self.buildings)[list(self.people).index(found.author_id)]
        narrower = self.chance.choice([one for one in (Audience.BUILDING, Audience.QUARTER) if one < found.audience])
        building = session.get_one(Building, self.buildings[name])
        where = {"building": building, "quarter": building.quarter}
        notices.narrow(session, notice=found, by=found.author, audience=narrower, now=datetime.now(UTC), **where)
        return True

    def _hide(self, session: Session) -> bool:
        found = self._one(session)
        if found is None or self.chance.random() < 0.5:
            return False
        moderation.hide(
            session,
            notice=found,
            reason="essai",
            by=session.get_one(Resident, self.moderator),
            now=datetime.now(UTC),
        )
        return True


@pytest.fixture
def city(tmp_path: Path, valkey_url: str) -> Iterator[City]:
    servers.fill(f"sqlite:///{tmp_path}/home.sqlite", tables.HOME)
    servers.fill(f"sqlite:///{tmp_path}/federation.sqlite", tables.FEDERATION)
    store = stores.open_store(f"sqlite:///{tmp_path / 'home.sqlite'}")
    with store.write.begin() as session:
        town = neighbourhood.build(session)
        buildings = {"lilas": town.lilas, "tilleuls": town.tilleuls, "far": town.far}
        people = [town.resident(one) for one in buildings.values()]
        moderator = town.resident(role=Role.MODERATOR)
        organisation = organisations.found(session, name="Bâtisseurs", kind=Kind.DEVELOPER, summary="x", now=town.now)
        organisations.add_member(session, organisation=organisation, resident=people[0], now=town.now)
        organisations.answer_for(session, building=town.lilas, organisation=organisation)
    echoes.watch(store, echoes.Voice(valkey_url))
    yield City(
        store=store,
        people=[one.id for one in people],
        moderator=moderator.id,
        organisation=organisation.id,
        buildings={name: one.id for name, one in buildings.items()},
        chance=random.Random(SEED),
    )
    store.close()


@pytest.fixture
def environ(city: City, tmp_path: Path, valkey_url: str) -> dict[str, str]:
    return streams.environment(
        tmp_path / "data",
        home_url=str(city.store.engine.url),
        broker_url=valkey_url,
        port=streams.free_port(),
        PALIER_FEDERATION_DATABASE_URL=f"sqlite:///{tmp_path / 'federation.sqlite'}",
        PALIER_FEDERATION_BROKER_URL=f"unix://{tmp_path / 'nobody.sock'}",
        PALIER_DEFAULT_LOCALE="fr",
    )


@dataclass(slots=True)
class Hung:
    """A screen on its wall."""

    context: BrowserContext
    page: Page
    hall: str
    wrong: list[str] = field(default_factory=list)
    cut: bool = False

    def cut_line(self, *, cut: bool) -> None:
        self.cut = cut
        self.context.set_offline(cut)

    def is_right(self, city: City) -> bool:
        wall = city.wall(self.hall)
        return self.page.evaluate(SHOWN) == {
            "head": [wall.building],
            "installer": [one.title for one in wall.installer],
            "home": [one.title for one in wall.at_home],
            "around": [one.title for one in wall.around],
            "urgent": [one.title for one in wall.urgent],
        }


def hang(browser: Browser, city: City, origin: str) -> Iterator[Hung]:
    """Pair each screen as people do: it shows a code, somebody who may types it."""
    for (width, height), hall in zip(SIZES, HALLS, strict=True):
        context = browser.new_context(viewport=ViewportSize(width=width, height=height), locale="fr-FR")
        page = context.new_page()
        page.set_default_timeout(30_000)
        hung = Hung(context=context, page=page, hall=hall)
        page.on("pageerror", lambda error, hung=hung: hung.wrong.append(str(error)))
        page.goto(f"{origin}/hall")
        code = page.inner_text(".hall__code")
        with city.store.write.begin() as session:
            building = session.get_one(Building, city.buildings[hall])
            halls.pair(session, code=code, building=building, now=datetime.now(UTC))
        page.wait_for_selector(".hall__panes", timeout=30_000)
        yield hung


def all_right(screens: Sequence[Hung], city: City) -> None:
    deadline = time.monotonic() + PATIENCE
    for screen in screens:
        while not screen.is_right(city):
            assert time.monotonic() < deadline, (screen.hall, screen.page.evaluate(SHOWN), city.wall(screen.hall))
            screen.page.wait_for_timeout(100)


def test_five_screens_stay_right_through_500_acts(
    browser: Browser, city: City, environ: dict[str, str], tmp_path: Path
) -> None:
    log = tmp_path / "web.log"
    with streams.serve("web", environ, log=log) as web:
        screens = list(hang(browser, city, web.origin))
        all_right(screens, city)
        for number in range(1, ACTS // 2 + 1):
            _act(number, city, screens)
        for pid in streams.running.family(web.process.pid):
            os.kill(pid, signal.SIGKILL)
    for number in range(ACTS // 2 + 1, ACTS // 2 + 21):  # nobody is told of these
        _act(number, city, screens, check=False)
    with streams.serve("web", environ, log=log):
        for number in range(ACTS // 2 + 21, ACTS + 1):
            _act(number, city, screens)
        all_right(_mended(screens), city)
        assert sum(city.counts.values()) > ACTS * 0.7, city.counts
        assert all(city.counts[kind] > 10 for kind in ("offer", "news", "edit", "withdraw", "narrow", "hide")), (
            city.counts
        )
        for screen in screens:
            assert screen.page.evaluate(FITS) == [True, True]
            assert screen.page.locator(".hall__slide[data-now]").count() <= 3
            assert screen.wrong == []
            screen.context.close()


def _act(number: int, city: City, screens: Sequence[Hung], *, check: bool = True) -> None:
    city.act()
    if number % 10 == 0:
        screen = city.chance.choice(screens)
        screen.cut_line(cut=not screen.cut)
    if check and number % (ACTS // CHECKS) == 0:
        all_right(_mended(screens), city)


def _mended(screens: Sequence[Hung]) -> Sequence[Hung]:
    for screen in screens:
        if screen.cut:
            screen.cut_line(cut=False)
    return screens
