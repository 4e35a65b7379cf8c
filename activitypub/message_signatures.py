"""HTTP Message Signatures (RFC 9421) in the profile the fediverse uses, signed and strictly verified.

http-message-signatures takes the request apart and builds the text that was signed, bound to one algorithm whatever
the message says: RSA with PKCS #1 v1.5 and SHA-256, the only one that all who speak this RFC accept. The demands are
Mastodon's: one signature, with `created` and `keyid`, over method and target and the digest of a body (RFC 9530).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, Final

import http_sf
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)

from activitypub import keys, signatures
from activitypub.signatures import CLOCK_SKEW, MAX_HEADER, Forged
from activitypub.wire import MEDIA_TYPE, Malformed, uri

LABEL: Final = "sig1"
INPUT: Final = "signature-input"
ON_GET: Final = ("@method", "@target-uri")
ON_POST: Final = (*ON_GET, "content-digest", "content-type")
# Each says by itself where a request went: host and path.
TARGETS: Final = (frozenset({"@target-uri"}), frozenset({"@authority", "@path"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageSigned:
    """What Signature-Input and Signature claim; nothing of it is believed before ``verify``."""

    key_id: str
    components: tuple[str, ...]
    created: int
    expires: int | None
    signature: bytes

    @property
    def fields(self) -> frozenset[str]:
        """The header fields it takes to verify this later, in lower case."""
        return frozenset(one for one in self.components if not one.startswith("@")) | {INPUT, "signature"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """A request as the library reads it, and writes its fields into: ``url`` whole, as its sender meant it."""

    method: str
    url: str
    headers: dict[str, str] = field(default_factory=dict)


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
    """The headers to send with a request: Signature-Input, Signature, `more`, and with a body its digest and type.

    The request must go to ``url`` as it stands, query included. Raises Malformed on a URL or key that cannot be used.
    """
    signatures.address(url)
    key = keys.load_private(key_pem)
    request = _Request(
        method=method, url=url, headers={**more} if body is None else {"Content-Type": MEDIA_TYPE, **more}
    )
    signer = HTTPMessageSigner(signature_algorithm=algorithms.RSA_V1_5_SHA256)
    try:
        prepared = signer.prepare(
            request,
            key_id=key_id,
            created=now.astimezone(UTC),
            label=LABEL,
            include_alg=False,  # the key says so; Fedify and Mastodon both read it there
            covered_component_ids=(*(ON_GET if body is None else ON_POST), *(name.lower() for name in more)),
            body=body,
        )
        signer.apply(request, prepared, key.sign(prepared.signature_base, padding.PKCS1v15(), hashes.SHA256()))
    except (HTTPMessageSignaturesException, ValueError) as fault:
        raise Malformed(str(fault), where="signature") from None
    return request.headers


def is_used(headers: Mapping[str, str]) -> bool:
    """Whether a request is signed in this way: both ways use the field Signature, one only this field."""
    return any(name.lower() == INPUT for name in headers)


def parse(headers: Mapping[str, str]) -> MessageSigned:
    """The one signature of a request. Raises Forged when it is missing, not alone or not strictly well formed."""
    given = signatures.by_name(headers)
    (covered, said), label = _only(given.get(INPUT, ""))
    (signature, _), same_label = _only(given.get("signature", ""))
    if label != same_label or not isinstance(covered, list) or not isinstance(signature, bytes):
        raise Forged("signature fields do not fit together")
    if not all(isinstance(name, str) and not parameters for name, parameters in covered):
        raise Forged("components with parameters are not spoken here")
    key_id, created, expires = said.get("keyid"), said.get("created"), said.get("expires")
    if not isinstance(key_id, str) or uri(key_id) is None:
        raise Forged("keyid missing or not an http(s) reference")
    if type(created) is not int or type(expires) not in {int, type(None)}:
        raise Forged("created missing, or created or expires not a whole number of seconds")
    return MessageSigned(
        key_id=key_id,
        components=tuple(name for name, _ in covered),
        created=created,
        expires=expires,
        signature=signature,
    )


def verify(
    *,
    signed: MessageSigned,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes | None,
    public_key_pem: str,
    origin: str,
    now: datetime,
) -> None:
    """Return only if the owner of the key signed this very request, for us, now.

    ``target`` is path and query as received, ``origin`` the scheme and authority that we answer to: what the sender
    called the host does not count. Whether the key belongs to the actor of the letter is the caller's question.
    Raises Forged with the reason.
    """
    covered = set(signed.components)
    if "@method" not in covered or not any(way <= covered for way in TARGETS):
        raise Forged("method or target not signed")
    if body and "content-digest" not in covered:
        raise Forged("digest not signed")
    try:
        key = keys.load_public(public_key_pem)
        verifier = _Verifier(key=key, now=now)
        request = _Request(method=method.upper(), url=origin + target, headers=dict(headers))
        verifier.verify(request, max_age=CLOCK_SKEW, body=body)
    except (Malformed, HTTPMessageSignaturesException, ValueError) as fault:
        raise Forged(str(fault)) from None


def _only(value: str) -> tuple[tuple[Any, Mapping[str, Any]], str]:
    """The only member of a structured dictionary (RFC 9651), with its label."""
    if not value or len(value) > MAX_HEADER or not value.isascii():
        raise Forged("signature field missing or not well formed")
    try:
        found: Any = http_sf.parse(value.encode("ascii"), tltype="dictionary", on_duplicate_key=_refuse_twice)
    except (ValueError, TypeError):
        raise Forged("signature field not well formed") from None
    if not isinstance(found, dict) or len(found) != 1:
        raise Forged("not exactly one signature")
    [(label, member)] = found.items()
    return member, str(label)


def _refuse_twice(_key: str, _context: str) -> None:
    raise ValueError


class _OneKey(HTTPSignatureKeyResolver):
    """The key that our store knows for the sender, whatever the message calls it: the caller compared the names."""

    def __init__(self, key: rsa.RSAPublicKey) -> None:
        self._key = key

    def resolve_public_key(self, _key_id: str) -> rsa.RSAPublicKey:
        return self._key


class _Verifier(HTTPMessageVerifier):
    """The library's verifier, with the moment as an argument and our clock skew in both directions."""

    def __init__(self, *, key: rsa.RSAPublicKey, now: datetime) -> None:
        super().__init__(signature_algorithm=algorithms.RSA_V1_5_SHA256, key_resolver=_OneKey(key))
        self._now = now.timestamp()

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        skew = (max_age or CLOCK_SKEW).total_seconds()
        if abs(sig_input.params["created"] - self._now) > skew:
            raise Forged("created too far from now")
        if sig_input.params.get("expires", self._now) < self._now:
            raise Forged("expired")
