"""Lines between instances that run as processes: real sockets, over which answers can be late, or letters be lost."""

import asyncio
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum, auto

CHUNK = 65536
SECONDS_TO_LAY = 10


class State(Enum):
    """What becomes of what goes over a line."""

    WHOLE = auto()
    CUT = auto()  # nothing arrives
    MUTE = auto()  # it arrives, and no answer comes back


@dataclass(slots=True, kw_only=True)
class Line:
    """The way to an instance that listens on `to`; others find it on `port`."""

    to: int
    lag: float = 0.0
    port: int = 0
    state: State = State.WHOLE
    lost: list[bytes] = field(default_factory=list)

    @property
    def letters_lost(self) -> int:
        """How many letters were lost, or their answers were, of which the sender can only think that they were."""
        return sum(one.startswith(b"POST ") for one in self.lost)

    async def _join(self, source: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            answers, onward = await asyncio.open_connection("127.0.0.1", self.to)
        except OSError:
            back.close()
            return
        asked: list[bytes] = []
        await asyncio.gather(
            self._pour(source, onward, asked=asked, stops=State.CUT, ends=back),
            self._pour(answers, back, asked=asked, stops=State.MUTE, ends=onward),
        )

    async def _pour(
        self,
        source: asyncio.StreamReader,
        to: asyncio.StreamWriter,
        *,
        asked: list[bytes],
        stops: State,
        ends: asyncio.StreamWriter,
    ) -> None:
        forth = stops is State.CUT
        try:
            while chunk := await source.read(CHUNK):
                if forth:
                    asked[:] = [chunk[:200]]
                if self.state is stops:
                    self.lost += asked
                    ends.close()
                    break
                await asyncio.sleep(0 if forth else self.lag)
                to.write(chunk)
                await to.drain()
        except OSError:
            pass
        finally:
            to.close()


@contextmanager
def laid(to: int, *, lag: float = 0.0) -> Iterator[Line]:
    """A line to a port of this machine, for a while."""
    listening: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
    line = Line(to=to, lag=lag)

    async def listen() -> None:
        server, stop = await asyncio.start_server(line._join, "127.0.0.1", 0), asyncio.Event()
        loop = asyncio.get_running_loop()
        line.port = server.sockets[0].getsockname()[1]
        listening.put(lambda: loop.call_soon_threadsafe(stop.set))
        await stop.wait()
        server.close()

    # Whatever still pours when it ends is cancelled, and closed with it.
    thread = threading.Thread(target=lambda: asyncio.run(listen()), daemon=True)
    thread.start()
    end = listening.get(timeout=SECONDS_TO_LAY)
    yield line
    end()
    thread.join(SECONDS_TO_LAY)
