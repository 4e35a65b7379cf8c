"""The wire of a town: what a courier would send is handed to the door it is for, and kept as it was sent."""

import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter

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
    """A courier's way out that ends at another door of the town instead of a socket.

    Everything above the socket is the production code: signing, the list of headers, sessions, reading the answer.
    """

    def __init__(self, town: "Town", *, origin: str) -> None:
        super().__init__(origin=origin, development=True, clock=lambda: town.now)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, _Doors(town, origin=origin))

    def forget_watch(self) -> None:
        """Begin with a watch of its own in a forked process, where the thread of the old one does not live."""
        self._watch = Watch()


class _Doors(BaseAdapter):
    """Where requests would open a connection."""

    def __init__(self, town: "Town", *, origin: str) -> None:
        super().__init__()
        self._town = town
        self._origin = origin

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """Keep the request and let the door of its host answer it."""
        body = request.body or b""
        sent = Sent(
            sender=self._origin,
            method=str(request.method),
            url=str(request.url),
            headers=dict(request.headers),
            body=body if isinstance(body, bytes) else body.encode(),
            name=urlsplit(str(request.url)).hostname or "",
        )
        with _KEEPING:
            place = len(self._town.sent)
            self._town.sent.append(sent)
        parts = urlsplit(sent.url)
        house = self._town.houses.get(f"{parts.scheme}://{parts.netloc}")
        if house is None or not house.is_up:
            raise requests.ConnectionError("connection refused")
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        with house.door.test_client() as client:
            answer = client.open(
                target, method=sent.method, data=sent.body, headers=dict(sent.headers), base_url=house.origin
            )
        self._town.sent[place] = replace(
            sent, status=answer.status_code, answer=answer.data, answer_headers=dict(answer.headers)
        )
        answer.close()  # a server does, once the answer is out
        return _response(request, status=answer.status_code, headers=dict(answer.headers), body=answer.data)

    def close(self) -> None:
        """Nothing is open."""


def _response(
    request: requests.PreparedRequest, *, status: int, headers: Mapping[str, str], body: bytes
) -> requests.Response:
    raw = urllib3.HTTPResponse(body=io.BytesIO(body), headers=dict(headers), status=status, preload_content=False)
    found = requests.Response()
    found.status_code, found.raw, found.request, found.url = status, raw, request, str(request.url)
    found.headers.update(headers)
    return found
