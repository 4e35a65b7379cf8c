"""Taking back what went beyond the town: all of one's own at once, and what a restored backup shows again."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from instance import notices
from instance.conversations import Conversation, Message
from instance.journal import Change, Outcome, Subject
from instance.notices import Notice, State
from instance.residents import Resident

TOGETHER = 500


def sent_away(session: Session, *, author: Resident, before: int | None = None, limit: int = 50) -> Sequence[Notice]:
    """What somebody wrote in their own name and let go beyond the town, newest first, whatever became of it since."""
    wanted = select(Notice).where(
        Notice.author_id == author.id, Notice.organisation_id.is_(None), Notice.reached_network
    )
    if before is not None:
        wanted = wanted.where(Notice.id < before)
    return session.scalars(wanted.order_by(Notice.id.desc()).limit(limit)).all()


def take_down(session: Session, *, author: Resident, now: datetime) -> int:
    """Take down everything somebody let go beyond the town that still hangs; returns how much that was.

    What an organisation published in their hand is the organisation's, and stays.
    """
    mine = (Notice.author_id == author.id, Notice.organisation_id.is_(None))
    return _withdraw(session, *mine, now=now)


def take_down_again(session: Session, *, public_ids: Collection[uuid.UUID], now: datetime) -> int:
    """Take down what was taken down before and hangs again, since a backup knows no better; returns how much."""
    wanted = sorted(public_ids)
    parts = (wanted[begin : begin + TOGETHER] for begin in range(0, len(wanted), TOGETHER))
    return sum(_withdraw(session, Notice.public_id.in_(part), Notice.origin_uri.is_(None), now=now) for part in parts)


def _withdraw(session: Session, *which: ColumnElement[bool], now: datetime) -> int:
    """Take down those of them that hang and ever left. Their rows are held; those of offers and news beside are not."""
    wanted = (
        select(Notice)
        .where(*which, Notice.reached_network, Notice.state == State.LIVE.value)
        .order_by(Notice.id)
        .with_for_update(of=Notice.__table__)
        .execution_options(populate_existing=True)
    )
    found = session.scalars(wanted).all()
    for one in found:
        one.state = State.WITHDRAWN.value
        notices.change(session, notice=one, now=now)
    return len(found)


def letters(session: Session, *, author: Resident) -> Sequence[uuid.UUID]:
    """The changes by which somebody's letters to other towns leave, or left: the ids that the other side knows."""
    wanted = (
        select(Change.public_id)
        .join(Message, Message.public_id == Change.subject_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(
            Change.subject == Subject.MESSAGE.value,
            Message.author_id == author.id,
            Conversation.remote_actor.is_not(None),
            or_(Change.pending, Change.verdict.has(outcome=Outcome.POST.value)),
        )
        .order_by(Change.id)
    )
    return session.scalars(wanted).all()
