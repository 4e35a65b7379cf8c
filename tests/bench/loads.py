"""The other end of the federation benches: the leanest receiver and the leanest sender that HTTP/1.1 allows.

Both are a process of their own, so that their processor time is counted apart from ours.
"""

import asyncio
import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TAKEN = b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"
# A signed letter and a document, each as its last byte goes out or comes in.
Times = Sequence[float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a load took: seconds on the clock, processor seconds of the sender, of the receiver, and each answer."""

    count: int
    seconds: float
    cpu: float
    statuses: dict[int, int]

    @property
    def rate(self) -> float:
        """How many in a second."""
        return self.count / self.seconds


class _Receiver(asyncio.Protocol):
    """Takes letters apart just enough to know where the next begins; answers after `wait`, where None is never."""

    def __init__(self, wait: float | None) -> None:
        self._wait = wait
        self._buffer = b""
        self._transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            place = head.find(b"content-length:")
            length = int(head[place + 15 :].partition(b"\r\n")[0]) if place >= 0 else 0
            if len(self._buffer) < end + 4 + length:
                return
            self._buffer = self._buffer[end + 4 + length :]
            if self._wait == 0:
                self._transport.write(TAKEN)
            elif self._wait is not None:
                asyncio.get_running_loop().call_later(self._wait, self._transport.write, TAKEN)


def _receive(port: Any, wait: float | None) -> None:
    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Receiver(wait), "127.0.0.1", 0, backlog=2048)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def receiver(wait: float | None = 0.0) -> Iterator[tuple[int, int]]:
    """A receiver that is up: its port and its process."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(target=_receive, args=(theirs, wait), daemon=True)
    process.start()
    try:
        yield ours.recv(), int(process.pid or 0)
    finally:
        process.terminate()
        process.join()


def send(requests: Sequence[bytes], *, port: int, connections: int) -> Load:
    """Send whole requests over kept connections, one under way on each; from a process of its own."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_send, args=(theirs, requests, port, connections), daemon=True
    )
    process.start()
    found: Load = ours.recv()
    process.join()
    return found


def _send(answer: Any, requests: Sequence[bytes], port: int, connections: int) -> None:
    left = iter(requests)
    statuses: dict[int, int] = {}

    async def go(number: int) -> None:
        # Each connection from an address of its own: the inbox counts letters per sender.
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.1.{1 + number}", 0))
        for request in left:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            place = head.lower().find(b"content-length:")
            length = int(head[place + 15 :].partition(b"\r\n")[0]) if place >= 0 else 0
            if length:
                await reader.readexactly(length)
            status = int(head[9:12])
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    async def all_of_them() -> None:
        await asyncio.gather(*(go(number) for number in range(connections)))

    began = time.monotonic()
    asyncio.run(all_of_them())
    seconds = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_SELF)
    answer.send(Load(count=len(requests), seconds=seconds, cpu=used.ru_utime + used.ru_stime, statuses=statuses))


def family_cpu(pid: int) -> float:
    """Processor seconds of a process and its children."""
    total = _cpu(pid)
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        total += family_cpu(int(child))
    return total


def _cpu(pid: int) -> float:
    parts = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def process(main: Callable[[], None], *, port: int) -> Iterator[int]:
    """A server in a process of its own, once it listens; gives its pid."""
    child = multiprocessing.get_context("fork").Process(target=main)
    child.start()
    try:
        _await(port)
        yield int(child.pid or 0)
    finally:
        child.terminate()
        child.join()


def _await(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            asyncio.run(_knock(port))
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


async def _knock(port: int) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
