"""The demonstration as a person meets it: mistakes are named with the way out, in the reader's language."""

import os
import socket
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from instance.audience import Audience
from tests import running
from web.demo import guide, stage
from web.demo.people import BARNABE, MARSEILLE, MICOCOULIERS
from web.terminal import language

ROOT = Path(__file__).parent.parent.parent


def palier_demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "web.cli", "demo", "--folder", str(folder), *options],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.processes
@pytest.mark.parametrize(("locale", "words"), [("fr", "est occupé"), ("en", "is in use")])
def test_a_busy_port_is_named_with_the_way_out(tmp_path: Path, locale: str, words: str) -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.2", 0))
        holder.listen()
        port = holder.getsockname()[1]
        done = palier_demo(
            tmp_path / "demo", "--ports", str(running.free_port("127.0.0.1")), str(port), "--locale", locale
        )
    assert done.returncode == 1
    assert f"127.0.0.2:{port} {words}" in done.stderr
    assert "./run --fresh --ports" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "demo").exists()


@pytest.mark.processes
def test_an_address_cannot_change_under_a_demonstration_that_lives(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    folder.mkdir()
    (folder / stage.DONE).write_text("8311 8312")
    done = palier_demo(folder, "--ports", "8313", "8314", "--locale", "en")
    assert done.returncode == 1
    assert "8311 8312" in done.stderr
    assert "--fresh" in done.stderr


@pytest.mark.parametrize(
    ("spoken", "locale"),
    [({}, "fr"), ({"LANG": "C"}, "fr"), ({"LANG": "fr_FR.UTF-8"}, "fr"), ({"LANG": "en_GB.UTF-8"}, "en")],
)
def test_the_terminal_speaks_the_readers_language(
    monkeypatch: pytest.MonkeyPatch, spoken: dict[str, str], locale: str
) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in spoken.items():
        monkeypatch.setitem(os.environ, name, value)
    assert language.locale() == locale


def test_the_scenes_hold_what_the_guide_promises() -> None:
    homes = Counter(person.building for person in MARSEILLE.people)
    assert homes[MICOCOULIERS] == 22
    assert next(house.lots for house in MARSEILLE.houses if house.name == MICOCOULIERS) == "1-44"
    for scene in (MARSEILLE, BARNABE):
        logins = [person.login for person in scene.people]
        assert len(set(logins)) == len(logins)
        reaches = {notice.audience for notice in (*scene.slips, *scene.stories)}
        assert {Audience.BUILDING, Audience.QUARTER, Audience.NETWORK} <= reaches
    assert guide.DRILL in guide.titles_beyond(MARSEILLE)
