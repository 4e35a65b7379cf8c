"""A place on its very first day: tables, an administrator, and nothing else."""

import re
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from instance import residents
from instance.residents import Role
from tests import servers
from tests.web.pages_place import NOW, PASSWORD
from web import home, secret, stores, tables
from web.settings import Settings


@dataclass
class Fresh:
    """The place, and who runs it."""

    app: Flask
    store: stores.Store

    def browser(self, login: str | None = None, *, language: str = "en") -> FlaskClient:
        """A browser in a language, signed in by the page for it if somebody is named."""
        client = self.app.test_client()
        client.get(f"/about?lang={language}")
        if login:
            answer = send(client, "/sign-in", name=login, password=PASSWORD)
            assert answer.status_code == 302, answer.text
        return client


def make(folder: Path) -> Fresh:
    settings = Settings.read(
        {
            "PALIER_ORIGIN": "http://127.0.0.1:8100",
            "PALIER_DEVELOPMENT": "1",
            "PALIER_DATA": str(folder),
            "PALIER_NAME": "Les Pins",
        }
    )
    secret.ensure(settings.secret_key_file)
    servers.fill(settings.home_database_url, tables.HOME)
    servers.fill(settings.federation_database_url, tables.FEDERATION)
    app = home.create_app(settings, now=lambda: NOW)
    opened = stores.of(app)
    fresh = Fresh(app=app, store=opened[stores.HOME])
    register(fresh, "marthe", role=Role.ADMINISTRATOR)
    return fresh


def register(fresh: Fresh, login: str, *, role: Role = Role.RESIDENT) -> None:
    """Add an account without a home."""
    with fresh.store.write() as session:
        residents.register(
            session,
            login=login,
            first_name=login.title(),
            last_name="Exemple",
            password=PASSWORD,
            email=None,
            locale="en",
            now=NOW,
            role=role,
        )
        session.commit()


def send(client: FlaskClient, path: str, *, page: str | None = None, **fields: str) -> TestResponse:
    """Send a form as a browser does: with the token of the page it stands on."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(page or path).text)
    assert found, page or path
    return client.post(path, data={**fields, "csrf_token": found[1]})
