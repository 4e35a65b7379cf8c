"""Addresses and residences from open data by command: tried, entered, found, put to buildings."""

import gzip
import json
from pathlib import Path

import pytest

from instance import places, streets
from tests.instance import places_on_file
from tests.instance.places_on_file import HEAD, REGISTER_HEAD
from tests.web.commands.offices import Office
from tests.web.pages_town import NOW

FOCH = "Rue Foch"
GOOD = HEAD + "".join(places_on_file.line(f"f{n}", n, FOCH, postcode="99002") for n in range(1, 21))
HERE = {"postcode": "99002", "commune": "Exemple"}
REGISTER = REGISTER_HEAD + places_on_file.residence("AA0000001", "3 rue foch", name="Le Phare", lots=9, **HERE)


def file_with(folder: Path, content: str | bytes) -> str:
    file = folder / "open.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(file)


def test_addresses_are_tried_entered_found_and_taken_again(office: Office, tmp_path: Path) -> None:
    file, before = file_with(tmp_path, gzip.compress(GOOD.encode(), mtime=0)), office.everything()
    tried = office.json("addresses", "import", file, "--dry-run")
    assert (tried["lines"], tried["new"], tried["entered"], tried["problems"]) == (20, 20, False, [])
    assert office.everything() == before
    done = office.json("addresses", "import", file)
    assert (done["new"], done["entered"]) == (20, True)
    found = office.json("addresses", "search", "12 r fosch")["addresses"]
    assert (found[0]["id"], found[0]["street"]) == ("f12", "12 Rue Foch")
    again = office.json("addresses", "import", "-", stdin=GOOD)
    assert (again["new"], again["same"]) == (0, 20)
    assert "20 as before" in office.told("addresses", "import", file)
    assert "12 Rue Foch" in office.told("addresses", "search", "12 r fosch", "--limit", "1")
    assert office.json("addresses", "search", "xylophone")["addresses"] == []


@pytest.mark.parametrize(
    ("content", "line", "column", "code"),
    [
        (b"", 1, None, "file_empty"),
        (b"\xef\xbb\xbf\n", 1, None, "file_empty"),
        (GOOD.encode() + b"f99;;1;;All\xe9e;99000;99001\n", 22, None, "not_utf8"),
        (GOOD.replace("numero", "number"), 1, "numero", "heading_missing"),
        (GOOD + places_on_file.line("f21", 21, '"Rue'), 22, None, "table_malformed"),
        (GOOD + places_on_file.line("f21", 21, "R" * 70_000), 22, None, "table_malformed"),
        (gzip.compress(GOOD.encode(), mtime=0)[:60], None, None, "gzip_broken"),
        (GOOD + places_on_file.line("f1", 1, FOCH), 22, "id", "address_twice"),
        (GOOD + places_on_file.line("f21", "x", FOCH), 22, "numero", "number_shape"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_entered(
    small_office: Office, tmp_path: Path, content: str | bytes, line: int | None, column: str | None, code: str
) -> None:
    file, before = file_with(tmp_path, content), small_office.everything()
    for extra in ((), ("--dry-run",)):
        done = small_office.run("addresses", "import", file, "--json", *extra)
        assert (done.exit_code, done.stderr) == (1, "")
        report = json.loads(done.stdout)
        [problem] = report["problems"]
        assert (problem["column"], problem["code"]) == (column, code)
        assert line in {None, problem["line"]}
        assert problem["sentence"]
        assert report["entered"] is False
    assert small_office.everything() == before
    said = small_office.run("addresses", "import", file).stdout
    assert "Nothing was entered." in said
    assert "Line " in said


def test_what_is_no_file_or_no_address_is_refused(small_office: Office, tmp_path: Path) -> None:
    for command in ("addresses import", "buildings import-rnic"):
        assert small_office.refused(*command.split(), str(tmp_path / "none.csv"))["field"] == "file"
    for verb in ("put", "remove"):
        assert small_office.refused("addresses", verb, "nowhere", "f1")["code"] == "not_found"


def test_a_building_stands_at_addresses(office: Office, tmp_path: Path) -> None:
    office.json("addresses", "import", file_with(tmp_path, GOOD))
    added = office.json("buildings", "add", "Le Phare", "--quarter", "le_port", "--address", "f12", "--lots", "1-4")
    assert added["street"] == "12 Rue Foch"
    assert [one["id"] for one in office.json("addresses", "of", "Le Phare")["addresses"]] == ["f12"]
    assert office.json("addresses", "put", "Le Phare", "f14")["street"] == "14 Rue Foch"
    assert [one["id"] for one in office.json("addresses", "of", "Le Phare")["addresses"]] == ["f12", "f14"]
    assert "no longer" in office.told("addresses", "remove", "Le Phare", "f12")
    assert [one["id"] for one in office.json("addresses", "of", "Le Phare")["addresses"]] == ["f14"]
    assert office.refused("addresses", "remove", "Le Phare", "f12")["code"] == "not_found"
    assert office.refused("addresses", "put", "Le Phare", "f99")["code"] == "not_found"
    kept = office.json("buildings", "add", "La Digue", "--quarter", "le_port", "--street", "x", "--lots", "1")
    assert kept["street"] == "x"
    bare = ("buildings", "add", "Rien", "--quarter", "le_port", "--lots", "1")
    assert office.refused(*bare, status=2)["code"] == "usage"


def test_residences_become_buildings(office: Office, tmp_path: Path) -> None:
    office.json("addresses", "import", file_with(tmp_path, GOOD))
    text = REGISTER + places_on_file.residence("AA0000002", "9 rue Là", postcode="98000")
    file, before = file_with(tmp_path, text), office.everything()
    tried = office.json("buildings", "import-rnic", file, "--dry-run")
    assert (tried["new"], tried["lots"], tried["elsewhere"], tried["entered"]) == (1, 9, 1, False)
    assert office.everything() == before
    done = office.json("buildings", "import-rnic", file)
    assert (done["new"], done["left"], done["entered"]) == (1, 0, True)
    assert office.json("buildings", "show", "Le Phare")["lots"] == 9
    assert [one["id"] for one in office.json("addresses", "of", "Le Phare")["addresses"]] == ["f3"]
    assert "As before: 1" in office.told("buildings", "import-rnic", file)


def test_a_residence_without_a_quarter_is_told_with_its_line(small_office: Office, tmp_path: Path) -> None:
    with small_office.home() as session:
        city = streets.cities_by_code(session)["99001"]
        places.add_quarter(session, city=city, name="Le Môle", postcode="99002", district=None, now=NOW)
    file = file_with(tmp_path, REGISTER)
    said = small_office.told("buildings", "import-rnic", file)
    assert "Left out: 1." in said
    assert "Line 2, Code postal (adresse de référence): Several quarters" in said
    assert small_office.json("buildings", "import-rnic", file)["left_out"][0]["code"] == "quarter_unclear"
    assert small_office.json("buildings", "import-rnic", file, "--quarter", "le_mole")["new"] == 1
    assert small_office.json("buildings", "show", "Le Phare")["quarter"] == "le_mole"


@pytest.mark.parametrize(
    ("text", "column", "code"),
    [
        ("", None, "file_empty"),
        (REGISTER.replace("Nombre total de lots", "Lots"), "Nombre total de lots", "heading_missing"),
        (REGISTER.replace("AA0000001", "?"), "Numéro d’immatriculation", "registered_shape"),
    ],
)
def test_a_register_with_a_mistake_enters_nothing(
    small_office: Office, tmp_path: Path, text: str, column: str | None, code: str
) -> None:
    before = small_office.everything()
    done = small_office.run("buildings", "import-rnic", file_with(tmp_path, text), "--json")
    report = json.loads(done.stdout)
    assert (done.exit_code, report["entered"]) == (1, False)
    assert [(one["column"], one["code"]) for one in report["problems"]] == [(column, code)]
    assert small_office.everything() == before
