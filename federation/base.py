"""What every federation module needs below it: the store's declarative base, its column types, its refusals."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Integer, MetaData
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# What a fetch asks for and accepts back: ActivityStreams documents, or what WebFinger answers (RFC 7033).
AS2 = ("application/activity+json", 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"')
JRD = ("application/jrd+json", "application/json")
# What a picture may be; what it is, its bytes say.
PICTURES = ("image/webp", "image/png", "image/jpeg")


# The places on a letter's way at which a process may die, in order: `docs/federation/delivery.md` says what holds.
POINTS = (
    "out: before home commits",
    "out: home committed",
    "out: judged",
    "out: before federation commits",
    "out: federation committed",
    "out: verdict recorded",
    "out: before leasing commits",
    "out: leased",
    "in: before storing commits",
    "in: stored",
    "in: acknowledged",
    "out: sent",
    "out: before recording commits",
    "out: recorded",
    "in: settling",
    "in: settled",
    "in: before home commits",
    "in: handled at home",
    "in: marked",
)
# What a test sets to end the process at one of them: an outage cannot be sent to the line where it hurts from outside.
on_passing: list[Callable[[str], None]] = []


def passing(point: str) -> None:
    """Say that the process stands at this one of `POINTS`; nothing happens unless a test listens."""
    for listen in on_passing:
        listen(point)


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: aware UTC in Python, whatever the engine makes of time zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive datetime: nobody knows which instant it means.

        Raises:
            ValueError: when `value` has no time zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a stored instant needs a time zone")
        instant = value.astimezone(UTC)
        # SQLite keeps text: without the offset, text order is time order.
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 — SQLAlchemy's signature
        """Give back aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Autoincrement in SQLite works for INTEGER only.
Id = BigInteger().with_variant(Integer, "sqlite")


class Federation(DeclarativeBase):
    """The federation store: peers, keys, documents, deliveries, letters. No table of it is at home."""

    metadata = MetaData(naming_convention=NAMING, info={"bind_key": "federation"})
    type_annotation_map = {  # noqa: RUF012 — SQLAlchemy reads it as a plain class attribute
        datetime: UtcDateTime,
        dict[str, Any]: JSON,
        dict[str, str]: JSON,
        list[dict[str, Any]]: JSON,
    }


class PeerRefused(Exception):
    """An administrative act or a letter that this side does not accept; the door turns `code` into a sentence."""

    def __init__(self, code: str, *, field: str | None = None) -> None:
        """Keep the slug and, for forms, the field it belongs to."""
        super().__init__(code)
        self.code = code
        self.field = field


class Unreachable(Exception):
    """A host or document that the network door could not or would not bring; `transient` says whether to try again."""

    def __init__(self, why: str, *, transient: bool, status: int | None = None) -> None:
        """Keep the reason in words, and the HTTP status when there was one."""
        super().__init__(why)
        self.why = why
        self.transient = transient
        self.status = status


@dataclass(slots=True)
class Budget:
    """How many fetches one cause may still have, redirects counted."""

    left: int

    def spend(self) -> None:
        """Take one. Raises Unreachable when there is none left."""
        if self.left < 1:
            raise Unreachable("it takes too many documents", transient=False)
        self.left -= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """What it takes to sign as one of our actors."""

    key_id: str
    private_pem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """A document brought by the network door: the address it finally came from, its JSON, and its bytes on the way."""

    url: str
    status: int
    doc: dict[str, Any]
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an inbox said to a delivery; status 0 means that it said nothing, and `error` why."""

    status: int
    retry_after: timedelta | None = None
    error: str = ""
