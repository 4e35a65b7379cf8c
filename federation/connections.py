"""Connections to other hosts: opened to a checked address, watched, and kept between requests.

A letter is a few bytes and its answer mostly none: what a client library does around them costs more processor time
than they do. So a request is one write here, and its answer is read by the standard library, see `framing`.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from functools import cache, partial
from typing import Final, TypeAlias

import certifi

from federation import framing, policy
from federation.base import Unreachable
from federation.framing import Response
from federation.health import WINDOW
from federation.policy import Place
from federation.watch import Watch

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 10.0
RESOLVE_SECONDS: Final = 3.0
KEPT_HOSTS: Final = 256  # whose connections stay open between letters

Resolve: TypeAlias = Callable[[str, int], list[str]]
Dial: TypeAlias = Callable[[str, int], socket.socket]
_Home: TypeAlias = tuple[str, str, int]


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of `host`, at most eight.

    Raises:
        OSError: when there are none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))[:8]


class Dialler:
    """Connects to a name whose every address must be allowed; nothing resolves it again (DNS rebinding)."""

    def __init__(self, *, development: bool, resolve: Resolve) -> None:
        """Allow nearby addresses in `development`."""
        self._development = development
        self._resolve = resolve

    def __call__(self, host: str, port: int) -> socket.socket:
        """Connect. Raises Unreachable."""
        last: OSError | None = None
        for address in self._addresses(host, port):
            try:
                made = socket.create_connection((address, port), CONNECT_SECONDS)
            except OSError as error:
                last = error
                continue
            # What is long is several packets: without this the last waits 40 ms for the others' acknowledgement.
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return made
        msg = f"no connection: {explain(last)}"
        raise Unreachable(msg, transient=True)

    def _addresses(self, host: str, port: int) -> list[str]:
        if self._development and (host == "localhost" or host.endswith(".localhost")):
            return ["127.0.0.1"]
        found = _within(RESOLVE_SECONDS, partial(self._resolve, host, port))
        if not found:
            raise Unreachable("the name has no address", transient=True)
        if not all(policy.may_dial(address, development=self._development) for address in found):
            # Nobody is dialled, and nobody answered either: a resolver that is led astray for an hour costs no letter.
            raise Unreachable("the name leads to an address that is not public", transient=True)
        return found


class Connections:
    """Sends requests and reads their answers. Safe to share between threads."""

    def __init__(self, dial: Dial) -> None:
        """Nothing is opened before the first request."""
        self._dial = dial
        self._watch = Watch()
        self._idle: OrderedDict[_Home, list[socket.socket]] = OrderedDict()
        self._lock = threading.Lock()

    def exchange(self, place: Place, request: bytes, *, deadline: float, keep: int) -> Response:
        """Send one request and read at most `keep` bytes of its answer, all before `deadline`.

        Raises:
            Unreachable: there was none, or not in time.
        """
        home = (place.scheme, place.host, place.port)
        used: socket.socket | None = None
        try:
            with self._watch.until(deadline):
                used = self._take(home)
                used.sendall(request)
                response = framing.read(used, keep=keep)
        except BaseException as error:
            if used is not None:
                used.close()
            if isinstance(error, OSError):
                raise Unreachable(explain(error), transient=True) from error
            raise
        # Only now, that nobody watches it any more: what was cut must not be found by the next.
        if not (response.may_stay and self._keep(home, used)):
            used.close()
        return response

    def close(self) -> None:
        """Give the connections back."""
        with self._lock:
            left = [one for kept in self._idle.values() for one in kept]
            self._idle.clear()
        for one in left:
            one.close()

    def _take(self, home: _Home) -> socket.socket:
        while (kept := self._find(home)) is not None:
            if not _is_dropped(kept):
                self._watch.hold(kept)
                return kept
            kept.close()
        return self._open(*home)

    def _find(self, home: _Home) -> socket.socket | None:
        with self._lock:
            kept = self._idle.get(home)
            return kept.pop() if kept else None

    def _open(self, scheme: str, host: str, port: int) -> socket.socket:
        made = self._dial(host, port)
        try:
            made.settimeout(READ_SECONDS)
            if scheme == "https":
                made = _trust().wrap_socket(made, server_hostname=host, do_handshake_on_connect=False)
            self._watch.hold(made)
            if isinstance(made, ssl.SSLSocket):
                made.do_handshake()
        except BaseException:
            made.close()
            raise
        return made

    def _keep(self, home: _Home, used: socket.socket) -> bool:
        """Keep a connection for the next request; those of the host that was asked longest ago make room."""
        left: list[socket.socket] = []
        with self._lock:
            kept = self._idle.setdefault(home, [])
            if len(kept) >= WINDOW:
                return False
            kept.append(used)
            self._idle.move_to_end(home)
            if len(self._idle) > KEPT_HOSTS:
                _, left = self._idle.popitem(last=False)
        for one in left:
            one.close()
        return True


@cache
def _trust() -> ssl.SSLContext:
    """Whose certificates are believed. Reading them takes a while: once, and only where TLS is spoken."""
    return ssl.create_default_context(cafile=certifi.where())


def _is_dropped(kept: socket.socket) -> bool:
    """Whether its host ended it, or said something that nobody asked for."""
    poll = select.poll()
    poll.register(kept, select.POLLIN)
    return bool(poll.poll(0))


def explain(error: BaseException | None) -> str:
    """Name a network fault in few words; the peer's own words stay out of our tables."""
    text = str(error).lower()
    if "timed out" in text or isinstance(error, TimeoutError):
        return "no answer in time"
    if "certificate" in text or "ssl" in text:
        return "no trustworthy TLS connection"
    if "refused" in text:
        return "connection refused"
    return "the connection failed"


def _within(seconds: float, ask: Callable[[], list[str]]) -> list[str]:
    """Run a resolver that cannot be interrupted in a thread that is left behind when it takes too long."""
    found: list[list[str]] = []

    def run() -> None:
        with suppress(OSError, UnicodeError):
            found.append(ask())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else []
