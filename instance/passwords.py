"""Passwords: how long they are, how they are kept (Argon2id, RFC 9106), and whether one is right."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from instance.base import Refused

SHORTEST = 8
LONGEST = 128

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Checked when nobody has that login name, so that a wrong name takes as long as a wrong password.

    Made when first needed: 64 MiB of work that the workers and commands, which sign nobody in, must not do at start.
    """
    return _hasher.hash(secrets.token_hex(16))


def hashed(password: str, *, field: str = "password") -> str:
    """What is kept of a password. Raises Refused("password_short"|"password_long") at `field`."""
    if len(password) < SHORTEST:
        raise Refused("password_short", field=field)
    if len(password) > LONGEST:
        raise Refused("password_long", field=field)
    return _hasher.hash(password)


def matches(kept: str | None, *, password: str) -> bool:
    """Whether a password is the one that is kept; with nothing kept, no, and after as much work."""
    try:
        _hasher.verify(kept or _nobody(), password[: LONGEST + 1])
    except (VerificationError, InvalidHashError):
        return False
    return kept is not None


def is_outdated(kept: str) -> bool:
    """Whether it was kept with less work than is usual now."""
    return _hasher.check_needs_rehash(kept)
