"""What the home worker does by the clock about bookings and photographs."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from rq.timeouts import JobTimeoutException
from sqlalchemy import select

from instance import bookings, conditions, listings, notices, openings, photos, storage
from instance.audience import Audience
from instance.bookings import Booking
from instance.listings import Listing
from instance.residents import Resident
from instance.slots import Window
from tests.web import pages_town
from tests.web.pages_town import NOW, ORIGIN, Town
from web import home_worker

pytestmark = pytest.mark.sqlite


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    yield from pages_town.build(tmp_path / "town")


def sweep(town: Town, files: Path) -> home_worker.Sweep:
    return home_worker.Sweep(town.store, town.outside, origin=ORIGIN, files=files)


def test_what_is_booked_of_an_offer_that_came_down_ends_at_the_next_look(town: Town, tmp_path: Path) -> None:
    with town.home() as session:
        ana, ben = (session.get_one(Resident, one.id) for one in (town.ana, town.ben))
        words = {"title": "Une perceuse", "body": "Le soir.", "audience": Audience.BUILDING}
        made = listings.offer(session, by=ana, now=NOW, **words)
        window = Window(weekday=3, begins=18 * 60, ends=20 * 60, minutes=30, first=NOW.date())
        openings.add(session, listing=made, by=ana, window=window, place="Ici", now=NOW)
        at = openings.slots_of(session, listing=made, now=NOW)[0].starts_at
        bookings.book(session, listing=made, by=ben, starts_at=at, now=NOW)
    look = sweep(town, tmp_path)
    look()
    assert state(town) == "booked"
    with town.home() as session:
        found, by = session.get_one(Listing, made.id), session.get_one(Resident, town.ana.id)
        notices.withdraw(session, notice=found, by=by, now=NOW)
    look()
    assert state(town) == "cancelled"


def state(town: Town) -> str:
    with town.store.read() as session:
        return session.scalars(select(Booking.state)).one()


@pytest.mark.parametrize("folder", [photos.FOLDER, conditions.FOLDER])
def test_files_that_no_photograph_names_are_taken_away(town: Town, tmp_path: Path, folder: str) -> None:
    name, root = uuid.uuid4(), tmp_path / folder
    storage.keep(root, name=name, kind=photos.BIG, data=b"nobody's")
    file = storage.path(root, name=name, kind=photos.BIG)
    sweep(town, tmp_path)()
    assert file.exists()
    os.utime(file, (0, 0))
    sweep(town, tmp_path)()
    assert not file.exists()


def test_a_part_that_fails_keeps_no_other_from_its_turn(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LookupError

    monkeypatch.setattr(home_worker.outbox, "sweep", fail)
    monkeypatch.setattr(home_worker.pictures, "sweep", fail)
    name, root = uuid.uuid4(), tmp_path / photos.FOLDER
    storage.keep(root, name=name, kind=photos.BIG, data=b"nobody's")
    os.utime(storage.path(root, name=name, kind=photos.BIG), (0, 0))
    with pytest.raises(ExceptionGroup) as caught:
        sweep(town, tmp_path)()
    assert [type(one) for one in caught.value.exceptions] == [LookupError, LookupError]
    assert not storage.path(root, name=name, kind=photos.BIG).exists()


def test_the_end_of_its_time_ends_the_whole_sweep(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def run_out(*_: object, **__: object) -> None:
        raise JobTimeoutException

    monkeypatch.setattr(home_worker.outbox, "sweep", run_out)
    with pytest.raises(JobTimeoutException):
        sweep(town, tmp_path)()
