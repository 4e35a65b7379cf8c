"""Where quarters lie: the line of a map around each, thinned out, as an administrator entered it from a file."""

from datetime import datetime

from sqlalchemy import ForeignKey, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from instance import journal
from instance.base import Home
from instance.journal import Subject
from instance.places import Quarter


class Outline(Home):
    """The outline of a quarter: well-known text in degrees of WGS 84. `version` grows with each change."""

    __tablename__ = "outline"

    quarter_id: Mapped[int] = mapped_column(ForeignKey("quarter.id"), primary_key=True)
    wkt: Mapped[str] = mapped_column(Text)
    version: Mapped[int] = mapped_column()
    entered_at: Mapped[datetime] = mapped_column()


def of(session: Session, *, quarter: Quarter) -> Outline | None:
    """The outline of a quarter; None when there is none."""
    return session.get(Outline, quarter.id)


def drawn(session: Session) -> set[int]:
    """The keys of all quarters that have an outline."""
    return set(session.scalars(select(Outline.quarter_id).where(Outline.wkt != "")))


def keep(session: Session, *, quarter: Quarter, wkt: str, now: datetime) -> None:
    """Enter where a quarter lies, in place of what was entered before; shown outside once the quarter is open."""
    row = of(session, quarter=quarter)
    if row is None:
        row = Outline(quarter_id=quarter.id, wkt="", version=0)
        session.add(row)
    if row.wkt == wkt:
        return
    row.wkt = wkt
    row.version += 1
    row.entered_at = now
    if quarter.opened_at is not None:
        journal.record(session, subject=Subject.QUARTER, subject_id=quarter.public_id, version=1 + row.version, now=now)
    session.flush()
