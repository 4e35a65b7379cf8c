"""Who sent a request: the two ways of signing one, told apart by its own fields and asked the same question.

There is exactly one signature in a request: with Signature-Input it is read by RFC 9421, without by draft-cavage-12.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final, assert_never

from activitypub import message_signatures, signatures
from activitypub.message_signatures import MessageSigned
from activitypub.signatures import Signed

Claim = Signed | MessageSigned
STANDARD: Final = "https://datatracker.ietf.org/doc/html/rfc9421"  # how FEP-844e names the newer way


class Scheme(StrEnum):
    """A way of signing a request."""

    CAVAGE = "draft-cavage-12"
    RFC9421 = "rfc9421"

    @property
    def other(self) -> "Scheme":
        """The other way."""
        return Scheme.RFC9421 if self is Scheme.CAVAGE else Scheme.CAVAGE


def sign(
    *,
    scheme: Scheme,
    method: str,
    url: str,
    body: bytes | None,
    key_pem: str,
    key_id: str,
    now: datetime,
    more: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """The headers to send with a request to `url` as it stands, `more` among them, each of them signed.

    Raises Malformed on a URL or key that is of no use.
    """
    way = signatures.sign if scheme is Scheme.CAVAGE else message_signatures.sign
    return way(method=method, url=url, body=body, key_pem=key_pem, key_id=key_id, now=now, more=more)


def parse(headers: Mapping[str, str]) -> Claim:
    """What a request claims of its sender. Raises Forged when it claims nothing, twice, or not well formed."""
    return message_signatures.parse(headers) if message_signatures.is_used(headers) else signatures.parse(headers)


def verify(
    *,
    claim: Claim,
    method: str,
    target: str,
    headers: Mapping[str, str],
    body: bytes | None,
    public_key_pem: str,
    origin: str,
    now: datetime,
) -> None:
    """Return only if the owner of the key signed this very request, for `origin`, which is us, now.

    `target` is path and query as received. Whether the key belongs to the actor of the letter is the caller's question.
    Raises Forged with the reason.
    """
    match claim:
        case Signed():
            signatures.verify(
                signed=claim,
                method=method,
                target=target,
                headers=headers,
                body=body,
                public_key_pem=public_key_pem,
                own_authorities=[signatures.address(origin)[0]],
                now=now,
            )
        case MessageSigned():
            message_signatures.verify(
                signed=claim,
                method=method,
                target=target,
                headers=headers,
                body=body,
                public_key_pem=public_key_pem,
                origin=origin,
                now=now,
            )
        case _:
            assert_never(claim)
