"""What the shelf answers is what the door would have answered, and never what was so before."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from itertools import product

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import Client

from activitypub import keys
from activitypub.vocabulary import ActorKind
from federation.models import ActorState, Document, DocumentState, OwnActor
from web import commits, door, stores
from web.settings import SideSettings

OURS = "http://127.0.0.2:9999"
ASKED = {"Accept": "application/activity+json"}
ARTICLE = "/users/ciq/articles/7"
PATHS = ("/users/ciq", "/actor", "/users/nobody", ARTICLE, f"{ARTICLE}/", "/users/ciq/articles/8", "/users/ciq/outbox")
ACCEPTS = (
    "application/activity+json",
    'application/ld+json; profile="https://www.w3.org/ns/activitystreams", application/activity+json;q=0.9',
    "application/activity+json, text/html;q=0.1",
    "text/html",
    "*/*",
)


@pytest.fixture
def calls() -> list[str]:
    return []


@pytest.fixture
def web(make_store: Callable[..., str], now: datetime, calls: list[str], tmp_path: object) -> Iterable[FlaskClient]:
    url = make_store("federation")
    app = door.create_app(
        SideSettings.read(
            {
                "PALIER_ORIGIN": OURS,
                "PALIER_DEVELOPMENT": "1",
                "PALIER_DATA": str(tmp_path),
                "PALIER_FEDERATION_DATABASE_URL": url,
            }
        )
    )
    app.before_request(lambda: calls.append("made"))
    pem = keys.generate()
    store = stores.of(app)[stores.FEDERATION]
    with store.write.begin() as session:
        session.add(
            OwnActor(
                username="ciq",
                kind=ActorKind.ORGANIZATION,
                name="CIQ",
                published=now,
                created_at=now,
                key_id=f"{OURS}/users/ciq#main-key",
                private_pem=pem,
                public_pem=keys.public_pem(pem),
                url=f"{OURS}/@ciq",
            )
        )
        session.add(
            Document(
                uri=OURS + ARTICLE,
                actor_username="ciq",
                type="Article",
                body=b'{"type":"Article","name":"7"}',
                url=f"{OURS}/news/7",
                published=now,
            )
        )
    yield app.test_client()
    store.close()


def change(web: FlaskClient, kind: type[OwnActor | Document] = OwnActor, **values: object) -> None:
    with stores.of(web.application)[stores.FEDERATION].write.begin() as session:
        row = session.scalars(select(kind)).one()
        for name, value in values.items():
            setattr(row, name, value)


def test_the_second_answer_is_the_first_byte_for_byte(web: FlaskClient, calls: list[str]) -> None:
    first = web.get("/users/ciq", headers=ASKED, base_url=OURS)
    second = web.get("/users/ciq", headers=ASKED, base_url=OURS)
    assert (first.status_code, first.data, list(first.headers)) == (
        second.status_code,
        second.data,
        list(second.headers),
    )
    assert calls == ["made"]


def test_a_changed_row_is_never_answered_as_it_was(web: FlaskClient) -> None:
    assert web.get("/users/ciq", headers=ASKED, base_url=OURS).get_json(force=True)["name"] == "CIQ"
    change(web, name="CIQ du quartier")
    assert web.get("/users/ciq", headers=ASKED, base_url=OURS).get_json(force=True)["name"] == "CIQ du quartier"
    change(web, state=ActorState.GONE)
    assert web.get("/users/ciq", headers=ASKED, base_url=OURS).status_code == 410


def test_people_and_strangers_pass_by(web: FlaskClient, calls: list[str]) -> None:
    for _ in range(2):
        assert web.get("/users/ciq", headers={"Accept": "text/html"}, base_url=OURS).status_code == 303
        assert web.get("/users/nobody", headers=ASKED, base_url=OURS).status_code == 404
        assert web.post("/users/ciq", headers=ASKED, base_url=OURS).status_code == 405
    assert len(calls) == 6


def test_every_answer_is_the_one_without_a_shelf(web: FlaskClient) -> None:
    app = web.application
    without = Client(partial(Flask.wsgi_app, app))
    steps: tuple[Callable[[], None], ...] = (
        lambda: None,
        lambda: change(web, name="Autre nom"),
        lambda: change(web, Document, body=b'{"type":"Article","name":"8"}'),
        lambda: change(web, Document, state=DocumentState.GONE, body=b'{"type":"Tombstone"}'),
        lambda: change(web, state=ActorState.GONE),
    )
    seen = set()
    for step in steps:
        step()
        for path, accept, method, _again in product(PATHS, ACCEPTS, ("GET", "HEAD"), range(2)):
            asked = {"path": path, "method": method, "headers": {"Accept": accept}, "base_url": OURS}
            ours, theirs = web.open(**asked), without.open(**asked)
            assert (ours.status, ours.data, list(ours.headers)) == (theirs.status, theirs.data, list(theirs.headers))
            seen.add(ours.status_code)
    assert seen == {200, 303, 404, 410}


def test_a_document_is_kept_too(web: FlaskClient, calls: list[str]) -> None:
    for _ in range(3):
        assert web.get(ARTICLE, headers=ASKED, base_url=OURS).get_json(force=True)["name"] == "7"
    assert calls == ["made"]
    change(web, Document, state=DocumentState.GONE)
    assert web.get(ARTICLE, headers=ASKED, base_url=OURS).status_code == 410


def test_a_store_that_fails_is_said_as_the_door_says_it(web: FlaskClient) -> None:
    assert web.get("/users/ciq", headers=ASKED, base_url=OURS).status_code == 200
    with stores.of(web.application)[stores.FEDERATION].write.begin() as session:
        session.execute(text("ALTER TABLE own_actor RENAME TO elsewhere"))
    answer = web.get("/users/ciq", headers=ASKED, base_url=OURS)
    assert (answer.status_code, answer.mimetype) == (503, "application/json")


def test_two_looks_say_the_same_only_while_nothing_is_committed(web: FlaskClient) -> None:
    store = stores.of(web.application)[stores.FEDERATION]
    look = commits.watch(store.engine)
    if store.engine.dialect.name != "sqlite":
        assert look() is None
        return
    first = look()
    assert look() == first
    with store.write() as session:
        session.scalars(select(OwnActor)).one().name = "Jamais"
        session.flush()
        assert look() == first  # not committed, and never will be
    assert look() == first
    change(web, name="Un autre")
    second = look()
    assert second != first
    store.close()
    assert look() not in {None, first, second}
    store.close()


def test_what_lies_ready_is_handed_out_whole_until_something_is_committed(web: FlaskClient, calls: list[str]) -> None:
    shelf = web.application.extensions[door.SHELF]
    came = b"GET /users/ciq HTTP/1.1\r\nHost: 127.0.0.2:9999\r\nAccept: application/activity+json\r\n\r\n"
    assert shelf.at_once(came) is None
    made = web.get("/users/ciq", headers=ASKED, base_url=OURS)
    whole = shelf.at_once(came)
    if stores.of(web.application)[stores.FEDERATION].engine.dialect.name != "sqlite":
        assert whole is None  # nothing tells there that the row is the same
        return
    head, _, body = whole.partition(b"\r\n\r\n")
    assert body == made.data
    assert head.decode().splitlines()[4:] == [f"{name}: {value}" for name, value in made.headers]
    assert shelf.at_once(came.replace(b"activity+json", b"json")) is None
    assert calls == ["made"]
    change(web, name="Un autre")
    assert shelf.at_once(came) is None
