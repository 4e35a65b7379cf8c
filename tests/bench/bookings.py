"""How many bookings a second one offer takes when all want it at once: `python -m tests.bench.bookings [COUNT]`.

COUNT neighbours in twelve threads for forty-eight slots, on both engines. What is timed is the whole of each: from
opening a session to the commit, or to the refusal.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from instance import bookings, listings, openings, places, residents
from instance.audience import Audience
from instance.base import Refused, new_id
from instance.bookings import Booking
from instance.listings import Listing
from instance.residents import Resident
from instance.slots import Window
from tests import servers
from web import stores, tables

COUNT = 1_000
THREADS = 12
NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)
WINDOW = Window(weekday=1, begins=12 * 60, ends=18 * 60, minutes=15, first=NOW.date())
SAME = {"first_name": "Figurant", "last_name": "Essai", "password_hash": "x", "locale": "fr", "created_at": NOW}


@contextmanager
def _urls() -> Iterator[dict[str, str]]:
    """An empty home store on each engine."""
    with tempfile.TemporaryDirectory() as scratch, servers.postgresql() as cluster:
        file = Path(scratch) / "store.sqlite"
        servers.fill(f"sqlite:///{file}", tables.HOME)
        url = cluster.make("home", tables.HOME)
        yield {"SQLite": f"sqlite:///{file}", "PostgreSQL": url}
        cluster.drop(url)


def _prepare(session: Session, *, count: int) -> tuple[int, list[datetime], list[int]]:
    """One offer and so many who want it: the offer, its slots, the residents."""
    city = places.add_city(session, name="Exemple", insee="99001", now=NOW)
    where = {"postcode": "99001", "district": None, "now": NOW}
    quarter = places.add_quarter(session, city=city, name="Les Essais", **where)  # type: ignore[arg-type]
    place = {"name": "Le Banc", "street": "1 rue des Essais", "lots": ["1"]}
    building = places.add_building(session, quarter=quarter, now=NOW, **place)  # type: ignore[arg-type]
    ids = [new_id() for _ in range(count + 1)]
    standing = {"role": residents.Role.MODERATOR.value, "state": residents.State.ACTIVE.value}
    session.execute(insert(Resident), [{"id": one, "login": f"figurant{one}", **SAME, **standing} for one in ids])
    owner = session.get_one(Resident, ids[0])
    residents.move_in(session, resident=owner, lot=building.lots[0], now=NOW)
    offer = listings.offer(session, by=owner, title="Du thé", body="Au banc.", audience=Audience.INSTANCE, now=NOW)
    openings.add(session, listing=offer, by=owner, window=WINDOW, place="Ici", now=NOW)
    slots = openings.slots_of(session, listing=offer, now=NOW)
    return offer.id, [one.starts_at for one in slots], ids[1:]


def _book(store: stores.Store, *, offer: int, who: int, at: datetime) -> tuple[str, float]:
    began = time.perf_counter()
    try:
        with store.write() as session:
            listing, by = session.get_one(Listing, offer), session.get_one(Resident, who)
            bookings.book(session, listing=listing, by=by, starts_at=at, now=NOW)
            session.commit()
        said = "booked"
    except Refused as refused:
        said = refused.code
    return said, time.perf_counter() - began


def _measure(store: stores.Store, *, count: int) -> str:
    with store.write.begin() as session:
        offer, slots, crowd = _prepare(session, count=count)
    began = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        waits = [
            pool.submit(_book, store, offer=offer, who=who, at=slots[number % len(slots)])
            for number, who in enumerate(crowd)
        ]
        told = [one.result() for one in waits]
    seconds = time.perf_counter() - began
    said = Counter(one for one, _ in told)
    times = sorted(one for _, one in told)
    with store.read() as session:
        kept = session.scalar(select(func.count(Booking.id))) or 0
        distinct = session.scalar(select(func.count(Booking.starts_at.distinct()))) or 0
    assert kept == distinct == said["booked"] == min(len(slots), count)
    return (
        f"{count} wishes for {len(slots)} slots: {count / seconds:.0f} a second, {said['booked']} booked, none twice;"
        f" median {times[len(times) // 2] * 1000:.0f} ms, p99 {times[len(times) * 99 // 100] * 1000:.0f} ms"
    )


def main() -> None:
    """Both engines, one after the other."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else COUNT
    with _urls() as urls:
        for name, url in urls.items():
            store = stores.open_store(url)
            print(f"{name}: {_measure(store, count=count)}")
            store.close()


if __name__ == "__main__":
    main()
