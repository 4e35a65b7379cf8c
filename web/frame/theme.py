"""Day or night: as the reader's screen has it, unless they chose one in the foot of a page."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from flask import Flask, Response, request
from flask_babel import lazy_gettext
from flask_babel.speaklater import LazyString

from web.frame import context, tokens
from web.frame.locale import REMEMBERED

COOKIE: Final = "palier_theme"
AUTOMATIC: Final = "auto"
# In the order of the foot.
THEMES: Final[dict[str, LazyString]] = {
    AUTOMATIC: lazy_gettext("Automatic"),
    "light": lazy_gettext("Light"),
    "dark": lazy_gettext("Dark"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One choice as the foot draws it."""

    word: str
    query: str
    here: bool


def install(app: Flask) -> None:
    """Remember what is chosen by `?theme=` in a cookie that says nothing else."""

    def keep(response: Response) -> Response:
        asked = request.args.get("theme")
        if asked == AUTOMATIC:
            response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=context.settings().secure)
        elif asked in THEMES:
            response.set_cookie(
                COOKIE,
                asked,
                max_age=REMEMBERED,
                httponly=True,
                samesite="Lax",
                secure=context.settings().secure,
            )
        return response

    app.after_request(keep)


def chosen() -> str | None:
    """`light` or `dark` for `data-theme`, or None where the screen decides."""
    wish = request.args.get("theme") or request.cookies.get(COOKIE)
    return wish if wish in THEMES and wish != AUTOMATIC else None


def choices() -> list[Choice]:
    """The choices, each with the query of this very page: a link is enough, no form and no script."""
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "theme"]
    here = chosen() or AUTOMATIC
    return [
        Choice(word=str(name), query=urlencode([*others, ("theme", word)]), here=word == here)
        for word, name in THEMES.items()
    ]


def bars() -> list[tuple[str | None, str]]:
    """What a phone paints its own bars with: pairs of a media query (None for always) and the colour of paper."""
    papers = {"light": tokens.light()["paper"], "dark": tokens.dark()["paper"]}
    wish = chosen()
    if wish is not None:
        return [(None, papers[wish])]
    return [(f"(prefers-color-scheme: {name})", paper) for name, paper in papers.items()]
