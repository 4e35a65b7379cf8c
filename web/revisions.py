"""Where the two stores stand in their histories; reads no model, so that either side may ask."""

from pathlib import Path

from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from web import stores

HISTORIES = Path(__file__).parent / "migrations"


def head(side: str) -> str | None:
    """The newest revision of a side's history.

    Raises:
        alembic.util.CommandError: when the history has two heads.
    """
    return ScriptDirectory(str(HISTORIES / side)).get_current_head()


def current(store: stores.Store) -> str | None:
    """The revision a store is at; None when it was never initialised."""
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()
