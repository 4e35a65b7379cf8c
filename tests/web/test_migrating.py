"""Both histories build exactly the tables of the models, on both engines, and have one head each."""

import pytest
from sqlalchemy import inspect

from tests.conftest import StoreUrls
from web import migrating, revisions, stores, tables


def test_migrations_build_what_the_models_say(empty_store_urls: StoreUrls) -> None:
    migrating.upgrade(empty_store_urls._asdict())
    for side, url in empty_store_urls._asdict().items():
        store = stores.open_store(url)
        assert migrating.differences(store, side=side) == []
        assert revisions.current(store) == revisions.head(side)
        store.close()


def test_upgrading_twice_changes_nothing(empty_store_urls: StoreUrls) -> None:
    migrating.upgrade(empty_store_urls._asdict())
    migrating.upgrade(empty_store_urls._asdict())


def test_the_two_stores_have_no_table_in_common(empty_store_urls: StoreUrls) -> None:
    migrating.upgrade(empty_store_urls._asdict())
    names = []
    for url in empty_store_urls:
        store = stores.open_store(url)
        names.append(set(inspect(store.engine).get_table_names()) - {"alembic_version"})
        store.close()
    assert names[0] == set(tables.HOME.tables)
    assert names[1] == set(tables.FEDERATION.tables)
    assert not names[0] & names[1]


@pytest.mark.parametrize("side", migrating.SIDES)
def test_one_head_per_history(side: str) -> None:
    assert revisions.head(side)
