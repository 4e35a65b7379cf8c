"""What the house tests read: our Python files and their syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("activitypub", "federation", "imaging", "instance", "web")
# Written by Alembic from the models, never by hand.
GENERATED = "migrations/"


@cache
def files(*folders: str) -> tuple[Path, ...]:
    """The Python files under these folders, without what other people wrote."""
    found = (file for folder in folders for file in (ROOT / folder).rglob("*.py"))
    return tuple(sorted(file for file in found if "node_modules" not in file.parts))


def written(*folders: str) -> tuple[Path, ...]:
    """Those of them that people write."""
    return tuple(file for file in files(*folders) if not (GENERATED in file.as_posix() and "versions" in file.parts))


@cache
def tree(file: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def name(file: Path) -> str:
    """A file as the repository calls it."""
    return file.relative_to(ROOT).as_posix()


def calls(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a file, with the last part of what is called."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=called) | ast.Attribute(attr=called):
                    yield called, node


def place(file: Path, node: ast.AST) -> str:
    """Where to look."""
    return f"{name(file)}:{getattr(node, 'lineno', 0)}"
