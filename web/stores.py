"""The engines and sessions of the two stores, opened the same way by web applications and by workers."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import StaticPool

HOME = "home"
FEDERATION = "federation"
EXTENSION = "palier_stores"
READING = "palier_reading"
BUSY_SECONDS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """One opened store. `write` begins by taking the write lock, `read` never waits for it."""

    engine: Engine
    write: sessionmaker[Session]
    read: sessionmaker[Session]

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class Bind:
    """Where a store is and which tables it has."""

    url: str
    metadata: MetaData


def open_store(url: str) -> Store:
    """Open one store outside of any web application: workers, commands, tests."""
    _make_folder(url)
    return wrap(create_engine(url, **options(url)))


def forbid_writing(engine: Engine) -> None:
    """Let the database itself refuse every change on this engine's connections, from now on."""
    event.listen(engine, "connect", _forbid_sqlite if engine.dialect.name == "sqlite" else _forbid_postgresql)


def _forbid_sqlite(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA query_only = ON")


def _forbid_postgresql(connection: Any, _record: object) -> None:
    connection.read_only = True


def attach(app: Flask, binds: Mapping[str, Bind]) -> Mapping[str, Store]:
    """Give a web application the stores named, and no other; `of` finds them again.

    Flask-SQLAlchemy keeps the engines only. Its own session is not used: one session over two
    stores commits twice while looking like one commit.
    """
    database = SQLAlchemy()
    for name, bind in binds.items():
        _make_folder(bind.url)
        database.metadatas[name] = bind.metadata
    app.config["SQLALCHEMY_BINDS"] = {name: {"url": bind.url, **options(bind.url)} for name, bind in binds.items()}
    database.init_app(app)
    with app.app_context():
        opened = {name: wrap(database.engines[name]) for name in binds}
    app.extensions[EXTENSION] = opened
    return opened


def of(app: Flask) -> Mapping[str, Store]:
    """The stores `attach` gave to this application, by name.

    Raises:
        KeyError: on a name the application was not given: the door has no "home".
    """
    found: Mapping[str, Store] = app.extensions[EXTENSION]
    return found


def wrap(engine: Engine) -> Store:
    """Sessions over an engine, which on SQLite gets its pragmas and an honest BEGIN."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    reading = engine.execution_options(**{READING: True})
    return Store(
        engine=engine,
        write=sessionmaker(engine, expire_on_commit=False),
        read=sessionmaker(reading, expire_on_commit=False),
    )


def options(url: str) -> dict[str, Any]:
    """Engine options by kind of store."""
    # An error of the database must not carry somebody's row into a log.
    return {"hide_parameters": True, **_pool(url)}


def _pool(url: str) -> dict[str, Any]:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database in {None, "", ":memory:"}:
        return {"poolclass": StaticPool, "connect_args": {"check_same_thread": False}}
    if parsed.get_backend_name() == "sqlite":
        # A connection per thread at most; SQLite itself queues the writers.
        return {"connect_args": {"timeout": BUSY_SECONDS}, "pool_size": 8, "max_overflow": 256}
    return {
        "pool_size": 5,
        "max_overflow": 10,
        "pool_timeout": BUSY_SECONDS,
        # A firewall or a restart of the server drops idle connections without a word.
        "pool_pre_ping": True,
        "pool_recycle": 1800,
        "connect_args": {"connect_timeout": BUSY_SECONDS, "options": "-c timezone=UTC -c lock_timeout=10000"},
    }


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: `_begin_sqlite` says which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        # What was blanked or deleted is overwritten at once, and the log behind it cut when it begins anew.
        "secure_delete = ON",
        "journal_size_limit = 0",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A deferred BEGIN that turns writer half-way fails at once whatever busy_timeout says.
    reading = connection.get_execution_options().get(READING, False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def _make_folder(url: str) -> None:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database and parsed.database != ":memory:":
        with suppress(PermissionError):  # opening the file will say so, naming the file
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
