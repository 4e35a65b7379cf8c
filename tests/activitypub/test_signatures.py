"""Signing as the others verify, and verifying what the honest ones send."""

import base64
import hashlib
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from activitypub import codec, signatures
from activitypub.signatures import Forged
from tests.activitypub.strangers import BODY, INBOX, KEY_ID, NOW, Hand, verify


def test_the_recorded_post_and_get_verify(letter: Callable[[str], dict[str, Any]]) -> None:
    vectors = letter("signature-vectors")
    post = {
        "Host": "mastodon.example",
        "Date": "Tue, 11 May 2027 08:00:02 GMT",
        "Digest": f"SHA-256={vectors['digest']}",
        "Content-Type": "application/activity+json",
        "Signature": vectors["post_header"],
    }
    body = vectors["body"].encode()
    there = ("mastodon.example",)
    verify(post, pem=vectors["public_pem"], body=body, own_authorities=there)
    get = {"host": post["Host"], "date": post["Date"], "signature": vectors["get_header"]}
    verify(get, pem=vectors["public_pem"], method="GET", target="/users/asso", body=None, own_authorities=there)
    with pytest.raises(Forged):
        verify(post, pem=vectors["public_pem"], body=body + b" ", own_authorities=there)


def test_the_signed_text_is_the_recorded_one(letter: Callable[[str], dict[str, Any]]) -> None:
    vectors = letter("signature-vectors")
    given_ = {
        "host": "mastodon.example",
        "date": "Tue, 11 May 2027 08:00:02 GMT",
        "digest": f"SHA-256={vectors['digest']}",
    }
    given_["content-type"] = "application/activity+json"
    signed = signatures.parse({"Signature": vectors["post_header"]})
    text = signatures._signed_text(signed, given_, "POST", "/inbox")
    assert text == vectors["post_string"].encode()
    assert signatures.digest(vectors["body"].encode()) == f"SHA-256={vectors['digest']}"


def test_what_we_sign_verifies(sent: dict[str, str], public_pem: str) -> None:
    assert sent["Host"] == "voisins.example"
    assert sent["Date"] == "Tue, 11 May 2027 08:00:02 GMT"
    assert sent["Content-Type"] == "application/activity+json"
    assert 'headers="(request-target) host date digest content-type"' in sent["Signature"]
    assert 'algorithm="rsa-sha256"' in sent["Signature"]
    verify(sent, pem=public_pem)


def test_a_get_signs_its_query_and_keeps_its_port(private_pem: str, public_pem: str) -> None:
    url = "http://127.0.0.2:8101/users/ciq/outbox?page=2&a=%C3%A9"
    headers = signatures.sign(method="GET", url=url, body=None, key_pem=private_pem, key_id=KEY_ID, now=NOW)
    assert headers["Host"] == "127.0.0.2:8101"
    assert headers.keys() == {"Host", "Date", "Signature"}
    there = {"method": "GET", "body": None, "own_authorities": ("127.0.0.2:8101",)}
    verify(headers, pem=public_pem, target="/users/ciq/outbox?page=2&a=%C3%A9", **there)
    with pytest.raises(Forged):
        verify(headers, pem=public_pem, target="/users/ciq/outbox", **there)


@pytest.mark.parametrize(
    ("url", "host", "target"),
    [
        ("https://a.example", "a.example", "/"),
        ("https://a.example:443/x", "a.example", "/x"),
        ("http://a.example:80/x?", "a.example", "/x"),
        ("https://a.example:8443/x", "a.example:8443", "/x"),
        ("http://[::1]:8100/x", "[::1]:8100", "/x"),
        ("https://A.example/X#fragment", "a.example", "/X"),
    ],
)
def test_host_and_target_of_a_url(url: str, host: str, target: str) -> None:
    assert signatures.address(url) == (host, target)


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "https:///x", "https://u:p@a.example/", "https://é.example/", "https://a.example/ x", "//a"],
)
def test_a_url_that_cannot_be_signed(url: str, private_pem: str) -> None:
    with pytest.raises(codec.Malformed):
        signatures.sign(method="GET", url=url, body=None, key_pem=private_pem, key_id=KEY_ID, now=NOW)


def test_a_percent_sign_in_the_key_id(private_pem: str, public_pem: str) -> None:
    key_id = "https://endoume.example/users/100%25#main-key"
    headers = signatures.sign(method="POST", url=INBOX, body=BODY, key_pem=private_pem, key_id=key_id, now=NOW)
    assert signatures.parse(headers).key_id == key_id
    verify(headers, pem=public_pem)


@pytest.mark.parametrize("key_id", ['https://a.example/"x', "https://a.example/é", "https://a.example/\n"])
def test_a_key_id_that_would_break_the_header(key_id: str, private_pem: str) -> None:
    with pytest.raises(codec.Malformed):
        signatures.sign(method="GET", url=INBOX, body=None, key_pem=private_pem, key_id=key_id, now=NOW)


def test_signing_keeps_no_state_between_requests(private_pem: str, public_pem: str) -> None:
    for number in range(3):
        body = b"%d" % number
        headers = signatures.sign(method="POST", url=INBOX, body=body, key_pem=private_pem, key_id=KEY_ID, now=NOW)
        verify(headers, pem=public_pem, body=body)


@pytest.mark.parametrize("label", ["rsa-sha256", "RSA-SHA256", "hs2019", None])
def test_the_labels_in_honest_use(hand: Hand, public_pem: str, label: str | None) -> None:
    verify(hand(label=label), pem=public_pem)


def test_more_signed_headers_than_asked_for(hand: Hand, public_pem: str) -> None:
    names = "(request-target) content-length host date digest content-type user-agent"
    more = {
        "content_length": "17",
        "content_type": "application/activity+json",
        "user_agent": "x/1 (+https://x.example/)",
    }
    verify(hand(names, **more), pem=public_pem)


@pytest.mark.parametrize("label", ["hs2019", None])
def test_created_in_place_of_date(hand: Hand, public_pem: str, label: str | None) -> None:
    created, expires = str(int(NOW.timestamp()) - 30), str(int(NOW.timestamp()) + 300)
    names = "(request-target) (created) (expires) host digest"
    verify(hand(names, label=label, created=created, expires=expires, date="long ago"), pem=public_pem)


def test_several_digests_with_sha_256_among_them(hand: Hand, public_pem: str) -> None:
    total = base64.b64encode(hashlib.sha256(BODY).digest()).decode()
    verify(hand(digest=f"SHA-512=AAAA, sha-256={total}"), pem=public_pem)


@pytest.mark.parametrize("minutes", [-59, 59])
def test_clocks_that_differ_by_less_than_an_hour(hand: Hand, public_pem: str, minutes: int) -> None:
    verify(hand(), pem=public_pem, now=NOW + timedelta(minutes=minutes))


def test_httpsig_loads_without_pkg_resources_without_warning_and_leaves_no_stand_in() -> None:
    code = "import sys; import activitypub.signatures; print('pkg_resources' in sys.modules)"
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "False", "")


def test_the_language_never_names_the_verifier_of_httpsig() -> None:
    found = [
        name
        for name, module in sys.modules.items()
        if name.startswith("activitypub") and "HeaderVerifier" in vars(module)
    ]
    assert found == []
