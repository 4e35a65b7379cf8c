"""Answers of HTTP/1.1 (RFC 9112) as they come off a connection: where the head ends, and where the body.

Read strictly, and nothing is repaired: what is not HTTP is no answer, and a connection on which anything is left over
is not used again. Only answers to one request at a time, which asked for no other coding and no other protocol.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from federation.base import Unreachable

HEAD_LIMIT: Final = 64 * 1024
LINE_LIMIT: Final = 1024  # of what stands between chunks
DRAINED: Final = 4096  # of a body that nobody wants: reading so much is cheaper than another connection
_STATUS: Final = re.compile(r"HTTP/1\.([01]) ([1-9][0-9]{2})(?: .*)?")
_FIELD: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)")
_DECIMAL: Final = re.compile(r"[0-9]{1,15}")
_HEXADECIMAL: Final = re.compile(r"[0-9A-Fa-f]{1,12}")
_BODILESS: Final = frozenset({204, 304})


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer; the names in `head` are in lower case. `may_stay` is whether its connection can be used again."""

    status: int
    head: Mapping[str, str]
    body: bytes
    may_stay: bool


class _Incoming:
    """The bytes of a connection as they come."""

    def __init__(self, receive: Callable[[], bytes]) -> None:
        self._receive = receive
        self.held = bytearray()

    def more(self) -> None:
        """Wait for more. Raises ConnectionError at the end."""
        part = self._receive()
        if not part:
            raise ConnectionError
        self.held += part

    def until(self, mark: bytes, *, limit: int) -> str:
        """Take what stands before `mark`, and the mark with it."""
        while (end := self.held.find(mark)) < 0:
            if len(self.held) > limit:
                raise _no_http()
            self.more()
        found = self.held[:end].decode("latin-1")
        del self.held[: end + len(mark)]
        return found

    def pieces(self, size: int) -> Iterator[bytes]:
        """Take exactly `size` bytes, as they come."""
        while size:
            if not self.held:
                self.more()
            part = bytes(self.held[:size])
            del self.held[:size]
            size -= len(part)
            yield part

    def rest(self) -> Iterator[bytes]:
        """Take everything until the connection ends."""
        while True:
            yield bytes(self.held)
            self.held.clear()
            try:
                self.more()
            except ConnectionError:
                return


def read(receive: Callable[[], bytes], *, keep: int) -> Response:
    """Read one answer and at most `keep` bytes of its body; of a body that is not wanted, a little is drained.

    Raises:
        Unreachable: it is not HTTP, or larger than `keep`.
        OSError: the connection failed on the way.
    """
    wire = _Incoming(receive)
    minor, status, head = _read_head(wire)
    while status < 200:  # it goes on: what is meant comes after
        minor, status, head = _read_head(wire)
    parts = _parts(wire, status, head)
    body, is_whole = _read(parts, keep) if keep else (b"", _drain(parts))
    is_framed = status in _BODILESS or not {"transfer-encoding", "content-length"}.isdisjoint(head)
    stays = minor == "1" and "close" not in head.get("connection", "").lower()
    return Response(status=status, head=head, body=body, may_stay=is_whole and is_framed and stays and not wire.held)


def _read_head(wire: _Incoming) -> tuple[str, int, dict[str, str]]:
    first, *lines = wire.until(b"\r\n\r\n", limit=HEAD_LIMIT).split("\r\n")
    found = _STATUS.fullmatch(first)
    if found is None:
        raise _no_http()
    head: dict[str, str] = {}
    for line in lines:
        field = _FIELD.fullmatch(line)
        if field is None:
            raise _no_http()
        name, value = field[1].lower(), field[2].rstrip(" \t")
        head[name] = f"{head[name]}, {value}" if name in head else value
    return found[1], int(found[2]), head


def _parts(wire: _Incoming, status: int, head: Mapping[str, str]) -> Iterator[bytes]:
    if status in _BODILESS:
        return
    if "transfer-encoding" in head:
        if head["transfer-encoding"].lower() != "chunked":
            raise _no_http()
        yield from _chunks(wire)
    elif "content-length" in head:
        # Said twice alike is said once (RFC 9110 §8.6).
        said, *others = {one.strip(" \t") for one in head["content-length"].split(",")}
        if others:
            raise _no_http()
        yield from wire.pieces(_number(_DECIMAL, said, base=10))
    else:
        yield from wire.rest()


def _chunks(wire: _Incoming) -> Iterator[bytes]:
    while True:
        said, _, _ = wire.until(b"\r\n", limit=LINE_LIMIT).partition(";")
        size = _number(_HEXADECIMAL, said.strip(" \t"), base=16)
        if not size:
            while wire.until(b"\r\n", limit=HEAD_LIMIT):
                pass
            return
        yield from wire.pieces(size)
        if wire.until(b"\r\n", limit=LINE_LIMIT):
            raise _no_http()


def _number(shape: re.Pattern[str], text: str, *, base: int) -> int:
    if not shape.fullmatch(text):
        raise _no_http()
    return int(text, base)


def _read(parts: Iterator[bytes], keep: int) -> tuple[bytes, bool]:
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > keep:
            msg = f"a document larger than {max(keep >> 20, 1)} MiB"
            raise Unreachable(msg, transient=False)
    return bytes(body), True


def _drain(parts: Iterator[bytes]) -> bool:
    """Whether a body that is not wanted came to its end soon; however it fails, the answer stands."""
    size = 0
    try:
        for part in parts:
            size += len(part)
            if size > DRAINED:
                return False
    except (Unreachable, OSError):
        return False
    return True


def _no_http() -> Unreachable:
    return Unreachable("an answer that is not HTTP", transient=True)
