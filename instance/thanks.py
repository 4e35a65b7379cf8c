"""Thanks at the end of a loan: one sentence of each of the two, once, read by the other one only."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import loans
from instance.audience import Reader
from instance.base import Refused, Row
from instance.lending import Side, State
from instance.loans import Loan
from instance.residents import Resident

LONGEST_WORDS = 200


class Thanks(Row):
    """What one side of a loan said to the other. It goes with the loan."""

    __tablename__ = "thanks"
    # Said once, whatever two sessions believe at the same moment.
    __table_args__ = (UniqueConstraint("loan_id", "side"),)

    loan_id: Mapped[int] = mapped_column(ForeignKey("loan.id"))
    # Who said it.
    side: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(LONGEST_WORDS))
    loan: Mapped[Loan] = relationship()

    @property
    def author(self) -> Resident | None:
        """Who said it; None when they are gone."""
        return self.loan.person(Side(self.side))


def say(session: Session, *, loan: Loan, by: Resident, words: str, now: datetime) -> Thanks:
    """Thank the other one, once, in one sentence that they alone read.

    Raises Refused (not_found, suspended, loan_moved; missing, too_long with the field words).
    """
    side = loans.hold(session, loan=loan, by=by)
    if loan.state != State.RETURNED or loan.borrower_id is None or said(session, loan=loan, by=side) is not None:
        raise Refused("loan_moved")
    sentence = " ".join(words.split())
    if not sentence:
        raise Refused("missing", field="words")
    if len(sentence) > LONGEST_WORDS:
        raise Refused("too_long", field="words")
    made = Thanks(loan=loan, side=side.value, words=sentence, created_at=now)
    session.add(made)
    session.flush()
    return made


def said(session: Session, *, loan: Loan, by: Side) -> Thanks | None:
    """What one side said, if it did."""
    return session.scalar(select(Thanks).where(Thanks.loan_id == loan.id, Thanks.side == by.value))


def find(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Thanks:
    """What was said to the reader. Raises Refused("not_found") for anything else, as for what was never said."""
    found = by_public_id(session, public_id=public_id)
    if found is None or reader.resident_id is None or found.loan.side(reader.resident_id) is not Side(found.side).other:
        raise Refused("not_found")
    return found


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Thanks | None:
    """Thanks by their public id, whoever asks: for the moderators' desk."""
    return session.scalar(select(Thanks).where(Thanks.public_id == public_id))
