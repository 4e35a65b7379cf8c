"""Keys made once: making one takes longer than the rest of a story, and which one it is proves nothing."""

import functools
import itertools
from collections.abc import Callable

import pytest

from activitypub import keys

_generate = keys.generate
_generate_prover = keys.generate_prover


@functools.cache
def _numbered(number: int) -> str:
    return _generate()


@functools.cache
def _numbered_prover(number: int) -> str:
    return _generate_prover()


def provers_in_order(*, several: int = 1) -> Callable[[], str]:
    """The same for keys of object proofs."""
    numbers = itertools.count()
    return lambda: _numbered_prover(next(numbers) % several)


def in_order(*, several: int = 1) -> Callable[[], str]:
    """A maker of keys that gives the same ones in the same order each time it is made anew."""
    numbers = itertools.count()
    return lambda: _numbered(next(numbers) % several)


def install(monkeypatch: pytest.MonkeyPatch, *, several: int = 1) -> None:
    """Let actors made in this test share a few keys."""
    monkeypatch.setattr(keys, "generate", in_order(several=several))
