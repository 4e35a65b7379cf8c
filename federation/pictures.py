"""Pictures of texts from elsewhere: fetched by the courier, drawn anew, handed on; no reader ever asks there for one.

What hangs here says which pictures it has. The courier fetches them through the network door and draws them anew, in a
process that knows nothing private: whatever hides in their bytes is gone before a process that does reads them. Home
takes the drawn ones, and their bytes leave this side.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint, Uuid, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from federation import blocks, policy
from federation.base import Federation, Unreachable
from federation.models import URI
from imaging import drawing
from imaging.drawing import Picture, Undrawable

if TYPE_CHECKING:
    from federation.http import Client

MOST: Final = 4  # of one text; Mastodon shows as many
LARGEST: Final = 8 * 1024 * 1024
BATCH: Final = 10
# Of one host: whoever fills the board with pictures fills it slowly.
PER_HOUR: Final = 60
WAIT: Final = timedelta(minutes=10)
PATIENCE: Final = timedelta(days=2)
BLOCKED: Final = "host blocked"
UNSHOWN: Final = "it is no picture that is shown here"


class PictureState(StrEnum):
    """The way of one picture; `DRAWN` waits for home, `DROPPED` for home to take it down."""

    WANTED = "wanted"
    DRAWN = "drawn"
    HANDED = "handed"
    FAILED = "failed"
    DROPPED = "dropped"


class RemotePicture(Federation):
    """One picture of a text from elsewhere, under a random name; its bytes are here only between courier and home."""

    __tablename__ = "remote_picture"
    __table_args__ = (
        UniqueConstraint("object_uri", "url"),
        Index("ix_remote_picture_state_due_at", "state", "due_at"),
        Index("ix_remote_picture_host_tried_at", "host", "tried_at"),
    )

    uuid: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True, default=uuid.uuid4)
    object_uri: Mapped[str] = mapped_column(String(URI))
    url: Mapped[str] = mapped_column(String(URI))
    host: Mapped[str] = mapped_column(String(261))
    position: Mapped[int]
    alt: Mapped[str] = mapped_column(Text, default="")
    # Which version of the text shows it: an older one changes nothing.
    told_at: Mapped[datetime]
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default=PictureState.WANTED)
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    tried_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    big: Mapped[bytes | None] = mapped_column(LargeBinary)
    small: Mapped[bytes | None] = mapped_column(LargeBinary)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A picture as a text names it: where it is, and what there is to see."""

    url: str
    alt: str


# --- what is wanted


def want(session: Session, *, object_uri: str, shown: Sequence[Shown], told_at: datetime, now: datetime) -> None:
    """Have the pictures of a text fetched that are not there yet, and those dropped that it no longer shows."""
    rows = session.scalars(select(RemotePicture).where(RemotePicture.object_uri == object_uri)).all()
    if any(row.told_at > told_at for row in rows):
        return
    known = {row.url: row for row in rows}
    wanted = {one.url: (place, one.alt) for place, one in reversed([*enumerate(shown[:MOST])])}
    for url, row in known.items():
        if url not in wanted:
            _drop(row)
    for url, (place, alt) in wanted.items():
        row = known.get(url) or RemotePicture(uuid=uuid.uuid4(), object_uri=object_uri, url=url, asked_at=now)
        if url not in known or row.state == PictureState.DROPPED:
            row.state, row.due_at, row.attempts = PictureState.WANTED, now, 0
            row.host = policy.authority(url)
            session.add(row)
        elif (row.position, row.alt) != (place, alt) and row.state == PictureState.HANDED:
            # Other words for the same picture: home learns them with the picture.
            row.state, row.due_at = PictureState.WANTED, now
        row.position, row.alt, row.told_at = place, alt, told_at
    session.flush()


def forget(session: Session, *, object_uri: str) -> None:
    """Drop the pictures of a text that is gone."""
    for row in session.scalars(select(RemotePicture).where(RemotePicture.object_uri == object_uri)):
        _drop(row)
    session.flush()


def _drop(row: RemotePicture) -> None:
    row.state, row.due_at = PictureState.DROPPED, None
    row.big = row.small = None


# --- the courier's half


def run(federation: sessionmaker[Session], *, client: Client, now: datetime) -> int:
    """Fetch and draw what is wanted; returns how many were looked at."""
    with federation() as session:
        due = (
            select(RemotePicture.uuid)
            .where(RemotePicture.state == PictureState.WANTED, RemotePicture.due_at <= now)
            .order_by(RemotePicture.due_at, RemotePicture.uuid)
            .limit(BATCH)
        )
        names = session.scalars(due).all()
    for name in names:
        _bring(federation, client=client, name=name, now=now)
    return len(names)


def _bring(federation: sessionmaker[Session], *, client: Client, name: uuid.UUID, now: datetime) -> None:
    with federation.begin() as session:
        url = _admit(session, session.get_one(RemotePicture, name), now=now)
    if url is None:
        return
    found: Picture | None = None
    why, is_transient = "", False
    try:
        found = drawing.draw(client.fetch_file(url, limit=LARGEST))
    except Unreachable as error:
        why, is_transient = error.why, error.transient
    except Undrawable:
        why = UNSHOWN
    with federation.begin() as session:
        row = session.get_one(RemotePicture, name)
        if row.state != PictureState.WANTED:
            return
        if found is None:
            _note_failure(row, why=why, is_transient=is_transient, now=now)
        else:
            row.big, row.small, row.width, row.height = found.big, found.small, found.width, found.height
            row.state, row.due_at, row.last_error = PictureState.DRAWN, None, None


def _admit(session: Session, row: RemotePicture, *, now: datetime) -> str | None:
    """The address to fetch from; None when it is blocked, or had enough of our attention for now."""
    if blocks.is_blocked(session, row.host):
        row.state, row.due_at, row.last_error = PictureState.FAILED, None, BLOCKED
        return None
    tried = select(func.count()).where(
        RemotePicture.host == row.host, RemotePicture.tried_at > now - timedelta(hours=1)
    )
    if (session.scalar(tried) or 0) >= PER_HOUR:
        row.due_at = now + WAIT
        return None
    row.tried_at = now
    return row.url


def _note_failure(row: RemotePicture, *, why: str, is_transient: bool, now: datetime) -> None:
    row.attempts += 1
    row.last_error = why
    wait = policy.delay(row.attempts, kind="Picture") if is_transient else None
    if wait is None or now - row.asked_at > PATIENCE:
        row.state, row.due_at = PictureState.FAILED, None
    else:
        row.due_at = now + wait
