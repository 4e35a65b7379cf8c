"""What changed at home and what the boundary decided about it: one change, one verdict, both kept."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, ForeignKey, Index, String, func, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance.base import Home, Row, older


class Subject(StrEnum):
    """The kinds of rows whose changes the boundary judges."""

    NOTICE = "notice"
    MESSAGE = "message"
    ORGANISATION = "organisation"
    QUARTER = "quarter"
    LOAN = "loan"


class Outcome(StrEnum):
    """What the boundary can decide."""

    ANNOUNCE = "announce"
    RETRACT = "retract"
    WITHHOLD = "withhold"
    POST = "post"
    PROFILE = "profile"


class Change(Row):
    """Something happened to a subject. Written in the transaction that made it happen."""

    __tablename__ = "change"
    # Judged changes pile up for years; what is still to judge must be found without reading past them.
    __table_args__ = (
        Index("ix_change_pending", "id", sqlite_where=text("pending = 1"), postgresql_where=text("pending")),
    )

    subject: Mapped[str] = mapped_column(String(20))
    subject_id: Mapped[uuid.UUID] = mapped_column(index=True)
    version: Mapped[int] = mapped_column()
    pending: Mapped[bool] = mapped_column(default=True)
    verdict: Mapped["Verdict | None"] = relationship(back_populates="change")


class Verdict(Home):
    """What the boundary decided about one change, as committed on the other side."""

    __tablename__ = "verdict"

    change_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("change.id"), primary_key=True, autoincrement=False)
    outcome: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(String(200))
    decided_at: Mapped[datetime] = mapped_column(index=True)
    change: Mapped[Change] = relationship(back_populates="verdict")


def record(session: Session, *, subject: Subject, subject_id: uuid.UUID, version: int, now: datetime) -> Change:
    """Note a change beside the change itself; the caller's transaction commits both or neither."""
    change = Change(subject=subject.value, subject_id=subject_id, version=version, created_at=now)
    session.add(change)
    session.flush()
    return change


def unjudged(session: Session, *, limit: int = 100) -> Sequence[Change]:
    """Changes without a verdict, oldest first.

    Each row says whether it is still to judge, and there is no cursor: a transaction that commits late has an
    older id than one already judged, and a cursor would step over it for ever.
    """
    wanted = select(Change).where(Change.pending).order_by(Change.id).limit(limit)
    return session.scalars(wanted).all()


def conclude(session: Session, *, change: Change, outcome: Outcome, why: str, now: datetime) -> None:
    """Write the verdict of a change; a second call with the same change leaves the first verdict."""
    if session.get(Verdict, change.id) is None:
        session.add(Verdict(change_id=change.id, outcome=outcome.value, why=why[:200], decided_at=now))
        change.pending = False
        session.flush()


def latest(
    session: Session,
    *,
    limit: int = 50,
    after: uuid.UUID | None = None,
    outcome: Outcome | None = None,
    subject: Subject | None = None,
) -> Sequence[Change]:
    """The newest changes with their verdicts, the stretch that follows `after`: the boundary's audit book."""
    wanted = older(select(Change), of=Change, than=after).order_by(Change.id.desc()).limit(limit)
    if outcome is not None:
        wanted = wanted.join(Verdict, Verdict.change_id == Change.id).where(Verdict.outcome == outcome.value)
    if subject is not None:
        wanted = wanted.where(Change.subject == subject.value)
    return session.scalars(wanted).all()


@dataclass(frozen=True, slots=True, kw_only=True)
class Stayed:
    """How many changes of one kind of row stayed for one reason."""

    subject: Subject
    why: str
    count: int


def crossed(session: Session, *, begins: datetime, ends: datetime, limit: int) -> Sequence[Change]:
    """What left or was called back between two moments, newest first."""
    wanted = (
        select(Change)
        .join(Verdict, Verdict.change_id == Change.id)
        .where(Verdict.decided_at >= begins, Verdict.decided_at < ends, Verdict.outcome != Outcome.WITHHOLD.value)
        .order_by(Verdict.decided_at.desc(), Change.id.desc())
        .limit(limit)
    )
    return session.scalars(wanted).all()


def stayed(session: Session, *, begins: datetime, ends: datetime) -> list[Stayed]:
    """What was withheld between two moments, counted by reason, most often first."""
    count = func.count()
    wanted = (
        select(Change.subject, Verdict.why, count)
        .join(Verdict, Verdict.change_id == Change.id)
        .where(Verdict.decided_at >= begins, Verdict.decided_at < ends, Verdict.outcome == Outcome.WITHHOLD.value)
        .group_by(Change.subject, Verdict.why)
        .order_by(count.desc(), Change.subject, Verdict.why)
    )
    return [Stayed(subject=Subject(row[0]), why=row[1], count=row[2]) for row in session.execute(wanted)]


def decided_before(session: Session, *, moment: datetime) -> datetime | None:
    """When something was last decided before a moment; None when nothing was."""
    wanted = select(Verdict.decided_at).where(Verdict.decided_at < moment)
    return session.scalar(wanted.order_by(Verdict.decided_at.desc()).limit(1))


def decided_from(session: Session, *, moment: datetime) -> datetime | None:
    """When something was first decided at a moment or after it; None when nothing was."""
    wanted = select(Verdict.decided_at).where(Verdict.decided_at >= moment)
    return session.scalar(wanted.order_by(Verdict.decided_at).limit(1))
