"""The journal: a change is pending until its verdict is written, and is then never looked at again."""

import uuid
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import journal

NOW = datetime(2027, 5, 11, 8, 0, 2, tzinfo=UTC)


def record(session: Session, *, version: int) -> None:
    journal.record(session, subject=journal.Subject.NOTICE, subject_id=uuid.uuid4(), version=version, now=NOW)


def test_pending_and_a_verdict_exclude_each_other(session: Session) -> None:
    for version in range(1, 6):
        record(session, version=version)
    for change in journal.unjudged(session, limit=3):
        journal.conclude(session, change=change, outcome=journal.Outcome.WITHHOLD, why="audience building", now=NOW)
    session.expire_all()
    for change in journal.latest(session):
        assert change.pending is (change.verdict is None)
    assert len(journal.unjudged(session)) == 2


def test_pending_changes_are_found_without_reading_the_judged_ones(session: Session) -> None:
    wanted = select(journal.Change.id).where(journal.Change.pending).order_by(journal.Change.id).limit(10)
    plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {wanted.compile(session.get_bind())}", (10, 0))
    assert "ix_change_pending" in str(plan.all())
