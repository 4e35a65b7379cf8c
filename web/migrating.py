"""Brings both stores to the newest revision, and writes new ones."""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import flask_migrate
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from web import stores, tables
from web.revisions import HISTORIES

SIDES = (stores.HOME, stores.FEDERATION)


def upgrade(urls: Mapping[str, str]) -> None:
    """Bring the stores to their newest revision; one that is there already is not touched."""
    with _application(urls):
        for side in urls:
            flask_migrate.upgrade(directory=str(HISTORIES / side))


def write(urls: Mapping[str, str], *, side: str, message: str) -> None:
    """Write a revision from what the models have and the store, first brought up to date, has not."""
    with _application(urls):
        flask_migrate.upgrade(directory=str(HISTORIES / side))
        number = len(list((HISTORIES / side / "versions").glob("*.py"))) + 1
        flask_migrate.migrate(directory=str(HISTORIES / side), message=message, rev_id=f"{number:04d}")


def differences(store: stores.Store, *, side: str) -> list[object]:
    """What models and store do not have in common; nothing when all is well."""
    metadata = tables.HOME if side == stores.HOME else tables.FEDERATION
    with store.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_name": tables.is_modelled}
        )
        return list(compare_metadata(context, metadata))


@contextmanager
def _application(urls: Mapping[str, str]) -> Iterator[None]:
    # Flask-Migrate lives in an application; this one has stores and nothing else.
    app = Flask("web", instance_path=str(HISTORIES))
    metadata = {stores.HOME: tables.HOME, stores.FEDERATION: tables.FEDERATION}
    opened = stores.attach(app, {side: stores.Bind(url=url, metadata=metadata[side]) for side, url in urls.items()})
    flask_migrate.Migrate(app, app.extensions["sqlalchemy"], render_as_batch=True)
    with app.app_context():
        yield
    for store in opened.values():
        store.close()


def main() -> None:
    """`python -m web.migrating home "what changes"`: for developers, on an empty scratch store."""
    side, message = sys.argv[1:]
    with tempfile.TemporaryDirectory() as scratch:
        write({side: f"sqlite:///{scratch}/store.sqlite"}, side=side, message=message)


if __name__ == "__main__":
    main()
