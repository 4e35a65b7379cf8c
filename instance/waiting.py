"""Who waits for a thing that is lent: told in turn that it is back, and shown to nobody, not even to its lender."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, UniqueConstraint, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import doorbell, residents
from instance.base import Row
from instance.listings import Listing
from instance.notices import State
from instance.outgoing import Kind
from instance.residents import Resident

# Whoever was told has this long before the next one is told.
TURN = timedelta(days=3)


class Waiter(Row):
    """Somebody put themselves down for a thing. `told_at` is when they were told that it is back."""

    __tablename__ = "waiter"
    __table_args__ = (UniqueConstraint("listing_id", "resident_id"),)

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    told_at: Mapped[datetime | None] = mapped_column(index=True)
    listing: Mapped[Listing] = relationship()
    resident: Mapped[Resident] = relationship()


def find(session: Session, *, listing: Listing, resident: Resident) -> Waiter | None:
    """Somebody's own place in the line, or None."""
    wanted = select(Waiter).where(Waiter.listing_id == listing.id, Waiter.resident_id == resident.id)
    return session.scalar(wanted)


def of_resident(session: Session, *, resident: Resident) -> Sequence[Waiter]:
    """What somebody waits for, oldest first."""
    return session.scalars(select(Waiter).where(Waiter.resident_id == resident.id).order_by(Waiter.id)).all()


def put_down(session: Session, *, listing: Listing, resident: Resident, now: datetime) -> None:
    """Stand in line; twice is once, also for two clicks at the same moment. Raises Refused("suspended")."""
    residents.check_active(session, resident=resident)
    if find(session, listing=listing, resident=resident) is not None:
        return
    try:
        with session.begin_nested():
            session.add(Waiter(listing_id=listing.id, resident_id=resident.id, created_at=now))
    except IntegrityError:
        return


def take_off(session: Session, *, listing: Listing, resident: Resident) -> None:
    """Wait no longer."""
    session.execute(delete(Waiter).where(Waiter.listing_id == listing.id, Waiter.resident_id == resident.id))


def go_on_waiting(session: Session, *, listing_id: int) -> None:
    """The thing is promised again: whoever was told keeps their place and is told next time."""
    session.execute(update(Waiter).where(Waiter.listing_id == listing_id).values(told_at=None))


def tell_first(session: Session, *, listing_id: int, now: datetime) -> Waiter | None:
    """The thing is back: the first who was not told yet is, while its notice hangs."""
    wanted = select(Waiter).join(Listing, Listing.id == Waiter.listing_id).order_by(Waiter.id).limit(1)
    wanted = wanted.where(Waiter.listing_id == listing_id, Waiter.told_at.is_(None), Listing.state == State.LIVE.value)
    first = session.scalars(wanted.with_for_update(of=Waiter)).first()
    if first is None:
        return None
    first.told_at = now
    doorbell.tell(
        session,
        kind=Kind.BACK,
        cause=f"back:{first.public_id}:{now:%Y%m%d%H%M%S}",
        to=first.resident,
        subject_id=first.public_id,
        now=now,
    )
    session.flush()
    return first


def move_up(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Who was told and let three days pass leaves the line, and the next one is told; returns how many left."""
    passed = select(Waiter).where(Waiter.told_at <= now - TURN).order_by(Waiter.id).limit(limit)
    gone = session.scalars(passed.with_for_update(skip_locked=True)).all()
    for one in gone:
        session.delete(one)
        session.flush()
        tell_first(session, listing_id=one.listing_id, now=now)
    return len(gone)
