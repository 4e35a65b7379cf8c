"""Keys: ours are sound, strangers' are looked at before they are used, and none is parsed twice."""

import base64
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from activitypub import codec, keys

SPKI = (serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def spki(public: object) -> str:
    return public.public_bytes(*SPKI).decode()  # type: ignore[attr-defined]


def der(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else bytes([0x82]) + size.to_bytes(2, "big")
    return bytes([tag]) + length + content


def rsa_pem(modulus: int, exponent: int) -> str:
    """An RSA public key as PKCS #1, made by hand because no library would make such a key."""
    number = [der(2, b"\x00" + part.to_bytes((part.bit_length() + 7) // 8, "big")) for part in (modulus, exponent)]
    text = base64.encodebytes(der(0x30, b"".join(number))).decode()
    return f"-----BEGIN RSA PUBLIC KEY-----\n{text}-----END RSA PUBLIC KEY-----\n"


def test_a_generated_key_is_rsa_2048_and_its_public_half_is_spki(private_pem: str, public_pem: str) -> None:
    assert private_pem.startswith("-----BEGIN PRIVATE KEY-----")
    assert public_pem.startswith("-----BEGIN PUBLIC KEY-----")
    assert keys.load_private(private_pem).key_size == 2048
    assert keys.load_public(public_pem).public_numbers() == keys.load_private(private_pem).public_key().public_numbers()


def test_pkcs1_as_old_mastodon_keys_have_it(private_pem: str) -> None:
    public = keys.load_private(private_pem).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1).decode()
    assert keys.load_public(f"\n{pem}  ").key_size == 2048


def test_keys_stay_loaded(private_pem: str, public_pem: str) -> None:
    assert keys.load_private(private_pem) is keys.load_private(private_pem)
    assert keys.load_public(public_pem) is keys.load_public(public_pem)
    assert keys.load_public.cache_info().maxsize == 1024, "bounded: strangers choose how many keys there are"


MODULUS = (1 << 2047) | 1
BAD = {
    "empty": "",
    "no PEM": "hello",
    "not ASCII": "-----BEGIN PUBLIC KEY-----\né\n-----END PUBLIC KEY-----",
    "broken PEM": "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
    "huge": "-----BEGIN PUBLIC KEY-----\n" + "A" * 100_000 + "\n-----END PUBLIC KEY-----",
    "RSA-1024": rsa_pem((1 << 1023) | 1, 65537),
    "RSA-16384": rsa_pem((1 << 16383) | 1, 65537),
    "exponent 1": rsa_pem(MODULUS, 1),
    "even exponent": rsa_pem(MODULUS, 4),
    "huge exponent": rsa_pem(MODULUS, (1 << 2046) | 1),
    "ed25519": spki(ed25519.Ed25519PrivateKey.generate().public_key()),
    "elliptic curve": spki(ec.generate_private_key(ec.SECP256R1()).public_key()),
}


@pytest.mark.parametrize("pem", BAD.values(), ids=BAD.keys())
def test_a_strangers_bad_key_is_refused_quickly(pem: str) -> None:
    start = time.perf_counter()
    with pytest.raises(codec.Malformed):
        keys.load_public(pem)
    assert time.perf_counter() - start < 0.5, "50 ms are meant; the rest is for a busy machine"


def test_a_private_key_is_no_public_key(private_pem: str) -> None:
    with pytest.raises(codec.Malformed):
        keys.load_public(private_pem)


def test_our_own_key_must_be_usable_too(public_pem: str) -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    curve = ed25519.Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for pem in (public_pem, "", small.decode(), curve.decode()):
        with pytest.raises(codec.Malformed):
            keys.load_private(pem)
