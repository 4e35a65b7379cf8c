"""Reports: somebody says that something is wrong; who may decide on it, and when that is done."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import evidence, mailboxes, outgoing, parties, prose, residents
from instance.audience import Reader
from instance.base import Refused, Row
from instance.decisions import LONGEST_REASON, read_reason
from instance.evidence import Exhibit, Target
from instance.outgoing import Kind
from instance.parties import Matter
from instance.residents import Resident

LONGEST_EXCERPT = 600
LONGEST_AUTHOR = 200


class Report(Row):
    """Somebody says something is wrong. Its words, who wrote them and where they hung are kept as they were seen."""

    __tablename__ = "report"

    target: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[uuid.UUID] = mapped_column(index=True)
    words: Mapped[str] = mapped_column(Text)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    # How whoever wrote it is named further away: what is shown here says no more than a notice does.
    author_name: Mapped[str] = mapped_column(String(LONGEST_AUTHOR))
    building_id: Mapped[int | None] = mapped_column(ForeignKey("building.id"))
    quarter_id: Mapped[int | None] = mapped_column(ForeignKey("quarter.id"), index=True)
    stays: Mapped[bool] = mapped_column()
    reason: Mapped[str] = mapped_column(Text)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    reporter_host: Mapped[str | None] = mapped_column(String(255))
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    reporter: Mapped[Resident | None] = relationship(foreign_keys=reporter_id)
    author: Mapped[Resident | None] = relationship(foreign_keys=author_id)

    @property
    def excerpt(self) -> str:
        """The beginning of its words."""
        return prose.excerpt(self.words, longest=LONGEST_EXCERPT)


# --- reporting


def preview(session: Session, *, target: Target, public_id: uuid.UUID, reader: Reader, now: datetime) -> str:
    """What would be reported, in a few words. Raises Refused("not_found")."""
    shown = evidence.shown(session, target=target, public_id=public_id, reader=reader, now=now)
    return prose.excerpt(shown.words, longest=LONGEST_EXCERPT)


def report(
    session: Session,
    *,
    target: Target,
    public_id: uuid.UUID,
    reason: str,
    by: Resident,
    reader: Reader,
    now: datetime,
) -> Report:
    """Report something one can see. Raises Refused (not_found, suspended, missing, too_long)."""
    residents.check_active(session, resident=by)
    shown = evidence.shown(session, target=target, public_id=public_id, reader=reader, now=now)
    return _file(session, shown=shown, reason=read_reason(reason), reporter=by, host=None, now=now)


def report_from_elsewhere(
    session: Session, *, target: Target, target_id: uuid.UUID, reason: str, host: str, now: datetime
) -> Report | None:
    """Another city reports something it was given; a second open report of the same by it adds nothing."""
    known = select(Report.id).where(
        Report.target_id == target_id, Report.reporter_host == host, Report.closed_at.is_(None)
    )
    shown = evidence.kept(session, target=target, target_id=target_id)
    if shown is None or session.scalar(known) is not None:
        return None
    said = prose.excerpt(prose.plain(reason), longest=LONGEST_REASON)
    return _file(session, shown=shown, reason=said, reporter=None, host=host, now=now)


def _file(
    session: Session, *, shown: Exhibit, reason: str, reporter: Resident | None, host: str | None, now: datetime
) -> Report:
    entry = Report(
        target=shown.target.value,
        target_id=shown.target_id,
        words=shown.words,
        author=shown.author,
        author_name=shown.author_name[:LONGEST_AUTHOR],
        building_id=shown.building_id,
        quarter_id=shown.quarter_id,
        stays=shown.stays,
        reason=reason,
        reporter=reporter,
        reporter_host=host,
        created_at=now,
    )
    session.add(entry)
    session.flush()
    return entry


def filed_by(session: Session, *, resident: Resident) -> Sequence[Report]:
    """What somebody reported, newest first: for themselves alone."""
    return session.scalars(select(Report).where(Report.reporter_id == resident.id).order_by(Report.id.desc())).all()


# --- the desk


def open_reports(session: Session, *, by: Resident | None) -> Sequence[Report]:
    """Reports nobody has dealt with, oldest first, that this moderator may decide on; None sees all."""
    wanted = select(Report).where(Report.closed_at.is_(None)).order_by(Report.id)
    if by is not None and by.desk_quarter_id is not None:
        wanted = wanted.where(Report.quarter_id == by.desk_quarter_id)
    found = session.scalars(wanted).all()
    return found if by is None else [one for one in found if not is_party(session, entry=one, by=by)]


def stranded(session: Session) -> int:
    """How many open reports nobody who looks after the board may decide on: somebody has to be named for them."""
    waiting = [(Target(one.target), one.target_id) for one in open_reports(session, by=None)]
    matters = [matter(session, target=target, target_id=target_id) for target, target_id in waiting]
    return sum(not parties.deciders(session, matter=one) for one in matters)


def find_report(session: Session, *, public_id: uuid.UUID, by: Resident) -> Report:
    """The report of this public id, for who may decide on it.

    Raises Refused("not_found"), also beyond the quarter one looks after, and for whoever has a part in it: they read
    neither the complaint nor the letter it is about.
    """
    found = session.scalar(select(Report).where(Report.public_id == public_id))
    if found is None or not parties.in_scope(by, quarter_ids=[found.quarter_id]):
        raise Refused("not_found")
    if is_party(session, entry=found, by=by):
        raise Refused("not_found")
    return found


def author_of(session: Session, *, target: Target, public_id: uuid.UUID) -> Resident | None:
    """Who wrote what was reported: None when it came from another city, or is gone."""
    found = evidence.kept(session, target=target, target_id=public_id)
    return found.author if found is not None else None


def host_of(session: Session, *, target: Target, public_id: uuid.UUID) -> str | None:
    """The other city that what was reported came from, if it did."""
    found = evidence.kept(session, target=target, target_id=public_id)
    return found.host if found is not None else None


def matter(session: Session, *, target: Target, target_id: uuid.UUID) -> Matter:
    """What a decision on this is about: whoever wrote it or had a part in it, and whoever reported it."""
    found = evidence.kept(session, target=target, target_id=target_id)
    filed = session.scalars(select(Report).where(Report.target_id == target_id)).all()
    persons = [one for entry in filed for one in (entry.author, entry.reporter)]
    places = [(one.building_id, one.quarter_id) for one in filed]
    if found is not None:
        persons.append(found.author)
        places.append((found.building_id, found.quarter_id))
    return parties.matter(
        session,
        concerned={one.id: one for one in persons if one is not None}.values(),
        part_ids=found.part_ids if found is not None else (),
        building_ids=[building for building, _ in places],
        quarter_ids=[quarter for _, quarter in places],
    )


def is_party(session: Session, *, entry: Report, by: Resident) -> bool:
    """Whether this moderator has a part in what a report is about, or lives where it comes from."""
    found = matter(session, target=Target(entry.target), target_id=entry.target_id)
    return parties.is_party(session, matter=found, by=by)


def handles(session: Session, *, target: Target, target_id: uuid.UUID, by: Resident) -> bool:
    """Whether this moderator has an open report of it to decide on: of their quarter, and no matter of their own."""
    return any((one.target, one.target_id) == (target, target_id) for one in open_reports(session, by=by))


def judge(session: Session, *, target: Target, target_id: uuid.UUID, by: Resident, entry: Report | None = None) -> None:
    """Let a moderator decide, and hold every open report of it until the transaction ends: the second comes second.

    Raises Refused (not_moderator, suspended, not_found, party; decided when somebody was quicker with `entry`).
    """
    parties.check(session, matter=matter(session, target=target, target_id=target_id), by=by)
    held = select(Report).where(Report.target_id == target_id, Report.closed_at.is_(None)).order_by(Report.id)
    still = session.scalars(held.with_for_update().execution_options(populate_existing=True)).all()
    if entry is not None and entry.id not in {one.id for one in still}:
        raise Refused("decided")


def close(session: Session, *, target_id: uuid.UUID, now: datetime) -> None:
    """All open reports of something are dealt with; whoever filed one here is told that it was looked at."""
    wanted = select(Report).where(Report.target_id == target_id, Report.closed_at.is_(None)).order_by(Report.id)
    for entry in session.scalars(wanted).all():
        close_one(session, entry=entry, now=now)


def close_one(session: Session, *, entry: Report, now: datetime) -> None:
    """One report is dealt with."""
    entry.closed_at = now
    session.flush()
    if entry.reporter is not None and mailboxes.address(session, resident=entry.reporter) is not None:
        cause = f"looked:{entry.public_id}"
        outgoing.post(session, kind=Kind.LOOKED, cause=cause, to=entry.reporter, subject_id=entry.public_id, now=now)
