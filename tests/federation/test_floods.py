"""The door in a flood: who sends too much is slowed down, told for how long, and is nobody else by a header."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from limits import RateLimitItemPerMinute
from werkzeug.test import TestResponse

from federation import policy
from tests.federation.neighbours import OURS, signed
from tests.federation.test_door import post, settings
from web import door, stores


@pytest.fixture
def web(town: stores.Store, tmp_path: Path) -> Iterator[FlaskClient]:
    app = door.create_app(settings(town, tmp_path))
    with app.app_context():
        yield app.test_client()
    stores.of(app)["federation"].close()


def test_a_flood_is_slowed_down(web: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    del monkeypatch
    statuses = {
        web.post(
            "/inbox",
            data=b"{}",
            content_type="application/activity+json",
            base_url=OURS,
            headers={"X-Forwarded-For": f"192.0.2.{number % 250}"},
        ).status_code
        for number in range(1202)
    }
    assert statuses == {202, 429}


FORGED = ("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "Forwarded")


def knock(app: Flask, *, address: str, **headers: str) -> TestResponse:
    """A letter that means nothing, from this address, with what headers say of another."""
    return app.test_client().post(
        "/inbox",
        data=b"{}",
        content_type="application/activity+json",
        base_url=OURS,
        headers=headers,
        environ_base={"REMOTE_ADDR": address},
    )


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few letters a minute that a test can send more."""
    monkeypatch.setattr(door, "INBOX_LIMIT", RateLimitItemPerMinute(3))


@pytest.mark.parametrize("header", FORGED)
def test_nobody_is_somebody_else_by_a_header_unless_a_proxy_is_named(few: None, web: FlaskClient, header: str) -> None:
    shape = "for={};proto=https" if header == "Forwarded" else "{}"
    told = [{header: shape.format(f"192.0.2.{number}")} for number in range(4)]
    answers = [knock(web.application, address="198.51.100.7", **one) for one in told]
    assert [one.status_code for one in answers] == [202, 202, 202, 429]
    assert answers[-1].headers["Retry-After"] == "60"
    # Nor is a whole network of version 6 many, while another address still is another.
    assert knock(web.application, address="198.51.100.8").status_code == 202
    near = [knock(web.application, address=f"2001:db8:0:1::{number}") for number in range(1, 5)]
    assert [one.status_code for one in near] == [202, 202, 202, 429]


@pytest.mark.parametrize("count", [1, 2])
def test_only_what_the_named_proxies_wrote_is_believed(
    few: None, town: stores.Store, tmp_path: Path, count: int
) -> None:
    app = door.create_app(replace(settings(town, tmp_path), trusted_proxies=count))
    # Proxies append: what stands before that, whoever knocked wrote themselves.
    behind = ", 10.0.0.2" * (count - 1)
    same = [
        knock(app, address="10.0.0.1", **{"X-Forwarded-For": f"192.0.2.{n}, 198.51.100.7{behind}"}) for n in range(4)
    ]
    assert [one.status_code for one in same] == [202, 202, 202, 429]
    others = [knock(app, address="10.0.0.1", **{"X-Forwarded-For": f"198.51.100.{n}{behind}"}) for n in range(10, 14)]
    assert [one.status_code for one in others] == [202] * 4
    for header in FORGED[1:]:
        beside = {"X-Forwarded-For": f"198.51.100.7{behind}", header: "192.0.2.9"}
        assert knock(app, address="10.0.0.1", **beside).status_code == 429
    stores.of(app)["federation"].close()


def test_whoever_has_too_many_letters_waiting_is_told_when_to_come_again(
    web: FlaskClient, pems: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(policy, "WAITING_LIMIT", 2)
    answers = []
    for number in range(3):
        actor = f"https://a{number}.example/u"
        doc = {"id": f"{actor}/1", "type": "Follow", "actor": actor, "object": f"{OURS}/users/ciq"}
        arrival = signed(doc, pem=pems[0], key_id=f"{actor}#main-key", now=datetime.now(UTC))
        answers.append(post(web, arrival))
    assert [one.status_code for one in answers] == [202, 202, 429]
    assert answers[-1].headers["Retry-After"] == "60"
