"""What both Alembic environments do: one store, one transaction, and foreign keys off while SQLite rebuilds tables."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import MigrationScript
from alembic.runtime.migration import MigrationContext
from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, text
from sqlalchemy.sql.elements import False_, True_
from sqlalchemy.types import TypeDecorator

from web import tables

# Any number; two commands that upgrade one PostgreSQL store at once take turns by it.
LOCK = 7254387421


def run(bind: str) -> None:
    """Bring one store to the revision asked for."""
    database: SQLAlchemy = current_app.extensions["sqlalchemy"]
    engine = database.engines[bind]
    with engine.connect() as connection:
        _foreign_keys(engine, connection, on=False)
        try:
            _migrate(connection, bind)
            _check_foreign_keys(connection)
        finally:
            connection.rollback()
            _foreign_keys(engine, connection, on=True)


def _migrate(connection: Connection, bind: str) -> None:
    database: SQLAlchemy = current_app.extensions["sqlalchemy"]
    context.configure(
        connection=connection,
        target_metadata=database.metadatas[bind],
        render_as_batch=True,
        compare_type=True,
        transactional_ddl=True,
        include_name=tables.is_modelled,
        render_item=_render,
        process_revision_directives=_drop_empty,
    )
    with context.begin_transaction():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.run_migrations()


def _foreign_keys(engine: Engine, connection: Connection, *, on: bool) -> None:
    # A batch migration drops the old table: with foreign keys on, everything that cascades from it
    # would go as well. The pragma does nothing inside a transaction, hence the driver's connection.
    if engine.dialect.name == "sqlite":
        driver: Any = connection.connection.driver_connection
        driver.execute(f"PRAGMA foreign_keys = {'ON' if on else 'OFF'}")


def _check_foreign_keys(connection: Connection) -> None:
    if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
        msg = "a migration left a row that points to nothing"
        raise RuntimeError(msg)


def _render(kind: str, item: Any, _autogenerate: AutogenContext) -> str | Literal[False]:
    # A migration is history: it must not change when one of our types does.
    if kind == "type" and isinstance(item, TypeDecorator):
        return f"sa.{item.impl_instance!r}"
    # Written as SQLite spells it ("0") PostgreSQL would refuse it.
    if kind == "server_default" and isinstance(getattr(item, "arg", None), False_ | True_):
        return "sa.true()" if isinstance(item.arg, True_) else "sa.false()"
    return False


def _drop_empty(_context: MigrationContext, _revision: object, directives: list[MigrationScript]) -> None:
    if directives and directives[0].upgrade_ops is not None and directives[0].upgrade_ops.is_empty():
        directives[:] = []
