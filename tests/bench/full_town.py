"""Feed, boards, search, full size: `python -m tests.bench.full_town [--notices 2000000] [--engine sqlite|postgresql]`.

Fills a town of 100,000 residents, 26,000 buildings and so many notices, and asks on each engine, warm: the domain by
itself, and whole pages through Flask's test client, each time as another resident.
"""

import argparse
import gc
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from flask import Flask
from sqlalchemy.orm import Session

from federation.base import Federation
from instance import audience, boards, halls, logins, reading, search
from instance.audience import Reader
from instance.base import Home
from instance.places import Building
from instance.residents import Resident
from instance.search import Place, Wish
from tests import servers
from tests.bench import town_filling
from tests.bench.town_filling import NOW, QUARTERS, Size
from web import home, secret, stores
from web.settings import Settings

ROUNDS: Final = 400
WARM_UP: Final = 60
READERS: Final = 40
TARGET_MS: Final = 50.0
# What its manual advises on a machine of 8 GB: a quarter. "Warm" means that what is read is there.
POSTGRESQL_MEMORY: Final = "2GB"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who reads: what they may see, and the token of their browser."""

    reader: Reader
    building_id: int
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A filled town, opened, and what there is to say of its filling."""

    app: Flask
    store: stores.Store
    people: Sequence[Person]
    said: str


Act = Callable[[Session, Person, random.Random], object]


def _deep(dice: random.Random) -> int:
    return town_filling.key(NOW - timedelta(days=dice.randint(30, 600)), 0)


def _look(**wish: Any) -> Act:
    def act(session: Session, person: Person, dice: random.Random) -> object:
        given: dict[str, Any] = {name: value(dice) if callable(value) else value for name, value in wish.items()}
        return search.find(session, reader=person.reader, wish=Wish(**given), now=NOW)

    return act


def _word(dice: random.Random) -> str:
    return dice.choice(_WORDS)


def _rare(dice: random.Random) -> str:
    return dice.choice(_WORDS[-3000:])


_WORDS: Final = town_filling.vocabulary()
COMMON: Final = _WORDS[0]

DOMAIN: Final[dict[str, Act]] = {
    "feed, first page": lambda session, person, _dice: boards.feed(session, reader=person.reader),
    "feed, deep page": lambda session, person, dice: boards.feed(session, reader=person.reader, before=_deep(dice)),
    "feed, news only": lambda session, person, _dice: boards.feed(session, reader=person.reader, family="news"),
    "board of a building": lambda session, person, _dice: boards.board(
        session, circle=audience.building_circle(person.building_id)
    ),
    "board of a quarter": lambda session, _person, dice: boards.board(
        session, circle=audience.quarter_circle(dice.randint(1, QUARTERS))
    ),
    "wall of a hall": lambda session, person, _dice: halls.of_building(
        session, building=session.get_one(Building, person.building_id)
    ),
    "search, a common word": _look(words=COMMON),
    "search, any word": _look(words=_word),
    "search, a rare word": _look(words=_rare),
    "search, two words": _look(words=lambda dice: f"{dice.choice(_WORDS[:60])} {dice.choice(_WORDS[:60])}"),
    "search, two rare words": _look(words=lambda dice: f"{_rare(dice)} {_rare(dice)}"),
    "search, a beginning (5)": _look(words=lambda dice: dice.choice(_WORDS[:60])[:5]),
    "search, a beginning (3)": _look(words=lambda dice: dice.choice(_WORDS[:60])[:3]),
    "search, nothing found": _look(words="licorne"),
    "search, building": _look(words=COMMON, place=Place.BUILDING),
    "search, other towns": _look(words=_word, place=Place.AWAY),
    "search, requests of a week": _look(
        words=lambda dice: dice.choice(_WORDS[:60]), kind="request", since=NOW - timedelta(days=7)
    ),
}
PAGES: Final[dict[str, Callable[[random.Random], str]]] = {
    "page: board": lambda _dice: "/",
    "page: board, deep": lambda dice: f"/?before={_deep(dice)}",
    "page: search, a common word": lambda _dice: f"/search?q={COMMON}",
    "page: search, any word": lambda dice: f"/search?q={_word(dice)}",
    "page: search, two words": lambda dice: f"/search?q={dice.choice(_WORDS[:60])}+{dice.choice(_WORDS[:60])}",
    "page: search, a beginning": lambda dice: f"/search?q={dice.choice(_WORDS[:60])[:5]}",
    "page: search, nothing found": lambda _dice: "/search?q=licorne",
}


def _times(act: Callable[[], object], *, before: Callable[[], None] = lambda: None) -> list[float]:
    """Milliseconds of each round, sorted; the first ones only warm up."""
    times = []
    for number in range(WARM_UP + ROUNDS):
        before()
        began = time.perf_counter()
        act()
        if number >= WARM_UP:
            times.append((time.perf_counter() - began) * 1000)
    return sorted(times)


def _line(what: str, times: Sequence[float]) -> bool:
    cuts = statistics.quantiles(times, n=100)
    kept = cuts[98] < TARGET_MS
    mark = "" if kept else "  <-- over"
    print(
        f"  {what:30} p50 {cuts[49]:7.2f}  p95 {cuts[94]:7.2f}  p99 {cuts[98]:7.2f}  max {times[-1]:7.2f}{mark}",
        flush=True,
    )
    return kept


def asking(town: Town, what: str, act: Act) -> Callable[[], None]:
    """One question of the domain, each time by another resident."""
    dice = random.Random(what)

    def once() -> None:
        with town.store.read() as session:
            act(session, dice.choice(town.people), dice)

    return once


def opening(
    town: Town, what: str, address: Callable[[random.Random], str]
) -> tuple[Callable[[], None], Callable[[], None]]:
    """Signing in as another resident, and one whole page."""
    dice, client = random.Random(what), town.app.test_client()

    def sign_in() -> None:
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = dice.choice(town.people).token, True

    def once() -> None:
        answer = client.get(address(dice))
        assert answer.status_code == 200

    return sign_in, once


def _people(store: stores.Store, size: Size) -> Sequence[Person]:
    dice, found = random.Random(11), []
    with store.write() as session:
        for _ in range(READERS):
            resident = session.get_one(Resident, dice.randint(1, size.residents))
            reader = reading.reader(session, resident=resident, now=NOW)
            token = logins.open_login(session, resident=resident, now=NOW)
            found.append(Person(reader=reader, building_id=min(reader.building_ids), token=token))
        session.commit()
    return found


@contextmanager
def opened(size: Size, *, urls: dict[str, str]) -> Iterator[Town]:
    """A town of that size, filled and open until the end of the block; `urls` say where its stores are, else SQLite."""
    with tempfile.TemporaryDirectory(prefix="palier-bench-") as folder, ExitStack() as stack:
        environ = {
            "PALIER_ORIGIN": "http://ville.localhost:8000",
            "PALIER_DEVELOPMENT": "1",
            "PALIER_DATA": folder,
            **urls,
        }
        settings = Settings.read(environ)
        secret.ensure(settings.secret_key_file)
        servers.fill(settings.home_database_url, Home.metadata)
        servers.fill(settings.federation_database_url, Federation.metadata)
        began = time.perf_counter()
        town_filling.fill(settings.home_database_url, size=size)
        filled = time.perf_counter() - began
        app = home.create_app(settings, now=lambda: NOW)
        app.config.update(TESTING=True, RATELIMIT_ENABLED=False)
        for one in stores.of(app).values():
            stack.callback(one.close)
        store = stores.of(app)[stores.HOME]
        gc.collect()
        gc.freeze()  # as the processes do: else one question in some hundreds waits for a look at the whole programme
        said = f"{size.notices} notices, filled in {filled:.0f} s{_weight(settings)}"
        yield Town(app=app, store=store, people=_people(store, size), said=said)


def measure(engine: str, *, urls: dict[str, str], size: Size) -> bool:
    """Fill and ask one engine; whether everything kept the target."""
    with opened(size, urls=urls) as town:
        print(f"{engine}: {town.said}", flush=True)
        kept = [_line(what, _times(asking(town, what, act))) for what, act in DOMAIN.items()]
        for what, address in PAGES.items():
            sign_in, once = opening(town, what, address)
            kept.append(_line(what, _times(once, before=sign_in)))
    return all(kept)


def _weight(settings: Settings) -> str:
    file = Path(settings.home_database_url.removeprefix("sqlite:///"))
    return f", {file.stat().st_size / 2**20:.0f} MiB" if file.exists() else ""


def main() -> None:
    """Both engines, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--notices", type=int, default=Size().notices)
    parser.add_argument("--engine", choices=["sqlite", "postgresql"])
    given = parser.parse_args()
    size, kept = Size(notices=given.notices), []
    if given.engine != "postgresql":
        kept.append(measure("SQLite", urls={}, size=size))
    if given.engine != "sqlite":
        with servers.postgresql(memory=POSTGRESQL_MEMORY) as cluster:
            urls = {f"PALIER_{side.upper()}_DATABASE_URL": cluster.make(side, None) for side in ("home", "federation")}
            kept.append(measure("PostgreSQL", urls=urls, size=size))
    print(f"every p99 below {TARGET_MS:.0f} ms" if all(kept) else f"not every p99 is below {TARGET_MS:.0f} ms")


if __name__ == "__main__":
    main()
