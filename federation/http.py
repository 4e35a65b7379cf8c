"""The one network door: every request to another host leaves here, to a checked address, within limits."""

import copy
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import Self, TypeAlias
from urllib.parse import urldefrag

import requests

from activitypub import codec, senders
from activitypub.senders import Scheme
from federation import answers, policy
from federation.base import AS2, PICTURES, Answer, Budget, Fetched, OwnKey, Unreachable
from federation.connections import Connections, Dialler, Resolve, resolve
from federation.manners import Manners

TOTAL_SECONDS = 15.0
BODY_LIMIT = 1024 * 1024
HOPS = 3
# The last hop: a request carries these headers and no other. None of them knows a resident.
SENT = frozenset(
    {
        "accept",
        "accept-encoding",
        "collection-synchronization",
        "connection",
        "content-digest",
        "content-length",
        "content-type",
        "date",
        "digest",
        "host",
        "signature",
        "signature-input",
        "user-agent",
    }
)
NOTHING: Mapping[str, str] = MappingProxyType({})
# Status, headers and body.
Answered: TypeAlias = tuple[int, Mapping[str, str], bytes]


class Client:
    """A courier's way out: connections are kept per host, and every new one goes to an address checked just before."""

    def __init__(
        self,
        *,
        origin: str,
        user_agent: str = "",
        development: bool = False,
        resolve: Resolve = resolve,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        total_seconds: float = TOTAL_SECONDS,
    ) -> None:
        """Prepare; nothing is sent. `development` allows http and nearby addresses."""
        self.origin = origin
        self._user_agent = user_agent or f"Palier/0.1 (+{origin}/)"
        self._development = development
        self._clock = clock
        self._total = total_seconds
        self._manners = Manners()
        self._connections = Connections(Dialler(development=development, resolve=resolve))
        self.budget: Budget | None = None

    def within(self, budget: Budget) -> Self:
        """The same way out, for one cause: whatever is fetched through it is taken from `budget`."""
        bound = copy.copy(self)
        bound.budget = budget
        return bound

    def close(self) -> None:
        """Give the connections back."""
        self._connections.close()

    def fetch_json(self, url: str, *, key: OwnKey | None = None, accept: Iterable[str] = AS2) -> Fetched:
        """Fetch a document, signed when `key` is given, following at most three redirects inside one origin.

        Raises:
            Unreachable: no document came, or not one that may be believed (FEP-fe34).
            codec.Malformed: what came is not acceptable JSON.
        """
        wanted = tuple(accept)
        final, head, body = self._get(url, wanted, key=key)
        answers.demand_type(head, wanted)
        return Fetched(url=final, status=HTTPStatus.OK, doc=codec.load(body), size=len(body))

    def fetch_file(self, url: str, *, limit: int) -> bytes:
        """Fetch a picture of at most `limit` bytes; nobody signs for it, and what it is is told by its bytes alone.

        Raises:
            Unreachable: it did not come, or is too large.
        """
        _, head, body = self._get(url, PICTURES, key=None, keep=limit)
        answers.demand_plain(head)
        return body

    def _get(
        self, url: str, wanted: tuple[str, ...], *, key: OwnKey | None, keep: int = BODY_LIMIT
    ) -> tuple[str, Mapping[str, str], bytes]:
        """Ask until it is there, three redirects inside one origin at most: where it finally was, its head and body."""
        url = urldefrag(url).url
        deadline = time.monotonic() + self._total
        for _ in range(HOPS + 1):
            if self.budget is not None:
                self.budget.spend()
            policy.locate(url, development=self._development)
            asked = {"Accept": ", ".join(wanted)}
            status, head, body = self._knock("GET", url, None, asked, key=key, deadline=deadline, keep=keep)
            if status in {301, 302, 303, 307, 308}:
                url = answers.next_hop(url, head)
                continue
            answers.demand_success(status)
            return url, head, body
        raise Unreachable("too many redirects", transient=False)

    def post(self, url: str, *, body: bytes, key: OwnKey, headers: Mapping[str, str] = NOTHING) -> Answer:
        """Sign `body` and `headers` now and post them to an inbox; whatever happens becomes an answer.

        A redirect is followed once, inside its origin, where its status says that the letter goes with it (307, 308).
        """
        try:
            policy.locate(url, development=self._development)
            deadline = time.monotonic() + self._total
            status, head, _ = self._knock("POST", url, body, {}, key=key, said=headers, deadline=deadline, keep=0)
            if status in {HTTPStatus.TEMPORARY_REDIRECT, HTTPStatus.PERMANENT_REDIRECT}:
                url = answers.next_hop(url, head)
                policy.locate(url, development=self._development)
                status, head, _ = self._knock("POST", url, body, {}, key=key, said=headers, deadline=deadline, keep=0)
        except Unreachable as error:
            # 0 is "no answer" and tried again; 410 is for good.
            return Answer(status=0 if error.transient else 410, error=error.why)
        return Answer(status=status, retry_after=answers.read_retry_after(head.get("retry-after"), now=self._clock()))

    def heed(self, url: str, standards: Iterable[str]) -> None:
        """Take what an actor of a host says its server keeps to as a hint how to sign for it (FEP-844e)."""
        self._manners.heed(url, standards, now=self._clock())

    def _knock(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        key: OwnKey | None,
        said: Mapping[str, str] = NOTHING,
        deadline: float,
        keep: int = BODY_LIMIT,
    ) -> Answered:
        """Send one request, signed when `key` is given; a host that knows only the other way of signing gets it once.

        That is asked for by 401 and by nothing else: whatever else a host says, it has read the signature.
        """

        def send(scheme: Scheme) -> Answered:
            more = self._sign(method, url, body, key=key, said=said, scheme=scheme) if key is not None else {}
            return self._exchange(method, url, body, {**headers, **more}, deadline=deadline, keep=keep)

        scheme = self._manners.of(url, now=self._clock())
        answer = send(scheme)
        if key is None:
            return answer
        if answer[0] == HTTPStatus.UNAUTHORIZED:
            scheme = scheme.other
            answer = send(scheme)
        self._manners.learn(url, scheme, status=answer[0], head=answer[1], now=self._clock())
        return answer

    def _sign(
        self, method: str, url: str, body: bytes | None, *, key: OwnKey, said: Mapping[str, str], scheme: Scheme
    ) -> dict[str, str]:
        return senders.sign(
            scheme=scheme,
            method=method,
            url=url,
            body=body,
            key_pem=key.private_pem,
            key_id=key.key_id,
            now=self._clock(),
            more=said,
        )

    def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: Mapping[str, str],
        *,
        deadline: float,
        keep: int = BODY_LIMIT,
    ) -> Answered:
        """Send one request and read at most `keep` bytes, all before `deadline`."""
        place = policy.locate(url, development=self._development)
        said: Mapping[str, str] = {
            "Host": place.authority,
            "User-Agent": self._user_agent,
            "Accept-Encoding": "identity",
            **headers,
        }
        if body is None:
            said = _prepare(method, url, said)
        request = _write(method, place.target, said, body)
        found = self._connections.exchange(place, request, deadline=deadline, keep=keep)
        return found.status, found.head, found.body


def _prepare(method: str, url: str, headers: Mapping[str, str]) -> Mapping[str, str]:
    """What is fetched is prepared by requests; a letter's address came out of a document that was fetched so."""
    try:
        prepared = requests.Request(method, url, headers=headers).prepare()
    except (requests.RequestException, ValueError) as error:
        raise Unreachable("an address that cannot be used", transient=False) from error
    if prepared.url != url:
        # What was signed must be what is sent.
        raise Unreachable("an address that has to be rewritten to be used", transient=False)
    return prepared.headers


def _write(method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> bytes:
    """Put a request together as one run of bytes; what is in no list of ours is left out."""
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {headers[name]}" for name in headers if name.lower() in SENT)]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    if any("\r" in line or "\n" in line for line in lines):
        raise Unreachable("a header of several lines", transient=False)
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + (body or b"")
