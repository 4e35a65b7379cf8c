"""A request as it came in, where it plainly asks for a document and for nothing else.

Whatever is not on the short list here is left to the web server's own parser, which knows all of HTTP.
"""

import re
from typing import Final, NamedTuple

# Longer ones are not from machines that ask for documents.
LONGEST: Final = 4096
# One whole request without a body: its end is the end of what came in.
_PLAIN: Final = re.compile(
    rb"GET (/[A-Za-z0-9_/-]{1,300}) HTTP/1\.1\r\n((?:[A-Za-z-]{1,40}:[\x20-\x7e]*\r\n){1,40})\r\n"
)
# What other servers send along, and what changes nothing in an answer about a document.
_HARMLESS: Final = frozenset(
    {
        b"accept-encoding",
        b"accept-language",
        b"cache-control",
        b"content-digest",
        b"date",
        b"digest",
        b"from",
        b"signature",
        b"signature-input",
        b"user-agent",
        b"via",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-proto",
        b"x-real-ip",
    }
)
_ONCE: Final = (b"host", b"accept")


class Asked(NamedTuple):
    """The path of a document, and how its reader wants it."""

    path: str
    accept: str


def read(came: bytes) -> Asked | None:
    """What these bytes ask for, if they are one whole plain request that keeps its connection (HTTP/1.1, RFC 9112)."""
    found = _PLAIN.fullmatch(came)
    if found is None:
        return None
    once: dict[bytes, bytes] = {}
    for line in found[2].split(b"\r\n")[:-1]:
        name, _, value = line.partition(b":")
        name = name.lower()
        if name in _ONCE and name not in once:
            once[name] = value.strip()
        elif name == b"connection" and value.strip().lower() == b"keep-alive":
            continue
        elif name not in _HARMLESS:
            return None
    if len(once) != len(_ONCE):
        return None
    return Asked(found[1].decode(), once[b"accept"].decode())
