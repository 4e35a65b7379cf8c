"""A town whose processes die at numbered points: lives begun one after the other over the same stores.

Two instances, in one forked process that ends itself with `os._exit` in the middle: no handler runs, nothing is
flushed, every open transaction is lost. The next life finds what was committed, and goes on with the story.
"""

import json
import os
import random
import signal
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from sqlalchemy import event, select, update

from federation import base, letters
from federation.models import Delivery, DeliveryState, Document, DocumentState, Letter, LetterState, RemoteActor
from instance import conversations, journal, listings, notices
from instance.audience import Audience
from instance.listings import Listing
from instance.residents import Resident
from tests.town.houses import House, Town
from tests.town.wires import Sent
from web import stores

CRASHED: Final = 77
FAILED: Final = 1
LONGEST_LIFE: Final = 60  # seconds
# What people do, in order; between two acts the workers work as the dice say.
STORY: Final = (
    ("offer", "Un"),
    ("offer", "Deux"),
    ("edit", "Un"),
    ("offer", "Trois"),
    ("withdraw", "Deux"),
    ("answer", "Trois"),
    ("edit", "Trois"),
)


class Post(list[Sent]):
    """What went over the wire, also in a file: a process that dies takes its memory with it."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file

    def append(self, sent: Sent) -> None:
        """Note every letter, before anybody can have read it."""
        super().append(sent)
        if sent.method == "POST":
            line = json.dumps([json.loads(sent.body)["id"], sent.url])
            with self._file.open("a") as file:
                file.write(line + "\n")


@dataclass(slots=True, kw_only=True)
class Place:
    """The two instances, made before the fork, and whoever acts in them."""

    town: Town
    here: House
    there: House
    odile: Resident
    camille: Resident
    folder: Path
    crashes: int = 0

    def every_store(self) -> list[stores.Store]:
        """All stores, also those that the doors opened for themselves."""
        return [
            store
            for house in (self.here, self.there)
            for store in (house.home, house.federation, *stores.of(house.door).values())
        ]

    def rest(self) -> None:
        """Let go of every connection: none may be shared with a fork."""
        for store in self.every_store():
            store.close()
        for house in (self.here, self.there):
            house.wire.forget_watch()

    @property
    def wire_file(self) -> Path:
        """Where letters are noted."""
        return self.folder / "wire"


def settle_in(town: Town, folder: Path) -> Place:
    """Build two instances that follow each other, and come to rest."""
    here, there = town.build("marseille"), town.build("barnabe")
    odile = here.resident("Odile", building=here.building(here.quarter("Saint Julien")))
    camille = there.resident("Camille", building=there.building(there.quarter("Saint Barnabé")))
    town.settle()
    there.follow(f"{here.origin}/users/instance")
    town.settle()
    place = Place(town=town, here=here, there=there, odile=odile, camille=camille, folder=folder)
    with there.federation.write.begin() as session:
        # A key that is not known any more: letters have to be settled.
        session.execute(update(RemoteActor).values(public_pem=None, fetched_at=town.now - timedelta(days=2)))
    town.sent = Post(place.wire_file)
    place.rest()
    return place


# --- one life


def at_point(point: str) -> Callable[[str], None]:
    """Die at the first passing of one point."""

    def listen(passed: str) -> None:
        if passed == point:
            os._exit(CRASHED)

    return listen


def by_dice(dice: random.Random) -> Callable[[str], None]:
    """Die at any passing, once in thirty."""

    def listen(_passed: str) -> None:
        if dice.random() < 1 / 30:
            os._exit(CRASHED)

    return listen


def fork(place: Place, live: Callable[[], None]) -> int:
    """Live in a process of its own; how it ended. What went wrong stands in `failure`."""
    child = os.fork()
    if child == 0:
        signal.alarm(LONGEST_LIFE)
        code = 0
        try:
            live()
        except BaseException:
            (place.folder / "failure").write_text(traceback.format_exc())
            code = FAILED
        os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def live(place: Place, *, dice: random.Random, listen: Callable[[str], None] | None) -> None:
    """Go on with the story from where the stores are; then come to rest and look."""
    # Leases of the life before have run out when this one begins.
    place.town.pass_time(minutes=5 * place.crashes)
    if listen is not None:
        base.on_passing.append(listen)
    for act, title in STORY:
        _act(place, act, title)
        for _ in range(dice.randrange(3)):
            _work(place, dice)
    base.on_passing.clear()
    place.town.settle()
    _look(place)


def _work(place: Place, dice: random.Random) -> None:
    house = dice.choice((place.here, place.there))
    dice.choice((house.work_home, house.work_courier))()


def _act(place: Place, act: str, title: str) -> None:
    """Do it unless it is done: somebody who did not see it done looks, and does it again."""
    ACTS[act](place, title)
    base.passing("out: home committed")


def _find(place: Place, title: str) -> Listing | None:
    with place.here.home.read() as session:
        return session.scalar(select(Listing).where(Listing.title.in_((title, f"{title}, changé"))))


def _offer(place: Place, title: str) -> None:
    if _find(place, title) is None:
        with place.here.home.write.begin() as session:
            listings.offer(
                session,
                by=session.get_one(Resident, place.odile.id),
                title=title,
                body="À prêter.",
                audience=Audience.NETWORK,
                byline="Une voisine",
                now=place.town.now,
            )
            base.passing("out: before home commits")


def _edit(place: Place, title: str) -> None:
    found = _find(place, title)
    if found is not None and found.title == title:
        place.here.do(notices.edit, notice=found, by=place.odile, title=f"{title}, changé", body="Toujours à prêter.")


def _withdraw(place: Place, title: str) -> None:
    found = _find(place, title)
    if found is not None and found.is_live:
        place.here.do(notices.withdraw, notice=found, by=place.odile)


def _answer(place: Place, title: str) -> None:
    if not place.there.conversations():
        place.town.settle()
        offer = place.there.hung(title)
        place.there.do(conversations.answer, listing=offer, by=place.camille, body="Je veux bien", byline="Camille")


ACTS: Final = {"offer": _offer, "edit": _edit, "withdraw": _withdraw, "answer": _answer}


def _look(place: Place) -> None:
    """Nothing is lost, nothing took effect twice, nothing is owed, and the wire saw one copy more per crash at most."""
    wanted = ["Trois, changé", "Un, changé"]
    assert _live_titles(place.here) == wanted
    assert _live_titles(place.there) == wanted
    for house in (place.here, place.there):
        [conversation] = house.conversations()
        assert len(conversation.messages) == 1
        with house.home.read() as session:
            changes = session.scalars(select(journal.Change.id)).all()
            assert sorted(session.scalars(select(journal.Verdict.change_id))) == sorted(changes)
        with house.federation.read() as session:
            # What was withdrawn before it was sent was called back; all else arrived.
            called_back = select(Document.uri).where(Document.state == DocumentState.GONE)
            unsent = select(Delivery.id).where(
                Delivery.state != DeliveryState.SENT, Delivery.object_uri.not_in(called_back)
            )
            assert not session.scalars(unsent).all()
            assert not session.scalars(select(Delivery.id).where(Delivery.state == DeliveryState.FAILED)).all()
            # What was withdrawn while its own letter waited for the next life hangs no more: that is how it ends.
            ends = {(row.state, row.sentence) for row in session.execute(select(Letter.state, Letter.sentence))}
            assert {state for state, sentence in ends if sentence != letters.WITHDRAWN} == {LetterState.HANDLED}, ends
    lines = place.wire_file.read_text().splitlines()
    copies = Counter(lines)
    assert max(copies.values()) <= 1 + place.crashes, copies
    # One crash, one copy more of each letter that was under way, and of no other.
    assert place.crashes or len(lines) == len(copies)


def _live_titles(house: House) -> list[str]:
    with house.home.read() as session:
        return sorted(session.scalars(select(Listing.title).where(Listing.state == notices.State.LIVE.value)))


# --- many lives


def run(place: Place, *, seed: str, listeners: Sequence[Callable[[str], None]]) -> int:
    """Live once per listener while it kills, then once in peace; how many died. Raises AssertionError."""
    for number, listen in enumerate([*listeners, None]):
        dice = random.Random(f"{seed} {number}")
        code = fork(place, partial(live, place, dice=dice, listen=listen))
        if code == CRASHED:
            place.crashes += 1
        elif code != 0:
            failure = place.folder / "failure"
            raise AssertionError(f"seed {seed}, life {number}: {failure.read_text() if failure.exists() else code}")
        elif listen is not None:
            return place.crashes  # it reached the end before its turn came
    return place.crashes


class Copies:
    """One place on SQLite whose four files are laid anew for every run: two kilobytes copied, nothing built."""

    def __init__(self, place: Place, files: Sequence[Path]) -> None:
        self._place = place
        for store in place.every_store():
            # A process that dies takes nothing out of the kernel's hands: waiting for the disk would prove nothing.
            event.listen(store.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous = OFF"))
        self._files = {file: file.read_bytes() for file in files}
        self._now = place.town.now
        # One life in peace here, so that whatever is made at first use is there in every fork.
        self.lay()
        live(place, dice=random.Random(0), listen=None)
        place.rest()

    def run(self, seed: int) -> int:
        """One run with up to four crashes, of which `seed` decides everything but the order of threads."""
        self.lay()
        dice = random.Random(seed)
        listeners = [by_dice(random.Random(f"{seed} dies {number}")) for number in range(dice.randrange(1, 5))]
        return run(self._place, seed=str(seed), listeners=listeners)

    def lay(self) -> None:
        """Put everything back to the beginning."""
        for file, content in self._files.items():
            for tail in ("-wal", "-shm"):
                file.with_name(file.name + tail).unlink(missing_ok=True)
            file.write_bytes(content)
        self._place.wire_file.write_text("")
        self._place.crashes = 0
        self._place.town.now = self._now


def copies(folder: Path, *, now: datetime, blank: Callable[[str, Path], None]) -> Copies:
    """Prepare the runs on SQLite; `blank` makes an empty store of a side at a path."""
    files: list[Path] = []

    def make_store(side: str) -> str:
        file = folder / f"{len(files)}-{side}.sqlite"
        blank(side, file)
        files.append(file)
        return f"sqlite:///{file}"

    town = Town(now=now, folder=folder / "town", make_store=make_store)
    return Copies(settle_in(town, folder), files)
