"""Quiet: what somebody keeps away from themselves – conversations left or muted, persons blocked, hours without mail.

All of it belongs to whoever asked for it. Nothing here is ever shown, told or sent to anybody else: to the other one,
somebody who left or blocks them is somebody who does not answer.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, select, text, update
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance.base import Refused, Row
from instance.hours import NIGHT_BEGINS, NIGHT_ENDS
from instance.residents import Resident

MOST_NEW_AT_LEAST, MOST_NEW_AT_MOST = 1, 30


class Kind(StrEnum):
    """How somebody stands aside from a conversation."""

    MUTED = "muted"
    LEFT = "left"
    BLOCKED = "blocked"


AWAY = (Kind.LEFT.value, Kind.BLOCKED.value)


class Aside(Row):
    """Somebody stands aside from a conversation, from `created_at` to `until`, or still."""

    __tablename__ = "aside"
    __table_args__ = (
        Index(
            "uq_aside_open",
            "conversation_id",
            "resident_id",
            "kind",
            unique=True,
            sqlite_where=text("until IS NULL"),
            postgresql_where=text("until IS NULL"),
        ),
    )

    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    until: Mapped[datetime | None] = mapped_column()


class PersonalBlock(Row):
    """Somebody wants to hear nothing from somebody. Private to the former; moderators have no page of it."""

    __tablename__ = "personal_block"
    __table_args__ = (UniqueConstraint("resident_id", "blocked_id"),)

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"))
    blocked_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    resident: Mapped[Resident] = relationship(foreign_keys=resident_id)
    blocked: Mapped[Resident] = relationship(foreign_keys=blocked_id)


class QuietHours(Row):
    """One's own hours without mail (full hours, 0 to 23), and of how many new conversations a month mails may tell."""

    __tablename__ = "quiet_hours"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), unique=True)
    begins: Mapped[int] = mapped_column()
    ends: Mapped[int] = mapped_column()
    most_new: Mapped[int | None] = mapped_column()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """What somebody set, or the defaults. `most_new` is None for no limit."""

    begins: int = NIGHT_BEGINS
    ends: int = NIGHT_ENDS
    most_new: int | None = None


def hours(session: Session, *, resident: Resident) -> Hours:
    """Somebody's hours and monthly limit."""
    found = session.scalar(select(QuietHours).where(QuietHours.resident_id == resident.id))
    return Hours() if found is None else Hours(begins=found.begins, ends=found.ends, most_new=found.most_new)


def set_hours(
    session: Session, *, resident: Resident, begins: int, ends: int, most_new: int | None, now: datetime
) -> None:
    """Keep one's hours and monthly limit. Raises Refused (hour_shape at "begins" or "ends", most_new_shape)."""
    for field, value in (("begins", begins), ("ends", ends)):
        if value not in range(24):
            raise Refused("hour_shape", field=field)
    if most_new is not None and not MOST_NEW_AT_LEAST <= most_new <= MOST_NEW_AT_MOST:
        raise Refused("most_new_shape", field="most_new")
    hold(session, resident=resident)
    found = session.scalar(select(QuietHours).where(QuietHours.resident_id == resident.id))
    if found is None:
        found = QuietHours(resident_id=resident.id, begins=begins, ends=ends, created_at=now)
        session.add(found)
    found.begins, found.ends, found.most_new = begins, ends, most_new
    session.flush()


def hold(session: Session, *, resident: Resident) -> None:
    """Let all that changes what somebody keeps away wait for each other, so that each finds what the other made.

    Rows that only name the resident do not wait (PostgreSQL's FOR NO KEY UPDATE).
    """
    session.execute(select(Resident.id).where(Resident.id == resident.id).with_for_update(key_share=True))


# --- conversations, by their internal ids: this room is below theirs


def stand_aside(session: Session, *, conversation_id: int, resident: Resident, kind: Kind, now: datetime) -> None:
    """Leave or mute a conversation, or be kept out of it by a block; doing so again changes nothing."""
    hold(session, resident=resident)
    if not _is_open(session, conversation_id=conversation_id, resident_id=resident.id, kinds=(kind.value,)):
        session.add(
            Aside(conversation_id=conversation_id, resident_id=resident.id, kind=kind.value, created_at=now, until=None)
        )
        session.flush()


def come_back(session: Session, *, conversation_id: int, resident: Resident, kind: Kind, now: datetime) -> None:
    """No longer stand aside. What was written to somebody who had left or blocked stays away for good."""
    mine = (Aside.conversation_id == conversation_id, Aside.resident_id == resident.id, Aside.kind == kind.value)
    if kind is Kind.MUTED:
        session.execute(delete(Aside).where(*mine))
    else:
        session.execute(update(Aside).where(*mine, Aside.until.is_(None)).values(until=now))


def _is_open(session: Session, *, conversation_id: int, resident_id: int, kinds: Sequence[str]) -> bool:
    wanted = select(Aside.id).where(
        Aside.conversation_id == conversation_id,
        Aside.resident_id == resident_id,
        Aside.kind.in_(kinds),
        Aside.until.is_(None),
    )
    return session.scalar(wanted.limit(1)) is not None


def is_muted(session: Session, *, conversation_id: int, resident_id: int) -> bool:
    """Whether somebody wants no mail about a conversation."""
    return _is_open(session, conversation_id=conversation_id, resident_id=resident_id, kinds=(Kind.MUTED.value,))


def is_away(session: Session, *, conversation_id: int, resident_id: int) -> bool:
    """Whether a conversation is gone for somebody: left, or with somebody they block."""
    return _is_open(session, conversation_id=conversation_id, resident_id=resident_id, kinds=AWAY)


def away_from(session: Session, *, resident: Resident) -> frozenset[int]:
    """The internal ids of all conversations that are gone for somebody."""
    wanted = select(Aside.conversation_id).where(
        Aside.resident_id == resident.id, Aside.kind.in_(AWAY), Aside.until.is_(None)
    )
    return frozenset(session.scalars(wanted))


@dataclass(frozen=True, slots=True, kw_only=True)
class Absences:
    """When somebody was away from one conversation: half-open spans, the end None while they still are."""

    spans: tuple[tuple[datetime, datetime | None], ...]

    def __contains__(self, moment: datetime) -> bool:
        """Whether what was written at this moment reached them never."""
        return any(begin <= moment and (end is None or moment < end) for begin, end in self.spans)


def absences(session: Session, *, conversation_id: int, resident_id: int) -> Absences:
    """When somebody was away from a conversation, now and before."""
    wanted = select(Aside.created_at, Aside.until).where(
        Aside.conversation_id == conversation_id, Aside.resident_id == resident_id, Aside.kind.in_(AWAY)
    )
    return Absences(spans=tuple((begin, end) for begin, end in session.execute(wanted)))


# --- persons


def block(session: Session, *, by: Resident, whom: Resident, now: datetime) -> PersonalBlock:
    """Hear nothing from somebody any more; blocking again changes nothing. Raises Refused("not_yourself")."""
    if by.id == whom.id:
        raise Refused("not_yourself")
    hold(session, resident=by)
    found = _block(session, by_id=by.id, whom_id=whom.id)
    if found is None:
        found = PersonalBlock(resident=by, blocked=whom, created_at=now)
        session.add(found)
        session.flush()
    return found


def _block(session: Session, *, by_id: int, whom_id: int) -> PersonalBlock | None:
    wanted = select(PersonalBlock).where(PersonalBlock.resident_id == by_id, PersonalBlock.blocked_id == whom_id)
    return session.scalar(wanted)


def blocks(session: Session, *, by: Resident, whom: Resident) -> bool:
    """Whether the former blocks the latter. To be asked for the former's own sake only."""
    return _block(session, by_id=by.id, whom_id=whom.id) is not None


def blocked_by(session: Session, *, resident: Resident) -> Sequence[PersonalBlock]:
    """Whom somebody blocks, the last first: for their own account page."""
    wanted = select(PersonalBlock).where(PersonalBlock.resident_id == resident.id).order_by(PersonalBlock.id.desc())
    return session.scalars(wanted).all()


def find_block(session: Session, *, public_id: uuid.UUID, by: Resident) -> PersonalBlock:
    """One's own block. Raises Refused("not_found") for any other."""
    found = session.scalar(select(PersonalBlock).where(PersonalBlock.public_id == public_id))
    if found is None or found.resident_id != by.id:
        raise Refused("not_found")
    return found
