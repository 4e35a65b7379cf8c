"""What lies ready is handed out by the web server itself: the same bytes as else, no longer than true."""

import re
import socket
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import PollableMethodQueue, TConn
from hypothesis import given
from hypothesis import strategies as st

from activitypub.vocabulary import ActorKind
from federation import identity
from federation.models import ActorState, OwnActor
from tests import streams
from web import request_heads, stores
from web.processes.worker import Worker
from web.request_heads import Asked

ASKED = (
    b"GET /users/ciq HTTP/1.1\r\nHost: palier.example\r\nUser-Agent: http.rb/5.1.1 (Mastodon/4.3)\r\n"
    b"Accept: application/activity+json\r\n\r\n"
)
PAUSE = ASKED.replace(b"\r\n\r\n", b"\r\nX-Unknown: 1\r\n\r\n")


# --- reading


def test_a_machine_that_asks_for_an_actor_is_understood() -> None:
    assert request_heads.read(ASKED) == Asked("/users/ciq", "application/activity+json")


@pytest.mark.parametrize(
    "came",
    [
        ASKED[:-1],
        ASKED + b"G",
        ASKED + ASKED,
        ASKED.replace(b"GET", b"HEAD"),
        ASKED.replace(b"GET", b"POST"),
        ASKED.replace(b"HTTP/1.1", b"HTTP/1.0"),
        ASKED.replace(b"/users/ciq", b"/users/ciq?page=1"),
        ASKED.replace(b"/users/ciq", b"/users%2Fciq"),
        ASKED.replace(b"/users/ciq", b"http://palier.example/users/ciq"),
        ASKED.replace(b"Host: palier.example\r\n", b""),
        ASKED.replace(b"Accept: ", b"Accept : "),
        ASKED.replace(b"Accept: ", b"Accept: text/html\r\nAccept: "),
        ASKED.replace(b"User-Agent", b"User_Agent"),
        ASKED.replace(b"User-Agent:", b"Content-Length: 5\r\nUser-Agent:"),
        ASKED.replace(b"User-Agent:", b"Transfer-Encoding: chunked\r\nUser-Agent:"),
        ASKED.replace(b"User-Agent:", b"Expect: 100-continue\r\nUser-Agent:"),
        ASKED.replace(b"User-Agent:", b"Upgrade: h2c\r\nUser-Agent:"),
        ASKED.replace(b"User-Agent:", b"Connection: close\r\nUser-Agent:"),
        ASKED.replace(b"\r\nUser-Agent", b"\r\n User-Agent"),
        ASKED.replace(b"\r\n", b"\n"),
        ASKED.replace(b"Mastodon", b"Mast\x00don"),
        b"",
    ],
)
def test_whatever_else_is_said_is_left_to_the_parser(came: bytes) -> None:
    assert request_heads.read(came) is None


_LINES = st.sampled_from(
    [
        b"Host: palier.example",
        b"host:palier.example",
        b"Accept: application/activity+json",
        b"Accept:  */*  ",
        b"ACCEPT: text/html",
        b"Connection: Keep-Alive",
        b"Connection: close",
        b"Signature: keyId=1",
        b"X-Forwarded-For: 192.0.2.1",
        b"X_Forwarded_For: 192.0.2.1",
        b"Content-Length: 4",
        b"Transfer-Encoding: chunked",
        b" folded",
        b"Accept",
        b"",
    ]
)
_TARGETS = st.sampled_from([b"/users/ciq", b"/actor", b"//actor", b"/a?b", b"*", b"/a b", b"/../actor"])
_METHODS = st.sampled_from([b"GET", b"get", b"POST", b"HEAD"])
_VERSIONS = st.sampled_from([b"HTTP/1.1", b"HTTP/1.0", b"HTTP/2.0"])
_ENDS = st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r"])


@given(
    method=_METHODS,
    target=_TARGETS,
    version=_VERSIONS,
    lines=st.lists(_LINES, max_size=6),
    end=_ENDS,
    more=st.sampled_from([b"", b"\r\n", b"GET / HTTP/1.1\r\n\r\n", b"abcd"]),
)
def test_what_is_understood_is_what_the_parser_understands(
    method: bytes, target: bytes, version: bytes, lines: list[bytes], end: bytes, more: bytes
) -> None:
    came = b" ".join((method, target, version)) + end + b"".join(one + end for one in lines) + end + more
    ours = request_heads.read(came)
    if ours is None:
        return
    parser = RequestParser(Config(), [came], ("192.0.2.9", 4711))
    theirs = next(parser)
    assert (theirs.method, theirs.uri, theirs.version) == ("GET", ours.path, (1, 1))
    assert dict(theirs.headers)["ACCEPT"] == ours.accept
    assert not theirs.should_close()
    assert parser.finish_body()
    assert parser.unreader.buf.getvalue() == b""


# --- the whole way


@pytest.fixture
def store(make_store: Callable[..., str]) -> Iterator[stores.Store]:
    opened = stores.open_store(make_store("federation"))
    yield opened
    opened.close()


@pytest.fixture(params=["door", "web"])
def door(
    request: pytest.FixtureRequest,
    make_store: Callable[..., str],
    store: stores.Store,
    valkey_url: str,
    tmp_path: Path,
    now: datetime,
) -> Iterator[streams.Live]:
    environ = streams.environment(
        tmp_path / "data",
        home_url=make_store("home"),
        broker_url=valkey_url,
        port=streams.free_port(),
        PALIER_FEDERATION_DATABASE_URL=store.engine.url.render_as_string(hide_password=False),
        PALIER_FEDERATION_BROKER_URL=f"unix://{tmp_path}/nobody.sock",
    )
    with store.write.begin() as session:
        for username, kind in (("palier", ActorKind.APPLICATION), ("ciq", ActorKind.ORGANIZATION)):
            identity.ensure(session, username=username, kind=kind, name="CIQ", origin=environ["PALIER_ORIGIN"], now=now)
    with streams.serve(request.param, environ, log=tmp_path / "log") as live:
        yield live


@dataclass(slots=True)
class Caller:
    """Somebody who keeps a connection to the door, and reads one answer after the other."""

    connection: socket.socket
    came: bytes = b""

    def ask(self, question: bytes) -> tuple[bytes, bytes]:
        """Say this, and read the head and the body of the next answer."""
        self.connection.sendall(question)
        head = self._take(lambda: self.came.find(b"\r\n\r\n") + 4 if b"\r\n\r\n" in self.came else None)
        length = int(re.search(rb"(?i)content-length: (\d+)", head)[1])  # type: ignore[index]
        body = self._take(lambda: length if len(self.came) >= length else None)
        return re.sub(rb"Date: [^\r]+", b"Date", head), body

    def _take(self, end: Callable[[], int | None]) -> bytes:
        while (found := end()) is None:
            more = self.connection.recv(65536)
            assert more, "the door ended the connection"
            self.came += more
        taken, self.came = self.came[:found], self.came[found:]
        return taken


@pytest.fixture
def caller(door: streams.Live) -> Iterator[Caller]:
    with socket.create_connection(("127.0.0.1", door.port), timeout=10) as connection:
        yield Caller(connection)


@pytest.mark.processes
def test_the_answer_is_the_same_with_and_without_the_short_way(caller: Caller, store: stores.Store) -> None:
    made, again, short = caller.ask(ASKED), caller.ask(PAUSE), caller.ask(ASKED)
    assert made == again == short
    assert b'"CIQ"' in made[1]
    with store.write.begin() as session:
        session.query(OwnActor).filter_by(username="ciq").update({"name": "Comité"})
    changed = caller.ask(ASKED)
    assert "Comité".encode() in changed[1]
    assert caller.ask(ASKED) == changed
    with store.write.begin() as session:
        session.query(OwnActor).filter_by(username="ciq").update({"state": ActorState.GONE})
    assert caller.ask(ASKED)[0].startswith(b"HTTP/1.1 410 ")


@pytest.mark.processes
def test_what_comes_in_pieces_or_together_is_answered_in_order(caller: Caller) -> None:
    whole = caller.ask(ASKED)
    assert caller.ask(ASKED) == whole
    caller.connection.sendall(ASKED[:30])
    assert caller.ask(ASKED[30:]) == whole
    other = ASKED.replace(b"/users/ciq", b"/users/nobody")
    assert caller.ask(ASKED + other) == whole
    assert caller.ask(ASKED)[0].startswith(b"HTTP/1.1 404 ")
    assert caller.ask(b"") == whole


# --- two requests in one


BEHIND = b"GET /users/ciq HTTP/1.1\r\nHost: palier.example\r\nAccept: application/activity+json\r\n\r\n"
CHUNKED = b"0\r\n\r\n" + BEHIND
# What says twice, or in two ways, how long it is: a proxy before us may have read it the other way.
UNCLEAR = (
    (b"Content-Length: %d\r\nTransfer-Encoding: chunked\r\n" % len(CHUNKED), CHUNKED),
    (b"Transfer-Encoding: chunked\r\nContent-Length: %d\r\n" % len(CHUNKED), CHUNKED),
    (b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", CHUNKED),
    (b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n", CHUNKED),
    (b"Content-Length: 5\r\nContent-Length: 0\r\n", b"0\r\n\r\n" + BEHIND),
    (b"Content-Length: 0, 5\r\n", b"0\r\n\r\n" + BEHIND),
    (b"Content-Length: +0\r\n", BEHIND),
    (b"Content-Length : 0\r\n", BEHIND),
    (b"Content-Length: 0\r\nTransfer-Encoding: identity, chunked\r\n", CHUNKED),
    (b"Content-Length: 0\r\nTransfer-Encoding: xchunked\r\n", CHUNKED),
    (b"Content-Length: 0\r\nTransfer-Encoding : chunked\r\n", CHUNKED),
    (b"Content-Length: 0\r\nTransfer-Encoding:\tchunked\r\n", CHUNKED),
)


def everything(port: int, question: bytes) -> bytes:
    """All that is answered before the connection is closed."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(question)
        came = b""
        while part := connection.recv(65536):
            came += part
        return came


@pytest.mark.processes
@pytest.mark.parametrize("engine_name", [pytest.param("sqlite", marks=pytest.mark.sqlite)])
def test_a_letter_with_two_lengths_hides_no_second_request(door: streams.Live, caller: Caller) -> None:
    caller.ask(ASKED)  # now it lies ready, for the short way, too
    wrong = []
    for length, body in UNCLEAR:
        head = b"POST /inbox HTTP/1.1\r\nHost: palier.example\r\nContent-Type: application/activity+json\r\n"
        came = everything(door.port, head + length + b"\r\n" + body)
        if came.count(b"HTTP/1.1 ") > 1 or b'"CIQ"' in came:
            wrong.append((length, came))
    assert wrong == []
    assert b'"CIQ"' in everything(door.port, BEHIND), "what lies behind is answered where it stands alone"


# --- a reader that takes little at a time


def test_a_slow_reader_gets_everything_and_keeps_no_loop_waiting() -> None:
    """As gunicorn's loop has it: a connection that is kept, and a question that came in."""
    whole, (ours, theirs) = b"x" * 4_000_000, socket.socketpair()
    worker = Worker.__new__(Worker)
    worker.cfg, worker.alive, worker.nr_conns = Config(), True, 1
    worker.app = SimpleNamespace(at_once=lambda came: whole if came == b"?" else None)
    worker.poller, worker.tpool, worker.method_queue = DefaultSelector(), ThreadPoolExecutor(1), PollableMethodQueue()
    worker.method_queue.init()
    conn = TConn(worker.cfg, ours, ("192.0.2.9", 4711), ("192.0.2.1", 80))
    conn.init()
    ours.settimeout(0)
    worker.keepalived_conns = deque([conn])
    worker.poller.register(ours, EVENT_READ, None)
    theirs.sendall(b"?")

    worker.on_client_socket_readable(conn, ours)

    assert not worker.keepalived_conns
    came = b""
    while len(came) < len(whole):
        came += theirs.recv(1_000_000)
    assert came == whole
    worker.tpool.shutdown()
    worker.method_queue.run_callbacks(None)
    assert list(worker.keepalived_conns) == [conn]
    assert ours in {key.fileobj for key in worker.poller.get_map().values()}
    conn.close()
    theirs.close()
    worker.poller.close()
    worker.method_queue.close()
