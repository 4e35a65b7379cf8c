"""Every refusal of the domain has a sentence for people, and no sentence waits for a refusal that is gone."""

import ast

import pytest

from tests.house import sources
from tests.house.sources import PACKAGES
from web.pages.refusals import SENTENCES

REFUSALS = {"Refused", "PeerRefused", "BadLine"}


def codes(*folders: str) -> dict[str, str]:
    """Each code that is raised, and one place where."""
    found: dict[str, str] = {}
    for file in sources.files(*folders):
        for called, call in sources.calls(file):
            if called in REFUSALS and call.args:
                for code in literals(call.args[0]):
                    found[code] = sources.place(file, call)
    return found


def literals(node: ast.expr) -> list[str]:
    """The words an argument can be: only literals, so that this test can know them all."""
    match node:
        case ast.Constant(value=str(word)):
            return [word]
        case ast.IfExp(body=body, orelse=orelse):
            return [*literals(body), *literals(orelse)]
        case ast.Attribute(attr="code"):
            return []  # one floor's refusal passed on by the next
        case _:
            pytest.fail(f"a refusal without a literal code: {ast.unparse(node)}")


@pytest.mark.parametrize("folder", ["instance", "federation", "web"])
def test_every_code_has_a_sentence(folder: str) -> None:
    missing = {code: where for code, where in codes(folder).items() if code not in SENTENCES}
    assert not missing


def test_no_sentence_is_left_over() -> None:
    assert set(SENTENCES) - set(codes(*PACKAGES)) == set()


def test_every_field_of_a_refusal_is_a_literal_word() -> None:
    for file in sources.files("instance"):
        for called, call in sources.calls(file):
            if called == "Refused":
                fields = [one.value for one in call.keywords if one.arg == "field"]
                assert all(isinstance(one, ast.Constant | ast.Name) for one in fields), sources.place(file, call)
