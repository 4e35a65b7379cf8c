"""P2, planted leaks: the search for canaries finds each of them where it leaves, and nothing when none is planted.

Each is planted in a copy of the programme, in which the story is lived by a process of its own.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.town.proofs import channels
from tests.town.proofs.leaks import LEAKS, Edit, Leak

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


@pytest.mark.timeout(PATIENCE + 10)
@pytest.mark.parametrize("leak", LEAKS, ids=lambda one: one.name)
def test_a_planted_leak_is_found_where_it_leaves(leak: Leak, tmp_path: Path) -> None:
    folder = copy(tmp_path / "programme")
    for edit in leak.edits:
        plant(edit, folder=folder)
    found = live(folder, stores=tmp_path / "stores", captures=[leak.capture])
    by_this_way = [one for one in found if one["channel"] == leak.channel and leak.place in one["place"]]
    assert leak.column in {one["column"] for one in by_this_way}, found[:20]


@pytest.mark.timeout(PATIENCE + 10)
def test_where_nothing_is_planted_nothing_is_found(tmp_path: Path) -> None:
    folder = copy(tmp_path / "programme")
    assert live(folder, stores=tmp_path / "stores", captures=sorted({one.capture for one in LEAKS})) == []
