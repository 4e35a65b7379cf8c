"""What each test would do anew and with the same end, done once for the run: templates, statements, routes, passwords.

Only work is spared. Whatever a test looks at is what it would be otherwise.
"""

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Dialect, Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from web import stores

# As many as all tests of a worker send, more or less; a program that runs keeps 500 for its one engine.
STATEMENTS = 4000
PREPARE_SQLITE = stores._prepare_sqlite


@contextmanager
def quick_hasher() -> Iterator[None]:
    """Argon2 with the least work."""
    passwords = importlib.import_module("instance.passwords")
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", quick)
        patch.setattr(passwords, "_nobody", lambda: quick.hash("nobody"))
        yield


class Compiled(BytecodeCache):
    """The templates of every application of this run, compiled once: each test makes an application of its own."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


@contextmanager
def unhurried_disk() -> Iterator[None]:
    """SQLite does not wait for the disk: what one process wrote is there for the next one anyway."""

    def prepare_for_a_test(connection: Any, record: object) -> None:
        PREPARE_SQLITE(connection, record)
        connection.execute("PRAGMA synchronous = OFF")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stores, "_prepare_sqlite", prepare_for_a_test)
        yield


@contextmanager
def trusted_connections() -> Iterator[None]:
    """A connection to the PostgreSQL beside us is not asked whether it still answers each time it is taken up."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PGDialect_psycopg, "do_ping", lambda _dialect, connection: not connection.closed)
        yield


@contextmanager
def compiled_templates() -> Iterator[None]:
    """What Jinja makes of a template."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(Flask.jinja_options, "bytecode_cache", Compiled())
        yield


@contextmanager
def compiled_statements() -> Iterator[None]:
    """What SQLAlchemy makes of a statement: the same SQL for every engine of one kind, and each test opens its own."""
    kept: dict[type[Dialect], LRUCache[Any, Any]] = {}

    def of(engine: Engine) -> LRUCache[Any, Any]:
        return kept.setdefault(type(engine.dialect), LRUCache(STATEMENTS))

    with pytest.MonkeyPatch.context() as patch:
        for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
            # A statement is kept beside the dialect it was compiled for.
            patch.setattr(kind, "__eq__", lambda one, other: type(one) is type(other))
            patch.setattr(kind, "__hash__", lambda one: hash(type(one)))
        patch.setattr(Engine, "_compiled_cache", property(of, lambda _engine, _own: None), raising=False)
        yield


@contextmanager
def compiled_routes() -> Iterator[None]:
    """The functions that werkzeug compiles for writing a route's addresses: nothing in them but the route's words."""
    kept: dict[object, Callable[..., tuple[str, str]]] = {}
    compiled = Rule._compile_builder

    def compile_once(rule: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if rule.defaults:
            return compiled(rule, append_unknown)
        key = (rule.rule, tuple(rule._trace), append_unknown)
        if key not in kept:
            kept[key] = compiled(rule, append_unknown)
        return kept[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield


@contextmanager
def everything() -> Iterator[None]:
    """All of these."""
    with (
        quick_hasher(),
        unhurried_disk(),
        trusted_connections(),
        compiled_templates(),
        compiled_statements(),
        compiled_routes(),
    ):
        yield
