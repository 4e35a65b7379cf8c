"""P4, existence: what is not for somebody answers them exactly as what never was."""

import re
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from instance import moderation, places
from instance.audience import Audience
from instance.places import Building, Quarter
from instance.residents import Resident
from tests.town.houses import House, Town
from tests.town.proofs import keys

NEVER = uuid.UUID("8b2f6a0e-0f0f-4f0f-8f0f-0f0f0f0f0f0f")
# What an answer draws anew for everybody, and tells nobody anything.
FRESH = re.compile(rb'(name="csrf_token"[^>]*value="|data-passkey-token="|nonce-|<code>)[^"<]*')


@pytest.fixture
def house(town: Town, monkeypatch: pytest.MonkeyPatch) -> House:
    keys.install(monkeypatch)
    return town.build("marseille")


def _routes(app: Flask) -> list[Rule]:
    """Every route with a public id in it: a new one is asked like all others."""
    return [rule for rule in app.url_map.iter_rules() if "public_id" in rule.arguments]


def _answers(client: object, app: Flask, asked: uuid.UUID) -> Iterator[tuple[str, object]]:
    given = {"target": "notice", "slug": "nobody", "seal": "word", "screen_id": NEVER}
    for rule in _routes(app):
        values = {name: given.get(name, asked) for name in rule.arguments}
        with app.test_request_context():
            address = app.url_map.bind("localhost").build(rule.endpoint, values, force_external=False)
        for method in sorted({"GET", "POST"} & set(rule.methods or ())):
            answer = client.open(address, method=method, data={"body": "Bonjour", "reason": "Parce que"})  # type: ignore[attr-defined]
            head = str([(name, value) for name, value in answer.headers if name != "Set-Cookie"])
            body = FRESH.sub(b"", answer.data).replace(str(asked).encode(), b"ASKED")
            yield f"{method} {rule.rule}", (answer.status_code, head.replace(str(asked), "ASKED"), body)


def _other_building(house: House, near: Quarter) -> Building:
    """A building of another quarter of the same city."""
    with house.home.write.begin() as session:
        city = session.get_one(Quarter, near.id).city
        given = {"postcode": "13013", "district": 13, "now": house.town.now}
        made = places.add_quarter(session, city=city, name="Les Caillols", **given)
    return house.building(made, name="La Rotonde")


def test_a_page_of_what_is_private_is_the_page_of_what_never_was(house: House) -> None:
    quarter = house.quarter("Saint Julien")
    far = _other_building(house, quarter)
    home, beside = house.building(quarter), house.building(quarter, name="Le Mûrier")
    odile = house.resident("Odile", building=home)
    slip = house.offer(odile, "Escabeau", audience=Audience.BUILDING, byline=None)
    reader = house.reader(odile)
    report = house.do(
        moderation.report,
        target=moderation.Target.NOTICE,
        public_id=slip.public_id,
        reason="x",
        by=odile,
        reader=reader,
    )
    private = [slip.public_id, report.public_id, odile.public_id, home.public_id]  # type: ignore[attr-defined]
    readers: list[Resident | None] = [
        None,
        house.resident("Bea", building=beside),
        house.resident("Chloe", building=far),
    ]
    for somebody in readers:
        never = dict(_answers(house.browser(somebody), house.pages, NEVER))
        assert len(never) > 20
        for one in private:
            found = dict(_answers(house.browser(somebody), house.pages, one))
            assert [name for name in never if never[name] != found[name]] == []


@pytest.mark.parametrize("address", ["/sign-in", "/recover"])
def test_whether_somebody_has_an_account_is_told_to_nobody(house: House, address: str) -> None:
    quarter = house.quarter("Saint Julien")
    odile = house.resident("Odile", building=house.building(quarter))
    found = []
    for name in (odile.login, "nobody.at.all"):
        answer = house.browser(None).post(address, data={"name": name, "password": "not the right one"})
        head = [(key, value) for key, value in answer.headers if key not in {"Set-Cookie", "Content-Length"}]
        found.append((answer.status_code, head, FRESH.sub(b"", answer.data).replace(name.encode(), b"ASKED")))
    assert [a for a in zip(*(one[2].splitlines() for one in found), strict=True) if a[0] != a[1]] == []
    assert found[0] == found[1]
