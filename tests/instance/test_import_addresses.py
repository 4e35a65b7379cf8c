"""The national address base: all of a file or nothing, taken again without losing where buildings stand."""

import gzip
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instance import places, streets
from instance.base import Refused
from instance.imports import ban, tables
from instance.imports.stage import BATCH, Stage
from instance.streets import Address, BuildingAddress, Street, StreetPiece
from tests.instance import neighbourhood, places_on_file
from tests.instance.neighbourhood import NOW, Neighbourhood
from tests.instance.places_on_file import HEAD, line

LATER = NOW + timedelta(days=30)
GOOD = HEAD + line("a1", 1, "Rue Foch") + line("a2", 2, "Rue Foch", suffix="B") + line("b1", 1, "Allée des Essais")


def everything(session: Session) -> list[list[tuple[object, ...]]]:
    tables_ = (Street.__table__, StreetPiece.__table__, Address.__table__, BuildingAddress.__table__)
    return [sorted(map(tuple, session.execute(table.select())), key=repr) for table in tables_]


def known(session: Session) -> dict[str, str]:
    wanted = select(Address).where(Address.gone_at.is_(None)).order_by(Address.id)
    return {one.id: one.whole for one in session.scalars(wanted)}


def test_a_file_is_tried_entered_and_taken_again(stored_town: Neighbourhood) -> None:
    session = stored_town.session
    tried = places_on_file.check(session, GOOD)
    assert (tried.lines, tried.new, tried.changed, tried.same) == (3, 3, 0, 0)
    assert everything(session) == [[], [], [], []]
    places_on_file.enter(session, GOOD)
    assert known(session) == {
        "a1": "1 Rue Foch, 99000 Ville-d’Essai",
        "a2": "2 bis Rue Foch, 99000 Ville-d’Essai",
        "b1": "1 Allée des Essais, 99000 Ville-d’Essai",
    }
    before = everything(session)
    again = places_on_file.enter(session, GOOD, now=LATER)
    assert (again.new, again.changed, again.same, again.gone) == (0, 0, 3, 0)
    assert everything(session) == before


@pytest.mark.parametrize("dress", ["plain", "bom", "gzip", "crlf", "tabs"])
def test_files_come_in_several_dresses(stored_town: Neighbourhood, dress: str) -> None:
    text = {
        "plain": GOOD.encode(),
        "bom": b"\xef\xbb\xbf" + GOOD.encode(),
        "gzip": gzip.compress(GOOD.encode(), mtime=0),
        "crlf": GOOD.replace("\n", "\r\n").encode(),
        "tabs": GOOD.replace(";", "\t").encode(),
    }[dress]
    assert places_on_file.enter(stored_town.session, text).new == 3


def test_lines_of_other_cities_are_counted_and_not_looked_at(stored_town: Neighbourhood) -> None:
    text = GOOD + line("z", "nonsense", "", postcode="?", insee="2A004") + line("z", 1, "Rue Z", insee="13201")
    found = places_on_file.enter(stored_town.session, text)
    assert (found.lines, found.elsewhere, found.new, found.told.wrong) == (5, 2, 3, 0)


def test_districts_belong_to_their_city(stored_town: Neighbourhood) -> None:
    session = stored_town.session
    places.add_city(session, name="Marseille", insee="13055", now=NOW)
    places_on_file.enter(session, HEAD + line("m", 3, "Rue Inventée", postcode="13004", insee="13204"))
    assert known(session) == {"m": "3 Rue Inventée, 13004 Marseille"}


def test_a_newer_file_brings_what_changed_and_keeps_where_a_building_stands(stored_town: Neighbourhood) -> None:
    session = stored_town.session
    places_on_file.enter(session, GOOD + line("c1", 9, "Rue Perdue"))
    for id_ in ("a1", "a2"):
        streets.put(session, building=stored_town.lilas, address=streets.address(session, id=id_))
    newer = HEAD + line("a1", 1, "Rue du Maréchal Foch") + line("d1", 5, "Rue Neuve")
    found = places_on_file.enter(session, newer, now=LATER)
    assert (found.new, found.changed, found.same, found.gone, found.standing) == (1, 1, 0, 2, 1)
    assert [one.line for one in streets.of_building(session, building=stored_town.lilas)] == [
        "2 bis Rue Foch",
        "1 Rue du Maréchal Foch",
    ]
    assert set(known(session)) == {"a1", "a2", "d1"}
    assert session.get_one(Address, "b1").gone_at == LATER
    assert streets.search(session, text="9 rue perdue") == []
    back = places_on_file.enter(session, GOOD, now=LATER)
    assert (back.new, back.changed, back.same, back.gone, back.standing) == (0, 2, 1, 1, 0)
    assert streets.search(session, text="1 allee essais")[0].id == "b1"
    assert {one.name for one in session.scalars(select(Street))} == {
        "Rue Foch",
        "Allée des Essais",
        "Rue Perdue",
        "Rue Neuve",
    }


def test_the_file_of_another_department_takes_nothing_away(stored_town: Neighbourhood) -> None:
    session = stored_town.session
    places.add_city(session, name="Autre-Ville", insee="98002", now=NOW)
    places_on_file.enter(session, GOOD)
    found = places_on_file.enter(session, HEAD + line("x", 1, "Rue X", insee="98002"), now=LATER)
    assert (found.new, found.gone) == (1, 0)
    assert len(known(session)) == 4


WRONG = [
    ("", 1, None, "file_empty"),
    ("\ufeff\n", 1, None, "file_empty"),
    (GOOD.replace("code_insee", "insee"), 1, "code_insee", "heading_missing"),
    (GOOD.replace("nom_commune", "id"), 1, "id", "column_twice"),
    (GOOD + line("a1", 7, "Rue Foch"), 5, "id", "address_twice"),
    (GOOD + line("", 7, "Rue Foch"), 5, "id", "missing"),
    (GOOD + line("x" * 61, 7, "Rue Foch"), 5, "id", "too_long"),
    (GOOD + line("x", "", "Rue Foch"), 5, "numero", "number_shape"),
    (GOOD + line("x", "-1", "Rue Foch"), 5, "numero", "number_shape"),
    (GOOD + line("x", "²", "Rue Foch"), 5, "numero", "number_shape"),
    (GOOD + line("x", "100000", "Rue Foch"), 5, "numero", "number_shape"),
    (GOOD + line("x", "9" * 5000, "Rue Foch"), 5, "numero", "number_shape"),
    (GOOD + line("x", 7, " "), 5, "nom_voie", "missing"),
    (GOOD + line("x", 7, "R" * 121), 5, "nom_voie", "too_long"),
    (GOOD + line("x", 7, "Rue Foch", suffix="x" * 13), 5, "rep", "too_long"),
    (GOOD + line("x", 7, "Rue Foch", postcode="9900"), 5, "code_postal", "postcode_shape"),
    (GOOD + line("x", 7, "Rue Foch", insee="Marseille"), 5, "code_insee", "insee_shape"),
    (GOOD + "\n" + line("x", "", "Rue Foch"), 6, "numero", "number_shape"),
    (GOOD + line("x", 7, "Rue Foch").replace("\n", ";more\n"), 5, None, "cells_too_many"),
    (GOOD + line("x", 7, "Rue\0Foch"), 5, None, "table_malformed"),
    (GOOD + line("x", 7, '"Rue Foch'), 5, None, "table_malformed"),
    (GOOD + line("x", 7, '"Rue" Foch'), 5, None, "table_malformed"),
    (GOOD + line("x", 7, "R" * tables.LONGEST_LINE), 5, None, "table_malformed"),
    (GOOD.encode() + line("x", 7, "Allée").encode("cp1252"), 5, None, "not_utf8"),
    (GOOD.encode("utf-16"), 1, None, "not_utf8"),
    (gzip.compress(GOOD.encode(), mtime=0)[:-12], 4, None, "gzip_broken"),
    (gzip.compress(GOOD.encode(), mtime=0)[:-8] + b"12345678", 5, None, "gzip_broken"),
    (b"\x1f\x8b", 1, None, "gzip_broken"),
    (b"\x1f\x8bnot packed at all, it only begins so", 1, None, "gzip_broken"),
]


@pytest.mark.parametrize(("text", "at", "column", "code"), WRONG)
def test_a_mistake_is_told_with_its_line_and_column(
    town: Neighbourhood, text: str | bytes, at: int, column: str | None, code: str
) -> None:
    found = places_on_file.check(town.session, text)
    assert [(one.line, one.column, one.code) for one in found.told.first] == [(at, column, code)]
    assert found.told.wrong == 1
    assert everything(town.session) == [[], [], [], []]


def test_the_first_fifty_mistakes_are_told_and_all_are_counted(town: Neighbourhood) -> None:
    found = places_on_file.check(town.session, HEAD + line("x", "", "Rue Foch") * (BATCH + 7))
    assert (found.told.wrong, len(found.told.first)) == (BATCH + 7, 50)


def test_an_import_that_was_overtaken_is_refused(stored_town: Neighbourhood) -> None:
    session = stored_town.session
    with Stage() as stage:
        found = ban.check(session, lines=GOOD.splitlines(keepends=True), stage=stage)
        ban.compare(session, stage=stage, found=found)
        places_on_file.enter(session, GOOD)
        with pytest.raises(Refused, match="import_overtaken"):
            ban.enter(session, stage=stage, now=NOW)


def test_a_file_longer_than_a_stretch_comes_in_whole(stored_town: Neighbourhood) -> None:
    session = stored_town.session
    steps: list[int] = []
    text = HEAD + "".join(line(f"x{n}", n % 9000, f"Rue {n % 37}") for n in range(2 * BATCH + 5))
    with Stage() as stage:
        found = ban.check(session, lines=text.splitlines(keepends=True), stage=stage)
        ban.compare(session, stage=stage, found=found)
        ban.enter(session, stage=stage, now=NOW, each=steps.append)
    assert sum(steps) == found.new == 2 * BATCH + 5
    assert streets.count(session) == 2 * BATCH + 5
    assert session.scalar(select(func.count()).select_from(Street)) == 37


_CELL = st.sampled_from(
    ["a1", "a2", "b1", "1", "2", "", "Rue Foch", "99000", "99001", "12345", '"', "\0", "é", "x" * 130]
)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.lists(_CELL, min_size=6, max_size=6), max_size=6))
def test_no_file_breaks_the_check_and_what_passes_comes_in(rows: list[list[str]]) -> None:
    text = "id;numero;rep;nom_voie;code_postal;code_insee\n" + "".join(";".join(row) + "\n" for row in rows)
    with neighbourhood.fresh_session() as session:
        neighbourhood.build(session)
        found = places_on_file.check(session, text)
        if not found.told.wrong:
            assert places_on_file.enter(session, text) == found
            assert streets.count(session) == found.new


# --- one place, many files: whatever comes after whatever, no building loses where it stands

_FILES = st.lists(
    st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["Rue A", "Rue B"]), min_size=1), max_size=5
)


@settings(max_examples=40)
@given(files=_FILES, stands=st.sets(st.sampled_from("abcdef")))
def test_no_sequence_of_files_takes_a_building_from_its_address(files: list[dict[str, str]], stands: set[str]) -> None:
    with neighbourhood.fresh_session() as session:
        town = neighbourhood.build(session)
        places_on_file.enter(session, HEAD + "".join(line(one, 1, "Rue A") for one in "abcdef"))
        for one in stands:
            streets.put(session, building=town.lilas, address=streets.address(session, id=one))
        for number, file in enumerate(files):
            text = HEAD + "".join(line(id_, 1, street) for id_, street in sorted(file.items()))
            places_on_file.enter(session, text, now=NOW + timedelta(days=number))
            assert {one.id for one in streets.of_building(session, building=town.lilas)} == stands
            assert set(known(session)) == stands | set(file)
            assert {known(session)[id_].split(",")[0] for id_ in file} == {f"1 {one}" for one in file.values()}
