"""Mailboxes: which e-mail address somebody proved to read, and whether they want to hear of answers there.

An address is proved as it was written: when the account's address changes by whatever way, the proof is void.
Without a proved address no mail is ever written to anybody.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance.base import Row
from instance.residents import Resident, State


class Mailbox(Row):
    """An address its owner opened a link in. `created_at` is when they did so first."""

    __tablename__ = "mailbox"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), unique=True)
    address: Mapped[str] = mapped_column(String(254))
    confirmed_at: Mapped[datetime] = mapped_column()
    hears_answers: Mapped[bool] = mapped_column(default=True)
    resident: Mapped[Resident] = relationship()


def of(session: Session, *, resident: Resident) -> Mailbox | None:
    """The mailbox of somebody whose present address is proved, else None."""
    found = session.scalar(select(Mailbox).where(Mailbox.resident_id == resident.id))
    return found if found is not None and found.address == resident.email else None


def address(session: Session, *, resident: Resident) -> str | None:
    """Where somebody may be written to, or None: a suspended account hears nothing."""
    if resident.state != State.ACTIVE:
        return None
    found = of(session, resident=resident)
    return found.address if found is not None else None


def prove(session: Session, *, resident: Resident, address: str, now: datetime) -> Mailbox:
    """The resident reads this address: it becomes the account's own."""
    found = session.scalar(select(Mailbox).where(Mailbox.resident_id == resident.id))
    if found is None:
        found = Mailbox(resident=resident, address=address, confirmed_at=now, created_at=now, hears_answers=True)
        session.add(found)
    found.address, found.confirmed_at = address, now
    resident.email = address
    session.flush()
    return found


def forget(session: Session, *, resident: Resident) -> None:
    """The account has no address any more."""
    resident.email = None
    session.execute(delete(Mailbox).where(Mailbox.resident_id == resident.id))
    session.flush()


def hear_answers(session: Session, *, resident: Resident, wanted: bool) -> None:
    """Write to somebody when somebody answers, or no longer; without a mailbox nothing changes."""
    found = session.scalar(select(Mailbox).where(Mailbox.resident_id == resident.id))
    if found is not None:
        found.hears_answers = wanted
        session.flush()
