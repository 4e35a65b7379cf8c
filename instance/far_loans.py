"""Loans across two towns: the lender's town leads and says how it stands, the borrower's town wishes and is told.

Every rule of a loan is `loans`'; here is only who may say what from afar, and what is taken over. What is told is the
whole loan with a version that grows, so that the newest word is enough, however many were lost, doubled or late.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session, aliased

from instance import bonds, correspondence, extensions, hours, lending, loan_terms, loans, notices, residents, rings
from instance.audience import Audience
from instance.base import Refused
from instance.bonds import Bond, Said, Told, Wish
from instance.conversations import Conversation
from instance.correspondence import Letter
from instance.lending import Act, News, Side, State
from instance.listings import Listing
from instance.loan_terms import Proposal
from instance.loans import Loan
from instance.residents import Resident

AT_ONCE = 200
STEPS: Final = {
    Wish.CALL_OFF: Act.CALL_OFF,
    Wish.HAND_OVER: Act.HAND_OVER,
    Wish.GIVE_BACK: Act.GIVE_BACK,
}
WISHES: Final = {act: wish for wish, act in STEPS.items()} | {Act.AGREE: Wish.AGREE}
# What a town may say of a loan that it leads; what is lent without this application is nobody's business elsewhere.
TOLD: Final = frozenset(State) - {State.OUTSIDE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """An offer of an agreement by somebody elsewhere. `said` is there when their town keeps loans.

    `letter` says who sent it and to which thread it belongs; `begins` and `ends` are what other software names.
    """

    letter: Letter
    said: Said | None = None
    amount: str | None = None
    unit: str | None = None
    begins: datetime | None = None
    ends: datetime | None = None


def side_here(conversation: Conversation) -> Side:
    """Whether our resident of a conversation across towns would lend or borrow. Raises Refused("not_found")."""
    if conversation.listing is None or not conversation.is_remote:
        raise Refused("not_found")
    lender_id, _ = loans.sides(conversation.listing, conversation)
    return Side.BORROWER if lender_id is None else Side.LENDER


def follows(session: Session, *, loan: Loan) -> Bond | None:
    """The bond of a loan that another town leads, else None."""
    bond = bonds.of(session, conversation=loan.conversation)
    return bond if bond is not None and not bond.leads else None


# --- what our residents do


def ask(
    session: Session,
    *,
    conversation: Conversation,
    by: Resident,
    pickup_at: datetime | None,
    due_on: date | None,
    place: str,
    now: datetime,
) -> Loan | None:
    """Propose a loan to somebody elsewhere; None where their town leads and has to say so first.

    Raises Refused (suspended, not_found, not_live, far_waits, and as `loans.ask`).
    """
    residents.check_active(session, resident=by)
    listing, here = conversation.listing, side_here(conversation)
    is_known = bonds.keeps_loans(session, actor=conversation.remote_actor)
    if listing is None or not is_known or not conversation.takes_part(by.id):
        raise Refused("not_found")
    if not listing.is_live:
        raise Refused("not_live")
    proposal = loan_terms.read(pickup_at=pickup_at, due_on=due_on, place=place, now=now)
    leads = here is Side.LENDER
    bond = bonds.tie(session, conversation=conversation, leads=leads, keeps=True, now=now)
    if leads:
        return loans.propose(
            session, conversation=conversation, listing=listing, asker=here, proposal=proposal, now=now
        )
    running = loans.last_in(session, conversation=conversation)
    if running is not None and running.is_held:
        raise Refused("loan_open")
    said = Said(wish=Wish.ASK, sequence=0, pickup_at=proposal.pickup_at, day=proposal.due_on, place=proposal.place)
    bonds.say(session, bond=bond, said=said, now=now)
    return None


def ask_longer(session: Session, *, loan: Loan, by: Resident, days: int, now: datetime) -> None:
    """Its borrower would like to keep it so many days longer, as `extensions.wish`; their town says so in time."""
    if loan.due_on is None or days not in lending.LONGER_BY:
        raise Refused("loan_moved")
    until = max(loan.due_on, hours.town_day(now)) + timedelta(days=days)
    wish(session, loan=loan, wish=Wish.LONGER, by=by, now=now, day=until)


def wish(
    session: Session,
    *,
    loan: Loan,
    wish: Wish,
    by: Resident,
    now: datetime,
    day: date | None = None,
    terms: int | None = None,
) -> None:
    """Say a step of our resident's to the town that leads; how it stands changes when that town says so.

    `terms` is the number of the proposal that was read, for a yes. Raises Refused (suspended, not_found, loan_moved,
    terms_changed, far_waits).
    """
    side = loans.hold(session, loan=loan, by=by)
    bond = follows(session, loan=loan)
    if bond is None:
        raise Refused("not_found")
    if wish is Wish.LONGER:
        if loan.state != State.LENT or day is None:
            raise Refused("loan_moved")
    elif wish is Wish.AGREE and terms is not None and terms != loan.terms:
        raise Refused("terms_changed")
    elif wish in STEPS or wish is Wish.AGREE:
        act = STEPS.get(wish, Act.AGREE)
        lending.step(State(loan.state), act, by=side, asker=Side(loan.asker))
    bonds.say(session, bond=bond, said=Said(wish=wish, sequence=0, terms=loan.terms, day=day), now=now)


def word(session: Session, *, bond: Bond) -> Told | Said | None:
    """What there is to say across the bond now: how the loan stands, or what our resident wishes; None for nothing."""
    if not bond.leads:
        return _said(bond)
    loan = loans.last_in(session, conversation=bond.conversation) if bond.conversation is not None else None
    if loan is None:
        return None
    return Told(
        loan=loan.public_id,
        version=bond.version,
        heard=bond.sequence,
        state=loan.state,
        asker=loan.asker,
        terms=loan.terms,
        pickup_at=loan.pickup_at,
        due_on=loan.due_on,
        place=loan.place,
        wished_on=loan.wished_on,
    )


def _said(bond: Bond) -> Said | None:
    if bond.wish is None:
        return None
    return Said(
        wish=Wish(bond.wish),
        sequence=bond.sequence,
        terms=bond.terms,
        pickup_at=bond.pickup_at,
        day=bond.day,
        place=bond.place,
    )


# --- where we lead


def hear(session: Session, *, offered: Offered, listing: Listing | None, now: datetime) -> bool:
    """Take what somebody elsewhere offers or wishes; whether it counted. The same once.

    An offer about a listing that is public no more is owed an answer and opens nothing. Raises Refused as
    `correspondence.receive`.
    """
    if listing is not None and not _is_open(listing) and offered.said is None:
        return _turn_away(session, offered=offered, listing=listing, now=now)
    talk = correspondence.offer(session, letter=offered.letter, listing=listing, now=now)
    here = side_here(talk)
    keeps = offered.said is not None
    if keeps and here is not Side.LENDER:
        raise Refused("stranger")
    bond = bonds.tie(session, conversation=talk, leads=True, keeps=keeps, now=now)
    said = offered.said or _asked(bond, offered)
    if bond.offer_uri == offered.letter.uri or said.sequence <= bond.sequence:
        return False
    bond.sequence, bond.offer_uri = said.sequence, offered.letter.uri
    bond.amount, bond.unit, bond.turned_away = offered.amount, offered.unit, False
    return _carry_out(session, bond=bond, talk=talk, said=said, there=here.other, now=now)


def _is_open(listing: Listing) -> bool:
    return listing.is_live and listing.audience is Audience.NETWORK


def _turn_away(session: Session, *, offered: Offered, listing: Listing, now: datetime) -> bool:
    if not listing.reached_network:
        raise Refused("no_thread")
    bonds.turn_away(session, listing=listing, actor=offered.letter.sender, offer_uri=offered.letter.uri, now=now)
    return False


def _asked(bond: Bond, offered: Offered) -> Said:
    """An offer of other software, as the wish that it is: it names days as it likes, and counts nothing."""
    day = hours.town_day(offered.ends) if offered.ends is not None else None
    return Said(wish=Wish.ASK, sequence=bond.sequence + 1, pickup_at=offered.begins, day=day)


def _carry_out(session: Session, *, bond: Bond, talk: Conversation, said: Said, there: Side, now: datetime) -> bool:
    """Do what was wished, if it may be done now; whatever becomes of it, the other town is told how it stands."""
    loan = loans.last_in(session, conversation=talk)
    if loan is not None:
        loans.hold_row(session, loan=loan)
    done = True
    try:
        with session.begin_nested():
            _do(session, bond=bond, talk=talk, loan=loan, said=said, there=there, now=now)
    except Refused:
        done = False
        if said.wish is Wish.ASK and (loan is None or loan.state in lending.OVER):
            _write_off(session, bond=bond, talk=talk, said=said, there=there, now=now)
    bonds.mark(session, bond=bond, now=now)
    return done


def _do(
    session: Session, *, bond: Bond, talk: Conversation, loan: Loan | None, said: Said, there: Side, now: datetime
) -> None:
    if said.wish is Wish.ASK:
        _propose(session, bond=bond, talk=talk, said=said, there=there, now=now)
        return
    # The number of a proposal is never used twice in one conversation: a late wish is about no other loan.
    if loan is None or loan.terms != said.terms:
        raise Refused("loan_moved")
    match said.wish:
        case Wish.AGREE:
            loans.settle(session, loan=loan, side=there, terms=said.terms, now=now)
        case Wish.LONGER:
            extensions.wish_until(session, loan=loan, until=said.day, now=now)
        case Wish.END:
            _end(session, loan=loan, now=now)
        case _:
            loans.shift(session, loan=loan, act=STEPS[said.wish], side=there, now=now)


def _end(session: Session, *, loan: Loan, now: datetime) -> None:
    if loan.state in lending.OVER:
        raise Refused("loan_moved")
    loans.stand(session, loan=loan, state=State.ENDED, now=now)


def _propose(session: Session, *, bond: Bond, talk: Conversation, said: Said, there: Side, now: datetime) -> None:
    listing = talk.listing
    if listing is None or not listing.is_live:
        raise Refused("not_live")
    proposal = Proposal(pickup_at=said.pickup_at, due_on=said.day, place=said.place)
    if bond.keeps:
        loan_terms.check(proposal, now=now)
    loans.propose(session, conversation=talk, listing=listing, asker=there, proposal=proposal, now=now)


def _write_off(session: Session, *, bond: Bond, talk: Conversation, said: Said, there: Side, now: datetime) -> None:
    """A proposal that cannot be: promised to somebody else, or too late. It is over before it began."""
    assert talk.listing is not None
    lender_id, borrower_id = loans.sides(talk.listing, talk)
    made = Loan(listing=talk.listing, conversation=talk, lender_id=lender_id, borrower_id=borrower_id)
    made.asker, made.state, made.created_at, made.moved_at = there.value, State.LAPSED.value, now, now
    made.pickup_at, made.due_on, made.place = said.pickup_at, said.day, said.place
    made.terms = loans.terms_before(session, conversation=talk) + 1
    bond.turned_away = True
    session.add(made)
    session.flush()


def turn_away(session: Session, *, now: datetime) -> int:
    """Answer offers from elsewhere that cannot be any more: promised to another, taken down, expired. How many."""
    other = aliased(Loan)
    promised = exists().where(
        other.listing_id == Loan.listing_id, other.lender_id == Loan.lender_id, other.state.in_(lending.HELD)
    )
    wanted = (
        select(Loan, Bond)
        .join(Bond, Bond.conversation_id == Loan.conversation_id)
        .join(Listing, Listing.id == Loan.listing_id)
        .where(Loan.state == State.ASKED.value, Bond.leads)
        .where(or_(Listing.state != notices.State.LIVE.value, promised, _narrowed()))
        .limit(AT_ONCE)
        .with_for_update(of=Loan)
        .execution_options(populate_existing=True)
    )
    found = session.execute(wanted).all()
    for loan, bond in found:
        bond.turned_away = True
        loans.stand(session, loan=loan, state=State.LAPSED, now=now)
    return len(found)


def _narrowed() -> ColumnElement[bool]:
    """Ours, and no longer for everybody."""
    return Listing.origin_uri.is_(None) & (Listing.reach != Audience.NETWORK.value)


# --- where we follow


def take_over(session: Session, *, told: Told, letter: Letter, now: datetime) -> bool:
    """Show a loan as the town that leads it tells of it; whether it was news. An older word changes nothing.

    Raises Refused (no_thread; stranger: not theirs to say; not_agreed: our resident never said so).
    """
    talk = correspondence.find(session, letter=letter)
    if side_here(talk) is not Side.BORROWER:
        raise Refused("stranger")
    bond = bonds.tie(session, conversation=talk, leads=False, keeps=True, now=now)
    if told.version <= bond.version:
        return False
    loan = _row(session, talk=talk, told=told, now=now)
    _check_consent(bond, loan=loan, told=told)
    news = _news(loan, told)
    _copy(session, loan=loan, told=told, now=now)
    bond.version = told.version
    if loan.is_held:  # theirs is the first yes to a request of ours
        rings.answered(session, listing=loan.listing, now=now)
    _settle_wish(session, bond=bond, told=told)
    if news is not None:
        loans.tell(session, loan=loan, news=news, to=Side.BORROWER, now=now)
    return True


def _row(session: Session, *, talk: Conversation, told: Told, now: datetime) -> Loan:
    known = loans.by_public_id(session, public_id=told.loan)
    if known is not None:
        if known.conversation_id != talk.id:
            raise Refused("stranger")
        return known
    assert talk.listing is not None
    lender_id, borrower_id = loans.sides(talk.listing, talk)
    before = loans.last_in(session, conversation=talk)
    if before is not None and before.state in lending.UNDER_WAY:
        # Its end was told in a word that never came.
        before.state, before.moved_at = State.LAPSED.value, now
        session.flush()
    made = Loan(listing=talk.listing, conversation=talk, lender_id=lender_id, borrower_id=borrower_id)
    made.public_id, made.state, made.terms = told.loan, State.ASKED.value, 0
    made.created_at = made.moved_at = now
    return made


def _check_consent(bond: Bond, *, loan: Loan, told: Told) -> None:
    """Nobody is told by another town that they agreed to what they did not."""
    if told.state not in lending.HELD or loan.is_held:
        return
    agreed = bond.asked if told.asker == Side.BORROWER else bond.agreed_to == told.terms
    if not agreed:
        raise Refused("not_agreed")


def _news(loan: Loan, told: Told) -> News | None:
    """What our resident is told by mail about what changed."""
    if loan.state == State.ASKED:
        if told.state == State.ASKED and told.asker == Side.LENDER and told.terms != loan.terms:
            return News.ASKED
        if told.state == State.AGREED and told.asker == Side.BORROWER:
            return News.AGREED
    if loan.state == State.AGREED and told.state == State.CALLED_OFF:
        return News.CALLED_OFF
    return News.LONGER if loan.state == State.LENT and loan.due_on != told.due_on else None


def _copy(session: Session, *, loan: Loan, told: Told, now: datetime) -> None:
    if loan.state != told.state:
        loan.moved_at = now
    loan.state, loan.asker, loan.terms = told.state, told.asker, told.terms
    loan.pickup_at, loan.due_on, loan.place, loan.wished_on = (
        told.pickup_at,
        told.due_on,
        told.place,
        told.wished_on,
    )
    session.add(loan)
    session.flush()


def _settle_wish(session: Session, *, bond: Bond, told: Told) -> None:
    """What was wished is answered once they heard of it; until then it is on its way, and nothing else is wished."""
    if told.heard >= bond.sequence:
        bond.wish = bond.wished_at = bond.pickup_at = bond.day = bond.place = None
    if told.state in lending.OVER:
        bond.agreed_to, bond.asked = 0, bond.wish == Wish.ASK.value
    session.flush()
