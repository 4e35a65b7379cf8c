"""Inline drawings for templates: icons of the vendored set, and addresses of static files that change with them."""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final

from flask import Flask, url_for
from markupsafe import Markup

STATIC: Final = Path(__file__).parent.parent / "static"
ICONS: Final = STATIC / "vendor" / "lucide"


@cache
def icon(name: str) -> Markup:
    """An icon, hidden from screen readers: a word always stands beside it.

    Raises FileNotFoundError for one that is not shipped; `web/vendored.py` names those that are.
    """
    drawing = (ICONS / f"{name}.svg").read_text("utf-8")
    drawing = re.sub(r"<!--.*?-->\s*", "", drawing, flags=re.DOTALL)
    drawing = re.sub(r"\s+", " ", drawing).replace("> <", "><").replace(" >", ">").strip()
    # The size is the style sheet's affair, but only the drawing's own: a shape inside keeps its width.
    frame, shapes = drawing.split(">", 1)
    drawing = re.sub(r'\s(class|width|height)="[^"]*"', "", frame) + ">" + shapes
    return Markup(drawing.replace("<svg", '<svg class="icon" aria-hidden="true" focusable="false"', 1))  # noqa: S704 - our own vendored files


@cache
def version(name: str) -> str:
    """What tells one content of a static file from another."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:10]


def asset(name: str) -> str:
    """The address of a static file, with a version so that browsers may keep it for a year."""
    return url_for("static", filename=name, v=version(name))


def install(app: Flask) -> None:
    """Let templates draw."""
    app.jinja_env.globals.update(icon=icon, asset=asset)
