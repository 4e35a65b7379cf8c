"""RFC 9421: what was signed elsewhere verifies, as does what we sign, and no other request than the one signed."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activitypub import message_signatures, signatures
from activitypub.message_signatures import MessageSigned
from activitypub.signatures import Forged
from tests.activitypub.strangers import BODY, INBOX, KEY_ID, NOW

ORIGIN = "https://voisins.example"


def verify(headers: dict[str, str], **change: Any) -> MessageSigned:
    """Parse and verify a request to INBOX, changed as named."""
    found = message_signatures.parse(headers)
    told: dict[str, Any] = {"method": "POST", "target": "/inbox", "body": BODY, "origin": ORIGIN, "now": NOW}
    message_signatures.verify(signed=found, headers=headers, **(told | change))
    return found


@pytest.fixture
def sent(private_pem: str) -> dict[str, str]:
    """The headers of a signed POST."""
    return message_signatures.sign(method="POST", url=INBOX, body=BODY, key_pem=private_pem, key_id=KEY_ID, now=NOW)


def test_the_recorded_post_verifies(letter: Callable[[str], dict[str, Any]]) -> None:
    vectors = letter("signature-vectors")
    headers = {
        "Content-Type": "application/activity+json",
        "Content-Digest": f"sha-256=:{vectors['digest']}:",
        "Signature-Input": vectors["rfc9421_input"],
        "Signature": vectors["rfc9421_signature"],
    }
    there = {"public_key_pem": vectors["public_pem"], "origin": "https://mastodon.example"}
    body = vectors["body"].encode()
    assert verify(headers, body=body, **there).key_id.endswith("#main-key")
    with pytest.raises(Forged, match="Digest"):
        verify(headers, body=body + b" ", **there)


def test_what_we_sign_verifies(sent: dict[str, str], public_pem: str) -> None:
    assert sent["Signature-Input"].startswith('sig1=("@method" "@target-uri" "content-digest" "content-type");created=')
    assert "alg=" not in sent["Signature-Input"]
    found = verify(sent, public_key_pem=public_pem)
    assert found.key_id == KEY_ID
    assert found.fields == {"content-digest", "content-type", "signature-input", "signature"}


def test_a_get_signs_its_query(private_pem: str, public_pem: str) -> None:
    target = "/users/ciq/outbox?page=2&a=%C3%A9"
    headers = message_signatures.sign(
        method="GET", url=ORIGIN + target, body=None, key_pem=private_pem, key_id=KEY_ID, now=NOW
    )
    verify(headers, public_key_pem=public_pem, method="GET", target=target, body=None)
    with pytest.raises(Forged):
        verify(headers, public_key_pem=public_pem, method="GET", target=target + "1", body=None)


@pytest.mark.parametrize(
    "change",
    [
        {"method": "PUT"},
        {"target": "/users/ciq/inbox"},
        {"body": BODY + b" "},
        {"origin": "https://other.example"},
        {"origin": "http://voisins.example"},
        {"now": NOW + timedelta(minutes=61)},
        {"now": NOW - timedelta(minutes=61)},
        {"public_key_pem": "no key"},
    ],
    ids=str,
)
def test_another_request_than_the_one_signed_is_forged(
    sent: dict[str, str], public_pem: str, change: dict[str, Any]
) -> None:
    with pytest.raises(Forged):
        verify(sent, **({"public_key_pem": public_pem} | change))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"@method" ', ""),
        ('"@target-uri" ', ""),
        ('"content-digest" ', ""),
        (";created=", ";expires="),
        (";keyid=", ";tag="),
        ("created=1", "created=2"),
        ('"@method"', '"@method";req'),
        ('"@method"', '"@method" "@method"'),
        (";created", ';alg="hmac-sha256";created'),
        (";created", ';alg="ed25519";created'),
        (";created", ';alg="rsa-pss-sha512";created'),
        (";created", ";expires=1;created"),
        (";created", ";unknown=1;created"),
        ("sig1=", "sig2="),
        ("sig1=(", "sig1=(("),
    ],
)
def test_a_changed_input_is_forged(sent: dict[str, str], public_pem: str, old: str, new: str) -> None:
    assert old in sent["Signature-Input"]
    sent["Signature-Input"] = sent["Signature-Input"].replace(old, new, 1)
    with pytest.raises(Forged):
        verify(sent, public_key_pem=public_pem)


def test_two_signatures_or_none_are_forged(sent: dict[str, str], public_pem: str) -> None:
    names = ("Signature-Input", "Signature")
    both = sent | {name: f"{sent[name]}, {sent[name].replace('sig1', 'sig2')}" for name in names}
    with pytest.raises(Forged, match="exactly one"):
        verify(both, public_key_pem=public_pem)
    for name in names:
        with pytest.raises(Forged):
            verify({one: value for one, value in sent.items() if one != name}, public_key_pem=public_pem)


def test_a_digest_that_is_not_signed_proves_no_body(private_pem: str, public_pem: str) -> None:
    headers = message_signatures.sign(method="POST", url=INBOX, body=None, key_pem=private_pem, key_id=KEY_ID, now=NOW)
    with pytest.raises(Forged, match="digest not signed"):
        verify(headers, public_key_pem=public_pem)


def test_the_other_way_of_signing_is_told_apart(sent: dict[str, str], private_pem: str) -> None:
    older = signatures.sign(method="POST", url=INBOX, body=BODY, key_pem=private_pem, key_id=KEY_ID, now=NOW)
    assert message_signatures.is_used(sent)
    assert not message_signatures.is_used(older)


@given(st.text(max_size=300), st.text(max_size=300))
def test_anything_is_read_or_forged(first: str, second: str) -> None:
    with pytest.raises(Forged):
        message_signatures.parse({"Signature-Input": first, "Signature": second})
