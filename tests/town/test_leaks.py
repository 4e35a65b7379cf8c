"""P2, planted leaks: the search for canaries finds each of them where it leaves, and nothing when none is planted.

They are planted in copies of the programme, in each of which the story is lived by a process of its own.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.town.proofs import channels
from tests.town.proofs.leaks import BATCHES, LEAKS, Edit, Leak

ROOT = Path(__file__).parents[2]
PACKAGES = ("activitypub", "federation", "imaging", "instance", "web")
# Generous: it takes some fifteen seconds of one core.
PATIENCE = 280


def copy(folder: Path) -> Path:
    """The programme, to be patched, with its compiled files, which Python believes by their times; and the tests."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package)
    (folder / "tests").symlink_to(ROOT / "tests")
    return folder


def plant(edit: Edit, *, folder: Path) -> None:
    """Change one file of the copy."""
    file = folder / edit.file
    text = file.read_text("utf-8")
    assert text.count(edit.before) == 1, f"{edit.file} does not hold this exactly once any more: {edit.before!r}"
    file.write_text(text.replace(edit.before, edit.after), "utf-8")


def live(folder: Path, *, stores: Path, captures: list[str]) -> list[dict[str, Any]]:
    """Live the story in the copied programme to its end; what leaked."""
    stores.mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "tests.town.proofs.run_story", str(stores), *captures],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    assert Path(told["code"]).samefile(folder), "another copy of the programme ran"
    leaks: list[dict[str, Any]] = told["leaks"]
    return leaks


def test_there_is_a_leak_for_every_way_out() -> None:
    assert len(LEAKS) >= 12
    assert len({one.name for one in LEAKS}) == len(LEAKS)
    assert {one.capture for one in LEAKS} <= set(channels.CHANNELS) | set(channels.PARTS)


def test_no_two_that_are_planted_together_are_sought_in_one_place() -> None:
    """Else one could stand for the other."""
    for batch in BATCHES:
        assert len({(one.channel, one.column, one.place) for one in batch}) == len(batch)
        assert not [
            (one.name, other.name)
            for one in batch
            for other in batch
            if one is not other and (one.channel, one.column) == (other.channel, other.column) and not one.place
        ]


@pytest.mark.timeout(PATIENCE + 10)
@pytest.mark.parametrize("batch", BATCHES, ids=lambda batch: f"with {batch[0].name}")
def test_planted_leaks_are_found_where_they_leave(batch: Sequence[Leak], tmp_path: Path) -> None:
    folder = copy(tmp_path / "programme")
    for edit in dict.fromkeys(edit for leak in batch for edit in leak.edits):
        plant(edit, folder=folder)
    found = live(folder, stores=tmp_path / "stores", captures=captures(batch))
    assert [leak.name for leak in batch if not is_seen(leak, found)] == [], found[:20]


def is_seen(leak: Leak, found: Sequence[Mapping[str, Any]]) -> bool:
    """Whether it is among what was found, with its own channel, column and place."""
    return any(
        (one["channel"], one["column"]) == (leak.channel, leak.column) and leak.place in one["place"] for one in found
    )


def captures(batch: Sequence[Leak]) -> list[str]:
    """What is enough to see all of these; errors first, as what they log is read with the rest of the log."""
    wanted = {leak.capture for leak in batch}
    return [one for one in (*channels.PARTS, *channels.CHANNELS) if one in wanted]


@pytest.mark.timeout(PATIENCE + 10)
def test_where_nothing_is_planted_nothing_is_found(tmp_path: Path) -> None:
    folder = copy(tmp_path / "programme")
    assert live(folder, stores=tmp_path / "stores", captures=captures(LEAKS)) == []
