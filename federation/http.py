"""The one network door: every request to another host leaves here, to a checked address, within limits."""

import socket
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import urldefrag

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from activitypub import codec, senders
from activitypub.senders import Scheme
from federation import answers, policy
from federation.base import AS2, PICTURES, Answer, Fetched, OwnKey, Unreachable
from federation.health import WINDOW
from federation.manners import Manners
from federation.watch import Watch

CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 15.0
RESOLVE_SECONDS = 3.0
BODY_LIMIT = 1024 * 1024
HOPS = 3
KEPT_HOSTS = 256  # whose connections stay open between letters
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
Resolve: TypeAlias = Callable[[str, int], list[str]]
# Status, headers and body.
Answered: TypeAlias = tuple[int, Mapping[str, str], bytes]
Dial: TypeAlias = Callable[[str, int, float], socket.socket]


def resolve(host: str, port: int) -> list[str]:
    """Ask the system for the addresses of `host`, at most eight.

    Raises:
        OSError: when there are none.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))[:8]


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
        """Prepare the session; nothing is sent. `development` allows http and nearby addresses."""
        self.origin = origin
        self._user_agent = user_agent or f"Palier/0.1 (+{origin}/)"
        self._development = development
        self._resolve = resolve
        self._clock = clock
        self._total = total_seconds
        self._manners = Manners()
        self._watch = Watch()
        self._session = requests.Session()
        self._session.trust_env = False  # neither proxies nor .netrc
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        adapter = _Adapter(self._dial, self._watch)
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, adapter)

    def close(self) -> None:
        """Give the connections back."""
        self._session.close()

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
        return Answer(status=status, retry_after=answers.read_retry_after(head.get("Retry-After"), now=self._clock()))

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
        prepared = self._session.prepare_request(
            requests.Request(
                method,
                url,
                data=body,
                headers={"User-Agent": self._user_agent, "Accept-Encoding": "identity", **headers},
            )
        )
        if prepared.url != url:
            # What was signed must be what is sent.
            raise Unreachable("an address that has to be rewritten to be used", transient=False)
        for name in [name for name in prepared.headers if name.lower() not in SENT]:
            del prepared.headers[name]
        try:
            with self._watch.until(deadline):
                response = self._session.send(
                    prepared, stream=True, allow_redirects=False, timeout=(CONNECT_SECONDS, READ_SECONDS)
                )
                with response:
                    return response.status_code, response.headers, _read(response, keep)
        except Unreachable:
            raise
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Unreachable(_explain(error), transient=True) from error

    def _dial(self, host: str, port: int, timeout: float) -> socket.socket:
        """Connect to `host`, whose every address must be allowed; nothing resolves the name again (DNS rebinding)."""
        last: OSError | None = None
        for address in self._addresses(host, port):
            try:
                return socket.create_connection((address, port), timeout)
            except OSError as error:
                last = error
        msg = f"no connection: {_explain(last)}"
        raise Unreachable(msg, transient=True)

    def _addresses(self, host: str, port: int) -> list[str]:
        if self._development and (host == "localhost" or host.endswith(".localhost")):
            return ["127.0.0.1"]
        found = _within(RESOLVE_SECONDS, partial(self._resolve, host.strip("[]"), port))
        if not found:
            raise Unreachable("the name has no address", transient=True)
        if not all(policy.may_dial(address, development=self._development) for address in found):
            raise Unreachable("the name leads to an address that is not public", transient=False)
        return found


def _read(response: requests.Response, keep: int) -> bytes:
    if keep == 0:
        # Drain small answers so that the connection can be used again; a big one is closed unread.
        response.raw.read(4096, decode_content=False)
        return b""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(16384):
        size += len(part)
        if size > keep:
            msg = f"a document larger than {keep // BODY_LIMIT} MiB"
            raise Unreachable(msg, transient=False)
        parts.append(part)
    return b"".join(parts)


def _explain(error: BaseException | None) -> str:
    """Name a network fault in few words; the peer's own words stay out of our tables."""
    text = str(error).lower()
    if "timed out" in text or isinstance(error, TimeoutError):
        return "no answer in time"
    if "certificate" in text or "ssl" in text:
        return "no trustworthy TLS connection"
    if "refused" in text:
        return "connection refused"
    return "the connection failed"


def _within(seconds: float, ask: Callable[[], list[str]]) -> list[str]:
    """Run a resolver that cannot be interrupted in a thread that is left behind when it takes too long."""
    found: list[list[str]] = []

    def run() -> None:
        with suppress(OSError, UnicodeError):
            found.append(ask())

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else []


class _Cuttable(HTTPConnection):
    """A connection dialled by the client, which another thread can end."""

    def __init__(self, *args: Any, dial: Dial, watch: Watch, **options: Any) -> None:
        super().__init__(*args, **options)
        self._dial = dial
        self._watch = watch
        self._twin: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        made = self._dial(self._dns_host, self.port or self.default_port, CONNECT_SECONDS)
        # Head and body are two writes: without this the second waits 40 ms for the first one's acknowledgement.
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # TLS takes the socket object over; a second handle on the same connection stays ours to shut down.
        self._twin = made.dup()
        made.settimeout(READ_SECONDS)
        self._watch.hold(self._twin)
        return made

    def request(self, *args: Any, **options: Any) -> None:
        """Send a request on this connection, new or kept, under the thread's deadline."""
        if self._twin is not None:
            self._watch.hold(self._twin)
        super().request(*args, **options)

    def close(self) -> None:
        """Close the connection, and the second handle as soon as nobody needs it."""
        twin, self._twin = self._twin, None
        if twin is not None:
            self._watch.release(twin)
        super().close()


class _SecureCuttable(_Cuttable, HTTPSConnection):
    """The same over TLS; certificate and SNI are for the name, as usual."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Cuttable


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureCuttable


class _Adapter(HTTPAdapter):
    """Makes requests use our connections."""

    def __init__(self, dial: Dial, watch: Watch) -> None:
        self._own: dict[str, Any] = {"dial": dial, "watch": watch}
        super().__init__(pool_connections=KEPT_HOSTS, pool_maxsize=WINDOW, max_retries=0)

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Build the pools from our own classes."""
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {
            "http": partial(_Pool, **self._own),
            "https": partial(_SecurePool, **self._own),
        }
