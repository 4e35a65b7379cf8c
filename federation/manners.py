"""Which way of signing each host took last, so that most get theirs at the first knock.

The older way goes first: a host that knows only that one may lose for good what is signed in the newer way (snac,
PieFed), while one that knows both takes either. The newer way goes first to a host that took it, asked for it by
Accept-Signature (RFC 9421 §5.1), or says in its actors that it keeps to it (FEP-844e). Kept in memory: forgetting
costs one request, and no row says when we spoke to whom.
"""

import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final

from activitypub import senders
from activitypub.senders import Scheme
from federation import policy

KEPT: Final = timedelta(days=30)
MANY: Final = 10_000
# How the newer way is named (FEP-844e): where it is written, at the IETF or at its editor.
NEWER: Final = frozenset({senders.STANDARD, "https://www.rfc-editor.org/rfc/rfc9421"})


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
        if "accept-signature" in head:
            scheme = Scheme.RFC9421
        elif not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return
        elif scheme is Scheme.CAVAGE and not self._is_known(url, now=now):
            return  # it took what everybody is tried with first: that says nothing of the newer way
        self._remember(policy.authority(url), scheme, now=now)

    def heed(self, url: str, standards: Iterable[str], *, now: datetime) -> None:
        """Take the hint that an actor gives of its host (FEP-844e); what a host did by itself counts for more."""
        if not NEWER.isdisjoint(standards) and not self._is_known(url, now=now):
            self._remember(policy.authority(url), Scheme.RFC9421, now=now)

    def _is_known(self, url: str, *, now: datetime) -> bool:
        with self._lock:
            _, until = self._known.get(policy.authority(url), (Scheme.CAVAGE, now))
        return now < until

    def _remember(self, host: str, scheme: Scheme, *, now: datetime) -> None:
        with self._lock:
            self._known[host] = (scheme, now + KEPT)
            self._known.move_to_end(host)
            if len(self._known) > MANY:
                self._known.popitem(last=False)
