"""`palier init`, `backup`, `restore` and `demo` for scripts: one document on standard output, errors on the other."""

import json
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from instance import search_index
from tests import running
from tests.web.commands.offices import ROOT
from web import VERSION, cli

VERSIONS = "alembic_version"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str | None]:
    """A place that was never set up."""
    return {
        "PALIER_ORIGIN": "http://127.0.0.1:8123",
        "PALIER_DEVELOPMENT": "1",
        "PALIER_DATA": str(tmp_path / "data"),
        "LANG": "en_GB.UTF-8",
        "LC_ALL": None,
        "LC_MESSAGES": None,
    }


def palier(environ: dict[str, str | None], *words: str) -> Result:
    return CliRunner().invoke(cli.palier, [*words, "--json"], env=environ, prog_name="palier")


def told(environ: dict[str, str | None], *words: str) -> Any:
    done = palier(environ, *words)
    assert (done.exit_code, done.stderr) == (0, ""), done.output
    return json.loads(done.stdout)


def refused(environ: dict[str, str | None], *words: str, status: int = 1) -> Any:
    done = palier(environ, *words)
    assert (done.exit_code, done.stdout) == (status, ""), done.output
    return json.loads(done.stderr)["error"]


def test_init_says_what_is_there(environ: dict[str, str | None], tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("une longue phrase de passe\n", "utf-8")
    bare = {"origin": "http://127.0.0.1:8123", "folder": str(tmp_path / "data"), "administrators": [], "cities": []}
    assert told(environ, "init") == bare
    options = ("--city", "Exemple", "--insee", "2a904", "--quarter", "Le Port 99001", "--quarter", "La Gare 99002")
    whole = bare | {
        "administrators": ["marthe"],
        "cities": [{"name": "Exemple", "insee": "2A904", "quarters": 2}],
    }
    appoint = ("--admin-login", "marthe", "--admin-password-file", str(password))
    for _ in range(2):
        assert told(environ, "init", *options, *appoint) == whole
    assert told(environ, "init") == whole


def test_init_tells_errors_as_json(environ: dict[str, str | None], tmp_path: Path) -> None:
    assert refused(environ, "init", "--insee", "2A904", status=2)["code"] == "usage"
    assert not (tmp_path / "data").exists()
    short = tmp_path / "short"
    short.write_text("court\n", "utf-8")
    found = refused(environ, "init", "--admin-login", "marthe", "--admin-password-file", str(short))
    assert (found["code"], found["field"]) == ("password_short", "password")
    environ["PALIER_DATA"] = str(short / "data")
    assert refused(environ, "init")["code"] == "unwritable"


def rows(file: Path) -> int:
    """How many rows a store has, without asking the code that saves them; an index is no row."""
    with closing(sqlite3.connect(file)) as store:
        names = [name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        kept = [one for one in names if one != VERSIONS and not one.startswith(search_index.NAME)]
        return sum(store.execute(f'SELECT count(*) FROM "{one}"').fetchone()[0] for one in kept)


def test_what_was_saved_is_what_came_back(environ: dict[str, str | None], tmp_path: Path) -> None:
    file, data = tmp_path / "saved.zip", tmp_path / "data"
    made = told(environ, "init", "--marseille")
    saved = told(environ, "backup", str(file))
    assert (saved["file"], saved["version"]) == (str(file), VERSION)
    assert saved["rows"] == {side: rows(data / side / "store.sqlite") for side in ("home", "federation")}
    assert refused(environ, "backup", str(file))["code"] == "file_exists"
    assert refused(environ, "backup", str(tmp_path / "no" / "folder.zip"))["code"] == "unwritable"
    assert "--force" in refused(environ, "restore", str(file))["sentence"]
    environ["PALIER_DATA"] = str(tmp_path / "elsewhere")
    assert told(environ, "restore", str(file)) == saved
    assert told(environ, "init") == made | {"folder": str(tmp_path / "elsewhere")}
    file.write_bytes(b"no backup")
    assert refused(environ, "restore", str(file), "--force")["code"] == "not_restored"
    assert refused(environ, "restore", str(tmp_path / "nowhere.zip"), status=2)["code"] == "usage"


@pytest.mark.processes
def test_the_demonstration_answers_once_it_is_up(tmp_path: Path) -> None:
    ports = [str(running.free_port(host)) for host in running.HOSTS]
    command = [sys.executable, "-m", "web.cli", "demo", "--folder", str(tmp_path / "demo"), "--ports", *ports, "--json"]
    process = subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    said = ""
    while line := process.stdout.readline():
        said += line
        if line == "}\n":
            break
    process.send_signal(signal.SIGINT)
    rest, progress = process.communicate(timeout=60)
    assert (process.returncode, rest) == (0, ""), progress
    found = json.loads(said)
    assert [one["origin"] for one in found["places"]] == [
        f"http://{host}:{port}" for host, port in zip(running.HOSTS, ports, strict=True)
    ]
    assert all(one["hall"].startswith(f"{one['origin']}/hall/") and one["accounts"] for one in found["places"])
