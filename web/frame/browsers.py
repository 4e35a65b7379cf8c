"""What a list of signed-in browsers says of one: its family and its system, never version, device or address."""

from typing import Final

from flask import request
from flask_babel import gettext

from instance.logins import Browser

# The first that is found in the User-Agent header names it: most pretend to be several of those below them.
FAMILIES: Final = (
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Chrom", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def _first(said: str, names: tuple[tuple[str, str], ...]) -> str | None:
    return next((name for mark, name in names if mark in said), None)


def present() -> Browser:
    """The browser of this request."""
    said = request.headers.get("User-Agent", "")
    return Browser(family=_first(said, FAMILIES), system=_first(said, SYSTEMS))


def words(*, family: str | None, system: str | None) -> str:
    """`Firefox on Linux`, or as much of it as is known."""
    if family and system:
        return str(gettext("%(browser)s on %(system)s", browser=family, system=system))
    return family or system or str(gettext("A browser"))
