"""First moderation: one way to report, and what a moderator may do about it, with the reason kept."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import (
    bookings,
    comments,
    conversations,
    loan_calendar,
    logins,
    notices,
    passkeys,
    prose,
    residents,
    second_factor,
)
from instance.audience import Reader
from instance.base import Refused, Row, older
from instance.comments import Comment
from instance.conversations import Message
from instance.notices import Notice
from instance.residents import Resident

LONGEST_REASON = 1_000
LONGEST_EXCERPT = 600


class Target(StrEnum):
    """What can be reported."""

    NOTICE = "notice"
    COMMENT = "comment"
    MESSAGE = "message"


class Step(StrEnum):
    """What a moderator did."""

    HIDE = "hide"
    RESTORE = "restore"
    SUSPEND = "suspend"
    REINSTATE = "reinstate"
    DISMISS = "dismiss"
    BLOCK = "block"
    UNBLOCK = "unblock"
    CARD = "card"
    UNLOCK = "unlock"
    ATTEST = "attest"
    UNVOUCH = "unvouch"


class Report(Row):
    """Somebody says something is wrong. The content is kept as it was seen."""

    __tablename__ = "report"

    target: Mapped[str] = mapped_column(String(20))
    target_id: Mapped[uuid.UUID] = mapped_column(index=True)
    excerpt: Mapped[str] = mapped_column(String(LONGEST_EXCERPT))
    reason: Mapped[str] = mapped_column(Text)
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    reporter_host: Mapped[str | None] = mapped_column(String(255))
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    reporter: Mapped[Resident | None] = relationship()


class Measure(Row):
    """What was done, by whom, to what, and why: the moderators' book."""

    __tablename__ = "measure"

    step: Mapped[str] = mapped_column(String(20))
    target: Mapped[str] = mapped_column(String(255))
    reason: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    by: Mapped[Resident] = relationship()


def read_reason(value: str) -> str:
    """A reason to keep. Raises Refused("missing"|"too_long", field="reason")."""
    text = value.strip()
    if not text:
        raise Refused("missing", field="reason")
    if len(text) > LONGEST_REASON:
        raise Refused("too_long", field="reason")
    return text


def _content(session: Session, *, target: Target, public_id: uuid.UUID, reader: Reader) -> str:
    """What the reader sees of a target; Refused("not_found") when they cannot see it."""
    match target:
        case Target.NOTICE:
            notice = notices.find(session, public_id=public_id, reader=reader)
            return f"{notice.title} — {prose.plain(notice.html)}"
        case Target.COMMENT:
            return prose.plain(comments.find(session, public_id=public_id, reader=reader).html)
        case Target.MESSAGE:
            message = conversations.message_by_public_id(session, public_id=public_id)
            if message is None or not reader.resident_id or not message.conversation.takes_part(reader.resident_id):
                raise Refused("not_found")
            return prose.plain(message.html)


def preview(session: Session, *, target: Target, public_id: uuid.UUID, reader: Reader) -> str:
    """What would be reported, in a few words. Raises Refused("not_found")."""
    content = _content(session, target=target, public_id=public_id, reader=reader)
    return prose.excerpt(content, longest=LONGEST_EXCERPT)


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
    """Report something one can see. Raises Refused (not_found, missing, too_long)."""
    entry = Report(
        target=target.value,
        target_id=public_id,
        excerpt=preview(session, target=target, public_id=public_id, reader=reader),
        reason=read_reason(reason),
        reporter=by,
        created_at=now,
    )
    session.add(entry)
    session.flush()
    return entry


def report_from_elsewhere(session: Session, *, notice: Notice, reason: str, host: str, now: datetime) -> Report | None:
    """Another city reports one of our public notices; a second open report of the same by it adds nothing."""
    known = select(Report.id).where(
        Report.target_id == notice.public_id, Report.reporter_host == host, Report.closed_at.is_(None)
    )
    if session.scalar(known) is not None:
        return None
    entry = Report(
        target=Target.NOTICE.value,
        target_id=notice.public_id,
        excerpt=prose.excerpt(f"{notice.title} — {prose.plain(notice.html)}", longest=LONGEST_EXCERPT),
        reason=prose.excerpt(prose.plain(reason), longest=LONGEST_REASON),
        reporter_host=host,
        created_at=now,
    )
    session.add(entry)
    session.flush()
    return entry


def open_reports(session: Session) -> Sequence[Report]:
    """Reports nobody has dealt with, oldest first."""
    return session.scalars(select(Report).where(Report.closed_at.is_(None)).order_by(Report.id)).all()


def find_report(session: Session, *, public_id: uuid.UUID) -> Report:
    """The report of this public id. Raises Refused("not_found")."""
    found = session.scalar(select(Report).where(Report.public_id == public_id))
    if found is None:
        raise Refused("not_found")
    return found


def measures(session: Session, *, limit: int = 50, after: uuid.UUID | None = None) -> Sequence[Measure]:
    """The newest entries of the moderators' book, the stretch that follows `after`."""
    wanted = older(select(Measure), of=Measure, than=after).order_by(Measure.id.desc()).limit(limit)
    return session.scalars(wanted).all()


def note(session: Session, *, step: Step, target: str, reason: str, by: Resident, now: datetime) -> Measure:
    """Enter a measure in the book. Raises Refused (not_moderator, missing, too_long)."""
    if not by.is_moderator:
        raise Refused("not_moderator")
    measure = Measure(step=step.value, target=target, reason=read_reason(reason), by=by, created_at=now)
    session.add(measure)
    session.flush()
    return measure


def author_of(session: Session, *, target: Target, public_id: uuid.UUID) -> Resident | None:
    """Who wrote what was reported: None when it came from another city, or is gone."""
    written = _written(session, target=target, public_id=public_id)
    return written.author if written is not None else None


def _written(session: Session, *, target: Target, public_id: uuid.UUID) -> Notice | Comment | Message | None:
    match target:
        case Target.NOTICE:
            return notices.by_public_id(session, public_id=public_id)
        case Target.COMMENT:
            return comments.by_public_id(session, public_id=public_id)
        case Target.MESSAGE:
            return conversations.message_by_public_id(session, public_id=public_id)


def host_of(session: Session, *, target: Target, public_id: uuid.UUID) -> str | None:
    """The other city that what was reported came from, if it did."""
    match _written(session, target=target, public_id=public_id):
        case Message(author_id=None) as message:
            return message.conversation.remote_host
        case Notice() | Comment() as written:
            return written.origin_host
        case _:
            return None


def is_party(session: Session, *, entry: Report, by: Resident) -> bool:
    """Whether this moderator filed the report or answers for what it is about."""
    return entry.reporter_id == by.id or _answers_for(
        session, target=Target(entry.target), public_id=entry.target_id, by=by
    )


def _answers_for(session: Session, *, target: Target, public_id: uuid.UUID, by: Resident) -> bool:
    notice = notices.by_public_id(session, public_id=public_id) if target is Target.NOTICE else None
    if notice is not None and notices.may_change(session, notice=notice, by=by):
        return True
    author = author_of(session, target=target, public_id=public_id)
    return author is not None and author.id == by.id


def _impartial(session: Session, *, target: Target, public_id: uuid.UUID, by: Resident) -> None:
    """Nobody judges their own words or their own complaint, by whichever page they come.

    Raises Refused("party").
    """
    filed = select(Report.id).where(
        Report.target_id == public_id, Report.reporter_id == by.id, Report.closed_at.is_(None)
    )
    complained = session.scalar(filed.limit(1)) is not None
    if complained or _answers_for(session, target=target, public_id=public_id, by=by):
        raise Refused("party")


def hidden(session: Session, *, limit: int = 50) -> Sequence[Notice]:
    """The newest notices that moderators took down."""
    wanted = select(Notice).where(Notice.state == notices.State.HIDDEN.value)
    return session.scalars(wanted.order_by(Notice.id.desc()).limit(limit)).all()


def suspended(session: Session) -> Sequence[Resident]:
    """The accounts that are locked, by login name."""
    wanted = select(Resident).where(Resident.state == residents.State.SUSPENDED.value)
    return session.scalars(wanted.order_by(Resident.login)).all()


def _close(session: Session, *, target_id: uuid.UUID, now: datetime) -> None:
    for entry in session.scalars(select(Report).where(Report.target_id == target_id, Report.closed_at.is_(None))):
        entry.closed_at = now
    session.flush()


def hide(session: Session, *, notice: Notice, reason: str, by: Resident, now: datetime) -> None:
    """Take a notice off every board; what had left is withdrawn outside. Raises Refused("party"|…).

    What its author already took down stays taken down: restoring must not hang it again.
    """
    _impartial(session, target=Target.NOTICE, public_id=notice.public_id, by=by)
    note(session, step=Step.HIDE, target=f"notice {notice.public_id}", reason=reason, by=by, now=now)
    if notice.is_live:
        notice.state = notices.State.HIDDEN.value
        notices.change(session, notice=notice, now=now)
    _close(session, target_id=notice.public_id, now=now)


def restore(session: Session, *, notice: Notice, reason: str, by: Resident, now: datetime) -> None:
    """Hang a hidden notice again, at home: what was deleted outside stays deleted there.

    Raises Refused("party"|…).
    """
    _impartial(session, target=Target.NOTICE, public_id=notice.public_id, by=by)
    note(session, step=Step.RESTORE, target=f"notice {notice.public_id}", reason=reason, by=by, now=now)
    if notice.state == notices.State.HIDDEN:
        notice.state = notices.State.LIVE.value
        notices.change(session, notice=notice, now=now)


def hide_comment(session: Session, *, comment: Comment, reason: str, by: Resident, now: datetime) -> None:
    """Take a comment away from under the news. Raises Refused("party"|…)."""
    _impartial(session, target=Target.COMMENT, public_id=comment.public_id, by=by)
    note(session, step=Step.HIDE, target=f"comment {comment.public_id}", reason=reason, by=by, now=now)
    comment.state = notices.State.HIDDEN.value
    _close(session, target_id=comment.public_id, now=now)


def dismiss(session: Session, *, entry: Report, reason: str, by: Resident, now: datetime) -> None:
    """Close a report without a measure. Raises Refused("party"|…)."""
    if is_party(session, entry=entry, by=by):
        raise Refused("party")
    note(session, step=Step.DISMISS, target=f"report {entry.public_id}", reason=reason, by=by, now=now)
    entry.closed_at = now
    session.flush()


def suspend(
    session: Session,
    *,
    resident: Resident,
    reason: str,
    by: Resident,
    now: datetime,
    entry: Report | None = None,
) -> None:
    """Lock an account: signed out everywhere at once, its notices hidden, its loans ended.

    `entry` is the report that led to it, which is dealt with by that.
    Raises Refused("not_moderator"|"not_yourself"|"is_staff"|"party").
    """
    if resident.id == by.id:
        raise Refused("not_yourself")
    if entry is not None and is_party(session, entry=entry, by=by):
        raise Refused("party")
    if resident.is_moderator and not by.is_administrator:
        raise Refused("is_staff")
    note(session, step=Step.SUSPEND, target=f"resident {resident.public_id}", reason=reason, by=by, now=now)
    resident.state = residents.State.SUSPENDED.value
    logins.close_logins(session, resident=resident)
    hanging = select(Notice).where(Notice.author_id == resident.id, Notice.state == notices.State.LIVE.value)
    for notice in session.scalars(hanging.where(Notice.organisation_id.is_(None))).all():
        notice.state = notices.State.HIDDEN.value
        notices.change(session, notice=notice, now=now)
    loan_calendar.part(session, resident=resident, now=now)
    bookings.part(session, resident=resident, now=now)
    if entry is not None:
        _close(session, target_id=entry.target_id, now=now)


def reinstate(session: Session, *, resident: Resident, reason: str, by: Resident, now: datetime) -> None:
    """Give an account back. Its notices stay hidden until somebody restores them one by one."""
    note(session, step=Step.REINSTATE, target=f"resident {resident.public_id}", reason=reason, by=by, now=now)
    resident.state = residents.State.ACTIVE.value
    session.flush()


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
