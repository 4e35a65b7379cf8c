"""Neighbours on loopback that say what a test wants, and letters as they send them."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import MappingProxyType
from typing import Any

from activitypub import codec, keys, senders
from activitypub.senders import Scheme
from federation import inbox
from federation.base import OwnKey

AS2 = "application/activity+json"
OURS = "http://127.0.0.2:9999"


@dataclass
class Reply:
    """One canned answer."""

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Request:
    """What a neighbour was asked."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Neighbour:
    """A server on loopback with scripted answers and a memory."""

    def __init__(self) -> None:
        self.answers: dict[str, Reply | Callable[[BaseHTTPRequestHandler], None]] = {}
        self.requests: list[Request] = []
        neighbour = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._answer()

            def do_POST(self) -> None:
                self._answer()

            def log_message(self, *_: object) -> None:
                pass

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                neighbour.requests.append(Request(self.command, self.path, dict(self.headers.items()), body))
                reply = neighbour.answers.get(self.path, Reply(status=404))
                if callable(reply):
                    reply(self)
                    return
                self.send_response(reply.status)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.body)))
                self.end_headers()
                self.wfile.write(reply.body)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                """A client that hangs up is part of the plot."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.authority = f"127.0.0.1:{self.server.server_port}"
        self.origin = f"http://{self.authority}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def show(self, path: str, doc: dict[str, Any] | bytes, *, media: str = AS2, status: int = 200) -> str:
        body = doc if isinstance(doc, bytes) else json.dumps(doc).encode()
        self.answers[path] = Reply(body, status, {"Content-Type": media})
        return self.origin + path

    def posts(self) -> list[Request]:
        return [request for request in self.requests if request.method == "POST"]

    def actor_doc(self, path: str, *, pem: str, kind: str = "Person", **more: Any) -> dict[str, Any]:
        me = self.origin + path
        return {
            "@context": "https://www.w3.org/ns/activitystreams",
            "id": me,
            "type": kind,
            "preferredUsername": path.rpartition("/")[2],
            "name": path.rpartition("/")[2].title(),
            "inbox": f"{me}/inbox",
            "outbox": f"{me}/outbox",
            "endpoints": {"sharedInbox": f"{self.origin}/inbox"},
            "publicKey": {"id": f"{me}#main-key", "owner": me, "publicKeyPem": keys.public_pem(pem)},
            **more,
        }

    def actor(self, path: str, *, pem: str, kind: str = "Person", **more: Any) -> str:
        return self.show(path, self.actor_doc(path, pem=pem, kind=kind, **more))


def signed(
    doc: dict[str, Any] | bytes,
    *,
    pem: str,
    key_id: str,
    now: datetime,
    path: str = "/inbox",
    remote: str = "127.0.0.1",
    scheme: Scheme = Scheme.CAVAGE,
    more: Mapping[str, str] = MappingProxyType({}),
) -> inbox.Arrival:
    """A letter as it arrives at our inbox, properly signed."""
    body = doc if isinstance(doc, bytes) else codec.encode(doc)
    headers = senders.sign(
        scheme=scheme, method="POST", url=OURS + path, body=body, key_pem=pem, key_id=key_id, now=now, more=more
    )
    return inbox.Arrival(method="POST", target=path, headers=headers, body=body, remote_addr=remote)


def key_of(pem: str, actor: str) -> OwnKey:
    return OwnKey(key_id=f"{actor}#main-key", private_pem=pem)
