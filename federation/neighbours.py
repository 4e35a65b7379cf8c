"""The tables of what we agreed with whom: charters, neighbouring quarters and outlines, rules, lists under way."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import LargeBinary, String, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from federation.base import Federation, Id

URI = 1000
HOST = 261


class Admission(StrEnum):
    """How instances that nobody here decided about are met."""

    OPEN = "open"
    APPROVAL = "approval"


class HouseRule(Federation):
    """A rule of this instance that its door has to know; what has no row stands at its default."""

    __tablename__ = "house_rule"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    value: Mapped[str] = mapped_column(String(32))
    changed_at: Mapped[datetime]


class Charter(Federation):
    """What we said we exchange with another instance, by host; the signed document is made from this row."""

    __tablename__ = "charter"

    host: Mapped[str] = mapped_column(String(HOST), primary_key=True)
    version: Mapped[int]
    news: Mapped[bool]
    offers: Mapped[str] = mapped_column(String(16))
    reports: Mapped[bool]
    since: Mapped[datetime]
    updated: Mapped[datetime]
    signed_at: Mapped[datetime]
    # An ended charter keeps its row: its next version has to be newer than any that was shown.
    ended_at: Mapped[datetime | None]


class TheirCharter(Federation):
    """What another instance says it exchanges with us, as last fetched and verified; `version` 0 means nothing."""

    __tablename__ = "their_charter"

    host: Mapped[str] = mapped_column(String(HOST), primary_key=True)
    version: Mapped[int] = mapped_column(default=0)
    news: Mapped[bool] = mapped_column(default=True)
    offers: Mapped[str] = mapped_column(String(16), default="all")
    reports: Mapped[bool] = mapped_column(default=True)
    pairs: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    since: Mapped[datetime | None]
    updated: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    due_at: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(Text)


class NeighbourQuarter(Federation):
    """A quarter elsewhere that is a neighbour of one of ours, as an administrator declared it."""

    __tablename__ = "neighbour_quarter"
    __table_args__ = (UniqueConstraint("own_username", "their_uri"),)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    host: Mapped[str] = mapped_column(String(HOST), index=True)
    own_username: Mapped[str] = mapped_column(String(64))
    their_uri: Mapped[str] = mapped_column(String(URI))
    their_name: Mapped[str] = mapped_column(Text)
    declared_at: Mapped[datetime]


class OwnOutline(Federation):
    """Where a quarter of ours lies, as the hatch brought it: well-known text, empty when it is shown no longer."""

    __tablename__ = "own_outline"

    username: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    wkt: Mapped[str] = mapped_column(Text)


class TheirOutlines(Federation):
    """What came of the last look at another instance's outlines: how many, and which lie beside ours; not the lines."""

    __tablename__ = "their_outlines"

    host: Mapped[str] = mapped_column(String(HOST), primary_key=True)
    shown: Mapped[int] = mapped_column(default=0)
    # Our quarter's username and their quarter's address.
    near: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    checked_at: Mapped[datetime]
    due_at: Mapped[datetime]
    last_error: Mapped[str | None] = mapped_column(Text)


class BlocklistDraft(Federation):
    """A list of hosts that was looked at and not yet applied; forgotten after a day."""

    __tablename__ = "blocklist_draft"

    uuid: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    loosen: Mapped[bool]
    added_at: Mapped[datetime]
