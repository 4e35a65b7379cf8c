"""Fixtures for every folder: fresh stores on both engines, a Valkey, and an honest count of what ran where."""

import gc
import importlib
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import redis
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import MetaData
from sqlalchemy.orm import Session
from xdist.remote import Producer
from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController

from tests import keys, once, servers
from web import stores

ENGINES = ("sqlite", "postgresql", "valkey", "browser", "processes", "interop")
CI = os.environ.get("CI") == "true"


class StoreUrls(NamedTuple):
    """Where the two stores of one test are."""

    home: str
    federation: str


def missing(what: str, why: object) -> None:
    """Skip with the reason; where nothing may be missing, fail."""
    if CI:
        pytest.fail(f"{what} must be there in CI: {why}")
    pytest.skip(f"{what} is not available here: {why}")


@pytest.fixture(scope="session")
def cluster() -> Iterator[servers.Cluster]:
    """The PostgreSQL of this run, one per worker."""
    try:
        with servers.postgresql() as found:
            found.leave_statistics_alone()
            yield found
    except servers.Unavailable as error:
        missing("PostgreSQL", error)


# --- quicker than in earnest, where that is not what a test is about


@pytest.fixture(autouse=True, scope="session")
def _once() -> Iterator[None]:
    with once.everything():
        yield


@pytest.fixture(autouse=True)
def _keys() -> Iterator[None]:
    """Keys made for an earlier test; within one test every key is another."""
    with pytest.MonkeyPatch.context() as patch:
        keys.install(patch, several=1000)
        yield


# --- the stores of one test


def tables_of(side: str) -> MetaData:
    """The tables of one side; read late, so that a broken floor fails its own tests only."""
    if side == "federation":
        federation: MetaData = importlib.import_module("federation.models").Federation.metadata
        return federation
    home: MetaData = importlib.import_module("web.tables").HOME
    return home


@pytest.fixture(params=[pytest.param(name, marks=getattr(pytest.mark, name)) for name in ("sqlite", "postgresql")])
def engine_name(request: pytest.FixtureRequest) -> str:
    """A test that asks for a store runs once per engine."""
    name: str = request.param
    return name


@pytest.fixture
def make_store(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[..., str]]:
    """`make_store("home")` is the address of a fresh store with all tables; `empty=True` makes none."""
    made: list[str] = []

    def on_sqlite(side: str, *, empty: bool = False) -> str:
        file = tmp_path / f"store{len(made)}" / side / "store.sqlite"
        file.parent.mkdir(parents=True)
        if not empty:
            servers.fill(f"sqlite:///{file}", tables_of(side))
        made.append(str(file))
        return f"sqlite:///{file}"

    def on_postgresql(side: str, *, empty: bool = False) -> str:
        cluster: servers.Cluster = request.getfixturevalue("cluster")
        made.append(cluster.make(side, None if empty else tables_of(side)))
        return made[-1]

    yield on_sqlite if engine_name == "sqlite" else on_postgresql
    if engine_name == "postgresql":
        for url in made:
            request.getfixturevalue("cluster").drop(url)


@pytest.fixture
def store_urls(make_store: Callable[..., str]) -> StoreUrls:
    """Two fresh stores with all tables, each with its own role on PostgreSQL."""
    return StoreUrls(make_store("home"), make_store("federation"))


@pytest.fixture
def empty_store_urls(make_store: Callable[..., str]) -> StoreUrls:
    """Two stores without any table, for migrations and restores."""
    return StoreUrls(make_store("home", empty=True), make_store("federation", empty=True))


@pytest.fixture
def home_store(make_store: Callable[..., str]) -> Iterator[stores.Store]:
    """A fresh home store, opened; on each engine."""
    store = stores.open_store(make_store("home"))
    yield store
    store.close()


@pytest.fixture
def federation_store(make_store: Callable[..., str]) -> Iterator[stores.Store]:
    """A fresh federation store, opened; on each engine."""
    store = stores.open_store(make_store("federation"))
    yield store
    store.close()


@pytest.fixture
def home_session(home_store: stores.Store) -> Iterator[Session]:
    """A writing session on a fresh home store; on each engine."""
    with home_store.write() as session:
        yield session


@pytest.fixture
def federation_session(federation_store: stores.Store) -> Iterator[Session]:
    """A writing session on a fresh federation store; on each engine."""
    with federation_store.write() as session:
        yield session


@pytest.fixture
def now() -> datetime:
    """The moment a test lives in, where it has no better idea."""
    return datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)


# --- Valkey


@pytest.fixture(scope="session")
def valkey_server() -> Iterator[str]:
    """A Valkey on a unix socket, for the whole run of one worker."""
    try:
        with servers.valkey() as url:
            yield url
    except servers.Unavailable as error:
        missing("Valkey", error)


@pytest.fixture
def valkey_url(valkey_server: str) -> Iterator[str]:
    """The address of an empty Valkey."""
    client = redis.Redis.from_url(valkey_server)
    client.flushall()
    yield valkey_server
    client.close()


# --- Chromium


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of the system's Chromium; tests never download a browser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        missing("Chromium", "no program of that name on PATH (Debian: apt install chromium)")
    return str(found)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """The one Chromium of this run: a second one in the same process could not be started."""
    with sync_playwright() as driver:
        arguments = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]
        opened = driver.chromium.launch(executable_path=chromium, args=arguments)
        yield opened
        opened.close()


# --- which tests share a worker


# What mostly waits: for processes that start, for letters that are tried again, for the end of a pause.
WAITING = "waiting"
WAITS = ("town/test_five.py", "town/test_three.py", "town/test_killing.py", "town/test_capability.py")
WAITS += ("web/test_supervisor.py", "web/test_live.py", "web/test_cli.py", "web/commands/test_instance.py")
# What a server is started for, and walked through: on two workers it would be done twice.
TOGETHER = {"tests/browser/": "browser", "tests/web/test_pages_base_browser.py": "browser", "tests/interop/": "fedify"}
TOGETHER |= {f"tests/{one}": WAITING for one in WAITS}


class Together(LoadGroupScheduling):
    """Groups by place: xdist 3.8 writes its groups where pytest 9.2 no longer looks for a test's id.

    Of three workers and more the last has what waits, and nothing else: it needs little of the two cores of the others.
    """

    _patient: WorkerController | None = None

    def _split_scope(self, nodeid: str) -> str:
        return next((group for place, group in TOGETHER.items() if nodeid.startswith(place)), nodeid)

    def schedule(self) -> None:
        if self.collection is None and len(self.nodes) > 2:
            self._patient = self.nodes[-1]
        super().schedule()

    def _assign_work_unit(self, node: WorkerController) -> None:
        if self._patient is not None and WAITING in self.workqueue:
            self.workqueue.move_to_end(WAITING, last=node is not self._patient)
        super()._assign_work_unit(node)

    def _reschedule(self, node: WorkerController) -> None:
        if node is self._patient and WAITING not in self.workqueue and not node.shutting_down:
            node.shutdown()
        else:
            super()._reschedule(node)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadGroupScheduling | None:
    """For `--dist loadgroup`."""
    return Together(config, log) if config.getoption("dist") == "loadgroup" else None


# --- counting


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--every-engine`: with CI=true, an engine on which nothing ran fails the run."""
    parser.addoption("--every-engine", action="store_true", help="fail in CI when nothing ran on some engine")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a Valkey or a browser by what it asks for, so that nobody can forget to."""
    for item in items:
        for fixture, engine in (("valkey_server", "valkey"), ("chromium", "browser")):
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(getattr(pytest.mark, engine))
        # A report's keywords hold folder names as well: tests/browser and tests/interop are no engines.
        item.user_properties += [("engine", name) for name in ENGINES if item.get_closest_marker(name)]


def count(reporter: pytest.TerminalReporter) -> tuple[Counter[str], Counter[str]]:
    """How many tests ran, and how many were skipped, per engine."""
    ran: Counter[str] = Counter()
    skipped: Counter[str] = Counter()
    for outcome, reports in reporter.stats.items():
        for report in reports:
            names = [value for key, value in getattr(report, "user_properties", ()) if key == "engine"]
            if outcome == "skipped":
                skipped.update(names)
            elif outcome in {"passed", "failed"} and report.when == "call":
                ran.update(names)
    return ran, skipped


def pytest_collection_finish() -> None:
    """What is loaded now stays to the end, and is a million objects: do not look through it for garbage every time."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how many tests really ran on each engine, and how many were skipped."""
    ran, skipped = count(terminalreporter)
    terminalreporter.section("engines")
    for name in ENGINES:
        note = f", {skipped[name]} skipped (reasons below)" if skipped[name] else ""
        terminalreporter.write_line(f"{name:<11} {ran[name]} ran{note}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Where nothing may be missing, an engine on which nothing ran is a failure."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None or not (CI and session.config.getoption("--every-engine")):
        return
    ran, _ = count(reporter)
    if any(not ran[name] for name in ENGINES):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
