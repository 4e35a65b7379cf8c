"""Answers of HTTP/1.1 as the standard library reads them, and whether their connection can be used again.

Whatever an answer says of its own size, no more is taken off the connection than was allowed for it.
"""

import io
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse, IncompleteRead
from typing import Any, Final, cast

from federation.base import Unreachable

HEAD_LIMIT: Final = 128 * 1024  # and what else is no body: lines around chunks
DRAINED: Final = 4096  # of a body that nobody wants: reading so much is cheaper than another connection
PART: Final = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer; the names in `head` are in lower case. `may_stay` is whether its connection can be used again."""

    status: int
    head: Mapping[str, str]
    body: bytes
    may_stay: bool


class _Metered(io.RawIOBase):
    """The bytes that come on a connection, up to as many as are kept, and a head."""

    def __init__(self, connection: socket.socket, *, keep: int) -> None:
        super().__init__()
        self._connection = connection
        self._keep = keep
        self._left = keep + DRAINED + HEAD_LIMIT

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Be read as a connection is, by the standard library."""
        return io.BufferedReader(self, PART)

    def readable(self) -> bool:
        """Nothing is written to it."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Wait for some. Raises Unreachable beyond that number."""
        came = self._connection.recv_into(buffer)
        self._left -= came
        if self._left < 0:
            raise _too_large(self._keep)
        return came


def read(connection: socket.socket, *, keep: int) -> Response:
    """Read one answer and at most `keep` bytes of its body; of a body that is not wanted, a little is drained.

    Raises:
        Unreachable: it is not HTTP, or larger than `keep`.
        OSError: the connection failed on the way.
    """
    answer = HTTPResponse(cast(socket.socket, _Metered(connection, keep=keep)))
    try:
        answer.begin()
        head: dict[str, str] = {}
        for name, value in answer.getheaders():
            said = value.strip()
            known = name.lower()
            head[known] = f"{head[known]}, {said}" if known in head else said
        body = _read(answer, keep) if keep else b""
        is_whole = answer.isclosed() or (not keep and _drain(answer))
        return Response(status=answer.status, head=head, body=body, may_stay=is_whole and not answer.will_close)
    except (HTTPException, ValueError) as error:
        raise Unreachable("an answer that is not HTTP", transient=True) from error
    finally:
        answer.close()


def _read(answer: HTTPResponse, keep: int) -> bytes:
    body = bytearray()
    while part := answer.read(PART):
        body += part
        if len(body) > keep:
            raise _too_large(keep)
    if answer.length:
        raise IncompleteRead(bytes(body), answer.length)
    return bytes(body)


def _drain(answer: HTTPResponse) -> bool:
    """Whether a body that is not wanted came to its end soon; however it fails, the answer stands."""
    size = 0
    try:
        while part := answer.read(DRAINED):
            size += len(part)
            if size > DRAINED:
                return False
    except (HTTPException, OSError, ValueError, Unreachable):
        return False
    return answer.isclosed() and not answer.length


def _too_large(keep: int) -> Unreachable:
    return Unreachable(f"a document larger than {max(keep >> 20, 1)} MiB", transient=False)
