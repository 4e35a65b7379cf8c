"""Object proofs (FEP-8b32, suite eddsa-jcs-2022): who wrote a document, whoever brings it.

The document without its proof and the proof without its value are each put into the one form of RFC 8785 and hashed;
Ed25519 signs the two hashes. No JSON-LD is expanded and no context fetched: what is signed is the JSON itself
(never an LD signature, whose graph can say something else than the JSON does).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import base58
import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from activitypub.signatures import CLOCK_SKEW, Forged
from activitypub.wire import Malformed, moment, stamp, uri

SUITE: Final = "eddsa-jcs-2022"
TYPE: Final = "DataIntegrityProof"
PURPOSE: Final = "assertionMethod"
CONTEXT: Final = "https://w3id.org/security/data-integrity/v1"
# Multibase base58btc, and the multicodec prefix of an Ed25519 public key (varint of 0xed).
_BASE58: Final = "z"
_ED25519: Final = b"\xed\x01"
_KEY_BYTES: Final = 32
_SIGNATURE_BYTES: Final = 64
_LONGEST: Final = 200
# A letter may travel for two weeks, and be handed on after that.
OLDEST: Final = timedelta(days=90)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a document claims of its writer; nothing of it is believed before ``verify``."""

    method: str
    created: datetime
    signature: bytes
    texts: tuple[bytes, ...]


def public_multibase(key: Ed25519PublicKey) -> str:
    """A public key as an actor shows it (``publicKeyMultibase`` of a Multikey)."""
    return _BASE58 + base58.b58encode(_ED25519 + key.public_bytes_raw()).decode("ascii")


def read_multibase(value: str) -> Ed25519PublicKey:
    """A public key as an actor shows it. Raises Malformed for anything but Ed25519 in base58."""
    raw = _decode(value)
    if raw is None or raw[:2] != _ED25519 or len(raw) != len(_ED25519) + _KEY_BYTES:
        raise Malformed("not an Ed25519 key in base58", where="publicKeyMultibase")
    return Ed25519PublicKey.from_public_bytes(raw[2:])


def is_readable(multibase: str) -> bool:
    """Whether this is a public key that proofs can be checked with."""
    try:
        read_multibase(multibase)
    except Malformed:
        return False
    return True


def with_context(doc: Mapping[str, Any]) -> dict[str, Any]:
    """The document with the context that defines a proof, for readers that expand JSON-LD."""
    contexts = doc.get("@context", [])
    return {**doc, "@context": [*(contexts if isinstance(contexts, list) else [contexts]), CONTEXT]}


def add(doc: Mapping[str, Any], *, key: Ed25519PrivateKey, method: str, now: datetime) -> dict[str, Any]:
    """The document with a proof by ``key``, which is the actor's verification method ``method`` (a URI).

    Raises Malformed for a document that has no one form: numbers beyond 2^53, for example.
    """
    proof = {
        **_context_of(doc),
        "type": TYPE,
        "cryptosuite": SUITE,
        "verificationMethod": method,
        "proofPurpose": PURPOSE,
        # Whole seconds have one spelling, and some spell it anew to check it (Fedify).
        "created": stamp(now.replace(microsecond=0)),
    }
    signature = key.sign(_text(doc, proof))
    return {**doc, "proof": {**proof, "proofValue": _BASE58 + base58.b58encode(signature).decode("ascii")}}


def parse(doc: Mapping[str, Any]) -> Proof:
    """The one proof of a document. Raises Forged when there is none, or none that is read here."""
    proof = doc.get("proof")
    if not isinstance(proof, dict):
        raise Forged("no proof, or not exactly one")
    said = {name: proof.get(name) for name in ("type", "cryptosuite", "proofPurpose")}
    if said != {"type": TYPE, "cryptosuite": SUITE, "proofPurpose": PURPOSE}:
        raise Forged("a proof of another kind")
    if proof.get("@context", doc.get("@context")) != doc.get("@context"):
        raise Forged("a proof with another context than its document")
    method, created = uri(proof.get("verificationMethod")), moment(proof.get("created"))
    signature = _decode(proof.get("proofValue"))
    if method is None or signature is None or len(signature) != _SIGNATURE_BYTES or created is None:
        raise Forged("verification method, moment or value of the proof not well formed")
    # Some sign the document's context with the proof and do not write it there (Fedify); in older proofs it is neither.
    readings = [proof] if "@context" in proof or "@context" not in doc else [proof | _context_of(doc), proof]
    # Some put an LD signature beside their proof afterwards (Fedify). It is never read here, so it may be left out.
    bare = {name: value for name, value in doc.items() if name != "signature"}
    try:
        texts = tuple(_text(one, reading) for reading in readings for one in ([doc] if bare == doc else [doc, bare]))
    except Malformed as fault:
        raise Forged(str(fault)) from None
    return Proof(method=method, created=created, signature=signature, texts=texts)


def verify(*, proof: Proof, public_multibase: str, now: datetime) -> None:
    """Return only if the owner of the key wrote this very document. Raises Forged with the reason.

    Whether the key is one of the actor's is the caller's question, as is whether the document came before.
    """
    if not now - OLDEST <= proof.created <= now + CLOCK_SKEW:
        raise Forged("a proof from too far ago or from the future")
    try:
        key = read_multibase(public_multibase)
    except Malformed as fault:
        raise Forged(str(fault)) from None
    if not any(_fits(key, proof.signature, text) for text in proof.texts):
        raise Forged("the proof does not match")


def _fits(key: Ed25519PublicKey, signature: bytes, text: bytes) -> bool:
    try:
        key.verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _context_of(doc: Mapping[str, Any]) -> dict[str, Any]:
    return {"@context": doc["@context"]} if "@context" in doc else {}


def _text(doc: Mapping[str, Any], proof: Mapping[str, Any]) -> bytes:
    """What is signed: the hash of the proof's own words, then that of the document without it."""
    words = {name: value for name, value in proof.items() if name != "proofValue"}
    bare = {name: value for name, value in doc.items() if name != "proof"}
    try:
        return b"".join(hashlib.sha256(rfc8785.dumps(one)).digest() for one in (words, bare))
    except (rfc8785.CanonicalizationError, RecursionError):
        raise Malformed("has no canonical form", where="document") from None


def _decode(value: object) -> bytes | None:
    if not isinstance(value, str) or not value.startswith(_BASE58) or len(value) > _LONGEST or not value.isascii():
        return None
    try:
        return base58.b58decode(value[1:])
    except ValueError:
        return None
