"""Keys: made, taken apart, and kept loaded, since parsing a private RSA key costs more than signing with it."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from activitypub.wire import Malformed

BITS: Final = 2048  # what every server in use accepts
LARGEST: Final = 8192  # beyond this a stranger's key would cost us more time than them
MAX_PEM: Final = 4096  # characters; an 8192-bit public key takes about 1,500


def generate() -> str:
    """A new private key as PKCS #8 PEM. Takes some 60 ms: never in a web request."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=BITS)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode("ascii")


def public_pem(private_pem: str) -> str:
    """The public half of ``private_pem``, as SubjectPublicKeyInfo PEM. Raises Malformed."""
    return (
        load_private(private_pem)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode("ascii")
    )


def generate_prover() -> str:
    """A new Ed25519 private key for object proofs, as PKCS #8 PEM."""
    return (
        ed25519.Ed25519PrivateKey.generate()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode("ascii")
    )


@lru_cache(maxsize=256)
def load_prover(pem: str) -> ed25519.Ed25519PrivateKey:
    """One of our own keys for object proofs. Raises Malformed when it is none."""
    try:
        key = serialization.load_pem_private_key(pem.encode("ascii"), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Malformed("not a private key in PEM", where="key") from None
    if not isinstance(key, ed25519.Ed25519PrivateKey):
        raise Malformed("not Ed25519", where="key")
    return key


@lru_cache(maxsize=256)
def load_private(pem: str) -> rsa.RSAPrivateKey:
    """One of our own keys. Raises Malformed when it is no RSA key of an accepted size."""
    try:
        # Our own keys come from ``generate``; checking their primes again would take 30 ms each.
        key = serialization.load_pem_private_key(
            pem.encode("ascii"), password=None, unsafe_skip_rsa_key_validation=True
        )
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Malformed("not a private key in PEM", where="key") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise Malformed("not RSA", where="key")
    _check(key.public_key())
    return key


@lru_cache(maxsize=1024)
def load_public(pem: str) -> rsa.RSAPublicKey:
    """A stranger's key. Raises Malformed, quickly, when it is no RSA key of 2048 to 8192 bits with a sound exponent."""
    if len(pem) > MAX_PEM:
        raise Malformed("too long", where="key")
    try:
        key = serialization.load_pem_public_key(pem.strip().encode("ascii"))
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Malformed("not a public key in PEM", where="key") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise Malformed("not RSA", where="key")
    _check(key)
    return key


def _check(key: rsa.RSAPublicKey) -> None:
    if not BITS <= key.key_size <= LARGEST:
        raise Malformed("RSA of an unaccepted size", where="key")
    exponent = key.public_numbers().e
    if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > 64:
        raise Malformed("RSA with an unsound exponent", where="key")
