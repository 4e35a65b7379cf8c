"""Every page that can be reached by links, on each engine: what SQLite forgives, PostgreSQL may not."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from activitypub.vocabulary import ActorKind
from federation import identity, peers
from tests.conftest import StoreUrls
from web import home, secret, stores
from web.demo import seed
from web.demo.people import MARSEILLE, PASSWORD
from web.frame import context
from web.settings import Settings

NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)
LEFT_OUT = ("/admin/blocklist/blocks.csv", "/source.tar.gz", "/static/")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture
def app(store_urls: StoreUrls, tmp_path: Path):
    settings = Settings.read(
        {
            "PALIER_ORIGIN": "http://127.0.0.1:8100",
            "PALIER_DEVELOPMENT": "1",
            "PALIER_DATA": str(tmp_path),
            "PALIER_HOME_DATABASE_URL": store_urls.home,
            "PALIER_FEDERATION_DATABASE_URL": store_urls.federation,
        }
    )
    secret.ensure(settings.secret_key_file)
    made = home.create_app(settings, now=lambda: NOW)
    opened = stores.of(made)
    with opened[stores.HOME].write.begin() as session:
        pepper = context.letterbox_pepper(settings)
        seed.settle_in(session, scene=MARSEILLE, pepper=pepper, now=NOW, advance=lambda: None)
        seed.hang_up(session, scene=MARSEILLE, root=tmp_path, now=NOW)
    with opened[stores.FEDERATION].write.begin() as session:
        shared = {"origin": settings.origin, "now": NOW, "name": "Marseille"}
        identity.ensure(session, username=identity.APPLICATION, kind=ActorKind.APPLICATION, **shared)
        identity.ensure(session, username="jardins_saint_julien", kind=ActorKind.ORGANIZATION, **shared)
        peers.add(session, host="127.0.0.2:8200", now=NOW)
    yield made
    for store in opened.values():
        store.close()


def send(client: FlaskClient, page: str, path: str, **data: str):
    token = TOKEN.search(client.get(page).text)
    assert token is not None
    return client.post(path, data={"csrf_token": token[1], **data}, follow_redirects=True)


def test_every_page_within_reach_answers(app) -> None:
    for login in ("odile", "jardins", "moderation", "admin"):
        client = app.test_client()
        assert "Se connecter" not in send(client, "/sign-in", "/sign-in", name=login, password=PASSWORD).text
        waiting, seen = ["/"], set()
        while waiting:
            path = waiting.pop()
            if path in seen or path.startswith(LEFT_OUT):
                continue
            seen.add(path)
            answer = client.get(path)
            assert answer.status_code == 200, f"{login}: {path} answered {answer.status_code}"
            waiting += [one.replace("&amp;", "&") for one in re.findall(r'href="(/[^"#]*)"', answer.text)]
        assert len(seen) > 12, login


def test_a_life_of_forms(app) -> None:
    odile, moderator = app.test_client(), app.test_client()
    send(odile, "/sign-in", "/sign-in", name="odile", password=PASSWORD)
    send(moderator, "/sign-in", "/sign-in", name="moderation", password=PASSWORD)
    composer = "/listings/new?kind=offer"
    hung = send(odile, composer, composer, audience="quarter", title="Une luge", body="Pour l’hiver.", byline="")
    assert hung.status_code == 200
    found = re.search(r"/notices/([0-9a-f-]{36})/withdraw", hung.text)
    assert found is not None
    notice = f"/notices/{found[1]}"
    edited = send(odile, f"{notice}/edit", f"{notice}/edit", title="Une grande luge", body="Oui.")
    assert "Une grande luge" in edited.text
    assert send(odile, f"{notice}/narrow", f"{notice}/narrow", audience="building").status_code == 200
    reported = f"/report/notice/{found[1]}"
    assert send(odile, reported, reported, reason="Pour essayer.").status_code == 200
    desk = moderator.get("/moderation").text
    case = re.search(r"/moderation/reports/[0-9a-f-]{36}", desk)
    assert case is not None
    assert send(moderator, case[0], case[0], step="hide", rule="place", reason="Pour essayer.").status_code == 200
    assert odile.get(notice).status_code == 404
