"""A real `live` process and a screen's end of its stream: what tests and measurements of hall screens stand on."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import running
from web import secret

ROOT = Path(__file__).parent.parent
SECONDS_TO_START = 60
BECOME = """
import os, sys
from web.processes import roles
from web.settings import Settings
roles.become(sys.argv[1], settings=Settings.read(os.environ))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Live:
    """A role of an instance that runs by itself and listens."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"


def environment(folder: Path, *, home_url: str, broker_url: str, port: int, **more: str) -> dict[str, str]:
    """The settings of a process of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "home").mkdir(exist_ok=True)
    key = folder / "home" / "secret.key"
    if not key.exists():
        secret.ensure(key)
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("PALIER_")},
        "PALIER_ORIGIN": f"http://127.0.0.1:{port}",
        "PALIER_NAME": "Ville d’Essai",
        "PALIER_DEVELOPMENT": "1",
        "PALIER_DATA": str(folder),
        "PALIER_HOME_DATABASE_URL": home_url,
        "PALIER_HOME_BROKER_URL": broker_url,
        "PALIER_BIND": f"127.0.0.1:{port}",
        **more,
    }


@contextmanager
def serve(role: str, environ: dict[str, str], *, log: Path, first: str = "") -> Iterator[Live]:
    """A role of an instance, alone, until the end of the block: as the supervisor starts it, after these lines."""
    port = int(environ["PALIER_BIND"].rpartition(":")[2])
    with log.open("ab") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", first + BECOME, role],
            cwd=ROOT,
            env=environ,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_listening(process, port, log)
        yield Live(process=process, port=port, log=log)
    finally:
        # Gunicorn's arbiter ends its worker, and the kernel does if the arbiter cannot.
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_listening(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        else:
            return


def free_port() -> int:
    """A port that nobody listens on now."""
    return running.free_port("127.0.0.1")


@dataclass(slots=True, kw_only=True)
class Event:
    """One event of a stream."""

    kind: str
    data: Any
    id: str


@dataclass(slots=True)
class Screen:
    """A screen's end of a stream: what it was told, as a browser would have understood it."""

    port: int
    key: str
    have: str = ""
    cookie: bool = False
    line: socket.socket = field(init=False)
    rest: bytes = field(init=False, default=b"")
    text: bytes = field(init=False, default=b"")
    parts: dict[str, str] = field(init=False, default_factory=dict)
    head: str = field(init=False, default="")
    closed: bool = field(init=False, default=False)

    def __enter__(self) -> "Screen":
        self.line = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        path = "/live/hall" if self.cookie else f"/live/hall/{self.key}"
        lines = [f"GET {path}?have={self.have} HTTP/1.1", f"Host: 127.0.0.1:{self.port}"]
        lines += [f"Cookie: palier_screen={self.key}"] if self.cookie else []
        self.line.sendall("\r\n".join([*lines, "", ""]).encode())
        head = b""
        while b"\r\n\r\n" not in head:
            got = self.line.recv(65536)
            assert got, head
            head += got
        head, _, self.rest = head.partition(b"\r\n\r\n")
        self.head = head.decode()
        return self

    def __exit__(self, *_: object) -> None:
        self.line.close()

    @property
    def status(self) -> int:
        """What was answered."""
        return int(self.head.split()[1])

    def events(self, *, seconds: float) -> Iterator[Event]:
        """Events as they come, for so long; chunked transfer coding is taken off."""
        deadline = time.monotonic() + seconds
        while True:
            while b"\n\n" in self.text:
                block, _, self.text = self.text.partition(b"\n\n")
                event = _event(block.decode())
                if event is not None:
                    if event.kind == "part":
                        self.parts[event.data["name"]] = event.data["html"]
                    yield event
            if self.closed or time.monotonic() > deadline:
                return
            self.text += self._chunk(deadline)

    def _chunk(self, deadline: float) -> bytes:
        while b"\r\n" not in self.rest:
            if not self._more(deadline):
                return b""
        size, _, rest = self.rest.partition(b"\r\n")
        length = int(size, 16)
        while len(rest) < length + 2:
            self.rest = size + b"\r\n" + rest
            if not self._more(deadline):
                return b""
            rest = self.rest.partition(b"\r\n")[2]
        self.rest = rest[length + 2 :]
        self.closed = self.closed or length == 0
        return rest[:length]

    def _more(self, deadline: float) -> bool:
        self.line.settimeout(max(0.01, deadline - time.monotonic()))
        try:
            got = self.line.recv(65536)
        except TimeoutError:
            return False
        self.closed = self.closed or not got
        self.rest += got
        return bool(got)

    def until(self, kind: str, *, seconds: float = 20) -> Event:
        """The next event of this kind."""
        for event in self.events(seconds=seconds):
            if event.kind == kind:
                return event
        raise AssertionError(f"no {kind} within {seconds} s")


def _event(block: str) -> Event | None:
    fields = dict(line.partition(": ")[::2] for line in block.splitlines() if not line.startswith(":"))
    if "event" not in fields:
        return None
    data = fields.get("data", "")
    return Event(kind=fields["event"], data=json.loads(data) if data else None, id=fields.get("id", ""))
