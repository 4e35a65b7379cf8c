"""Decisions without memory: which addresses may be spoken to, how long to wait, what a status means."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from activitypub import wire
from federation.base import Unreachable

URI_LIMIT = wire.MAX_URI
AUTHORITY_LIMIT = 255  # no name that resolves is longer
LETTER_LIMIT = 1024 * 1024
WAITING_LIMIT = 100
KEY_MAY_BE_STALE_AFTER = timedelta(minutes=5)
WITHDRAWAL = "Delete"  # the kind of letter that is tried longest

_DEFAULT_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
# What some resolvers read as an IPv4 address: decimal, octal, hexadecimal, one to four parts.
_NUMERIC = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+))*")
_VISIBLE_ASCII = re.compile(r"[!-~]+")
# What is not seen, or turns the line around, and so lets one name look like another (CVE-2023-42451 class). Joiners
# and variation selectors stay: emoji and several scripts are written with them.
_UNSEEN = re.compile(
    "[\\x00-\\x08\\x0e-\\x1f\\x7f-\\x9f\\xad\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180e\\u200b\\u200e\\u200f\\u202a-\\u202e"
    "\\u2060-\\u2064\\u2066-\\u206f\\u2800\\u3164\\ufeff\\uffa0\\U000e0000-\\U000e007f]"
)

_V4_REFUSED = [
    IPv4Network(block)
    for block in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
    )
]
_V6_ALLOWED = IPv6Network("2000::/3")
_V6_REFUSED = [IPv6Network(block) for block in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")]
_NEARBY: list[IPv4Network | IPv6Network] = [
    IPv4Network("127.0.0.0/8"),
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv6Network("::1/128"),
    IPv6Network("fc00::/7"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A URL that passed `locate`: where it points, taken apart."""

    scheme: str
    host: str
    port: int
    authority: str
    target: str


@lru_cache(maxsize=4096)
def locate(url: str, *, development: bool) -> Place:
    """Take a URL of another host apart, refusing every spelling that could mean something else.

    Raises:
        Unreachable: never transient; the URL is not one we speak to.

    Source: FEP-fe34; OWASP ASVS 5.0 1.3.6.
    """
    if len(url) > URI_LIMIT or not _VISIBLE_ASCII.fullmatch(url) or "\\" in url:
        raise _refusal("an address with characters that do not belong in one")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _refusal("an address that cannot be read") from error
    if parts.scheme not in (("https", "http") if development else ("https",)):
        raise _refusal("only https is spoken")
    if "@" in parts.netloc or parts.netloc.endswith(":"):
        raise _refusal("an address with a user name or an empty port")
    host = _read_host(parts.netloc, parts.hostname or "", development=development)
    default = _DEFAULT_PORTS[parts.scheme]
    port = default if port is None else port
    if not development and port != default:
        raise _refusal("only the usual port is spoken to")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    shown = f"[{host}]" if ":" in host else host
    return Place(
        scheme=parts.scheme,
        host=host,
        port=port,
        authority=shown if port == default else f"{shown}:{port}",
        target=target,
    )


def _read_host(netloc: str, host: str, *, development: bool) -> str:
    if netloc.startswith("["):
        if not development:
            raise _refusal("a bare address instead of a name")
        return _read_literal(host)
    if _NUMERIC.fullmatch(host):
        if not development:
            raise _refusal("a bare address instead of a name")
        return _read_literal(host)
    if not _HOST.fullmatch(host):
        raise _refusal("a host name that is not one")
    if "." not in host and not (development and host == "localhost"):
        raise _refusal("a host name without a domain")
    return host


def _read_literal(host: str) -> str:
    try:
        return str(ip_address(host))
    except ValueError as error:
        raise _refusal("an address that cannot be read") from error


def _refusal(why: str) -> Unreachable:
    return Unreachable(why, transient=False)


def visible(text: str) -> str:
    """Give one line of what is seen of a name or a title that somebody elsewhere chose."""
    return " ".join(_UNSEEN.sub("", text).split())


@lru_cache(maxsize=4096)
def authority(uri: str) -> str:
    """Give host[:port] of a URI in comparable form; the empty string when it has none."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or "@" in parts.netloc:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return host if port is None or port == _DEFAULT_PORTS[parts.scheme] else f"{host}:{port}"


def same_origin(*uris: str) -> bool:
    """Say whether all URIs share scheme, host and port (FEP-fe34)."""
    origins = {(urlsplit(uri).scheme, authority(uri)) if authority(uri) else None for uri in uris}
    return len(origins) == 1 and None not in origins


def may_dial(address: str, *, development: bool) -> bool:
    """Say whether a resolved address may be connected to: public ones, and nearby ones in development.

    `ipaddress.is_global` is no substitute: NAT64, 6to4, IPv4-compatible and multicast pass it on common versions.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if development and any(ip in block for block in _NEARBY if block.version == ip.version):
        return True
    match ip:
        case IPv4Address():
            return not any(ip in block for block in _V4_REFUSED)
        case IPv6Address():
            return ip.scope_id is None and ip in _V6_ALLOWED and not any(ip in block for block in _V6_REFUSED)


class Outcome(StrEnum):
    """What becomes of a delivery after an answer."""

    SENT = "sent"
    RETRY = "retry"
    FAIL = "fail"


_TRANSIENT = frozenset({0, 408, 425, 429})
_TRIES_WHEN_UNSIGNED = 6
_TRIES_WHEN_REFUSED = 2
SECOND_TRY_AFTER_REFUSAL = timedelta(hours=1)


def weigh(status: int, *, attempts: int) -> Outcome:
    """Read an answer's status after `attempts` tries, this one included; 0 stands for no answer at all."""
    if 200 <= status < 300:
        return Outcome.SENT
    if status in _TRANSIENT or status >= 500:
        return Outcome.RETRY
    if status == 401:
        return Outcome.RETRY if attempts < _TRIES_WHEN_UNSIGNED else Outcome.FAIL
    if 400 <= status < 500 and status != 410:
        # Once is too harsh: reverse proxies mis-answer during their upgrades.
        return Outcome.RETRY if attempts < _TRIES_WHEN_REFUSED else Outcome.FAIL
    # 410, and every redirect: a letter is signed for one address and is not carried on to another.
    return Outcome.FAIL


def is_down(status: int) -> bool:
    """Say whether the answer speaks of the whole host, so that its other deliveries may wait as well."""
    return status in {0, 429} or status >= 500


_WAITS = [
    timedelta(0),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=2),
    timedelta(hours=4),
    timedelta(hours=8),
]
_LONGEST_WAIT = timedelta(hours=12)
_TRIES_IN_HASTE = 3
_PATIENCE = timedelta(days=14)
_PATIENCE_TO_RETRACT = timedelta(days=90)


def delay(
    attempts: int, *, kind: str, age: timedelta = timedelta(0), jitter: float = 0.5, status: int = 0
) -> timedelta | None:
    """Give the wait before the next try after `attempts` failed ones, or None when it is time to give up.

    `jitter` between 0 and 1 takes away or adds up to a fifth, so that those who failed together do not come together;
    a Delete is tried longest, because a promise to residents hangs on it.
    """
    if age > patience(kind):
        return None
    if 400 <= status < 500 and status not in _TRANSIENT | {401}:
        return SECOND_TRY_AFTER_REFUSAL
    wait = _WAITS[attempts] if attempts < len(_WAITS) else _LONGEST_WAIT
    return wait * (0.8 + 0.4 * jitter)


def heed(asked: timedelta | None, *, table: timedelta, attempts: int) -> timedelta:
    """What a host asks for comes instead of our table; what is shorter than that, a few times in a row only."""
    if not asked:
        return table
    return asked if attempts <= _TRIES_IN_HASTE else max(asked, table)


def patience(kind: str) -> timedelta:
    """How long a letter of this kind is tried."""
    return _PATIENCE_TO_RETRACT if kind == WITHDRAWAL else _PATIENCE


def digest(*parts: str | bytes) -> str:
    """Hash parts into one fixed-length key; each part is length-prefixed, so that none can imitate two."""
    found = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        found.update(len(data).to_bytes(8, "big"))
        found.update(data)
    return found.hexdigest()


def dedupe_key(*, activity_uri: str, kind: str, body: bytes) -> str:
    """Name a genuine letter once and for all; some software reuses an activity id for every Update."""
    return digest(activity_uri, body) if kind == "Update" else digest(activity_uri)


def sender(address: str) -> str:
    """Name the party behind a remote address: IPv6 hosts own a whole /64."""
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if isinstance(ip, IPv6Address):
        return str(IPv6Network((ip.packed[:8] + bytes(8), 64)))
    return str(ip)


def fit(uris: Iterable[str | None]) -> bool:
    """Say whether all given URIs are short enough to be stored and are plain http(s) addresses."""
    return all(wire.is_short(uri) and 0 < len(authority(uri)) <= AUTHORITY_LIMIT for uri in uris if uri is not None)
