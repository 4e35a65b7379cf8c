"""Where an answer ends: framed strictly, drained where nobody wants it, its connection kept only when all is read."""

from collections.abc import Callable

import pytest

from federation import framing
from federation.base import Unreachable
from federation.framing import Response


def read(*parts: bytes, keep: int = 100) -> Response:
    return framing.read(wire(*parts), keep=keep)


def wire(*parts: bytes) -> Callable[[], bytes]:
    """A connection on which these parts come, and then the end."""
    coming = iter(parts)
    return lambda: next(coming, b"")


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: 1\r\na:2 \r\n\r\nhello",
        b"HTTP/1.1 200\r\nA: 1, 2\r\nTransfer-Encoding: Chunked\r\n\r\n2;x=y\r\nhe\r\n3\r\nllo\r\n0\r\nT: 1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\na: 1, 2\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
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
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",  # the answer to nothing
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 5000\r\n\r\n" + b" " * 5000,
        b"HTTP/1.1 202 Accepted\r\nContent-Length: 50\r\n\r\nhalf",
        b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
        b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: zip\r\n\r\n",
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
        b"HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: 1\r\n folded: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
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
        b"HTTP/1.1 200 OK\r\nA: 1\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
)
def test_a_document_that_breaks_off_is_none(raw: bytes) -> None:
    with pytest.raises(ConnectionError):
        read(raw)


def test_a_large_document_is_left() -> None:
    with pytest.raises(Unreachable, match="larger"):
        read(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 101)
    assert read(b"HTTP/1.1 200 OK\r\n\r\n" + b" " * 100).body == b" " * 100
