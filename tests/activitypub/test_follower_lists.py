"""Comparing followers by a digest: the published vector, and headers that say nothing."""

import pytest

from activitypub import follower_lists, senders
from activitypub.follower_lists import Question
from activitypub.senders import Scheme
from activitypub.signatures import Forged
from activitypub.wire import Malformed
from tests.activitypub.strangers import BODY, INBOX, KEY_ID, NOW

# FEP-8fcf, "Computing the digest".
VECTOR = "c33f48cd341ef046a206b8a72ec97af65079f9a3a9b90eef79c5920dce45c61f"
FOLLOWERS = ("https://testing.example.org/users/1", "https://testing.example.org/users/2")
ASKED = Question(
    collection="https://la.example/users/ciq/followers",
    url="https://la.example/users/ciq/followers_synchronization",
    digest=VECTOR,
)


def test_the_published_vector() -> None:
    assert follower_lists.digest(FOLLOWERS) == VECTOR
    assert follower_lists.digest(reversed(FOLLOWERS)) == VECTOR
    assert follower_lists.digest([*FOLLOWERS, FOLLOWERS[0]]) == VECTOR
    assert follower_lists.digest(()) == "0" * 64


def test_what_is_written_reads_back_whatever_its_name_and_order() -> None:
    value = follower_lists.write(ASKED)
    assert follower_lists.read({"collection-synchronization": value}) == ASKED
    turned = ",".join(reversed(value.split(", ")))
    assert follower_lists.read({"Collection-Synchronization": turned.replace(VECTOR, VECTOR.upper())}) == ASKED


@pytest.mark.parametrize(
    "value",
    [
        "",
        "nonsense",
        follower_lists.write(ASKED) + ', digest="' + "0" * 64 + '"',
        follower_lists.write(ASKED).replace(VECTOR, VECTOR[1:]),
        follower_lists.write(ASKED).replace("https://la.example/users/ciq/followers_", "javascript:"),
        follower_lists.write(ASKED).partition(", ")[2],
        follower_lists.write(ASKED) + ", x=" + '"' + "a" * 4096 + '"',
    ],
)
def test_a_header_that_is_not_well_formed_says_nothing(value: str) -> None:
    assert follower_lists.read({"Collection-Synchronization": value}) is None


def test_an_address_that_would_break_the_header_is_not_written() -> None:
    with pytest.raises(Malformed):
        follower_lists.write(Question(collection='https://la.example/"x', url=ASKED.url, digest=VECTOR))


@pytest.mark.parametrize("scheme", list(Scheme))
def test_it_is_signed_with_the_letter(scheme: Scheme, private_pem: str, public_pem: str) -> None:
    headers = senders.sign(
        scheme=scheme,
        method="POST",
        url=INBOX,
        body=BODY,
        key_pem=private_pem,
        key_id=KEY_ID,
        now=NOW,
        more={follower_lists.HEADER: follower_lists.write(ASKED)},
    )

    def verify(given: dict[str, str]) -> None:
        claim = senders.parse(given)
        assert follower_lists.HEADER.lower() in claim.fields
        senders.verify(
            claim=claim,
            method="POST",
            target="/inbox",
            headers=given,
            body=BODY,
            public_key_pem=public_pem,
            origin=INBOX.removesuffix("/inbox"),
            now=NOW,
        )

    verify(headers)
    with pytest.raises(Forged):
        verify({**headers, follower_lists.HEADER: headers[follower_lists.HEADER].replace("c33f", "c33e")})
