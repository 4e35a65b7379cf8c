"""The locks pin every library by hash, and say nothing about where somebody fetched it."""

import re
import tomllib

import pytest

from tests.house.sources import ROOT

LOCKS = ["run", "test"]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)(?:\[[a-z0-9,_-]+\])?==([^\s;\\]+)", re.MULTILINE)
NAME = re.compile(r"^[A-Za-z0-9._-]+")


def lock(which: str) -> str:
    return (ROOT / "requirements" / f"{which}.lock").read_text(encoding="utf-8")


def pins(which: str) -> dict[str, str]:
    return dict(PIN.findall(lock(which)))


def bare(requirement: str) -> str:
    found = NAME.match(requirement)
    assert found is not None
    return re.sub(r"[-_.]+", "-", found[0]).lower()


@pytest.mark.parametrize("which", LOCKS)
def test_a_lock_names_no_place(which: str) -> None:
    text = lock(which)
    assert "://" not in text
    for word in ("index-url", "find-links", "trusted-host", "pypi", ".localhost", "@ file", "extra-index"):
        assert word not in text.lower(), word


@pytest.mark.parametrize("which", LOCKS)
def test_every_pin_has_hashes(which: str) -> None:
    blocks = re.split(r"\n(?=[a-z0-9])", lock(which))
    unhashed = [PIN.match(one)[1] for one in blocks if PIN.match(one) and "--hash=sha256:" not in one]
    assert not unhashed
    assert len(pins(which)) > 20


def test_the_test_lock_holds_the_run_lock() -> None:
    run, test = pins("run"), pins("test")
    assert {name: version for name, version in run.items() if test.get(name) != version} == {}


def test_what_the_project_asks_for_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert {bare(one) for one in project["project"]["dependencies"]} <= set(pins("run"))
    assert {bare(one) for one in project["dependency-groups"]["test"]} <= set(pins("test"))


def test_every_library_has_a_reason_beside_it() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    project = tomllib.loads(text)
    for one in project["project"]["dependencies"]:
        assert re.search(rf'"{re.escape(one)}",\s+# \w', text), one
