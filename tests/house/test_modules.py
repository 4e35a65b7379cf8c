"""The shape of the house: short modules that say what they are for, whole walls, and a domain that git keeps."""

import ast
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.house import sources
from tests.house.sources import PACKAGES, ROOT

LONGEST = 400
LATE_IMPORT = (ast.Import, ast.ImportFrom)
VAGUE = re.compile(r"(^|_)(util|utils|helper|helpers|common|misc|manager|service|services)$")


@pytest.mark.parametrize("folder", [*PACKAGES, "tests"])
def test_modules_are_short_and_say_what_they_are_for(folder: str) -> None:
    found = sources.written(folder)
    assert found
    wrong = []
    for file in found:
        lines = len(file.read_text(encoding="utf-8").splitlines())
        opening = (ast.get_docstring(sources.tree(file)) or "").split("\n\n")[0]
        if lines > LONGEST:
            wrong.append(f"{sources.name(file)}: {lines} lines")
        if not opening.rstrip().endswith((".", ":")):
            wrong.append(f"{sources.name(file)}: opens without a sentence")
    assert not wrong


def test_nothing_is_imported_inside_a_function() -> None:
    late = [
        sources.place(file, node)
        for file in sources.files(*PACKAGES)
        for function in ast.walk(sources.tree(file))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
        if isinstance(node, LATE_IMPORT)
    ]
    assert not late


def test_modules_are_nouns_with_a_meaning() -> None:
    assert not [sources.name(file) for file in sources.files(*PACKAGES) if VAGUE.search(file.stem)]
    classes = [
        sources.place(file, node)
        for file in sources.files(*PACKAGES)
        for node in ast.walk(sources.tree(file))
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Service", "Manager", "Helper"))
    ]
    assert not classes


def test_every_public_function_is_documented() -> None:
    silent = [
        f"{sources.place(file, node)} {node.name}"
        for file in sources.written(*PACKAGES)
        for node in sources.tree(file).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
        and "migrations" not in file.parts
    ]
    assert not silent


def test_session_stands_first_and_the_rest_is_named() -> None:
    wrong = []
    for file in sources.files("instance"):
        for node in sources.tree(file).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            given = [one.arg for one in node.args.args]
            if "session" in given + [one.arg for one in node.args.kwonlyargs] and given != ["session"]:
                wrong.append(f"{sources.place(file, node)} {node.name}{given}")
    assert not wrong


@pytest.mark.parametrize("folder", ["instance", "federation"])
def test_the_domain_never_commits(folder: str) -> None:
    # federation/hatch and the courier's own steps commit what they alone have done; rows of residents are the doors'.
    wrong = [
        sources.place(file, call)
        for file in sources.files(folder)
        for called, call in sources.calls(file)
        if called in {"commit", "rollback"} and folder == "instance"
    ]
    assert not wrong


@pytest.mark.parametrize("folder", ["activitypub", "imaging", "instance", "federation"])
def test_time_is_an_argument(folder: str) -> None:
    # Two that need the machine's own clock: ids in the order of drawing, and the default of an injected one.
    allowed = {"instance/base.py", "federation/http.py"}
    clocks = [
        sources.place(file, call)
        for file in sources.files(folder)
        for called, call in sources.calls(file)
        if called in {"now", "utcnow", "today"} and sources.name(file) not in allowed
        if isinstance(call.func, ast.Attribute) and ast.unparse(call.func.value) in {"datetime", "date", "time"}
    ]
    assert not clocks


def test_git_keeps_the_domain() -> None:
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    kept = [file for folder in PACKAGES for file in (ROOT / folder).rglob("*") if file.is_file()]
    asked = "\n".join(sources.name(file) for file in kept if not _is_made(file))
    done = subprocess.run(
        [git, "-c", f"safe.directory={ROOT}", "check-ignore", "--no-index", "--stdin"],
        cwd=ROOT,
        input=asked,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, f"ignored: {done.stdout}{done.stderr}"


def _is_made(file: Path) -> bool:
    return "__pycache__" in file.parts or file.suffix in {".pyc", ".mo"}


def test_no_data_lands_in_the_domain() -> None:
    # Flask's default instance folder is named like our domain; a store there would mean somebody forgot it.
    strange = [
        sources.name(file)
        for file in (ROOT / "instance").rglob("*")
        if file.is_file() and file.suffix not in {".py", ".pyc", ".csv", ".typed"}
    ]
    assert not strange
