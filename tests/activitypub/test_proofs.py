"""Object proofs: the recorded one and ours pass, and no other document does."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from activitypub import proofs
from activitypub.signatures import Forged
from activitypub.wire import Malformed

NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)
METHOD = "https://endoume.example/users/quartier#ed25519-key"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = proofs.public_multibase(KEY.public_key())

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
documents = st.dictionaries(st.text(max_size=8).filter(lambda name: name != "proof"), json_values, max_size=5)


def verify(doc: dict[str, Any], *, key: str = PUBLIC, now: datetime = NOW) -> None:
    proofs.verify(proof=proofs.parse(doc), public_multibase=key, now=now)


@pytest.fixture
def doc(letter: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """A document with a proof."""
    return proofs.add(letter("10-create-article-news"), key=KEY, method=METHOD, now=NOW)


def test_the_recorded_document_is_proven_by_its_recorded_key(letter: Callable[[str], dict[str, Any]]) -> None:
    recorded = letter("object-proof")
    verify(recorded["document"], key=recorded["publicKeyMultibase"], now=datetime(2023, 2, 25, tzinfo=UTC))
    with pytest.raises(Forged, match="does not match"):
        verify(recorded["document"], now=datetime(2023, 2, 25, tzinfo=UTC))


def test_a_context_that_is_signed_but_not_written_is_read(doc: dict[str, Any]) -> None:
    del doc["proof"]["@context"]
    verify(doc)


def test_what_we_prove_is_proven_and_keeps_the_document(doc: dict[str, Any], letter: Callable[..., Any]) -> None:
    verify(json.loads(json.dumps(doc)))
    assert {name: value for name, value in doc.items() if name != "proof"} == letter("10-create-article-news")
    assert proofs.parse(doc).method == METHOD


def test_a_signature_put_beside_a_proof_afterwards_is_no_part_of_what_is_proven(doc: dict[str, Any]) -> None:
    # Fedify proves a document first, and then adds an LD signature for older software; that is never read here.
    added = doc | {"signature": {"type": "RsaSignature2017", "signatureValue": "eA=="}}
    verify(added)
    with pytest.raises(Forged, match="does not match"):
        verify(added | {"summary": "altered"})


def test_the_moment_of_a_proof_has_one_spelling(letter: Callable[..., Any]) -> None:
    # Fedify spells it anew to check it, and would leave out the last zero of a fraction.
    now = NOW.replace(microsecond=123_450)
    made = proofs.add(letter("10-create-article-news"), key=KEY, method=METHOD, now=now)
    assert made["proof"]["created"] == NOW.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    "change",
    [
        {"actor": "https://eve.example/users/eve"},
        {"type": "Update"},
        {"new": None},
        {"@context": "https://www.w3.org/ns/activitystreams"},
    ],
    ids=str,
)
def test_a_changed_document_is_not_proven(doc: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(Forged):
        verify(doc | change)


@pytest.mark.parametrize(
    "change",
    [
        {"type": "RsaSignature2017"},
        {"cryptosuite": "eddsa-rdfc-2022"},
        {"cryptosuite": "jcs-eddsa-2022"},
        {"proofPurpose": "authentication"},
        {"verificationMethod": "https://eve.example/users/eve#key"},
        {"verificationMethod": "not an address"},
        {"created": "2027-05-11T08:00:03Z"},
        {"created": "yesterday"},
        {"created": None},
        {"proofValue": None},
        {"proofValue": "z"},
        {"proofValue": "z0OIl"},
        {"proofValue": "u" + "A" * 86},
        {"proofValue": "z" + "1" * 64},
        {"@context": "https://www.w3.org/ns/activitystreams"},
        {"domain": "eve.example"},
    ],
    ids=str,
)
def test_a_changed_proof_proves_nothing(doc: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(Forged):
        verify(doc | {"proof": doc["proof"] | change})


@pytest.mark.parametrize("proof", [None, [], "z", 1, [{}, {}]])
def test_no_proof_or_several_prove_nothing(doc: dict[str, Any], proof: object) -> None:
    with pytest.raises(Forged):
        verify(doc | {"proof": proof})


def test_a_proof_is_of_its_time(doc: dict[str, Any]) -> None:
    verify(doc, now=NOW + proofs.OLDEST)
    for late in (NOW + proofs.OLDEST + timedelta(seconds=1), NOW - timedelta(minutes=61)):
        with pytest.raises(Forged, match="from too far ago or from the future"):
            verify(doc, now=late)


@pytest.mark.parametrize("key", ["", "z", "z6Mk", "m" + PUBLIC[1:], PUBLIC + "1", PUBLIC[:-1], "z" + "1" * 300, "zé"])
def test_what_is_no_key_proves_nothing(doc: dict[str, Any], key: str) -> None:
    with pytest.raises(Malformed):
        proofs.read_multibase(key)
    with pytest.raises(Forged):
        verify(doc, key=key)


def test_a_document_without_one_form_is_refused() -> None:
    with pytest.raises(Malformed, match="canonical"):
        proofs.add({"id": 2**60}, key=KEY, method=METHOD, now=NOW)


@given(documents)
def test_any_document_can_be_proven_and_none_by_the_proof_of_another(doc: dict[str, Any]) -> None:
    proven = proofs.add(doc, key=KEY, method=METHOD, now=NOW)
    verify(proven)
    with pytest.raises(Forged):
        verify({**proven, "and": "more"} if proven.get("and") != "more" else {**proven, "and": "less"})


@given(st.dictionaries(st.sampled_from(["type", "cryptosuite", "proofValue", "created", "proof"]), json_values))
def test_whatever_is_called_a_proof_is_read_or_forged(proof: dict[str, Any]) -> None:
    with pytest.raises(Forged):
        verify({"proof": proof})
