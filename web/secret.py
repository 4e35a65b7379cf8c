"""The secret of the home side: made once, kept in one file, and never used twice for two purposes."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from web.settings import BadSetting

LENGTH = 32


def ensure(file: Path) -> None:
    """Make the secret where there is none, readable by its owner only."""
    if file.exists():
        return
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(secrets.token_hex(LENGTH) + "\n")


def read(file: Path) -> bytes:
    """The secret.

    Raises:
        BadSetting: when the file is missing or too short to be one.
    """
    try:
        secret = file.read_bytes().strip()
    except OSError:
        raise BadSetting("PALIER_SECRET_KEY_FILE", str(file), "a readable file; `palier init` makes one") from None
    if len(secret) < LENGTH:
        raise BadSetting("PALIER_SECRET_KEY_FILE", str(file), f"a file of at least {LENGTH} characters")
    return secret


def derive(secret: bytes, *, purpose: str) -> bytes:
    """A key for one purpose: whoever learns it learns neither the secret nor another purpose's key."""
    return hmac.new(secret, purpose.encode(), hashlib.sha256).digest()
