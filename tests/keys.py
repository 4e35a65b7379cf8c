"""Keys made once: making one takes longer than most stories do, and which one it is proves nothing."""

import functools
import itertools
from collections.abc import Callable

import pytest

from activitypub import keys

generate = keys.generate
generate_prover = keys.generate_prover


@functools.cache
def _numbered(make: Callable[[], str], number: int) -> str:
    del number
    return make()


def in_order(*, several: int, make: Callable[[], str] = generate) -> Callable[[], str]:
    """A maker of keys that gives the same ones in the same order each time it is made anew: `several`, then again."""
    numbers = itertools.count()
    return lambda: _numbered(make, next(numbers) % several)


def install(monkeypatch: pytest.MonkeyPatch, *, several: int = 1) -> None:
    """Let actors made in this test share a few keys."""
    monkeypatch.setattr(keys, "generate", in_order(several=several))
