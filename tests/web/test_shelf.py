"""What the shelf answers is what the door would have answered, and never what was so before."""

from collections.abc import Callable, Iterable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from activitypub import keys
from activitypub.vocabulary import ActorKind
from federation.models import ActorState, OwnActor
from web import door, stores
from web.settings import SideSettings

OURS = "http://127.0.0.2:9999"
ASKED = {"Accept": "application/activity+json"}


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
    yield app.test_client()
    store.close()


def change(web: FlaskClient, **values: str) -> None:
    with stores.of(web.application)[stores.FEDERATION].write.begin() as session:
        row = session.scalars(select(OwnActor)).one()
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
