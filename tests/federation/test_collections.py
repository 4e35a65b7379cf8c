"""Our collections: pages that lead both ways, cursors that somebody made up, and what is still to come."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from sqlalchemy import select

from activitypub import codec
from activitypub.vocabulary import PUBLIC, Event
from federation import collections
from federation.models import Activity, Document, DocumentState, OwnActor
from tests.federation.neighbours import OURS
from tests.federation.test_door import AS2, publish, settings
from web import door, stores


@pytest.fixture
def web(town: stores.Store, tmp_path: Path) -> Iterator[FlaskClient]:
    app = door.create_app(settings(town, tmp_path))
    with app.app_context():
        yield app.test_client()
    stores.of(app)["federation"].close()


def test_the_outbox_has_pages_of_public_activities(web: FlaskClient, town: stores.Store, clock: datetime) -> None:
    for number in range(45):
        publish(town, clock, number=number, public=number != 7)
    outbox = codec.load(web.get("/users/ciq/outbox", headers=AS2).data)
    assert outbox["totalItems"] == 44
    seen: list[str] = []
    url: Any = outbox["first"]
    while url:
        page = codec.load(web.get(url.removeprefix(OURS), headers=AS2).data)
        items: Any = page.get("orderedItems", [])
        seen += [item["id"] for item in items]
        url = page.get("next")
    assert len(seen) == len(set(seen)) == 44
    assert seen[0].endswith("/44/activity")
    assert not any("/articles/7/" in uri for uri in seen)
    # And back again, from the last page to the first.
    back: list[str] = [item["id"] for item in items]
    while page.get("prev"):
        page = codec.load(web.get(str(page["prev"]).removeprefix(OURS), headers=AS2).data)
        items = page["orderedItems"]
        assert len(items) <= 20
        back = [item["id"] for item in items] + back
    assert back == seen
    followers = codec.load(web.get("/users/ciq/followers", headers=AS2).data)
    assert (followers["totalItems"], "first" in followers) == (0, False)


CIQ = f"{OURS}/users/ciq/articles"
NEARLY = [
    f"{CIQ}/7/activity",  # private
    f"{CIQ}/3",  # an object
    f"{CIQ}/3/activity/",
    f"{CIQ}/3/activity#x",
    f"{CIQ}/3/ACTIVITY",
    f"{CIQ}/3/activity%00",
    f"{CIQ}/%33/activity",
    f"{OURS}/users/endoume/announces/1",
    "x" * 5000,
    "\0",
    "' OR 1=1 --",
    "-1",
]


@given(cursor=st.text() | st.sampled_from(NEARLY), name=st.sampled_from(["before", "after"]))
@tried(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cursor_that_is_not_in_the_list_opens_an_empty_page(
    web: FlaskClient, town: stores.Store, clock: datetime, cursor: str, name: str
) -> None:
    with town.read() as session:
        if session.scalar(select(Activity.id).limit(1)) is None:
            for number in range(2, 9):
                publish(town, clock, number=number, public=number != 7)
    answer = web.get("/users/ciq/outbox", query_string={"page": "1", name: cursor}, headers=AS2)
    page = codec.load(answer.data)
    assert (answer.status_code, page["type"], page["orderedItems"]) == (200, "OrderedCollectionPage", [])
    assert not {"next", "prev"} & page.keys()


def test_what_an_organisation_features_is_still_to_come(web: FlaskClient, town: stores.Store, clock: datetime) -> None:
    me = f"{OURS}/users/ciq"
    for number, (begins, lasts) in enumerate([(5, 2), (-1, 2), (-9, None), (2, None), (-3, 2)]):
        start = clock + timedelta(hours=begins)
        uri = f"{me}/events/{number}"
        end = start + timedelta(hours=lasts) if lasts else None
        event = Event(id=uri, attributed_to=me, name="Fête", start=start, end=end, to=(PUBLIC,))
        with town.write.begin() as session:
            session.add(
                Document(
                    uri=uri,
                    actor_username="ciq",
                    type="Event",
                    state=DocumentState.LIVE,
                    body=codec.encode(codec.write(event)),
                    published=clock,
                    version=1,
                    listed=number != 3,
                )
            )
    found = codec.load(web.get("/users/ciq/featured", headers=AS2).data)
    assert found["orderedItems"] == [f"{me}/events/1", f"{me}/events/0"]
    assert codec.load(web.get("/users/ciq", headers=AS2).data)["featured"] == f"{me}/featured"
    assert web.get("/users/endoume/featured", headers=AS2).status_code == 404


def add_quarters(town: stores.Store, clock: datetime, *, count: int) -> None:
    with town.write.begin() as session:
        for number in range(count):
            session.add(
                OwnActor(
                    username=f"q{number:03}",
                    kind="Group",
                    name=f"Quartier {number}",
                    summary="",
                    published=clock,
                    created_at=clock,
                    key_id=f"{OURS}/users/q{number:03}#main-key",
                    private_pem="",
                    public_pem="",
                )
            )


def test_a_stream_that_one_page_holds_is_in_the_list_itself(
    web: FlaskClient, town: stores.Store, clock: datetime
) -> None:
    add_quarters(town, clock, count=collections.STREAM_PAGE - 1)  # one is there
    stream = codec.load(web.get("/actor/quarters", headers=AS2).data)
    items: Any = stream["orderedItems"]
    assert len(items) == stream["totalItems"] == collections.STREAM_PAGE
    assert "first" not in stream


def test_a_longer_stream_has_pages_and_counts_everybody(web: FlaskClient, town: stores.Store, clock: datetime) -> None:
    add_quarters(town, clock, count=2 * collections.STREAM_PAGE)
    stream = codec.load(web.get("/actor/quarters", headers=AS2).data)
    assert stream["totalItems"] == 2 * collections.STREAM_PAGE + 1
    assert "orderedItems" not in stream
    seen: list[str] = []
    url: Any = stream["first"]
    while url:
        page = codec.load(web.get(url.removeprefix(OURS), headers=AS2).data)
        items: Any = page["orderedItems"]
        assert len(items) <= collections.STREAM_PAGE
        seen += [item["preferredUsername"] for item in items]
        url = page.get("next")
    assert len(seen) == stream["totalItems"]
    assert seen == sorted(set(seen))
    assert web.get("/actor/quarters?page=1&after=%00", headers=AS2).status_code == 404
    assert web.get("/actor/nobody?page=1", headers=AS2).status_code == 404
