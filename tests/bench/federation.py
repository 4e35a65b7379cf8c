"""What federation takes: `python -m tests.bench.federation [NAME…]` prints a table, each line beside a bare handler.

Names: inbox, deliveries, documents, distance, latency, blackholes; all of them unless told otherwise. A bare handler is
the same server, or the same sender, doing nothing of ours: what is left to gain can be read off the ratio. On SQLite.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

from sqlalchemy import select

from activitypub import codec, details, keys, senders, vocabulary
from activitypub.senders import Scheme
from activitypub.vocabulary import PUBLIC, ActorKind, Article, Create
from federation import delivery, documents, health, identity, recording, sending
from federation.base import Federation
from federation.health import Health
from federation.http import Client
from federation.models import Delivery, DeliveryState, Direction, Follow, FollowState, Letter
from tests import running, servers
from tests.bench import loads
from web import stores
from web.processes import brokers, door, server
from web.settings import SideSettings

THEIRS = "https://aix.example"
HEADER = f"{'what':38} {'per second':>10} {'bare':>8} {'ratio':>6} {'ms CPU each':>12}  remarks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the table."""

    what: str
    rate: float
    bare: float
    cpu: float
    remarks: str = ""

    def __str__(self) -> str:
        ratio = f"{self.rate / self.bare:6.2f}" if self.bare else "     –"
        bare = f"{self.bare:8.0f}" if self.bare else "       –"
        return f"{self.what:38} {self.rate:10.0f} {bare} {ratio} {self.cpu * 1000:12.2f}  {self.remarks}"


@dataclass(slots=True)
class Site:
    """One federation store with our actors and whatever a bench needs in it."""

    store: stores.Store
    folder: Path
    port: int

    @property
    def origin(self) -> str:
        """Where it would be."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def settings(self) -> SideSettings:
        """As its processes read them."""
        return SideSettings.read(
            {
                "PALIER_ORIGIN": self.origin,
                "PALIER_DEVELOPMENT": "1",
                "PALIER_BIND": f"127.0.0.1:{self.port}",
                "PALIER_DATA": str(self.folder),
                "PALIER_FEDERATION_DATABASE_URL": str(self.store.engine.url),
            }
        )


@contextmanager
def site() -> Iterator[Site]:
    """A store in a folder that goes again."""
    with tempfile.TemporaryDirectory() as scratch:
        url = f"sqlite:///{scratch}/federation.sqlite"
        servers.fill(url, Federation.metadata)
        made = Site(stores.open_store(url), Path(scratch), running.free_port("127.0.0.1"))
        shared: dict[str, Any] = {"origin": made.origin, "now": datetime.now(UTC)}
        with made.store.write.begin() as session:
            identity.ensure(session, username="palier", kind=ActorKind.APPLICATION, name="Palier", **shared)
            identity.ensure(session, username="ciq", kind=ActorKind.ORGANIZATION, name="CIQ", **shared)
        made.store.close()
        yield made
        made.store.close()


def _bare(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    environ["wsgi.input"].read()
    body = b"x" * (2000 if environ["REQUEST_METHOD"] == "GET" else 0)
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _serve(load: Callable[[], server.Served], at: Site) -> None:
    server.serve(load, settings=at.settings)


def _measure(
    load: Callable[[], server.Served], at: Site, requests: Sequence[bytes], *, connections: int
) -> tuple[loads.Load, float]:
    """The load on a server of ours, and its processor seconds for one request."""
    with _broker(at), loads.process(partial(_serve, load, at), port=at.port) as pid:
        loads.send(requests[:50], port=at.port, connections=4)
        before = loads.family_cpu(pid)
        found = loads.send(requests[50:], port=at.port, connections=connections)
        return found, (loads.family_cpu(pid) - before) / found.count


@contextmanager
def _broker(at: Site) -> Iterator[None]:
    """The broker that the door nudges."""
    url = brokers.address(at.settings.federation_broker_url, folder=at.settings.federation_data)
    process = subprocess.Popen(brokers.command(at.settings.federation_data))
    try:
        while not brokers.answers(url):
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()


# --- what comes in


def _article(me: str, number: int) -> Create:
    uri = f"{me}/articles/{number}"
    body = "<p>Samedi, on nettoie la calanque : gants et sacs sur place, rendez-vous à neuf heures.</p>" * 4
    thing = Article(id=uri, attributed_to=me, name=f"Article {number}", content=body, to=(PUBLIC,))
    return Create(id=f"{uri}/activity", actor=me, object=thing, to=(PUBLIC,))


def _know_a_sender(at: Site, pem: str) -> str:
    me = f"{THEIRS}/users/asso"
    shown = vocabulary.Actor(
        id=me,
        kind=ActorKind.ORGANIZATION,
        username="asso",
        inbox=f"{me}/inbox",
        outbox=f"{me}/outbox",
        key=details.PublicKey(id=f"{me}#main-key", owner=me, pem=keys.public_pem(pem)),
    )
    now = datetime.now(UTC)
    with at.store.write.begin() as session:
        documents.keep_actor(session, actor=shown, now=now)
        session.add(
            Follow(
                direction=Direction.OUT,
                own_username="palier",
                remote_uri=me,
                activity_uri=f"{at.origin}/actor/follows/1",
                state=FollowState.ACCEPTED,
                created_at=now,
            )
        )
    at.store.close()
    return me


def _post(url: str, body: bytes, headers: dict[str, str]) -> bytes:
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST /inbox HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def inbox(count: int = 3000) -> Iterator[Line]:
    """Signed letters stored, each with its own signature, from 32 connections."""
    with site() as at:
        pem = keys.generate()
        me = _know_a_sender(at, pem)
        requests = []
        for number in range(count):
            body = codec.encode(codec.write(_article(me, number)))
            headers = senders.sign(
                scheme=Scheme.CAVAGE,
                method="POST",
                url=f"{at.origin}/inbox",
                body=body,
                key_pem=pem,
                key_id=f"{me}#main-key",
                now=datetime.now(UTC),
            )
            requests.append(_post(f"{at.origin}/inbox", body, headers))
        bare, _ = _measure(lambda: server.Served(_bare), at, requests, connections=32)
        found, cpu = _measure(lambda: door.load(at.settings), at, requests, connections=32)
        with at.store.read() as session:
            stored = len(session.scalars(select(Letter.id)).all())
        assert stored == count, (stored, found.statuses)
        yield Line(what="signed letters stored", rate=found.rate, bare=bare.rate, cpu=cpu, remarks="32 connections")


def inbox_documents(count: int = 12_000) -> Iterator[Line]:
    """The document of an actor, over 8 connections."""
    with site() as at:
        one = f"GET /users/ciq HTTP/1.1\r\nHost: 127.0.0.1:{at.port}\r\nAccept: application/activity+json\r\n\r\n"
        requests = [one.encode()] * count
        bare, _ = _measure(lambda: server.Served(_bare), at, requests, connections=8)
        found, cpu = _measure(lambda: door.load(at.settings), at, requests, connections=8)
        assert set(found.statuses) == {200}
        yield Line(what="documents of actors", rate=found.rate, bare=bare.rate, cpu=cpu, remarks="8 connections")


# --- what goes out


def _owe(at: Site, inboxes: Sequence[str], *, posts: int, first: int = 0) -> None:
    with at.store.write.begin() as session:
        me = f"{at.origin}/users/ciq"
        for number in range(first, first + posts):
            word = _article(me, number)
            now = datetime.now(UTC)
            row = delivery.write(session, word=word, actor_username="ciq", public=True, now=now)
            uri = f"{me}/articles/{number}"
            delivery.post(session, activity=row, inboxes=inboxes, object_uri=uri, now=now)


def _prove(at: Site, inboxes: Sequence[str]) -> None:
    """Let the hosts be known as good ones."""
    hosts = {one.removeprefix("http://").partition("/")[0] for one in inboxes}
    with at.store.write.begin() as session:
        recording.keep_all(session, found={host: Health(ok_at=datetime.now(UTC)) for host in hosts}, known=())


@dataclass(slots=True)
class Sender:
    """Our sender as the courier has it."""

    at: Site
    client: Client
    pool: ThreadPoolExecutor
    current: sending.Round | None = None

    def go(self) -> int:
        """One round until nothing is left."""
        return self.round().run()

    def round(self) -> sending.Round:
        """A round that is not begun."""
        self.current = sending.Round(
            federation=self.at.store.write, client=self.client, pool=self.pool, now=lambda: datetime.now(UTC)
        )
        return self.current


@contextmanager
def _sender(at: Site, *, seconds: float = 15) -> Iterator[Sender]:
    client = Client(origin=at.origin, development=True, total_seconds=seconds)
    with ThreadPoolExecutor(sending.HANDS) as pool:
        yield Sender(at, client, pool)
    client.close()


def _hosts(port: int, count: int, *, name: str = "h") -> list[str]:
    return [f"http://{name}{number}.localhost:{port}/inbox" for number in range(count)]


def deliveries(posts: int = 8) -> Iterator[Line]:
    """Posts to 200 inboxes on 200 hosts."""
    with site() as at, loads.receiver() as (port, _), _sender(at) as ours:
        inboxes = _hosts(port, 200)
        body = codec.encode(codec.write(_article(f"{at.origin}/users/ciq", 0)))
        request = _post("", body, {"Host": "h.localhost", "Content-Type": "application/activity+json"})
        bare = loads.send([request] * posts * 200, port=port, connections=48)
        # A courier is at work for weeks: statements are put together and keys read before the first of these posts.
        _owe(at, _hosts(port, 10, name="warm"), posts=1, first=1_000)
        ours.go()
        for what, first in (("one post to 200 new inboxes", 0), ("posts to the same 200 inboxes", 1)):
            _owe(at, inboxes, posts=1 if first == 0 else posts, first=first)
            began, used = time.monotonic(), time.process_time()
            sent = ours.go()
            seconds, cpu = time.monotonic() - began, time.process_time() - used
            assert sent == 200 * (1 if first == 0 else posts), sent
            yield Line(what=what, rate=sent / seconds, bare=bare.rate, cpu=cpu / sent)


def distance(count: int = 300) -> Iterator[Line]:
    """Letters to one host 300 ms away."""
    with site() as at, loads.receiver(0.3) as (port, _), _sender(at) as ours:
        inboxes = _hosts(port, 1)
        _prove(at, inboxes)
        _owe(at, inboxes, posts=count)
        began, used = time.monotonic(), time.process_time()
        sent = ours.go()
        seconds, cpu = time.monotonic() - began, time.process_time() - used
        assert sent == count
        yield Line(what="letters to a host 300 ms away", rate=sent / seconds, bare=health.WINDOW / 0.3, cpu=cpu / sent)


def _trickle(at: Site, ours: Sender, inboxes: Sequence[str], *, posts: int, every: float) -> list[float]:
    """Publish now and then while the sender runs; from commit to the host's 202, in seconds."""
    stop = threading.Event()

    def courier() -> None:
        while not stop.is_set():
            ours.go()
            stop.wait(0.05)

    thread = threading.Thread(target=courier)
    thread.start()
    for number in range(posts):
        _owe(at, inboxes, posts=1, first=10_000 + number)
        if ours.current is not None:
            ours.current.wake()  # as the nudge does
        time.sleep(every)
    hosts = {one.removeprefix("http://").partition("/")[0] for one in inboxes}
    wanted = select(Delivery).where(Delivery.host.in_(hosts))
    deadline = time.monotonic() + 60
    while True:
        with at.store.read() as session:
            rows = session.scalars(wanted).all()
        if all(row.state == DeliveryState.SENT for row in rows) or time.monotonic() > deadline:
            break
        time.sleep(0.1)
    stop.set()
    if ours.current is not None:
        ours.current.stop()
    thread.join()
    return sorted((row.sent_at - row.created_at) / timedelta(seconds=1) for row in rows if row.sent_at)


def _percentiles(waits: Sequence[float]) -> tuple[float, float, float]:
    cuts = statistics.quantiles(waits, n=100)
    return cuts[49] * 1000, cuts[94] * 1000, cuts[98] * 1000


def latency(posts: int = 40) -> Iterator[str]:
    """From commit to 202, 50 hosts, four posts a second."""
    with site() as at, loads.receiver() as (port, _), _sender(at) as ours:
        inboxes = _hosts(port, 50)
        _prove(at, inboxes)
        waits = _trickle(at, ours, inboxes, posts=posts, every=0.25)
        middle, most, nearly = _percentiles(waits)
        yield f"from commit to 202: p50 {middle:.0f} ms, p95 {most:.0f} ms, p99 {nearly:.0f} ms ({len(waits)} letters)"


def blackholes(posts: int = 40) -> Iterator[str]:
    """The same with 20 hosts, without and with 500 more that take everything and never answer."""
    found = []
    for count in (0, 500):
        with (
            site() as at,
            loads.receiver() as (port, _),
            loads.receiver(None) as (hole, _),
            _sender(at, seconds=4) as ours,
        ):
            inboxes = _hosts(port, 20)
            _prove(at, inboxes)
            if count:
                _owe(at, _hosts(hole, count, name="hole"), posts=1)
            found.append(_percentiles(_trickle(at, ours, inboxes, posts=posts, every=0.25))[1])
            ours.client.close()
    alone, beside = found
    yield f"p95 of 20 good hosts: {alone:.0f} ms, beside 500 black holes {beside:.0f} ms ({beside / alone - 1:+.0%})"


BENCHES: dict[str, Callable[[], Iterator[object]]] = {
    "inbox": inbox,
    "deliveries": deliveries,
    "documents": inbox_documents,
    "distance": distance,
    "latency": latency,
    "blackholes": blackholes,
}


def main(names: Sequence[str]) -> None:
    """Print the table, a line as soon as it is known."""
    print(f"load of the machine before: {os.getloadavg()[0]:.2f} on {os.cpu_count()} processors")
    print(HEADER)
    for name in names or BENCHES:
        for line in BENCHES[name]():
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
