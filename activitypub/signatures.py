"""HTTP signatures as the fediverse writes them (draft-cavage-http-signatures-12), signed and strictly verified.

httpsig takes the header apart and builds the text that is signed; ``cryptography`` alone signs, and decides whether
it is genuine, always as RSA with PKCS #1 v1.5 and SHA-256, because the key says so and never because the message does.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from activitypub import httpsig_parts, keys
from activitypub.wire import MEDIA_TYPE, Malformed, uri

CLOCK_SKEW: Final = timedelta(hours=1)  # what Mastodon and Lemmy allow
MAX_HEADER: Final = 8192
ALGORITHM: Final = "rsa-sha256"
LABELS: Final = frozenset({None, ALGORITHM, "hs2019"})
DEFAULT_PORTS: Final = {"https": 443, "http": 80}
ON_GET: Final = ("(request-target)", "host", "date")
ON_POST: Final = (*ON_GET, "digest", "content-type")

_PARAMETER: Final = r'[ \t]*[A-Za-z]+=(?:"[^"\\]*"|[0-9]+)[ \t]*'
_HEADER: Final = re.compile(rf"{_PARAMETER}(?:,{_PARAMETER})*")
_NAME: Final = re.compile(r"([A-Za-z]+)=(?:\"[^\"\\]*\"|[0-9]+)")
_SIGNED_NAME: Final = re.compile(r"\((?:request-target|created|expires)\)|[a-z0-9-]+")
_SECONDS: Final = re.compile(r"[0-9]{1,11}")


class Forged(ValueError):
    """A request that does not prove who sent it; the text says what is wrong, for our log and never for the sender."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What a Signature header claims; nothing of it is believed before ``verify``."""

    key_id: str
    algorithm: str | None
    headers: tuple[str, ...]
    signature: bytes
    created: int | None = None
    expires: int | None = None

    @property
    def fields(self) -> frozenset[str]:
        """The header fields it takes to verify this later, in lower case."""
        return frozenset(one for one in self.headers if not one.startswith("(")) | {
            "signature",
            "host",
            "date",
            "digest",
        }


def sign(
    *,
    method: str,
    url: str,
    body: bytes | None,
    key_pem: str,
    key_id: str,
    now: datetime,
    more: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """The headers to send with a request: Host, Date, Signature, `more` and, with a body, Digest and Content-Type.

    The request must go to ``url`` as it stands, query included. Raises Malformed on a URL or key that cannot be used.
    """
    host, target = address(url)
    headers = {"Host": host, "Date": _say(now.astimezone(UTC).replace(microsecond=0))}
    if body is not None:
        headers |= {"Digest": _digest_of_many(body), "Content-Type": MEDIA_TYPE}
    if not key_id.isascii() or not key_id.isprintable() or '"' in key_id:
        raise Malformed("not usable in a header", where="keyId")
    headers |= more
    names = (*(ON_GET if body is None else ON_POST), *(name.lower() for name in more))
    text = httpsig_parts.signing_string(names=names, headers=headers, method=method, target=target)
    made = keys.load_private(key_pem).sign(text, padding.PKCS1v15(), hashes.SHA256())
    headers["Signature"] = (
        f'keyId="{key_id}",algorithm="{ALGORITHM}",headers="{" ".join(names)}",'
        f'signature="{base64.b64encode(made).decode("ascii")}"'
    )
    return headers


@lru_cache(maxsize=4096)
def address(url: str) -> tuple[str, str]:
    """Host (with any port that is not the scheme's own) and request target of ``url``. Raises Malformed."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Malformed("not a URL", where="url") from None
    if not url.isascii() or not url.isprintable() or " " in url or parts.scheme not in DEFAULT_PORTS or not host:
        raise Malformed("not an http(s) URL in ASCII", where="url")
    if "@" in parts.netloc:
        raise Malformed("carries a user name", where="url")
    shown = f"[{host}]" if ":" in host else host
    if port is not None and port != DEFAULT_PORTS[parts.scheme]:
        shown = f"{shown}:{port}"
    return shown, (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def digest(body: bytes) -> str:
    """The Digest header of ``body`` (RFC 3230)."""
    return "SHA-256=" + base64.b64encode(hashlib.sha256(body).digest()).decode("ascii")


# One letter goes to many, and many go in the same second.
_digest_of_many: Final = lru_cache(maxsize=16)(digest)


@lru_cache(maxsize=16)
def _say(moment: datetime) -> str:
    return format_datetime(moment, usegmt=True)


def parse(headers: Mapping[str, str]) -> Signed:
    """The one Signature header of a request. Raises Forged when it is missing, doubled or not strictly well formed."""
    value = by_name(headers).get("signature", "")
    if not value:
        raise Forged("no signature")
    if len(value) > MAX_HEADER or not value.isascii() or not _HEADER.fullmatch(value):
        raise Forged("signature header not well formed")
    names = [name.lower() for name in _NAME.findall(value)]
    if len(names) != len(set(names)):  # two Signature headers arrive joined by a comma, too
        raise Forged("signature parameter twice")
    found = httpsig_parts.parse_parameters(value)
    return Signed(
        key_id=_key_id(found.get("keyid", "")),
        algorithm=found["algorithm"].lower() if "algorithm" in found else None,
        headers=_signed_names(found.get("headers", "")),
        signature=_strict_base64(found.get("signature", "")),
        created=_seconds(found.get("created")),
        expires=_seconds(found.get("expires")),
    )


def verify(
    *,
    signed: Signed,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes | None,
    public_key_pem: str,
    own_authorities: Collection[str],
    now: datetime,
) -> None:
    """Return only if the owner of the key signed this very request, for us, now.

    ``target`` is path and query as received, ``own_authorities`` the ``host[:port]`` we answer to. Whether the key
    belongs to the actor of the letter is the caller's question. Raises Forged with the reason.
    """
    given = by_name(headers)
    _check_claims(signed, has_body=method.upper() not in {"GET", "HEAD"} or bool(body))
    if given.get("host", "").lower() not in {own.lower() for own in own_authorities}:
        raise Forged("signed for another host")
    _check_time(signed, given, now)
    if "digest" in signed.headers:
        _check_digest(given.get("digest", ""), body or b"")
    text = _signed_text(signed, given, method, target)
    try:
        key = keys.load_public(public_key_pem)
        key.verify(signed.signature, text, padding.PKCS1v15(), hashes.SHA256())
    except Malformed as fault:
        raise Forged(str(fault)) from None
    except InvalidSignature:
        raise Forged("signature does not match") from None


def by_name(headers: Mapping[str, str]) -> dict[str, str]:
    """The fields by their names in lower case. Raises Forged when one comes twice."""
    found: dict[str, str] = {}
    for name, value in headers.items():
        if name.lower() in found:
            raise Forged("header twice")
        found[name.lower()] = value.strip(" \t")
    return found


def _key_id(value: str) -> str:
    if uri(value) is None:
        raise Forged("keyId is not an http(s) reference")
    return value


def _signed_names(value: str) -> tuple[str, ...]:
    names = tuple(value.lower().split(" ")) if value else ()
    if not names or len(names) != len(set(names)) or not all(_SIGNED_NAME.fullmatch(name) for name in names):
        raise Forged("signed header names missing, twice or not well formed")
    return names


def _strict_base64(value: str) -> bytes:
    try:
        found = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise Forged("signature is not base64") from None
    if not found or base64.b64encode(found).decode("ascii") != value:
        raise Forged("signature is not canonical base64")
    return found


def _seconds(value: str | None) -> int | None:
    if value is None:
        return None
    if not _SECONDS.fullmatch(value):
        raise Forged("created or expires is not a whole number of seconds")
    return int(value)


def _check_claims(signed: Signed, *, has_body: bool) -> None:
    """Refuse what would leave a part of the request unsigned, or let the message choose how it is verified."""
    if signed.algorithm not in LABELS:
        raise Forged("algorithm not accepted")
    required = {"(request-target)", "host"} | ({"digest"} if has_body else set())
    if not required <= set(signed.headers):
        raise Forged("request target, host or digest not signed")
    dated = {"(created)", "(expires)"} & set(signed.headers)
    if "date" not in signed.headers and "(created)" not in dated:
        raise Forged("neither date nor created signed")
    if signed.algorithm == "rsa-sha256" and dated:  # draft §2.3: those two belong to hs2019
        raise Forged("created or expires signed under an old label")


def _check_time(signed: Signed, given: Mapping[str, str], now: datetime) -> None:
    if "date" in signed.headers and abs(_date(given.get("date", "")) - now) > CLOCK_SKEW:
        raise Forged("date too far from now")
    # Where created or expires is signed but not given, the signed text cannot be built: refused there.
    created = now.timestamp() if signed.created is None else signed.created
    if "(created)" in signed.headers and abs(created - now.timestamp()) > CLOCK_SKEW.total_seconds():
        raise Forged("created too far from now")
    if signed.expires is not None and signed.expires < now.timestamp():
        raise Forged("expired")


def _date(value: str) -> datetime:
    try:
        found = parsedate_to_datetime(value[:64])
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        raise Forged("date missing or not readable") from None


def _check_digest(value: str, body: bytes) -> None:
    """SHA-256 must be among the listed digests, once, and must be that of the bytes that came."""
    listed = [part.strip().partition("=") for part in value.split(",")]
    sums = [total for name, _, total in listed if name.lower() == "sha-256"]
    if len(sums) != 1:
        raise Forged("no single SHA-256 digest")
    if not hmac.compare_digest(sums[0].encode("utf-8"), digest(body).partition("=")[2].encode("ascii")):
        raise Forged("digest does not match the body")


def _signed_text(signed: Signed, given: Mapping[str, str], method: str, target: str) -> bytes:
    values = {name: given[name] for name in signed.headers if name in given and not name.startswith("(")}
    if signed.created is not None:
        values["(created)"] = str(signed.created)
    if signed.expires is not None:
        values["(expires)"] = str(signed.expires)
    if any(name not in values for name in signed.headers if name != "(request-target)"):
        raise Forged("a signed header is missing")
    texts = (method, target, *values.values())
    if not all(text.isascii() and text.isprintable() for text in texts) or not method or not target:
        raise Forged("a signed value is not printable ASCII")
    return httpsig_parts.signing_string(names=signed.headers, headers=values, method=method, target=target)
