"""Every rule of every strict reader says which line of protocol.md it was read in, and what that line says."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.activitypub.readers import emitted
from tests.activitypub.readers.protocol import LINES
from tests.activitypub.test_readers import READERS

FOLDER: Final = Path(__file__).parent / "readers"
# What the readers are made of, and what they are held against: no rules.
OTHERS: Final = {"acceptance", "emitted", "protocol", "seen"}
MODULES: Final = sorted(path for path in FOLDER.glob("*.py") if path.stem not in OTHERS)
VERDICTS: Final = {"drops", "shows", "takes", "unsaid"}
CITED: Final = re.compile(r"protocol\.md:(\d+(?:, \d+)*)")


def cited(words: str) -> set[int]:
    return {int(line) for found in CITED.findall(words) for line in found.split(", ")}


def verdicts(source: str) -> Iterator[tuple[int, list[int]]]:
    """Where a verdict is given, and the lines it gives."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in VERDICTS:
            yield (
                node.lineno,
                [one.value for one in node.args if isinstance(one, ast.Constant) and type(one.value) is int],
            )


def tables(source: str) -> Iterator[tuple[int, set[int]]]:
    """Where a constant is written down that rules use, and the lines that are cited beside it."""
    written = source.splitlines()
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign):
            yield node.lineno, cited(written[node.lineno - 1])


def uncited(source: str) -> list[int]:
    """Where a rule cites nothing."""
    return sorted(at for at, lines in (*verdicts(source), *tables(source)) if not lines)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_every_rule_cites_a_line(path: Path) -> None:
    assert uncited(path.read_text("utf-8")) == []


def test_every_peer_is_looked_at() -> None:
    assert READERS.keys() <= {path.stem for path in MODULES}
    given = {path.stem: sum(1 for _ in verdicts(path.read_text("utf-8"))) for path in MODULES}
    assert min(given.values()) > 0, given


def test_what_is_cited_is_quoted_and_nothing_else() -> None:
    found = set()
    for path in FOLDER.glob("*.py"):
        source = path.read_text("utf-8")
        found |= cited(source) | {line for _, lines in verdicts(source) for line in lines}
    assert found == LINES.keys()
    assert list(LINES) == sorted(LINES)


@pytest.mark.parametrize("peer", READERS)
def test_what_comes_of_a_document_is_told_with_its_lines(peer: str) -> None:
    given = {name: READERS[peer](doc).lines for name, doc in emitted.documents().items()}
    assert not [name for name, lines in given.items() if not lines or not LINES.keys() >= set(lines)]


@pytest.mark.parametrize(
    ("rule", "is_cited"),
    [
        ('def read(doc): return drops("why", 88)', True),
        ('def read(doc): return drops("why")', False),
        ("def read(doc): return shows(88, title=doc)", True),
        ("def read(doc): return shows(title=doc)", False),
        ("KNOWN: Final = {1}  # protocol.md:88, 98", True),
        ("KNOWN: Final = {1}  # as everybody knows", False),
    ],
)
def test_a_rule_without_a_citation_is_found(rule: str, is_cited: bool) -> None:
    assert uncited(rule) == ([] if is_cited else [1])
