"""The doorbell: tells somebody that a letter came, seldom, outside of quiet hours, and without a word of the letter."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from instance import hours, mailboxes, outgoing, quiet
from instance.outgoing import Kind, OutgoingMail
from instance.residents import Resident

# Long enough for a second letter to come along, or for somebody who is here anyway to answer.
PAUSE = timedelta(minutes=2)
AT_ONCE = timedelta(0)
ONCE_IN = timedelta(hours=24)


def ring(
    session: Session,
    *,
    to: Resident,
    conversation: uuid.UUID,
    message: uuid.UUID,
    wrote_last: datetime | None,
    now: datetime,
) -> OutgoingMail | None:
    """Write to somebody that a letter came, if they wish to be told and were not told lately.

    `wrote_last` is when they wrote in this conversation themselves: whoever answered is told again. Who has read what
    is not known and not asked: one mail a day and conversation at most.
    """
    if not wanted(session, to=to):
        return None
    told = outgoing.last(session, to=to, subject_id=conversation)
    if told is not None and _is_recent(told, wrote_last=wrote_last, now=now):
        return None
    return outgoing.post(
        session,
        kind=Kind.ANSWER,
        cause=f"letter:{message}",
        to=to,
        subject_id=conversation,
        now=now,
        due_at=due(session, to=to, now=now),
    )


def tell(session: Session, *, kind: Kind, cause: str, to: Resident, subject_id: uuid.UUID, now: datetime) -> None:
    """Write to somebody at once what happened to something of theirs, if they wish to be told; once for each cause."""
    if wanted(session, to=to):
        due_at = due(session, to=to, now=now, pause=AT_ONCE)
        outgoing.post(session, kind=kind, cause=cause, to=to, subject_id=subject_id, now=now, due_at=due_at)


def due(session: Session, *, to: Resident, now: datetime, pause: timedelta = PAUSE) -> datetime:
    """When to tell somebody what happened now: after a pause, outside of their quiet hours.

    What the calendar says, and not a neighbour who may still go on writing, needs no pause.
    """
    own = quiet.hours(session, resident=to)
    return hours.after_night(now + pause, begins=own.begins, ends=own.ends)


def wanted(session: Session, *, to: Resident) -> bool:
    """Whether somebody may be told at all."""
    if mailboxes.address(session, resident=to) is None:
        return False
    box = mailboxes.of(session, resident=to)
    return box is not None and box.hears_answers


def is_stale(session: Session, *, mail: OutgoingMail, wrote_last: datetime | None) -> bool:
    """Whether a mail that waits has nothing left to say: answered meanwhile, unwished, or told by another one."""
    if not wanted(session, to=mail.resident) or (wrote_last is not None and wrote_last >= mail.created_at):
        return True
    # Two letters in one instant may each have rung: the earlier ring is enough.
    told = outgoing.last(session, to=mail.resident, subject_id=mail.subject_id or uuid.UUID(int=0), but=mail)
    return told is not None and _is_recent(told, wrote_last=wrote_last, now=mail.created_at)


def _is_recent(told: datetime, *, wrote_last: datetime | None, now: datetime) -> bool:
    answered = wrote_last is not None and wrote_last > told
    return told > now - ONCE_IN and not answered
