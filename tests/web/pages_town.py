"""A small fictional town with its pages, for the tests of the residents' pages."""

import atexit
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from federation.models import Direction, Follow, FollowState, RemoteActor
from instance import listings, logins, news, organisations, places, residents
from instance.audience import Audience
from instance.listings import Listing
from instance.news import NewsItem
from instance.organisations import Kind, Organisation
from instance.places import Building, Quarter
from instance.residents import Resident, Role
from tests import servers
from web import home, secret, stores, tables
from web.settings import Settings

NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)
PASSWORD = "une phrase de passe"
ORIGIN = "http://voisins.localhost:8100"


@dataclass
class Town:
    """Two buildings in two quarters, a city-wide town hall, a committee, a developer."""

    app: Flask
    store: stores.Store
    outside: stores.Store
    quarter: Quarter
    far_quarter: Quarter
    building: Building
    far_building: Building
    ana: Resident  # lives in the building
    ben: Resident  # her neighbour
    cleo: Resident  # another building, another quarter
    moderator: Resident  # likewise there
    editor: Resident  # writes for the committee, lives with cleo
    committee: Organisation
    developer: Organisation
    town_hall: Organisation
    moment: list[datetime] = field(default_factory=lambda: [NOW])

    def visitor(self) -> FlaskClient:
        return self.app.test_client()

    def browser(self, resident: Resident) -> FlaskClient:
        """A signed-in browser."""
        client = self.app.test_client()
        with self.store.write() as session:
            found = session.get(Resident, resident.id)
            assert found is not None
            token = logins.open_login(session, resident=found, now=NOW)
            session.commit()
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return client

    @contextmanager
    def home(self) -> Iterator[Session]:
        """A writing session on the home store that commits."""
        with self.store.write() as session:
            yield session
            session.commit()

    def listing(
        self, *, by: Resident, audience: Audience, title: str = "Une grande échelle", now: datetime = NOW
    ) -> Listing:
        """A request by somebody."""
        with self.home() as session:
            author = session.get(Resident, by.id)
            assert author is not None
            return listings.request(
                session,
                by=author,
                title=title,
                body="Pour changer une ampoule.",
                audience=audience,
                now=now,
                byline="Une voisine" if audience is Audience.NETWORK else None,
            )

    def item(
        self, *, audience: Audience, organisation: Organisation | None = None, title: str = "Le marché déménage"
    ) -> NewsItem:
        """News by the committee, written by its editor."""
        with self.home() as session:
            editor = session.get(Resident, self.editor.id)
            writes_for = session.get(Organisation, (organisation or self.committee).id)
            assert editor is not None
            assert writes_for is not None
            return news.post(
                session,
                organisation=writes_for,
                by=editor,
                title=title,
                summary="Il va devant l'école.",
                body="Dès **mardi**.",
                audience=audience,
                now=NOW,
                building=session.get(Building, self.building.id) if audience is Audience.BUILDING else None,
            )


@cache
def _template() -> tuple[Path, dict[str, Any]]:
    """The two filled stores, made once a run: hashing five passwords takes longer than a test."""
    folder = Path(tempfile.mkdtemp(prefix="palier-pages-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    settings = _settings(folder)
    secret.ensure(settings.secret_key_file)
    servers.fill(settings.home_database_url, tables.HOME)
    servers.fill(settings.federation_database_url, tables.FEDERATION)
    opened, outside = stores.open_store(settings.home_database_url), stores.open_store(settings.federation_database_url)
    with opened.write() as session:
        people = _fill(session)
        session.commit()
    opened.close()
    outside.close()
    return folder, people


def _settings(folder: Path) -> Settings:
    return Settings.read(
        {
            "PALIER_ORIGIN": ORIGIN,
            "PALIER_NAME": "Ville d'Exemple",
            "PALIER_DATA": str(folder),
            "PALIER_DEVELOPMENT": "1",
        }
    )


def build(folder: Path) -> Iterator[Town]:
    """Make the town in a folder; closes its stores afterwards."""
    made, people = _template()
    shutil.copytree(made, folder, dirs_exist_ok=True)
    settings = _settings(folder)
    opened, outside = stores.open_store(settings.home_database_url), stores.open_store(settings.federation_database_url)
    moment = [NOW]
    app = home.create_app(settings, now=lambda: moment[0])
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)
    yield Town(app=app, store=opened, outside=outside, moment=moment, **people)
    for store in (*stores.of(app).values(), opened, outside):
        store.close()


def _fill(session: Session) -> dict[str, Any]:
    city = places.add_city(session, name="Exemple", insee="99001", now=NOW)
    near = places.add_quarter(session, city=city, name="Les Acacias", postcode="99001", district=None, now=NOW)
    far = places.add_quarter(session, city=city, name="Le Port", postcode="99002", district=None, now=NOW)
    places.open_quarter(session, quarter=near, now=NOW)
    building = places.add_building(
        session, quarter=near, name="Le Sémaphore", street="14 rue Imaginaire", lots=["1", "2", "3"], now=NOW
    )
    other = places.add_building(
        session, quarter=far, name="La Vigie", street="3 quai Rêvé", lots=["1", "2", "3"], now=NOW
    )

    def person(login: str, first: str, last: str, home_of: Building, lot: int, role: Role = Role.RESIDENT) -> Resident:
        made = residents.register(
            session,
            login=login,
            first_name=first,
            last_name=last,
            password=PASSWORD,
            email=None,
            locale="en",
            now=NOW,
            role=role,
        )
        residents.move_in(session, resident=made, lot=home_of.lots[lot], now=NOW)
        return made

    people = {
        "ana": person("ana", "Ana", "Inventée", building, 0),
        "ben": person("ben", "Ben", "Fictif", building, 1),
        "cleo": person("cleo", "Cléo", "Imaginaire", other, 0),
        "moderator": person("modo", "Maud", "Modèle", other, 1, Role.MODERATOR),
        "editor": person("edith", "Édith", "Plume", other, 2),
    }
    committee = organisations.found(
        session,
        name="Comité des Acacias",
        kind=Kind.COMMITTEE,
        summary="Le quartier.",
        now=NOW,
        slug="comite",
        quarter=near,
        verified=True,
    )
    developer = organisations.found(
        session, name="Bâtisseurs Fictifs", kind=Kind.DEVELOPER, summary="Le chantier.", now=NOW, slug="batisseurs"
    )
    town_hall = organisations.found(
        session, name="Mairie d'Exemple", kind=Kind.TOWN_HALL, summary="La ville.", now=NOW, slug="mairie"
    )
    building.installer_id = developer.id
    for one in (committee, developer, town_hall):
        organisations.add_member(session, organisation=one, resident=people["editor"], now=NOW)
    return {
        "quarter": near,
        "far_quarter": far,
        "building": building,
        "far_building": other,
        "committee": committee,
        "developer": developer,
        "town_hall": town_hall,
        **people,
    }


def follow(town: Town, *, own_username: str, host: str) -> None:
    """An actor of another host follows one of ours."""
    remote = f"https://{host}/actor"
    with town.outside.write() as session:
        session.add(
            RemoteActor(
                uri=remote, host=host, kind="Application", username="palier", inbox=f"{remote}/inbox", fetched_at=NOW
            )
        )
        session.add(
            Follow(
                direction=Direction.IN.value,
                own_username=own_username,
                remote_uri=remote,
                activity_uri=f"{remote}/follows/{uuid.uuid4()}",
                state=FollowState.ACCEPTED.value,
                created_at=NOW,
            )
        )
        session.commit()


def same_answer(one: TestResponse, other: TestResponse) -> None:
    """Two answers are the same to whoever gets them, but for the address asked and the form's own token."""
    assert _bare(one) == _bare(other)


def _bare(answer: TestResponse) -> tuple[int, str, str]:
    text = re.sub(r'(name="csrf_token"[^>]* value=)"[^"]*"', r"\1", answer.text)
    return answer.status_code, _no_id(answer.headers.get("Location", "")), _no_id(text)


def _no_id(text: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", text)
