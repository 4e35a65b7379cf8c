"""What one screen has still to be told: of each part the newest only, however slow its line."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One part of a wall as bytes for the line, made once for all screens that show it."""

    name: str
    version: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """What to send now: new parts, and the versions the screen has afterwards."""

    frames: Sequence[Frame]
    versions: str


class Mailbox:
    """Filled by the hub, emptied by the thread that holds the screen's line."""

    def __init__(self, *, screen_id: int, building_id: int, have: str) -> None:
        self.screen_id = screen_id
        self.building_id = building_id
        self.have = have
        self._waiting: dict[str, Frame] = {}
        self._news = False
        self._versions = have
        self._closed = False
        self._gone = False
        self._filled = threading.Condition(threading.Lock())

    def put(self, frames: Sequence[Frame], *, versions: str) -> None:
        """Leave new parts; an older one of the same name that was not sent yet is forgotten."""
        with self._filled:
            self._waiting.update((one.name, one) for one in frames)
            self._news = True
            self._versions = versions
            self._filled.notify()

    def close(self, *, gone: bool = False) -> None:
        """End the line: the process stops, or the screen was switched off."""
        with self._filled:
            self._closed, self._gone = True, gone or self._gone
            self._filled.notify()

    @property
    def gone(self) -> bool:
        """Whether the screen was switched off."""
        return self._gone

    def take(self, *, seconds: float) -> Delivery | None:
        """Wait for something to send; nothing in it means that it is time to say that we are still here.

        None when the line ends.
        """
        with self._filled:
            if not self._news and not self._closed:
                self._filled.wait(seconds)
            if self._closed:
                return None
            frames, self._waiting, self._news = tuple(self._waiting.values()), {}, False
            return Delivery(frames=frames, versions=self._versions)
