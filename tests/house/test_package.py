"""The package that is installed holds everything that the checkout shows."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
WANTED = (
    "instance/data/marseille-quarters.csv",
    "web/migrations/home/env.py",
    "web/migrations/federation/versions/0001_the_first_tables.py",
    "web/static/hall.js",
    "web/static/vendor/atkinson-paper/atkinson-hyperlegible-next-latin-400-normal.ttf",
    "web/static/vendor/manifest.json",
    "web/templates/base.html",
    "web/translations/en/LC_MESSAGES/messages.mo",
    "web/translations/fr/LC_MESSAGES/messages.mo",
)


@pytest.mark.timeout(120)
def test_a_wheel_holds_pages_words_data_and_histories(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("palier-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    assert [one for one in WANTED if one not in names] == []
    assert not [one for one in names if one.startswith(("tests/", "docs/", "requirements/"))]
    (entry,) = [one for one in names if one.endswith("entry_points.txt")]
    assert "palier = web.cli:main" in zipfile.ZipFile(wheel).read(entry).decode()
