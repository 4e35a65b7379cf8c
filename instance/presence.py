"""Presence: the code on the wall of a hall, which changes every ten minutes and is stored nowhere.

It shows that somebody stood before the wall, or knows somebody who did: nothing prevents a photograph of it.
"""

import hashlib
import hmac
import uuid
from datetime import datetime, timedelta

from instance import verification

# Eight letters of thirty-two: of all codes that open something at one moment in a town of a thousand screens, a guess
# finds one in a hundred million times ten.
LETTERS = 8
STEP = timedelta(minutes=10)
WINDOWS = 2


def window(now: datetime) -> int:
    """The number of the ten minutes in which a moment falls."""
    return int(now.timestamp() // STEP.total_seconds())


def code(*, key: bytes, building: uuid.UUID, window: int) -> str:
    """What the wall of a building shows in these ten minutes: eight of `verification.LETTERS`. Pure.

    HMAC-SHA256 (RFC 2104) under a key from outside the database, over the building's public id and the window.
    """
    drawn = hmac.new(key, f"{building.hex}:{window}".encode(), hashlib.sha256).digest()
    return "".join(verification.LETTERS[byte % len(verification.LETTERS)] for byte in drawn[:LETTERS])


def pretty(letters: str) -> str:
    """Two groups of four, as shown."""
    return f"{letters[:4]} {letters[4:]}"


def matches(typed: str, *, key: bytes, building: uuid.UUID, now: datetime) -> bool:
    """Whether a tidy code is what this building's wall shows, or showed in the ten minutes before. Pure."""
    present = window(now)
    return any(
        # As bytes: what is typed may hold letters that no code has.
        hmac.compare_digest(typed.encode(), code(key=key, building=building, window=present - back).encode())
        for back in range(WINDOWS)
    )
