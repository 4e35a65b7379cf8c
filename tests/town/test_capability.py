"""What the door and the courier can reach at all, seen on their live processes and on the database's own word."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError, UnboundExecutionError

from federation import models
from instance.residents import Resident
from tests import running
from tests.conftest import StoreUrls
from web import door, stores, tables
from web.settings import SideSettings

pytestmark = pytest.mark.processes
PRIVATE = ("instance", "federation.hatch", "web.tables", "web.home")


@contextmanager
def process_of(role: str, environ: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own, that writes every module it imports."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-X", "importtime", "-m", "web.cli", "serve", "--only", role],
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(Path.cwd()), **environ},
            stdout=out,
            stderr=out,
        )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def imported(log: Path) -> set[str]:
    """The modules a process has imported so far."""
    lines = log.read_text(errors="replace").splitlines()
    return {line.rsplit("|", 1)[1].strip() for line in lines if line.startswith("import time:")}


def wait_for(module: str, log: Path, process: subprocess.Popen[bytes]) -> set[str]:
    """Wait until a process has imported the last thing it needs, and a little longer."""
    deadline = time.monotonic() + 60
    while module not in imported(log):
        assert process.poll() is None, log.read_text()[-2000:]
        assert time.monotonic() < deadline
        time.sleep(0.2)
    time.sleep(2)
    return imported(log)


def open_files(pid: int) -> set[str]:
    """What a process and its children hold open."""
    found = set()
    for one in running.family(pid):
        for handle in Path(f"/proc/{one}/fd").iterdir():
            try:
                found.add(str(handle.readlink()))
            except OSError:
                continue
    return found


@pytest.mark.parametrize(("role", "last_module"), [("door", "web.fediverse"), ("courier", "federation.inbox")])
def test_a_live_process_of_the_federation_side_has_neither_the_modules_nor_the_file(
    role: str, last_module: str, store_urls: StoreUrls, valkey_url: str, tmp_path: Path
) -> None:
    environ = {
        "PALIER_ORIGIN": f"http://127.0.0.3:{running.free_port('127.0.0.3')}",
        "PALIER_DEVELOPMENT": "1",
        "PALIER_DATA": str(tmp_path / "data"),
        "PALIER_FEDERATION_DATABASE_URL": store_urls.federation,
        "PALIER_FEDERATION_BROKER_URL": valkey_url,
    }
    log = tmp_path / f"{role}.log"
    with process_of(role, environ, log) as process:
        modules = wait_for(last_module, log, process)
        held = open_files(process.pid)
    assert not [one for one in modules if one.startswith(PRIVATE)]
    home = make_url(store_urls.home).database
    assert not [one for one in held if home and home in one and store_urls.home.startswith("sqlite")]


def test_the_door_cannot_name_a_private_table(store_urls: StoreUrls, tmp_path: Path) -> None:
    settings = SideSettings.read(
        {
            "PALIER_ORIGIN": "http://127.0.0.3:8399",
            "PALIER_DEVELOPMENT": "1",
            "PALIER_DATA": str(tmp_path / "data"),
            "PALIER_FEDERATION_DATABASE_URL": store_urls.federation,
        }
    )
    app = door.create_app(settings)
    assert set(stores.of(app)) == {stores.FEDERATION}
    store = stores.of(app)[stores.FEDERATION]
    with store.read() as session, pytest.raises((DBAPIError, UnboundExecutionError)):
        session.execute(select(Resident))
    store.close()
    assert not hasattr(settings, "home_database_url")


def test_on_postgresql_the_federation_role_cannot_read_one_home_row(store_urls: StoreUrls, engine_name: str) -> None:
    if engine_name != "postgresql":
        assert make_url(store_urls.home).database != make_url(store_urls.federation).database
        return
    federation, home = make_url(store_urls.federation), make_url(store_urls.home)
    intruder = create_engine(home.set(username=federation.username, password=federation.password))
    with pytest.raises(OperationalError, match="permission denied for database"):
        intruder.connect()
    intruder.dispose()
    own = create_engine(federation)
    with own.connect() as connection:
        assert set(inspect(connection).get_table_names()) == set(models.Federation.metadata.tables)
        # No foreign table, no link, nothing through which the other database could be read from here.
        assert connection.execute(text("select count(*) from pg_foreign_server")).scalar() == 0
    own.dispose()


def test_no_table_is_in_both_stores() -> None:
    assert not set(tables.HOME.tables) & set(models.Federation.metadata.tables)
