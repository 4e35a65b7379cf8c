"""The wire of a town: what a courier would send is handed to the door it is for, and kept as it was sent."""

import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from federation.connections import Connections
from federation.http import Client
from federation.watch import Watch

if TYPE_CHECKING:
    from tests.town.houses import Town


_KEEPING = threading.Lock()  # letters leave side by side


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One request that left an instance, as it went over the wire, with the name that had to be looked up for it."""

    sender: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    name: str
    status: int = 0
    answer: bytes = b""
    answer_headers: Mapping[str, str] = field(default_factory=dict)


class Wire(Client):
    """A courier's way out that ends at another door of the town instead of a host's address.

    Everything above the socket is the production code: signing, the list of headers, framing, reading the answer.
    """

    def __init__(self, town: "Town", *, origin: str) -> None:
        super().__init__(origin=origin, development=True, clock=lambda: town.now)
        self._connections = Connections(lambda host, _port: _Line(town, origin=origin, name=host))

    def forget_watch(self) -> None:
        """Begin with a watch of its own in a forked process, where the thread of the old one does not live."""
        self._connections._watch = Watch()


class _Line(socket.socket):
    """A socket of which a door holds the other end: what is sent is one request, what comes its answer."""

    def __init__(self, town: "Town", *, origin: str, name: str) -> None:
        super().__init__()
        self._town = town
        self._origin = origin
        self._name = name
        self._coming = b""

    def sendall(self, request: Any, _flags: int = 0) -> None:
        """Keep the request and let the door of its host answer it."""
        head, _, body = request.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        method, target, _ = first.split(" ")
        sent = Sent(
            sender=self._origin,
            method=method,
            url=f"http://{headers['Host']}{target}",
            headers=headers,
            body=body,
            name=self._name,
        )
        self._coming = carry(self._town, sent)

    def recv_into(self, buffer: Any, _most: int = 0, _flags: int = 0) -> int:
        """The answer, as much as there is room for, and then the end."""
        part, self._coming = self._coming[: len(buffer)], self._coming[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def carry(town: "Town", sent: Sent) -> bytes:
    """Bring a request to the door it is for; gives its answer as it goes over the wire.

    Raises:
        ConnectionRefusedError: nobody is there.
    """
    with _KEEPING:
        place = len(town.sent)
        town.sent.append(sent)
    parts = urlsplit(sent.url)
    house = town.houses.get(f"{parts.scheme}://{parts.netloc}")
    if house is None or not house.is_up:
        raise ConnectionRefusedError("connection refused")
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    with house.door.test_client() as client:
        answer = client.open(
            target, method=sent.method, data=sent.body, headers=dict(sent.headers), base_url=house.origin
        )
    told = {**answer.headers, "Content-Length": str(len(answer.data)), "Connection": "close"}
    town.sent[place] = replace(sent, status=answer.status_code, answer=answer.data, answer_headers=dict(answer.headers))
    answer.close()  # a server does, once the answer is out
    lines = [f"HTTP/1.1 {answer.status}", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    body: bytes = answer.data
    return "\r\n".join(lines).encode("latin-1") + body
