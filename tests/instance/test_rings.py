"""Widening rings: one at a time, by day, as far as was chosen; and what happens when two act at once."""

import threading
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from instance import (
    endings,
    listings,
    notices,
    rings,
)
from instance.audience import Audience
from instance.base import Refused
from instance.journal import Change
from instance.listings import Listing
from instance.needs import Need
from instance.notices import State
from instance.residents import Occupancy, Resident
from instance.residents import State as Standing
from instance.rings import Pace, Widening
from tests.instance import neighbourhood
from tests.instance.asking import ask, tick
from tests.instance.neighbourhood import NOW, Neighbourhood
from tests.instance.test_first_yes import agree, meet, propose
from web import stores

# --- one at a time


def test_it_begins_in_the_building_and_opens_one_ring_at_a_time(stored_town: Neighbourhood) -> None:
    town = stored_town
    listing = ask(town, town.resident(town.lilas), Audience.NETWORK, Pace.HOURS)
    assert (listing.audience, listing.building, listing.byline) == (Audience.BUILDING, town.lilas, None)
    expected = [Audience.QUARTER, Audience.INSTANCE, Audience.NETWORK, Audience.NETWORK]
    for number, audience in enumerate(expected):
        town.later(hours=2)
        tick(town)
        tick(town)  # twice is once
        assert listing.audience is audience, number
        assert listing.building is None
        assert listing.quarter is town.north
    assert listing.byline == "Une voisine"
    assert listing.reached_network
    assert listing.version == 4
    changes = select(func.count()).select_from(Change).where(Change.subject_id == listing.public_id)
    assert town.session.scalar(changes) == 4
    assert rings.of(town.session, listing=listing) is None, "nothing is kept of what is over"


def test_a_clock_that_stood_still_opens_one_ring_and_then_keeps_the_pace(town: Neighbourhood) -> None:
    listing = ask(town, town.resident(town.lilas), Audience.INSTANCE, Pace.HOURS)
    town.later(days=2)
    for _ in range(3):
        tick(town)
    assert listing.audience is Audience.QUARTER
    assert rings.ahead(town.session, listing=listing) == rings.Ahead(
        audience=Audience.INSTANCE, at=rings.opens(Pace.HOURS, since=town.now)
    )


def test_nothing_opens_at_night(town: Neighbourhood) -> None:
    listing = ask(town, town.resident(town.lilas), Audience.QUARTER, Pace.HOURS)
    town.now = datetime.fromisoformat("2027-05-11T21:30:00+02:00")
    tick(town)
    assert listing.audience is Audience.BUILDING
    town.now = datetime.fromisoformat("2027-05-12T08:00:00+02:00")
    tick(town)
    assert listing.audience is Audience.QUARTER


def test_a_request_for_the_building_has_nothing_to_open(town: Neighbourhood) -> None:
    listing = ask(town, town.resident(town.lilas), Audience.BUILDING, Pace.HOURS)
    assert rings.of(town.session, listing=listing) is None


def test_a_pace_that_comes_too_late_is_refused(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    with pytest.raises(Refused) as refused:
        ask(town, ines, Audience.QUARTER, Pace.TOMORROW, need=Need.INGREDIENT)
    assert (refused.value.code, refused.value.field) == ("pace_late", "pace")


def test_beyond_needs_a_byline_when_it_is_hung(town: Neighbourhood) -> None:
    with pytest.raises(Refused) as refused:
        rings.ask(
            town.session, by=town.resident(town.lilas), title="x", body="x", audience=Audience.NETWORK,
            need=Need.OTHER, pace=Pace.HOURS, now=NOW,
        )  # fmt: skip
    assert refused.value.code == "byline_missing"
    assert town.session.scalar(select(func.count()).select_from(Widening)) == 0


def test_whoever_moved_away_or_was_suspended_widens_nothing(town: Neighbourhood) -> None:
    gone, silent = town.resident(town.lilas), town.resident(town.lilas)
    slips = [ask(town, one, Audience.INSTANCE, Pace.HOURS) for one in (gone, silent)]
    town.session.execute(delete(Occupancy).where(Occupancy.resident_id == gone.id))
    silent.state = Standing.SUSPENDED.value
    town.session.flush()
    town.later(hours=3)
    tick(town)
    assert [one.audience for one in slips] == [Audience.BUILDING, Audience.BUILDING]


def test_somebody_else_stops_finds_and_renews_nothing(town: Neighbourhood) -> None:
    ines, other = town.resident(town.lilas), town.resident(town.lilas)
    listing, offer = ask(town, ines, Audience.QUARTER, Pace.HOURS), town.offer(ines, Audience.BUILDING)
    for act in (
        lambda: rings.stay(town.session, listing=listing, by=other),
        lambda: rings.found(town.session, listing=listing, by=other, now=town.now),
        lambda: endings.renew(town.session, listing=listing, by=other, now=town.later(days=2)),
    ):
        with pytest.raises(Refused, match="not_yours"):
            act()
    with pytest.raises(Refused, match="not_request"):
        rings.found(town.session, listing=offer, by=ines, now=town.now)
    assert listing.version == offer.version == 1
    assert rings.ahead(town.session, listing=listing) is not None


def test_renewing_gains_something_or_is_refused(town: Neighbourhood) -> None:
    ines = town.resident(town.lilas)
    tool, egg = ask(town, ines, Audience.BUILDING, Pace.AT_ONCE), None
    with pytest.raises(Refused, match="not_longer"):
        endings.renew(town.session, listing=tool, by=ines, now=town.now)
    town.later(days=5)
    egg = ask(town, ines, Audience.BUILDING, Pace.AT_ONCE, need=Need.INGREDIENT)
    endings.renew(town.session, listing=tool, by=ines, now=town.now)
    assert (tool.expires_at, tool.version) == (town.now + timedelta(days=7), 2)
    with pytest.raises(Refused, match="not_longer"):
        endings.renew(town.session, listing=egg, by=ines, now=town.now)


# --- two at once


def _two(store: stores.Store) -> tuple[int, int, datetime]:
    with store.write.begin() as session:
        town = neighbourhood.build(session)
        author = town.resident(town.lilas)
        listing = ask(town, author, Audience.INSTANCE, Pace.HOURS)
        propose(town, listing, town.resident(town.lilas))
        return listing.id, author.id, town.later(hours=2)


def _stay(session: Session, *, listing: Listing, by: Resident, now: datetime) -> None:
    assert now
    rings.stay(session, listing=listing, by=by)


def _withdraw(session: Session, *, listing: Listing, by: Resident, now: datetime) -> None:
    notices.withdraw(session, notice=listing, by=by, now=now)


def _lend(session: Session, *, listing: Listing, by: Resident, now: datetime) -> None:
    agree(session, listing=listing, by=by, now=now)


def _meet(session: Session, *, listing: Listing, by: Resident, now: datetime) -> None:
    meet(session, listing=listing, by=by, now=now)


ACTS = {
    "lend": _lend,
    "meet": _meet,
    "stay": _stay,
    "found": rings.found,
    "withdraw": _withdraw,
    "narrow": partial(listings.narrow, audience=Audience.BUILDING),
}


def _state(store: stores.Store, listing_id: int) -> tuple[Audience, str, list[int], int]:
    with store.read() as session:
        listing = session.get_one(Listing, listing_id)
        versions = select(Change.version).where(Change.subject_id == listing.public_id).order_by(Change.version)
        return listing.audience, listing.state, list(session.scalars(versions)), listing.version


@pytest.mark.parametrize("word", ["stay", "found", "withdraw", "lend", "meet"])
def test_an_author_who_is_just_saying_stop_is_not_overtaken(home_store: stores.Store, word: str) -> None:
    listing_id, author_id, now = _two(home_store)
    opened: list[int] = []

    def work() -> None:
        with home_store.write.begin() as session:
            opened.append(rings.open_due(session, now=now))

    worker = threading.Thread(target=work)
    with home_store.write.begin() as session:
        by, listing = session.get_one(Resident, author_id), session.get_one(Listing, listing_id)
        ACTS[word](session, listing=listing, by=by, now=now)
        worker.start()
        worker.join(timeout=1)  # PostgreSQL leaves the rows alone, SQLite waits
    worker.join(timeout=30)
    assert opened == [0]
    work()
    audience, state, versions, version = _state(home_store, listing_id)
    assert (audience, state) == (Audience.BUILDING, State.LIVE if word == "stay" else State.WITHDRAWN)
    assert versions == list(range(1, version + 1))


@pytest.mark.parametrize("word", sorted(ACTS))
def test_a_ring_that_is_just_opening_does_not_undo_what_its_author_says(home_store: stores.Store, word: str) -> None:
    listing_id, author_id, now = _two(home_store)
    begun, said = threading.Event(), []

    def author() -> None:
        with home_store.write() as session:
            begun.set()
            try:
                by, listing = session.get_one(Resident, author_id), session.get_one(Listing, listing_id)
                ACTS[word](session, listing=listing, by=by, now=now)
                session.commit()
                said.append("done")
            except Refused as refused:
                said.append(refused.code)

    thread = threading.Thread(target=author)
    with home_store.write.begin() as session:
        assert rings.open_due(session, now=now) == 1
        thread.start()
        begun.wait(timeout=10)
        thread.join(timeout=1)
        assert thread.is_alive(), "waits for the ring"
    thread.join(timeout=30)
    # Whoever narrows had the building before their eyes, and still gets it.
    assert said == ["done"]
    with home_store.write.begin() as session:
        assert rings.open_due(session, now=rings.opens(Pace.HOURS, since=now)) == 0
    audience, state, versions, version = _state(home_store, listing_id)
    assert audience is (Audience.BUILDING if word == "narrow" else Audience.QUARTER)
    assert state == (State.LIVE if word in {"stay", "narrow"} else State.WITHDRAWN)
    assert versions == list(range(1, version + 1))


def test_two_clocks_open_one_ring(home_store: stores.Store) -> None:
    listing_id, _, now = _two(home_store)
    opened: list[int] = []

    def work() -> None:
        with home_store.write.begin() as session:
            opened.append(rings.open_due(session, now=now))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=30)
    assert sorted(opened) == [0, 0, 0, 1]
    assert _state(home_store, listing_id)[0] is Audience.QUARTER
