"""One test per known forgery; every one of them must end as Forged and as nothing else."""

import base64
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from activitypub import keys, signatures
from activitypub.signatures import Forged
from tests.activitypub.strangers import BODY, KEY_ID, NOW, Hand, verify


def refuse(headers: dict[str, str], reason: str, *, pem: str, **change: Any) -> None:
    with pytest.raises(Forged, match=reason):
        verify(headers, pem=pem, **change)


def test_an_hmac_keyed_with_the_public_pem(hand: Hand, public_pem: str) -> None:
    honest = hand()
    text = f"(request-target): post /inbox\nhost: {honest['host']}\ndate: {honest['date']}\ndigest: {honest['digest']}"
    forged = base64.b64encode(hmac.new(public_pem.encode(), text.encode(), hashlib.sha256).digest()).decode()
    for label, reason in (("hmac-sha256", "algorithm"), ("hs2019", "does not match"), ("rsa-sha256", "does not match")):
        header = (
            f'keyId="{KEY_ID}",algorithm="{label}",headers="(request-target) host date digest",signature="{forged}"'
        )
        refuse(honest | {"signature": header}, reason, pem=public_pem)


@pytest.mark.parametrize(
    "label", ["none", "", "hmac-sha256", "hmac-sha512", "rsa-sha1", "rsa-sha512", "ed25519", "ecdsa-sha256", "hs2020"]
)
def test_a_label_nobody_honest_writes(hand: Hand, public_pem: str, label: str) -> None:
    refuse(hand(label=label), "algorithm", pem=public_pem)


@pytest.mark.parametrize("hash_", [hashes.SHA1(), hashes.SHA512()], ids=["sha1", "sha512"])
def test_another_hash_under_an_accepted_label(hand: Hand, public_pem: str, hash_: hashes.HashAlgorithm) -> None:
    refuse(hand(label="hs2019", hash_=hash_), "does not match", pem=public_pem)


def test_a_flipped_byte_of_the_body(hand: Hand, public_pem: str) -> None:
    refuse(hand(), "digest does not match", pem=public_pem, body=BODY[:-1] + b"]")


def test_another_body_with_its_own_unsigned_digest(hand: Hand, public_pem: str) -> None:
    evil = b'{"type":"Delete"}'
    honest = hand("(request-target) host date")
    refuse(honest | {"digest": signatures.digest(evil)}, "digest not signed", pem=public_pem, body=evil)


def test_a_body_on_a_get(hand: Hand, public_pem: str) -> None:
    refuse(hand("(request-target) host date"), "digest not signed", pem=public_pem, method="GET")


@pytest.mark.parametrize("body", [None, b""])
def test_a_post_without_body_still_signs_its_digest(hand: Hand, public_pem: str, body: bytes | None) -> None:
    refuse(hand("(request-target) host date"), "digest not signed", pem=public_pem, body=body)


@pytest.mark.parametrize("digest", ["", "SHA-512=AAAA", "SHA-256=", "SHA-256=!!!", "SHA-256", "MD5=AAAA", "SHA-256=é"])
def test_a_digest_without_sha_256(hand: Hand, public_pem: str, digest: str) -> None:
    refuse(hand(digest=digest), "digest", pem=public_pem)


def test_two_sha_256_digests(hand: Hand, public_pem: str) -> None:
    both = f"{signatures.digest(b'other')}, {signatures.digest(BODY)}"
    refuse(hand(digest=both), "no single", pem=public_pem)


@pytest.mark.parametrize("names", ["date", "host", "(request-target) host digest", "host date digest"])
def test_too_little_signed(hand: Hand, public_pem: str, names: str) -> None:
    refuse(hand(names), "not signed|neither", pem=public_pem)


@pytest.mark.parametrize("gone", ["host", "date", "digest"])
def test_a_signed_header_that_is_not_there(hand: Hand, public_pem: str, gone: str) -> None:
    headers = {name: value for name, value in hand().items() if name != gone}
    refuse(headers, "host|date|digest", pem=public_pem)


def test_a_signed_header_of_no_importance_that_is_not_there(hand: Hand, public_pem: str) -> None:
    headers = hand("(request-target) host date digest x-extra", x_extra="1")
    del headers["x-extra"]
    refuse(headers, "header is missing", pem=public_pem)


def test_a_date_of_2001(hand: Hand, public_pem: str) -> None:
    refuse(hand(date="Thu, 11 Oct 2001 08:00:02 GMT"), "date too far", pem=public_pem)


@pytest.mark.parametrize("minutes", [-61, 61])
def test_more_than_an_hour_away(hand: Hand, public_pem: str, minutes: int) -> None:
    refuse(hand(), "date too far", pem=public_pem, now=NOW + timedelta(minutes=minutes))


@pytest.mark.parametrize(
    "date", ["", "now", "11 May", "Tue, 99 May 2027 08:00:02 GMT", "Tue, 11 May 99999999 0:0:0 GMT"]
)
def test_a_date_that_is_none(hand: Hand, public_pem: str, date: str) -> None:
    refuse(hand(date=date), "date", pem=public_pem)


@pytest.mark.parametrize(("created", "expires"), [(-3700, None), (3700, None), (-60, -30), (None, 300), (None, None)])
def test_created_and_expires_out_of_their_time(
    hand: Hand, public_pem: str, created: int | None, expires: int | None
) -> None:
    second = int(NOW.timestamp())
    times = {
        name: str(second + away) for name, away in (("created", created), ("expires", expires)) if away is not None
    }
    refuse(
        hand("(request-target) (created) host digest", label="hs2019", **times),
        "created|expired|header is missing",
        pem=public_pem,
    )


def test_expires_signed_but_not_given(hand: Hand, public_pem: str) -> None:
    names = "(request-target) (expires) host date digest"
    refuse(hand(names, label="hs2019"), "header is missing", pem=public_pem)


def test_created_under_the_old_label(hand: Hand, public_pem: str) -> None:
    names = "(request-target) (created) host date digest"
    refuse(hand(names, created=str(int(NOW.timestamp()))), "old label", pem=public_pem)


@pytest.mark.parametrize(
    "host", ["evil.example", "voisins.example:8443", "voisins.example, evil.example", "", "voisins.example."]
)
def test_signed_for_another_host(hand: Hand, public_pem: str, host: str) -> None:
    refuse(hand(host=host), "another host", pem=public_pem)


def test_sent_to_another_place_than_signed(hand: Hand, public_pem: str) -> None:
    refuse(hand(), "does not match", pem=public_pem, target="/actor/inbox")
    refuse(hand(), "does not match", pem=public_pem, method="PUT")


def test_the_header_twice_in_either_way(hand: Hand, public_pem: str) -> None:
    honest = hand()
    refuse(honest | {"Signature": honest["signature"]}, "header twice", pem=public_pem)
    joined = f"{honest['signature']},{honest['signature']}"
    refuse(honest | {"signature": joined}, "parameter twice", pem=public_pem)
    refuse(hand(extra=f',KEYID="{KEY_ID}"'), "parameter twice", pem=public_pem)
    refuse(hand("(request-target) host date digest host"), "names missing, twice", pem=public_pem)


@pytest.mark.parametrize("prefix", ["!!!", " ", "=", "AAAA"])
def test_lax_base64(hand: Hand, public_pem: str, prefix: str) -> None:
    honest = hand()
    changed = honest["signature"].replace('signature="', f'signature="{prefix}')
    refuse(honest | {"signature": changed}, "base64|does not match", pem=public_pem)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Signature",
        "keyId=",
        f'keyId="{KEY_ID}"',
        f'keyId="{KEY_ID}",headers="(request-target) host date digest"',
        'headers="host",signature="AAAA"',
        'keyId="acct:a@b",headers="host",signature="AAAA"',
        f'keyId="{KEY_ID}",headers="host  date",signature="AAAA"',
        f'keyId="{KEY_ID}",headers="",signature="AAAA"',
        f'keyId="{KEY_ID}",headers="host(x)",signature="AAAA"',
        f'keyId="{KEY_ID}",headers="host",signature=""',
        f'keyId="{KEY_ID}",headers="host",signature="AAAA',
        f'keyId="{KEY_ID}",headers="host",signature="AAB="',
        f'keyId="{KEY_ID}\\"",headers="host",signature="AAAA"',
        f'keyId="{KEY_ID}",headers="host",signature="AAAA",',
        f'keyId="{KEY_ID}",headers="host",signature="AAAA",created=1e3',
        f'keyId="{KEY_ID}",headers="host",signature="AAAA",created="soon"',
        f'keyId="{KEY_ID}",headers="host",signature="AAAA",created=999999999999999999',
        f'keyId="{KEY_ID}é",headers="host",signature="AAAA"',
        f'keyId="{KEY_ID}{"x" * 9000}",headers="host",signature="AAAA"',
    ],
)
def test_a_header_that_is_not_well_formed(value: str) -> None:
    with pytest.raises(Forged):
        signatures.parse({"Signature": value})


def test_no_header_at_all() -> None:
    with pytest.raises(Forged, match="no signature"):
        signatures.parse({})


def test_a_signed_value_outside_ascii(hand: Hand, public_pem: str) -> None:
    refuse(hand("(request-target) host date digest x-name", x_name="é"), "ASCII", pem=public_pem)
    refuse(hand("(request-target) host date digest x-name", x_name="a\nb"), "ASCII", pem=public_pem)


def test_an_rsa_1024_key() -> None:
    small = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    pem = small.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    refuse(Hand(small)(), "unaccepted size", pem=pem.decode())


@pytest.mark.parametrize("pem", ["", "none", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"])
def test_a_malformed_pem(hand: Hand, pem: str) -> None:
    refuse(hand(), "not a public key", pem=pem)


def test_the_key_of_somebody_else(hand: Hand) -> None:
    refuse(hand(), "does not match", pem=keys.public_pem(keys.generate()))


# --- nothing but Forged ever comes out


@given(st.text(max_size=200) | st.from_regex(r'(keyId|headers|signature|created|[a-z]{1,4})="?[ -~]{0,20}"?,?' * 3))
def test_any_header_is_parsed_or_forged(value: str) -> None:
    try:
        signed = signatures.parse({"Signature": value})
    except Forged:
        return
    assert signed.headers
    assert signed.signature


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    st.dictionaries(st.sampled_from(["host", "date", "digest", "content-type", "Host"]), st.text(max_size=40)),
    st.binary(max_size=20),
    st.text(max_size=20),
)
def test_any_request_around_a_genuine_signature_is_forged(
    sent: dict[str, str], public_pem: str, headers: dict[str, str], body: bytes, target: str
) -> None:
    changed = {name.lower(): value for name, value in sent.items()} | headers
    if (body, target) == (BODY, "/inbox"):
        return
    with pytest.raises(Forged):
        verify(changed, pem=public_pem, body=body, target=target)
