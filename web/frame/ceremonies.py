"""The wire of passkeys (W3C Web Authentication Level 3): questions for a browser, and whether its answers are genuine.

The library stays here, at the door: with what it brings it weighs five megabytes that no worker needs.
"""

import ipaddress
import json
import struct
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import webauthn
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from instance.base import Refused
from instance.passkeys import Ceremony, Offered, Shown
from web.settings import Settings

# EdDSA, ES256 and RS256: what telephones, computers and security keys speak.
ALGORITHMS: Final = [
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
# Where a passkey stands in for the password, the device must have checked who holds it (PIN, finger, face).
VERIFIED: Final = frozenset({Ceremony.SIGN_IN, Ceremony.PROVE})
TIMEOUT_MS: Final = 5 * 60 * 1000
# All that the library, CBOR and the keys' arithmetic raise on bytes that mean nothing.
UNREADABLE: Final = (
    WebAuthnException,
    InvalidSignature,
    UnsupportedAlgorithm,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    OverflowError,
    RecursionError,
    struct.error,
)


def name(settings: Settings) -> str | None:
    """The name passkeys are bound to (RP id): the host of the origin; None where browsers would accept none.

    A number is no name, and without https only `localhost` is trusted (W3C Secure Contexts).
    """
    host = urlsplit(settings.origin).hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host if settings.secure or host == "localhost" or host.endswith(".localhost") else None
    return None


def _named(settings: Settings) -> str:
    found = name(settings)
    if found is None:
        raise Refused("passkeys_not_here")
    return found


def _verification(ceremony: Ceremony) -> UserVerificationRequirement:
    return UserVerificationRequirement.REQUIRED if ceremony in VERIFIED else UserVerificationRequirement.PREFERRED


def _listed(credential_ids: Iterable[bytes]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one) for one in credential_ids]


def to_add(
    settings: Settings, *, challenge: bytes, handle: bytes, login: str, known: Iterable[bytes]
) -> dict[str, Any]:
    """What `navigator.credentials.create()` is given, as JSON. Raises Refused("passkeys_not_here")."""
    options = webauthn.generate_registration_options(
        rp_id=_named(settings),
        rp_name=settings.name,
        user_name=login,
        user_id=handle,
        challenge=challenge,
        timeout=TIMEOUT_MS,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED, user_verification=UserVerificationRequirement.PREFERRED
        ),
        exclude_credentials=_listed(known),
        supported_pub_key_algs=ALGORITHMS,
    )
    return _json(options)


def to_show(settings: Settings, *, ceremony: Ceremony, challenge: bytes, allowed: Iterable[bytes]) -> dict[str, Any]:
    """What `navigator.credentials.get()` is given, as JSON; with none `allowed` the person chooses a key.

    Raises Refused("passkeys_not_here").
    """
    options = webauthn.generate_authentication_options(
        rp_id=_named(settings),
        challenge=challenge,
        timeout=TIMEOUT_MS,
        allow_credentials=_listed(allowed),
        user_verification=_verification(ceremony),
    )
    return _json(options)


def _json(options: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(webauthn.options_to_json(options))
    return found


@contextmanager
def _genuine() -> Iterator[None]:
    """Whatever a stranger sends, the answer is the same."""
    try:
        yield
    except UNREADABLE:
        raise Refused("passkey_unreadable") from None


def offered(settings: Settings, *, challenge: bytes, sent: dict[str, Any]) -> Offered:
    """A new key, checked: challenge, origin and name are ours, somebody was there, the algorithm is one of three.

    Raises Refused("passkey_unreadable"|"passkeys_not_here").
    """
    named = _named(settings)
    with _genuine():
        found = webauthn.verify_registration_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=named,
            expected_origin=settings.origin,
            supported_pub_key_algs=ALGORITHMS,
        )
    return Offered(
        credential_id=found.credential_id, public_key=found.credential_public_key, sign_count=found.sign_count
    )


def credential_id(sent: dict[str, Any]) -> bytes:
    """Which key an answer says it is of. Raises Refused("passkey_unreadable")."""
    with _genuine():
        return parse_authentication_credential_json(sent).raw_id


def shown(
    settings: Settings, *, ceremony: Ceremony, challenge: bytes, sent: dict[str, Any], public_key: bytes
) -> Shown:
    """An answer of a known key, checked. Whether its counter may be believed is the domain's to say.

    Raises Refused("passkey_unreadable"|"passkeys_not_here").
    """
    named = _named(settings)
    with _genuine():
        credential = parse_authentication_credential_json(sent)
        found = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=named,
            expected_origin=settings.origin,
            credential_public_key=public_key,
            # The library would refuse a counter that went back before it looked at the signature, and without a name.
            credential_current_sign_count=0,
            require_user_verification=ceremony in VERIFIED,
        )
    return Shown(
        credential_id=found.credential_id,
        sign_count=found.new_sign_count,
        handle=credential.response.user_handle,
    )
