"""Relay people: who writes for a neighbour without internet, with their consent, and never with their name.

The social centres' *personne relais*: the notice is hers, answers come to her, and she tells the neighbour. What
she calls them by and that they agreed is for her own eyes: staff do not see it, and nothing of it goes on a board.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import BigInteger, ForeignKey, String, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from instance import notices, residents
from instance.base import Home, Refused, Row
from instance.notices import Notice, State
from instance.residents import Resident

LONGEST_CALL: Final = 60
# More is the work of an organisation, which has a page and members.
MOST: Final = 20


class Consent(StrEnum):
    """How the neighbour agreed (GDPR art. 7: whoever relies on consent can show it)."""

    SPOKEN = "spoken"
    WRITTEN = "written"


class Relayed(Row):
    """A neighbour for whom somebody writes. `called` is what the relay person knows them by, never shown to others."""

    __tablename__ = "relayed"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    called: Mapped[str] = mapped_column(String(LONGEST_CALL))
    consent: Mapped[str] = mapped_column(String(10))
    consented_on: Mapped[date] = mapped_column()


class RelayedNotice(Home):
    """This notice was written for this neighbour."""

    __tablename__ = "relayed_notice"

    notice_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("notice.id"), primary_key=True, autoincrement=False)
    relayed_id: Mapped[int] = mapped_column(ForeignKey("relayed.id"), index=True)


def read_call(value: str) -> str:
    """What a neighbour is called by. Raises Refused("missing"|"too_long", field="called")."""
    text = " ".join(value.split())
    if not text:
        raise Refused("missing", field="called")
    if len(text) > LONGEST_CALL:
        raise Refused("too_long", field="called")
    return text


def take_on(
    session: Session, *, by: Resident, called: str, consent: Consent, consented_on: date, today: date, now: datetime
) -> Relayed:
    """Note that a neighbour agreed on `consented_on` that `by` writes for them.

    Raises Refused("missing"|"too_long", field="called"), ("day_to_come", field="consented_on"), ("relayed_too_many").
    """
    residents.check_active(session, resident=by)
    called = read_call(called)
    if consented_on > today:
        raise Refused("day_to_come", field="consented_on")
    # Two who add at once share one row of the resident, so that neither counts past the other.
    session.execute(select(Resident.id).where(Resident.id == by.id).with_for_update())
    if (session.scalar(select(func.count()).where(Relayed.resident_id == by.id)) or 0) >= MOST:
        raise Refused("relayed_too_many")
    taken = Relayed(resident_id=by.id, called=called, consent=consent.value, consented_on=consented_on, created_at=now)
    session.add(taken)
    session.flush()
    return taken


def of_resident(session: Session, *, resident: Resident) -> Sequence[Relayed]:
    """For whom somebody writes, in the order of the alphabet."""
    wanted = select(Relayed).where(Relayed.resident_id == resident.id)
    return session.scalars(wanted.order_by(func.lower(Relayed.called), Relayed.id)).all()


def find(session: Session, *, public_id: uuid.UUID, by: Resident) -> Relayed:
    """One of one's own. Raises Refused("not_found") for anybody else's, as for none."""
    found = session.scalar(select(Relayed).where(Relayed.public_id == public_id, Relayed.resident_id == by.id))
    if found is None:
        raise Refused("not_found")
    return found


def mark(session: Session, *, notice: Notice, relayed: Relayed) -> None:
    """Say that a notice is for this neighbour. Raises Refused("not_found") unless both are the same person's."""
    if notice.author_id != relayed.resident_id:
        raise Refused("not_found")
    session.add(RelayedNotice(notice_id=notice.id, relayed_id=relayed.id))
    session.flush()


def among(session: Session, *, notice_ids: Collection[int]) -> frozenset[int]:
    """Those of these notices that were written for a neighbour; never for which one."""
    if not notice_ids:
        return frozenset()
    wanted = select(RelayedNotice.notice_id).where(RelayedNotice.notice_id.in_(notice_ids))
    return frozenset(session.scalars(wanted))


def let_go(session: Session, *, relayed: Relayed, by: Resident, now: datetime) -> int:
    """Write no longer for a neighbour: what hangs for them comes down, and they are forgotten. How many came down.

    Taking consent back is as easy as giving it (GDPR art. 7 § 3), and undoes what rests on it.
    """
    of_theirs = select(RelayedNotice.notice_id).where(RelayedNotice.relayed_id == relayed.id)
    hanging = session.scalars(select(Notice).where(Notice.id.in_(of_theirs), Notice.state == State.LIVE.value)).all()
    for one in hanging:
        notices.withdraw(session, notice=one, by=by, now=now)
    session.execute(delete(RelayedNotice).where(RelayedNotice.relayed_id == relayed.id))
    session.delete(relayed)
    session.flush()
    return len(hanging)
