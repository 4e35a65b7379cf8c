"""Many letters under way at once: in order per object and inbox, and nobody's share taken by who does not answer."""

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from activitypub.vocabulary import PUBLIC, Article, Create, Delete, Update
from federation import delivery, health, policy, recording, sending
from federation.base import Answer, OwnKey
from federation.health import Health, HostState
from federation.models import Delivery, DeliveryState, HostHealth
from tests.federation.neighbours import OURS
from web import stores

HOSTS = [f"h{number}.example" for number in range(4)]
STEPS = ("Create", "Update", "Delete")


class Peers:
    """Hosts that answer late, or not at all, or with an error, as the dice say, and remember what they took."""

    def __init__(self, *, seed: int = 0, dead: frozenset[str] = frozenset(), faults: float = 0.0) -> None:
        self._dice = random.Random(seed)
        self._dead = dead
        self._faults = faults
        self._lock = threading.Lock()
        self.taken: list[tuple[str, bytes]] = []
        self.under_way: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.hang = threading.Event()

    def post(self, url: str, *, body: bytes, key: OwnKey, headers: Mapping[str, str]) -> Answer:
        """What `federation.http.Client.post` would bring back."""
        assert key.key_id
        assert not headers  # these letters are for nobody's followers
        host = urlsplit(url).netloc
        with self._lock:
            self.under_way[host] += 1
            self.under_way["all"] += 1
            for name in (host, "all"):
                self.most[name] = max(self.most[name], self.under_way[name])
            wait, fails = self._dice.random() * 0.004, self._dice.random() < self._faults
        if host in self._dead:
            self.hang.wait(10)
        else:
            time.sleep(wait)
        with self._lock:
            self.under_way[host] -= 1
            self.under_way["all"] -= 1
            if host in self._dead:
                return Answer(status=0, error="no answer in time")
            # Some were taken although the answer is lost: those come twice.
            if not fails or self._dice.random() < 0.5:
                self.taken.append((host, body))
        return Answer(status=503 if fails else 202)


def owe(town: stores.Store, *, objects: int, hosts: list[str], now: datetime, steps: tuple[str, ...] = STEPS) -> None:
    me = f"{OURS}/users/ciq"
    with town.write.begin() as session:
        for number in range(objects):
            uri = f"{me}/articles/{number}"
            article = Article(id=uri, attributed_to=me, name=f"<{number}>", content="<p>Hello.</p>", to=(PUBLIC,))
            for step in steps:
                word = {
                    "Create": Create(id=f"{uri}/Create", actor=me, object=article, to=(PUBLIC,)),
                    "Update": Update(id=f"{uri}/Update", actor=me, object=article, to=(PUBLIC,)),
                    "Delete": Delete(id=f"{uri}/Delete", actor=me, object=uri, to=(PUBLIC,)),
                }[step]
                row = delivery.write(session, word=word, actor_username="ciq", public=True, now=now)
                inboxes = [f"https://{host}/inbox" for host in hosts]
                delivery.post(session, activity=row, inboxes=inboxes, object_uri=uri, now=now)


def go(town: stores.Store, peers: Peers, now: datetime) -> int:
    with ThreadPoolExecutor(sending.HANDS) as pool:
        return sending.Round(federation=town.write, client=peers, pool=pool, now=lambda: now).run()  # type: ignore[arg-type]


def rows(town: stores.Store) -> list[Delivery]:
    with town.read() as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.id)))


@pytest.mark.parametrize("seed", range(6))
def test_order_is_kept_per_object_and_host_whatever_fails(town: stores.Store, clock: datetime, seed: int) -> None:
    owe(town, objects=8, hosts=HOSTS, now=clock)
    peers = Peers(seed=seed, faults=0.2)
    for days in range(60):
        go(town, peers, clock + timedelta(hours=13 * days))
        if all(row.state == DeliveryState.SENT for row in rows(town)):
            break
    assert {row.state for row in rows(town)} == {DeliveryState.SENT}
    for host in HOSTS:
        for number in range(8):
            mine = [
                next(place for place, step in enumerate(STEPS) if f"/articles/{number}/{step}".encode() in body)
                for taken_by, body in peers.taken
                if taken_by == host and f"/articles/{number}/".encode() in body
            ]
            # Twice is allowed, after a lost answer; back is not.
            assert mine == sorted(mine)
            assert set(mine) == {0, 1, 2}


def test_a_proven_host_gets_its_window_and_a_new_one_earns_it(town: stores.Store, clock: datetime) -> None:
    owe(town, objects=60, hosts=HOSTS[:1], now=clock, steps=("Create",))
    peers = Peers()
    assert go(town, peers, clock) == 60
    assert 2 < peers.most[HOSTS[0]] <= health.WINDOW
    with town.read() as session:
        assert session.get_one(HostHealth, HOSTS[0]).state == HostState.HEALTHY


def test_dead_hosts_hold_a_third_of_the_hands_at_most(town: stores.Store, clock: datetime) -> None:
    dead = [f"dead{number}.example" for number in range(60)]
    owe(town, objects=1, hosts=dead, now=clock, steps=("Create",))
    owe(town, objects=40, hosts=HOSTS, now=clock, steps=("Update",))
    with town.write.begin() as session:
        recording.keep_all(session, found={host: Health(ok_at=clock) for host in HOSTS}, known=())
    peers = Peers(dead=frozenset(dead))
    thread = threading.Thread(target=go, args=(town, peers, clock))
    thread.start()
    deadline = time.monotonic() + 20
    while len(peers.taken) < 160 and time.monotonic() < deadline:
        time.sleep(0.02)
    # All good hosts have everything while not one dead host has given up yet.
    assert len(peers.taken) == 160
    assert sum(peers.under_way[host] for host in dead) == sending.HANDS_FOR_UNPROVEN
    peers.hang.set()
    thread.join()
    assert max(peers.most[host] for host in dead) == 1
    assert peers.most["all"] <= sending.HANDS
    with town.read() as session:
        states = Counter(session.scalars(select(HostHealth.state)))
    assert states == {HostState.HEALTHY: 4, HostState.DEGRADED: 60}


def test_a_host_that_is_back_gets_all_that_waited(town: stores.Store, clock: datetime) -> None:
    owe(town, objects=30, hosts=HOSTS[:1], now=clock, steps=("Create",))
    down = Peers(dead=frozenset(HOSTS))
    down.hang.set()
    moment = clock
    for _ in range(6):
        go(town, down, moment)
        with town.read() as session:
            known = recording.read_all(session, HOSTS)[HOSTS[0]]
        assert known.probe_at is not None
        moment = known.probe_at
    assert known.state is HostState.OPEN
    back = Peers()
    # One asks; its answer lets the other twenty-nine go at once.
    assert go(town, back, moment) == 30


def test_what_a_host_asks_for_is_what_we_wait(town: stores.Store, clock: datetime) -> None:
    owe(town, objects=1, hosts=HOSTS[:1], now=clock, steps=("Create",))

    class Busy:
        def post(self, _url: str, *, body: bytes, key: OwnKey, headers: Mapping[str, str]) -> Answer:
            assert body
            assert key
            assert not headers
            return Answer(status=429, retry_after=timedelta(hours=20))

    go(town, Busy(), clock)  # type: ignore[arg-type]
    [row] = rows(town)
    assert row.due_at == clock + timedelta(hours=20)


def test_a_host_that_always_asks_for_a_second_is_soon_asked_by_the_table(town: stores.Store, clock: datetime) -> None:
    owe(town, objects=1, hosts=HOSTS[:1], now=clock, steps=("Create",))

    class Hasty:
        def post(self, _url: str, *, body: bytes, key: OwnKey, headers: Mapping[str, str]) -> Answer:
            assert body
            assert key
            assert not headers
            return Answer(status=503, retry_after=timedelta(seconds=1))

    moment, waits = clock, []
    for _ in range(12):
        go(town, Hasty(), moment)  # type: ignore[arg-type]
        [row] = rows(town)
        waits.append(row.due_at - moment)
        moment = row.due_at
    assert waits[:3] == [timedelta(seconds=1)] * 3
    for minutes, wait in zip((30, 60, 120, 240, 480, 720, 720, 720, 720), waits[3:], strict=True):
        assert timedelta(minutes=0.8 * minutes) <= wait <= timedelta(minutes=1.2 * minutes)


def test_the_table_of_waits_with_a_fifth_of_jitter() -> None:
    table = [0.5, 2, 10, 30, 60, 120, 240, 480, 720, 720]
    for attempts, minutes in enumerate(table, start=1):
        for jitter, factor in ((0.0, 0.8), (0.5, 1.0), (1.0, 1.2)):
            wait = policy.delay(attempts, kind="Create", jitter=jitter)
            assert wait is not None
            assert abs(wait - timedelta(minutes=minutes * factor)) < timedelta(milliseconds=1)


def test_a_round_that_is_stopped_ends_and_leaves_the_rest_due(town: stores.Store, clock: datetime) -> None:
    owe(town, objects=40, hosts=HOSTS[:1], now=clock, steps=("Create",))
    peers = Peers()
    with ThreadPoolExecutor(sending.HANDS) as pool:
        one = sending.Round(federation=town.write, client=peers, pool=pool, now=lambda: clock)  # type: ignore[arg-type]
        take = peers.post

        def stop_at_the_third(url: str, *, body: bytes, key: OwnKey, headers: Mapping[str, str]) -> Answer:
            if len(peers.taken) >= 2:  # several hands may have passed the second by now
                one.stop()
            return take(url, body=body, key=key, headers=headers)

        peers.post = stop_at_the_third  # type: ignore[method-assign]
        sent = one.run()
    states = Counter(row.state for row in rows(town))
    assert 2 < sent < 40
    assert states == {DeliveryState.SENT: sent, DeliveryState.DUE: 40 - sent}
