"""The door: what other servers are told, and how two towns meet through theirs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from activitypub import codec
from activitypub.vocabulary import PUBLIC, ActorKind, Article, Create, Tombstone
from federation import delivery, identity, inbox
from federation.models import Document, DocumentState, Letter
from tests.federation.neighbours import OURS, Neighbour, signed
from web import door, stores
from web.settings import SideSettings

AS2 = {"Accept": "application/activity+json"}
NEWS = f"{OURS}/users/ciq/articles/1"
NOT_FOUND = (404, "application/json", b'{"error":"not found"}')


def settings(store: stores.Store, folder: Path, origin: str = OURS) -> SideSettings:
    return SideSettings(
        origin=origin,
        name="Endoume",
        data=folder,
        federation_database_url=store.engine.url.render_as_string(hide_password=False),
        development=True,
        contact_email="securite@endoume.example",
    )


@pytest.fixture
def nudges() -> list[str]:
    return []


@pytest.fixture
def web(town: stores.Store, tmp_path: Path, nudges: list[str]) -> Iterator[FlaskClient]:
    app = door.create_app(settings(town, tmp_path))
    app.extensions["palier_nudge"] = lambda: nudges.append("sweep")
    with app.app_context():
        yield app.test_client()
    stores.of(app)["federation"].close()


def publish(store: stores.Store, now: datetime, *, number: int = 1, public: bool = True) -> None:
    me = f"{OURS}/users/ciq"
    uri = f"{me}/articles/{number}"
    article = Article(id=uri, attributed_to=me, name=f"News {number}", content="<p>Hello.</p>", to=(PUBLIC,))
    with store.write.begin() as session:
        session.add(
            Document(
                uri=uri,
                actor_username="ciq",
                type="Article",
                state=DocumentState.LIVE,
                body=codec.encode(codec.write(article)),
                url=f"{OURS}/notices/{number}",
                published=now,
                version=1,
            )
        )
        word = Create(id=f"{uri}/activity", actor=me, object=article, to=(PUBLIC,))
        delivery.write(session, word=word, actor_username="ciq", document_uri=uri, public=public, now=now)


@pytest.mark.parametrize(
    "accept",
    [
        "application/activity+json",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
        "application/ld+json",
        "application/activity+json, application/ld+json",
        "application/json,application/ld+json,application/activity+json",
        'application/ld+json; profile="https://www.w3.org/ns/activitystreams", text/html;q=0.1',
        "application/json",
        "",
    ],
)
def test_software_gets_the_document(web: FlaskClient, accept: str) -> None:
    answer = web.get("/users/endoume", headers={"Accept": accept} if accept else {})
    assert answer.status_code == 200
    assert answer.content_type == "application/activity+json; charset=utf-8"
    assert answer.headers["Vary"] == "Accept, Signature"
    actor = codec.read_actor(codec.load(answer.data))
    assert (actor.id, actor.kind, actor.shared_inbox) == (f"{OURS}/users/endoume", ActorKind.GROUP, f"{OURS}/inbox")
    assert actor.key is not None
    assert actor.key.id == f"{OURS}/users/endoume#main-key"
    assert web.head("/users/endoume", headers=AS2).status_code == 200


@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "*/*",
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "text/html, application/json;q=0.5",
        "application/activity+json;q=0",
    ],
)
def test_people_are_sent_to_the_page(web: FlaskClient, town: stores.Store, clock: datetime, accept: str) -> None:
    publish(town, clock)
    for path, page in (("/users/endoume", "/@endoume"), ("/users/ciq/articles/1", "/notices/1")):
        answer = web.get(path, headers={"Accept": accept})
        assert (answer.status_code, answer.headers["Location"]) == (303, OURS + page)
        assert "Accept" in answer.headers["Vary"]
        assert f"<{OURS}{path}>" in answer.headers["Link"]


def test_the_application_shows_the_streams_of_whom_to_follow(web: FlaskClient) -> None:
    application = codec.read_actor(codec.load(web.get("/actor", headers=AS2).data))
    assert application.manually_approves
    found = {}
    for stream in application.streams:
        collection = codec.load(web.get(stream.removeprefix(OURS), headers=AS2).data)
        items: Any = collection["orderedItems"]
        found[stream.rpartition("/")[2]] = [item["preferredUsername"] for item in items]
    assert found == {"quarters": ["endoume"], "organisations": ["ciq", "instance"]}


def test_a_document_is_served_byte_for_byte_and_gone_is_410(
    web: FlaskClient, town: stores.Store, clock: datetime
) -> None:
    publish(town, clock)
    with town.read() as session:
        body = session.scalars(select(Document.body)).one()
    assert web.get("/users/ciq/articles/1", headers=AS2).data == body
    assert web.get("/users/ciq/articles/1/activity", headers=AS2).status_code == 200
    context = codec.load(web.get("/users/ciq/articles/1/context", headers=AS2).data)
    assert context["orderedItems"] == [NEWS]
    with town.write.begin() as session:
        row = session.scalars(select(Document)).one()
        row.state = DocumentState.GONE
        row.body = codec.encode(codec.write(Tombstone(id=NEWS, former_type="Article", deleted=clock)))
        identity.retire(session, username="endoume")
    for path in ("/users/ciq/articles/1", "/users/endoume"):
        for headers in (AS2, {"Accept": "text/html"}):
            gone = web.get(path, headers=headers)
            assert (gone.status_code, codec.load(gone.data)["type"]) == (410, "Tombstone")


def test_what_is_private_looks_like_what_never_was(web: FlaskClient, town: stores.Store, clock: datetime) -> None:
    publish(town, clock, public=False)
    for path in (
        "/users/nobody",
        "/users/palier",
        "/users/ciq/articles/2",
        "/users/ciq/articles/1/activity",
        "/users/instance/letters/1",
        "/users/nobody/outbox",
        "/users/ciq/articles/9/context",
        "/nodeinfo/1.0",
        "/elsewhere",
        "/.well-known/webfinger?resource=acct:nobody@127.0.0.2:9999",
        "/.well-known/webfinger?resource=acct:ciq@elsewhere.example",
    ):
        answer = web.get(path, headers=AS2)
        assert (answer.status_code, answer.content_type, answer.data) == NOT_FOUND, path


def test_discovery(web: FlaskClient) -> None:
    answer = web.get("/.well-known/webfinger?resource=acct:endoume@127.0.0.2:9999")
    assert answer.content_type == "application/jrd+json; charset=utf-8"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert codec.load(answer.data)["subject"] == "acct:endoume@127.0.0.2:9999"
    assert web.get(f"/.well-known/webfinger?resource={OURS}/").status_code == 200
    assert web.get("/.well-known/webfinger").status_code == 400
    assert web.get("/.well-known/host-meta").content_type == "application/xrd+xml; charset=utf-8"
    links: Any = codec.load(web.get("/.well-known/nodeinfo").data)["links"]
    for link in links:
        if "nodeinfo" in link["rel"]:
            assert codec.load(web.get(link["href"].removeprefix(OURS)).data)["usage"] == {"users": {}}
    assert b"mailto:securite@endoume.example" in web.get("/.well-known/security.txt").data


# --- the inbox


def post(web: FlaskClient, arrival: inbox.Arrival, **headers: str) -> Any:
    return web.post(arrival.target, data=arrival.body, headers={**arrival.headers, **headers}, base_url=OURS)


@pytest.mark.parametrize("path", ["/inbox", "/actor/inbox", "/users/ciq/inbox", "/users/nobody/inbox"])
def test_a_letter_is_taken_in_at_every_inbox(
    web: FlaskClient, town: stores.Store, peer: Neighbour, pems: list[str], nudges: list[str], path: str
) -> None:
    alice = peer.actor("/users/alice", pem=pems[0])
    doc = {"id": f"{alice}/f/1", "type": "Follow", "actor": alice, "object": f"{OURS}/users/ciq"}
    arrival = signed(doc, pem=pems[0], key_id=f"{alice}#main-key", now=datetime.now(UTC), path=path)
    answer = post(web, arrival)
    assert (answer.status_code, answer.data) == (202, b"")
    assert nudges == ["sweep"]
    assert post(web, arrival).status_code == 202
    with town.read() as session:
        assert session.scalars(select(Letter.state)).all() == ["waiting"]


def test_the_inbox_never_answers_html_nor_404(web: FlaskClient, pems: list[str]) -> None:
    doc = {"id": "https://a.example/1", "type": "Follow", "actor": "https://a.example/u", "object": OURS}
    arrival = signed(doc, pem=pems[0], key_id="https://a.example/u#main-key", now=datetime.now(UTC))
    bodies = [
        (post(web, arrival, **{"Content-Type": "text/plain"}), 415),
        (post(web, arrival, **{"Content-Encoding": "gzip"}), 415),
        (post(web, arrival, Signature="nonsense"), 401),
        (web.post("/inbox", data=b"<html>", content_type="application/activity+json", base_url=OURS), 400),
        (web.post("/inbox", data=b" " * 1048577, content_type="application/activity+json", base_url=OURS), 413),
        (web.get("/inbox", base_url=OURS), 405),
        (web.post("/users/ciq/outbox", base_url=OURS), 405),
    ]
    for answer, status in bodies:
        assert answer.status_code == status
        assert answer.content_type == "application/json"
        assert codec.load(answer.data).keys() == {"error"}


def test_our_own_failure_is_try_again_later(web: FlaskClient, pems: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        msg = "private detail"
        raise RuntimeError(msg)

    monkeypatch.setattr(inbox, "receive_all", fail)
    answer = web.post("/inbox", data=b"{}", content_type="application/activity+json", base_url=OURS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert b"private" not in answer.data
