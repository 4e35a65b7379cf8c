"""Relays: who hangs a notice for a neighbour without internet, with that neighbour's consent on record and no name.

Whoever reads the slip reads "for a neighbour". Who that is stands nowhere: the one who relays knows them.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import hours, notices
from instance.base import Refused, Row
from instance.listings import Listing
from instance.residents import Resident

LONGEST = 200


class Relay(Row):
    """A listing hangs for somebody else: on which day and how they agreed, and to whom they said so."""

    __tablename__ = "relay"

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"), unique=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    agreed_on: Mapped[date] = mapped_column()
    how: Mapped[str] = mapped_column(String(LONGEST))
    listing: Mapped[Listing] = relationship()


def speak_for(
    session: Session, *, listing: Listing, by: Resident, agreed_on: date | None, how: str, now: datetime
) -> Relay:
    """Note that a listing of one's own hangs for a neighbour who agreed; a second time corrects the note.

    Raises Refused (not_yours, not_live; missing, too_long, field="how"; day_shape, day_future, field="agreed_on").
    """
    notices.hold_own(session, notice=listing, by=by)
    text = " ".join(how.split())
    if not text:
        raise Refused("missing", field="how")
    if len(text) > LONGEST:
        raise Refused("too_long", field="how")
    if agreed_on is None:
        raise Refused("missing", field="agreed_on")
    if agreed_on > now.astimezone(hours.TOWN_TIME).date():
        raise Refused("day_future", field="agreed_on")
    relay = of(session, listing=listing)
    if relay is None:
        relay = Relay(listing=listing, by_id=by.id, created_at=now)
        session.add(relay)
    relay.agreed_on, relay.how = agreed_on, text
    session.flush()
    return relay


def end(session: Session, *, listing: Listing, by: Resident) -> None:
    """Say that it hangs for oneself after all. Raises Refused("not_yours"|"not_live")."""
    notices.hold_own(session, notice=listing, by=by)
    relay = of(session, listing=listing)
    if relay is not None:
        session.delete(relay)
        session.flush()


def of(session: Session, *, listing: Listing) -> Relay | None:
    """What is on record for a listing, for its author's eyes."""
    return session.scalar(select(Relay).where(Relay.listing_id == listing.id))


def among(session: Session, *, ids: Iterable[int]) -> frozenset[int]:
    """Which of these notices hang for a neighbour."""
    wanted = list(ids)
    if not wanted:
        return frozenset()
    return frozenset(session.scalars(select(Relay.listing_id).where(Relay.listing_id.in_(wanted))))
