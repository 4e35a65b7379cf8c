"""Photographs of notices: up to three, seen by whoever sees the notice and lives here, gone with it, files and all."""

import io
import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from instance import forgetting, notices, photos, pictures, storage
from instance.audience import Audience, Reader
from instance.base import Refused
from instance.notices import State
from instance.photos import BIG, SMALL, Photo
from instance.pictures import Picture
from tests.instance.neighbourhood import Neighbourhood


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "photos"


def picture(colour: str = "red") -> Picture:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "PNG")
    return pictures.draw(out.getvalue())


def put(town: Neighbourhood, root: Path, listing: notices.Notice, **more: object) -> Photo:
    given = {"by": listing.author, "picture": picture(), "alt": "Une échelle", "now": town.now, **more}
    return photos.add(town.session, root=root, listing=listing, **given)


def files(root: Path) -> list[str]:
    return sorted(one.name for one in root.rglob("*") if one.is_file())


def test_a_listing_has_up_to_three(stored_town: Neighbourhood, root: Path) -> None:
    town = stored_town
    listing = town.offer(town.resident(town.lilas), Audience.BUILDING)
    made = [put(town, root, listing) for _ in range(3)]
    with pytest.raises(Refused, match="photos_many"):
        put(town, root, listing)
    assert [one.position for one in photos.of(town.session, listing=listing)] == [1, 2, 3]
    assert files(root) == sorted(f"{one.public_id}.{kind}" for one in made for kind in (BIG, SMALL))
    photos.remove(town.session, photo=made[0], by=listing.author)
    assert put(town, root, listing).position == 1
    (first,) = photos.first(town.session, listings=[listing]).values()
    assert first.position == 1
    assert (first.width, first.height, first.alt) == (60, 40, "Une échelle")


def test_words_for_whoever_does_not_see_it_are_short_and_optional(town: Neighbourhood, root: Path) -> None:
    listing = town.offer(town.resident(town.lilas), Audience.BUILDING)
    with pytest.raises(Refused, match="too_long") as refused:
        put(town, root, listing, alt="x" * 201)
    assert refused.value.field == "alt"
    assert files(root) == []
    assert put(town, root, listing, alt="  ").alt is None


def test_only_the_author_of_what_hangs_adds_and_removes(town: Neighbourhood, root: Path) -> None:
    author, other = town.resident(town.lilas), town.resident(town.lilas)
    listing = town.offer(author, Audience.BUILDING)
    made = put(town, root, listing)
    for attempt in (
        lambda: put(town, root, listing, by=other),
        lambda: photos.remove(town.session, photo=made, by=other),
    ):
        with pytest.raises(Refused, match="not_yours"):
            attempt()
    notices.withdraw(town.session, notice=listing, by=author, now=town.now)
    with pytest.raises(Refused, match="not_live"):
        put(town, root, listing)
    with pytest.raises(Refused, match="not_found"):
        photos.find_own(town.session, public_id=made.public_id, by=author, reader=town.reader(author))
    assert len(files(root)) == 2


@pytest.mark.parametrize("audience", Audience)
def test_a_photograph_is_seen_by_residents_who_see_its_notice(
    town: Neighbourhood, root: Path, audience: Audience
) -> None:
    author = town.resident(town.lilas)
    made = put(town, root, town.offer(author, audience))
    beside, far = town.resident(town.tilleuls), town.resident(town.far)
    sees = {
        reader.resident_id: _finds(town, made, reader)
        for reader in (Reader(), *(town.reader(one) for one in (author, beside, far)))
    }
    assert sees == {
        None: False,
        author.id: True,
        beside.id: audience > Audience.BUILDING,
        far.id: audience > Audience.QUARTER,
    }


def _finds(town: Neighbourhood, made: Photo, reader: Reader) -> bool:
    try:
        return photos.find(town.session, public_id=made.public_id, reader=reader) is made
    except Refused:
        return False


def test_a_photograph_that_never_was_is_not_found(town: Neighbourhood) -> None:
    reader = town.reader(town.resident(town.lilas))
    with pytest.raises(Refused, match="not_found"):
        photos.find(town.session, public_id=uuid.uuid4(), reader=reader)


@pytest.mark.parametrize(
    ("state", "days"), [(State.WITHDRAWN, 30), (State.EXPIRED, 30), (State.HIDDEN, 183), (State.LIVE, None)]
)
def test_they_go_when_their_notice_is_down_long_enough(
    stored_town: Neighbourhood, root: Path, state: State, days: int | None
) -> None:
    town = stored_town
    listing = town.offer(town.resident(town.lilas), Audience.BUILDING)
    put(town, root, listing)
    listing.state = state.value
    notices.change(town.session, notice=listing, now=town.now)
    down = listing.updated_at
    for at, left in ((timedelta(days=days or 999) - timedelta(seconds=1), 1), (timedelta(days=days or 999), 0)):
        forgetting.forget_spent(town.session, now=down + at)
        assert town.session.scalar(select(func.count()).select_from(Photo)) == (1 if days is None else left)


# --- files


def old(root: Path) -> None:
    """Let all files be two hours old."""
    for one in root.rglob("*"):
        at = one.stat().st_mtime - 7200
        os.utime(one, (at, at))


def test_files_without_a_row_are_swept_but_not_those_just_written(stored_town: Neighbourhood, root: Path) -> None:
    town = stored_town
    kept, gone = (put(town, root, town.offer(town.resident(town.lilas), Audience.BUILDING)) for _ in range(2))
    photos.remove(town.session, photo=gone, by=gone.listing.author)
    storage.keep(root, name=uuid.uuid4(), kind=BIG, data=b"a transaction that failed")
    (root / kept.public_id.hex[:2] / f"{uuid.uuid4()}.{BIG}.partial").write_bytes(b"a power cut")
    clock = storage.datetime.now(storage.UTC)
    assert photos.sweep_files(town.session, root=root, now=clock) == 0
    old(root)
    assert photos.sweep_files(town.session, root=root, now=clock) == 4
    assert files(root) == sorted(f"{kept.public_id}.{kind}" for kind in (BIG, SMALL))
    assert photos.sweep_files(town.session, root=root / "never", now=clock) == 0


def test_a_file_is_there_whole_or_not_at_all(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = uuid.uuid4()

    def crash(_handle: int) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(storage.os, "fsync", crash)
    with pytest.raises(OSError, match="no space"):
        storage.keep(root, name=name, kind=BIG, data=b"half")
    monkeypatch.undo()
    assert files(root) == []
    with pytest.raises(Refused, match="not_found"):
        storage.read(root, name=name, kind=BIG)
    storage.keep(root, name=name, kind=BIG, data=b"whole")
    assert storage.read(root, name=name, kind=BIG) == b"whole"
    with pytest.raises(FileExistsError):
        storage.keep(root, name=name, kind=BIG, data=b"another")
    assert [one.stat().st_mode & 0o077 for one in root.rglob("*")] == [0, 0]
    storage.remove(root, name=name, kinds=(BIG, SMALL))
    assert files(root) == []
