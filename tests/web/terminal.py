"""Somebody at a terminal: a real pseudo-terminal, because passwords are asked on nothing else."""

import os
import pty
import select
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60


def converse(environ: Mapping[str, str], arguments: Sequence[str], talk: Sequence[tuple[str, str]]) -> tuple[int, str]:
    """Run `palier` and answer: each pair is what has to be shown next, and what is typed then. Status and all shown."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(ROOT)
        os.execve(sys.executable, [sys.executable, "-m", "web.cli", *arguments], dict(environ))
    shown, begin = "", 0
    for awaited, typed in talk:
        while awaited not in shown[begin:]:
            more = _read(terminal)
            assert more, f"{awaited!r} was never shown: {shown}"
            shown += more
        begin = shown.index(awaited, begin) + len(awaited)
        os.write(terminal, f"{typed}\n".encode())
    while more := _read(terminal):
        shown += more
    _, status = os.waitpid(child, 0)
    os.close(terminal)
    return os.waitstatus_to_exitcode(status), shown


def _read(terminal: int) -> str:
    """What is shown next; nothing at the end or when nothing comes."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if select.select([terminal], [], [], 1)[0]:
            try:
                return os.read(terminal, 4096).decode(errors="replace")
            except OSError:  # Linux says so at the other end's close
                return ""
    return ""
