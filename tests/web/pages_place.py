"""One small fictional place with its pages, for the tests of the frame of all pages."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from instance import places, residents, verification
from instance.residents import Role
from tests import servers
from web import home, secret, stores, tables
from web.frame import context
from web.settings import Settings

NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)
PASSWORD = "une phrase de passe"


@dataclass
class Place:
    """A small fictional place with one building."""

    app: Flask
    settings: Settings
    store: stores.Store
    codes: list[str]
    nudges: list[str]

    def browser(self) -> FlaskClient:
        return self.app.test_client()

    def signed_in(self, login: str = "nadia") -> FlaskClient:
        client = self.browser()
        answer = post(client, "/sign-in", name=login, password=PASSWORD)
        assert answer.status_code == 302, answer.text
        return client


def make(folder: Path, *, origin: str = "http://127.0.0.1:8100") -> Place:
    environ = {
        "PALIER_ORIGIN": origin,
        "PALIER_DEVELOPMENT": "1",
        "PALIER_DATA": str(folder),
        "PALIER_NAME": "Les Pins",
    }
    settings = Settings.read(environ)
    secret.ensure(settings.secret_key_file)
    servers.fill(settings.home_database_url, tables.HOME)
    servers.fill(settings.federation_database_url, tables.FEDERATION)
    app = home.create_app(settings, now=lambda: NOW)
    opened = stores.of(app)
    with opened[stores.HOME].write() as session:
        city = places.add_city(session, name="Exemple", insee="99999", now=NOW)
        quarter = places.add_quarter(session, city=city, name="Les Pins", postcode="99000", district=None, now=NOW)
        building = places.add_building(
            session, quarter=quarter, name="Les Cigales", street="14 rue de l’Exemple", lots=["1", "2"], now=NOW
        )
        pepper = context.letterbox_pepper(settings)
        codes = [verification.issue(session, lot=lot, pepper=pepper, now=NOW) for lot in building.lots]
        for login, role in (("nadia", Role.RESIDENT), ("admin", Role.ADMINISTRATOR)):
            residents.register(
                session,
                login=login,
                first_name=login.title(),
                last_name="Exemple",
                password=PASSWORD,
                email=None,
                locale="fr",
                now=NOW,
                role=role,
            )
        session.commit()
    nudges: list[str] = []
    app.extensions[context.NUDGE] = lambda: nudges.append("home")
    return Place(app=app, settings=settings, store=opened[stores.HOME], codes=codes, nudges=nudges)


def token_of(client: FlaskClient, path: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert found, path
    return found[1]


def post(client: FlaskClient, path: str, *, page: str | None = None, **fields: str) -> TestResponse:
    """Send a form as a browser does: with the token of the page it stands on."""
    return client.post(path, data={**fields, "csrf_token": token_of(client, page or path)})
