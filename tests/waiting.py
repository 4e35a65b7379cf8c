"""Waiting for what other processes and threads do."""

import time
from collections.abc import Callable
from typing import Any


def until(
    true: Callable[[], Any], what: str | Callable[[], object] = "something", *, seconds: float, every: float = 0.05
) -> Any:
    """Wait for something to be true, and give it; fail with what was waited for, or with what `what` then finds."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, f"waited {seconds:.0f} s in vain: {what() if callable(what) else what}"
        time.sleep(every)
    return found
