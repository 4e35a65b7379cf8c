"""Canaries: a marked value for every column of the home store, and a search for them in whatever leaves.

The list of columns comes from the metadata: a new column of a type that has no generator fails the test
before anything runs, so nobody can add one that is not watched.
"""

import base64
import html
import secrets
import urllib.parse
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Boolean, Column, Integer, String, Table, Text, Uuid, insert, update
from sqlalchemy.orm import Session

from instance.base import UtcDateTime
from web import tables

LONG_AGO = datetime(1907, 7, 5, 3, 2, 1, tzinfo=UTC)
# Columns whose words mean something to the domain: marked in bystanders' rows only, never where the story runs.
# ruff: noqa: SIM905
WORDS_OF_THE_DOMAIN = frozenset(
    "resident.role resident.state resident.locale resident.login resident.password_hash organisation.kind"
    " organisation.slug quarter.slug notice.family notice.state notice.circle notice.language listing.direction"
    " comment.state report.target measure.step measure.target change.subject verdict.outcome verdict.why"
    " letterbox_code.selector letterbox_code.secret_hash login.token_hash screen.key_hash".split()
)
# What an organisation, a quarter or the author of a public notice means everybody to read; the names that other
# cities gave their own things came from outside and may go back to where they came from.
PUBLIC_BY_DESIGN = frozenset(
    "organisation.name organisation.summary quarter.name city.name notice.title notice.body notice.html"
    " notice.origin_uri notice.origin_actor notice.origin_name notice.origin_host notice.origin_url news_item.summary"
    " listing.byline conversation.byline conversation.remote_actor conversation.remote_name conversation.remote_host"
    " conversation.remote_thread message.html message.remote_uri comment.origin_uri comment.origin_actor"
    " comment.origin_name comment.origin_host report.reporter_host".split()
)
# Tables whose public ids are addresses of what is public, or of a letter to its one receiver.
PUBLIC_IDS = frozenset({"notice", "message", "change"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One marked value and the column it stands for."""

    column: str
    value: str


class NoGenerator(Exception):
    """A column of a type that nobody knows how to mark."""


def name_of(column: Column[object]) -> str:
    """`table.column`."""
    return f"{column.table.name}.{column.name}"


def mark(column: Column[object]) -> object:
    """A marked value that fits the column. Raises NoGenerator for an unknown type."""
    match column.type:
        case UtcDateTime():
            return LONG_AGO
        case Boolean():
            return False
        case Uuid():
            return uuid.uuid4()
        case BigInteger():
            return 7_070_000_000_000_000_000 + secrets.randbelow(10**15)
        case Integer():
            return 707_000_000 + secrets.randbelow(10**6)
        case String() | Text() as kind:
            text = f"{secrets.token_hex(6)}cnry{column.table.name}{column.name}".replace("_", "")
            return text[: kind.length] if kind.length else text
        case _:
            raise NoGenerator(name_of(column))


def bystanders(session: Session) -> list[Canary]:
    """One row in every table with every column marked, tied together, touched by nobody in the story."""
    keys: dict[str, object] = {}
    found = []
    for table in tables.HOME.sorted_tables:
        row = {column.name: _fill(column, keys=keys) for column in table.columns}
        session.execute(insert(table).values(row))
        keys[table.name] = row[next(iter(table.primary_key.columns)).name]
        found += [Canary(column=f"{table.name}.{name}", value=_shown(value)) for name, value in row.items()]
    return [one for one in found if is_searchable(one.value)]


def _fill(column: Column[object], *, keys: Mapping[str, object]) -> object:
    if name_of(column) == "notice.family":
        return "listing"  # the mapper reads it: any other word would end every query in an error
    for key in column.foreign_keys:
        return keys.get(key.column.table.name)
    return mark(column)


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def is_searchable(value: str) -> bool:
    """Short values stand in any text by chance; `bystanders` fills them all the same."""
    return len(value) >= 8


def mark_the_story(session: Session) -> list[Canary]:
    """Overwrite every private text of the people and places in the story, and note every key they have."""
    found = []
    for table in tables.HOME.sorted_tables:
        found += _keys(session, table)
        texts = [column for column in table.columns if _is_private_text(column)]
        for (key,) in session.execute(_primary(table)):
            values = {column.name: mark(column) for column in texts if not column.nullable or column.name == "email"}
            if values:
                primary = next(iter(table.primary_key.columns))
                session.execute(update(table).where(primary == key).values(values))
            found += [Canary(column=f"{table.name}.{name}", value=str(value)) for name, value in values.items()]
    return [one for one in found if is_searchable(one.value)]


def _primary(table: Table):
    return table.select().with_only_columns(next(iter(table.primary_key.columns)))


def _keys(session: Session, table: Table) -> Iterator[Canary]:
    """Internal keys never leave; public ids only of what is public."""
    for (key,) in session.execute(_primary(table)):
        yield Canary(column=f"{table.name}.(key)", value=str(key))
    if "public_id" in table.columns and table.name not in PUBLIC_IDS:
        for (public_id,) in session.execute(table.select().with_only_columns(table.c.public_id)):
            yield Canary(column=f"{table.name}.public_id", value=str(public_id))


def _is_private_text(column: Column[object]) -> bool:
    name = name_of(column)
    return isinstance(column.type, String) and name not in WORDS_OF_THE_DOMAIN | PUBLIC_BY_DESIGN


def encodings(value: str) -> dict[str, bytes]:
    """The ways in which a value might hide in a body, a header, an address or a log."""
    raw = value.encode()
    found = {
        "raw": raw,
        "folded": value.casefold().encode(),
        "upper": value.upper().encode(),
        "url": urllib.parse.quote(value).encode(),
        "entities": html.escape(value).encode(),
        "json": value.encode("unicode_escape"),
        "hex": raw.hex().encode(),
        "reversed": value[::-1].encode(),
    }
    for shift in range(3):
        # The middle of its base64, at each of the three places where it can begin.
        coded = base64.b64encode(b"x" * shift + raw)
        found[f"base64+{shift}"] = coded[4 : len(coded) - 4]
    return found


def search(haystacks: Iterable[tuple[str, bytes]], canaries: Iterable[Canary]) -> list[str]:
    """Every canary found anywhere, as `column (encoding) in place`."""
    stacks = [(place, stack, stack.lower()) for place, stack in haystacks]
    found = []
    for canary in canaries:
        for encoding, needle in encodings(canary.value).items():
            found += [
                f"{canary.column} ({encoding}) in {place}"
                for place, stack, folded in stacks
                if needle in (folded if encoding == "folded" else stack)
            ]
    return found
