"""Keys made once: making one takes longer than the rest of a story, and which one it is proves nothing."""

import functools
import itertools
from collections.abc import Callable

import pytest

from activitypub import keys

_generate = keys.generate


@functools.cache
def _numbered(number: int) -> str:
    return _generate()


def in_order(*, several: int = 1) -> Callable[[], str]:
    """A maker of keys that gives the same ones in the same order each time it is made anew."""
    numbers = itertools.count()
    return lambda: _numbered(next(numbers) % several)


def install(monkeypatch: pytest.MonkeyPatch, *, several: int = 1) -> None:
    """Let actors made in this test share a few keys."""
    monkeypatch.setattr(keys, "generate", in_order(several=several))
