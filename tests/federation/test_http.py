"""The one network door against hostile hosts."""

import socket
import ssl
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from federation import answers, connections
from federation.base import JRD, Unreachable
from federation.http import Client
from tests.federation.neighbours import AS2, OURS, Neighbour, Reply, key_of
from tests.web import post_office

DOC = {"id": "x", "type": "Note"}


def test_a_document_is_fetched_signed(client: Client, peer: Neighbour, pems: list[str]) -> None:
    url = peer.show("/a", DOC)
    fetched = client.fetch_json(url + "#part", key=key_of(pems[0], f"{OURS}/actor"))
    assert fetched.doc == DOC
    assert fetched.url == url
    [request] = peer.requests
    assert request.target == "/a"
    assert f'keyId="{OURS}/actor#main-key"' in request.headers["Signature"]
    assert request.headers["Host"] == peer.authority
    assert request.headers["User-Agent"] == "Palier/test"
    assert request.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize(
    "media",
    ["text/plain", "image/png", "application/json", "application/ld+json", "text/html", "", "application/jrd+json"],
)
def test_a_document_of_another_media_type_is_not_believed(client: Client, peer: Neighbour, media: str) -> None:
    url = peer.show("/a", DOC, media=media)
    with pytest.raises(Unreachable, match="media type"):
        client.fetch_json(url)


@pytest.mark.parametrize(
    "media",
    [
        AS2,
        f"{AS2}; charset=utf-8",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        'application/ld+json;profile="https://www.w3.org/ns/activitystreams";charset=utf-8',
    ],
)
def test_both_media_types_are_read(client: Client, peer: Neighbour, media: str) -> None:
    assert client.fetch_json(peer.show("/a", DOC, media=media)).doc == DOC


def test_webfinger_has_its_own_media_type(client: Client, peer: Neighbour) -> None:
    url = peer.show("/.well-known/webfinger?resource=acct%3Aa%40b", {"links": []}, media="application/jrd+json")
    assert client.fetch_json(url, accept=JRD).doc == {"links": []}


@pytest.mark.parametrize(
    ("status", "transient"), [(401, True), (403, False), (404, False), (410, False), (429, True), (500, True)]
)
def test_a_refusal_keeps_its_status(client: Client, peer: Neighbour, status: int, transient: bool) -> None:
    peer.answers["/a"] = Reply(status=status)
    with pytest.raises(Unreachable) as caught:
        client.fetch_json(f"{peer.origin}/a")
    assert (caught.value.status, caught.value.transient) == (status, transient)


def test_redirects_stay_in_one_origin(client: Client, peer: Neighbour, stranger: Neighbour) -> None:
    stranger.show("/a", DOC)
    peer.show("/b", DOC)
    peer.answers["/away"] = Reply(status=302, headers={"Location": f"{stranger.origin}/a"})
    peer.answers["/inside"] = Reply(status=302, headers={"Location": "/b"})
    peer.answers["/metadata"] = Reply(status=302, headers={"Location": "http://169.254.169.254/latest"})
    peer.answers["/loop"] = Reply(status=302, headers={"Location": "/loop"})
    assert client.fetch_json(f"{peer.origin}/inside").url == f"{peer.origin}/b"
    for path in ("/away", "/metadata", "/loop"):
        with pytest.raises(Unreachable):
            client.fetch_json(peer.origin + path)
    assert stranger.requests == []
    assert len([request for request in peer.requests if request.target == "/loop"]) == 4


@pytest.mark.parametrize("body", [b"<html>", b'{"a":1,"a":2}', b'{"a":NaN}', b"[]", b"\xff"])
def test_what_is_not_strict_json_is_malformed(client: Client, peer: Neighbour, body: bytes) -> None:
    with pytest.raises(ValueError, match="document"):
        client.fetch_json(peer.show("/a", body))


def test_a_huge_body_is_left(client: Client, peer: Neighbour) -> None:
    def flood(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", AS2)
        handler.send_header("Connection", "close")
        handler.end_headers()
        for _ in range(2000):
            handler.wfile.write(b" " * 65536)

    peer.answers["/flood"] = flood
    with pytest.raises(Unreachable, match="larger"):
        client.fetch_json(f"{peer.origin}/flood")


def test_a_compressed_body_is_not_unpacked(client: Client, peer: Neighbour) -> None:
    peer.answers["/zip"] = Reply(b"\x1f\x8b", 200, {"Content-Type": AS2, "Content-Encoding": "gzip"})
    with pytest.raises(Unreachable, match="compressed"):
        client.fetch_json(f"{peer.origin}/zip")


def dribble_body(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", AS2)
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.05)


def dribble_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(200):
        handler.wfile.write(b"a")
        handler.wfile.flush()
        time.sleep(0.05)


@pytest.mark.parametrize("dribble", [dribble_body, dribble_headers])
def test_a_slow_host_is_cut_off_in_time(peer: Neighbour, dribble: Callable[[BaseHTTPRequestHandler], None]) -> None:
    client = Client(origin=OURS, development=True, total_seconds=0.5)
    peer.answers["/slow"] = dribble
    peer.show("/quick", DOC)
    client.fetch_json(f"{peer.origin}/quick")
    began = time.monotonic()
    with pytest.raises(Unreachable, match="in time") as caught:
        client.fetch_json(f"{peer.origin}/slow")
    assert caught.value.transient
    assert time.monotonic() - began < 2
    assert client.fetch_json(f"{peer.origin}/quick").doc == DOC
    client.close()


def test_a_tls_handshake_that_never_ends_is_cut_off() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    kept: list[socket.socket] = []

    def dribble() -> None:
        accepted, _ = listener.accept()
        kept.append(accepted)
        try:
            accepted.sendall(b"\x16\x03\x03\x40\x00")
            for _ in range(100):
                accepted.sendall(b"\x02")
                time.sleep(0.05)
        except OSError:
            pass

    thread = threading.Thread(target=dribble, daemon=True)
    thread.start()
    client = Client(origin=OURS, development=True, total_seconds=0.5)
    began = time.monotonic()
    with pytest.raises(Unreachable):
        client.fetch_json(f"https://127.0.0.1:{listener.getsockname()[1]}/a")
    assert time.monotonic() - began < 2
    client.close()
    thread.join()
    for one in [*kept, listener]:
        one.close()


def test_only_a_certificate_that_is_trusted_and_names_the_host_is_spoken_to(
    client: Client, peer: Neighbour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = post_office.make_certificate(tmp_path)
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(made.certificate, made.key)
    peer.server.socket = theirs.wrap_socket(peer.server.socket, server_side=True)
    peer.show("/a", DOC)
    here, named = (f"https://{name}:{peer.server.server_port}/a" for name in ("127.0.0.1", "aix.localhost"))
    with pytest.raises(Unreachable, match="no trustworthy TLS"):
        client.fetch_json(here)
    monkeypatch.setattr(connections, "_trust", lambda: ssl.create_default_context(cafile=made.certificate))
    assert [client.fetch_json(here).doc for _ in range(2)] == [DOC] * 2
    with pytest.raises(Unreachable, match="no trustworthy TLS") as caught:
        client.fetch_json(named)
    assert caught.value.transient
    assert [request.target for request in peer.requests] == ["/a", "/a"]


def test_every_address_of_a_name_must_be_public() -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["8.8.8.8", "127.0.0.1"]

    client = Client(origin="https://endoume.example", resolve=resolve)
    with pytest.raises(Unreachable, match="not public"):
        client.fetch_json("https://aix.example/a")
    assert asked == ["aix.example"]
    client.close()


def test_the_checked_address_is_the_one_connected_to(peer: Neighbour, clock: datetime) -> None:
    """A resolver that changes its mind (DNS rebinding) is asked once per connection, and never by the library."""
    answers = iter([["127.0.0.1"], ["169.254.169.254"]])
    client = Client(origin=OURS, development=True, clock=lambda: clock, resolve=lambda _host, _port: next(answers))
    port = peer.server.server_port
    peer.show("/a", DOC)
    assert client.fetch_json(f"http://aix.example:{port}/a").doc == DOC
    assert peer.requests[0].headers["Host"] == f"aix.example:{port}"
    client.close()
    with pytest.raises(Unreachable, match="not public"):
        client.fetch_json(f"http://aix.example:{port}/a")


def test_a_name_that_takes_too_long_has_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "RESOLVE_SECONDS", 0.05)
    release = threading.Event()

    def resolve(_host: str, _port: int) -> list[str]:
        release.wait(5)
        return ["8.8.8.8"]

    client = Client(origin="https://endoume.example", resolve=resolve)
    with pytest.raises(Unreachable, match="no address") as caught:
        client.fetch_json("https://aix.example/a")
    assert caught.value.transient
    release.set()
    client.close()


def test_localhost_names_are_this_machine_in_development(client: Client, peer: Neighbour) -> None:
    peer.show("/a", DOC)
    assert client.fetch_json(f"http://aix.localhost:{peer.server.server_port}/a").doc == DOC


def test_production_opens_no_connection_to_nearby_hosts(peer: Neighbour) -> None:
    client = Client(origin="https://endoume.example", resolve=lambda _host, _port: ["127.0.0.1"])
    for url in (f"{peer.origin}/a", f"https://127.0.0.1:{peer.server.server_port}/a", "https://aix.example/a"):
        with pytest.raises(Unreachable):
            client.fetch_json(url)
    assert peer.requests == []
    client.close()


def test_the_environment_names_no_proxy(
    client: Client, peer: Neighbour, stranger: Neighbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", stranger.origin)
    monkeypatch.setenv("ALL_PROXY", stranger.origin)
    client.fetch_json(peer.show("/a", DOC))
    assert stranger.requests == []


def test_a_post_answers_whatever_happens(client: Client, peer: Neighbour, pems: list[str]) -> None:
    key = key_of(pems[0], f"{OURS}/actor")
    peer.answers["/inbox"] = Reply(status=202)
    peer.answers["/busy"] = Reply(status=503, headers={"Retry-After": "120"})
    peer.answers["/moved"] = Reply(status=307, headers={"Location": "/inbox"})
    assert client.post(f"{peer.origin}/inbox", body=b"{}", key=key).status == 202
    busy = client.post(f"{peer.origin}/busy", body=b"{}", key=key)
    assert (busy.status, busy.retry_after) == (503, timedelta(minutes=2))
    assert client.post(f"{peer.origin}/moved", body=b"{}", key=key).status == 202
    peer.answers["/turned"] = Reply(status=302, headers={"Location": "/inbox"})
    assert client.post(f"{peer.origin}/turned", body=b"{}", key=key).status == 302
    peer.answers["/away"] = Reply(status=308, headers={"Location": "http://127.0.0.3:1/inbox"})
    away = client.post(f"{peer.origin}/away", body=b"{}", key=key)
    assert (away.status, away.error) == (410, "a redirect to another host")
    assert client.post("http://127.0.0.1:1/inbox", body=b"{}", key=key).status == 0
    assert client.post("ftp://aix.example/inbox", body=b"{}", key=key).status == 410
    assert [request.body for request in peer.posts()] == [b"{}"] * 6


def test_connections_are_kept(client: Client, peer: Neighbour, pems: list[str]) -> None:
    peer.answers["/inbox"] = Reply(b"ok", 202)
    seen = set()
    original = peer.server.process_request

    def count(request: socket.socket, address: tuple[str, int]) -> None:
        seen.add(address)
        original(request, address)

    peer.server.process_request = count  # type: ignore[method-assign,assignment]
    for _ in range(5):
        client.post(f"{peer.origin}/inbox", body=b"{}", key=key_of(pems[0], f"{OURS}/actor"))
    assert len(seen) == 1


def test_retry_after_is_read_and_capped(clock: datetime) -> None:
    assert answers.read_retry_after("30", now=clock) == timedelta(seconds=30)
    assert answers.read_retry_after("99999999", now=clock) == timedelta(hours=24)
    assert answers.read_retry_after("soon", now=clock) is None
    assert answers.read_retry_after("Wed, 21 Oct 2015 07:28:00 GMT", now=clock) == timedelta(seconds=1)
    assert answers.read_retry_after("Wed, 21 Oct 2015 07:28:00", now=clock) is None
    assert answers.read_retry_after(None, now=clock) is None


def test_cookies_are_not_kept(client: Client, peer: Neighbour) -> None:
    peer.answers["/a"] = Reply(b'{"id":"x"}', 200, {"Content-Type": AS2, "Set-Cookie": "who=us; Path=/"})
    for _ in range(2):
        client.fetch_json(f"{peer.origin}/a")
    assert all("Cookie" not in request.headers for request in peer.requests)
