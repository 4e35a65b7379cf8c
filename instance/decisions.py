"""Decisions about somebody's words or account, told to whom they concern: what, why, by which rule, until when.

A statement of reasons as article 17 of the regulation on digital services (EU 2022/2065) wants it. It is a copy of its
own: what was told stays as it was told, whatever becomes of the notice or of the book.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, Text, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import mailboxes, outgoing
from instance.base import Refused, Row
from instance.outgoing import Kind
from instance.residents import Resident

LONGEST_WORDS = 600
LONGEST_REASON = 1_000


class Rule(StrEnum):
    """The rules of the house. Their sentences are on the page “What this is”."""

    LAW = "law"
    RESPECT = "respect"
    PRIVACY = "privacy"
    HONESTY = "honesty"
    TRADE = "trade"
    PLACE = "place"


class Decision(Row):
    """One decision, as it was told to one person. Only they read it."""

    __tablename__ = "decision"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    step: Mapped[str] = mapped_column(String(20))
    # The kind of thing it is about, and its words as they were then; an account has none.
    about: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    # None where something is given back: no rule has to be named for that.
    rule: Mapped[str | None] = mapped_column(String(20))
    until: Mapped[datetime | None] = mapped_column()
    # Whether somebody had reported it: never who.
    reported: Mapped[bool] = mapped_column()
    # Its words and its reason belong to a building or to two people: they go into no mail.
    stays: Mapped[bool] = mapped_column()
    resident: Mapped[Resident] = relationship()


def read_reason(value: str) -> str:
    """A reason to keep. Raises Refused("missing"|"too_long", field="reason")."""
    text = value.strip()
    if not text:
        raise Refused("missing", field="reason")
    if len(text) > LONGEST_REASON:
        raise Refused("too_long", field="reason")
    return text


def tell(session: Session, *, decision: Decision, now: datetime) -> None:
    """Keep a decision for whom it concerns, and write to them where they proved an address, suspended or not."""
    decision.created_at = now
    session.add(decision)
    session.flush()
    box = mailboxes.of(session, resident=decision.resident)
    if box is not None:
        outgoing.post(
            session,
            kind=Kind.DECISION,
            cause=f"decision:{decision.public_id}",
            to=decision.resident,
            subject_id=decision.public_id,
            address=box.address,
            now=now,
        )


def of_resident(session: Session, *, resident: Resident) -> Sequence[Decision]:
    """What was decided about somebody, newest first: for themselves alone."""
    wanted = select(Decision).where(Decision.resident_id == resident.id).order_by(Decision.id.desc())
    return session.scalars(wanted).all()
