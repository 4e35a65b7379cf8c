"""Without the development setting, plain http and addresses that are not public are refused before any connection."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select

from activitypub import codec, keys, signatures
from activitypub.vocabulary import ActorKind
from federation import connections, identity, inbox, peers
from federation.base import Answer, Federation, OwnKey, PeerRefused, Unreachable
from federation.http import Client
from federation.models import Follow, Letter
from tests import servers
from web import door, stores
from web.settings import BadSettings, Settings, SideSettings

ROOT = Path(__file__).parents[2]
PRODUCTION = "https://voisins.example"


@dataclass(slots=True)
class Neighbour:
    """A server on loopback that counts who comes."""

    port: int = 0
    visits: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Its authority."""
        return f"127.0.0.1:{self.port}"


@pytest.fixture
def neighbour() -> Iterator[Neighbour]:
    with listening() as found:
        yield found


@contextmanager
def listening() -> Iterator[Neighbour]:
    found = Neighbour()

    class Counting(ThreadingHTTPServer):
        def verify_request(self, *given: Any) -> bool:
            # Before a byte is read: a TLS greeting counts like a request.
            found.visits.append(str(given[1]))
            return super().verify_request(*given)

    class Silent(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, *_given: object) -> None:
            pass

    with Counting(("127.0.0.1", 0), Silent) as server:
        found.port = server.server_address[1]
        thread = Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield found
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def key() -> OwnKey:
    return OwnKey(key_id=f"{PRODUCTION}/actor#main-key", private_pem=keys.generate())


def visit(client: Client, url: str, *, key: OwnKey) -> str:
    """Knock with both verbs; why it did not work, for good or for now."""
    with pytest.raises(Unreachable) as refusal:
        client.fetch_json(url, key=key)
    assert client.post(url, body=b"{}", key=key).status in {404, 410, 0, 501}
    return refusal.value.why if not refusal.value.transient else "for now"


SPELLINGS = (
    "http://127.0.0.1:{port}/actor",
    "https://127.0.0.1:{port}/actor",
    "https://localhost:{port}/actor",
    "https://palier.localhost:{port}/actor",
    "https://2130706433:{port}/actor",
    "https://127.1:{port}/actor",
    "https://0x7f.0.0.1:{port}/actor",
    "https://[::1]:{port}/actor",
    "https://[::ffff:127.0.0.1]:{port}/actor",
    "https://voisins.example@127.0.0.1:{port}/actor",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_without_the_setting_nobody_on_loopback_is_visited(neighbour: Neighbour, key: OwnKey, spelling: str) -> None:
    client = Client(origin=PRODUCTION, development=False)
    assert visit(client, spelling.format(port=neighbour.port), key=key) != "for now"
    client.close()
    assert neighbour.visits == []


def test_with_the_setting_the_same_visit_is_made(neighbour: Neighbour, key: OwnKey) -> None:
    client = Client(origin="http://127.0.0.1:9", development=True)
    assert visit(client, f"http://{neighbour.host}/actor", key=key) == "answered 404"
    client.close()
    assert neighbour.visits


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "192.168.1.20", "169.254.169.254", "::1", "fc00::8"])
def test_a_public_name_that_leads_nearby_is_not_dialled(
    monkeypatch: pytest.MonkeyPatch, key: OwnKey, address: str
) -> None:
    dialled: list[object] = []
    monkeypatch.setattr(connections.socket, "create_connection", lambda *given: dialled.append(given))
    client = Client(origin=PRODUCTION, development=False, resolve=lambda _host, _port: ["2606:4700::1", address])
    why = "the name leads to an address that is not public"
    with pytest.raises(Unreachable, match=why):
        client.fetch_json("https://autre.example/actor", key=key)
    # No answer, so a letter is tried again by the table; each time the name is looked up anew.
    assert client.post("https://autre.example/inbox", body=b"{}", key=key) == Answer(status=0, error=why)
    client.close()
    assert dialled == []


# --- the settings


@pytest.mark.parametrize("read", [Settings.read, SideSettings.read])
def test_an_http_origin_needs_the_setting(read: Any) -> None:
    environ = {"PALIER_ORIGIN": "http://127.0.0.1:8100"}
    with pytest.raises(BadSettings, match=r"PALIER_ORIGIN.*PALIER_DEVELOPMENT=1"):
        read(environ)
    assert read(environ | {"PALIER_DEVELOPMENT": "1"}).authority == "127.0.0.1:8100"


def test_an_instance_does_not_start_on_http_without_the_setting(tmp_path: Path) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "PALIER_ORIGIN": "http://127.0.0.1:8100",
        "PALIER_DATA": str(tmp_path / "data"),
    }
    command = [sys.executable, "-m", "web.cli", "serve"]
    done = subprocess.run(command, env=environ, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "PALIER_ORIGIN" in done.stderr
    assert "PALIER_DEVELOPMENT=1" in done.stderr
    assert not (tmp_path / "data").exists()


# --- whoever makes us look somewhere


@pytest.fixture
def store(tmp_path: Path) -> Iterator[stores.Store]:
    url = f"sqlite:///{tmp_path}/federation/store.sqlite"
    servers.fill(url, Federation.metadata)
    opened = stores.open_store(url)
    yield opened
    opened.close()


def settle_in(store: stores.Store, *, origin: str) -> None:
    with store.write.begin() as session:
        for username, kind in ((identity.APPLICATION, ActorKind.APPLICATION), (identity.DESK, ActorKind.SERVICE)):
            identity.ensure(session, username=username, kind=kind, name="", origin=origin, now=datetime.now(UTC))


@pytest.mark.parametrize("is_development", [False, True])
def test_a_letter_cannot_make_the_courier_look_nearby(
    store: stores.Store, neighbour: Neighbour, key: OwnKey, tmp_path: Path, *, is_development: bool
) -> None:
    """The key of a signature is fetched before anybody is known: the most exposed fetch of all."""
    origin = "http://127.0.0.1:9" if is_development else PRODUCTION
    settle_in(store, origin=origin)
    settings = SideSettings.read(
        {
            "PALIER_ORIGIN": origin,
            "PALIER_DEVELOPMENT": str(int(is_development)),
            "PALIER_DATA": str(tmp_path),
            "PALIER_FEDERATION_DATABASE_URL": str(store.engine.url),
        }
    )
    application = door.create_app(settings)
    now = datetime.now(UTC)
    actor = f"http://{neighbour.host}/users/asso"
    doc = {"id": f"{actor}#1", "type": "Follow", "actor": actor, "object": f"{origin}/users/instance"}
    body = codec.encode(doc)
    headers = signatures.sign(
        method="POST",
        url=f"{origin}/inbox",
        body=body,
        key_pem=key.private_pem,
        key_id=f"{actor}#main-key",
        now=now,
    )
    taken = application.test_client().post("/inbox", data=body, headers=headers, base_url=origin)
    assert taken.status_code == 202
    client = Client(origin=origin, development=is_development)
    inbox.settle(store.write, client=client, origin=origin, now=datetime.now(UTC))
    client.close()
    for opened in stores.of(application).values():
        opened.close()
    with store.read() as session:
        letter = session.scalars(select(Letter)).one()
        assert letter.state == "refused"
        assert letter.sentence == ("answered 404" if is_development else "only https is spoken")
        assert not session.scalars(select(Follow)).all()
    assert bool(neighbour.visits) is is_development


@pytest.mark.parametrize("target", ["http://{host}/users/asso", "https://{host}/users/asso", "@asso@{host}"])
def test_nobody_nearby_can_be_followed_or_added(store: stores.Store, neighbour: Neighbour, target: str) -> None:
    settle_in(store, origin=PRODUCTION)
    now = datetime.now(UTC)
    with store.write.begin() as session:
        with pytest.raises(PeerRefused, match="follow_malformed"):
            peers.follow(session, own_username=identity.DESK, target=target.format(host=neighbour.host), now=now)
        with pytest.raises(PeerRefused, match="peer_malformed"):
            peers.add(session, host=neighbour.host, now=now)
    client = Client(origin=PRODUCTION, development=False)
    assert peers.run_errands(store.write, client=client, origin=PRODUCTION, now=now) == 0
    client.close()
    assert neighbour.visits == []
