"""The command line from outside: sentences instead of traces, and an instance that starts, survives and stops."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from tests import waiting

ROOT = Path(__file__).parents[2]
PARTS = ["courier", "home", "valkey-server", "valkey-server", "web"]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LANG": "en_GB.UTF-8",
        "PALIER_ORIGIN": f"http://127.0.0.1:{free_port()}",
        "PALIER_DEVELOPMENT": "1",
        "PALIER_DATA": str(tmp_path / "data"),
    }


def palier(environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "web.cli", *arguments]
    return subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=90, check=False)


def test_bad_settings_end_with_sentences(environ: dict[str, str]) -> None:
    done = palier(environ | {"PALIER_ORIGIN": "ftp://x", "PALIER_THREADS": "many"}, "doctor")
    assert done.returncode == 2
    assert "PALIER_ORIGIN: got 'ftp://x', wants" in done.stderr
    assert "PALIER_THREADS: got 'many', wants" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_store_that_does_not_answer_is_told_in_a_sentence(environ: dict[str, str]) -> None:
    url = "postgresql+psycopg://nobody@127.0.0.1:1/nothing"
    done = palier(environ | {"PALIER_FEDERATION_DATABASE_URL": url}, "init")
    assert done.returncode == 2
    assert "A store does not answer" in done.stderr
    assert "Traceback" not in done.stderr


def test_init_doctor_backup_restore(environ: dict[str, str], tmp_path: Path) -> None:
    sick = palier(environ, "doctor")
    assert sick.returncode == 1
    assert "-> run `palier init`" in sick.stdout

    password = tmp_path / "password"
    password.write_text("a long sentence of the first administrator\n")
    options = ("--admin-login", "mairie", "--admin-password-file", str(password))
    first = palier(environ, "init", *options)
    assert (first.returncode, first.stderr) == (0, "")
    assert "mairie is administrator" in first.stdout
    assert "exists already; nothing was changed" in palier(environ, "init", *options).stdout

    for _ in range(2):
        assert "111 quarters" in palier(environ, "init", "--marseille").stdout

    well = palier(environ, "doctor")
    assert well.returncode == 0, well.stdout
    assert "FAIL" not in well.stdout

    saved = tmp_path / "saved.zip"
    assert palier(environ, "backup", str(saved)).returncode == 0
    assert "exists already" in palier(environ, "backup", str(saved)).stderr
    refused = palier(environ, "restore", str(saved))
    assert refused.returncode == 1
    assert "--force" in refused.stderr
    moved = environ | {"PALIER_DATA": str(tmp_path / "moved")}
    assert palier(moved, "restore", str(saved)).returncode == 0
    assert palier(moved, "doctor").returncode == 0


def test_init_without_a_place_to_write_says_so(environ: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = palier(environ | {"PALIER_DATA": str(tmp_path / "file" / "data")}, "init")
    assert done.returncode == 1
    assert "PALIER_DATA" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_busy_port_is_named_with_the_way_out(environ: dict[str, str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        bind = f"127.0.0.1:{taken.getsockname()[1]}"
        for only in ((), ("--only", "door")):
            done = palier(environ | {"PALIER_BIND": bind}, "serve", *only)
            assert done.returncode == 1
            assert bind in done.stderr
            assert "PALIER_BIND" in done.stderr


def test_the_federation_side_loads_nothing_of_home() -> None:
    script = (
        "import sys\nfrom web import courier\nfrom web.processes import door\n"
        "print([n for n in sys.modules if n.split('.')[0] == 'instance' or n.startswith('federation.hatch')])"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# --- a running instance


def children(pid: int) -> list[tuple[str, int]]:
    """The supervisor's children: the name each shows, and its number."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(FileNotFoundError):  # gone between two looks
            found.append((Path(f"/proc/{child}/comm").read_text().strip(), int(child)))
    return sorted(found)


def part(pid: int, name: str) -> int:
    return dict(children(pid))[name]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def descendants(pid: int) -> list[int]:
    found = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return found + [grandchild for child in found for grandchild in descendants(child)]


until = partial(waiting.until, seconds=60, every=0.1)


def answers(environ: dict[str, str], path: str) -> bool:
    try:
        with urllib.request.urlopen(environ["PALIER_ORIGIN"] + path, timeout=30) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def open_files(pid: int) -> set[str]:
    found = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        try:
            found.add(str(entry.readlink()))
        except FileNotFoundError:
            continue
    return found


@pytest.fixture
def running(environ: dict[str, str], tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    log = tmp_path / "serve.log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "web.cli", "serve"]
        process = subprocess.Popen(command, env=environ, cwd=ROOT, stdout=out, stderr=out)
    try:
        until(lambda: b"Palier is up" in log.read_bytes() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.processes
def test_an_instance_serves_both_sides_and_stops(
    running: subprocess.Popen[bytes], environ: dict[str, str], tmp_path: Path
) -> None:
    assert [name for name, _ in children(running.pid)] == PARTS
    assert answers(environ, "/")
    assert answers(environ, "/.well-known/nodeinfo")
    courier = part(running.pid, "courier")
    deadline = time.monotonic() + 30
    # It says that it is up before its first round opens the store.
    while not any("data/federation/store.sqlite" in file for file in open_files(courier)):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert not any("data/home" in file for file in open_files(courier))
    sockets = [line.split()[9] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    home = open_files(part(running.pid, "home"))
    assert not home & {f"socket:[{inode}]" for inode in sockets}, "the home worker has a network socket"

    assert "stop it first" in palier(environ, "restore", "--force", saved(environ, tmp_path)).stderr
    everybody = descendants(running.pid)
    running.send_signal(signal.SIGINT)
    assert running.wait(30) == 0
    assert not any(alive(pid) for pid in everybody)


def renewed(pid: int, old: set[int]) -> bool:
    found = children(pid)
    return [name for name, _ in found] == PARTS and not old & {one for _, one in found}


def saved(environ: dict[str, str], tmp_path: Path) -> str:
    file = tmp_path / "saved.zip"
    assert palier(environ, "backup", str(file)).returncode == 0  # while it runs
    return str(file)


@pytest.mark.processes
def test_each_process_killed_comes_back_and_none_is_left(
    running: subprocess.Popen[bytes], environ: dict[str, str]
) -> None:
    first = {pid for _, pid in children(running.pid)}
    for pid in first:
        os.kill(pid, signal.SIGKILL)
    until(lambda: renewed(running.pid, first))
    until(lambda: answers(environ, "/") and answers(environ, "/.well-known/nodeinfo"))
    everybody = descendants(running.pid)
    running.kill()
    running.wait()
    until(lambda: not any(alive(pid) for pid in everybody))


@pytest.mark.processes
def test_the_door_alone_needs_no_setting_of_home(environ: dict[str, str]) -> None:
    assert palier(environ, "init", "--quiet").returncode == 0
    alone = environ | {"PALIER_HOME_DATABASE_URL": "not even looked at"}
    command = [sys.executable, "-m", "web.cli", "serve", "--only", "door"]
    process = subprocess.Popen(command, env=alone, cwd=ROOT)
    try:
        until(lambda: answers(environ, "/.well-known/nodeinfo"))
        everybody = [process.pid, *descendants(process.pid)]
        assert not any("data/home" in file for pid in everybody for file in open_files(pid))
        request = urllib.request.Request(
            environ["PALIER_ORIGIN"] + "/actor", headers={"Accept": "application/activity+json"}
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            assert json.load(answer)["type"] == "Application"
    finally:
        process.terminate()
        assert process.wait(30) == 0
