"""The tables of what may have been missed: when the courier last lived, whose outbox is to be read, who may be gone."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Index, String, Text, false, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from federation import policy
from federation.base import Federation
from federation.models import URI, Direction, Follow, FollowState, RemoteActor

COURIER: Final = "courier"
BEAT_EVERY: Final = timedelta(seconds=30)
# Mastodon, Lemmy, Fedify and Palier try for days. GoToSocial gives up after four minutes (8 + 16 + 32 + 64 + 128 s).
AWAY_AFTER: Final = timedelta(minutes=4)
# What is read when somebody has a host looked at again: the door alone may have been away, and leaves no such trace.
LOOK_BACK: Final = timedelta(days=3)
# A host that goes on answering 410 is not asked about the same actor at its every letter.
DOUBT_AGAIN_AFTER: Final = timedelta(days=1)
# So many actors behind one shared inbox are asked about; the others follow when something is sent to them again.
DOUBTED_TOGETHER: Final = 20


class Cause(StrEnum):
    """Why an actor may be gone: its inbox said so (410), or a Delete of itself came in its name."""

    INBOX = "inbox"
    DELETE = "delete"


class Heartbeat(Federation):
    """When a process last looked for work, and its last absence that was long enough to have missed something."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
    beat_at: Mapped[datetime]
    away_since: Mapped[datetime | None]
    back_at: Mapped[datetime | None]


class Reading(Federation):
    """The outbox of somebody we follow: due to be read, and what came of it last; `since` is None for a new follow."""

    __tablename__ = "outbox_reading"
    __table_args__ = (Index("ix_outbox_reading_due_at", "due_at"), Index("ix_outbox_reading_host", "host"))

    actor_uri: Mapped[str] = mapped_column(String(URI), primary_key=True)
    host: Mapped[str] = mapped_column(String(261))
    since: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    read_at: Mapped[datetime | None]
    # How many letters came of the last reading, and whether there was more than is read at once.
    found: Mapped[int] = mapped_column(default=0)
    was_cut: Mapped[bool] = mapped_column(default=False, server_default=false())
    last_error: Mapped[str | None] = mapped_column(Text)


class Doubt(Federation):
    """An actor that is said to be gone: its own host is asked before anything is dropped."""

    __tablename__ = "doubt"
    __table_args__ = (Index("ix_doubt_due_at", "due_at"),)

    actor_uri: Mapped[str] = mapped_column(String(URI), primary_key=True)
    cause: Mapped[str] = mapped_column(String(16))
    raised_at: Mapped[datetime]
    due_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    settled_at: Mapped[datetime | None]
    verdict: Mapped[str] = mapped_column(Text, default="")


def beat(session: Session, *, now: datetime) -> int:
    """Say that the courier lives; after an absence, ask for every outbox that is followed. Returns how many."""
    row = session.get(Heartbeat, COURIER)
    if row is None:
        session.add(Heartbeat(name=COURIER, beat_at=now))
        session.flush()
        return 0
    since, row.beat_at = row.beat_at, max(row.beat_at, now)
    if now - since < AWAY_AFTER:
        return 0
    row.away_since, row.back_at = since, now
    return ask_all(session, since=since, now=now)


def ask_all(session: Session, *, since: datetime, now: datetime, host: str | None = None) -> int:
    """Have the outboxes read of all who are followed here, or of those at one host. Returns how many."""
    followed = (
        select(RemoteActor.uri)
        .join(Follow, Follow.remote_uri == RemoteActor.uri)
        .where(Follow.direction == Direction.OUT, Follow.state == FollowState.ACCEPTED)
    )
    if host is not None:
        followed = followed.where(RemoteActor.host == host)
    uris = session.scalars(followed.distinct().order_by(RemoteActor.uri)).all()
    for uri in uris:
        ask(session, actor_uri=uri, since=since, now=now)
    return len(uris)


def ask(session: Session, *, actor_uri: str, since: datetime | None, now: datetime) -> None:
    """Have an outbox read: what it told from `since` on, or with None its newest few."""
    row = session.get(Reading, actor_uri)
    if row is None:
        row = Reading(actor_uri=actor_uri, host=policy.authority(actor_uri), found=0)
        session.add(row)
    elif row.due_at is not None and since is not None:
        # Not read yet since the last time: what was missed then is still missed.
        since = min(row.since or row.asked_at, since)
    row.since, row.asked_at, row.due_at = since, now, now
    row.attempts, row.last_error = 0, None
    session.flush()


def doubt(session: Session, *, actor_uri: str, cause: Cause, now: datetime) -> None:
    """Have an actor's host asked whether it is gone, once a day at most."""
    row = session.get(Doubt, actor_uri)
    if row is None:
        row = Doubt(actor_uri=actor_uri)
        session.add(row)
    elif row.due_at is not None or (row.settled_at is not None and now - row.settled_at < DOUBT_AGAIN_AFTER):
        return
    row.cause, row.raised_at, row.due_at = cause, now, now
    row.attempts, row.settled_at, row.verdict = 0, None, ""
    session.flush()


def doubt_readers(session: Session, *, inbox: str, now: datetime) -> None:
    """Have those asked about who read in an inbox that says it is gone (410)."""
    active = (FollowState.WANTED, FollowState.PENDING, FollowState.ACCEPTED)
    readers = (
        select(RemoteActor.uri)
        .join(Follow, Follow.remote_uri == RemoteActor.uri)
        .where(
            or_(RemoteActor.inbox == inbox, RemoteActor.shared_inbox == inbox),
            RemoteActor.gone_at.is_(None),
            Follow.state.in_(active),
        )
        .distinct()
        .order_by(RemoteActor.uri)
        .limit(DOUBTED_TOGETHER)
    )
    for uri in session.scalars(readers).all():
        doubt(session, actor_uri=uri, cause=Cause.INBOX, now=now)
