"""What must not be in the source: built SQL, unchecked certificates, addresses in logs, foreign hosts."""

import ast
import re
from pathlib import Path

import pytest

from tests.house import sources
from tests.house.sources import PACKAGES, ROOT

EXECUTES = {"text", "execute", "executescript", "executemany", "exec_driver_sql", "scalar", "scalars"}
# Statements that take no parameters; each is filled with a literal or a name of our own tables.
BUILT_ON_PURPOSE = {
    "web/stores.py": "pragmas, from a literal tuple",
    "web/migrations/environment.py": "a pragma, on or off",
}
RUNS_CODE = {"eval", "exec", "render_template_string", "from_string", "system", "popen", "yaml_load"}
UNSAFE_MODULES = {"pickle", "marshal", "shelve", "telnetlib", "xmlrpc"}
LOGS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
ADDRESSES = {"path", "full_path", "url", "base_url", "view_args", "query_string", "remote_addr", "referrer"}
FOREIGN = re.compile(r"""(?:src|srcset|action|poster|data)=["'](?:https?:)?//|@import|url\(\s*["']?(?:https?:)?//""")
FOREIGN_LINK = re.compile(r"""<(?:link|base)\b[^>]*href=["'](?:https?:)?//""")
TEMPLATES = sorted((ROOT / "web" / "templates").rglob("*.html"))


def is_built(node: ast.expr) -> bool:
    """Whether a text is put together at run time."""
    match node:
        case ast.JoinedStr(values=values):
            return any(isinstance(one, ast.FormattedValue) for one in values)
        case ast.BinOp(left=ast.Constant(value=str()) | ast.JoinedStr()):
            return True
        case ast.Call(func=ast.Attribute(value=ast.Constant(value=str()), attr="format")):
            return True
        case _:
            return False


def test_no_sql_is_put_together_from_pieces() -> None:
    built = [
        sources.place(file, call)
        for file in sources.files(*PACKAGES)
        for called, call in sources.calls(file)
        if called in EXECUTES and call.args and is_built(call.args[0])
        if sources.name(file) not in BUILT_ON_PURPOSE
    ]
    assert not built


def test_the_exceptions_still_need_to_be_exceptions() -> None:
    for name in BUILT_ON_PURPOSE:
        assert any(
            called in EXECUTES and call.args and is_built(call.args[0]) for called, call in sources.calls(ROOT / name)
        ), name


def test_no_code_is_made_from_data() -> None:
    found = [
        sources.place(file, call)
        for file in sources.files(*PACKAGES)
        for called, call in sources.calls(file)
        if called in RUNS_CODE or any(one.arg == "shell" for one in call.keywords)
    ]
    imported = [
        sources.place(file, node)
        for file in sources.files(*PACKAGES)
        for node in ast.walk(sources.tree(file))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in [getattr(node, "module", None) or "", *(one.name for one in node.names)]
        if module.split(".")[0] in UNSAFE_MODULES
    ]
    assert not found + imported


def test_certificates_are_always_checked() -> None:
    for file in sources.files(*PACKAGES):
        for _, call in sources.calls(file):
            for one in call.keywords:
                unchecked = one.arg in {"verify", "check_hostname"} and ast.unparse(one.value) in {"False", "None"}
                assert not unchecked, sources.place(file, call)
        assert "CERT_NONE" not in file.read_text(encoding="utf-8"), sources.name(file)
        assert "_create_unverified_context" not in file.read_text(encoding="utf-8"), sources.name(file)


def test_no_log_line_names_an_address() -> None:
    # An hour, a client and the address of a listing: that is who looked at what.
    told = []
    for file in sources.files("web"):
        for called, call in sources.calls(file):
            if called not in LOGS or not isinstance(call.func, ast.Attribute):
                continue
            if "log" not in ast.unparse(call.func.value):
                continue
            told += [
                sources.place(file, node)
                for node in ast.walk(call)
                if isinstance(node, ast.Attribute) and node.attr in ADDRESSES and "request" in ast.unparse(node.value)
            ]
    assert not told


def test_the_web_server_keeps_no_access_log() -> None:
    settings = (ROOT / "web" / "processes" / "server.py").read_text(encoding="utf-8")
    assert '"accesslog": None' in settings
    for file in [ROOT / "Procfile", ROOT / "run", *sources.files("web")]:
        assert "access-logfile" not in file.read_text(encoding="utf-8"), file.name
        assert "werkzeug.serving" not in file.read_text(encoding="utf-8"), file.name


def test_no_engine_echoes_what_it_stores() -> None:
    for file in sources.files(*PACKAGES):
        for called, call in sources.calls(file):
            if called == "create_engine":
                assert not [one for one in call.keywords if one.arg == "echo"], sources.place(file, call)


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: file.relative_to(ROOT / "web" / "templates").as_posix())
def test_a_template_loads_nothing_from_elsewhere_and_trusts_no_text(file: Path) -> None:
    text = re.sub(r"\{[%#].*?[%#]\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert not FOREIGN.search(text)
    assert not FOREIGN_LINK.search(text)
    # Cleaned HTML arrives as Markup from the views, which say where it was cleaned.
    assert not re.search(r"\|\s*safe\b|autoescape\s+false", file.read_text(encoding="utf-8"))
    # The policy forbids both; a page that relies on them would be broken.
    assert not re.search(r"\son[a-z]+=[\"']|javascript:", text)
    if file.parent.name == "mail":
        # No page of ours: mail programs know no style sheets. In turn it may have nothing at all that could be loaded.
        assert not re.search(r"<(?:img|link|script|iframe|object|video|form)\b|url\(|\ssrc=|background=", text)
    else:
        assert not re.search(r"\sstyle=[\"']|<style\b", text)


def test_styles_load_nothing_from_elsewhere() -> None:
    for file in (ROOT / "web" / "static").rglob("*.css"):
        if "vendor" not in file.parts:
            text = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
            assert not re.search(r"(?:https?:)?//[a-z]", text), file.name


def test_markup_says_why_it_is_safe() -> None:
    for file in sources.files(*PACKAGES):
        lines = file.read_text(encoding="utf-8").splitlines()
        for called, call in sources.calls(file):
            if called == "Markup" and call.args and not isinstance(call.args[0], ast.Constant):
                said = " ".join(lines[max(0, call.lineno - 2) : call.end_lineno])
                assert re.search("clean|escape|vendored", said), sources.place(file, call)


def test_people_in_examples_live_in_invented_places() -> None:
    # Addresses that could be somebody's: only names reserved for examples may stand in source and documents.
    address = re.compile(r"[\w.+-]+@([\w-]+(?:\.[\w-]+)+)")
    reserved = re.compile(r"(?:^|\.)(?:example|example\.(?:org|com|net)|localhost|test|invalid)$")
    texts = [*sources.files(*PACKAGES), *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    found = {
        f"{sources.name(file)}: {match[0]}"
        for file in texts
        for match in address.finditer(file.read_text(encoding="utf-8"))
        if not reserved.search(match[1]) and not match[1].replace(".", "").isdigit()
    }
    assert not found
