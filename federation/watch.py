"""The watch over the network door: at its deadline an exchange is cut, however busily the peer dribbles."""

import heapq
import itertools
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from federation.base import Unreachable


@dataclass(slots=True)
class _Exchange:
    """One exchange under way: what would be cut, and whether it was."""

    held: list[socket.socket] = field(default_factory=list)
    is_over: bool = False
    is_done: bool = False


class Watch:
    """Knows the connections that each thread uses, and shuts them down at the deadline. Safe between threads.

    One thread watches for all: a timer of its own for every request costs more than a small request does.
    """

    def __init__(self) -> None:
        """Nothing is watched, and no thread started, before the first exchange."""
        self._local = threading.local()
        self._lock = threading.Condition()
        self._queue: list[tuple[float, int, _Exchange]] = []
        self._number = itertools.count()
        self._watcher = 0  # the process in which a thread watches: it does not survive a fork

    def hold(self, handle: socket.socket) -> None:
        """Note a connection that the running exchange uses."""
        running: _Exchange | None = getattr(self._local, "running", None)
        if running is None:
            return
        with self._lock:
            running.held.append(handle)
            is_over = running.is_over
        if is_over:
            _cut([handle])

    @contextmanager
    def until(self, deadline: float) -> Iterator[None]:
        """Limit what happens inside to `deadline` on the monotonic clock.

        Raises:
            Unreachable: when the time is over.
        """
        if deadline <= time.monotonic():
            raise Unreachable("no answer in time", transient=True)
        running = self._local.running = _Exchange()
        self._expect(deadline, running)
        try:
            yield
        except Exception:
            if not running.is_over:
                raise
        finally:
            with self._lock:
                running.is_done = True
                running.held = []
            self._local.running = None
        if running.is_over:
            raise Unreachable("no answer in time", transient=True)

    def _expect(self, deadline: float, running: _Exchange) -> None:
        with self._lock:
            heapq.heappush(self._queue, (deadline, next(self._number), running))
            if self._watcher != os.getpid():
                self._watcher = os.getpid()
                threading.Thread(target=self._look, name="watch", daemon=True).start()
            elif self._queue[0][2] is running:
                self._lock.notify()

    def _look(self) -> None:
        """Sleep until the next deadline, for ever; exchanges that ended before it only leave the queue."""
        while True:
            with self._lock:
                while not self._queue or self._queue[0][0] > time.monotonic():
                    self._lock.wait(self._queue[0][0] - time.monotonic() if self._queue else None)
                _, _, due = heapq.heappop(self._queue)
                due.is_over = not due.is_done
                held = list(due.held) if due.is_over else []
            _cut(held)


def _cut(held: list[socket.socket]) -> None:
    for handle in held:
        with suppress(OSError):
            # Of the connection itself: TLS would put its own state away under the hands of the thread that uses it.
            socket.socket.shutdown(handle, socket.SHUT_RDWR)
