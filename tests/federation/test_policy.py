"""What may be spoken to, how long to wait, what an answer means."""

from datetime import timedelta
from itertools import pairwise

import pytest

from federation import policy
from federation.base import Unreachable
from federation.policy import Outcome

REFUSED_ADDRESSES = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "127.0.0.1",
    "127.1.2.3",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "64:ff9b::127.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "2001::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%eth0",
    "2600::1%eth0",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "not-an-address",
]


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_no_special_address_is_dialled(address: str) -> None:
    assert not policy.may_dial(address, development=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "172.32.0.1", "2600::1", "2a01:e0a::1", "2001:4860::8888"])
def test_public_addresses_are_dialled(address: str) -> None:
    assert policy.may_dial(address, development=False)


def test_development_adds_nearby_addresses_and_no_metadata_service() -> None:
    assert policy.may_dial("127.0.0.1", development=True)
    assert policy.may_dial("::1", development=True)
    assert policy.may_dial("192.168.1.9", development=True)
    assert not policy.may_dial("169.254.169.254", development=True)
    assert not policy.may_dial("0.0.0.0", development=True)


HOSTILE_URLS = [
    "http://aix.example/",
    "https://aix.example:22/",
    "https://aix.example:6379/",
    "https://user@aix.example/",
    "https://aix.example:@evil.example/",
    "https://aix.example:/",
    "https://2130706433/",
    "https://0177.0.0.1/",
    "https://0x7f.1/",
    "https://127.1/",
    "https://127.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:7f00:1]/",
    "https://localhost/",
    "https://localhost./",
    "https://aix.example./",
    "https://aix/",
    "https://aix..example/",
    "https://-aix.example/",
    "https://aix.example%2f.evil/",
    "https:\\\\aix.example\\",
    "https://aix.example\\@evil.example/",
    "https://aix.example/\r\nHost: evil",
    "https://aix.example/a b",
    "https://aix.example/é",
    "https://äix.example/",
    "https://aix\u3002example/",
    "https://aix.example:99999/",
    "https://[/",
    "https://",
    "https:///path",
    "file:///etc/passwd",
    "gopher://aix.example/",
    "ftp://aix.example/",
    "//aix.example/",
    "",
    "https://aix.example/" + "a" * 2000,
]


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_no_odd_spelling_is_an_address(url: str) -> None:
    with pytest.raises(Unreachable) as caught:
        policy.locate(url, development=False)
    assert not caught.value.transient


def test_an_address_is_taken_apart() -> None:
    place = policy.locate("https://Aix.example:443/users/a?x=1", development=False)
    assert (place.host, place.port, place.authority, place.target) == (
        "aix.example",
        443,
        "aix.example",
        "/users/a?x=1",
    )
    assert policy.locate("http://127.0.0.2:8100", development=True).authority == "127.0.0.2:8100"


def test_origins_keep_scheme_and_port() -> None:
    assert policy.same_origin("https://a.example/x", "https://a.example:443/y")
    assert not policy.same_origin("https://a.example/x", "http://a.example/x")
    assert not policy.same_origin("https://a.example/x", "https://a.example:444/x")
    assert not policy.same_origin("https://a.example/x", "https://b.example/x")
    assert not policy.same_origin("", "")
    assert policy.authority("https://a@b.example/") == ""


@pytest.mark.parametrize(
    ("status", "attempts", "outcome"),
    [
        (200, 1, Outcome.SENT),
        (202, 1, Outcome.SENT),
        (301, 1, Outcome.FAIL),
        (400, 1, Outcome.RETRY),
        (400, 2, Outcome.FAIL),
        (401, 5, Outcome.RETRY),
        (401, 6, Outcome.FAIL),
        (404, 1, Outcome.RETRY),
        (410, 1, Outcome.FAIL),
        (408, 9, Outcome.RETRY),
        (429, 9, Outcome.RETRY),
        (500, 9, Outcome.RETRY),
        (503, 99, Outcome.RETRY),
        (0, 99, Outcome.RETRY),
    ],
)
def test_an_answer_means(status: int, attempts: int, outcome: Outcome) -> None:
    assert policy.weigh(status, attempts=attempts) is outcome


def test_waits_grow_and_patience_ends() -> None:
    waits = [policy.delay(attempts, kind="Create") for attempts in range(12)]
    assert all(first <= second for first, second in pairwise(waits) if first and second)
    assert waits[1] == timedelta(seconds=30)
    assert waits[-1] == timedelta(hours=12)
    assert policy.delay(3, kind="Create", age=timedelta(days=15)) is None
    assert policy.delay(3, kind="Delete", age=timedelta(days=15)) == timedelta(minutes=10)
    assert policy.delay(3, kind="Delete", age=timedelta(days=91)) is None
    assert policy.delay(1, kind="Create", status=404) == timedelta(hours=1)
    assert policy.delay(1, kind="Create", jitter=1.0) == timedelta(seconds=36)


def test_ipv6_senders_are_their_network() -> None:
    assert policy.sender("2a01:e0a::1") == policy.sender("2a01:e0a::ffff") != policy.sender("2a01:e0a:0:1::1")
    assert policy.sender("192.0.2.1") != policy.sender("192.0.2.2")
    assert policy.sender("nonsense") == ""


def test_digests_do_not_run_into_each_other() -> None:
    assert policy.digest("ab", "c") != policy.digest("a", "bc")
