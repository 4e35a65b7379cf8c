"""The cookie that makes a browser a hall screen: the screen's key, or the secret of one that waits to be paired."""

from datetime import timedelta
from typing import Final

from flask import Request, Response

from web.settings import Settings

# Browsers keep no cookie for longer; each page of the wall renews it.
KEPT: Final = timedelta(days=400)
LONGEST_KEY: Final = 64


def name(settings: Settings) -> str:
    """__Host-: a browser takes such a cookie only over https, for this very host and all its paths."""
    return "__Host-palier-screen" if settings.secure else "palier_screen"


def key(request: Request, *, settings: Settings) -> str | None:
    """What this browser was given, if anything that can be a key."""
    found = request.cookies.get(name(settings))
    return found if found and len(found) <= LONGEST_KEY else None


def give(response: Response, *, key: str, settings: Settings) -> None:
    """Let the browser keep it. No script of the page can read it."""
    response.set_cookie(
        name(settings),
        key,
        max_age=KEPT,
        secure=settings.secure,
        httponly=True,
        samesite="Lax",
    )
