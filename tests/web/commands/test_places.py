"""Cities, quarters, buildings, codes and screens from the terminal, on each engine."""

import csv
import io
import json
import stat
from pathlib import Path

import pytest
from sqlalchemy import func, select

from instance import verification
from instance.journal import Change
from instance.places import Building, Quarter
from instance.verification import LetterboxCode
from tests.web.commands.offices import Office
from web.frame import context


def test_a_quarter_is_added_shown_and_opened(office: Office) -> None:
    assert office.json("cities", "add", "Rêve-sur-Mer", "--insee", "2a004") == {
        "insee": "2A004",
        "name": "Rêve-sur-Mer",
    }
    assert "2A004" in {one["insee"] for one in office.json("cities", "list")["cities"]}
    words = ("quarters", "add", "La Butte", "--city", "Rêve-sur-Mer", "--postcode", "20000")
    made = office.json(*words)
    assert (made["slug"], made["open"], made["buildings"]) == ("la_butte", False, 0)
    assert office.refused(*words)["code"] == "quarter_known"
    assert office.json("quarters", "show", "La Butte") == made
    with office.home() as session:
        before = session.scalar(select(func.count()).select_from(Change))
    for _ in range(2):
        assert office.json("quarters", "open", "la_butte")["open"] is True
    with office.home() as session:
        assert session.scalar(select(func.count()).select_from(Change)) == (before or 0) + 1
    opened = office.json("quarters", "list", "--open")["quarters"]
    assert {one["slug"] for one in opened} == {"les_acacias", "la_butte"}
    assert {one["slug"]: one["buildings"] for one in office.json("quarters", "list")["quarters"]}["le_port"] == 1


def test_codes_in_a_table_stand_beside_no_formula(office: Office, tmp_path: Path) -> None:
    office.json("buildings", "add", "=1+1", "--quarter", "le_port", "--street", "@SUM(A1)", "--lots", "1")
    file = tmp_path / "codes.csv"
    office.told("codes", "one", "=1+1", "1", "--format", "csv", "--out", str(file))
    (row,) = csv.DictReader(io.StringIO(file.read_text("utf-8")))
    assert (row["building"], row["street"], row["lot"]) == ("'=1+1", "'@SUM(A1)", "1")


def test_marseille_is_loaded_once(office: Office) -> None:
    for _ in range(2):
        assert len(office.json("quarters", "load-marseille")["quarters"]) == 111
    with office.home() as session:
        assert session.scalar(select(func.count()).select_from(Quarter)) == 113


def test_buildings_are_listed_in_stretches_and_found_by_name(office: Office) -> None:
    for name in ("Alpha", "Bêta", "Alpha"):
        made = office.json(
            "buildings", "add", name, "--quarter", "le_port", "--street", f"1 {name}", "--lots", "1-3, A"
        )
        assert (made["lots"], made["registered_at_least"]) == (4, 0)
    whole = office.json("buildings", "list")["buildings"]
    assert len(whole) == 5
    found, after = [], []
    while True:
        page = office.json("buildings", "list", "--limit", "2", *after)
        found += page["buildings"]
        if page["next"] is None:
            break
        after = ["--after", page["next"]]
    assert found == whole
    assert len(office.json("buildings", "list", "--quarter", "les_acacias")["buildings"]) == 1
    one = office.json(
        "buildings",
        "show",
        "bêta, 1 bêta" if "sqlite" not in office.environ["PALIER_HOME_DATABASE_URL"] else "Bêta, 1 Bêta",
    )
    assert office.json("buildings", "show", one["id"]) == one
    assert office.refused("buildings", "show", "Alpha, 1 Alpha")["code"] == "building_unclear"


def test_who_answers_for_a_building_is_said_from_both_sides(office: Office) -> None:
    assert office.json("organisations", "answer-for", "comite", "La Vigie")["buildings"][0]["name"] == "La Vigie"
    assert office.json("buildings", "show", "La Vigie")["organisation"] == "comite"
    words = ("buildings", "answered-by", "La Vigie")
    assert office.json(*words, "--organisation", "mairie")["organisation"] == "mairie"
    assert office.json(*words, "--nobody")["organisation"] is None
    assert office.refused(*words, status=2)["code"] == "usage"
    assert office.refused(*words, "--nobody", "--organisation", "mairie", status=2)["code"] == "usage"


def test_buildings_are_one_residence_until_one_is_taken_out(office: Office) -> None:
    words = ("buildings", "residence", "La Vigie")
    assert office.refused(*words, status=2)["code"] == "usage"
    assert office.refused(*words, "--with", "Le Sémaphore", "--alone", status=2)["code"] == "usage"
    assert office.refused(*words, "--with", "Le Sémaphore")["code"] == "residence_number"
    assert office.refused(*words, "--with", "La Vigie")["field"] == "other"
    made = office.json(*words, "--with", "Le Sémaphore", "--number", "aa1234567")
    other = office.json("buildings", "show", "Le Sémaphore")
    assert (made["residence"], made["together_with"]) == ("AA1234567", [other["id"]])
    assert (other["residence"], other["together_with"]) == ("AA1234567", [made["id"]])
    alone = office.json(*words, "--alone")
    assert (alone["residence"], alone["together_with"]) == (None, [])
    assert office.json("buildings", "show", "Le Sémaphore")["together_with"] == []


def test_codes_of_a_sheet_open_their_letterboxes(office: Office, tmp_path: Path) -> None:
    found = office.json("codes", "sheet", "Le Sémaphore", "La Vigie")["codes"]
    # Three lots each; two and three of them have somebody, and nothing here says so.
    houses = ("Le Sémaphore", "La Vigie")
    assert [(one["building"], one["lot"]) for one in found] == [(house, lot) for house in houses for lot in "123"]
    with office.home() as session:
        pepper = context.letterbox_pepper(office.settings)
        checked = verification.check(
            session, code=found[2]["code"], pepper=pepper, now=verification.datetime.now().astimezone()
        )
    assert isinstance(checked, verification.Good)

    file = tmp_path / "codes.csv"
    said = office.told("codes", "one", "Le Sémaphore", "1", "--format", "csv", "--out", str(file))
    assert str(file) in said
    (row,) = csv.DictReader(io.StringIO(file.read_text("utf-8")))
    assert row["code"] not in said
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with office.home() as session:
        checked = verification.check(
            session, code=row["code"], pepper=pepper, now=verification.datetime.now().astimezone()
        )
        assert isinstance(checked, verification.Good)
    written = file.read_bytes()
    refused = office.refused("codes", "one", "Le Sémaphore", "1", "--out", str(file))
    assert (refused["code"], refused["field"]) == ("unwritable", "out")
    assert file.read_bytes() == written

    text = office.told("codes", "sheet", "--quarter", "les_acacias")
    assert "Le Sémaphore, 14 rue Imaginaire" in text
    assert len(json.loads(office.told("codes", "sheet", "La Vigie", "--format", "json"))["codes"]) == 3
    assert office.refused("codes", "one", "Le Sémaphore", "99")["field"] == "lot"
    assert office.refused("codes", "sheet", status=2)["code"] == "usage"


def test_a_sheet_that_cannot_be_written_kills_no_code(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.json("codes", "sheet", "Le Sémaphore")
    monkeypatch.setattr("web.commands.codes._written", _no_room)
    file = tmp_path / "codes.txt"
    done = office.run("codes", "sheet", "Le Sémaphore", "--out", str(file))
    assert isinstance(done.exception, OSError)
    assert not file.exists()
    with office.home() as session:
        assert [one.tries_left for one in session.scalars(select(LetterboxCode))] == [verification.TRIES] * 3


def _no_room(*_: object, **__: object) -> str:
    raise OSError(28, "No space left on device")


def test_screens_are_installed_and_removed(office: Office) -> None:
    made = office.json("screens", "install", "Le Sémaphore")
    assert made["address"].startswith(f"{office.settings.origin}/hall/")
    assert [one["id"] for one in office.json("screens", "list", "Le Sémaphore")["screens"]] == [made["id"]]
    assert office.json("buildings", "show", "Le Sémaphore")["screens"] == [made["id"]]
    assert office.refused("screens", "remove", made["id"])["code"] == "not_confirmed"
    office.json("screens", "remove", made["id"], "--yes")
    assert office.json("screens", "list", "Le Sémaphore")["screens"] == []
    with office.home() as session:
        (building,) = session.scalars(select(Building).where(Building.name == "Le Sémaphore"))
    assert office.refused("screens", "remove", str(building.public_id), "--yes")["code"] == "not_found"


def _map(*names: str, east: float = 5.0) -> str:
    ring = [[east, 43], [east + 0.01, 43], [east + 0.01, 43.01], [east, 43.01], [east, 43]]
    square = {"type": "Polygon", "coordinates": [ring]}
    features = [{"type": "Feature", "properties": {"NOM_QUA": one}, "geometry": square} for one in names]
    return json.dumps({"type": "FeatureCollection", "features": features})


def test_outlines_are_tried_entered_entered_again_and_taken_back(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "quartiers.geojson"
    file.write_text(_map("ACACIAS", "Nulle Part"))
    tried = office.json("quarters", "outlines", str(file), "--dry-run")
    assert (tried["new"], tried["entered"], tried["without"]) == (1, False, ["Le Port"])
    assert [(one["feature"], one["code"]) for one in tried["left_out"]] == [(2, "quarter_absent")]
    assert office.json("quarters", "show", "les_acacias")["outline"] is None
    told = office.told("quarters", "outlines", str(file))
    assert "1 new" in told
    assert "Outline 2, Nulle Part: No quarter here is called so." in told
    assert office.json("quarters", "show", "les_acacias")["outline"]
    with office.home() as session:
        before = session.scalar(select(func.count()).select_from(Change))
    assert office.json("quarters", "outlines", "-", stdin=_map("Les Acacias"))["same"] == 1
    assert office.json("quarters", "outlines", "-", stdin=_map("Les Acacias", east=5.2))["changed"] == 1
    wrong = office.run("quarters", "outlines", "-", "--json", stdin=_map("Les Acacias", "Le Port", "acacias", east=900))
    assert wrong.exit_code == 1
    assert {one["code"] for one in json.loads(wrong.stdout)["problems"]} == {"outline_degrees"}
    assert office.json("quarters", "show", "le_port")["outline"] is None
    options = ("--name-property", "nom")
    assert office.refused("quarters", "outlines", str(file), *options)["code"] == "outline_unnamed"
    assert office.refused("quarters", "outlines", "-", stdin="{}")["code"] == "geojson_malformed"
    assert office.json("quarters", "remove-outline", "les_acacias")["outline"] is None
    with office.home() as session:
        assert session.scalar(select(func.count()).select_from(Change)) == (before or 0) + 2
