"""The supervisor starts in order, restarts what dies, stops everything, and leaves no orphan."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from tests import waiting
from web.processes import brokers

pytestmark = pytest.mark.processes

SCRIPT = """
import os, pathlib, signal, sys, time
from functools import partial
from web.processes import brokers, roles, supervisor
folder = pathlib.Path(sys.argv[1])

def idle(name):
    with (folder / name).open("a") as out:
        out.write(f"{os.getpid()}\\n")
    while True:
        time.sleep(60)

def stubborn():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    idle("stubborn")

supervisor.GRACE_SECONDS = 0.5
data = folder / "data"
url = brokers.address("bundled", folder=data)
parts = [
    supervisor.Part(name="broker", main=partial(roles.keep_broker, data), ready=partial(brokers.answers, url), stage=0),
    supervisor.Part(name="one", main=partial(idle, "one"), ready=(folder / "one").exists),
    supervisor.Part(name="two", main=stubborn, ready=(folder / "stubborn").exists),
]
sys.exit(supervisor.run(parts, when_ready=lambda: (folder / "ready").write_text("yes")))
"""


until = partial(waiting.until, seconds=60, every=0.05)


def alive(pid: int) -> bool:
    try:
        # A zombie waiting for its parent is dead.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in children]


@pytest.fixture
def running(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(tmp_path)], cwd=Path(__file__).parents[2])
    try:
        until((tmp_path / "ready").exists)
        yield process
    finally:
        process.kill()
        process.wait()


def pids(file: Path) -> list[int]:
    return [int(line) for line in file.read_text().split()]


def test_term_stops_everything_even_the_stubborn(running: subprocess.Popen[bytes], tmp_path: Path) -> None:
    children = family(running.pid)
    assert len(children) == 3
    running.send_signal(signal.SIGTERM)
    assert running.wait(60) == 0
    assert not any(alive(child) for child in children)
    assert not brokers.answers(brokers.address("bundled", folder=tmp_path / "data"))


def test_kill_9_of_the_supervisor_leaves_no_orphan(running: subprocess.Popen[bytes]) -> None:
    children = family(running.pid)
    running.kill()
    running.wait()
    until(lambda: not any(alive(child) for child in children), seconds=60)


def test_each_part_killed_comes_back(running: subprocess.Popen[bytes], tmp_path: Path) -> None:
    url = brokers.address("bundled", folder=tmp_path / "data")
    (first,) = pids(tmp_path / "one")
    os.kill(first, signal.SIGKILL)
    until(lambda: len(pids(tmp_path / "one")) == 2)
    for child in family(running.pid):
        os.kill(child, signal.SIGKILL)
    until(lambda: len(pids(tmp_path / "one")) == 3 and len(pids(tmp_path / "stubborn")) == 2)
    until(lambda: brokers.answers(url))
    assert len(family(running.pid)) == 3


def test_a_part_that_never_gets_ready_is_named(tmp_path: Path) -> None:
    script = (
        "import sys, time\nfrom web.processes import supervisor\nsupervisor.READY_SECONDS = 0.3\n"
        "part = supervisor.Part(name='slow one', main=lambda: time.sleep(60), ready=lambda: False)\n"
        "sys.exit(supervisor.run([part]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.returncode == 1
    assert "slow one" in done.stderr


def test_nothing_of_home_is_loaded_before_the_fork() -> None:
    script = (
        "import sys\nfrom web.processes import roles, supervisor\nroles.share()\n"
        "print([name for name in sys.modules if name.split('.')[0] in {'instance', 'federation', 'activitypub'}])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert done.stdout.strip() == "[]", done.stderr


def test_an_interrupt_stops_it_even_when_a_shell_started_it_in_the_background() -> None:
    script = (
        "import signal, sys, time\nfrom web.processes import supervisor\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "part = supervisor.Part(name='one', main=lambda: time.sleep(60))\n"
        "sys.exit(supervisor.run([part], when_ready=lambda: print('up', flush=True)))"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=20) == 0
    process.stdout.close()
