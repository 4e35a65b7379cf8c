"""What ties a conversation to the same one in another town, as far as lending goes: who leads, and what was said last.

The lender's town leads: it alone says how a loan stands, each time in whole and with a higher version. The other town
says what its resident wishes, each wish with a higher number, and shows what it was told.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import journal, loan_terms
from instance.base import Home, Refused, Row
from instance.conversations import Conversation
from instance.listings import Listing

LONGEST_URI = 1000
# Until a wish that nobody answered may be followed by another one.
PATIENCE = timedelta(hours=1)


class Wish(StrEnum):
    """What a borrower's town can say to the one that leads."""

    ASK = "ask"
    AGREE = "agree"
    CALL_OFF = "call-off"
    HAND_OVER = "hand-over"
    GIVE_BACK = "give-back"
    LONGER = "longer"
    END = "end"


class Bond(Row):
    """One conversation across towns in which something is lent, or an offer that came when there was nothing left.

    `version` counts what was told (of us, where we lead); `sequence` what was wished (by us, where we do not).
    """

    __tablename__ = "bond"

    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"), unique=True)
    # What an offer was about that opened no conversation: nothing is left of it but the answer that is owed.
    listing_id: Mapped[int | None] = mapped_column(ForeignKey("listing.id"))
    actor: Mapped[str] = mapped_column(String(LONGEST_URI))
    leads: Mapped[bool] = mapped_column()
    # Whether the other town keeps loans, too, or only offers and is answered.
    keeps: Mapped[bool] = mapped_column()
    version: Mapped[int] = mapped_column(default=0)
    sequence: Mapped[int] = mapped_column(default=0)
    # What Accept and Reject have to name, and how much was offered for.
    offer_uri: Mapped[str | None] = mapped_column(String(LONGEST_URI), index=True)
    amount: Mapped[str | None] = mapped_column(String(40))
    unit: Mapped[str | None] = mapped_column(String(40))
    turned_away: Mapped[bool] = mapped_column(default=False)
    # What our resident wished and the other town has not answered, with what goes along.
    wish: Mapped[str | None] = mapped_column(String(12))
    wished_at: Mapped[datetime | None] = mapped_column()
    terms: Mapped[int] = mapped_column(default=0)
    pickup_at: Mapped[datetime | None] = mapped_column()
    day: Mapped[date | None] = mapped_column()
    place: Mapped[str | None] = mapped_column(String(loan_terms.LONGEST_PLACE))
    # What binds our resident: that they asked, or which proposal they agreed to.
    asked: Mapped[bool] = mapped_column(default=False)
    agreed_to: Mapped[int] = mapped_column(default=0)
    conversation: Mapped[Conversation | None] = relationship()
    listing: Mapped[Listing | None] = relationship()


class FarDesk(Home):
    """A desk elsewhere whose town keeps loans as this one does."""

    __tablename__ = "far_desk"

    actor: Mapped[str] = mapped_column(String(LONGEST_URI), primary_key=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """How a loan stands, in whole, as the town that leads it says; `heard` is the last wish it knows of."""

    loan: uuid.UUID
    version: int
    heard: int
    state: str
    asker: str
    terms: int
    pickup_at: datetime | None
    due_on: date | None
    place: str | None
    wished_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One wish of a borrower. `day` is until when: of a proposal, or of a wish to keep it longer."""

    wish: Wish
    sequence: int
    terms: int = 0
    pickup_at: datetime | None = None
    day: date | None = None
    place: str | None = None


def of(session: Session, *, conversation: Conversation | None) -> Bond | None:
    """The bond of a conversation, if there is one."""
    if conversation is None or not conversation.is_remote:
        return None
    return session.scalar(select(Bond).where(Bond.conversation_id == conversation.id))


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Bond | None:
    """A bond by its public id: for the hatch."""
    return session.scalar(select(Bond).where(Bond.public_id == public_id))


def tie(session: Session, *, conversation: Conversation, leads: bool, keeps: bool, now: datetime) -> Bond:
    """The bond of a conversation, made if there is none; a town that once kept loans in it goes on doing so."""
    known = of(session, conversation=conversation)
    if known is not None:
        known.keeps = known.keeps or keeps
        return known
    made = Bond(conversation=conversation, actor=conversation.remote_actor or "", leads=leads, keeps=keeps)
    made.created_at = now
    session.add(made)
    session.flush()
    return made


def turn_away(session: Session, *, listing: Listing, actor: str, offer_uri: str, now: datetime) -> None:
    """Owe an answer to an offer about what is there no longer; the same offer twice is answered once."""
    if session.scalar(select(Bond.id).where(Bond.offer_uri == offer_uri)) is not None:
        return
    made = Bond(listing=listing, actor=actor, leads=True, keeps=False, offer_uri=offer_uri, turned_away=True)
    made.created_at = now
    session.add(made)
    session.flush()
    mark(session, bond=made, now=now)


def mark(session: Session, *, bond: Bond, now: datetime) -> None:
    """Tell the other town how it stands, by the rows as they are when that is looked at."""
    bond.version += 1
    session.flush()
    journal.record(session, subject=journal.Subject.LOAN, subject_id=bond.public_id, version=bond.version, now=now)


def mark_of(session: Session, *, conversation: Conversation | None, now: datetime) -> None:
    """A loan of this conversation moved: where we lead it across towns, the other one is told."""
    bond = of(session, conversation=conversation)
    if bond is not None and bond.leads:
        mark(session, bond=bond, now=now)


def say(session: Session, *, bond: Bond, said: Said, now: datetime, instead: bool = False) -> None:
    """Say a wish of our resident's to the town that leads; `sequence` is drawn here.

    Raises Refused("far_waits") while an earlier wish is on its way, but where this one counts `instead` of it.
    """
    session.refresh(bond, with_for_update=True)
    if not instead and bond.wish is not None and bond.wished_at is not None and now < bond.wished_at + PATIENCE:
        raise Refused("far_waits")
    bond.wish, bond.wished_at, bond.terms = said.wish.value, now, said.terms
    bond.pickup_at, bond.day, bond.place = said.pickup_at, said.day, said.place
    bond.asked = bond.asked or said.wish is Wish.ASK
    bond.agreed_to = said.terms if said.wish is Wish.AGREE else bond.agreed_to
    bond.sequence += 1
    session.flush()
    journal.record(session, subject=journal.Subject.LOAN, subject_id=bond.public_id, version=bond.sequence, now=now)


def know(session: Session, *, actor: str, keeps: bool) -> None:
    """Remember of a desk elsewhere whether its town keeps loans."""
    known = session.get(FarDesk, actor)
    if keeps and known is None:
        session.add(FarDesk(actor=actor))
    elif not keeps and known is not None:
        session.delete(known)
    session.flush()


def keeps_loans(session: Session, *, actor: str | None) -> bool:
    """Whether the town of a desk elsewhere keeps loans."""
    return actor is not None and session.get(FarDesk, actor) is not None
