"""Guesses at one account's password: after some wrong ones each further one has to wait longer, wherever it comes from.

Nobody is locked out by it. A wait ends after a quarter of an hour at most, trying meanwhile does not make it longer,
and a browser in which the owner has signed in before is counted by itself (OWASP's "device cookie"): strangers who
guess do not make it wait.
"""

import hashlib
import hmac
import math
import secrets
import threading
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from flask import Flask, Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string

from instance.residents import Resident
from web.frame import context, limits
from web.settings import Settings

PATIENCE: Final = "palier_patience"
FREE_TRIES: Final = 10
FIRST_WAIT: Final = 10
LONGEST_WAIT: Final = 15 * 60
# How long wrong guesses are remembered.
REMEMBERED: Final = 24 * 3600
KNOWN: Final = "palier_known"
KNOWN_FOR: Final = timedelta(days=180)
# A shared computer may be known to several people.
KNOWN_AT_MOST: Final = 4


def delay(tries: int) -> int:
    """Seconds to wait after so many tries: none at first, then ten, doubled each time, a quarter of an hour at most."""
    beyond = tries - FREE_TRIES
    return 0 if beyond < 0 else int(min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(beyond, 10)))


@dataclass(slots=True)
class Patience:
    """The counts, in the home broker where one is named; while that is down, in this process."""

    named: Storage
    own: MemoryStorage
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, subject: str) -> int:
        """Count a guess before it is looked at; seconds to wait instead, or 0 to go on."""
        try:
            return self._count(self.named, subject)
        except StorageError:
            return self._count(self.own, subject)

    def _count(self, storage: Storage, subject: str) -> int:
        # A broker counts in one step; in a process's own memory counting takes several, so threads take turns.
        if not isinstance(storage, MemoryStorage):
            return _begin(storage, subject)
        with self._turn:
            return _begin(storage, subject)

    def forget(self, subject: str) -> None:
        """The guess was right: those before no longer count."""
        for storage in (self.named, self.own):
            try:
                storage.clear(f"palier/tries/{subject}")
                storage.clear(f"palier/wait/{subject}")
            except StorageError:
                continue


def _begin(storage: Storage, subject: str) -> int:
    tries, wait = f"palier/tries/{subject}", f"palier/wait/{subject}"
    if storage.get(wait):
        return _left(storage, wait)
    # Several guesses in one moment, in any thread or process, all see no wait. The one that makes it begin goes on; the
    # others are told of it here, and count as little as those that come later.
    seconds = delay(storage.get(tries) + 1)
    if seconds and storage.incr(wait, seconds) > 1:
        return _left(storage, wait)
    counted = storage.incr(tries, REMEMBERED)
    if not seconds and delay(counted) and storage.incr(wait, FIRST_WAIT) > 1:
        storage.incr(tries, REMEMBERED, amount=-1)
        return _left(storage, wait)
    return 0


def _left(storage: Storage, wait: str) -> int:
    return max(1, math.ceil(storage.get_expiry(wait) - time.time()))


def storage(address: str) -> Storage:
    """Where counts are kept, by its address."""
    found = storage_from_string(address, wrap_exceptions=True)
    assert isinstance(found, Storage)
    return found


def install(app: Flask, *, settings: Settings) -> None:
    """Count where the limits count."""
    named = storage(limits.storage_address(settings))
    app.extensions[PATIENCE] = Patience(named=named, own=MemoryStorage())


def _digest(said: str) -> str:
    """Names are not written into the broker as they are."""
    key = str(current_app.secret_key).encode()
    return hmac.new(key, said.encode(), hashlib.sha256).hexdigest()[:32]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(_key(), salt=KNOWN)


def _key() -> Any:
    return current_app.secret_key


def _known() -> dict[str, str]:
    """The accounts that signed in on this browser before, each with the number it is counted under."""
    try:
        found = _signer().loads(request.cookies.get(_cookie(), ""), max_age=int(KNOWN_FOR.total_seconds()))
    except BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def _cookie() -> str:
    return f"__Host-{KNOWN}" if context.settings().secure else KNOWN


def subject(name: str, *, known_as: Resident | None) -> str:
    """What a guess at this name is counted under: the name as typed, and this browser if its owner signed in here.

    Not the account: a wait after guesses at a login name, met again at an e-mail address, would tell that both are
    somebody's. An account that has both allows twice as many guesses, which is few all the same.
    """
    said = _digest(f"name {name.strip().lower()}")
    number = None if known_as is None else _known().get(_digest(f"account {known_as.public_id}"))
    return said if number is None else f"{said}/{number}"


def own(resident: Resident) -> str:
    """What guesses of somebody signed in at their own password are counted under."""
    return _digest(f"own {resident.public_id}")


def begin(who: str) -> int:
    """Count a guess before it is looked at; returns seconds to wait instead, or 0 to go on."""
    held: Patience = current_app.extensions[PATIENCE]
    return held.begin(who)


def forget(who: str) -> None:
    """The guess was right."""
    held: Patience = current_app.extensions[PATIENCE]
    held.forget(who)


def know_this_browser(resident: Resident) -> None:
    """Remember with the answer to this request that its owner has signed in here: nothing else is in that cookie."""
    said = _digest(f"account {resident.public_id}")
    known = {one: number for one, number in _known().items() if one != said}
    kept = dict([*list(known.items())[1 - KNOWN_AT_MOST :], (said, secrets.token_hex(8))])
    name, value = _cookie(), _signer().dumps(kept)

    @after_this_request
    def keep(response: Response) -> Response:
        response.set_cookie(
            name,
            value,
            max_age=int(KNOWN_FOR.total_seconds()),
            httponly=True,
            samesite="Lax",
            secure=context.settings().secure,
        )
        return response
