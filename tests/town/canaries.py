"""Canaries: a marked value for every column of the home store, to be looked for in whatever leaves.

The list of columns comes from the metadata: a new column of a type that has no generator fails the test
before anything runs, so nobody can add one that is not watched. Where a column may be read is in `proofs/readers.py`:
one that is not named there may be read by nobody.
"""

import itertools
import secrets
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Integer,
    Interval,
    LargeBinary,
    Numeric,
    String,
    Table,
    Text,
    Time,
    Uuid,
    insert,
    select,
    update,
)
from sqlalchemy.orm import Session

from instance.base import UtcDateTime
from web import tables

# Each marked date is a day of its own, long before anybody's.
LONG_AGO = datetime(1901, 1, 1, 3, 2, 1, tzinfo=UTC)
_days = itertools.count()
# As much of a marked text as tells it from all others; what is cut shorter is found all the same.
HEAD = 16
# Words that mean something to the domain, each with one it understands: they say nothing of anybody, and any other
# word would end a page in an error.
WORDS: Mapping[str, object] = {
    "resident.role": "resident",
    "resident.state": "active",
    "resident.locale": "fr",
    "organisation.kind": "shop",
    "notice.family": "listing",
    "notice.state": "live",
    "notice.language": "fr",
    "notice.reach": 1,
    "listing.direction": "offer",
    "skill.reach": 1,
    "skill.state": "live",
    "recommendation.reach": 1,
    "recommendation.state": "live",
    "recommendation.trade": "plumber",
    "comment.state": "live",
    "report.target": "notice",
    "measure.step": "hide",
    "decision.step": "hide",
    "decision.about": "notice",
    "decision.rule": "trade",
    "change.subject": "notice",
    "verdict.outcome": "withhold",
    "meeting.state": "agreed",
    "aside.kind": "muted",
    "quiet_hours.begins": 22,
    "quiet_hours.ends": 7,
    "quiet_hours.most_new": 3,
    "loan.state": "lent",
    "loan.asker": "borrower",
    "bond.wish": "ask",
    "thanks.side": "lender",
    "condition.side": "lender",
    "condition.moment": "before",
    "outgoing_mail.kind": "card",
    "outgoing_mail.state": "failed",
    "pass.purpose": "confirm",
    "proof.kind": "letter",
    "passkey_challenge.ceremony": "sign_in",
}
# What the story needs as it is: looked for where it stands, not overwritten there.
KEPT = frozenset(
    {
        "resident.login",
        "resident.password_hash",
        "login.token_hash",
        "screen.key_hash",
        "letterbox_code.selector",
        "letterbox_code.secret_hash",
    }
)
# By the last part of a column's name: values of a shape of their own.
SHAPES: Mapping[str, str] = {
    "email": "{head}@canary.example",
    "address": "{head}@canary.example",
    "phone": "+336999{digits}",
    "iban": "FR7699999{digits}{digits}{digits}",
    "file_name": "{head}.jpg",
    "filename": "{head}.jpg",
    "street": "14 rue {head}",
    "host": "{head}.canary.example",
    "url": "https://canary.example/{head}",
    "uri": "https://canary.example/{head}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One marked value, the column and the row it stands in, and the resident whose it is.

    `also` names the readers that this one value was meant for, beyond those of its column.
    """

    column: str
    value: object
    row: int | None = None
    owner: int | None = None
    also: frozenset[str] = frozenset()

    @property
    def sought(self) -> object:
        """What is looked for: of a marked text its head, which no cut can take away."""
        return head(self.value) if isinstance(self.value, str) else self.value


class NoGenerator(Exception):
    """A column of a type that nobody knows how to mark."""


def name_of(column: Column[object]) -> str:
    """`table.column`."""
    return f"{column.table.name}.{column.name}"


def word(of: str) -> str:
    """A marked word that no other text holds; its first letters are enough to know it."""
    return f"{secrets.token_hex(6)}cnry{of}".replace("_", "").replace(".", "").replace(" ", "")


def head(value: str) -> str:
    """The part of a text to look for."""
    at = value.find("cnry")
    return value[at - 12 : at + 4] if at >= 12 else value


def _long_ago() -> datetime:
    return LONG_AGO + timedelta(days=next(_days) % 3000)


def mark(column: Column[object]) -> object:
    """A marked value that fits the column. Raises NoGenerator for an unknown type."""
    match column.type:
        case String() | Text() as kind:
            return _text(column, longest=kind.length)
        case UtcDateTime():
            return _long_ago()
        case Uuid():
            return uuid.uuid4()
        case _:
            return _other(column)


def _other(column: Column[object]) -> object:
    """By type, the narrower before the wider."""
    for kind, value in (
        (Boolean, False),
        (BigInteger, 7_070_000_000_000_000_000 + secrets.randbelow(10**15)),
        (Integer, 707_000_000 + secrets.randbelow(10**6)),
        (Float, 43.0 + secrets.randbelow(10**8) / 10**8),
        (Numeric, 43 + secrets.randbelow(10**6) / 10**6),
        (LargeBinary, secrets.token_bytes(24)),
        (JSON, {"cnry": word(name_of(column))}),
        (Date, _long_ago().date()),
        (Time, time(3, 2, 1)),
        (Interval, timedelta(seconds=707_000_000)),
    ):
        if isinstance(column.type, kind):
            return value
    raise NoGenerator(name_of(column))


def _text(column: Column[object], *, longest: int | None) -> str:
    shape = next((one for end, one in SHAPES.items() if column.name.endswith(end)), "{head}")
    digits = f"{secrets.randbelow(10**5):05}"
    text = shape.format(head=word(name_of(column)), digits=digits)
    return text[:longest] if longest else text


def fill(column: Column[object], *, keys: Mapping[str, object]) -> object:
    """What a row of a bystander has in a column: its neighbour's key, a word of the domain, or a mark."""
    if name_of(column) in WORDS:
        return WORDS[name_of(column)]
    for key in column.foreign_keys:
        return keys.get(key.column.table.name)
    return mark(column)


def bystanders(session: Session) -> list[Canary]:
    """One row in every table with every column marked, tied together, touched by nobody in the story."""
    keys: dict[str, object] = {}
    found = []
    for table in tables.HOME.sorted_tables:
        row = {column.name: fill(column, keys=keys) for column in table.columns}
        if table.name == "measure":
            row["target"] = f"town {word('measure.target')}.example"
        if table.name == "conversation":
            row["skill_id"] = None  # it is about one thing, here a listing
        session.execute(insert(table).values(row))
        keys[table.name] = row[next(iter(table.primary_key.columns)).name]
        found += [
            Canary(column=name_of(column), value=row[column.name])
            for column in table.columns
            if name_of(column) not in WORDS and not column.foreign_keys
        ]
    return [one for one in found if is_searchable(one.value)]


def is_searchable(value: object) -> bool:
    """Short values stand in any text by chance; `bystanders` fills them all the same."""
    return not isinstance(value, bool | time | timedelta | None) and len(str(value)) >= 8


def mark_the_story(session: Session) -> list[Canary]:
    """Overwrite every private text of the people and places there are, and note every key they have."""
    found = []
    for table in tables.HOME.sorted_tables:
        texts = [column for column in table.columns if _is_marked(column)]
        for row in session.execute(select(table)).mappings().all():
            values = {one.name: mark(one) for one in texts if row[one.name] is not None or one.name == "email"}
            primary = next(iter(table.primary_key.columns))
            if values:
                session.execute(update(table).where(primary == row[primary.name]).values(values))
            found += _of_row(table, {**row, **values})
    return [one for one in found if is_searchable(one.value) and one.column not in ADDRESSES]


def note_the_story(session: Session) -> list[Canary]:
    """Keys, hashes and other kept values of all rows there are now: what happened since they were marked made more."""
    rows = ((table, row) for table in tables.HOME.sorted_tables for row in session.execute(select(table)).mappings())
    found = [one for table, row in rows for one in _of_row(table, row) if one.column.split(".")[1] in _LASTING]
    return [one for one in found if is_searchable(one.value) and one.column not in ADDRESSES]


_LASTING = frozenset(
    {"id", "public_id", "email", "address", "password_hash", "token_hash", "key_hash", "secret_hash", "code_hash"}
)
# Public ids that are addresses of what is public as well: the story names those of what is not.
ADDRESSES = frozenset({"notice.public_id", "message.public_id", "change.public_id"})


def _of_row(table: Table, row: Mapping[str, object]) -> Iterator[Canary]:
    owner, key = _owner(table, row), row[next(iter(table.primary_key.columns)).name]
    for column in table.columns:
        name = name_of(column)
        if column.name in {"id", "public_id"} or _is_marked(column) or (name in KEPT and row[column.name] is not None):
            yield Canary(column=name, value=row[column.name], row=key, owner=owner)  # type: ignore[arg-type]


def _owner(table: Table, row: Mapping[str, object]) -> int | None:
    """Whose row it is: a resident's own, or of the one it names first."""
    if table.name == "resident":
        return row["id"]  # type: ignore[return-value]
    named = [one.name for one in table.columns if any(key.column.table.name == "resident" for key in one.foreign_keys)]
    return row[named[0]] if named else None  # type: ignore[return-value]


def _is_marked(column: Column[object]) -> bool:
    """A private text of the story; names that the public is meant to know are left, so that the story can be told."""
    name = name_of(column)
    return (
        isinstance(column.type, String)
        and not column.foreign_keys
        and name not in WORDS
        and name not in KEPT
        and name not in TOLD
    )


# The names of what is public, which the story calls by their names; and what the programme words by itself.
TOLD = frozenset(
    {
        "organisation.slug",
        "quarter.slug",
        "notice.circle",
        "measure.target",
        "verdict.why",
        "city.name",
        "city.insee",
        "quarter.name",
        "quarter.postcode",
        "organisation.name",
        "organisation.summary",
        "notice.title",
        "notice.body",
        "notice.html",
        "news_item.summary",
        "listing.byline",
        "conversation.byline",
        "message.html",
        "comment.html",
    }
)
