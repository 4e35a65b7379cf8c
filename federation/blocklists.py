"""Lists of hosts as other software writes them: Mastodon's table, and plain lists of one domain a line.

Source of the table: Mastodon, `export_domain_blocks_controller.rb` (at most 20,000 rows; `#` before each heading).
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from federation import cells as written
from federation.base import PeerRefused

HEADER: Final = ("#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate")
MOST_ROWS: Final = 20_000
LARGEST: Final = 4 * 1024 * 1024
LONGEST_COMMENT: Final = 500
LONGEST_ROW: Final = 20  # lines
_LABEL: Final = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_LONGEST_NAME: Final = 253
# Where the two generations of international names mean two different hosts: ß, final sigma, and joiners.
_TWO_MEANINGS: Final = frozenset("ßẞς\u200c\u200d")
# Under these anybody registers a name: a block of one would cut off a country. Not the whole public suffix list, which
# changes by the week: the ones that a slip of the hand is likely to leave standing alone.
_SUFFIXES: Final = frozenset(
    [
        "ac.uk",
        "co.uk",
        "gov.uk",
        "ltd.uk",
        "me.uk",
        "net.uk",
        "org.uk",
        "plc.uk",
        "sch.uk",
        "asso.fr",
        "com.fr",
        "gouv.fr",
        "nom.fr",
        "prd.fr",
        "tm.fr",
        "co.at",
        "gv.at",
        "or.at",
        "co.jp",
        "ac.jp",
        "go.jp",
        "ne.jp",
        "or.jp",
        "com.au",
        "edu.au",
        "gov.au",
        "id.au",
        "net.au",
        "org.au",
        "co.nz",
        "net.nz",
        "org.nz",
        "com.br",
        "net.br",
        "org.br",
        "com.ar",
        "com.mx",
        "com.tr",
        "com.cn",
        "net.cn",
        "org.cn",
        "com.tw",
        "com.hk",
        "com.sg",
        "co.in",
        "net.in",
        "org.in",
        "co.za",
        "org.za",
        "co.kr",
        "or.kr",
        "co.il",
        "org.il",
        "com.pl",
        "net.pl",
        "org.pl",
        "com.ua",
        "com.es",
        "org.es",
        "com.pt",
        "com.gr",
        "com.ru",
        "eu.org",
        "github.io",
        "gitlab.io",
        "pages.dev",
        "netlify.app",
        "vercel.app",
        "herokuapp.com",
        "blogspot.com",
        "wordpress.com",
        "duckdns.org",
        "dyndns.org",
        "freeboxos.fr",
    ]
)


class Severity(StrEnum):
    """What a list asks for, in Mastodon's words."""

    SILENCE = "silence"
    SUSPEND = "suspend"
    NOOP = "noop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One host of a list; `line` counts from one."""

    line: int
    host: str
    severity: Severity
    comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A line that says nothing usable: its number, a code for why, and what stood there, cut short."""

    line: int
    why: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocklist:
    """What a file says: one row per host, and the lines that were not read."""

    rows: tuple[Row, ...]
    unread: tuple[Unread, ...]


class _Unusable(Exception):
    """Why a line is not read."""


def read(data: bytes, *, own_host: str) -> Blocklist:
    """Read a list, whatever wrote it; a host that stands twice keeps its stricter row.

    Raises:
        PeerRefused: `blocklist_large`, `blocklist_encoding`, `blocklist_long`, `blocklist_empty`, and nothing else
            whatever the bytes are.
    """
    if len(data) > LARGEST:
        raise PeerRefused("blocklist_large", field="file")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PeerRefused("blocklist_encoding", field="file") from None
    lines = [(line, cells) for line, cells in _cells(text) if any(cell.strip() for cell in cells)]
    if not lines:
        raise PeerRefused("blocklist_empty", field="file")
    heading = [cell.strip().lower() for cell in lines[0][1]]
    tabled = heading[0] in {"#domain", "domain"}
    if len(lines) - tabled > MOST_ROWS:
        raise PeerRefused("blocklist_long", field="file")
    parse = _table_row(heading) if tabled else _plain_row
    return _gather(lines[tabled:], parse=parse, own_host=own_host)


def _cells(text: str) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file as cells, each with the number of its first line."""
    lines = re.split(r"\r\n|\n|\r", text)
    at = 0
    while at < len(lines):
        cells, count = _row_at(lines, at)
        yield at + 1, cells
        at += count


def _row_at(lines: list[str], at: int) -> tuple[list[str], int]:
    """The cells that begin with a line, and how many lines they take: a comment in quotes may go on over several.

    A quote that nothing ends, or only another row, ends with its line: it must not take that row along.
    """
    for strict, most in ((True, LONGEST_ROW), (False, 1)):
        rows = csv.reader((f"{line}\n" for line in lines[at : at + most]), strict=strict)
        try:
            cells = next(rows, [])
        except csv.Error:
            continue
        more = lines[at + 1 : at + rows.line_num]
        if not more or not (_ROW.search("\n".join(more)) or "\n" in cells[0]):
            return [cell.removesuffix("\n") for cell in cells], max(rows.line_num, 1)
    return [lines[at]], 1


_ROW: Final = re.compile(rf"^[^,\"\n]+,\s*(?:{'|'.join(Severity)})\s*(?:,|$)", re.IGNORECASE | re.MULTILINE)

_Parse = Callable[[int, list[str]], Row | None]


def _table_row(heading: list[str]) -> _Parse:
    places = {name.removeprefix("#"): place for place, name in reversed(list(enumerate(heading)))}

    def cell(cells: list[str], name: str) -> str:
        place = places.get(name)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def parse(line: int, cells: list[str]) -> Row | None:
        host = host_of(cell(cells, "domain"))
        try:
            # Mastodon suspends where a list does not say how severe it is.
            severity = Severity((cell(cells, "severity") or Severity.SUSPEND).lower())
        except ValueError:
            raise _Unusable("severity") from None
        return Row(line=line, host=host, severity=severity, comment=_comment(cell(cells, "public_comment")))

    return parse


def _plain_row(line: int, cells: list[str]) -> Row | None:
    if cells[0].lstrip().startswith("#"):
        return None
    if len(cells) > 1:
        raise _Unusable("not_a_host")
    return Row(line=line, host=host_of(cells[0].strip()), severity=Severity.SUSPEND)


def _comment(text: str) -> str:
    line = written.bare(text).replace("\n", " ")
    return "".join(letter for letter in line if letter.isprintable())[:LONGEST_COMMENT]


def _gather(lines: Iterable[tuple[int, list[str]]], *, parse: _Parse, own_host: str) -> Blocklist:
    kept: dict[str, Row] = {}
    unread: list[Unread] = []
    for line, cells in lines:
        try:
            row = parse(line, cells)
            if row is not None:
                _put(kept, row, own_host=own_host)
        except _Unusable as reason:
            unread.append(Unread(line=line, why=str(reason), text=_shown(cells)))
    return Blocklist(rows=tuple(kept.values()), unread=tuple(unread))


def _put(kept: dict[str, Row], row: Row, *, own_host: str) -> None:
    if _covers(row.host, own_host):
        raise _Unusable("own_host")
    before = kept.get(row.host, row)
    kept[row.host] = max(before, row, key=lambda one: _STRICTNESS[one.severity])
    if before is not row:
        raise _Unusable("twice")


_STRICTNESS: Final = {Severity.NOOP: 0, Severity.SILENCE: 1, Severity.SUSPEND: 2}
_SHOWN: Final = 60


def _shown(cells: list[str]) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in cells[0])[:_SHOWN]


def _covers(host: str, own_host: str) -> bool:
    bare = own_host.partition(":")[0]
    return bare == host or bare.endswith(f".{host}")


def host_of(typed: str) -> str:
    """The one spelling of a domain of a list, in lower case and ASCII.

    Raises:
        _Unusable: with a code: `empty`, `obfuscated`, `wildcard`, `address`, `port`, `two_meanings`, `suffix`,
            `not_a_host`.
    """
    text = typed.strip().lower().removesuffix(".")
    for code, wrong in _WRONG:
        if wrong(text):
            raise _Unusable(code)
    try:
        name = text if text.isascii() else text.encode("idna").decode("ascii")
    except UnicodeError:
        raise _Unusable("not_a_host") from None
    labels = name.split(".")
    if len(name) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdecimal():
        raise _Unusable("not_a_host")
    if len(labels) == 1 or name in _SUFFIXES:
        raise _Unusable("suffix")
    return name


_WRONG: Final[tuple[tuple[str, Callable[[str], bool]], ...]] = (
    ("empty", lambda text: not text),
    ("wildcard", lambda text: text.startswith(("*.", "."))),
    # Mastodon hides letters of a name that it does not want to advertise.
    ("obfuscated", lambda text: "*" in text),
    ("address", lambda text: "/" in text or "@" in text or text.startswith("[")),
    ("port", lambda text: re.fullmatch(r"[^:]+:\d+", text) is not None),
    ("two_meanings", lambda text: any(letter in _TWO_MEANINGS for letter in text)),
)


def write(rows: Iterable[Row]) -> str:
    """The list in Mastodon's table, lines ending as RFC 4180 has it; what is not kept here is `false`."""
    sheet = io.StringIO()
    out = csv.writer(sheet, lineterminator="\r\n")
    out.writerow(HEADER)
    for row in rows:
        out.writerow((row.host, row.severity.value, "false", "false", written.guard(row.comment), "false"))
    return sheet.getvalue()
