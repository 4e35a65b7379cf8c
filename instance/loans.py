"""Loans between two neighbours: asked in their conversation, agreed, handed over, brought back; one at a time.

A thing is an offer and its lender; who answers a request with a thing of their own lends that. That nobody promises one
thing twice is held by an index of the store, whatever two sessions believe at the same moment.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import ForeignKey, Index, String, and_, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import (
    bonds,
    conversations,
    doorbell,
    holds,
    lending,
    loan_terms,
    outgoing,
    quiet,
    residents,
    rings,
    waiting,
)
from instance.audience import Reader
from instance.base import Refused, Row
from instance.conversations import Conversation
from instance.hours import town_day
from instance.lending import Act, News, Side, State
from instance.listings import Direction, Listing
from instance.loan_terms import Proposal
from instance.notices import State as NoticeState
from instance.outgoing import Kind
from instance.residents import Resident

# The lender who says nothing to "I gave it back" has it back.
TAKEN_AS_BACK = timedelta(days=5)
# Agreed, and nobody ever said that it changed hands.
FORGOTTEN = timedelta(days=7)


def _among(states: Sequence[State]) -> str:
    return f"state IN ({', '.join(repr(one.value) for one in states)})"


def _one_at_a_time(name: str, *columns: str, states: Sequence[State]) -> Index:
    condition = text(_among(states))
    return Index(name, *columns, unique=True, sqlite_where=condition, postgresql_where=condition)


class Loan(Row):
    """One thing, its lender and its borrower. Nobody is borrower of what is lent outside the application."""

    __tablename__ = "loan"
    __table_args__ = (
        _one_at_a_time("uq_loan_held", "listing_id", "lender_id", states=lending.HELD),
        _one_at_a_time("uq_loan_under_way", "conversation_id", states=lending.UNDER_WAY),
        Index("ix_loan_state_moved_at", "state", "moved_at"),
    )

    listing_id: Mapped[int] = mapped_column(ForeignKey("listing.id"))
    conversation_id: Mapped[int | None] = mapped_column(ForeignKey("conversation.id"), index=True)
    lender_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    borrower_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    state: Mapped[str] = mapped_column(String(12))
    # When it came to stand so: how long what is over is kept is counted from here.
    moved_at: Mapped[datetime] = mapped_column()
    # Whose proposal it is, and which one: agreeing is to the terms that were read.
    asker: Mapped[str] = mapped_column(String(10))
    terms: Mapped[int] = mapped_column(default=1)
    pickup_at: Mapped[datetime | None] = mapped_column()
    # None is the lender's hall.
    place: Mapped[str | None] = mapped_column(String(loan_terms.LONGEST_PLACE))
    due_on: Mapped[date | None] = mapped_column()
    # Until when its borrower would like to keep it; left alone, it is not extended.
    wished_on: Mapped[date | None] = mapped_column()
    listing: Mapped[Listing] = relationship()
    conversation: Mapped[Conversation | None] = relationship()
    lender: Mapped[Resident | None] = relationship(foreign_keys=lender_id)
    borrower: Mapped[Resident | None] = relationship(foreign_keys=borrower_id)

    @property
    def is_held(self) -> bool:
        """Whether the thing is promised or out of the house."""
        return self.state in lending.HELD

    def side(self, resident_id: int) -> Side | None:
        """Which of the two this resident is, if one."""
        if resident_id == self.lender_id:
            return Side.LENDER
        return Side.BORROWER if resident_id == self.borrower_id else None

    def person(self, side: Side) -> Resident | None:
        """Who stands on a side."""
        return self.lender if side is Side.LENDER else self.borrower


# --- finding


def find(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Loan:
    """A loan the reader has a part in. Raises Refused("not_found") for any other, as for none."""
    loan = by_public_id(session, public_id=public_id)
    if loan is None or reader.resident_id is None or loan.side(reader.resident_id) is None:
        raise Refused("not_found")
    return loan


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Loan | None:
    """A loan by its public id, whoever asks: for what is written to one of its two by mail."""
    return session.scalar(select(Loan).where(Loan.public_id == public_id))


def of_resident(session: Session, *, resident: Resident, side: Side) -> Sequence[Loan]:
    """What somebody lends or borrows, newest first; what is over as long as it is kept.

    What is asked in a conversation they left, or by somebody they block, reaches them no more than a letter does.
    """
    mine = Loan.lender_id if side is Side.LENDER else Loan.borrower_id
    away = quiet.away_from(session, resident=resident)
    unheard = and_(Loan.state == State.ASKED.value, Loan.asker != side.value, Loan.conversation_id.in_(away))
    return session.scalars(select(Loan).where(mine == resident.id, ~unheard).order_by(Loan.id.desc())).all()


def last_in(session: Session, *, conversation: Conversation) -> Loan | None:
    """The newest loan of a conversation."""
    wanted = select(Loan).where(Loan.conversation_id == conversation.id).order_by(Loan.id.desc())
    return session.scalars(wanted.limit(1)).first()


def held(session: Session, *, listings: Sequence[Listing]) -> Mapping[int, Loan]:
    """Of these offers those that are promised or lent, by the id of the offer: one question for a whole board."""
    offers = [one.id for one in listings if one.direction == Direction.OFFER]
    if not offers:
        return {}
    wanted = select(Loan).where(Loan.listing_id.in_(offers), Loan.state.in_(lending.HELD))
    return {one.listing_id: one for one in session.scalars(wanted)}


# --- asking and agreeing


def ask(
    session: Session,
    *,
    conversation: Conversation,
    by: Resident,
    pickup_at: datetime | None,
    due_on: date | None,
    place: str,
    now: datetime,
) -> Loan:
    """Propose when and where a thing is picked up, and until when it is lent; an empty place is the lender's hall.

    Either of the two may, and may answer a proposal with another one: then it is the other's turn to agree.
    Raises Refused (not_found, neighbour_gone, not_live, loan_open, lent_already, booked_meanwhile, and with their
    fields missing, too_long, pickup_past, pickup_far, due_early, due_far).
    """
    residents.check_active(session, resident=by)
    listing = _between_two(conversation, by=by)
    proposal = loan_terms.read(pickup_at=pickup_at, due_on=due_on, place=place, now=now)
    lender_id, _ = sides(listing, conversation)
    asker = Side.LENDER if by.id == lender_id else Side.BORROWER
    return propose(session, conversation=conversation, listing=listing, asker=asker, proposal=proposal, now=now)


def propose(
    session: Session,
    *,
    conversation: Conversation,
    listing: Listing,
    asker: Side,
    proposal: Proposal,
    now: datetime,
) -> Loan:
    """Write a proposal down, whoever makes it. Raises Refused (loan_open, lent_already, booked_meanwhile)."""
    lender_id, borrower_id = sides(listing, conversation)
    holds.alone(session, listing_id=listing.id)
    loan = session.scalar(
        select(Loan)
        .where(Loan.conversation_id == conversation.id, Loan.state.in_(lending.UNDER_WAY))
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if loan is None:
        loan = Loan(listing=listing, conversation=conversation, lender_id=lender_id, borrower_id=borrower_id)
        loan.created_at, loan.terms = now, terms_before(session, conversation=conversation)
    elif loan.state != State.ASKED:
        raise Refused("loan_open")
    _free(session, listing_id=listing.id, lender_id=lender_id)
    # An offer from elsewhere that names no day waits for what is booked; one that does is answered at once.
    if proposal.due_on is not None:
        span = holds.span(pickup_at=proposal.pickup_at, due_on=proposal.due_on, now=now)
        holds.check_unbooked(session, listing_id=listing.id, talk_id=conversation.id, span=span, now=now)
    loan.asker, loan.terms = asker.value, loan.terms + 1
    loan.pickup_at, loan.due_on, loan.place = proposal.pickup_at, proposal.due_on, proposal.place
    _keep(session, loan=loan, state=State.ASKED, now=now)
    tell(session, loan=loan, news=News.ASKED, to=asker.other, now=now)
    return loan


def terms_before(session: Session, *, conversation: Conversation) -> int:
    """The number that the first proposal of a new loan follows. Across towns none is used twice in a conversation."""
    before = last_in(session, conversation=conversation) if conversation.is_remote else None
    return before.terms if before is not None else 0


def _between_two(conversation: Conversation, *, by: Resident) -> Listing:
    """The listing two residents of this place talk about. Raises Refused (not_found, neighbour_gone, not_live)."""
    if not conversation.takes_part(by.id) or conversation.is_remote or conversation.listing is None:
        raise Refused("not_found")
    if not conversations.reachable(conversation, by=by):
        raise Refused("neighbour_gone")
    if not may_be_lent(conversation.listing):
        raise Refused("not_live")
    return conversation.listing


def may_be_lent(listing: Listing) -> bool:
    """Whether two who talk about it may agree on a loan: a request may have come down at their yes to a meeting."""
    came_down = listing.direction == Direction.REQUEST and listing.state == NoticeState.WITHDRAWN
    return listing.is_live or came_down


def sides(listing: Listing, conversation: Conversation) -> tuple[int | None, int | None]:
    """Lender and borrower: the author of an offer lends, the author of a request borrows."""
    both = (conversation.owner_id, conversation.opener_id)
    return both if listing.direction == Direction.OFFER else (both[1], both[0])


def _free(session: Session, *, listing_id: int, lender_id: int | None) -> None:
    wanted = select(Loan.id).where(
        Loan.listing_id == listing_id, Loan.lender_id == lender_id, Loan.state.in_(lending.HELD)
    )
    if session.scalar(wanted.limit(1)) is not None:
        raise Refused("lent_already")


def unbooked(session: Session, *, loan: Loan, span: holds.Span, now: datetime) -> None:
    """Say whether nobody else booked the thing in that time. Raises Refused("booked_meanwhile")."""
    talk_id = loan.conversation_id
    holds.check_unbooked(session, listing_id=loan.listing_id, talk_id=talk_id, span=span, now=now)


def _keep(session: Session, *, loan: Loan, state: State, now: datetime) -> None:
    """Write a loan; the store's own indexes find who was quicker. Raises Refused("lent_already"|"loan_open")."""
    try:
        with session.begin_nested():
            loan.state, loan.moved_at = state.value, now
            session.add(loan)
            bonds.mark_of(session, conversation=loan.conversation, now=now)
    except IntegrityError:
        raise Refused("lent_already" if state in lending.HELD else "loan_open") from None


def agree(session: Session, *, loan: Loan, by: Resident, terms: int, now: datetime) -> None:
    """Take a proposal, as it was read: from now on the thing is promised to nobody else.

    `terms` is the number of the proposal. Raises Refused (not_found, loan_moved, terms_changed, pickup_past,
    neighbour_gone, lent_already, booked_meanwhile).
    """
    settle(session, loan=loan, side=hold(session, loan=loan, by=by), terms=terms, now=now)


def settle(session: Session, *, loan: Loan, side: Side, terms: int, now: datetime) -> None:
    """One side takes the proposal of the other, whoever says so; the rows are held. Raises Refused as `agree`."""
    after = lending.step(State(loan.state), Act.AGREE, by=side, asker=Side(loan.asker))
    if loan.terms != terms:
        raise Refused("terms_changed")
    # An offer from elsewhere may name no day.
    if loan.pickup_at is not None and loan.pickup_at <= now:
        raise Refused("pickup_past")
    if loan.conversation is None or not _reachable(loan, side=side.other):
        raise Refused("neighbour_gone")
    if loan.listing.state == NoticeState.HIDDEN:
        raise Refused("not_live")
    _free(session, listing_id=loan.listing_id, lender_id=loan.lender_id)
    unbooked(session, loan=loan, span=holds.span(pickup_at=loan.pickup_at, due_on=loan.due_on, now=now), now=now)
    _keep(session, loan=loan, state=after, now=now)
    if loan.borrower is not None:
        waiting.take_off(session, listing=loan.listing, resident=loan.borrower)
    waiting.go_on_waiting(session, listing_id=loan.listing_id)
    rings.answered(session, listing=loan.listing, now=now)
    tell(session, loan=loan, news=News.AGREED, to=side.other, now=now)


def _reachable(loan: Loan, *, side: Side) -> bool:
    person = loan.person(side)
    is_far = loan.conversation is not None and loan.conversation.is_remote
    return is_far or (person is not None and person.state == residents.State.ACTIVE)


def lend_outside(session: Session, *, listing: Listing, by: Resident, due_on: date | None, now: datetime) -> Loan:
    """Its author lent an offer without this application: it shows as lent, to nobody in particular.

    Raises Refused (not_yours, not_live, lent_already, booked_meanwhile; due_early, due_far with the field due).
    """
    residents.check_active(session, resident=by)
    if listing.author_id != by.id or listing.direction != Direction.OFFER:
        raise Refused("not_yours")
    if not listing.is_live:
        raise Refused("not_live")
    loan_terms.check_day(due_on, since=town_day(now))
    holds.alone(session, listing_id=listing.id)
    _free(session, listing_id=listing.id, lender_id=by.id)
    holds.check_unbooked(session, listing_id=listing.id, span=holds.span(due_on=due_on, now=now), now=now)
    loan = Loan(listing=listing, lender_id=by.id, asker=Side.LENDER.value, due_on=due_on, created_at=now)
    _keep(session, loan=loan, state=State.OUTSIDE, now=now)
    waiting.go_on_waiting(session, listing_id=listing.id)
    return loan


# --- from hand to hand


def hold(session: Session, *, loan: Loan, by: Resident) -> Side:
    """Which side acts, with the row as it is now, held until the transaction ends, as is the thing.

    Raises Refused("suspended"), or "not_found" for whoever has no part in it.
    """
    residents.check_active(session, resident=by)
    side = loan.side(by.id)
    if side is None:
        raise Refused("not_found")
    hold_row(session, loan=loan)
    return side


def hold_row(session: Session, *, loan: Loan) -> None:
    """Hold a loan as it is now, whoever acts; the thing before its loan, always, so that none waits for another."""
    holds.alone(session, listing_id=loan.listing_id)
    session.refresh(loan, with_for_update=True)


def move(session: Session, *, loan: Loan, act: Act, by: Resident, now: datetime) -> None:
    """Call off, hand over, give back, confirm that it is back, or say that it is not; agreeing is `agree`.

    Raises Refused (not_found, loan_moved, and booked_meanwhile for what changes hands at another time than agreed).
    """
    shift(session, loan=loan, act=act, side=hold(session, loan=loan, by=by), now=now)


def shift(session: Session, *, loan: Loan, act: Act, side: Side, now: datetime) -> None:
    """One side takes a step, whoever says so; the row is held. Raises Refused("loan_moved")."""
    after = lending.step(State(loan.state), act, by=side, asker=Side(loan.asker))
    if act is Act.AGREE:
        raise Refused("loan_moved")
    was = State(loan.state)
    if act is Act.HAND_OVER:  # earlier than was agreed, or so late that nobody knows until when
        unbooked(session, loan=loan, span=holds.span(due_on=loan.due_on, now=now), now=now)
    stand(session, loan=loan, state=after, now=now)
    if was is State.AGREED and after is State.CALLED_OFF:
        tell(session, loan=loan, news=News.CALLED_OFF, to=side.other, now=now)


def stand(session: Session, *, loan: Loan, state: State, now: datetime) -> None:
    """Let a loan stand so, whoever moved it; where a thing became free, who waits for it is told."""
    was_held = loan.is_held
    loan.state, loan.moved_at = state.value, now
    if state is not State.LENT:
        loan.wished_on = None
    session.flush()
    bonds.mark_of(session, conversation=loan.conversation, now=now)
    if was_held and not loan.is_held:
        waiting.tell_first(session, listing_id=loan.listing_id, now=now)


def tell(session: Session, *, loan: Loan, news: News, to: Side, now: datetime) -> None:
    """Write to one of the two, outside of their quiet hours, if they wish to be written to; the same once."""
    person, talk = loan.person(to), loan.conversation
    if person is None or talk is None or not doorbell.wanted(session, to=person):
        return
    if conversations.is_quiet(session, conversation=talk, to=person):
        return
    outgoing.post(
        session,
        kind=Kind.LOAN,
        cause=f"loan:{loan.public_id}:{loan.terms}:{loan.wished_on or loan.due_on}:{news.value}",
        to=person,
        subject_id=loan.public_id,
        now=now,
        due_at=doorbell.due(session, to=person, now=now, pause=doorbell.AT_ONCE if news.reminds else doorbell.PAUSE),
    )
