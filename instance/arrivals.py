"""What was hung or changed and is still to be held against kept searches: one row each time, gone once that is done."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from instance.base import Row


class Arrival(Row):
    """A notice is new, or is another one by now. Several rows of one notice say no more than one."""

    __tablename__ = "arrival"

    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"))


def tell(session: Session, *, notice_id: int, now: datetime) -> None:
    """Have a notice looked at, in the transaction that hangs or changes it.

    Always a row of its own: whoever is just looking at an older one saw the notice as it was before.
    """
    session.add(Arrival(notice_id=notice_id, created_at=now))


def is_due(session: Session) -> bool:
    """Whether anything is to look at: asked every second."""
    return session.scalar(select(Arrival.id).limit(1)) is not None


def held(session: Session, *, limit: int) -> Sequence[Arrival]:
    """The oldest ones, held until the transaction ends; whoever comes at the same time takes others."""
    return session.scalars(select(Arrival).order_by(Arrival.id).limit(limit).with_for_update(skip_locked=True)).all()
