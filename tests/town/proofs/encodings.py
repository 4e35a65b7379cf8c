"""The ways in which a private value might hide: each as bytes to look for, all in lower case."""

import base64
import codecs
import hashlib
import html
import json
import re
import unicodedata
import urllib.parse
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

# Shorter than this, a value stands in any text by chance.
SHORTEST = 7
HASHES = ("md5", "sha1", "sha224", "sha256", "sha512", "blake2b", "blake2s")
PREFIX = 8
MONTHS = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split(),  # noqa: SIM905
    "en": "January February March April May June July August September October November December".split(),  # noqa: SIM905
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way of writing a value. `alone`: so short that it counts only as a word of its own."""

    name: str
    needle: bytes
    alone: bool = False


def forms(value: object) -> list[Form]:
    """All ways of writing a value that are long enough to be told from chance, in lower case."""
    found = {}
    for one in _forms(value):
        needle = one.needle.lower()
        if len(needle) >= SHORTEST:
            found.setdefault(needle, Form(name=one.name, needle=needle, alone=one.alone))
    return list(found.values())


def _forms(value: object) -> Iterator[Form]:
    match value:
        case datetime():
            yield from _moment(value)
        case date():
            yield from _day(value)
        case uuid.UUID():
            yield from text(str(value))
            yield from _bits(value.bytes, name="uuid")
        case bool():
            return
        case int():
            yield from _whole(value)
        case float() | Decimal():
            yield from _fraction(value)
        case bytes():
            yield Form(name="raw", needle=value)
            yield from _bits(value, name="bytes")
        case _:
            yield from text(str(value))


def text(value: str) -> Iterator[Form]:
    """What can be made of a text, by escaping, encoding, turning round or hashing it."""
    raw = value.encode()
    yield Form(name="raw", needle=raw)
    yield Form(name="reversed", needle=value[::-1].encode())
    yield Form(name="rot13", needle=codecs.encode(value, "rot13").encode())
    yield Form(name="slug", needle=slug(value, dash="-").encode())
    yield Form(name="slug_", needle=slug(value, dash="_").encode())
    yield from _escaped(value)
    yield from _bits(raw, name="text")
    for name, written in (("", value), (" of its folded form", value.casefold()), (" of its bare form", value.strip())):
        if not name or written != value:
            yield from _hashes(written.encode(), note=name)


def hashes(value: object) -> list[Form]:
    """What hashing makes of a whole text, of which only the head is looked for as it stands."""
    if not isinstance(value, str):
        return []
    spellings = dict.fromkeys((value, value.casefold()))
    return [replace(one, needle=one.needle.lower()) for text_ in spellings for one in _hashes(text_.encode())]


def slug(value: str, *, dash: str) -> str:
    """A value as a file name or an address would have it."""
    plain = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", dash, plain).strip(dash)


def _escaped(value: str) -> Iterator[Form]:
    raw = value.encode()
    yield Form(name="URL", needle=urllib.parse.quote(value, safe="").encode())
    yield Form(name="URL of a form", needle=urllib.parse.quote_plus(value).encode())
    yield Form(name="URL, every byte", needle="".join(f"%{one:02x}" for one in raw).encode())
    yield Form(name="quoted-printable", needle="".join(f"={one:02x}" for one in raw).encode())
    yield Form(name="entities", needle=html.escape(value).encode())
    yield Form(name="decimal entities", needle="".join(f"&#{ord(one)};" for one in value).encode())
    yield Form(name="hex entities", needle="".join(f"&#x{ord(one):x};" for one in value).encode())
    yield Form(name="named entities", needle=value.encode("ascii", "xmlcharrefreplace"))
    yield Form(name="JSON", needle=json.dumps(value)[1:-1].encode())
    yield Form(name="Python", needle=value.encode("unicode_escape"))
    yield Form(name="JSON, every letter", needle="".join(f"\\u{ord(one):04x}" for one in value).encode())
    yield Form(name="Python, every byte", needle="".join(f"\\x{one:02x}" for one in raw).encode())
    yield Form(name="UTF-16", needle=value.encode("utf-16-le"))
    yield Form(name="IDNA", needle=_punycode(value))


def _punycode(value: str) -> bytes:
    return b"xn--" + value.encode("punycode") if not value.isascii() else value.encode()


def _bits(raw: bytes, *, name: str) -> Iterator[Form]:
    """Bytes as text: their middle, wherever in a longer run they may begin."""
    yield Form(name=f"hex of its {name}", needle=raw.hex().encode())
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw).rstrip(b"=")
        middle = coded[-(-shift * 8 // 6) : (shift + len(raw)) * 8 // 6]
        yield Form(name=f"base64 of its {name}, {shift} in", needle=middle)
        yield Form(name=f"base64url of its {name}, {shift} in", needle=middle.translate(bytes.maketrans(b"+/", b"-_")))
    for shift in range(5):
        coded = base64.b32encode(b"\0" * shift + raw).rstrip(b"=")
        middle = coded[-(-shift * 8 // 5) : (shift + len(raw)) * 8 // 5]
        yield Form(name=f"base32 of its {name}, {shift} in", needle=middle)


def _hashes(raw: bytes, *, note: str = "") -> Iterator[Form]:
    for kind in HASHES:
        digest = hashlib.new(kind, raw, usedforsecurity=False).digest()
        coded = base64.b64encode(digest)
        safe = base64.urlsafe_b64encode(digest)
        yield Form(name=f"{kind}{note}", needle=digest.hex().encode())
        yield Form(name=f"{kind} in base64{note}", needle=coded.rstrip(b"="))
        yield Form(name=f"{kind} in base64url{note}", needle=safe.rstrip(b"="))
        yield Form(name=f"{kind}, shortened{note}", needle=digest.hex()[:PREFIX].encode(), alone=True)
        yield Form(name=f"{kind} in base64, shortened{note}", needle=coded[:PREFIX], alone=True)
        yield Form(name=f"{kind} in base64url, shortened{note}", needle=safe[:PREFIX], alone=True)


def _whole(value: int) -> Iterator[Form]:
    """A whole number, and what it becomes as bytes or as somebody's UUID."""
    for one in text(str(value)):
        yield Form(name=one.name, needle=one.needle, alone=one.alone or one.name == "raw")
    yield Form(name="hexadecimal", needle=f"{value:x}".encode(), alone=True)
    yield Form(name="octal", needle=f"0o{value:o}".encode())
    yield Form(name="grouped", needle=f"{value:,}".encode())
    yield Form(name="grouped in French", needle=f"{value:,}".replace(",", "\u202f").encode())
    if 0 <= value < 1 << 63:
        yield from _bits(value.to_bytes(8, "big"), name="eight bytes")
        tail = f"{value:016x}"
        # The same number as the low or the high half of a UUID.
        yield Form(name="UUID, low half", needle=f"{tail[:4]}-{tail[4:]}".encode())
        yield Form(name="UUID, high half", needle=f"{tail[:8]}-{tail[8:12]}-{tail[12:]}".encode())


def _fraction(value: float | Decimal) -> Iterator[Form]:
    """A coordinate: as it is, and rounded to what is still a house."""
    for digits in (4, 5, 6):
        yield Form(name=f"{digits} decimals", needle=f"{value:.{digits}f}".encode())
        yield Form(name=f"{digits} decimals in French", needle=f"{value:.{digits}f}".replace(".", ",").encode())
    yield Form(name="raw", needle=str(value).encode())
    yield from _bits(str(value).encode(), name="text")


def _moment(value: datetime) -> Iterator[Form]:
    yield from _day(value.date())
    seconds = int(value.timestamp())
    for name, one in (("seconds", seconds), ("milliseconds", seconds * 1000)):
        yield Form(name=name, needle=str(one).encode(), alone=True)
    yield Form(name="hex of its seconds", needle=f"{seconds & 0xFFFFFFFF:08x}".encode(), alone=True)
    yield from _hashes(value.isoformat().encode(), note=" of its ISO form")


def _day(value: date) -> Iterator[Form]:
    """A date in the spellings of machines and of two languages."""
    for name, one in _spellings(value):
        # The 5th is no part of the 15th.
        yield Form(name=name, needle=one.encode(), alone=name in {"French", "English, day first"})
        yield from _bits(one.encode(), name=f"{name} date")
    yield from _hashes(value.isoformat().encode(), note=" of its ISO date")


def _spellings(value: date) -> Iterable[tuple[str, str]]:
    french, english = MONTHS["fr"][value.month - 1], MONTHS["en"][value.month - 1]
    return [
        ("ISO", value.isoformat()),
        ("slashed", f"{value.day:02}/{value.month:02}/{value.year}"),
        ("compact", f"{value:%Y%m%d}"),
        ("French", f"{value.day} {french} {value.year}"),
        ("English", f"{english} {value.day}, {value.year}"),
        ("English, day first", f"{value.day} {english} {value.year}"),
        ("HTTP", f"{value.day:02} {english[:3]} {value.year}"),
    ]
