"""The `live` process: what is committed is on the screens within a second, and nothing else ever is."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from instance import halls, listings, news, organisations
from instance.audience import Audience
from instance.halls import Screen as Installed
from instance.organisations import Kind, Organisation
from instance.places import Building
from instance.residents import Resident
from tests import streams
from tests.instance import neighbourhood
from tests.instance.neighbourhood import Neighbourhood
from tests.streams import Live, Screen
from web import echoes, stores
from web.live import application
from web.processes import live as live_process
from web.settings import Settings

pytestmark = pytest.mark.processes
# Each test starts a process of its own; what depends on the engine runs on both.
ON_SQLITE = pytest.mark.parametrize("engine_name", [pytest.param("sqlite", marks=pytest.mark.sqlite)])
PROMPT = 20.0  # generous: two cores are shared; the measured figure is that of tests/bench/live.py


@dataclass(slots=True)
class Town:
    """A small city in a real store, with its live process."""

    store: stores.Store
    live: Live
    environ: dict[str, str]
    places: Neighbourhood
    ines: int
    keys: dict[str, str]

    def act(self, what: Callable[[Session, Resident], object]) -> None:
        with self.store.write.begin() as session:
            what(session, session.get_one(Resident, self.ines))

    def offer(self, title: str, audience: Audience, **more: object) -> None:
        self.act(
            lambda session, ines: listings.offer(
                session, by=ines, title=title, body="x", audience=audience, now=datetime.now(UTC), **more
            )
        )

    def screen(self, building: str = "lilas", **more: object) -> Screen:
        return Screen(self.live.port, self.keys[building], **more)


@pytest.fixture
def url(make_store: Callable[..., str]) -> str:
    return make_store("home")


@pytest.fixture
def first() -> str:
    """What is done in the process of the streams before it begins."""
    return ""


@pytest.fixture
def town(url: str, valkey_url: str, tmp_path: Path, first: str) -> Iterator[Town]:
    store = stores.open_store(url)
    echoes.watch(store, echoes.Voice(valkey_url))
    with store.write.begin() as session:
        places = neighbourhood.build(session)
        ines = places.resident(places.lilas, places.far).id
        keys = {
            name: halls.install(session, building=building, now=neighbourhood.NOW)[1]
            for name, building in (("lilas", places.lilas), ("far", places.far))
        }
    environ = streams.environment(
        tmp_path / "data",
        home_url=url,
        broker_url=valkey_url,
        port=streams.free_port(),
        PALIER_LIVE_SCREENS="6",
        PALIER_DEFAULT_LOCALE="fr",
    )
    with streams.serve("live", environ, log=tmp_path / "live.log", first=first) as live:
        yield Town(store=store, live=live, environ=environ, places=places, ines=ines, keys=keys)
    store.close()


def test_a_screen_gets_the_whole_wall_and_then_what_changes(town: Town) -> None:
    town.offer("Une échelle", Audience.BUILDING, building=town.places.lilas)
    with town.screen() as screen, town.screen("far") as far:
        assert screen.status == 200
        assert "text/event-stream" in screen.head
        assert "X-Accel-Buffering: no" in screen.head
        assert "no-store" in screen.head
        first = screen.until("beat")
        assert set(screen.parts) == {"head", "installer", "home", "around", "urgent"}
        assert "Les Lilas" in screen.parts["head"]
        assert "Une échelle" in screen.parts["home"]
        assert len(first.id.split(".")) == 5
        far.until("beat")
        assert "Une échelle" not in "".join(far.parts.values())
        for audience, part, both in (
            (Audience.BUILDING, "home", False),
            (Audience.QUARTER, "around", False),
            (Audience.INSTANCE, "around", True),
        ):
            title = f"Un diable {audience.word}"
            building = {"building": town.places.lilas}
            began = time.monotonic()
            town.offer(title, audience, **building)
            changed = screen.until("part", seconds=PROMPT)
            assert time.monotonic() - began < PROMPT
            assert changed.data["name"] == part
            assert title in changed.data["html"]
            if both:
                assert title in far.until("part", seconds=PROMPT).data["html"]
        assert set(far.parts) == {"head", "installer", "home", "around", "urgent"}
        assert "Un diable building" not in "".join(far.parts.values())
        assert "Un diable quarter" not in "".join(far.parts.values())


@ON_SQLITE
def test_who_has_everything_is_told_nothing_again(town: Town) -> None:
    with town.screen() as screen:
        versions = screen.until("beat").id
    with town.screen(have=versions) as again:
        assert again.until("beat").id == versions
        assert again.parts == {}
    town.offer("Une échelle", Audience.INSTANCE, building=town.places.lilas)
    with town.screen(have=versions) as later:
        later.until("beat")
        assert set(later.parts) == {"around"}


@ON_SQLITE
def test_urgent_news_comes_and_goes_by_itself(town: Town) -> None:
    organisation = _organisation(town)
    with town.screen() as screen:
        screen.until("beat")
        assert "hidden" in screen.parts["urgent"]
        until = datetime.now(UTC) + timedelta(seconds=4)
        town.act(
            lambda session, ines: news.post(
                session,
                organisation=session.merge(organisation),
                by=ines,
                title="Eau coupée",
                summary="x",
                body="x",
                audience=Audience.INSTANCE,
                now=datetime.now(UTC),
                urgent_until=until,
            )
        )
        while "Eau coupée" not in screen.parts["urgent"]:
            screen.until("part", seconds=PROMPT)
        while "Eau coupée" in screen.parts["urgent"]:
            screen.until("part", seconds=PROMPT + 4)
        assert datetime.now(UTC) >= until
        assert "Eau coupée" in screen.parts["around"], "it stays a piece of news"


def _organisation(town: Town) -> Organisation:
    with town.store.write.begin() as session:
        ines = session.get_one(Resident, town.ines)
        found = organisations.found(session, name="Mairie", kind=Kind.TOWN_HALL, summary="x", now=datetime.now(UTC))
        organisations.add_member(session, organisation=found, resident=ines, now=datetime.now(UTC))
    return found


# That it looks by itself is the same after two seconds as after twenty.
@pytest.mark.parametrize("first", ["from web.live import hub; hub.LOOK_SECONDS = 2.0"], ids=["looks often"])
def test_what_no_echo_told_is_found(url: str, town: Town) -> None:
    silent = stores.open_store(url)
    with town.screen() as screen:
        screen.until("beat")
        with silent.write.begin() as session:
            listings.offer(
                session,
                by=session.get_one(Resident, town.ines),
                title="Sans un mot",
                body="x",
                audience=Audience.QUARTER,
                now=datetime.now(UTC),
                building=session.get_one(Building, town.places.lilas.id),
            )
        assert "Sans un mot" in screen.until("part", seconds=60).data["html"]
    silent.close()


@ON_SQLITE
def test_a_screen_that_is_switched_off_is_told_to_go(town: Town) -> None:
    with town.screen() as screen, town.screen("far") as other:
        screen.until("beat")
        other.until("beat")
        with town.store.write.begin() as session:
            installed = halls.screen(session, key=town.keys["lilas"])
            halls.remove(session, public_id=installed.public_id, now=datetime.now(UTC))
        screen.until("gone", seconds=PROMPT)
        list(screen.events(seconds=5))
        assert screen.closed
        assert not other.closed
    with town.screen() as again:
        assert again.status == 404


@ON_SQLITE
def test_a_paired_display_listens_with_its_cookie(town: Town) -> None:
    with town.store.write.begin() as session:
        secret = halls.ask(session, now=datetime.now(UTC))
        code = halls.waiting(session, secret=secret, now=datetime.now(UTC))
        assert code is not None
        building = session.get_one(Building, town.places.lilas.id)
    with Screen(town.live.port, secret, cookie=True) as early:
        assert early.status == 404
    with town.store.write.begin() as session:
        halls.pair(session, code=code.letters, building=session.merge(building), now=datetime.now(UTC))
    with Screen(town.live.port, secret, cookie=True) as screen:
        screen.until("beat")
        assert "Les Lilas" in screen.parts["head"]


@ON_SQLITE
def test_no_more_than_its_cap_and_the_others_are_told_to_come_again(town: Town) -> None:
    with ExitStack() as stack:
        held = [stack.enter_context(town.screen()) for _ in range(6)]
        for one in held:
            one.until("beat")
        with town.screen() as seventh:
            assert seventh.status == 503
            assert "Retry-After: 60" in seventh.head
    deadline = time.monotonic() + 60
    while True:  # a line that was left is noticed when something is written to it
        town.offer("De l’air", Audience.INSTANCE, building=town.places.lilas)
        with town.screen() as again:
            if again.status == 200:
                break
        assert time.monotonic() < deadline
        time.sleep(0.5)


@ON_SQLITE
def test_it_stops_at_once_with_streams_open_and_names_no_key_in_its_log(town: Town) -> None:
    with town.screen() as screen, town.screen("far") as far:
        screen.until("beat")
        far.until("beat")
        began = time.monotonic()
        town.live.process.terminate()
        town.live.process.wait(timeout=60)
        assert time.monotonic() - began < 15
    log = town.live.log.read_text()
    assert "Traceback" not in log
    for key in town.keys.values():
        assert key not in log


def test_the_database_itself_refuses_its_writes(town: Town) -> None:
    app = application.create_app(Settings.read(town.environ), now=live_process.utc_now)
    store = stores.of(app)[stores.HOME]
    with pytest.raises(DBAPIError, match=r"readonly|read-only"), store.write.begin() as session:
        session.execute(text("DELETE FROM screen"))
    with store.read() as session:
        assert session.query(Installed).count() == 2
    store.close()
