"""Both stores open alike on both engines, and no side can open the other's."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import MetaData, event, text
from sqlalchemy.exc import OperationalError

from tests import once, servers
from web import stores


def test_a_writer_commits_and_a_reader_sees(federation_store: stores.Store) -> None:
    with federation_store.write() as session:
        session.execute(text("CREATE TABLE proof (n INTEGER)"))
        session.execute(text("INSERT INTO proof VALUES (1)"))
        session.commit()
    with federation_store.read() as session:
        assert session.scalar(text("SELECT n FROM proof")) == 1


@pytest.mark.sqlite
def test_sqlite_is_durable_and_checks_foreign_keys(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stores, "_prepare_sqlite", once.PREPARE_SQLITE)
    store = stores.open_store(f"sqlite:///{tmp_path}/deeper/store.sqlite")
    with store.read() as session:
        wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10000}
        wanted |= {"secure_delete": 1, "journal_size_limit": 0}
        assert {name: session.scalar(text(f"PRAGMA {name}")) for name in wanted} == wanted
    store.close()


@pytest.mark.sqlite
def test_what_was_blanked_or_deleted_is_nowhere_in_the_files_of_a_store(tmp_path: Path) -> None:
    def bytes_of(folder: str, *, careless: bool = False) -> bytes:
        store = stores.open_store(f"sqlite:///{tmp_path}/{folder}/store.sqlite")
        if careless:
            event.listen(store.engine, "connect", lambda opened, _: opened.execute("PRAGMA secure_delete = OFF"))
        with store.write.begin() as session:
            session.execute(text("CREATE TABLE letter (n INTEGER, body TEXT)"))
            rows = [{"n": n, "body": f"mot secret {n} " * 60} for n in range(200)]
            session.execute(text("INSERT INTO letter VALUES (:n, :body)"), rows)
        with store.write.begin() as session:
            session.execute(text("UPDATE letter SET body = '' WHERE n < 100"))
        with store.write.begin() as session:
            session.execute(text("DELETE FROM letter WHERE n >= 100"))
        store.close()
        return b"".join(one.read_bytes() for one in (tmp_path / folder).iterdir())

    assert b"mot secret" not in bytes_of("ours")
    assert b"mot secret" in bytes_of("careless", careless=True), "or this test would prove nothing"


@pytest.mark.sqlite
def test_writers_queue_instead_of_failing(tmp_path: object) -> None:
    store = stores.open_store(f"sqlite:///{tmp_path}/store.sqlite")
    with store.write() as session:
        session.execute(text("CREATE TABLE tally (n INTEGER)"))
        session.execute(text("INSERT INTO tally VALUES (0)"))
        session.commit()

    def add_one() -> None:
        with store.write() as session:
            seen = session.scalar(text("SELECT n FROM tally")) or 0
            time.sleep(0.01)
            session.execute(text("UPDATE tally SET n = :n"), {"n": seen + 1})
            session.commit()

    threads = [threading.Thread(target=add_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as session:
        assert session.scalar(text("SELECT n FROM tally")) == 8
    store.close()


def test_a_reader_does_not_wait_for_a_writer(federation_store: stores.Store) -> None:
    with federation_store.write() as writer:
        writer.execute(text("CREATE TABLE slow (n INTEGER)"))
        started = time.monotonic()
        with federation_store.read() as reader:
            assert reader.scalar(text("SELECT 1")) == 1
        assert time.monotonic() - started < 2


def test_an_application_has_the_stores_it_was_given_and_no_other(make_store: Callable[..., str]) -> None:
    app = Flask("proof", instance_path="/nowhere")
    bind = stores.Bind(url=make_store("federation", empty=True), metadata=MetaData())
    stores.attach(app, {stores.FEDERATION: bind})
    with stores.of(app)[stores.FEDERATION].read() as session:
        assert session.scalar(text("SELECT 1")) == 1
    with pytest.raises(KeyError):
        stores.of(app)[stores.HOME]
    stores.of(app)[stores.FEDERATION].close()


@pytest.mark.postgresql
def test_the_role_of_one_side_cannot_connect_to_the_other(cluster: servers.Cluster) -> None:
    home = cluster.make("home", None)
    intruder = home.replace(servers.ROLES["home"], servers.ROLES["federation"])
    store = stores.open_store(intruder)
    with pytest.raises(OperationalError, match="permission denied for database"), store.read() as session:
        session.execute(text("SELECT 1"))
    store.close()
    cluster.drop(home)
