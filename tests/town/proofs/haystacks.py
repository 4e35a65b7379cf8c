"""What is searched: everything that was captured, and what is packed inside it."""

import base64
import binascii
import html
import re
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

DEEPEST = 3
SMALLEST = 8
LARGEST = 1 << 24
PACKED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{20,}")
HEX = re.compile(rb"(?<![0-9A-Fa-f])(?:[0-9A-Fa-f]{2}){12,}(?![0-9A-Fa-f])")
# A mail or a key writes long base64 in lines, and a mail ends a line of quoted-printable wherever it is full.
FOLDED = re.compile(rb"(?<=[A-Za-z0-9+/]{60})\r?\n(?=[A-Za-z0-9+/=])|=\r?\n")
# JSON within JSON doubles the backslash.
JSON = re.compile(rb"(?:\\+u[0-9A-Fa-f]{4})+")
PERCENT = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
QUOTED = re.compile(rb"(?:=[0-9A-F]{2})+")
ENTITY = re.compile(rb"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
# The first bytes of the marks that Unicode puts behind a letter.
MARKS = re.compile(rb"[\xcc\xcd]")
TO_STANDARD = bytes.maketrans(b"-_", b"+/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Haystack:
    """Something captured: the channel it left by, where exactly, who reads it, and its bytes."""

    channel: str
    place: str
    reader: str
    data: bytes


def pieces(data: bytes, *, depth: int = DEEPEST) -> Iterator[bytes]:
    """The bytes in pieces a search may remember: line by line, with what was packed or encoded in them."""
    unfolded = FOLDED.sub(b"", data)
    for whole in (data,) if unfolded == data else (data, unfolded):
        yield from whole.split(b"\n")
    if depth:
        for inner in _unpacked(data):
            yield from pieces(inner, depth=depth - 1)


def decoded(piece: bytes) -> Iterator[bytes]:
    """What stands in a piece in base64 or hexadecimal, when it is packed or text again; and the piece unescaped."""
    yield from _unescaped(piece)
    for run in BASE64.findall(piece):
        for shift in range(4) if len(run) < 2000 else (0,):
            if (inner := _base64(run[shift:])) is not None:
                yield inner
    for run in HEX.findall(piece):
        yield bytes.fromhex(run.decode())


def _unescaped(piece: bytes) -> Iterator[bytes]:
    """The piece with its letters as they are, for each way of writing some of them otherwise that it uses."""
    for escape, undo in _ESCAPES:
        if escape.search(piece):
            yield escape.sub(undo, piece)
    if MARKS.search(piece):
        composed = unicodedata.normalize("NFC", piece.decode("utf-8", "surrogateescape"))
        if (inner := composed.encode("utf-8", "surrogateescape")) != piece:
            yield inner


def _from_json(found: re.Match[bytes]) -> bytes:
    units = bytes.fromhex(re.sub(rb"\\+u", b"", found[0]).decode())
    return units.decode("utf-16-be", "replace").encode()


def _from_bytes(found: re.Match[bytes]) -> bytes:
    """Percent or equals signs: UTF-8, or what was usual before it."""
    raw = bytes.fromhex(found[0][1:].translate(None, b"%=").decode())
    try:
        raw.decode()
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace").encode()
    return raw


def _from_entity(found: re.Match[bytes]) -> bytes:
    return html.unescape(found[0].decode()).encode("utf-8", "replace")


_ESCAPES = ((JSON, _from_json), (PERCENT, _from_bytes), (QUOTED, _from_bytes), (ENTITY, _from_entity))


def _base64(run: bytes) -> bytes | None:
    run = run.translate(TO_STANDARD)
    try:
        inner = base64.b64decode(run[: len(run) // 4 * 4] + _rest(run[len(run) // 4 * 4 :]))
    except (ValueError, binascii.Error):
        return None
    return inner if len(inner) >= SMALLEST and _is_worth_a_look(inner) else None


def _rest(run: bytes) -> bytes:
    return run + b"=" * (4 - len(run)) if len(run) > 1 else b""


def _is_worth_a_look(inner: bytes) -> bool:
    """Packed, or text: what is neither was no encoding of anything, and its middle is looked for as it stands."""
    printable = sum(32 <= one < 127 or one in {9, 10, 13} or one > 0xC1 for one in inner[:64])
    return PACKED.match(inner) is not None or printable >= len(inner[:64]) * 0.9 or bool(_inflate(inner, raw=True))


def _unpacked(data: bytes) -> Iterator[bytes]:
    """Every gzip or zlib stream that begins anywhere, and the whole as a bare deflate stream."""
    for found in PACKED.finditer(data):
        if inner := _inflate(data[found.start() :]):
            yield inner
    if inner := _inflate(data, raw=True):
        yield inner


def _inflate(data: bytes, *, raw: bool = False) -> bytes | None:
    stream = zlib.decompressobj(-15 if raw else 47)
    try:
        inner = stream.decompress(data, LARGEST)
    except zlib.error:
        return None
    if raw and not stream.eof:  # chance makes many a beginning of a deflate stream, and hardly ever its end
        return None
    return inner if len(inner) >= SMALLEST else None
