"""How two towns meet through their doors, over real sockets on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from activitypub.vocabulary import PUBLIC, ActorKind, Article, Create
from federation import delivery, identity, inbox, peers, sending
from federation.http import Client
from federation.models import Activity, Follow, Letter
from tests.federation.test_door import settings
from web import door, stores


class Quiet(WSGIRequestHandler):
    def log(self, *_: object, **__: object) -> None:
        pass


@dataclass
class Town:
    """One town with its door open on loopback and a courier in hand."""

    origin: str
    store: stores.Store
    client: Client

    def round(self) -> None:
        now = datetime.now(UTC)
        peers.run_errands(self.store.write, client=self.client, origin=self.origin, now=now)
        inbox.settle(self.store.write, client=self.client, origin=self.origin, now=now)
        with self.store.read() as session:
            hosts = sending.hosts_due(session, now=datetime.now(UTC))
        for host in hosts:
            sending.drain(
                self.store.write, client=self.client, host=host, origin=self.origin, now=lambda: datetime.now(UTC)
            )


@contextmanager
def open_town(url: str, folder: Path, address: str, name: str) -> Iterator[Town]:
    store = stores.open_store(url)
    server = make_server(address, 0, lambda _environ, _start: [], threaded=True, request_handler=Quiet)
    origin = f"http://{address}:{server.server_port}"
    with store.write.begin() as session:
        for username, kind in (
            ("palier", ActorKind.APPLICATION),
            ("instance", ActorKind.SERVICE),
            (f"{name}_quarter", ActorKind.GROUP),
        ):
            identity.ensure(
                session, username=username, kind=kind, name=f"{name} {username}", origin=origin, now=datetime.now(UTC)
            )
    app = door.create_app(settings(store, folder, origin))
    server.app = app
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    client = Client(origin=origin, development=True)
    try:
        yield Town(origin, store, client)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        client.close()
        stores.of(app)["federation"].close()
        store.close()


def test_two_towns_meet_follow_and_pass_news(make_store: Any, tmp_path: Path) -> None:
    with (
        open_town(make_store("federation"), tmp_path / "a", "127.0.0.1", "aix") as aix,
        open_town(make_store("federation"), tmp_path / "b", "127.0.0.2", "endoume") as endoume,
    ):
        quarter = f"{endoume.origin}/users/endoume_quarter"
        with aix.store.write.begin() as session:
            peer = peers.add(session, host=endoume.origin, now=datetime.now(UTC))
        aix.round()
        with aix.store.write.begin() as session:
            peer = session.get_one(type(peer), peer.id)
            assert peer.desk_uri == f"{endoume.origin}/users/instance"
            assert [entry["uri"] for entry in peer.directory] == [quarter]
            peers.follow(session, own_username="instance", target=quarter, now=datetime.now(UTC))
        aix.round()  # sends Follow
        endoume.round()  # fetches aix's key, accepts
        endoume.round()  # sends Accept
        aix.round()
        with aix.store.read() as session:
            assert peers.follows(session, remote_uri=quarter)
        with endoume.store.write.begin() as session:
            inboxes = peers.followers_inboxes(session, own_usernames=["endoume_quarter"])
            assert inboxes == {f"{aix.origin}/inbox"}
            article = Article(id=f"{quarter}/articles/1", attributed_to=quarter, name="Fair", content="<p>Sunday</p>")
            word = Create(id=f"{quarter}/articles/1/activity", actor=quarter, object=article, to=(PUBLIC,))
            activity = delivery.write(
                session, word=word, actor_username="endoume_quarter", public=True, now=datetime.now(UTC)
            )
            delivery.post(session, activity=activity, inboxes=inboxes, object_uri=article.id, now=datetime.now(UTC))
        endoume.round()
        aix.round()
        with aix.store.read() as session:
            letter = session.scalars(select(Letter).where(Letter.type == "Create")).one()
            assert (letter.state, letter.author_uri) == ("verified", quarter)
            assert len(session.scalars(select(Follow)).all()) == 1
        with endoume.store.read() as session:
            assert session.scalars(select(Activity.type).order_by(Activity.id)).all() == ["Accept", "Create"]
