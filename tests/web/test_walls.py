"""Whatever residents are called and wherever they live, nothing of it comes out on a wall."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from instance import halls, residents
from instance.audience import Audience
from instance.halls import Wall
from tests import streams
from tests.instance import neighbourhood
from tests.instance.neighbourhood import NOW
from web import stores
from web.live import application
from web.live.drawing import Draw
from web.settings import Settings
from web.views import walls

# Letters that stand in no word of a wall, so that a name that is found was brought there.
NAMES = st.text(alphabet="đŋħłþæø", min_size=3, max_size=12).map(str.title)
LOTS = st.integers(100_000, 999_999).map(str)
FORBIDDEN = re.compile(r"<img|<picture|<video|<iframe|background-image|data:image|floor|étage", re.IGNORECASE)


@pytest.fixture(scope="module")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Draw]:
    folder = tmp_path_factory.mktemp("walls")
    environ = streams.environment(folder, home_url=f"sqlite:///{folder / 'home.sqlite'}", broker_url="bundled", port=1)
    given_settings = Settings.read({name: value for name, value in environ.items() if name.startswith("PALIER_")})
    app = application.create_app(given_settings, now=lambda: NOW)
    yield Draw(app, settings=given_settings)
    stores.of(app)[stores.HOME].close()


def shown(draw: Draw, wall: Wall) -> str:
    """Everything that a wall sends to a screen."""
    with draw.speaking():
        return "".join(one.html for one in walls.parts(wall, origin="https://voisins.example", key=b"a key", now=NOW))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=NAMES, last=NAMES, lot=LOTS)
def test_no_name_no_lot_no_floor_and_no_picture_of_anybody(draw: Draw, first: str, last: str, lot: str) -> None:
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        somebody = residents.register(
            session,
            login="quelquun",
            first_name=first,
            last_name=last,
            password=neighbourhood.PASSWORD,
            email="quelquun@voisins.example",
            locale="fr",
            role=residents.Role.RESIDENT,
            now=NOW,
        )
        town.lilas.lots[0].number = lot
        residents.move_in(session, resident=somebody, lot=town.lilas.lots[0], now=NOW)
        developer, committee = town.organisation(somebody), town.organisation(somebody)
        town.lilas.installer_id = developer.id
        for audience in Audience:
            town.offer(somebody, audience).body = f"Demandez {first}, lot {lot}."
        town.post(somebody, developer, Audience.BUILDING, building=town.lilas, body=f"{first} {last}")
        town.post(somebody, committee, Audience.INSTANCE, body=last, urgent_until=NOW + timedelta(hours=1))
        wall = halls.of_building(session, building=town.lilas)
        assert all((wall.installer, wall.at_home, wall.around, wall.urgent))
        for text in (shown(draw, wall), repr(wall)):
            for word in (first, last, lot, "quelquun", "Une voisine", str(somebody.public_id), str(somebody.id)):
                assert word not in text
            assert not FORBIDDEN.search(text)


def test_the_same_words_have_the_same_version_and_other_words_another(draw: Draw) -> None:
    with neighbourhood.fresh_session() as session, draw.speaking():
        town = neighbourhood.build(session)
        ines = town.resident(town.lilas)

        def versions() -> dict[str, str]:
            wall = halls.of_building(session, building=town.lilas)
            return {
                one.name: one.version
                for one in walls.parts(wall, origin="https://voisins.example", key=b"a key", now=NOW)
            }

        empty = versions()
        assert list(empty) == list(walls.PARTS)
        assert versions() == empty
        offer = town.offer(ines, Audience.BUILDING)
        hung = versions()
        assert {name for name in empty if hung[name] != empty[name]} == {"home"}
        offer.state = "withdrawn"
        session.flush()
        assert versions() == empty


def test_a_part_is_the_same_in_a_whole_quarter(draw: Draw) -> None:
    with neighbourhood.fresh_session() as session, draw.speaking():
        town = neighbourhood.build(session)
        town.offer(town.resident(town.far), Audience.INSTANCE)
        found = [
            {
                one.name: one
                for one in walls.parts(
                    halls.of_building(session, building=building),
                    origin="https://voisins.example",
                    key=b"a key",
                    now=NOW,
                )
            }
            for building in (town.lilas, town.tilleuls, town.far)
        ]
        assert found[0]["around"] is found[1]["around"], "drawn once"
        assert found[0]["around"].version != found[2]["around"].version, "another quarter's name"


def test_a_code_can_be_read_and_leads_to_our_own_origin() -> None:
    drawing = walls.qr("https://voisins.example/notices/00000000-0000-4000-8000-000000000000")
    assert drawing.startswith("<svg")
    assert "href" not in drawing
