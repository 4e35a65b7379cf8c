"""`palier init` on a terminal: what it asks, what it refuses, what it leaves alone the second time; and its options."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from instance import cities, residents
from tests.web.terminal import converse
from web import stores
from web.commands import init

pytestmark = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """A terminal where nothing was set."""
    return {"PATH": os.environ["PATH"], "LANG": "en_GB.UTF-8", "PYTHONUTF8": "1", "TERM": "dumb"}


def known(folder: Path) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Cities with their quarters, and logins with their roles."""
    store = stores.open_store(f"sqlite:///{folder}/home/store.sqlite")
    with store.read() as session:
        towns = {
            one.insee: [quarter.name for quarter in cities.quarters_of(session, city=one)]
            for one in cities.cities(session)
        }
        people = [(one.login, one.role) for one in session.query(residents.Resident)]
    store.close()
    return towns, people


def test_a_first_time_is_led_from_the_address_to_a_quarter(bare: dict[str, str], tmp_path: Path) -> None:
    data = tmp_path / "data"
    status, shown = converse(
        bare,
        ["init"],
        [
            ("PALIER_ORIGIN", "voisins.example/chemin"),
            ("This cannot be used. PALIER_ORIGIN", "http://127.0.0.1:8123"),
            ("Is it one?", "y"),
            ("PALIER_NAME", "Voisins d'Exemple"),
            ("PALIER_DATA", str(data)),
            ("PALIER_CONTACT_EMAIL", "no address"),
            ("This cannot be used. PALIER_CONTACT_EMAIL", ""),
            ("Login name", "Marthe Régie"),
            ("Password", "une phrase de passe"),
            ("once more", "une phrase de passe"),
            ("Choose 3 to 30 small letters", "marthe"),
            ("Password", "une phrase de passe"),
            ("once more", "une phrase de passe"),
            ("Your choice", "2"),
            ("Name of the city", "Exemple-sur-Mer"),
            ("INSEE code", "99"),
            ("Write the five characters", "2a904"),
            ("First quarter", "Le Port"),
            ("Write the name of the quarter", "Le Port 99001"),
            ("Another one", "le port 99002"),
            ("there twice", "La Gare 99002"),
            ("Another one", ""),
        ],
    )
    assert status == 0, shown
    assert "une phrase de passe" not in shown
    assert "marthe is administrator" in shown
    assert "Exemple-sur-Mer has 2 quarters" in shown
    for line in (
        "export PALIER_ORIGIN=http://127.0.0.1:8123",
        "export PALIER_DEVELOPMENT=1",
        "export PALIER_NAME='Voisins d'\"'\"'Exemple'",
        f"export PALIER_DATA={data}",
        "palier serve",
        "http://127.0.0.1:8123/admin/start  (marthe)",
    ):
        assert line in shown
    assert known(data) == ({"2A904": ["Le Port", "La Gare"]}, [("marthe", "administrator")])


def test_a_second_time_asks_nothing_and_changes_nothing(bare: dict[str, str], tmp_path: Path) -> None:
    environ = bare | {
        "PALIER_ORIGIN": "http://127.0.0.1:8123",
        "PALIER_DEVELOPMENT": "1",
        "PALIER_DATA": str(tmp_path / "data"),
        "LANG": "fr_FR.UTF-8",
    }
    first = [("Identifiant", "marthe"), ("Mot de passe", "une phrase de passe"), ("encore", "une phrase de passe")]
    status, shown = converse(environ, ["init"], [*first, ("Votre choix", "1")])
    assert status == 0, shown
    assert "111 quartiers" in shown
    before = known(tmp_path / "data")
    assert len(before[0]["13055"]) == 111
    status, shown = converse(environ, ["init"], [])
    assert status == 0, shown
    assert "Votre choix" not in shown
    assert "/admin/start" in shown
    assert known(tmp_path / "data") == before


def test_a_city_by_options(tmp_path: Path) -> None:
    environ = {
        "PALIER_ORIGIN": "http://127.0.0.1:8123",
        "PALIER_DEVELOPMENT": "1",
        "PALIER_DATA": str(tmp_path / "data"),
        "LC_ALL": "en_GB.UTF-8",
    }
    shell = CliRunner(env=environ)
    for wrong, told in (
        (["--insee", "2A904"], "belong to --city"),
        (["--city", "Exemple"], "--city needs --insee"),
        (["--city", "Exemple", "--insee", "1", "--quarter", "A 99001"], "Write the five characters"),
        (["--city", "Exemple", "--insee", "2A904", "--quarter", "A"], "A: Write the name of the quarter"),
    ):
        done = shell.invoke(init.command, wrong)
        assert done.exit_code == 2
        assert told in done.output
        assert not (tmp_path / "data").exists()
    options = ["--city", "Exemple", "--insee", "2a904", "--quarter", "Le Port 99001", "--quarter", "99002 La Gare"]
    for _ in range(2):
        done = shell.invoke(init.command, options)
        assert done.exit_code == 0, done.output
        assert "Exemple has 2 quarters here" in done.output
    assert known(tmp_path / "data")[0] == {"2A904": ["Le Port", "La Gare"]}
    assert shell.invoke(init.command, [*options, "--quiet"]).output == ""
