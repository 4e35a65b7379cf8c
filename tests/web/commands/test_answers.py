"""What commands say: JSON that is JSON, text that commands no terminal, sentences in the reader's language."""

import json
import os
import pty
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from tests.house import generated
from tests.web.commands.offices import Office
from web import catalogues, cli
from web.terminal import labels, printing
from web.terminal.printing import Coded, One, Rows

ROOT = Path(__file__).parents[3]
moments = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]))
scalars = st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.uuids(), moments)
coded = st.builds(lambda code, word: Coded(code=code, word=word), st.text(), st.text())
values = st.dictionaries(
    st.sampled_from(sorted(labels.LABELS)), st.one_of(scalars, coded, st.lists(st.text(), max_size=3)), max_size=6
)


def _meant(value: Any) -> Any:
    match value:
        case datetime():
            return value.astimezone(UTC).replace(microsecond=0)
        case UUID():
            return str(value)
        case Coded():
            return value.code
        case dict():
            return {key: _meant(one) for key, one in value.items()}
        case _:
            return value


def _read(value: Any, wanted: Any) -> Any:
    return datetime.fromisoformat(value) if isinstance(wanted, datetime) else value


@given(values)
def test_one_thing_as_json_reads_back_as_it_was(found: dict[str, Any]) -> None:
    read = json.loads(printing.document(One(values=found)))
    wanted = _meant(found)
    assert {key: _read(one, wanted[key]) for key, one in read.items()} == wanted
    # ISO moments name UTC.
    assert all(str(read[key]).endswith("Z") for key, one in found.items() if isinstance(one, datetime))


@given(st.lists(values, max_size=4), st.none() | st.text(min_size=1))
def test_a_list_as_json_has_its_rows_and_where_it_goes_on(rows: list[dict[str, Any]], after: str | None) -> None:
    read = json.loads(printing.document(Rows(name="things", rows=rows, columns=(), after=after)))
    assert set(read) == {"things", "next"}
    assert (len(read["things"]), read["next"]) == (len(rows), after)


@given(st.text())
def test_no_name_commands_a_terminal(text: str) -> None:
    tamed = printing.tame(text, lines=False)
    assert len(tamed) == len(text)
    assert tamed.isprintable()


def test_every_key_of_every_command_has_a_word() -> None:
    for _, command in generated.verbs():
        module = sys.modules[command.callback.__module__]  # type: ignore[union-attr]
        columns = getattr(module, "COLUMNS", ())
        assert [one for one in columns if one not in labels.LABELS and module.__name__ != "web.commands.codes"] == []


def test_what_is_shown_to_people_has_words_for_all_keys(small_office: Office) -> None:
    for words in (
        ("quarters", "show", "le_port"),
        ("buildings", "show", "La Vigie"),
        ("accounts", "show", "ana"),
        ("organisations", "show", "comite"),
        ("peers", "show", "voisine.localhost:8200"),
        ("charters", "show", "voisine.localhost:8200"),
    ):
        said = small_office.told(*words)
        assert len(said.splitlines()) == len(small_office.json(*words))


def test_lists_in_a_pipe_are_lines_with_tabs(small_office: Office) -> None:
    head, *lines = small_office.told("accounts", "list").splitlines()
    assert head.split("\t") == ["Login name", "May act as", "State", "Since"]
    assert [line.split("\t")[0] for line in lines] == ["adele", "ana", "ben", "cleo", "edith", "modo"]
    cut = small_office.run("accounts", "list", "--limit", "1")
    assert "--after adele" in cut.stderr


# --- what is typed


WRONG = {
    "uuid": ("not-an-id", "2b1f0a2e-0000-4000-8000-00000000000"),
    "quarter": ("nowhere", "", "'; DROP TABLE quarter; --"),
    "city": ("Nulle-Part", ""),
    "building": ("Nulle part", "00000000-0000-4000-8000-000000000000"),
    "organisation": ("nobody", "É"),
    "address": ("13055_0000_00001", "", "x" * 500),
    "login": ("nobody-here", "", "x" * 500),
    "audience": ("everybody", "", "NETWORK2"),
    "insee": ("1", "ABCDE", "130555"),
    "postcode": ("1300", "abcde"),
    "datetime": ("demain", "2027-13-01", "01/03/2027", ""),
    "integer range": ("0", "-1", "many", "999999999999999999999"),
    "choice": ("nonsense", ""),
    "file": ("/nonexistent/file", "/"),
    "text": ("a\udce9",),
}
FREE = {"path", "boolean"}


def _parameters() -> Iterator[tuple[str, str, str]]:
    for words, command in generated.verbs():
        for one in command.params:
            kind = one.type.name
            if kind not in FREE:
                yield from ((words, one.name or "", bad) for bad in WRONG[kind])


def test_every_kind_of_parameter_is_tried_wrong() -> None:
    assert {one.type.name for _, command in generated.verbs() for one in command.params} - FREE == set(WRONG)


def test_bad_input_is_refused_and_changes_nothing(small_office: Office, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_text("x")
    right = {
        "quarter": "le_port", "city": "99001", "building": "La Vigie", "organisation": "comite", "login": "adele",
        "audience": "quarter", "insee": "13055", "postcode": "13001", "integer range": "1", "file": str(body),
        "datetime": "2027-03-01",
        "uuid": "00000000-0000-4000-8000-000000000000", "text": "x",
    }  # fmt: skip
    verbs = dict(generated.verbs())
    before = small_office.everything()
    for words, name, bad in sorted(set(_parameters())):
        arguments: list[str] = words.split()
        for one in verbs[words].params:
            if not (one.required or one.name == name):
                continue
            choice = one.type.choices[0] if isinstance(one.type, click.Choice) else None
            value = bad if one.name == name else (choice or right.get(one.type.name, str(tmp_path / "new")))
            arguments += [one.opts[0], value] if isinstance(one, click.Option) else [value]
        done = small_office.run(*arguments, "--json")
        assert done.exit_code in {1, 2}, arguments
        assert not done.stdout, arguments
        assert json.loads(done.stderr)["error"]["sentence"], arguments
    assert small_office.everything() == before


# --- languages


def test_refusals_and_helps_are_in_the_readers_language(small_office: Office) -> None:
    french = catalogues.read("fr")
    for lang, sentence in (
        ("fr_FR.UTF-8", french.get("Only an administrator can do this.").string),
        ("C", french.get("Only an administrator can do this.").string),
        ("en_GB.UTF-8", "Only an administrator can do this."),
    ):
        done = small_office.run("accounts", "role", "ben", "moderator", "--as", "modo", lang=lang)
        assert done.stderr.endswith(f"{sentence}\n")
    assert "Usage\u00a0:" in small_office.run("quarters", "--help", lang="fr_FR.UTF-8").stdout
    assert "Usage:" in small_office.run("quarters", "--help").stdout
    assert french.get("All quarters, by postcode and name.").string in " ".join(
        small_office.run("quarters", "list", "--help", lang="fr").stdout.split()
    )


def test_every_help_is_in_the_catalogue() -> None:
    french = catalogues.read("fr")
    told = [getattr(one, "_help", None) for _, verb in generated.verbs() for one in (verb, *verb.params)]
    told += [meaning for _, meaning in cli.COMMANDS.values()]
    assert [one for one in told if one and not (french.get(one) and french.get(one).string)] == []


def test_a_help_needs_no_settings() -> None:
    done = CliRunner().invoke(cli.palier, ["news", "post", "--help"], env={"PALIER_ORIGIN": None, "LANG": "en_GB"})
    assert done.exit_code == 0
    assert "--audience [building|quarter|instance|network]" in done.stdout


def test_settings_that_cannot_be_used_are_told_as_json_too(small_office: Office) -> None:
    wrong = {**small_office.environ, "PALIER_ORIGIN": "ftp://x", "LANG": "en_GB"}
    done = CliRunner().invoke(cli.palier, ["quarters", "list", "--json"], env=wrong)
    assert done.exit_code == 2
    assert json.loads(done.stderr)["error"]["code"] == "settings"


# --- a real process


def _process(office: Office, *words: str, **how: Any) -> "subprocess.CompletedProcess[str]":
    environ = {"PATH": os.environ["PATH"], "LANG": "en_GB.UTF-8", **office.environ}
    command = [sys.executable, "-m", "web.cli", *words]
    return subprocess.run(command, env=environ, cwd=ROOT, text=True, capture_output=True, timeout=90, **how)


def test_commands_in_a_process_of_their_own(small_office: Office) -> None:
    done = _process(small_office, "quarters", "open", "le_port", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["open"] is True
    missing = _process(small_office, "quarters", "open", "le_pord")
    assert (missing.returncode, missing.stdout) == (1, "")
    assert "Did you mean: le_port" in missing.stderr
    assert _process(small_office, "quarters", "shut").returncode == 2
    assert "\x1b" not in _process(small_office, "quarters", "list").stdout


def test_the_shell_completes_names_of_the_store(small_office: Office) -> None:
    environ = {
        "PATH": os.environ["PATH"],
        "_PALIER_COMPLETE": "bash_complete",
        "COMP_WORDS": "palier quarters open les_",
        "COMP_CWORD": "3",
        **small_office.environ,
    }
    command = [sys.executable, "-m", "web.cli"]
    done = subprocess.run(command, env=environ, cwd=ROOT, text=True, capture_output=True, timeout=90)
    assert done.stdout.splitlines() == ["plain,les_acacias"]


def test_on_a_terminal_lists_are_tables_and_questions_are_asked(small_office: Office) -> None:
    screen = small_office.json("screens", "install", "La Vigie")
    said = _terminal(small_office, "screens", "remove", screen["id"], typed=b"n\n")
    assert "Go on?" in said
    assert "Nothing was changed." in said
    assert len(small_office.json("screens", "list", "La Vigie")["screens"]) == 1
    assert "Login name" in _terminal(small_office, "accounts", "list")
    assert "switched off" in _terminal(small_office, "screens", "remove", screen["id"], typed=b"y\n")
    assert small_office.json("screens", "list", "La Vigie")["screens"] == []


def _terminal(office: Office, *words: str, typed: bytes = b"") -> str:
    ours, theirs = pty.openpty()
    environ = {"PATH": os.environ["PATH"], "LANG": "en_GB.UTF-8", "TERM": "xterm", **office.environ}
    process = subprocess.Popen(
        [sys.executable, "-m", "web.cli", *words], env=environ, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    os.write(ours, typed)
    said = b""
    try:
        while more := os.read(ours, 4096):
            said += more
    except OSError:  # the other end is closed
        pass
    assert process.wait(60) in {0, 1}
    os.close(ours)
    return said.decode()


# --- the document


def test_the_town_of_the_document_is_made_by_its_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs" / "command-line.md").read_text("utf-8")
    (lines,) = re.findall(r"as they stand\.\n\n```sh\n(.*?)```", text, re.DOTALL)
    (table,) = re.findall(r"```csv\n(.*?)```", text, re.DOTALL)
    (tmp_path / "immeubles.csv").write_text(table, "utf-8")
    (tmp_path / "texte.md").write_text("Dès **samedi**.", "utf-8")
    (tmp_path / "mot-de-passe.txt").write_text("une longue phrase de passe\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    environ = {
        "PALIER_ORIGIN": "https://voisins.example",
        "PALIER_DATA": str(tmp_path / "data"),
        "LANG": "en_GB.UTF-8",
    }
    for line in lines.splitlines():
        done = CliRunner().invoke(cli.palier, shlex.split(line)[1:], env=environ)
        assert done.exit_code == 0, f"{line}: {done.output} {done.exception}"
    assert len((tmp_path / "codes.csv").read_text("utf-8").splitlines()) == 1 + 44 + 3
