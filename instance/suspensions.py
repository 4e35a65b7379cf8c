"""Suspensions: an account is locked for a while or until further notice, and given back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import (
    bookings,
    decisions,
    documents,
    evidence,
    loan_calendar,
    logins,
    moderation,
    notices,
    parties,
    prose,
    reports,
)
from instance.base import Refused
from instance.decisions import LONGEST_WORDS, Decision, Rule
from instance.evidence import Target
from instance.moderation import Step
from instance.notices import Notice
from instance.parties import Matter
from instance.reports import Report
from instance.residents import Resident, State

LONGEST = timedelta(days=366)
ACCOUNT = "account"


def matter(session: Session, *, resident: Resident) -> Matter:
    """What a decision on an account is about: whoever ever wrote with somebody has a part in it."""
    shown = evidence.kept(session, target=Target.PERSON, target_id=resident.public_id)
    homes = [one.id for one in parties.quarters(session, resident=resident)]
    return parties.matter(
        session,
        concerned=[resident],
        part_ids=shown.part_ids if shown is not None else (),
        building_ids=[],
        quarter_ids=homes,
    )


def suspended(session: Session, *, by: Resident | None) -> Sequence[Resident]:
    """The accounts that are locked, by login name, of the quarter this moderator looks after; None sees all."""
    wanted = select(Resident).where(Resident.state == State.SUSPENDED.value).order_by(Resident.login)
    found = session.scalars(wanted)
    return [one for one in found if by is None or parties.looks_after(session, by=by, resident=one)]


def suspend(
    session: Session,
    *,
    resident: Resident,
    reason: str,
    by: Resident,
    now: datetime,
    entry: Report | None = None,
    rule: Rule | None = None,
    until: datetime | None = None,
) -> None:
    """Lock an account: signed out everywhere at once, its notices hidden, its loans ended.

    `until` is when it ends by itself, None until further notice; `entry` is the report that led to it, which is dealt
    with by that. Raises Refused (not_moderator, not_yourself, is_staff, party, decided, not_found, missing, too_long;
    until_past, until_far at "until").
    """
    if resident.id == by.id:
        raise Refused("not_yourself")
    _check_until(until, now=now)
    words = _judge(session, resident=resident, by=by, entry=entry)
    if resident.is_moderator and not by.is_administrator:
        raise Refused("is_staff")
    _note(session, resident=resident, step=Step.SUSPEND, reason=reason, by=by, now=now)
    resident.state, resident.suspended_until = State.SUSPENDED.value, until
    told = Decision(
        resident=resident,
        step=Step.SUSPEND.value,
        about=entry.target if entry is not None else ACCOUNT,
        words=words,
        reason=decisions.read_reason(reason),
        rule=rule.value if rule is not None else None,
        until=until,
        reported=entry is not None,
        stays=True,
    )
    decisions.tell(session, decision=told, now=now)
    logins.close_logins(session, resident=resident)
    _take_down(session, resident=resident, now=now)
    loan_calendar.part(session, resident=resident, now=now)
    bookings.part(session, resident=resident, now=now)
    documents.end_of(session, resident=resident, now=now)
    if entry is not None:
        reports.close(session, target_id=entry.target_id, now=now)


def _check_until(until: datetime | None, *, now: datetime) -> None:
    if until is not None and until <= now:
        raise Refused("until_past", field="until")
    if until is not None and until > now + LONGEST:
        raise Refused("until_far", field="until")


def _judge(session: Session, *, resident: Resident, by: Resident, entry: Report | None) -> str:
    """Let this moderator decide; the words that led to it."""
    if entry is not None:
        reports.judge(session, target=Target(entry.target), target_id=entry.target_id, by=by, entry=entry)
        return prose.excerpt(entry.words, longest=LONGEST_WORDS)
    parties.check(session, matter=matter(session, resident=resident), by=by)
    return ""


def _note(session: Session, *, resident: Resident, step: Step, reason: str, by: Resident, now: datetime) -> None:
    target = f"resident {resident.public_id}"
    quarters = parties.quarters(session, resident=resident)
    quarter_id = quarters[0].id if quarters else None
    moderation.note(session, step=step, target=target, reason=reason, by=by, quarter_id=quarter_id, now=now)


def _take_down(session: Session, *, resident: Resident, now: datetime) -> None:
    """Hide what hangs of somebody: their own slips, not what they wrote for an organisation."""
    hanging = select(Notice).where(Notice.author_id == resident.id, Notice.state == notices.State.LIVE.value)
    for notice in session.scalars(hanging.where(Notice.organisation_id.is_(None)).order_by(Notice.id)).all():
        notice.state = notices.State.HIDDEN.value
        notices.change(session, notice=notice, now=now)


def reinstate(session: Session, *, resident: Resident, reason: str, by: Resident, now: datetime) -> None:
    """Give an account back. Its notices stay hidden until somebody restores them one by one.

    Raises Refused (not_moderator, party, not_found, missing, too_long).
    """
    parties.check(session, matter=matter(session, resident=resident), by=by)
    _note(session, resident=resident, step=Step.REINSTATE, reason=reason, by=by, now=now)
    resident.state, resident.suspended_until = State.ACTIVE.value, None
    told = Decision(
        resident=resident,
        step=Step.REINSTATE.value,
        about=ACCOUNT,
        words="",
        reason=decisions.read_reason(reason),
        reported=False,
        stays=False,
    )
    decisions.tell(session, decision=told, now=now)


def end_due(session: Session, *, now: datetime) -> int:
    """Give back the accounts whose time is over, as they were told when it began; returns how many."""
    due = (
        select(Resident)
        .where(Resident.state == State.SUSPENDED.value, Resident.suspended_until <= now)
        .order_by(Resident.id)
        .with_for_update(skip_locked=True, key_share=True)
    )
    found = session.scalars(due).all()
    for one in found:
        one.state, one.suspended_until = State.ACTIVE.value, None
    session.flush()
    return len(found)
