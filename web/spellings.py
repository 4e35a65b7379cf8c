"""How each kind of setting is written: every function returns the value or raises ValueError."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

BUNDLED = "bundled"
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\]")
SENDER = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9.-]+")
SQLITE = "sqlite"
POSTGRESQL = "postgresql+psycopg"


def origin(raw: str) -> str:
    """An origin in its one spelling: no usual port, no path."""
    parts = urlsplit(raw.rstrip("/"))
    port = parts.port  # raises ValueError itself when it is no port
    if parts.scheme not in {"http", "https"} or parts.path or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError(raw)
    host = parts.netloc.rpartition(":")[0] if port is not None else parts.netloc
    # Ids are compared byte for byte by others: one spelling only, so upper case is refused, not folded.
    if not HOST.fullmatch(host) or port == 0:
        raise ValueError(raw)
    usual = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" if port in {None, usual} else f"{parts.scheme}://{host}:{port}"


def name(raw: str) -> str:
    """A line to be shown."""
    if len(raw) > 80 or not raw.isprintable():
        raise ValueError(raw)
    return raw


def path(raw: str) -> Path:
    """A path, from now on independent of the current folder."""
    return Path(raw).absolute()


def database(raw: str) -> str:
    """A database URL of one of the two engines; the driver is ours to choose."""
    if raw.startswith(("postgres://", "postgresql://")):
        raw = f"{POSTGRESQL}://{raw.partition('://')[2]}"
    scheme, separator, rest = raw.partition("://")
    if not separator or scheme not in {SQLITE, POSTGRESQL} or not rest.strip("/"):
        raise ValueError(raw)
    return raw


def broker(raw: str) -> str:
    """A broker's URL, or the word for our own."""
    if raw != BUNDLED and not raw.startswith(("redis://", "rediss://", "unix:///")):
        raise ValueError(raw)
    return raw


def flag(raw: str) -> bool:
    """0 or 1."""
    if raw not in {"0", "1"}:
        raise ValueError(raw)
    return raw == "1"


def bind(raw: str) -> str:
    """host:port."""
    host, _, port = raw.rpartition(":")
    if not host or not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise ValueError(raw)
    return raw


def between(least: int, most: int) -> Callable[[str], int]:
    """A whole number within limits."""

    def parse(raw: str) -> int:
        number = int(raw)
        if not least <= number <= most:
            raise ValueError(raw)
        return number

    return parse


def one_of(*words: str) -> Callable[[str], str]:
    """One of these words."""

    def parse(raw: str) -> str:
        if raw not in words:
            raise ValueError(raw)
        return raw

    return parse


def web_address(raw: str) -> str:
    """An http or https address."""
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise ValueError(raw)
    return raw


def email(raw: str) -> str:
    """Something that can be an e-mail address."""
    if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", raw):
        raise ValueError(raw)
    return raw


def relay(raw: str) -> str:
    """The URL of a mail relay."""
    parts = urlsplit(raw)
    port = parts.port  # raises ValueError itself when it is no port
    bare = not (parts.path.strip("/") or parts.query or parts.fragment)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or not bare or port == 0:
        raise ValueError(raw)
    if parts.password and not parts.username:
        raise ValueError(raw)
    return raw


def sender(raw: str) -> str:
    """An address that every relay can send from: plain letters on both sides."""
    if not raw.isascii() or len(raw) > 254 or not SENDER.fullmatch(raw):
        raise ValueError(raw)
    return raw
