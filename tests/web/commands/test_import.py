"""Buildings from a file: all or none, each mistake with its line and column."""

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from instance.base import Refused
from instance.imports import buildings
from instance.places import Building, Lot
from tests.web.commands.offices import Office
from tests.web.pages_town import NOW

HEAD = "quarter;name;street;lots;organisation\n"
GOOD = HEAD + "les_acacias;Le Phare;1 rue Rêvée;1-4;batisseurs\nle_port;La Digue;2 rue Rêvée;A1, A2;\n"


def _file(folder: Path, text: str | bytes) -> str:
    file = folder / "immeubles.csv"
    file.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(file)


def _count(office: Office) -> tuple[int, int]:
    with office.home() as session:
        counts = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (Building, Lot)]
    return counts[0], counts[1]


def test_a_file_is_tried_entered_and_taken_again(office: Office, tmp_path: Path) -> None:
    file, before = _file(tmp_path, GOOD), _count(office)
    tried = office.json("buildings", "import", file, "--dry-run")
    assert (tried["new"], tried["lots"], tried["entered"], tried["problems"]) == (2, 6, False, [])
    assert _count(office) == before
    done = office.json("buildings", "import", file)
    assert (done["new"], done["known"], done["entered"]) == (2, 0, True)
    assert _count(office) == (before[0] + 2, before[1] + 6)
    assert office.json("buildings", "show", "Le Phare")["organisation"] == "batisseurs"
    again = office.json("buildings", "import", "-", stdin=GOOD.replace("Le Phare", "LE PHARE"))
    assert (again["new"], again["known"]) == (0, 2)
    assert _count(office) == (before[0] + 2, before[1] + 6)
    assert "There already: 2" in office.told("buildings", "import", file)


@pytest.mark.parametrize(
    ("text", "line", "column", "code"),
    [
        ("", 1, None, "file_empty"),
        ("\ufeff\n", 1, None, "file_empty"),
        ("quarter;name;street\n", 1, "lots", "column_missing"),
        ("quarter;name;nom;street;lots\n", 1, "name", "column_twice"),
        ("quarter;name;street;lots;colour\n", 1, "colour", "column_unknown"),
        (GOOD + "nowhere;A;1 rue B;1;\n", 4, "quarter", "quarter_unknown"),
        (GOOD + "le_port;;1 rue B;1;\n", 4, "name", "missing"),
        (GOOD + "le_port;A\n", 4, "lots", "lots_missing"),
        (GOOD + f"le_port;{'x' * 121};1 rue B;1;\n", 4, "name", "too_long"),
        (GOOD + "le_port;A;1 rue B;1, 1;\n", 4, "lots", "lots_twice"),
        (GOOD + "le_port;A;1 rue B;1;nobody\n", 4, "organisation", "organisation_unknown"),
        (GOOD + "\nle_port;A;1 rue B;1;;more\n", 5, None, "cells_too_many"),
        (GOOD + "le_port;la digue;2 rue rêvée;1;\n", 4, "name", "building_twice"),
        (GOOD + 'le_port;"A;1 rue B;1;\n', 4, None, "table_malformed"),
        (GOOD + 'le_port;"A\nB";1 rue B;1;\nnowhere;A;1 rue B;1;\n', 6, "quarter", "quarter_unknown"),
        (GOOD.encode() + b"le_port;\xe9;1 rue B;1;\n", 4, None, "not_utf8"),
        (GOOD + "le_port;A\0;1 rue B;1;\n", 4, None, "table_malformed"),
    ],
)
def test_a_mistake_is_told_with_its_line_and_nothing_is_entered(
    small_office: Office, tmp_path: Path, text: str | bytes, line: int, column: str | None, code: str
) -> None:
    before = small_office.everything()
    for extra in ((), ("--dry-run",)):
        done = small_office.run("buildings", "import", _file(tmp_path, text), "--json", *extra)
        assert (done.exit_code, done.stderr) == (1, "")
        report = json.loads(done.stdout)
        assert [(one["line"], one["column"], one["code"]) for one in report["problems"]] == [(line, column, code)]
        assert report["problems"][0]["sentence"]
        assert report["entered"] is False
    assert small_office.everything() == before
    said = small_office.run("buildings", "import", _file(tmp_path, text)).stdout
    assert f"Line {line}" in said
    assert "Nothing was entered." in said


def test_every_mistake_is_told_up_to_a_number(small_office: Office, tmp_path: Path) -> None:
    file = _file(tmp_path, HEAD + "nowhere;A;1 rue B;1;\n" * 500)
    report = json.loads(small_office.run("buildings", "import", file, "--json").stdout)
    assert (report["wrong"], len(report["problems"]), report["lines"]) == (500, buildings.MOST_PROBLEMS, 500)
    assert "300 more" in small_office.run("buildings", "import", file).stdout


def test_a_file_that_changes_meanwhile_enters_nothing(small_office: Office) -> None:
    lines = [*GOOD.splitlines(keepends=True), "nowhere;A;1 rue B;1;\n"]
    before = small_office.everything()
    with small_office.stores["home"].write() as session, pytest.raises(Refused) as refused:
        buildings.enter(session, lines=lines, now=NOW)
    assert refused.value.code == "file_changed"
    assert small_office.everything() == before


def test_a_file_that_is_not_there(small_office: Office, tmp_path: Path) -> None:
    for file in (tmp_path / "none.csv", tmp_path):
        assert small_office.refused("buildings", "import", str(file))["field"] == "file"


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(max_size=200),
        st.lists(st.sampled_from(["le_port", ";", '"', "\n", "1-4", "A", "\0", "\r"]), max_size=30).map(
            lambda one: HEAD + "".join(one)
        ),
    )
)
def test_no_file_breaks_the_check(small_office: Office, text: str) -> None:
    with small_office.stores["home"].read() as session:
        found = buildings.check(session, lines=text.splitlines(keepends=True))
    assert found.lines >= found.new + found.known
    assert found.told.wrong or found.lines == found.new + found.known
