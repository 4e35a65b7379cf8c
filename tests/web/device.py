"""A device with passkeys, in software: what a browser and an authenticator answer, and every way to answer wrongly."""

import hashlib
import json
import struct
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def _big(number: int) -> bytes:
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


@dataclass
class Device:
    """One key. Each attribute may be set to what it should not be."""

    origin: str
    rp: str = "localhost"
    algorithm: int = -7
    count: int = 0
    flags: int = PRESENT | VERIFIED
    key_id: bytes = b"a key of a device in software"
    handle: bytes = b""
    key: Any = field(default=None)

    def __post_init__(self) -> None:
        makers = {
            -7: lambda: ec.generate_private_key(ec.SECP256R1()),
            -8: ed25519.Ed25519PrivateKey.generate,
            -257: lambda: rsa.generate_private_key(65537, 2048),
            -35: lambda: ec.generate_private_key(ec.SECP384R1()),
        }
        self.key = self.key or makers[self.algorithm]()

    def _public(self) -> bytes:
        public = self.key.public_key()
        match self.algorithm:
            case -8:
                return cbor2.dumps({1: 1, 3: -8, -1: 6, -2: public.public_bytes_raw()})
            case -257:
                numbers = public.public_numbers()
                return cbor2.dumps({1: 3, 3: -257, -1: _big(numbers.n), -2: _big(numbers.e)})
            case algorithm:
                numbers, size = public.public_numbers(), public.key_size // 8
                x, y = numbers.x.to_bytes(size, "big"), numbers.y.to_bytes(size, "big")
                return cbor2.dumps({1: 2, 3: algorithm, -1: {-7: 1, -35: 2}[algorithm], -2: x, -3: y})

    def _sign(self, data: bytes) -> bytes:
        match self.algorithm:
            case -8:
                return self.key.sign(data)
            case -257:
                return self.key.sign(data, padding.PKCS1v15(), hashes.SHA256())
            case _:
                return self.key.sign(data, ec.ECDSA(hashes.SHA256()))

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _data(self, flags: int) -> bytes:
        return hashlib.sha256(self.rp.encode()).digest() + bytes([flags]) + struct.pack(">I", self.count)

    def _sent(self, response: dict[str, Any]) -> dict[str, Any]:
        name = bytes_to_base64url(self.key_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}

    def make(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `navigator.credentials.create`."""
        public = self._public()
        attested = bytes(16) + struct.pack(">H", len(self.key_id)) + self.key_id + public
        statement = {"fmt": "none", "attStmt": {}, "authData": self._data(self.flags | ATTESTED) + attested}
        return self._sent(
            {
                "clientDataJSON": bytes_to_base64url(self._client("webauthn.create", options["challenge"])),
                "attestationObject": bytes_to_base64url(cbor2.dumps(statement)),
            }
        )

    def show(self, options: dict[str, Any]) -> dict[str, Any]:
        """The answer to `navigator.credentials.get`."""
        client, data = self._client("webauthn.get", options["challenge"]), self._data(self.flags)
        return self._sent(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(self._sign(data + hashlib.sha256(client).digest())),
                "userHandle": bytes_to_base64url(self.handle) if self.handle else None,
            }
        )
