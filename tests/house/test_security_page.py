"""The page on hostile servers says what is so: its classes are all there, its tests and its places exist."""

import ast
import re
from functools import cache

import pytest

from tests.house.generated import ROOT

PAGE = (ROOT / "docs" / "federation" / "security.md").read_text("utf-8")
ROWS = re.findall(r"^\| ([A-Z]\d+) [^|]+\|[^|]*\|([^|]+)\|([^|]+)\|$", PAGE, re.MULTILINE)
CLASSES = {*(f"O{n}" for n in range(1, 16)), *(f"S{n}" for n in range(1, 9)), *(f"I{n}" for n in range(1, 7)), "C5"}
NAMED = sorted(set(re.findall(r"`(tests/\S+\.py)::(test_\w+)`", PAGE)))


@cache
def functions(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_class_has_a_row() -> None:
    assert {name for name, _, _ in ROWS} >= CLASSES


def test_every_row_is_tried_by_something() -> None:
    assert [name for name, _, tests in ROWS if "::test_" not in tests] == []


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_every_test_named_there_exists(file: str, name: str) -> None:
    assert name in functions(file)


def test_every_place_named_there_exists() -> None:
    places = {place for _, where, _ in ROWS for place in re.findall(r"`(\w+/[\w/]+\.py)`", where)}
    assert len(places) > 10
    assert [place for place in sorted(places) if not (ROOT / place).exists()] == []
