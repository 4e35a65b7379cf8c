"""Files beside the home store: under random names, written whole or not at all. The row that names a file is the truth.

A transaction that fails leaves a file without a row, a deleted row leaves one, too: the sweep takes both away, so
nothing has to happen in two places at once.
"""

import os
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from instance.base import Refused

# What was written a moment ago may belong to a transaction that is not committed yet.
YOUNG = timedelta(hours=1)
PARTIAL = ".partial"


def path(root: Path, *, name: uuid.UUID, kind: str) -> Path:
    """Where a file is: folders of two letters, so that none holds too many."""
    return root / name.hex[:2] / f"{name}.{kind}"


def keep(root: Path, *, name: uuid.UUID, kind: str, data: bytes) -> None:
    """Write a file: after a crash it is there whole, or not at all. Raises OSError, FileExistsError among them."""
    target = path(root, name=name, kind=kind)
    if target.exists():
        raise FileExistsError(target.name)
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    target.parent.mkdir(exist_ok=True, mode=0o700)
    partial = target.with_name(target.name + PARTIAL)
    handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    _settle(target.parent)


def _settle(folder: Path) -> None:
    """Make a new name in a folder outlast a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(root: Path, *, name: uuid.UUID, kind: str) -> bytes:
    """What a file holds. Raises Refused("not_found") where there is none."""
    try:
        return path(root, name=name, kind=kind).read_bytes()
    except FileNotFoundError:
        raise Refused("not_found") from None


def remove(root: Path, *, name: uuid.UUID, kinds: Iterable[str]) -> None:
    """Take files of one name away; those that are gone already are no error."""
    for kind in kinds:
        path(root, name=name, kind=kind).unlink(missing_ok=True)


def sweep(root: Path, *, known: Callable[[set[uuid.UUID]], set[uuid.UUID]], now: datetime) -> int:
    """Take away what no row names, but for what is younger than an hour; returns how many files went.

    `known` says which of some names there are rows for. It is asked once per folder: memory stays small.
    """
    gone = 0
    for folder in sorted(root.glob("[0-9a-f][0-9a-f]")):
        old = [one for one in folder.iterdir() if _age(one, now=now) > YOUNG]
        names = {one: _name(one) for one in old}
        kept = known({name for name in names.values() if name is not None})
        for file, name in names.items():
            if name is None or name not in kept:
                file.unlink(missing_ok=True)
                gone += 1
    return gone


def _age(file: Path, *, now: datetime) -> timedelta:
    try:
        return now - datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except FileNotFoundError:
        return timedelta()


def _name(file: Path) -> uuid.UUID | None:
    """The name a file has in its row; None for one that was never finished."""
    if file.name.endswith(PARTIAL):
        return None
    try:
        return uuid.UUID(file.name.partition(".")[0])
    except ValueError:
        return None
