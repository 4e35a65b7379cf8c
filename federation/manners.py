"""Which way of signing each host took last, so that most get theirs at the first knock.

The older way goes first: a host that knows only that one may lose for good what is signed in the newer way (snac,
PieFed), while one that knows both takes either. The newer way goes first to a host that took it, or asked for it by
Accept-Signature (RFC 9421 §5.1). Kept in memory: forgetting costs one request, and no row says when we spoke to whom.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from activitypub.senders import Scheme
from federation import policy

KEPT: Final = timedelta(days=30)
MANY: Final = 10_000


@dataclass(slots=True)
class Manners:
    """What was learned of hosts, the least recently used forgotten first. Safe to share between threads."""

    _known: OrderedDict[str, tuple[Scheme, datetime]] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def of(self, url: str, *, now: datetime) -> Scheme:
        """The way to sign first for the host of this address."""
        with self._lock:
            scheme, until = self._known.get(policy.authority(url), (Scheme.CAVAGE, now))
        return scheme if now < until else Scheme.CAVAGE

    def learn(self, url: str, scheme: Scheme, *, status: int, head: Mapping[str, str], now: datetime) -> None:
        """Remember what an answer says: that a signature was taken, or is wished for in the newer way."""
        if "Accept-Signature" in head:
            scheme = Scheme.RFC9421
        elif not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        with self._lock:
            self._known[policy.authority(url)] = (scheme, now + KEPT)
            self._known.move_to_end(policy.authority(url))
            if len(self._known) > MANY:
                self._known.popitem(last=False)
