"""2,000 hall screens on one `live` process, `python -m tests.bench.live`: memory, CPU, and commit to the last screen.

A real `live` process and a real `pages` process stand beside a bundled Valkey on one SQLite store: 111 quarters, 1,000
buildings with two screens each. A process of its own holds the lines, so that what is measured is not measured by
what it measures. The pages' latency is taken with the same light load while no screen is connected, while all are idle,
and while a notice for the whole town goes out each second.
"""

import argparse
import http.client
import multiprocessing
import os
import resource
import selectors
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from flask.sessions import SecureCookieSessionInterface
from sqlalchemy.orm import Session

from instance import halls, listings, logins, places, residents
from instance.audience import Audience
from instance.places import Building
from instance.residents import Resident, Role
from tests import running, servers, streams
from web import echoes, home, stores
from web.migrating import upgrade
from web.settings import Settings

ROUNDS = 7
IDLE_SECONDS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """What was put into the store."""

    keys: Sequence[str]
    building: int
    resident: int
    token: str


# --- the process that holds the lines


def hold(pipe: Connection, port: int, keys: Sequence[str]) -> None:
    """Connect every screen, then answer `expect WORD` with when each saw the word; ends when the pipe does."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    chosen = selectors.EpollSelector()
    lines: list[socket.socket] = []
    for key in keys:
        line = socket.create_connection(("127.0.0.1", port), timeout=30)
        line.sendall(f"GET /live/hall/{key} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        line.settimeout(0)
        lines.append(line)
        chosen.register(line, selectors.EVENT_READ, len(lines) - 1)
        _drain(chosen, {}, {}, b"")
    first: dict[int, float] = {}
    deadline = time.monotonic() + 120
    while len(first) < len(lines) and time.monotonic() < deadline:
        _drain(chosen, {}, first, b"event: beat", wait=0.2)
    pipe.send(len(first))
    tails: dict[int, bytes] = {}
    while True:
        if pipe.poll():
            asked = pipe.recv()
            if asked is None:
                return
            word, many, seconds = asked
            seen: dict[int, float] = {}
            pipe.send("ready")
            deadline = time.monotonic() + seconds
            while len(seen) < many and time.monotonic() < deadline:
                _drain(chosen, tails, seen, word.encode(), wait=0.05)
            pipe.send(sorted(seen.values()))
        _drain(chosen, tails, {}, b"\0never", wait=0.05)


def _drain(
    chosen: selectors.EpollSelector, tails: dict[int, bytes], seen: dict[int, float], word: bytes, *, wait: float = 0
) -> None:
    for key, _ in chosen.select(wait):
        line = key.fileobj
        assert isinstance(line, socket.socket)
        try:
            got = line.recv(262144)
        except BlockingIOError:
            continue
        moment = time.time()
        if not got:
            chosen.unregister(line)
            continue
        if word and key.data not in seen and word in tails.get(key.data, b"") + got:
            seen[key.data] = moment
        tails[key.data] = got[-64:]


# --- the city


def build(store: stores.Store, *, buildings: int, each: int, fill: int) -> City:
    """111 quarters; notices in the town, in each quarter and in each building, so that no pane is empty."""
    now = datetime.now(UTC)
    with store.write.begin() as session:
        quarters = places.load_marseille(session, now=now)
        made = [
            places.add_building(
                session,
                quarter=quarters[n % len(quarters)],
                name=f"Immeuble {n}",
                street=f"{n} rue d’Essai",
                lots=["1"],
                now=now,
            )
            for n in range(buildings)
        ]
        # Whoever hangs something in a building lives there: one of each quarter in all its buildings.
        authors = {one.id: _resident(session, f"voisin{n}") for n, one in enumerate(quarters)}
        reader = authors[made[0].quarter_id]
        for building in made:
            somebody = authors[building.quarter_id]
            residents.move_in(session, resident=somebody, lot=building.lots[0], now=now)
            for n in range(fill):
                _hang(session, somebody, Audience.BUILDING, building, f"Une échelle de trois mètres {n}")
            _hang(session, somebody, Audience.QUARTER, building, "Un diable pour samedi matin")
        for n in range(6):
            _hang(session, reader, Audience.INSTANCE, made[0], f"Cours de guitare contre café {n}")
        keys = [halls.install(session, building=building, now=now)[1] for building in made for _ in range(each)]
        token = logins.open_login(session, resident=reader, now=now)
        return City(keys=keys, building=made[0].id, resident=reader.id, token=token)


def _resident(session: Session, login: str) -> Resident:
    return residents.register(
        session,
        login=login,
        first_name=login.title(),
        last_name="Essai",
        password="une phrase de passe",
        email=None,
        locale="fr",
        role=Role.RESIDENT,
        now=datetime.now(UTC),
    )


def _hang(session: Session, somebody: Resident, audience: Audience, building: Building, title: str) -> None:
    listings.offer(
        session, by=somebody, title=title, body="À prêter.", audience=audience, building=building, now=datetime.now(UTC)
    )


# --- measuring


def cpu_seconds(pids: Sequence[int]) -> float:
    """The processor time that these processes have used."""
    ticks = 0
    for pid in pids:
        found = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(found[11]) + int(found[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def rss_kib(pid: int) -> int:
    """The memory that a process holds, shared pages included."""
    return int(
        next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmRSS")).split()[
            1
        ]
    )


def percentile(found: Sequence[float], share: float) -> float:
    """The value below which this share lies."""
    return sorted(found)[min(len(found) - 1, int(len(found) * share))] if found else float("nan")


class Readers:
    """Somebody who reads the board, ten times a second."""

    def __init__(self, port: int, cookie: str) -> None:
        self._port = port
        self._cookie = cookie

    def read(self, *, seconds: float) -> list[float]:
        """How long each page took, in seconds."""
        line = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        found = []
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            began = time.perf_counter()
            line.request("GET", "/", headers={"Cookie": self._cookie})
            answer = line.getresponse()
            page = answer.read()
            found.append(time.perf_counter() - began)
            assert answer.status == 200, answer.status
            assert b'class="board"' in page, "not the board"
            time.sleep(max(0.0, 0.1 - found[-1]))
        line.close()
        return found


@dataclass(slots=True, kw_only=True)
class Bench:
    """Everything that runs during one measurement."""

    store: stores.Store
    city: City
    pids: Sequence[int]
    pipe: Connection
    readers: Readers

    def act(self, audience: Audience, title: str) -> float:
        """Publish one notice; when it was committed."""
        with self.store.write() as session:
            somebody = session.get_one(Resident, self.city.resident)
            building = session.get_one(Building, self.city.building)
            _hang(session, somebody, audience, building, title)
            session.commit()
            return time.time()

    def broadcast(self, audience: Audience, many: int) -> None:
        """Publish a few times and print how long it took until the first, the median and the last screen had it."""
        costs: list[float] = []
        moments: dict[float, list[float]] = {0.0: [], 0.5: [], 0.99: [], 1.0: []}
        for n in range(ROUNDS):
            title = f"Annonce {audience.word} {n} {time.time_ns()}"
            self.pipe.send((title, many, 30))
            assert self.pipe.recv() == "ready"
            before = cpu_seconds(self.pids)
            committed = self.act(audience, title)
            seen = [moment - committed for moment in self.pipe.recv()]
            time.sleep(0.5)
            costs.append(cpu_seconds(self.pids) - before)
            assert len(seen) == many, f"{len(seen)} of {many} screens were told"
            for share, found in moments.items():
                found.append(percentile(seen, share))
            time.sleep(1)
        first, median, tail, last = (1000 * statistics.median(found) for found in moments.values())
        # The worst round's last screen is the p99 of all rounds together, rounded up.
        print(
            f"{audience.word:<9} {many:5d} screens  first {first:6.0f} ms  median {median:6.0f}  p99 {tail:6.0f}"
            f"  last {last:6.0f}  worst last of {ROUNDS} {1000 * max(moments[1.0]):6.0f}"
            f"  CPU {1000 * statistics.median(costs):6.0f} ms"
        )

    def pages(self, name: str, *, seconds: float = 15) -> None:
        """Read the board for a while and print how long its pages took."""
        found = self.readers.read(seconds=seconds)
        p50, p99 = 1000 * percentile(found, 0.5), 1000 * percentile(found, 0.99)
        print(f"pages, {name:<28} p50 {p50:5.1f} ms  p99 {p99:5.1f} ms  ({len(found)} pages)")


def main() -> None:
    """Build the city, connect everybody, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--screens", type=int, default=2000)
    parser.add_argument("--buildings", type=int, default=1000)
    parser.add_argument("--notices", type=int, default=2, help="in each building, before the measurement")
    given = parser.parse_args()
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        broker = stack.enter_context(servers.valkey())
        urls = {side: f"sqlite:///{scratch / side}.sqlite" for side in (stores.HOME, stores.FEDERATION)}
        upgrade(urls)
        store = stores.open_store(urls[stores.HOME])
        city = build(store, buildings=given.buildings, each=given.screens // given.buildings, fill=given.notices)
        echoes.watch(store, echoes.Voice(broker))
        settings = {
            "PALIER_FEDERATION_DATABASE_URL": urls[stores.FEDERATION],
            "PALIER_LIVE_SCREENS": str(given.screens + 100),
        }
        environ = {
            role: streams.environment(
                scratch / "data", home_url=urls[stores.HOME], broker_url=broker, port=streams.free_port(), **settings
            )
            for role in ("pages", "live")
        }
        pages = stack.enter_context(streams.serve("pages", environ["pages"], log=scratch / "pages.log"))
        live = stack.enter_context(streams.serve("live", environ["live"], log=scratch / "live.log"))
        time.sleep(2)  # the worker that holds the lines is a child of the process that was started
        pids = running.family(live.process.pid)
        empty = (sum(map(rss_kib, pids)) / 1024, sum(map(running.proportional_kib, pids)) / 1024)
        readers = Readers(pages.port, cookie(environ["pages"], city.token))
        readers.read(seconds=3)
        ours, theirs = multiprocessing.Pipe()
        bench = Bench(store=store, city=city, pids=pids, pipe=ours, readers=readers)
        load = os.getloadavg()[0]
        print(f"{given.screens} screens, {given.buildings} buildings, {os.cpu_count()} cores, load {load:.1f}")
        bench.pages("no screen connected")
        holder = multiprocessing.get_context("fork").Process(
            target=hold, args=(theirs, live.port, city.keys), daemon=True
        )
        began = time.monotonic()
        holder.start()
        connected = ours.recv()
        print(f"{connected} screens have their wall {time.monotonic() - began:.1f} s after the first one came")
        time.sleep(3)
        full = (sum(map(rss_kib, pids)) / 1024, sum(map(running.proportional_kib, pids)) / 1024)
        print(f"memory of live: {empty[0]:.0f} MiB RSS ({empty[1]:.0f} PSS) empty", end="")
        print(f", {full[0]:.0f} ({full[1]:.0f}) with all screens")
        before, at = cpu_seconds(pids), time.monotonic()
        bench.pages("all screens idle", seconds=IDLE_SECONDS)
        print(f"idle: {100 * (cpu_seconds(pids) - before) / (time.monotonic() - at):.1f} % of one core")
        per_building = given.screens // given.buildings
        in_quarter = per_building * len([n for n in range(given.buildings) if n % 111 == 0])
        bench.broadcast(Audience.BUILDING, per_building)
        bench.broadcast(Audience.QUARTER, in_quarter)
        bench.broadcast(Audience.INSTANCE, given.screens)
        with _noise(bench):
            bench.pages("a notice for all each second")
        peak = sum(map(rss_kib, pids)) / 1024
        print(
            f"memory of live afterwards: {peak:.0f} MiB RSS; {'all lines held' if holder.is_alive() else 'lines lost'}"
        )
        ours.send(None)
        holder.join(10)


def cookie(environ: dict[str, str], token: str) -> str:
    """The cookie of somebody who is signed in, signed as the pages sign it."""
    app = home.create_app(Settings.read(environ))
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    signed = signer.dumps({"_user_id": token, "_fresh": True})
    for store in stores.of(app).values():
        store.close()
    return f"palier={signed}"


@contextmanager
def _noise(bench: Bench) -> Iterator[None]:
    stop = threading.Event()

    def speak() -> None:
        while not stop.wait(1.0):
            bench.act(Audience.INSTANCE, f"Annonce {time.time_ns()}")

    speaker = threading.Thread(target=speak)
    speaker.start()
    try:
        yield
    finally:
        stop.set()
        speaker.join()


if __name__ == "__main__":
    main()
