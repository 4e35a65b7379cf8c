"""The declarative base of the home store, its column types, its ids and its one refusal."""

import secrets
import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import ClassVar, TypeVar

from sqlalchemy import BigInteger, DateTime, Dialect, MetaData, Select, TypeDecorator, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

# Constraint names are fixed, so that a batch migration on SQLite can find what it has to drop.
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

T = TypeVar("T")

EPOCH = datetime(2024, 1, 1, tzinfo=UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, kept in UTC; SQLite would give it back without its zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC. Raises ValueError for a moment without a zone."""
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "a moment without a time zone reached the home store"
            raise ValueError(msg)
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Home(DeclarativeBase):
    """Base of every table that holds something of a resident, a building or a board."""

    metadata = MetaData(naming_convention=NAMING, info={"bind_key": "home"})
    type_annotation_map: ClassVar[dict[type, object]] = {datetime: UtcDateTime()}


class _Ids:
    """The ids of one process: each greater than the one before, within a millisecond or after a clock set back, too."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def draw(self) -> int:
        drawn = id_at(datetime.now(UTC)) | secrets.randbits(22)
        with self._lock:
            # A random step, so that two processes that stumble at the same moment do not meet.
            self._last = drawn if drawn > self._last else self._last + 1 + secrets.randbits(8)
            return self._last


_ids = _Ids()


def new_id() -> int:
    """A time-ordered positive 63-bit integer: internal primary key and keyset-paging key.

    An answer must stand after what it answers, so ids of one process never go back.
    """
    return _ids.draw()


def id_at(moment: datetime) -> int:
    """The least internal key that is drawn at this moment."""
    return int((moment - EPOCH).total_seconds() * 1000) << 22


def drawn_at(id_: int) -> datetime:
    """When an internal key was drawn, to the millisecond."""
    return EPOCH + timedelta(milliseconds=id_ >> 22)


class Row(Home):
    """What every table has: an internal key for joins and paging, a random public one for addresses."""

    __abstract__ = True

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, default=new_id)
    # Version 4 on purpose: a sequence or a time-ordered id tells outsiders how much happens inside.
    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)
    created_at: Mapped[datetime] = mapped_column()


def older(wanted: Select[T], *, of: type[Row], than: uuid.UUID | None) -> Select[T]:
    """Of rows that are read newest first, those behind the row of this public id; all of them for None."""
    if than is None:
        return wanted
    return wanted.where(of.id < select(of.id).where(of.public_id == than).correlate(None).scalar_subquery())


class Refused(Exception):
    """The domain says no. `code` is a stable word the doors turn into a sentence; `field` says where."""

    def __init__(self, code: str, *, field: str | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
