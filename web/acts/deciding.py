"""What a moderator may decide about an open report, by the word of the step."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.orm import Session

from instance import comments, evidence, moderation, notices, parties, reports, suspensions
from instance.base import Refused
from instance.comments import Comment
from instance.decisions import Rule
from instance.evidence import Target
from instance.moderation import Step
from instance.nearby import Nearby
from instance.notices import Notice
from instance.reports import Report
from instance.residents import Resident


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Why, by which rule of the house, and for how many days where that matters: None until further notice."""

    reason: str
    rule: Rule | None = None
    days: int | None = None


def open_report(session: Session, *, public_id: uuid.UUID, by: Resident) -> Report:
    """A report nobody has dealt with. Raises Refused("not_found"), or "decided" for one that is closed."""
    entry = reports.find_report(session, public_id=public_id, by=by)
    if entry.closed_at is not None:
        raise Refused("decided")
    return entry


def hidden_notice(session: Session, *, public_id: uuid.UUID, by: Resident | None) -> Notice:
    """A notice that moderators took down, of the quarter one looks after. Raises Refused("not_found") for any other."""
    notice = notices.by_public_id(session, public_id=public_id)
    if notice is None or notice.state != notices.State.HIDDEN or not _in_scope(by, notice):
        raise Refused("not_found")
    return notice


def hidden_comment(session: Session, *, public_id: uuid.UUID, by: Resident | None) -> Comment:
    """A comment that moderators took away, as for `hidden_notice`."""
    comment = comments.by_public_id(session, public_id=public_id)
    if comment is None or comment.state != notices.State.HIDDEN or not _in_scope(by, comment.notice):
        raise Refused("not_found")
    return comment


def hidden_beside(session: Session, *, public_id: uuid.UUID, by: Resident | None) -> Nearby:
    """A skill or a recommendation that moderators took away, as for `hidden_notice`."""
    for target in moderation.BESIDE.values():
        row = evidence.beside(session, target=target, target_id=public_id)
        if row is not None and row.state == notices.State.HIDDEN and _in_scope(by, row):
            return row
    raise Refused("not_found")


def _in_scope(by: Resident | None, notice: Notice | Nearby) -> bool:
    return by is None or parties.in_scope(by, quarter_ids=[notice.quarter_id])


def until(days: int | None, *, now: datetime) -> datetime | None:
    """When a suspension of so many days ends; None until further notice."""
    return now + timedelta(days=days) if days is not None else None


def ruled(verdict: Verdict) -> Rule:
    """The rule a verdict names. Raises Refused("rule_missing", field="rule")."""
    if verdict.rule is None:
        raise Refused("rule_missing", field="rule")
    return verdict.rule


def hide(session: Session, *, entry: Report, verdict: Verdict, by: Resident, now: datetime) -> None:
    """Take down what was reported; what is between two people is not taken from them.

    Raises Refused (not_found for that and for a person, rule_missing, party, …).
    """
    rule, reason = ruled(verdict), verdict.reason
    match Target(entry.target):
        case Target.NOTICE if (notice := notices.by_public_id(session, public_id=entry.target_id)) is not None:
            moderation.hide(session, notice=notice, reason=reason, rule=rule, by=by, entry=entry, now=now)
        case Target.COMMENT if (comment := comments.by_public_id(session, public_id=entry.target_id)) is not None:
            moderation.hide_comment(session, comment=comment, reason=reason, rule=rule, by=by, entry=entry, now=now)
        case target if (row := evidence.beside(session, target=target, target_id=entry.target_id)) is not None:
            moderation.hide_beside(session, row=row, reason=reason, rule=rule, by=by, entry=entry, now=now)
        case _:
            raise Refused("not_found")


def warn(session: Session, *, entry: Report, verdict: Verdict, by: Resident, now: datetime) -> None:
    """Ask whoever it concerns to keep to a rule. Raises Refused (not_found, rule_missing, party, …)."""
    moderation.warn(session, entry=entry, reason=verdict.reason, rule=ruled(verdict), by=by, now=now)


def suspend(session: Session, *, entry: Report, verdict: Verdict, by: Resident, now: datetime) -> None:
    """Lock the account of whoever it concerns. Raises Refused (not_found, rule_missing, is_staff, party, …)."""
    if entry.author is None:
        raise Refused("not_found")
    suspensions.suspend(
        session,
        resident=entry.author,
        reason=verdict.reason,
        rule=ruled(verdict),
        until=until(verdict.days, now=now),
        by=by,
        now=now,
        entry=entry,
    )


def dismiss(session: Session, *, entry: Report, verdict: Verdict, by: Resident, now: datetime) -> None:
    """Close a report without a measure. Raises Refused("party"|…)."""
    moderation.dismiss(session, entry=entry, reason=verdict.reason, by=by, now=now)


Decision = Callable[..., None]
DECISIONS: Final[dict[Step, Decision]] = {
    Step.HIDE: hide,
    Step.WARN: warn,
    Step.SUSPEND: suspend,
    Step.DISMISS: dismiss,
}
