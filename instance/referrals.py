"""A report passed on to the town that what was reported came from, in words that a moderator chose for it.

Who reported it and what they wrote stay here, as does everything that does not come from another town.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import comments, journal, moderation, notices, reports
from instance.base import Refused, Row
from instance.comments import Comment
from instance.evidence import Target
from instance.moderation import Step
from instance.notices import Notice
from instance.reports import Report
from instance.residents import Resident

LONGEST_TOLD = 1_000


class Referral(Row):
    """One report passed on: to whom, about what of theirs, and in which words."""

    __tablename__ = "referral"
    __table_args__ = (UniqueConstraint("report_id"),)

    report_id: Mapped[int] = mapped_column(ForeignKey("report.id"))
    host: Mapped[str] = mapped_column(String(255))
    actor_uri: Mapped[str] = mapped_column(String(1000))
    object_uri: Mapped[str] = mapped_column(String(1000))
    words: Mapped[str] = mapped_column(Text)
    report: Mapped[Report] = relationship()


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where what was reported is at home: its author and its own address."""

    actor_uri: str
    object_uri: str


def source(session: Session, *, entry: Report) -> Source | None:
    """Where to tell of a report; None for what is ours, gone, or between two people.

    A private letter has one receiver: telling of it would say who complained.
    """
    row: Notice | Comment | None
    match Target(entry.target):
        case Target.NOTICE:
            row = notices.by_public_id(session, public_id=entry.target_id)
        case Target.COMMENT:
            row = comments.by_public_id(session, public_id=entry.target_id)
        case _:
            return None
    if row is None or row.origin_uri is None or row.origin_actor is None:
        return None
    return Source(actor_uri=row.origin_actor, object_uri=row.origin_uri)


def refer(session: Session, *, entry: Report, host: str, words: str, by: Resident, now: datetime) -> Referral:
    """Pass a report on to the town it is about; the worker carries it out. The words stand in the book, too.

    Raises Refused (not_found for what came from nowhere, told_before, missing, too_long, party, not_moderator, …).
    """
    meant = source(session, entry=entry)
    if meant is None:
        raise Refused("not_found")
    said = _read(words)
    reports.judge(session, target=Target(entry.target), target_id=entry.target_id, by=by)
    if of_report(session, entry=entry) is not None:
        raise Refused("told_before", field="told")
    made = Referral(
        report=entry, host=host, actor_uri=meant.actor_uri, object_uri=meant.object_uri, words=said, created_at=now
    )
    session.add(made)
    session.flush()
    journal.record(session, subject=journal.Subject.REFERRAL, subject_id=made.public_id, version=1, now=now)
    moderation.note(
        session, step=Step.REFER, target=f"town {host}", reason=said, by=by, quarter_id=entry.quarter_id, now=now
    )
    return made


def _read(words: str) -> str:
    text = words.strip()
    if not text:
        raise Refused("missing", field="told")
    if len(text) > LONGEST_TOLD:
        raise Refused("too_long", field="told")
    return text


def of_report(session: Session, *, entry: Report) -> Referral | None:
    """How a report was passed on, if it was."""
    return session.scalar(select(Referral).where(Referral.report_id == entry.id))


def latest(session: Session, *, by: Resident | None, limit: int = 50) -> Sequence[Referral]:
    """What was passed on, newest first, of the quarter this moderator looks after; None sees all."""
    wanted = select(Referral).join(Report)
    if by is not None and by.desk_quarter_id is not None:
        wanted = wanted.where(Report.quarter_id == by.desk_quarter_id)
    return session.scalars(wanted.order_by(Referral.id.desc()).limit(limit)).all()
