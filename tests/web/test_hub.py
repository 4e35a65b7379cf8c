"""The hub: who joins gets what it lacks, and a store that fails leaves walls as they are until they catch up."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from instance import halls
from instance.audience import Audience
from instance.places import Building
from instance.residents import Resident
from tests import streams, waiting
from tests.instance import neighbourhood
from tests.instance.neighbourhood import Neighbourhood
from web import stores
from web.live import application, hub
from web.live.hub import Full, Hub
from web.live.mailbox import Mailbox
from web.settings import Settings

until = partial(waiting.until, seconds=60, every=0.01)


class Place:
    """A small city with a hub whose store can fail and whose clock can be set."""

    def __init__(self, store: stores.Store, folder: Path) -> None:
        self.store = store
        self.failing = False
        self.moment = datetime.now(UTC)
        with store.write.begin() as session:
            town = neighbourhood.build(session)
            self.ines = town.resident(town.lilas).id
            self.building = town.lilas.id
            self.screen = halls.install(session, building=town.lilas, now=town.now)[0].id
        environ = streams.environment(
            folder, home_url=f"sqlite:///{folder / 'home.sqlite'}", broker_url="bundled", port=1
        )
        settings = Settings.read({name: value for name, value in environ.items() if name.startswith("PALIER_")})
        self.app = application.create_app(settings, now=lambda: self.moment)
        self.hub = Hub(self.read, draw=application.Draw(self.app, settings=settings), now=lambda: self.moment, most=2)

    def read(self) -> object:
        if self.failing:
            raise OperationalError("SELECT", {}, Exception("gone"))
        return self.store.read()

    def join(self, have: str = "") -> Mailbox:
        return self.hub.join(screen_id=self.screen, building_id=self.building, have=have)

    def offer(self, title: str, **more: object) -> None:
        with self.store.write.begin() as session:
            building = session.get_one(Building, self.building)
            town = Neighbourhood(
                session=session,
                north=building.quarter,
                south=building.quarter,
                lilas=building,
                tilleuls=building,
                far=building,
            )
            town.offer(session.get_one(Resident, self.ines), Audience.BUILDING, title=title, **more)
        self.hub.hear([f"building:{self.building}"])


@pytest.fixture
def place(home_store: stores.Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    monkeypatch.setattr(hub, "AGAIN_SECONDS", 0.05)
    made = Place(home_store, tmp_path)
    made.hub.start()
    yield made
    made.hub.stop()
    until(lambda: not [one for one in threading.enumerate() if one.name == "hub" and one.is_alive()])
    stores.of(made.app)[stores.HOME].close()


def told(box: Mailbox, words: str) -> bool:
    delivery = box.take(seconds=0.2)
    return delivery is not None and any(words.encode() in one.data for one in delivery.frames)


def test_who_joins_gets_what_it_lacks(place: Place) -> None:
    delivery = place.join().take(seconds=20)
    assert delivery is not None
    assert [one.name for one in delivery.frames] == ["head", "installer", "home", "around", "urgent"]
    again = place.join(have=delivery.versions).take(seconds=20)
    assert again is not None
    assert again.frames == ()
    assert again.versions == delivery.versions
    with pytest.raises(Full):
        place.join()


def test_a_store_that_fails_leaves_walls_as_they_are_and_they_catch_up(place: Place) -> None:
    box = place.join()
    assert box.take(seconds=20)
    place.failing = True
    place.offer("Pendant la panne")
    time.sleep(0.3)
    assert not told(box, "Pendant la panne")
    place.failing = False
    until(lambda: told(box, "Pendant la panne"))


def test_who_joins_while_the_store_fails_is_let_go_to_come_again(place: Place) -> None:
    place.failing = True
    box = place.join()
    assert box.take(seconds=20) is None
    place.hub.leave(box)
    place.failing = False
    until(lambda: place.join().take(seconds=20))


def test_freshness_ends_when_nothing_could_be_read_for_long(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    box = place.join()
    assert box.take(seconds=20)
    assert place.hub.fresh
    place.failing = True
    monkeypatch.setattr(hub, "FRESH_SECONDS", 0.2)
    place.hub.look()
    until(lambda: not place.hub.fresh)
    place.failing = False
    until(lambda: place.hub.fresh)


def test_what_is_over_goes_at_its_moment_without_any_echo(place: Place) -> None:
    box = place.join()
    assert box.take(seconds=20)
    place.offer("Bientôt fini")
    until(lambda: told(box, "Bientôt fini"))
    place.moment += timedelta(days=400)
    place.hub.look()
    delivery = box.take(seconds=20)
    assert delivery is not None
    assert "home" in [one.name for one in delivery.frames]
    assert not any("Bientôt fini".encode() in one.data for one in delivery.frames)
