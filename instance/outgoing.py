"""Outgoing mail: one row per mail, written with what causes it; it says to whom and what for, and holds no letter.

The words are made when it is sent, from what is true then. The row's public id is the mail's Message-ID, so a mail that
a crash sent twice is known by its receiver. Once sent, the row is kept a few days without an address, to group what
follows.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import mailboxes
from instance.base import Refused, Row, older
from instance.residents import Resident

LEASE = timedelta(minutes=10)
FIRST_DELAY = timedelta(minutes=1)
LONGEST_DELAY = timedelta(hours=3)
GIVE_UP_AFTER = timedelta(days=4)
LONGEST_SAID = 200


class Kind(StrEnum):
    """What a mail is about."""

    CONFIRM = "confirm"
    RESET = "reset"
    ANSWER = "answer"
    MEETING = "meeting"
    PASSWORD = "password"  # noqa: S105 - the kind of mail that says that one was changed
    ADDRESS = "address"
    CARD = "card"
    DOCUMENT = "document"
    ENDING = "ending"
    ADVICE = "advice"
    LOAN = "loan"
    BACK = "back"
    BOOKING = "booking"
    DECISION = "decision"
    LOOKED = "looked"
    FOUND = "found"


class State(StrEnum):
    """What became of a mail."""

    WAITING = "waiting"
    SENT = "sent"
    DROPPED = "dropped"
    FAILED = "failed"


class OutgoingMail(Row):
    """One mail to one resident. `address` is set only where it is not the one they proved: their former one."""

    __tablename__ = "outgoing_mail"
    # Sent ones stay for days; what is still to send must be found without reading past them.
    __table_args__ = (
        Index(
            "ix_outgoing_mail_waiting",
            "due_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("ix_outgoing_mail_subject_id_resident_id", "subject_id", "resident_id"),
    )

    kind: Mapped[str] = mapped_column(String(20))
    # What happened, by its own id: the same thing is told once.
    cause: Mapped[str] = mapped_column(String(80), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    # The pass, the conversation, the loan or the place in a line it is about.
    subject_id: Mapped[uuid.UUID | None] = mapped_column()
    address: Mapped[str | None] = mapped_column(String(254))
    state: Mapped[str] = mapped_column(String(10))
    # When to try next; a mail that is being sent looks far ahead, which is its lease.
    due_at: Mapped[datetime] = mapped_column()
    tries: Mapped[int] = mapped_column(default=0)
    # What the relay answered, without any address.
    said: Mapped[str | None] = mapped_column(String(LONGEST_SAID))
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    resident: Mapped[Resident] = relationship()


def delay(tries: int) -> timedelta:
    """How long to wait after so many tries: a minute, three, nine, … three hours at most. Pure."""
    factor: int = 3 ** min(max(tries - 1, 0), 8)
    return min(FIRST_DELAY * factor, LONGEST_DELAY)


def post(
    session: Session,
    *,
    kind: Kind,
    cause: str,
    to: Resident,
    now: datetime,
    subject_id: uuid.UUID | None = None,
    address: str | None = None,
    due_at: datetime | None = None,
) -> OutgoingMail:
    """Have a mail sent once the caller's transaction is committed; the same cause twice is one mail."""
    known = session.scalar(select(OutgoingMail).where(OutgoingMail.cause == cause))
    if known is not None:
        return known
    mail = OutgoingMail(
        kind=kind.value,
        cause=cause,
        resident=to,
        subject_id=subject_id,
        address=address,
        state=State.WAITING.value,
        due_at=due_at or now,
        created_at=now,
    )
    session.add(mail)
    session.flush()
    return mail


def warn(session: Session, *, kind: Kind, to: Resident, now: datetime) -> None:
    """Tell somebody what happened to their account, if they proved an address; told again each time it happens."""
    if mailboxes.address(session, resident=to) is not None:
        post(session, kind=kind, cause=f"{kind.value}:{uuid.uuid4()}", to=to, now=now)


def is_due(session: Session, *, now: datetime) -> bool:
    """Whether anything is to send: asked every second, so it reads one entry of one index."""
    wanted = select(OutgoingMail.id).where(OutgoingMail.state == State.WAITING.value, OutgoingMail.due_at <= now)
    return session.scalar(wanted.limit(1)) is not None


def lease(session: Session, *, now: datetime) -> OutgoingMail | None:
    """The mail that has waited longest, from now on somebody's to send; the caller commits before it speaks to anybody.

    Whoever dies with a lease in hand loses it after ten minutes.
    """
    wanted = (
        select(OutgoingMail)
        .where(OutgoingMail.state == State.WAITING.value, OutgoingMail.due_at <= now)
        .order_by(OutgoingMail.due_at, OutgoingMail.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    mail = session.scalar(wanted)
    if mail is not None:
        mail.tries += 1
        mail.due_at = now + LEASE
        session.flush()
    return mail


def _end(session: Session, *, mail: OutgoingMail, state: State, said: str | None, now: datetime) -> None:
    mail.state, mail.said, mail.ended_at = state.value, said and said[:LONGEST_SAID], now
    if state is not State.FAILED:
        mail.address = None
    session.flush()


def sent(session: Session, *, mail: OutgoingMail, now: datetime) -> None:
    """The relay took it."""
    _end(session, mail=mail, state=State.SENT, said=None, now=now)


def drop(session: Session, *, mail: OutgoingMail, why: str, now: datetime) -> None:
    """It no longer means anything: answered meanwhile, the link too old, the address taken back."""
    _end(session, mail=mail, state=State.DROPPED, said=why, now=now)


def fail(session: Session, *, mail: OutgoingMail, said: str, now: datetime) -> None:
    """The relay refuses it for good."""
    _end(session, mail=mail, state=State.FAILED, said=said, now=now)


def put_off(session: Session, *, mail: OutgoingMail, said: str, now: datetime) -> None:
    """The relay could not take it now: later and later, and after four days not any more."""
    due = now + delay(mail.tries)
    if due > mail.created_at + GIVE_UP_AFTER:
        fail(session, mail=mail, said=said, now=now)
        return
    mail.due_at, mail.said = due, said[:LONGEST_SAID]
    session.flush()


def troubled(session: Session, *, limit: int = 200, after: uuid.UUID | None = None) -> Sequence[OutgoingMail]:
    """Mails that failed, or wait after a try that did not succeed; the newest first, those that follow `after`."""
    wanted = select(OutgoingMail).where(
        (OutgoingMail.state == State.FAILED.value)
        | ((OutgoingMail.state == State.WAITING.value) & OutgoingMail.said.is_not(None))
    )
    wanted = older(wanted, of=OutgoingMail, than=after)
    return session.scalars(wanted.order_by(OutgoingMail.id.desc()).limit(limit)).all()


def by_public_id(session: Session, *, public_id: uuid.UUID) -> OutgoingMail:
    """One mail, whatever became of it. Raises Refused("not_found")."""
    found = session.scalar(select(OutgoingMail).where(OutgoingMail.public_id == public_id))
    if found is None:
        raise Refused("not_found")
    return found


def retry(session: Session, *, mail: OutgoingMail, now: datetime) -> None:
    """Try a mail again as if it were new. Raises Refused("not_failed") for one that was sent or dropped."""
    if mail.state not in {State.FAILED, State.WAITING}:
        raise Refused("not_failed")
    mail.state, mail.due_at, mail.tries, mail.said, mail.ended_at = State.WAITING.value, now, 0, None, None
    mail.created_at = now  # the four days begin anew
    session.flush()


def last(session: Session, *, to: Resident, subject_id: uuid.UUID, but: OutgoingMail | None = None) -> datetime | None:
    """When somebody was last written to about a subject, or will be; `but` leaves one mail out."""
    wanted = select(OutgoingMail.created_at).where(
        OutgoingMail.subject_id == subject_id,
        OutgoingMail.resident_id == to.id,
        OutgoingMail.state.in_([State.WAITING.value, State.SENT.value]),
    )
    if but is not None:
        wanted = wanted.where(OutgoingMail.id < but.id)
    return session.scalar(wanted.order_by(OutgoingMail.id.desc()).limit(1))
