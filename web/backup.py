"""Both stores, the files and the keys of an instance as one unit: saved together, restored together or not at all.

Rows are written as JSON lines by the models, not as a copy of the database: a backup made on SQLite
can be restored on PostgreSQL, and no program of the database server is needed.
"""

import base64
import hashlib
import json
import os
import shutil
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, insert, select, text
from sqlalchemy.types import TypeDecorator, TypeEngine

from instance import documents
from web import VERSION, migrating, revisions, stores, tables
from web.processes import brokers
from web.settings import BUNDLED, Settings

FORMAT = 1
MANIFEST = "manifest.json"
SECRET = "secret.key"  # noqa: S105  # a file's name
# What a data folder holds beside files worth keeping: the stores, saved as rows, the brokers, worth nothing, and papers
# of newcomers, which nobody may keep.
NOT_FILES = ("store.sqlite", "broker.", "appendonlydir", "restore-", "replaced-", documents.FOLDER)
BATCH = 500
METADATA: Mapping[str, MetaData] = {stores.HOME: tables.HOME, stores.FEDERATION: tables.FEDERATION}


class CannotRestore(Exception):
    """The backup is not acceptable, or the place to restore to is not; nothing was touched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a backup holds."""

    version: str
    made_at: str
    rows: Mapping[str, int]
    files: int


# --- saving


def save(settings: Settings, *, file: Path, now: datetime) -> Summary:
    """Write a backup; the file appears when it is complete, readable by its owner only, and holds every key."""
    partial = file.with_name(file.name + ".partial")
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as raw, zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
            summary = _fill(archive, settings, now)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
    return summary


def _fill(archive: zipfile.ZipFile, settings: Settings, now: datetime) -> Summary:
    sums: dict[str, str] = {}
    rows: dict[str, int] = {}
    with _snapshots(settings) as connections:
        for side, connection in connections.items():
            for table in METADATA[side].sorted_tables:
                name = f"{side}/{table.name}.jsonl"
                rows[name], sums[name] = _write_table(archive, name, connection, table)
    files = 0
    for name, path in _files(settings):
        with suppress(FileNotFoundError):  # a photograph that was taken away meanwhile
            sums[name] = _copy(archive, name, path)
            files += 1
    manifest = {
        "format": FORMAT,
        "version": VERSION,
        "made_at": now.isoformat(),
        "origin": settings.origin,
        "revisions": {side: revisions.head(side) for side in METADATA},
        "rows": rows,
        "sha256": sums,
    }
    archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return Summary(version=VERSION, made_at=now.isoformat(), rows=rows, files=files)


def _copy(archive: zipfile.ZipFile, name: str, path: Path) -> str:
    """Copy a file into the archive; returns its checksum. Raises FileNotFoundError before anything is written."""
    digest = hashlib.sha256()
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as out:
        while piece := source.read(1 << 20):
            digest.update(piece)
            out.write(piece)
    return digest.hexdigest()


@contextmanager
def _snapshots(settings: Settings) -> Iterator[Mapping[str, Connection]]:
    """A connection to each store that sees one moment, the same for both as far as the hatch is concerned.

    Home's moment comes first, so that what home believes to have crossed has crossed in the copy as
    well. Letters stand still in between, so that none is handled in the copy without its effect at home.
    """
    with ExitStack() as stack:
        urls = {stores.HOME: settings.home_database_url, stores.FEDERATION: settings.federation_database_url}
        opened = {side: stores.open_store(url) for side, url in urls.items()}
        for store in opened.values():
            stack.callback(store.close)
        with opened[stores.FEDERATION].write() as hold:
            if hold.get_bind().dialect.name == "postgresql":
                hold.execute(text("LOCK TABLE letter IN EXCLUSIVE MODE"))
            else:
                hold.execute(text("SELECT 1"))
            found = {side: stack.enter_context(_snapshot(opened[side])) for side in METADATA}
        yield found


@contextmanager
def _snapshot(store: stores.Store) -> Iterator[Connection]:
    options: dict[str, Any] = {stores.READING: True}
    if store.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with store.engine.connect().execution_options(**options) as connection:
        # The first read fixes the moment, on either engine.
        connection.execute(text("SELECT count(*) FROM alembic_version"))
        yield connection


def _write_table(archive: zipfile.ZipFile, name: str, connection: Connection, table: Table) -> tuple[int, str]:
    digest = hashlib.sha256()
    count = 0
    wanted = select(table).order_by(*table.primary_key.columns)
    with archive.open(name, "w", force_zip64=True) as out:
        for row in connection.execution_options(yield_per=BATCH).execute(wanted).mappings():
            line = json.dumps({key: _plain(value) for key, value in row.items()}, ensure_ascii=False).encode() + b"\n"
            digest.update(line)
            out.write(line)
            count += 1
    return count, digest.hexdigest()


def _plain(value: Any) -> Any:
    match value:
        case bytes():
            return base64.b64encode(value).decode()
        case uuid.UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return value


def _files(settings: Settings) -> Iterator[tuple[str, Path]]:
    if settings.secret_key_file.exists():
        yield SECRET, settings.secret_key_file
    for side, folder in _folders(settings).items():
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder)
            wanted = path.is_file() and not path.is_symlink() and not inside.parts[0].startswith(NOT_FILES)
            if wanted and path != settings.secret_key_file:
                yield f"files/{side}/{inside.as_posix()}", path


def _folders(settings: Settings) -> Mapping[str, Path]:
    return {stores.HOME: settings.home_data, stores.FEDERATION: settings.federation_data}


# --- restoring


def restore(settings: Settings, *, file: Path, force: bool = False) -> Summary:
    """Put a backup in place of what is there: everything or nothing.

    Raises:
        CannotRestore: the file is damaged or of another version or origin, something is running, or the
            stores are not empty and `force` was not given. Nothing was touched then.
    """
    with _opened(file) as archive:
        manifest = verify(archive, settings)
        _check_stopped(settings)
        urls = {stores.HOME: settings.home_database_url, stores.FEDERATION: settings.federation_database_url}
        migrating.upgrade(urls)
        with ExitStack() as stack:
            connections = {}
            for side, url in urls.items():
                store = stores.open_store(url)
                stack.callback(store.close)
                connections[side] = stack.enter_context(store.engine.connect())
                _empty(connections[side], METADATA[side], force=force)
            for side, connection in connections.items():
                for table in METADATA[side].sorted_tables:
                    _read_table(archive, f"{side}/{table.name}.jsonl", connection, table)
                _continue_numbering(connection, METADATA[side])
            placed = _unpack(archive, manifest, settings)
            for connection in connections.values():
                connection.commit()
            placed()
    return Summary(
        version=manifest["version"],
        made_at=manifest["made_at"],
        rows=manifest["rows"],
        files=len(_file_names(manifest)),
    )


@contextmanager
def _opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        archive = zipfile.ZipFile(file)
    except (OSError, zipfile.BadZipFile) as error:
        msg = f"{file} is no backup: {error}"
        raise CannotRestore(msg) from None
    with archive:
        yield archive


def verify(archive: zipfile.ZipFile, settings: Settings) -> dict[str, Any]:
    """The manifest, once every byte was compared with it.

    Raises:
        CannotRestore: when something is missing, damaged, added, or of another version or origin.
    """
    try:
        manifest: dict[str, Any] = json.loads(archive.read(MANIFEST))
        sums: dict[str, str] = manifest["sha256"]
        damaged = [name for name, expected in sums.items() if _checksum(archive.open(name)) != expected]
    except (KeyError, ValueError, TypeError, zipfile.BadZipFile, OSError) as error:
        msg = f"the backup is damaged: {error}"
        raise CannotRestore(msg) from None
    added = set(archive.namelist()) - set(sums) - {MANIFEST}
    if damaged or added:
        msg = f"the backup is damaged: {', '.join(sorted({*damaged, *added}))}"
        raise CannotRestore(msg)
    _check_manifest(manifest, settings)
    return manifest


def _check_manifest(manifest: Mapping[str, Any], settings: Settings) -> None:
    if manifest.get("format") != FORMAT or manifest["revisions"] != {side: revisions.head(side) for side in METADATA}:
        msg = (
            f"the backup was made by Palier {manifest.get('version')}, this is {VERSION} and its tables differ; "
            "restore with that version, then upgrade"
        )
        raise CannotRestore(msg)
    if manifest["origin"] != settings.origin:
        # Every id ever given out begins with the origin; under another one nobody would recognise us.
        msg = f"the backup belongs to {manifest['origin']}, but PALIER_ORIGIN is {settings.origin}"
        raise CannotRestore(msg)
    for name in _file_names(manifest):
        if name != SECRET and (".." in Path(name).parts or Path(name).is_absolute() or "\\" in name):
            msg = f"the backup names a file outside its folders: {name}"
            raise CannotRestore(msg)


def _check_stopped(settings: Settings) -> None:
    sides = ((settings.home_broker_url, settings.home_data), (settings.federation_broker_url, settings.federation_data))
    if any(setting == BUNDLED and brokers.answers(brokers.address(setting, folder=data)) for setting, data in sides):
        raise CannotRestore("the instance is running; stop it first")


def _empty(connection: Connection, metadata: MetaData, *, force: bool) -> None:
    for table in reversed(metadata.sorted_tables):
        if force:
            connection.execute(table.delete())
        elif connection.execute(select(table.primary_key.columns[0]).limit(1)).first():
            msg = f"there is data already (table {table.name}); --force replaces all of it"
            raise CannotRestore(msg)


def _read_table(archive: zipfile.ZipFile, name: str, connection: Connection, table: Table) -> None:
    readers = {column.name: _reader(_python_type(column.type)) for column in table.columns}
    with archive.open(name) as lines:
        batch: list[dict[str, Any]] = []
        for line in lines:
            row = json.loads(line)
            batch.append({key: None if row[key] is None else readers[key](row[key]) for key in readers})
            if len(batch) == BATCH:
                connection.execute(insert(table), batch)
                batch = []
        if batch:
            connection.execute(insert(table), batch)


def _reader(python_type: type) -> Callable[[Any], Any]:
    known: dict[type, Callable[[Any], Any]] = {
        bytes: base64.b64decode,
        uuid.UUID: uuid.UUID,
        datetime: datetime.fromisoformat,
        date: date.fromisoformat,
    }
    return known.get(python_type, lambda value: value)


def _python_type(kind: TypeEngine[Any]) -> type:
    return kind.impl_instance.python_type if isinstance(kind, TypeDecorator) else kind.python_type


def _continue_numbering(connection: Connection, metadata: MetaData) -> None:
    """Let PostgreSQL's sequences go on after the highest number restored."""
    if connection.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            highest = connection.scalar(select(func.max(column)))
            sequence = func.pg_get_serial_sequence(f'"{table.name}"', column.name)
            connection.execute(select(func.setval(sequence, highest or 1, highest is not None)))


def _file_names(manifest: Mapping[str, Any]) -> list[str]:
    return [name for name in manifest["sha256"] if name == SECRET or name.startswith("files/")]


def _unpack(archive: zipfile.ZipFile, manifest: Mapping[str, Any], settings: Settings) -> Callable[[], None]:
    """Lay all files beside their places; the function returned moves them in, which is quick and seldom fails."""
    mark = uuid.uuid4().hex[:8]
    moves: list[tuple[Path, Path]] = []
    for side, folder in _folders(settings).items():
        waiting = folder / f"restore-{mark}"
        prefix = f"files/{side}/"
        inside = [name.removeprefix(prefix) for name in _file_names(manifest) if name.startswith(prefix)]
        for name in inside:
            _extract(archive, prefix + name, waiting / name)
        moves.extend((waiting / top, folder / top) for top in sorted({Path(name).parts[0] for name in inside}))
        moves.append((waiting, waiting))
    if SECRET in manifest["sha256"]:
        target = settings.secret_key_file
        beside = target.with_name(f"restore-{mark}-{target.name}")
        _extract(archive, SECRET, beside)
        moves.append((beside, target))

    def place() -> None:
        for source, target in moves:
            if source == target:
                shutil.rmtree(source, ignore_errors=True)
                continue
            if target.exists():
                target.rename(target.with_name(f"replaced-{mark}-{target.name}"))
            source.rename(target)

    return place


def _extract(archive: zipfile.ZipFile, name: str, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out, archive.open(name) as source:
        shutil.copyfileobj(source, out)


def _checksum(source: Any) -> str:
    with source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def counted(rows: Mapping[str, int]) -> Iterable[tuple[str, int]]:
    """Rows per store, for people."""
    for side in METADATA:
        yield side, sum(count for name, count in rows.items() if name.startswith(f"{side}/"))
