"""The documents say what the code does: names, settings, commands, registers and links are compared with it."""

import dataclasses
import importlib
import pkgutil
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from activitypub.spoken import SPOKEN
from federation import shareables
from federation.hatch import handlers
from tests.house import generated, sources
from tests.house.generated import ROOT
from web import cli, settings

FEDERATION = (ROOT / "FEDERATION.md").read_text("utf-8")
RUNNING = (ROOT / "docs" / "running-an-instance.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text("utf-8")
LIBRARIES = (ROOT / "docs" / "decisions" / "0006-libraries.md").read_text("utf-8")

COMMAND_LINE = (ROOT / "docs" / "command-line.md").read_text("utf-8")

LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
DOTTED = re.compile(r"`((?:activitypub|imaging|instance|federation|web)(?:\.\w+)+)`")
SHORT = re.compile(r"`([a-z_]+)\.(\w+)`")
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for package in ("activitypub", "imaging", "instance", "federation", "web")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
]
CODE_PATH = re.compile(r"`((?:activitypub|imaging|instance|federation|web|tests|requirements)/[\w./{},-]*)`")


def _name(kind: type) -> str:
    return "None" if kind is type(None) else kind.__name__


def _fields() -> Iterator[str]:
    for record in shareables.SHAREABLES:
        yield from (f"`{record.__name__}.{field.name}`" for field in dataclasses.fields(record))


# --- FEDERATION.md


def test_every_spoken_type_is_named() -> None:
    assert [name for name in SPOKEN if f"`{name}`" not in FEDERATION] == []


def test_every_handler_is_named_and_no_other() -> None:
    table = FEDERATION.partition("| handler | effect |")[2].partition("\n\n")[0]
    said = set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))
    assert said == {f"{_name(activity)}({_name(thing)})" for activity, thing in handlers.HANDLERS}


def test_every_shareable_field_is_named_and_no_other() -> None:
    records = "|".join(record.__name__ for record in shareables.SHAREABLES)
    said = re.findall(rf"^\| (`(?:{records})\.\w+`) \|", FEDERATION, re.MULTILINE)
    assert said == list(_fields())


# --- generated parts


@pytest.mark.parametrize("path", generated.documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_generated_parts_are_as_the_code_has_them(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text == generated.brought_up_to_date(text), "run: python -m tests.house.generated"


def test_settings_and_register_stand_in_their_documents() -> None:
    assert "<!-- generated: settings -->" in RUNNING
    assert "<!-- generated: register -->" in (ROOT / "docs" / "privacy.md").read_text("utf-8")
    assert "<!-- generated: commands -->" in COMMAND_LINE


def test_no_document_names_a_setting_that_is_not_there() -> None:
    known = {one.name for one in settings.TABLE}
    for path in generated.documents():
        assert set(re.findall(r"(?<!_)PALIER_[A-Z_]+[A-Z]", path.read_text("utf-8"))) <= known, path


# --- commands


def _commands() -> dict[str, click.Command]:
    context = click.Context(cli.palier)
    found = {name: cli.palier.get_command(context, name) for name in cli.COMMANDS}
    return {name: command for name, command in found.items() if command is not None}


def _options(command: click.Command) -> set[str]:
    return {word for one in command.params for word in one.opts if word.startswith("--")}


def _examples() -> Iterator[list[str]]:
    for path in generated.documents():
        for block in re.findall(r"^```sh\n(.*?)^```", path.read_text("utf-8"), re.DOTALL | re.MULTILINE):
            for line in block.splitlines():
                words = shlex.split(line, comments=True)
                if words and words[0].rpartition("/")[2] == "palier":
                    yield words[1:]


@pytest.mark.parametrize("words", list(_examples()), ids=" ".join)
def test_an_example_uses_what_its_command_has(words: list[str]) -> None:
    command: click.Command = cli.palier
    while isinstance(command, click.Group):
        found = command.get_command(click.Context(command), words[0])
        assert found is not None, words
        command, words = found, words[1:]
    assert {word for word in words if word.startswith("--")} <= _options(command)
    command.make_context("palier", _without_files(words), resilient_parsing=True).close()


def test_every_verb_with_every_option_stands_in_the_table() -> None:
    lines = [line for line in COMMAND_LINE.splitlines() if line.startswith("| `palier ")]
    for words, command in generated.verbs():
        (line,) = [one for one in lines if re.match(rf"\| `palier {words}[ `]", one)]
        assert [option for option in _options(command) - {"--help", "--json"} if f"`{option}" not in line] == []
        assert "--json" in _options(command), words


def test_every_command_answers_scripts_but_the_one_that_never_ends() -> None:
    plain = {name for name, one in _commands().items() if not isinstance(one, click.Group)}
    assert {name for name in plain if "--json" not in _options(_commands()[name])} == {"serve"}


def _without_files(words: list[str]) -> list[str]:
    # A path of the reader's machine is not on ours; that the words go together is what is tried.
    return [str(ROOT / "LICENSE") if word.startswith("/") else word for word in words]


def test_every_command_and_every_option_of_it_is_described() -> None:
    for name, command in _commands().items():
        if isinstance(command, click.Group):
            continue  # in the generated table of docs/command-line.md
        (line,) = re.findall(rf"^\| `palier {name}[^|]*\|.*\|$", RUNNING, re.MULTILINE)
        assert [option for option in _options(command) - {"--help"} if f"`{option}" not in line] == []


# --- examples that can be tried


def _code(language: str) -> str:
    (block,) = re.findall(rf"^```{language}\n(.*?)^```", RUNNING, re.DOTALL | re.MULTILINE)
    return str(block)


def test_the_two_roles_of_the_sql_cannot_change_sides() -> None:
    statements = _code("sql")
    for side in ("palier_home", "palier_federation"):
        assert f"CREATE ROLE {side} LOGIN" in statements
        assert f"CREATE DATABASE {side} OWNER {side}" in statements
        assert f"REVOKE CONNECT ON DATABASE {side} FROM PUBLIC" in statements


def test_the_ways_into_the_door_are_those_of_the_embedded_default() -> None:
    source = (ROOT / "web" / "processes" / "embedded.py").read_text("utf-8")
    (pattern,) = re.findall(r"DOOR = re\.compile\(r\"(.*)\"\)", source)
    said = re.findall(r"location ~ \^(/\(inbox.*?\)\(/\|\$\))", RUNNING)
    assert [one.replace("(?:", "(") for one in (pattern,)] == said
    assert "http://127.0.0.1:8000" in RUNNING


# --- decisions, places, links


def test_every_library_has_its_reason() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["test"]]
    names = {re.split(r"[\[<>=!~ ]", one, maxsplit=1)[0] for one in wanted}
    assert {name for name in names if f"`{name}`" not in LIBRARIES} == set()


def test_decisions_are_numbered_dated_and_whole() -> None:
    found = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [path.name[:4] for path in found] == [f"{number:04d}" for number in range(1, len(found) + 1)]
    for path in found:
        text = path.read_text("utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path
        assert re.search(r"^20\d\d-\d\d, (accepted|replaced by \d{4})$", text, re.MULTILINE), path
        assert re.findall(r"^## (.*)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], path


def test_every_package_is_in_the_list_of_folders() -> None:
    listed = ARCHITECTURE.partition("## Finding your way")[2]
    for folder in sorted({*sources.PACKAGES, "federation/hatch", "web/pages", "tests", "docs"}):
        assert f"`{folder}/`" in listed


@pytest.mark.parametrize("path", generated.documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    for link in LINK.findall(CODE.sub("", path.read_text("utf-8"))):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        file, _, heading = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        if target.suffix == ".png":
            assert target.parent == ROOT / "docs" / "screenshots", link
            continue
        assert target.exists(), link
        assert not heading or heading in _headings(target), link


def _headings(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", CODE.sub("", path.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", generated.documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_path_of_code_in_a_document_is_there(path: Path) -> None:
    for named in CODE_PATH.findall(path.read_text("utf-8")):
        assert (ROOT / named).exists(), named


@pytest.mark.parametrize("path", generated.documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_name_of_code_in_a_document_is_there(path: Path) -> None:
    for named in DOTTED.findall(path.read_text("utf-8")):
        assert pkgutil.resolve_name(named) is not None
    for module, name in SHORT.findall(path.read_text("utf-8")):
        homes = [one for one in MODULES if one.rpartition(".")[2] == module]
        assert not homes or any(hasattr(importlib.import_module(one), name) for one in homes), f"{module}.{name}"


def test_the_licence_is_whole() -> None:
    text = (ROOT / "LICENSE").read_text("utf-8")
    assert text.startswith("GNU AFFERO GENERAL PUBLIC LICENSE\nVersion 3, 19 November 2007")
    assert "END OF TERMS AND CONDITIONS" in text
    assert len(text) > 33_000


def test_every_promise_of_delivery_names_tests_that_are_there() -> None:
    promises = (ROOT / "docs" / "federation" / "delivery.md").read_text("utf-8")
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promises)
    assert len(named) >= 9
    assert [f"{path}::{test}" for path, test in named if f"def {test}(" not in (ROOT / path).read_text("utf-8")] == []
