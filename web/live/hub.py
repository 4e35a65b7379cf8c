"""Holds what hangs in front of the connected screens, draws each part once, and hands it to all who show it.

One thread reads and draws, so nothing older can overwrite something newer. It is woken by echoes; it looks by itself
for what no echo told, and when the time of a notice is over.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from instance import audience, halls, presence, slides
from instance.halls import Hall, Pulse
from instance.places import Building
from instance.slides import Hanging
from web.echoes import EVERYTHING, SCREENS
from web.live.drawing import Draw
from web.live.mailbox import Frame, Mailbox
from web.views import walls

LOOK_SECONDS: Final = 20.0
# When looking failed for so long, walls have to say from when they are.
FRESH_SECONDS: Final = 35.0
AGAIN_SECONDS: Final = 2.0
# Name, installer and neighbours.
INSIDE_PARTS: Final = 3

log = logging.getLogger(__name__)


class Full(Exception):
    """As many screens are connected as may be."""


@dataclass(slots=True, kw_only=True)
class Room:
    """A hall with connected screens, and its parts as they were last sent."""

    hall: Hall
    frames: Sequence[Frame] = ()
    boxes: set[Mailbox] = field(default_factory=set)

    @property
    def inside(self) -> str:
        """The board of the building."""
        return audience.building_circle(self.hall.building_id)

    @property
    def quarter(self) -> str:
        """The board of its quarter."""
        return audience.quarter_circle(self.hall.quarter_id)

    @property
    def versions(self) -> str:
        """What a screen that was told everything has."""
        return ".".join(one.version for one in self.frames)


@dataclass(slots=True, kw_only=True)
class Inbox:
    """What came in since the hub's thread looked last."""

    joined: list[Mailbox] = field(default_factory=list)
    left: set[Mailbox] = field(default_factory=set)
    changed: set[str] = field(default_factory=set)
    look: bool = False
    stop: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to do."""
        return not (self.joined or self.left or self.changed or self.look or self.stop)


class Hub:
    """The boards of connected screens, kept by one thread."""

    def __init__(self, read: sessionmaker[Session], *, draw: Draw, now: Callable[[], datetime], most: int) -> None:
        self._read = read
        self._draw = draw
        self._now = now
        self._most = most
        self._count = 0
        self._inbox = Inbox()
        self._came = threading.Condition()
        self._rooms: dict[int, Room] = {}
        self._boards: dict[str, Sequence[Hanging]] = {}
        self._dues: dict[str, datetime] = {}
        self._around: dict[str, Frame] = {}
        self._pulse: Pulse | None = None
        self._day = ""
        self._window = 0
        self._looked = time.monotonic()
        self._look_at = 0.0
        self._stopped = False
        self._thread: threading.Thread | None = None

    # --- called by other threads

    def start(self) -> None:
        """Begin to work."""
        self._thread = threading.Thread(target=self._run, name="hub", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End all lines."""
        with self._came:
            self._inbox.stop = self._stopped = True
            self._came.notify()

    def wait_for_end(self) -> None:
        """After `stop`: wait until its thread has given its session back, so that the store may be closed."""
        if self._thread is not None:
            self._thread.join()

    def join(self, *, screen_id: int, building_id: int, have: str) -> Mailbox:
        """A mailbox that will get what the screen has not; `have` are the versions it shows. Raises Full."""
        box = Mailbox(screen_id=screen_id, building_id=building_id, have=have)
        with self._came:
            if self._count >= self._most or self._stopped:
                raise Full
            self._count += 1
            self._inbox.joined.append(box)
            self._came.notify()
        return box

    def leave(self, box: Mailbox) -> None:
        """Nobody empties this mailbox any more."""
        with self._came:
            self._count -= 1
            self._inbox.left.add(box)
            self._came.notify()

    def hear(self, keys: Collection[str]) -> None:
        """These boards changed."""
        with self._came:
            self._inbox.changed.update(keys)
            self._came.notify()

    def look(self) -> None:
        """Something may have been missed."""
        with self._came:
            self._inbox.look = True
            self._came.notify()

    @property
    def fresh(self) -> bool:
        """Whether what screens were told is known to be true."""
        return time.monotonic() - self._looked < FRESH_SECONDS

    @property
    def count(self) -> int:
        """How many screens are connected."""
        return self._count

    # --- the one thread

    def _run(self) -> None:
        with self._draw.speaking():
            while not self._stopped:
                self._turn(self._wait())
        for room in self._rooms.values():
            for box in room.boxes:
                box.close()

    def _wait(self) -> Inbox:
        with self._came:
            if self._inbox.empty:
                self._came.wait(self._patience())
            found, self._inbox = self._inbox, Inbox()
            return found

    def _patience(self) -> float:
        """Seconds until the next look or the end of something that hangs, whichever comes first."""
        until_look = self._look_at - time.monotonic()
        if not self._dues:
            return max(0.0, until_look)
        until_due = (min(self._dues.values()) - self._now()).total_seconds()
        return max(0.0, min(until_look, until_due))

    def _turn(self, inbox: Inbox) -> None:
        try:
            with self._read() as session:
                self._work(session, inbox)
            self._looked = time.monotonic()
        except Exception as error:  # noqa: BLE001  # nothing that goes wrong with one wall may end all the others
            self._recover(inbox, error)

    def _work(self, session: Session, inbox: Inbox) -> None:
        changed = inbox.changed | self._over()
        if inbox.look or SCREENS in changed or time.monotonic() >= self._look_at:
            changed |= self._find_missed(session)
        self._refresh(session, changed=changed)
        self._turn_codes()
        for box in inbox.joined:
            if box not in inbox.left:
                self._join(session, box)
        for box in inbox.left:
            self._leave(box)

    def _recover(self, inbox: Inbox, error: Exception) -> None:
        """Believe nothing any more, let those who came come again, and wait a little."""
        log.error(
            "hall screens keep what they show: %s",
            type(error).__name__,
            exc_info=not isinstance(error, SQLAlchemyError),
        )
        for box in inbox.joined:
            box.close()
        for box in inbox.left:
            self._leave(box)
        self.hear([EVERYTHING])
        time.sleep(AGAIN_SECONDS)

    # --- coming and going

    def _join(self, session: Session, box: Mailbox) -> None:
        room = self._rooms.get(box.building_id)
        if room is None:
            room = Room(hall=halls.hall(session, building=session.get_one(Building, box.building_id)))
            room.frames = self._frames(session, room, inside=True)
            self._rooms[box.building_id] = room
        room.boxes.add(box)
        have = box.have.split(".")
        box.put([one for one in room.frames if one.version not in have], versions=room.versions)

    def _leave(self, box: Mailbox) -> None:
        room = self._rooms.get(box.building_id)
        if room is None:
            return
        room.boxes.discard(box)
        if not room.boxes:
            del self._rooms[box.building_id]
            self._forget({room.inside})

    # --- what changed

    def _find_missed(self, session: Session) -> set[str]:
        """The boards that differ from the last look; everything, when a name does or a day began."""
        pulse, before = halls.pulse(session), self._pulse
        day = walls.local_day(self._now())
        same_day, self._day = day == self._day, day
        self._pulse, self._look_at = pulse, time.monotonic() + LOOK_SECONDS
        for room in self._rooms.values():
            for box in room.boxes:
                if box.screen_id not in pulse.screens:
                    box.close(gone=True)
        if before is None:
            return set()
        if not same_day or pulse.places != before.places:
            return {EVERYTHING}
        return {circle for circle, *_ in pulse.circles ^ before.circles}

    def _over(self) -> set[str]:
        """The boards on which the time of something is over."""
        now = self._now()
        return {circle for circle, due in self._dues.items() if due <= now}

    def _refresh(self, session: Session, *, changed: set[str]) -> None:
        everything = EVERYTHING in changed
        self._forget({*self._boards, *changed} if everything else changed)
        for room in self._rooms.values():
            inside = everything or room.inside in changed
            if inside or not changed.isdisjoint((room.quarter, audience.CITY_CIRCLE)):
                self._tell(session, room, inside=inside)

    def _forget(self, circles: Iterable[str]) -> None:
        for circle in circles:
            self._boards.pop(circle, None)
            self._dues.pop(circle, None)
            self._around.pop(circle, None)
            if circle == audience.CITY_CIRCLE:
                self._around.clear()

    def _tell(self, session: Session, room: Room, *, inside: bool) -> None:
        if inside:
            room.hall = halls.hall(session, building=session.get_one(Building, room.hall.building_id))
        before = {one.version for one in room.frames}
        room.frames = self._frames(session, room, inside=inside)
        fresh = [one for one in room.frames if one.version not in before]
        if fresh:
            versions = room.versions
            for box in room.boxes:
                box.put(fresh, versions=versions)

    def _turn_codes(self) -> None:
        """When other ten minutes began: the head of each wall has another code, and nothing is read for it."""
        window, before = presence.window(self._now()), self._window
        self._window = window
        if window == before:
            return
        for room in self._rooms.values():
            head = self._draw.head(room.hall)
            if head.version != room.frames[0].version:
                room.frames = [head, *room.frames[1:]]
                for box in room.boxes:
                    box.put([head], versions=room.versions)

    def _frames(self, session: Session, room: Room, *, inside: bool) -> Sequence[Frame]:
        """All parts of a wall; those of the building are drawn again only if asked for."""
        hanging = self._board(session, room.inside)
        around = [*self._board(session, room.quarter), *self._board(session, audience.CITY_CIRCLE)]
        own = room.frames[:INSIDE_PARTS]
        if inside:
            own = self._draw.inside(halls.arrange(room.hall, inside=hanging, around=()))
        frame = self._around.get(room.quarter)
        if frame is None:
            frame = self._around[room.quarter] = self._draw.around(slides.newest(around), hall=room.hall)
        return [*own, frame, self._draw.urgent(slides.urgent([*hanging, *around]))]

    def _board(self, session: Session, circle: str) -> Sequence[Hanging]:
        found = self._boards.get(circle)
        if found is None:
            limit = halls.INSIDE if circle.startswith("building:") else slides.AROUND
            found = self._boards[circle] = slides.hanging(session, circle=circle, limit=limit)
            moments = [moment for one in found for moment in (one.slide.until, one.slide.urgent_until) if moment]
            if due := min((one for one in moments if one > self._now()), default=None):
                self._dues[circle] = due
        return found
