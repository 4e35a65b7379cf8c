"""What one screen has still to be told, and its line: of each part the newest only, however slow the line is.

The hub writes to a line that is free by itself: waking a thread for each of two thousand screens would take a second of
processor time. What a line does not take at once is left to the thread that holds it.
"""

import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The connection to a screen, under the web server that made it; the answer's head has been sent."""

    socket: socket.socket
    # RFC 9112, section 7.1; not in HTTP/1.0, which some reverse proxies speak.
    chunked: bool

    def framed(self, data: bytes) -> bytes:
        """The bytes as they go over the line."""
        return b"%X\r\n%b\r\n" % (len(data), data) if self.chunked else data

    def try_to_send(self, data: bytes) -> bytes:
        """Send what the line takes without waiting; returns the rest. A dead line takes nothing."""
        with suppress(OSError):
            return data[self.socket.send(data, socket.MSG_DONTWAIT) :]
        return data

    def send(self, data: bytes) -> None:
        """Send all of it, however long it takes. Raises OSError when the line is dead."""
        self.socket.sendall(data)


Encode = Callable[[Delivery], bytes]


class Mailbox:
    """Filled by the hub, emptied by the hub itself or by the thread that holds the screen's line."""

    def __init__(self, *, screen_id: int, building_id: int, have: str) -> None:
        self.screen_id = screen_id
        self.building_id = building_id
        self.have = have
        self._waiting: dict[str, Frame] = {}
        self._news = False
        self._versions = have
        self._closed = False
        self._gone = False
        self._line: Line | None = None
        self._encode: Encode | None = None
        # While the thread writes, or has a rest to write, the hub must not.
        self._free = False
        self._rest = b""
        self._filled = threading.Condition(threading.Lock())

    def connect(self, line: Line, *, encode: Encode) -> None:
        """Let the hub write to this line whenever its thread does not."""
        with self._filled:
            self._line, self._encode = line, encode

    def put(self, frames: Sequence[Frame], *, versions: str) -> None:
        """Leave new parts; an older one of the same name that was not sent yet is forgotten."""
        with self._filled:
            self._versions = versions
            if self._free and self._line is not None and self._encode is not None:
                data = self._line.framed(self._encode(Delivery(frames=frames, versions=versions)))
                self._rest = self._line.try_to_send(data)
                if not self._rest:
                    return
                self._free = False
            else:
                self._waiting.update((one.name, one) for one in frames)
                self._news = True
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

        None when the line ends. Raises OSError when it is dead.
        """
        with self._filled:
            if not self._news and not self._closed:
                self._free = self._line is not None
                self._filled.wait(seconds)
                self._free = False
            rest, self._rest = self._rest, b""
        if rest and self._line is not None:
            self._line.send(rest)
        with self._filled:
            if self._closed:
                return None
            frames, self._waiting, self._news = tuple(self._waiting.values()), {}, False
            return Delivery(frames=frames, versions=self._versions)
