"""Bookings: a neighbour takes a free slot of an offer, and it is confirmed at once; one slot, one neighbour.

That nobody has a slot twice is held by an index of the store. Whoever would not be heard (blocked, or one more than the
other wishes to hear of this month) finds every slot taken: nobody waits in a hall for somebody who was never told.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Delete, ForeignKey, Index, Select, String, delete, func, or_, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import conversations, doorbell, holds, hours, openings, organisations, outgoing, quiet, residents
from instance.audience import Reader
from instance.base import Refused, Row
from instance.conversations import Conversation
from instance.holds import Span
from instance.listings import Listing
from instance.notices import Notice
from instance.notices import State as NoticeState
from instance.openings import LONGEST_PLACE, Slot
from instance.residents import Resident

# So many slots of one offer a neighbour may have ahead of them: the others want some, too.
MOST_AHEAD = 2
KEPT = timedelta(days=30)


class State(StrEnum):
    """What was last said about a booking. That its moment has passed is told by the clock."""

    BOOKED = "booked"
    CANCELLED = "cancelled"


class Phase(StrEnum):
    """Where a booking is now."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    DONE = "done"


class News(StrEnum):
    """What one of the two is told of by mail."""

    BOOKED = "booked"
    CANCELLED = "cancelled"
    OFFER_GONE = "gone"


class Booking(Row):
    """One slot of an offer and who has it. The owner is the author of the offer."""

    __tablename__ = "booking"
    __table_args__ = (
        Index(
            "uq_booking_live",
            "listing_id",
            "starts_at",
            unique=True,
            sqlite_where=text("state = 'booked'"),
            postgresql_where=text("state = 'booked'"),
        ),
        Index("ix_booking_state_starts_at", "state", "starts_at"),
    )

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id"), index=True)
    booker_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    starts_at: Mapped[datetime] = mapped_column()
    ends_at: Mapped[datetime] = mapped_column(index=True)
    place: Mapped[str] = mapped_column(String(LONGEST_PLACE))
    state: Mapped[str] = mapped_column(String(10))
    moved_at: Mapped[datetime] = mapped_column()
    listing: Mapped[Listing] = relationship()
    conversation: Mapped[Conversation] = relationship()
    booker: Mapped[Resident] = relationship()

    def phase(self, now: datetime) -> Phase:
        """Where it is at a moment; an offer that hangs no longer cannot be had, whatever was booked."""
        if self.state == State.CANCELLED:
            return Phase.CANCELLED
        if now >= self.ends_at:
            return Phase.DONE
        return Phase.BOOKED if self.listing.is_live or now >= self.starts_at else Phase.CANCELLED

    def concerns(self, resident_id: int) -> bool:
        """Whether this resident is one of the two."""
        return resident_id in {self.booker_id, self.listing.author_id}

    def other(self, resident_id: int) -> Resident | None:
        """The other one of the two."""
        return self.listing.author if resident_id == self.booker_id else self.booker


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A slot as one neighbour sees it: free or not, never by whom it is taken; `mine` is their own booking of it."""

    slot: Slot
    free: bool
    mine: uuid.UUID | None


# --- what is free


def choices(session: Session, *, listing: Listing, by: Resident, now: datetime) -> tuple[Choice, ...]:
    """All slots of an offer in the two weeks to come, for one neighbour."""
    offered = openings.slots_of(session, listing=listing, now=now)
    if not offered:
        return ()
    live = _live(session, listing=listing, now=now)
    away = holds.lent(session, listing_id=listing.id, now=now)
    heard = heard_at(session, listing=listing, by=by, now=now)
    return tuple(_choice(one, live=live, away=away, heard=heard, by=by) for one in offered)


def _choice(
    slot: Slot, *, live: Sequence[Booking], away: Sequence[Span], heard: datetime | None, by: Resident
) -> Choice:
    taken = next((one for one in live if _meet(one, slot)), None)
    mine = taken.public_id if taken is not None and taken.booker_id == by.id else None
    free = taken is None and heard is not None and heard < slot.starts_at and not _is_away(away, slot)
    return Choice(slot=slot, free=free, mine=mine)


def _is_away(away: Sequence[Span], slot: Slot) -> bool:
    """Whether the thing is lent to somebody at that time."""
    return any(one.meets(starts_at=slot.starts_at, ends_at=slot.ends_at) for one in away)


def _live(session: Session, *, listing: Listing, now: datetime) -> Sequence[Booking]:
    wanted = select(Booking).where(
        Booking.listing_id == listing.id, Booking.state == State.BOOKED.value, Booking.ends_at > now
    )
    return session.scalars(wanted.order_by(Booking.starts_at)).all()


def _meet(booking: Booking, slot: Slot) -> bool:
    """Whether they overlap: windows may have been cut anew since it was booked."""
    return booking.starts_at < slot.ends_at and slot.starts_at < booking.ends_at


def heard_at(session: Session, *, listing: Listing, by: Resident, now: datetime) -> datetime | None:
    """When the author of an offer would be told of a booking by this neighbour, outside of their quiet hours.

    None for never. What begins before they are told is no free slot: they would not know that somebody comes.
    """
    owner = listing.author
    if owner is None or not _hears(session, listing=listing, owner=owner, by=by, now=now):
        return None
    return doorbell.due(session, to=owner, now=now)


def _hears(session: Session, *, listing: Listing, owner: Resident, by: Resident, now: datetime) -> bool:
    if quiet.blocks(session, by=owner, whom=by):
        return False
    talk = _talk(session, listing=listing, by=by)
    if talk is not None:
        return not quiet.is_away(session, conversation_id=talk.id, resident_id=owner.id)
    most = quiet.hours(session, resident=owner).most_new
    return most is None or _begun(session, owner=owner, now=now) < most


def _talk(session: Session, *, listing: Listing, by: Resident) -> Conversation | None:
    wanted = select(Conversation).where(Conversation.listing_id == listing.id, Conversation.opener_id == by.id)
    return session.scalar(wanted)


def _begun(session: Session, *, owner: Resident, now: datetime) -> int:
    """How many conversations others began with somebody this month; those they left do not count."""
    begin, _ = hours.month(now)
    wanted = select(func.count(Conversation.id)).where(
        Conversation.owner_id == owner.id,
        Conversation.created_at >= begin,
        Conversation.id.not_in(quiet.away_from(session, resident=owner)),
    )
    return session.scalar(wanted) or 0


# --- booking


def book(session: Session, *, listing: Listing, by: Resident, starts_at: datetime, now: datetime) -> Booking:
    """Take a free slot: it is confirmed at once, and its owner is told. One's own slot once more changes nothing.

    Raises Refused: suspended, not_known, not_live, own_listing, you_block, slot_gone for what is not offered (any
    more), slot_taken, booked_enough.
    """
    residents.check_active(session, resident=by)
    organisations.require_known(session, resident=by)
    owner = listing.author
    if owner is None or listing.is_remote:
        raise Refused("not_live")
    if owner.id == by.id:
        raise Refused("own_listing")
    if quiet.blocks(session, by=by, whom=owner):
        raise Refused("you_block")
    # Whoever books with the same neighbour, or is just being blocked by them, comes one after the other.
    quiet.hold(session, resident=owner)
    # Nobody is just being promised the same thing as a loan.
    holds.alone(session, listing_id=listing.id)
    session.refresh(listing)
    if not listing.is_live:
        raise Refused("not_live")
    slot = next(
        (one for one in openings.slots_of(session, listing=listing, now=now) if one.starts_at == starts_at), None
    )
    if slot is None:
        raise Refused("slot_gone")
    return _take(session, listing=listing, slot=slot, by=by, now=now)


def _take(session: Session, *, listing: Listing, slot: Slot, by: Resident, now: datetime) -> Booking:
    live = _live(session, listing=listing, now=now)
    taken = next((one for one in live if _meet(one, slot)), None)
    if taken is not None and taken.booker_id == by.id and taken.starts_at == slot.starts_at:
        return taken
    if taken is not None or _is_away(holds.lent(session, listing_id=listing.id, now=now), slot):
        raise Refused("slot_taken")
    heard = heard_at(session, listing=listing, by=by, now=now)
    if heard is None or heard >= slot.starts_at:
        raise Refused("slot_taken")
    if sum(one.booker_id == by.id for one in live) >= MOST_AHEAD:
        raise Refused("booked_enough")
    booking = Booking(
        listing=listing,
        conversation=_open(session, listing=listing, by=by, now=now),
        booker=by,
        starts_at=slot.starts_at,
        ends_at=slot.ends_at,
        place=slot.place,
        state=State.BOOKED.value,
        created_at=now,
        moved_at=now,
    )
    try:
        with session.begin_nested():
            session.add(booking)
    except IntegrityError:
        raise Refused("slot_taken") from None
    _tell(session, booking=booking, to=listing.author, news=News.BOOKED, now=now)
    return booking


def _open(session: Session, *, listing: Listing, by: Resident, now: datetime) -> Conversation:
    """The conversation of the two about this offer, begun without a letter if there was none."""
    known = _talk(session, listing=listing, by=by)
    if known is not None:
        # Whoever left it and books again wants to hear what becomes of it.
        quiet.come_back(session, conversation_id=known.id, resident=by, kind=quiet.Kind.LEFT, now=now)
        return known
    talk = Conversation(listing=listing, owner_id=listing.author_id, opener=by, created_at=now, last_at=now)
    try:
        with session.begin_nested():
            session.add(talk)
    except IntegrityError:  # a first letter of theirs was quicker
        found = _talk(session, listing=listing, by=by)
        assert found is not None
        return found
    return talk


# --- calling off


def cancel(session: Session, *, booking: Booking, by: Resident, now: datetime) -> None:
    """Call a booking off, by either of the two; what is over already stays as it is. Raises Refused("not_found")."""
    residents.check_active(session, resident=by)
    if not booking.concerns(by.id):
        raise Refused("not_found")
    session.refresh(booking, with_for_update=True)
    if booking.state == State.BOOKED and now < booking.ends_at:
        _end(session, booking=booking, now=now)
        _tell(session, booking=booking, to=booking.other(by.id), news=News.CANCELLED, now=now)


def _end(session: Session, *, booking: Booking, now: datetime) -> None:
    booking.state, booking.moved_at = State.CANCELLED.value, now
    session.flush()


def _ahead(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Booking.state == State.BOOKED.value, Booking.starts_at > now


def excuse(session: Session, *, conversation: Conversation, by: Resident, now: datetime) -> None:
    """Whoever goes away lets nobody wait: what the two have booked of each other is called off."""
    wanted = select(Booking).where(Booking.conversation_id == conversation.id, *_ahead(now)).order_by(Booking.id)
    for one in session.scalars(wanted.with_for_update()).all():
        cancel(session, booking=one, by=by, now=now)


def part(session: Session, *, resident: Resident, now: datetime) -> int:
    """Somebody's account goes away: what they booked, and what is booked of theirs, is called off; returns how many."""
    offers = select(Listing.id).where(Listing.author_id == resident.id)
    theirs = or_(Booking.booker_id == resident.id, Booking.listing_id.in_(offers))
    wanted = select(Booking).where(theirs, *_ahead(now)).order_by(Booking.id)
    found = session.scalars(wanted.with_for_update()).all()
    for one in found:
        cancel(session, booking=one, by=resident, now=now)
    return len(found)


def _gone(now: datetime, *, limit: int) -> Select[Booking]:
    down = select(Notice.id).where(Notice.id == Booking.listing_id, Notice.state != NoticeState.LIVE.value)
    return select(Booking).where(*_ahead(now), down.exists()).order_by(Booking.id).limit(limit)


def has_gone(session: Session, *, now: datetime) -> bool:
    """Whether anything is booked of an offer that hangs no longer: asked every second, so it reads one index."""
    return session.scalar(_gone(now, limit=1)) is not None


def end_gone(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Call off what is booked of offers that hang no longer, and tell both; returns how many."""
    found = session.scalars(_gone(now, limit=limit).with_for_update(skip_locked=True)).all()
    for one in found:
        _end(session, booking=one, now=now)
        for to in (one.booker, one.listing.author):
            _tell(session, booking=one, to=to, news=News.OFFER_GONE, now=now)
    return len(found)


# --- finding and telling


def find(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Booking:
    """A booking the reader has a part in. Raises Refused("not_found") for any other, as for none."""
    found = by_public_id(session, public_id=public_id)
    if found is None or reader.resident_id is None or not found.concerns(reader.resident_id):
        raise Refused("not_found")
    return found


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Booking | None:
    """A booking by its public id, whoever asks: for what is written to one of its two by mail."""
    return session.scalar(select(Booking).where(Booking.public_id == public_id))


def of_resident(session: Session, *, resident: Resident, own_offers: bool) -> Sequence[Booking]:
    """What somebody booked, or what is booked of their offers, by its moment; what is over as long as it is kept."""
    wanted = select(Booking)
    if own_offers:
        wanted = wanted.where(Booking.listing_id.in_(select(Listing.id).where(Listing.author_id == resident.id)))
    else:
        wanted = wanted.where(Booking.booker_id == resident.id)
    return session.scalars(wanted.order_by(Booking.starts_at, Booking.id)).all()


def in_conversation(session: Session, *, conversation: Conversation, now: datetime) -> Sequence[Booking]:
    """What the two of a conversation have ahead of them."""
    wanted = select(Booking).where(Booking.conversation_id == conversation.id, Booking.ends_at > now)
    found = session.scalars(wanted.order_by(Booking.starts_at)).all()
    return [one for one in found if one.phase(now) is Phase.BOOKED]


def _tell(session: Session, *, booking: Booking, to: Resident | None, news: News, now: datetime) -> None:
    """Tell one of the two: each of these once, whatever else was told that day."""
    if to is None or not doorbell.wanted(session, to=to):
        return
    if conversations.is_quiet(session, conversation=booking.conversation, to=to):
        return
    whom = "booker" if to.id == booking.booker_id else "owner"
    outgoing.post(
        session,
        kind=outgoing.Kind.BOOKING,
        cause=f"booking:{booking.public_id}:{whom}:{news}",
        to=to,
        subject_id=booking.public_id,
        now=now,
        due_at=doorbell.due(session, to=to, now=now),
    )


def spent(now: datetime) -> tuple[Delete, ...]:
    """What to delete of bookings: thirty days after their moment, however they ended."""
    return (delete(Booking).where(Booking.ends_at <= now - KEPT),)
