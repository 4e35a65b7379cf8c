"""The demonstration as a running thing: what browser tests, screenshots and measurements all stand on."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from web import stores

ROOT = Path(__file__).parents[1]
SECONDS_TO_START = 150
HOSTS = ("127.0.0.1", "127.0.0.2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """Two instances that are up: where they are, where they keep things, and what was printed."""

    process: "subprocess.Popen[bytes]"
    folder: Path
    printed: str

    @property
    def origins(self) -> Sequence[str]:
        """Marseille first, Saint-Barnabé second."""
        return re.findall(r"(http://127\.0\.0\.[12]:\d+)/\s*$", self.printed, re.MULTILINE)[:2]

    @property
    def halls(self) -> Sequence[str]:
        """The hall screens, in the same order."""
        return re.findall(r"http://\S+/hall/\S+", self.printed)

    def store(self, name: str, side: str) -> stores.Store:
        """One of the four stores, opened beside the running processes."""
        return stores.open_store(f"sqlite:///{self.folder / name / side / 'store.sqlite'}")

    def log(self) -> str:
        """What the processes of both wrote."""
        return "\n".join(one.read_text(errors="replace") for one in sorted(self.folder.glob("*/palier.log")))


def begin_counts_anew(demo: Demo) -> None:
    """Let everybody write as if they had not yet: web servers start their worker again, and counts live in it."""
    old = {one: family(one)[1:] for one in family(demo.process.pid) if _is_server(one)}
    for server in old:
        os.kill(server, signal.SIGHUP)
    deadline = time.monotonic() + SECONDS_TO_START
    while any(set(family(server)) & set(workers) or len(family(server)) < 2 for server, workers in old.items()):
        assert time.monotonic() < deadline, "a web server did not start its worker again"
        time.sleep(0.1)


def _is_server(pid: int) -> bool:
    """Whether this is gunicorn's own process: named for what it serves, as is its one worker below it."""
    names = [_name(one) for one in family(pid)[:2]]
    return names == ["web", "web"]


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text().strip()
    except OSError:
        return ""


def free_port(host: str) -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextmanager
def demo(folder: Path, *, locale: str = "fr", fresh: bool = True, ports: Sequence[int] = ()) -> Iterator[Demo]:
    """`palier demo`, as ./run calls it, until the end of the block."""
    ports = ports or [free_port(host) for host in HOSTS]
    folder.mkdir(parents=True, exist_ok=True)
    output = folder.with_suffix(".out")
    command = [sys.executable, "-m", "web.cli", "demo", "--folder", str(folder), "--locale", locale]
    command += ["--ports", *map(str, ports), *(["--fresh"] if fresh else [])]
    with output.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdout=out,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env={**os.environ, "COLUMNS": "200"},
            start_new_session=True,
        )
    try:
        _wait_until_up(process, output)
        yield Demo(process=process, folder=folder, printed=output.read_text())
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=40)
        except subprocess.TimeoutExpired:
            process.kill()


@dataclass(slots=True, kw_only=True)
class Served:
    """One instance as an operator has it: `palier serve`, started, killed and started again."""

    environ: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it and wait until it says that it is up."""
        with self.log.open("wb") as out:
            command = [sys.executable, "-m", "web.cli", "serve"]
            self.process = subprocess.Popen(
                command, env=self.environ, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )
        deadline = time.monotonic() + SECONDS_TO_START
        while b"Palier is up" not in self.log.read_bytes():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def stop(self) -> None:
        """End it as a system does."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(60)
            self.process = None

    def kill(self) -> None:
        """End every process of it at once, with -9."""
        assert self.process is not None
        for pid in family(self.process.pid):
            os.kill(pid, signal.SIGKILL)
        self.process.wait(60)
        self.process = None


def served(folder: Path, *, name: str, origin: str, bind: str | None = None) -> Served:
    """An instance in a folder of its own, not started; `origin` is http://host:port, `bind` where it listens."""
    folder.mkdir(parents=True, exist_ok=True)
    environ = {
        "PATH": os.environ["PATH"],
        "PALIER_ORIGIN": origin,
        "PALIER_NAME": name,
        "PALIER_DATA": str(folder / "data"),
        "PALIER_DEVELOPMENT": "1",
    }
    if bind is not None:
        environ["PALIER_BIND"] = bind
    return Served(environ=environ, log=folder / "serve.log")


def _wait_until_up(process: "subprocess.Popen[bytes]", output: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while "/hall/" not in output.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(output.read_text())
        time.sleep(0.2)


def family(pid: int) -> list[int]:
    """A process and all its descendants that still run."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in family(int(child)))]


def proportional_kib(pid: int) -> int:
    """The memory of one process, shared pages counted in shares (PSS), in KiB."""
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0
