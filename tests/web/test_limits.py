"""Limits by purpose: every page that takes a POST has one or a reason, each is enforced, and nobody is locked out."""

import dataclasses
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web import pages_place
from tests.web.pages_place import PASSWORD, Place, post, token_of
from web import stores
from web.frame import limits, patience
from web.frame.limits import PURPOSES, UNLIMITED, Purpose

pytestmark = pytest.mark.sqlite

SAMPLE = {"uuid": "3f0c3d6e-7a39-4d0a-9b57-111111111111", "int": "1"}


def addresses(place: Place, purpose: Purpose) -> dict[str, str]:
    """An address for each page of a purpose."""
    return {
        rule.endpoint: re.sub(r"<(?:(\w+):)?\w+>", lambda found: SAMPLE.get(found[1] or "", "exemple"), rule.rule)
        for rule in place.app.url_map.iter_rules()
        if rule.endpoint in purpose.endpoints and set(purpose.methods) & (rule.methods or set())
    }


def test_every_page_that_takes_a_post_has_a_purpose_or_a_reason(place: Place) -> None:
    posts = {rule.endpoint for rule in place.app.url_map.iter_rules() if "POST" in (rule.methods or ())}
    limited = [one for purpose in PURPOSES if "POST" in purpose.methods for one in purpose.endpoints]
    assert sorted(limited) == sorted(set(limited)), "each in one purpose"
    assert not set(limited) & UNLIMITED.keys()
    assert posts - set(limited) - UNLIMITED.keys() == set(), "give it a purpose in web.frame.limits"
    assert set(limited) | UNLIMITED.keys() == posts, "a page that is gone"


def test_every_page_named_is_there(place: Place) -> None:
    for purpose in PURPOSES:
        assert addresses(place, purpose).keys() == purpose.endpoints, purpose.name


@pytest.fixture
def strict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Place]:
    """The same purposes and counts, but two of each an hour."""
    few = tuple(
        dataclasses.replace(one, rules=tuple(dataclasses.replace(rule, amount="2 per hour") for rule in one.rules[:1]))
        for one in PURPOSES
    )
    monkeypatch.setattr(limits, "PURPOSES", few)
    made = pages_place.make(tmp_path)
    made.app.config["WTF_CSRF_ENABLED"] = False
    yield made
    for store in stores.of(made.app).values():
        store.close()


def member(place: Place, login: str) -> FlaskClient:
    """Somebody signed in; forms carry no token here."""
    client = place.browser()
    assert client.post("/sign-in", data={"name": login, "password": PASSWORD}).status_code == 302
    return client


def knock(client: FlaskClient, path: str, purpose: Purpose, **more: object) -> int:
    return client.open(path, method=purpose.methods[0], **more).status_code


@pytest.mark.parametrize("purpose", PURPOSES, ids=lambda one: one.name)
def test_a_purpose_limits_all_its_pages_together(strict: Place, purpose: Purpose) -> None:
    visitor = purpose.rules[0].by is limits.address
    client = strict.browser() if visitor else member(strict, "admin")
    paths = sorted(addresses(strict, purpose).values())
    for at in range(2):
        assert knock(client, paths[at % len(paths)], purpose) != 429
    for path in paths:
        answer = client.open(path, method=purpose.methods[0])
        assert answer.status_code == 429, path
        assert 3000 < int(answer.headers["Retry-After"]) <= 3600
        assert "Trop d’essais" in answer.text
        assert "Attendez 60 minutes" in answer.text or "Attendez 59 minutes" in answer.text
    elsewhere = {"environ_overrides": {"REMOTE_ADDR": "127.0.0.9"}}
    other = strict.browser()
    if visitor:
        assert knock(other, paths[0], purpose, **elsewhere) != 429, "another address"
    else:
        assert knock(client, paths[0], purpose, **elsewhere) == 429, "the same account elsewhere"


@pytest.mark.parametrize(
    ("seen", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_a_household_is_one_address(place: Place, seen: str, counted: str) -> None:
    with place.app.test_request_context(environ_overrides={"REMOTE_ADDR": seen}):
        assert limits.address() == counted


def test_what_was_typed_is_given_back_to_be_sent_again(strict: Place) -> None:
    client = member(strict, "nadia")
    text = "Une longue lettre que personne ne voudrait écrire deux fois."
    for _ in range(3):
        answer = client.post("/listings/new?kind=offer", data={"title": "Échelle", "body": text, "password": "secret"})
    assert answer.status_code == 429
    assert f'name="body" value="{text}"' in answer.text
    assert 'action="/listings/new?kind=offer"' in answer.text
    assert "secret" not in answer.text


def test_a_password_typed_too_often_is_never_written_back(strict: Place) -> None:
    client = strict.browser()
    for _ in range(3):
        answer = client.post("/sign-in", data={"name": "nadia", "password": "une phrase"})
    assert answer.status_code == 429
    assert "une phrase" not in answer.text


# --- guesses at one account


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The clock of the counts."""
    held = [time.time()]
    monkeypatch.setattr(time, "time", lambda: held[0])
    return held


def guess(place: Place, at: int, *, name: str = "nadia", password: str = "faux", client: FlaskClient | None = None):
    """A guess from an address of its own."""
    client = client or place.browser()
    elsewhere = {"REMOTE_ADDR": f"198.51.100.{at}"}
    token = token_of(client, "/sign-in")
    data = {"name": name, "password": password, "csrf_token": token}
    return client.post("/sign-in", data=data, environ_overrides=elsewhere)


def test_guesses_at_one_account_from_everywhere_are_slowed(place: Place, moment: list[float]) -> None:
    states = [guess(place, at).status_code for at in range(patience.FREE_TRIES + 2)]
    assert states == [200] * patience.FREE_TRIES + [429, 429]
    refused = guess(place, 50, password=PASSWORD)
    assert refused.status_code == 429, "while waiting nothing is looked at"
    assert refused.headers["Retry-After"] == "10"
    assert "Attendez 10 secondes" in refused.text
    assert 'value="nadia"' in refused.text
    assert guess(place, 51, name="admin", password=PASSWORD).status_code == 302, "another account"
    moment[0] += 11
    assert guess(place, 52, password=PASSWORD).status_code == 302, "a wait ends"
    assert guess(place, 53).status_code == 200, "and is forgotten after a right one"


def test_waits_grow_and_end(place: Place, moment: list[float]) -> None:
    waits = []
    for at in range(patience.FREE_TRIES + 10):
        answer = guess(place, at)
        if answer.status_code == 429:
            waits.append(int(answer.headers["Retry-After"]))
            moment[0] += waits[-1] + 1
            assert guess(place, at).status_code == 200
    assert waits == sorted(waits)
    assert max(waits) <= patience.LONGEST_WAIT
    assert waits[:3] == [10, 20, 40]


def test_strangers_who_guess_do_not_make_the_owners_own_browser_wait(place: Place, moment: list[float]) -> None:
    mine = place.signed_in()
    post(mine, "/sign-out", page="/account")
    for at in range(patience.FREE_TRIES + 1):
        answer = guess(place, at)
    assert answer.status_code == 429
    assert guess(place, 60, client=mine, password=PASSWORD).status_code == 302
    theirs = place.signed_in("admin")
    post(theirs, "/sign-out", page="/account")
    assert guess(place, 61, client=theirs, password=PASSWORD).status_code == 429, "known, but for another account"


def test_an_unknown_name_waits_like_a_known_one(place: Place, moment: list[float]) -> None:
    states = [guess(place, at, name="personne").status_code for at in range(patience.FREE_TRIES + 1)]
    assert states[-1] == 429


def test_the_cookie_of_a_known_browser_says_nothing(place: Place) -> None:
    client = place.signed_in()
    cookie = client.get_cookie("palier_known")
    assert cookie is not None
    assert "nadia" not in cookie.value
    assert cookie.http_only
    assert cookie.same_site == "Lax"


def test_ones_own_password_cannot_be_guessed_in_a_stolen_session(place: Place, moment: list[float]) -> None:
    client = place.signed_in()
    for _ in range(patience.FREE_TRIES + 1):
        page = post(client, "/account/password", page="/account/security", old="faux", new="une autre phrase").text
    assert "Attendez 10 secondes" in page
    assert place.signed_in(), "signing in is counted apart"


def together(held: patience.Patience, *, number: int) -> list[int]:
    """So many guesses at one account in the same moment; the seconds each is told to wait."""
    gate, told = threading.Barrier(number), []

    def guess_one() -> None:
        gate.wait()
        told.append(held.begin("somebody"))

    threads = [threading.Thread(target=guess_one) for _ in range(number)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return told


def tries_in_bursts(held: patience.Patience) -> list[int]:
    """How many guesses are looked at, of a burst at first and of one after a wait."""
    looked_at = [together(held, number=patience.FREE_TRIES * 3).count(0)]
    held.named.clear("palier/wait/somebody")  # it is over
    told = together(held, number=patience.FREE_TRIES * 3)
    assert max(told) <= 2 * patience.FIRST_WAIT, "those sent away are not counted"
    return [*looked_at, told.count(0)]


def test_guesses_in_the_same_moment_are_counted_one_by_one() -> None:
    held = patience.Patience(named=patience.MemoryStorage(), own=patience.MemoryStorage())
    assert tries_in_bursts(held) == [patience.FREE_TRIES, 1]


@pytest.mark.valkey
def test_guesses_in_the_same_moment_are_counted_one_by_one_in_the_broker(valkey_url: str) -> None:
    named = patience.storage(valkey_url.replace("unix://", "redis+unix://"))
    assert tries_in_bursts(patience.Patience(named=named, own=patience.MemoryStorage())) == [patience.FREE_TRIES, 1]


@pytest.mark.valkey
def test_counts_are_kept_in_the_broker_and_its_loss_stops_nobody(valkey_url: str) -> None:
    named = patience.storage(valkey_url.replace("unix://", "redis+unix://"))
    held = patience.Patience(named=named, own=patience.MemoryStorage())
    for _ in range(patience.FREE_TRIES):
        assert held.begin("somebody") == 0
    other = patience.Patience(
        named=patience.storage(valkey_url.replace("unix://", "redis+unix://")), own=patience.MemoryStorage()
    )
    assert other.begin("somebody") > 0
    other.forget("somebody")
    assert held.begin("somebody") == 0
    lost = patience.Patience(named=patience.storage("redis+unix:///nowhere.sock"), own=patience.MemoryStorage())
    assert [lost.begin("x") for _ in range(patience.FREE_TRIES)] == [0] * patience.FREE_TRIES
    assert lost.begin("x") > 0
    lost.forget("x")
    assert lost.begin("x") == 0
