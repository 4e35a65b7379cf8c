"""Where an answer ends: framed strictly, drained where nobody wants it, its connection kept only when all is read."""

import socket
from typing import cast

import pytest

from federation import framing
from federation.base import Unreachable
from federation.framing import Response


class Wire:
    """A connection on which these parts come, and then the end."""

    def __init__(self, *parts: bytes) -> None:
        self._coming = list(parts)

    def recv_into(self, buffer: memoryview) -> int:
        part = self._coming.pop(0) if self._coming else b""
        buffer[: len(part)] = part
        return len(part)

    @property
    def left(self) -> int:
        """How many parts nobody took."""
        return len(self._coming)


def read(*parts: bytes, keep: int = 100) -> Response:
    return framing.read(cast(socket.socket, Wire(*parts)), keep=keep)


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: 1\r\na:2 \r\n\r\nhello",
        b"HTTP/1.1 200\r\nA: 1, 2\r\nTransfer-Encoding: Chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nT: 1\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\na: 1, 2\r\ncontent-length: 5\r\n\r\nhello",
    ],
)
def test_an_answer_is_whole_however_it_is_cut(raw: bytes, size: int) -> None:
    found = read(*(raw[place : place + size] for place in range(0, len(raw), size)))
    assert (found.status, found.body, found.head["a"], found.may_stay) == (200, b"hello", "1, 2", True)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 202 Accepted\r\n\r\n",  # it ends where the connection does
        b"HTTP/1.0 202 Accepted\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n",
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 5000\r\n\r\n" + b" " * 5000,
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 50\r\n\r\nhalf",
        b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
    ],
)
def test_an_answer_counts_though_its_connection_cannot_be_used_again(raw: bytes) -> None:
    found = read(raw, keep=0)
    assert (found.status, found.body, found.may_stay) == (202, b"", False)


def test_a_small_body_that_nobody_wants_is_drained() -> None:
    assert read(b"HTTP/1.1 202 Accepted\r\nContent-Length: 50\r\n\r\n", b" " * 50, keep=0).may_stay
    assert read(b"HTTP/1.1 204 No Content\r\n\r\n", keep=0).may_stay


@pytest.mark.parametrize(
    "raw",
    [
        b"<html>\r\n\r\n",
        b"HTTP/2 200 OK\r\n\r\n",
        b"HTTP/1.1 99 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: " + b"a" * framing.HEAD_LIMIT + b"a",
    ],
)
def test_what_is_not_http_is_no_answer(raw: bytes) -> None:
    with pytest.raises(Unreachable, match="not HTTP") as caught:
        read(raw)
    assert caught.value.transient


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
)
def test_a_document_that_breaks_off_is_none(raw: bytes) -> None:
    with pytest.raises(Unreachable) as caught:
        read(raw)
    assert caught.value.transient


def test_a_large_document_is_left() -> None:
    with pytest.raises(Unreachable, match="larger"):
        read(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 101)
    assert read(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 100).body == b" " * 100


def test_no_more_is_taken_than_was_allowed_whatever_is_said_of_its_size() -> None:
    """A chunk of a negative size would be read to the end, by the standard library."""
    endless = Wire(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", *[b" " * framing.PART] * 100)
    with pytest.raises(Unreachable, match="larger"):
        framing.read(cast(socket.socket, endless), keep=100)
    assert endless.left > 90
