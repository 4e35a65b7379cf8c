"""The moderators' book, and what a moderator may do about words: every step with its reason, kept and told."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import decisions, evidence, logins, nearby, notices, passkeys, prose, reports, residents, second_factor
from instance.base import Refused, Row, older
from instance.comments import Comment
from instance.decisions import LONGEST_WORDS, Decision, Rule, read_reason
from instance.evidence import Exhibit, Target
from instance.nearby import Nearby
from instance.notices import Notice
from instance.recommendations import Recommendation
from instance.reports import Report
from instance.residents import Resident
from instance.skills import Skill


class Step(StrEnum):
    """What a moderator did."""

    HIDE = "hide"
    RESTORE = "restore"
    WARN = "warn"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    DISMISS = "dismiss"
    REFER = "refer"
    BLOCK = "block"
    UNBLOCK = "unblock"
    LIMIT = "limit"
    UNLIMIT = "unlimit"
    LIST = "list"
    CARD = "card"
    UNLOCK = "unlock"
    ATTEST = "attest"
    CHECK = "check"
    UNVOUCH = "unvouch"
    RECALL = "recall"


# How the book calls what a step was about.
BOOKED: Mapping[Target, str] = {
    Target.NOTICE: "notice",
    Target.COMMENT: "comment",
    Target.MESSAGE: "letter",
    Target.PERSON: "resident",
    Target.LOAN: "loan",
    Target.THANKS: "thanks",
    Target.SKILL: "skill",
    Target.RECOMMENDATION: "recommendation",
    Target.ORGANISATION: "organisation",
    Target.TOWN: "here",
}


# What stands beside the board, and how it is called when it is reported.
BESIDE: Mapping[type[Nearby], Target] = {Skill: Target.SKILL, Recommendation: Target.RECOMMENDATION}


class Measure(Row):
    """What was done, by whom, to what, and why: the moderators' book."""

    __tablename__ = "measure"

    step: Mapped[str] = mapped_column(String(20))
    target: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    # Which quarter it concerned: a moderator of one quarter reads no other's pages of the book.
    quarter_id: Mapped[int | None] = mapped_column(ForeignKey("quarter.id"), index=True)
    by: Mapped[Resident] = relationship()


def measures(
    session: Session, *, by: Resident | None, limit: int = 50, after: uuid.UUID | None = None
) -> Sequence[Measure]:
    """The newest entries of the moderators' book, the stretch that follows `after`; `by` reads their quarter's only."""
    wanted = older(select(Measure), of=Measure, than=after).order_by(Measure.id.desc()).limit(limit)
    if by is not None and by.desk_quarter_id is not None:
        wanted = wanted.where(Measure.quarter_id == by.desk_quarter_id)
    return session.scalars(wanted).all()


def last_about(session: Session, *, target: str) -> Measure | None:
    """The newest entry of the book about something, by its target as it is written there."""
    wanted = select(Measure).where(Measure.target == target).order_by(Measure.id.desc()).limit(1)
    return session.scalar(wanted)


def note(
    session: Session,
    *,
    step: Step,
    target: str,
    reason: str,
    by: Resident,
    now: datetime,
    quarter_id: int | None = None,
) -> Measure:
    """Enter a measure in the book. Raises Refused (not_moderator, suspended, missing, too_long)."""
    if not by.is_moderator:
        raise Refused("not_moderator")
    residents.check_active(session, resident=by)
    measure = Measure(
        step=step.value, target=target, reason=read_reason(reason), by=by, quarter_id=quarter_id, created_at=now
    )
    session.add(measure)
    session.flush()
    return measure


def hidden(session: Session, *, by: Resident | None, limit: int = 50) -> Sequence[Notice]:
    """The newest notices that moderators took down, of the quarter this moderator looks after; None sees all."""
    wanted = select(Notice).where(Notice.state == notices.State.HIDDEN.value)
    if by is not None and by.desk_quarter_id is not None:
        wanted = wanted.where(Notice.quarter_id == by.desk_quarter_id)
    return session.scalars(wanted.order_by(Notice.id.desc()).limit(limit)).all()


def hidden_comments(session: Session, *, by: Resident | None, limit: int = 50) -> Sequence[Comment]:
    """The newest comments that moderators took away, of the quarter this moderator looks after; None sees all."""
    wanted = select(Comment).join(Notice).where(Comment.state == notices.State.HIDDEN.value)
    if by is not None and by.desk_quarter_id is not None:
        wanted = wanted.where(Notice.quarter_id == by.desk_quarter_id)
    return session.scalars(wanted.order_by(Comment.id.desc()).limit(limit)).all()


def hidden_beside(session: Session, *, by: Resident | None, limit: int = 50) -> Sequence[Nearby]:
    """The newest skills and recommendations that moderators took away, of the quarter they look after."""
    found: list[Nearby] = []
    for kind in BESIDE:
        wanted = select(kind).where(kind.state == notices.State.HIDDEN.value)
        if by is not None and by.desk_quarter_id is not None:
            wanted = wanted.where(kind.quarter_id == by.desk_quarter_id)
        found += session.scalars(wanted.order_by(kind.id.desc()).limit(limit)).all()
    return sorted(found, key=lambda one: one.id, reverse=True)[:limit]


# --- deciding


def hide(
    session: Session,
    *,
    notice: Notice,
    reason: str,
    by: Resident,
    now: datetime,
    rule: Rule | None = None,
    entry: Report | None = None,
) -> None:
    """Take a notice off every board; what had left is withdrawn outside. Raises Refused("party"|"decided"|…).

    What its author already took down stays taken down: restoring must not hang it again.
    """
    case = Case(target=Target.NOTICE, target_id=notice.public_id, by=by, entry=entry, rule=rule)
    _decide(session, case=case, step=Step.HIDE, reason=reason, now=now)
    if notice.is_live:
        notice.state = notices.State.HIDDEN.value
        notices.change(session, notice=notice, now=now)
    reports.close(session, target_id=notice.public_id, now=now)


def restore(session: Session, *, notice: Notice, reason: str, by: Resident, now: datetime) -> None:
    """Hang a hidden notice again where it was, at home: what was deleted outside stays deleted there.

    One whose time has passed meanwhile stays down. Raises Refused("party"|…).
    """
    case = Case(target=Target.NOTICE, target_id=notice.public_id, by=by)
    _decide(session, case=case, step=Step.RESTORE, reason=reason, now=now)
    if notice.state == notices.State.HIDDEN:
        over = notice.expires_at is not None and notice.expires_at <= now
        notice.state = notices.State.EXPIRED.value if over else notices.State.LIVE.value
        notices.change(session, notice=notice, now=now)


def hide_comment(
    session: Session,
    *,
    comment: Comment,
    reason: str,
    by: Resident,
    now: datetime,
    rule: Rule | None = None,
    entry: Report | None = None,
) -> None:
    """Take a comment away from under the news. Raises Refused("party"|"decided"|…)."""
    case = Case(target=Target.COMMENT, target_id=comment.public_id, by=by, entry=entry, rule=rule)
    _decide(session, case=case, step=Step.HIDE, reason=reason, now=now)
    if comment.state == notices.State.LIVE:
        comment.state = notices.State.HIDDEN.value
    reports.close(session, target_id=comment.public_id, now=now)


def restore_comment(session: Session, *, comment: Comment, reason: str, by: Resident, now: datetime) -> None:
    """Put a hidden comment back under the news. Raises Refused("party"|…)."""
    case = Case(target=Target.COMMENT, target_id=comment.public_id, by=by)
    _decide(session, case=case, step=Step.RESTORE, reason=reason, now=now)
    if comment.state == notices.State.HIDDEN:
        comment.state = notices.State.LIVE.value
    session.flush()


def hide_beside(
    session: Session,
    *,
    row: Nearby,
    reason: str,
    by: Resident,
    now: datetime,
    rule: Rule | None = None,
    entry: Report | None = None,
) -> None:
    """Take a skill or a recommendation away. Raises Refused("party"|"decided"|…).

    What its author took away meanwhile stays away: putting it back must not bring it there again.
    """
    case = Case(target=BESIDE[type(row)], target_id=row.public_id, by=by, entry=entry, rule=rule)
    _decide(session, case=case, step=Step.HIDE, reason=reason, now=now)
    nearby.hold(session, row=row)
    if row.is_live:
        row.state, row.updated_at = notices.State.HIDDEN.value, now
    reports.close(session, target_id=row.public_id, now=now)


def restore_beside(session: Session, *, row: Nearby, reason: str, by: Resident, now: datetime) -> None:
    """Put a hidden skill or recommendation back. Raises Refused("party"|…)."""
    case = Case(target=BESIDE[type(row)], target_id=row.public_id, by=by)
    _decide(session, case=case, step=Step.RESTORE, reason=reason, now=now)
    nearby.hold(session, row=row)
    if row.state == notices.State.HIDDEN:
        row.state, row.updated_at = notices.State.LIVE.value, now
    session.flush()


def warn(session: Session, *, entry: Report, reason: str, by: Resident, now: datetime, rule: Rule | None) -> None:
    """Tell whoever it concerns what was wrong, and nothing else. Raises Refused("not_found"|"party"|"decided"|…)."""
    if entry.author is None:
        raise Refused("not_found")
    case = Case(target=Target(entry.target), target_id=entry.target_id, by=by, entry=entry, rule=rule)
    _decide(session, case=case, step=Step.WARN, reason=reason, now=now)
    reports.close(session, target_id=entry.target_id, now=now)


def dismiss(session: Session, *, entry: Report, reason: str, by: Resident, now: datetime) -> None:
    """Close one report without a measure. Raises Refused("party"|"decided"|…)."""
    reports.judge(session, target=Target(entry.target), target_id=entry.target_id, by=by, entry=entry)
    target = f"report {entry.public_id}"
    note(session, step=Step.DISMISS, target=target, reason=reason, by=by, quarter_id=entry.quarter_id, now=now)
    reports.close_one(session, entry=entry, now=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is decided on, by whom, after which report if there was one, and by which rule."""

    target: Target
    target_id: uuid.UUID
    by: Resident
    entry: Report | None = None
    rule: Rule | None = None


def _decide(session: Session, *, case: Case, step: Step, reason: str, now: datetime) -> None:
    """Let somebody decide, enter it in the book, and tell whom it concerns."""
    reports.judge(session, target=case.target, target_id=case.target_id, by=case.by, entry=case.entry)
    found = evidence.kept(session, target=case.target, target_id=case.target_id)
    entry = case.entry
    quarter_id = entry.quarter_id if entry is not None else found.quarter_id if found is not None else None
    book = f"{BOOKED[case.target]} {case.target_id}"
    note(session, step=step, target=book, reason=reason, by=case.by, quarter_id=quarter_id, now=now)
    concerned = entry.author if entry is not None else found.author if found is not None else None
    if concerned is not None:
        _tell(session, case=case, step=step, reason=reason, found=found, to=concerned, now=now)


def _tell(
    session: Session, *, case: Case, step: Step, reason: str, found: Exhibit | None, to: Resident, now: datetime
) -> None:
    words = case.entry.words if case.entry is not None else found.words if found is not None else ""
    stays = case.entry.stays if case.entry is not None else found is None or found.stays
    decision = Decision(
        resident=to,
        step=step.value,
        about=case.target.value,
        words=prose.excerpt(words, longest=LONGEST_WORDS),
        reason=read_reason(reason),
        rule=case.rule.value if case.rule is not None else None,
        reported=case.entry is not None,
        stays=stays,
    )
    decisions.tell(session, decision=decision, now=now)


def take_away_second_step(session: Session, *, resident: Resident, reason: str, by: Resident, now: datetime) -> None:
    """Turn off the second step of somebody who lost their means: app, recovery codes and passkeys all go.

    They are signed out everywhere, sign in with the password alone, and are told so until they have read it.
    Raises Refused("not_administrator"|"not_yourself"|"missing"|"too_long").
    """
    if not by.is_administrator:
        raise Refused("not_administrator")
    if resident.id == by.id:
        raise Refused("not_yourself")
    note(session, step=Step.UNLOCK, target=f"resident {resident.public_id}", reason=reason, by=by, now=now)
    passkeys.forget(session, resident=resident)
    second_factor.take_away(session, resident=resident, now=now)
    logins.close_logins(session, resident=resident)


def forget_host(session: Session, *, host: str, now: datetime) -> int:
    """A city was blocked: what hangs here of it comes down; returns how many notices."""
    wanted = select(Notice).where(Notice.origin_host == host, Notice.state == notices.State.LIVE.value)
    shown = session.scalars(wanted).all()
    for notice in shown:
        notice.state = notices.State.HIDDEN.value
        notice.updated_at = now
    for comment in session.scalars(
        select(Comment).where(Comment.origin_host == host, Comment.state == notices.State.LIVE.value)
    ):
        comment.state = notices.State.HIDDEN.value
    session.flush()
    return len(shown)


def hosts_shown(session: Session) -> set[str]:
    """The other cities of which something hangs here now."""
    found: set[str] = set()
    for written in (Notice, Comment):
        wanted = select(written.origin_host).where(
            written.origin_host.is_not(None), written.state == notices.State.LIVE.value
        )
        found.update(host for host in session.scalars(wanted.distinct()) if host is not None)
    return found
