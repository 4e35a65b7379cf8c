"""What this place is, its accessibility statement, and the source of the very programme that answers."""

import gzip
import io
import tarfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from flask import Blueprint, Response, make_response, redirect, render_template
from werkzeug.wrappers import Response as AnyResponse

from web.frame import context
from web.views.decisions import RULES

pages = Blueprint("about", __name__)

ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("activitypub", "federation", "instance", "web")
# Present in a checkout, absent when installed as a wheel.
BESIDE: Final = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "FEDERATION.md", "Procfile", "run", "check")
FOLDERS_BESIDE: Final = ("requirements", "docs", "tests")
LEFT_OUT: Final = frozenset({"__pycache__", "node_modules"})
NEVER: Final = frozenset({".pyc", ".mo", ".sqlite", ".key", ".pem"})


@pages.get("/about")
def about() -> str:
    """The name of the place, what it is for, whom to write to."""
    return render_template("about/about.html", rules=[str(one) for one in RULES.values()])


@pages.get("/accessibility")
def accessibility() -> str:
    """The accessibility statement."""
    return render_template("about/accessibility.html")


@pages.get("/source.tar.gz")
def source() -> AnyResponse:
    """The running source, as section 13 of the AGPL asks; or where the operator offers it."""
    elsewhere = context.settings().source_url
    if elsewhere:
        return redirect(elsewhere)
    answer: Response = make_response(archive())
    answer.content_type = "application/gzip"
    answer.headers["Content-Disposition"] = 'attachment; filename="palier-source.tar.gz"'
    return answer


@cache
def archive() -> bytes:
    """The files this process was started from, in one archive; the same files give the same bytes."""
    held = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=held, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as box,
    ):
        for path in sorted(_files()):
            entry = tarfile.TarInfo(f"palier/{path.relative_to(ROOT)}")
            entry.size = path.stat().st_size
            entry.mode = 0o755 if path.stat().st_mode & 0o100 else 0o644
            with path.open("rb") as content:
                box.addfile(entry, content)
    return held.getvalue()


def _files() -> Iterator[Path]:
    yield from (ROOT / name for name in BESIDE if (ROOT / name).is_file())
    beside = FOLDERS_BESIDE if (ROOT / "pyproject.toml").is_file() else ()
    for folder in (*PACKAGES, *beside):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and path.suffix not in NEVER and not LEFT_OUT & set(path.parts):
                yield path
