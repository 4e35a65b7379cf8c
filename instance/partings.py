"""Partings: how somebody leaves a conversation or blocks somebody, without a word to the other.

Nobody is left waiting in a hall, though: a meeting that was agreed on, a slot that was booked, or a loan before its
pick-up is called off, as either may at any time. What changed hands already is owed, whoever left.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from instance import bonds, bookings, lending, loans, meetings, quiet, residents
from instance.base import Refused
from instance.bonds import Said, Wish
from instance.conversations import Conversation
from instance.lending import Act, State
from instance.loans import Loan
from instance.quiet import Kind
from instance.residents import Resident


def leave(session: Session, *, conversation: Conversation, by: Resident, now: datetime) -> None:
    """Leave a conversation: it is gone for `by`, and nothing changes for the other. Raises Refused("not_found")."""
    residents.check_active(session, resident=by)
    if not conversation.takes_part(by.id):
        raise Refused("not_found")
    quiet.stand_aside(session, conversation_id=conversation.id, resident=by, kind=Kind.LEFT, now=now)
    _excuse(session, conversation=conversation, by=by, now=now)


def block(session: Session, *, by: Resident, whom: Resident, now: datetime) -> None:
    """Hear nothing from somebody any more, in no conversation, old or new. Raises Refused("not_yourself")."""
    residents.check_active(session, resident=by)
    quiet.block(session, by=by, whom=whom, now=now)
    for one in _shared(session, by=by, whom=whom):
        quiet.stand_aside(session, conversation_id=one.id, resident=by, kind=Kind.BLOCKED, now=now)
        _excuse(session, conversation=one, by=by, now=now)


def _excuse(session: Session, *, conversation: Conversation, by: Resident, now: datetime) -> None:
    """Whoever goes away lets nobody wait for what the two had agreed on."""
    meetings.excuse(session, conversation=conversation, by=by, now=now)
    bookings.excuse(session, conversation=conversation, by=by, now=now)
    loan = loans.last_in(session, conversation=conversation)
    if loan is not None and loan.state in lending.UNDER_WAY:
        _excuse_loan(session, loan=loan, by=by, now=now)


def _excuse_loan(session: Session, *, loan: Loan, by: Resident, now: datetime) -> None:
    """Call off what is agreed and take back what they proposed, by a wish where another town leads."""
    side = loans.hold(session, loan=loan, by=by)
    bond = bonds.of(session, conversation=loan.conversation)
    follows = bond is not None and not bond.leads
    on_its_way = Wish(bond.wish) if bond is not None and follows and bond.wish is not None else None
    if on_its_way is Wish.HAND_OVER:
        return
    proposed = loan.state == State.ASKED and loan.asker == side
    if loan.state != State.AGREED and not proposed and on_its_way is not Wish.AGREE:
        return
    if bond is None or not follows:
        loans.shift(session, loan=loan, act=Act.CALL_OFF, side=side, now=now)
        return
    said = Said(wish=Wish.CALL_OFF, sequence=0, terms=loan.terms)
    bonds.say(session, bond=bond, said=said, now=now, instead=True)


def unblock(session: Session, *, public_id: uuid.UUID, by: Resident, now: datetime) -> None:
    """Hear from somebody again, from now on: what they wrote meanwhile stays away. Raises Refused("not_found")."""
    residents.check_active(session, resident=by)
    quiet.hold(session, resident=by)
    found = quiet.find_block(session, public_id=public_id, by=by)
    for one in _shared(session, by=by, whom=found.blocked):
        quiet.come_back(session, conversation_id=one.id, resident=by, kind=Kind.BLOCKED, now=now)
    session.delete(found)
    session.flush()


def _shared(session: Session, *, by: Resident, whom: Resident) -> Sequence[Conversation]:
    """All conversations of these two, in a fixed order, so that no two transactions wait for each other."""
    wanted = select(Conversation).where(
        or_(
            (Conversation.owner_id == by.id) & (Conversation.opener_id == whom.id),
            (Conversation.owner_id == whom.id) & (Conversation.opener_id == by.id),
        )
    )
    return session.scalars(wanted.order_by(Conversation.id)).all()
