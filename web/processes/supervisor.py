"""Runs the processes of an instance together: starts, watches, restarts and stops them, and leaves no orphan."""

import ctypes
import gc
import logging
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NoReturn

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
TICK_SECONDS = 0.5
READY_SECONDS = 60.0
GRACE_SECONDS = 8.0
FIRST_DELAY = 0.5
LONGEST_DELAY = 30.0
# A process that lived this long is healthy again: its next death starts from the first delay.
HEALTHY_SECONDS = 60.0

WATCHED = {signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

log = logging.getLogger(__name__)


def always() -> bool:
    """Ready as soon as started."""
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One process to run. `main` is called in the child; `ready` tells from outside when it is of use."""

    name: str
    main: Callable[[], None]
    ready: Callable[[], bool] = always
    # Parts of an earlier stage are started before, and stopped after, those of a later one.
    stage: int = 1


@dataclass(slots=True, kw_only=True)
class _Child:
    part: Part
    pid: int = 0
    started: float = 0.0
    delay: float = FIRST_DELAY
    due: float = field(default_factory=time.monotonic)


class NotReady(Exception):
    """A part did not become ready in time; the message names it."""


def run(parts: Sequence[Part], *, when_ready: Callable[[], None] = lambda: None) -> int:
    """Run until SIGINT or SIGTERM; the exit status.

    Nothing of home may be imported before this call: children are copies of this process.
    """
    children = [_Child(part=part) for part in parts]
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    for watched in WATCHED:
        # A shell starts what it puts in the background with Ctrl-C ignored; an ignored signal is never waited for.
        if signal.getsignal(watched) is signal.SIG_IGN:
            signal.signal(watched, signal.SIG_DFL)
    try:
        # What is alive now is never collected: children keep sharing its memory.
        gc.collect()
        gc.freeze()
        if _start_in_stages(children):
            when_ready()
            _watch(children)
        return 0
    except NotReady as error:
        log.error("%s", error)
        return 1
    finally:
        _stop(children)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)


def die_with_parent(parent: int) -> None:
    """Ask the kernel to end this process when its parent dies, however it dies."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0):
        log.warning("the kernel does not end children with their parent; kill -9 may leave orphans")
    if os.getppid() != parent:
        os._exit(1)  # the parent died before the kernel was asked


def name_process(name: str) -> None:
    """Show this name in `ps` and `top`; the kernel keeps 15 bytes of it."""
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode()[:15], 0, 0, 0)


def _start_in_stages(children: Sequence[_Child]) -> bool:
    """Whether all parts became ready before anybody asked to stop."""
    for stage in sorted({child.part.stage for child in children}):
        batch = [child for child in children if child.part.stage == stage]
        for child in batch:
            _start(child)
        deadline = time.monotonic() + READY_SECONDS
        while not all(child.part.ready() for child in batch):
            if _asked_to_stop(0.05):
                return False
            _revive(children)
            if time.monotonic() > deadline:
                names = ", ".join(child.part.name for child in batch if not child.part.ready())
                msg = f"not ready after {READY_SECONDS:.0f} s: {names}"
                raise NotReady(msg)
    return True


def _watch(children: Sequence[_Child]) -> None:
    while not _asked_to_stop(TICK_SECONDS):
        _revive(children)


def _asked_to_stop(seconds: float) -> bool:
    got = signal.sigtimedwait(WATCHED, seconds)
    return got is not None and got.si_signo != signal.SIGCHLD


def _revive(children: Sequence[_Child]) -> None:
    """Bury the dead and start them again, later and later when they die young."""
    now = time.monotonic()
    for child in children:
        if child.pid and _is_gone(child):
            lived = now - child.started
            child.delay = FIRST_DELAY if lived > HEALTHY_SECONDS else min(child.delay * 2, LONGEST_DELAY)
            child.due = now + child.delay
            log.warning("%s ended; starting it again in %.1f s", child.part.name, child.delay)
        if not child.pid and child.started and now >= child.due:
            _start(child)


def _is_gone(child: _Child) -> bool:
    try:
        pid, _status = os.waitpid(child.pid, os.WNOHANG)
    except ChildProcessError:
        pid = child.pid
    if pid:
        child.pid = 0
    return bool(pid)


def _start(child: _Child) -> None:
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        _become(child.part, parent)
    child.pid = pid
    child.started = time.monotonic()


def _become(part: Part, parent: int) -> NoReturn:
    """Be the part; never return into the supervisor's code."""
    status = 1
    try:
        die_with_parent(parent)
        # A group of its own: Ctrl-C reaches the supervisor only, which stops the parts in order.
        os.setpgid(0, 0)
        name_process(part.name)
        for watched in WATCHED:
            signal.signal(watched, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        part.main()
        status = 0
    except SystemExit as leaving:
        status = leaving.code if isinstance(leaving.code, int) else 1
    except KeyboardInterrupt:
        status = 0
    except BaseException:  # noqa: BLE001  # the last frame of a process: report, then end
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        # Not sys.exit: handlers registered by the supervisor are not ours to run, and no thread
        # that waits for another host may keep the process alive.
        os._exit(status)


def _stop(children: Sequence[_Child]) -> None:
    """Stop the later stages first, so that a worker's last words still find its broker."""
    for stage in sorted({child.part.stage for child in children}, reverse=True):
        batch = [child for child in children if child.pid and child.part.stage == stage]
        _signal(batch, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        while time.monotonic() < deadline:
            batch = [child for child in batch if not _is_gone(child)]
            if not batch:
                break
            time.sleep(0.02)
        _signal(batch, signal.SIGKILL)
        for child in batch:
            with suppress(ChildProcessError):
                os.waitpid(child.pid, 0)
            child.pid = 0


def _signal(children: Sequence[_Child], number: signal.Signals) -> None:
    for child in children:
        with suppress(ProcessLookupError):
            os.kill(child.pid, number)
