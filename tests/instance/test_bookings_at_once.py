"""A thousand neighbours at the same moment, on both engines: as many bookings as there are slots, and no slot twice."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from instance import bookings, openings, partings, residents
from instance.audience import Audience
from instance.base import Refused, new_id
from instance.bookings import Booking, State
from instance.listings import Listing
from instance.residents import Resident
from instance.slots import Window
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW
from web import stores

MANY = 1_000
WINDOW = Window(weekday=1, begins=18 * 60, ends=20 * 60, minutes=30, first=NOW.date())


@pytest.fixture
def offer(home_store: stores.Store) -> tuple[int, list[datetime]]:
    """A standing offer, and its slots."""
    with home_store.write.begin() as session:
        town = neighbourhood.build(session)
        owner = town.resident(town.lilas, name="Ana")
        made = town.offer(owner, Audience.INSTANCE)
        openings.add(session, listing=made, by=owner, window=WINDOW, place="Le hall", now=NOW)
        slots = openings.slots_of(session, listing=made, now=NOW)
        return made.id, [one.starts_at for one in slots]


def crowd(store: stores.Store, size: int) -> list[int]:
    """So many residents."""
    ids = [new_id() for _ in range(size)]
    same = {"first_name": "Figurant", "last_name": "Essai", "password_hash": "x", "locale": "fr", "created_at": NOW}
    # Known here without a home each: a thousand homes would be the test of something else.
    same |= {"role": residents.Role.MODERATOR.value, "state": residents.State.ACTIVE.value}
    with store.write.begin() as session:
        session.execute(insert(Resident), [{"id": one, "login": f"figurant{one}", **same} for one in ids])
    return ids


def rush(store: stores.Store, listing: int, wishes: list[tuple[int, datetime]]) -> Counter[str]:
    """All of them at once; what each was told."""
    begin = threading.Barrier(12)

    def book(chunk: list[tuple[int, datetime]]) -> list[str]:
        begin.wait(timeout=30)
        return [_one(store, listing, who, at) for who, at in chunk]

    with ThreadPoolExecutor(12) as pool:
        return Counter(said for told in pool.map(book, [wishes[n::12] for n in range(12)]) for said in told)


def _one(store: stores.Store, listing: int, who: int, at: datetime) -> str:
    """What somebody is told who presses again when SQLite, on a busy machine, gave up waiting for its lock."""
    try:
        return _press(store, listing, who, at)
    except OperationalError as error:
        assert "locked" in str(error)  # noqa: PT017 - any other is a fault
        return _one(store, listing, who, at)


def _press(store: stores.Store, listing: int, who: int, at: datetime) -> str:
    try:
        with store.write() as session:
            given = {"listing": session.get_one(Listing, listing), "by": session.get_one(Resident, who)}
            bookings.book(session, starts_at=at, now=NOW, **given)
            session.commit()
        return "booked"
    except Refused as refused:
        return refused.code


def held(store: stores.Store) -> list[datetime]:
    with store.read() as session:
        return list(session.scalars(select(Booking.starts_at).where(Booking.state == State.BOOKED.value)))


@pytest.mark.timeout(250)
def test_of_a_thousand_who_want_one_slot_one_gets_it(
    home_store: stores.Store, offer: tuple[int, list[datetime]]
) -> None:
    listing, slots = offer
    said = rush(home_store, listing, [(who, slots[0]) for who in crowd(home_store, MANY)])
    assert said == {"booked": 1, "slot_taken": MANY - 1}
    assert held(home_store) == [slots[0]]


@pytest.mark.timeout(250)
def test_of_a_thousand_who_want_eight_slots_eight_get_one_each(
    home_store: stores.Store, offer: tuple[int, list[datetime]]
) -> None:
    listing, slots = offer
    assert len(slots) == 8
    wishes = [(who, slots[n % 8]) for n, who in enumerate(crowd(home_store, MANY))]
    assert rush(home_store, listing, wishes) == {"booked": 8, "slot_taken": MANY - 8}
    assert sorted(held(home_store)) == slots


def test_two_clicks_of_one_neighbour_are_one_booking(
    home_store: stores.Store, offer: tuple[int, list[datetime]]
) -> None:
    listing, slots = offer
    (who,) = crowd(home_store, 1)
    assert rush(home_store, listing, [(who, slots[0])] * 24) == {"booked": 24}
    assert held(home_store) == [slots[0]]


def test_the_store_itself_refuses_a_second_booking(
    home_store: stores.Store, offer: tuple[int, list[datetime]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without any look of ours before: what the index is there for."""
    listing, slots = offer
    first, second = crowd(home_store, 2)
    assert _one(home_store, listing, first, slots[0]) == "booked"
    monkeypatch.setattr(bookings, "_live", lambda *_args, **_more: [])
    assert _one(home_store, listing, second, slots[0]) == "slot_taken"
    assert held(home_store) == [slots[0]]


def test_nobody_books_with_somebody_who_is_just_blocking_them(
    home_store: stores.Store, offer: tuple[int, list[datetime]]
) -> None:
    listing, slots = offer
    (who,) = crowd(home_store, 1)
    said: list[str] = []

    def block(session: Session) -> None:
        owner = session.get_one(Listing, listing).author
        assert owner is not None
        partings.block(session, by=owner, whom=session.get_one(Resident, who), now=NOW - timedelta(seconds=1))

    with home_store.write() as session:
        block(session)
        thread = threading.Thread(target=lambda: said.append(_one(home_store, listing, who, slots[0])))
        thread.start()
        thread.join(timeout=0.5)
        assert thread.is_alive(), "waits for the block"
        session.commit()
    thread.join(timeout=30)
    assert said == ["slot_taken"]
    assert held(home_store) == []
