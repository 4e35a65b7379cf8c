"""A backup holds every row, file and key, comes back whole on either engine, and is refused when damaged."""

import json
import uuid
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Table, insert, select
from sqlalchemy.types import TypeDecorator

from instance import documents
from tests.conftest import StoreUrls
from web import backup, migrating, secret, stores
from web.settings import Settings

NOW = datetime(2027, 5, 11, 8, 0, 2, 123456, tzinfo=UTC)
Dump = dict[str, list[dict[str, Any]]]


def settings_of(urls: StoreUrls, folder: Path, *, origin: str = "https://voisins.example") -> Settings:
    return Settings.read(
        {
            "PALIER_ORIGIN": origin,
            "PALIER_DATA": str(folder),
            "PALIER_HOME_DATABASE_URL": urls.home,
            "PALIER_FEDERATION_DATABASE_URL": urls.federation,
        }
    )


def value_for(table: Table, column: Any) -> Any:
    """Something of the column's kind; every key is 1 or what it points to holds, so that foreign keys hold."""
    for key in column.foreign_keys:
        return value_for(key.column.table, key.column)
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    made: dict[type, Any] = {
        int: 1,
        float: 0.5,
        bool: True,
        bytes: b"\x00\xff bytes",
        uuid.UUID: uuid.UUID("5e4b8a1c-54a5-4b8e-8d7a-3a1f5f2b9c0d"),
        datetime: NOW,
        date: NOW.date(),
        object: {"é": [1, None]},
        dict: {"é": [1, None]},
        str: f"«{column.name}»"[: getattr(kind, "length", None) or 50],
    }
    return made[kind.python_type]


def fill(settings: Settings) -> None:
    """One row in every table of both stores."""
    for side, url in (("home", settings.home_database_url), ("federation", settings.federation_database_url)):
        store = stores.open_store(url)
        with store.write() as session:
            for table in backup.METADATA[side].sorted_tables:
                row = {column.name: value_for(table, column) for column in table.columns}
                if table.name == "conversation":
                    row["skill_id"] = None  # it is about one thing
                session.execute(insert(table).values(row))
            session.commit()
        store.close()


def dump(settings: Settings) -> Dump:
    found: Dump = {}
    for side, url in (("home", settings.home_database_url), ("federation", settings.federation_database_url)):
        store = stores.open_store(url)
        with store.read() as session:
            for table in backup.METADATA[side].sorted_tables:
                found[f"{side}.{table.name}"] = [dict(row) for row in session.execute(select(table)).mappings()]
        store.close()
    return found


@pytest.fixture
def instance(empty_store_urls: StoreUrls, tmp_path: Path) -> Settings:
    """An instance with a row in every table, a picture and a secret."""
    settings = settings_of(empty_store_urls, tmp_path / "data")
    migrating.upgrade(empty_store_urls._asdict())
    secret.ensure(settings.secret_key_file)
    (settings.home_data / "media" / "ab").mkdir(parents=True)
    (settings.home_data / "media" / "ab" / "picture.webp").write_bytes(b"picture")
    (settings.home_data / "broker.log").write_text("not worth keeping")
    (settings.home_data / documents.FOLDER / "ab").mkdir(parents=True)
    (settings.home_data / documents.FOLDER / "ab" / "paper.sealed").write_bytes(b"a newcomer's")
    fill(settings)
    return settings


def test_what_is_saved_comes_back(instance: Settings, make_store: Callable[..., str], tmp_path: Path) -> None:
    file = tmp_path / "saved.zip"
    before = dump(instance)
    assert all(len(rows) == 1 for rows in before.values())
    summary = backup.save(instance, file=file, now=NOW)
    assert sum(summary.rows.values()) == len(before)
    assert file.stat().st_mode & 0o777 == 0o600

    elsewhere = settings_of(
        StoreUrls(make_store("home", empty=True), make_store("federation", empty=True)), tmp_path / "elsewhere"
    )
    backup.restore(elsewhere, file=file)
    assert dump(elsewhere) == before
    assert secret.read(elsewhere.secret_key_file) == secret.read(instance.secret_key_file)
    assert elsewhere.secret_key_file.stat().st_mode & 0o777 == 0o600
    assert (elsewhere.home_data / "media" / "ab" / "picture.webp").read_bytes() == b"picture"
    assert not (elsewhere.home_data / "broker.log").exists()
    assert not (elsewhere.home_data / documents.FOLDER).exists(), "papers of newcomers are kept by nobody"
    assert not list(elsewhere.home_data.glob("restore-*"))


def test_a_picture_that_is_taken_away_meanwhile_does_not_stop_a_backup(
    instance: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = instance.home_data / "media" / "ab" / "gone.webp"
    found = [*backup._files(instance), ("files/home/media/ab/gone.webp", gone)]
    monkeypatch.setattr(backup, "_files", lambda _settings: iter(found))
    file = tmp_path / "saved.zip"
    assert backup.save(instance, file=file, now=NOW).files == len(found) - 1
    with zipfile.ZipFile(file) as archive:
        assert backup.verify(archive, instance)
        assert "files/home/media/ab/gone.webp" not in archive.namelist()


def test_a_backup_crosses_from_one_engine_to_the_other(instance: Settings, tmp_path: Path) -> None:
    file = tmp_path / "saved.zip"
    backup.save(instance, file=file, now=NOW)
    folder = tmp_path / "sqlite"
    urls = StoreUrls(f"sqlite:///{folder}/h/store.sqlite", f"sqlite:///{folder}/f/store.sqlite")
    elsewhere = settings_of(urls, folder)
    backup.restore(elsewhere, file=file)
    assert dump(elsewhere) == dump(instance)


def test_new_rows_get_new_numbers_after_a_restore(
    instance: Settings, make_store: Callable[..., str], tmp_path: Path
) -> None:
    file = tmp_path / "saved.zip"
    backup.save(instance, file=file, now=NOW)
    urls = StoreUrls(make_store("home", empty=True), make_store("federation", empty=True))
    backup.restore(settings_of(urls, tmp_path / "elsewhere"), file=file)
    store = stores.open_store(urls.federation)
    table = backup.METADATA["federation"].tables["peer"]
    with store.write() as session:
        row = {column.name: value_for(table, column) for column in table.columns if column.name != "id"}
        session.execute(insert(table).values(row | {"host": "other.example"}))
        assert sorted(session.scalars(select(table.c.id))) == [1, 2]
    store.close()


def test_only_an_empty_place_is_restored_to_unless_forced(instance: Settings, tmp_path: Path) -> None:
    file = tmp_path / "saved.zip"
    before = dump(instance)
    backup.save(instance, file=file, now=NOW)
    with pytest.raises(backup.CannotRestore, match="--force"):
        backup.restore(instance, file=file)
    assert dump(instance) == before
    backup.restore(instance, file=file, force=True)
    assert dump(instance) == before


def test_a_bad_backup_touches_nothing(instance: Settings, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.zip", tmp_path / "bad.zip"
    backup.save(instance, file=good, now=NOW)
    before = dump(instance)
    for harm in ("flip", "cut", "add", "origin", "outside", "revision"):
        spoil(good, bad, harm)
        with pytest.raises(backup.CannotRestore):
            backup.restore(instance, file=bad, force=True)
    assert dump(instance) == before
    assert not (tmp_path / "escaped").exists()


def spoil(good: Path, bad: Path, harm: str) -> None:
    if harm == "cut":
        bad.write_bytes(good.read_bytes()[:-400])
        return
    with zipfile.ZipFile(good) as source, zipfile.ZipFile(bad, "w") as target:
        content = {name: source.read(name) for name in source.namelist()}
        manifest = json.loads(content[backup.MANIFEST])
        match harm:
            case "flip":
                content["home/resident.jsonl"] = content["home/resident.jsonl"].replace(b"1", b"2", 1)
            case "add":
                content["more"] = b"?"
            case "origin":
                manifest["origin"] = "https://other.example"
            case "revision":
                manifest["revisions"]["home"] = "0000"
            case "outside":
                name = "files/home/../../../escaped"
                content[name] = content[backup.SECRET]
                manifest["sha256"][name] = manifest["sha256"][backup.SECRET]
        content[backup.MANIFEST] = json.dumps(manifest).encode()
        for name, body in content.items():
            target.writestr(name, body)


def test_a_backup_that_cannot_be_written_leaves_no_half_file(instance: Settings, tmp_path: Path) -> None:
    file = tmp_path / "nowhere" / "saved.zip"
    with pytest.raises(OSError, match="No such file"):
        backup.save(instance, file=file, now=NOW)
    assert not list(tmp_path.rglob("*.partial"))
