"""Loans as one of the two sees them: where each stands in a sentence, and the next step as one button."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from flask import url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from instance import hours, lending, loans, thanks, waiting
from instance.audience import Reader, may_read
from instance.conversations import Conversation
from instance.evidence import Target
from instance.lending import Act, Side, State
from instance.listings import Direction, Listing
from instance.loans import Loan
from instance.notices import Notice
from instance.residents import Resident
from web.frame import context, moments
from web.frame.slips import Byline
from web.views import conditions, far_loans, slips
from web.views.conditions import Album
from web.views.far_loans import Far

EXTEND = "extend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One button: its word, where it goes, and what goes with it."""

    label: str
    url: str
    icon: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One loan for one of its two. `standing` says where it is; `next` is what this reader may do now."""

    url: str
    title: str
    title_url: str | None
    kind: str
    other: Byline | None
    standing: str
    wish: str | None
    pickup: datetime | None
    place: str | None
    due: datetime | None
    next: Step | None
    over: bool
    amount: str | None = None
    far: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Thanks:
    """What the two said at the end. Each reads only what was said to them, and what they said themselves."""

    to_me: str | None
    by_me: str | None
    may: bool
    report_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The page of one loan: the card, and everything else that may be done."""

    public_id: uuid.UUID
    card: Card
    more: tuple[Step, ...]
    otherwise_url: str | None
    letters_url: str | None
    thanks: Thanks
    album: Album


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One's place in a line: the thing is still away, or it is back."""

    title: str
    url: str
    back: bool
    stop: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNotice:
    """What the page of an offer says about lending it, to this reader."""

    loan_url: str | None
    outside_url: str | None
    wait: Step | None
    place: Place | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InConversation:
    """What a conversation says about a loan between its two."""

    card: Card | None
    ask_url: str | None
    waits: str | None = None


# --- one loan


def _step(loan: Loan, act: str, label: str, icon: str | None = None, **fields: str) -> Step:
    return Step(label=label, url=url_for("loans.step", public_id=loan.public_id, step=act), icon=icon, fields=fields)


NEXT: Final[Mapping[tuple[State, Side], tuple[Act, LazyString]]] = {
    (State.AGREED, Side.LENDER): (Act.HAND_OVER, lazy_gettext("I handed it over")),
    (State.AGREED, Side.BORROWER): (Act.HAND_OVER, lazy_gettext("I have it now")),
    (State.LENT, Side.LENDER): (Act.CONFIRM, lazy_gettext("It is back")),
    (State.LENT, Side.BORROWER): (Act.GIVE_BACK, lazy_gettext("I gave it back")),
    (State.GIVEN_BACK, Side.LENDER): (Act.CONFIRM, lazy_gettext("It is back")),
    (State.OUTSIDE, Side.LENDER): (Act.CONFIRM, lazy_gettext("It is back")),
}


def _next(loan: Loan, *, side: Side) -> Step | None:
    """The one thing this reader may do now, or None when it is the other's turn or over."""
    if loan.state == State.ASKED and loan.asker != side:
        return _step(loan, Act.AGREE.value, gettext("Agree to this"), "check", terms=str(loan.terms))
    if loan.wished_on is not None and side is Side.LENDER:
        label = gettext("Agree until %(day)s", day=_day(loan.wished_on))
        return _step(loan, EXTEND, label, "check", until=loan.wished_on.isoformat())
    known = NEXT.get((State(loan.state), side))
    return None if known is None else _step(loan, known[0].value, str(known[1]), "check")


def _more(loan: Loan, *, side: Side) -> tuple[Step, ...]:
    """Whatever else this reader may do."""
    match State(loan.state), side:
        case State.ASKED, _ if loan.asker == side:
            return (_step(loan, Act.CALL_OFF.value, gettext("Take my proposal back")),)
        case State.AGREED, _:
            return (_step(loan, Act.CALL_OFF.value, gettext("Call it off")),)
        case State.LENT, Side.BORROWER if loan.wished_on is None:
            return tuple(_longer(loan, days) for days in lending.LONGER_BY)
        case State.LENT, Side.LENDER if loan.wished_on is not None:
            return (_step(loan, Act.CONFIRM.value, gettext("It is back")),)
        case State.GIVEN_BACK, Side.LENDER:
            return (_step(loan, Act.MISS.value, gettext("It is not back yet")),)
        case _:
            return ()


def _longer(loan: Loan, days: int) -> Step:
    return Step(
        label=ngettext("Ask for %(num)d day more", "Ask for %(num)d days more", days),
        url=url_for("loans.longer", public_id=loan.public_id),
        fields={"days": str(days)},
    )


def _day(day: date) -> str:
    return moments.day(moments.noon(day))


# To its lender and to its borrower.
STANDINGS: Final[Mapping[State, tuple[LazyString, ...]]] = {
    State.AGREED: (lazy_gettext("Agreed. Either of you says so when it changes hands."),) * 2,
    State.GIVEN_BACK: (
        lazy_gettext("Given back, says who had it. If you leave it, it counts as back in a few days."),
        lazy_gettext("You said that you gave it back. There is nothing more to do."),
    ),
    State.OUTSIDE: (lazy_gettext("Lent without this place. It shows as lent, to nobody in particular."),) * 2,
    State.RETURNED: (lazy_gettext("It is back. This line goes after thirty days."),) * 2,
    State.CALLED_OFF: (lazy_gettext("Called off. There is nothing to do."),) * 2,
    State.LAPSED: (lazy_gettext("It is over. There is nothing to do."),) * 2,
    State.ENDED: (lazy_gettext("It is over. There is nothing to do."),) * 2,
}


def _standing(loan: Loan, *, side: Side) -> str:
    state = State(loan.state)
    if state is State.LENT:
        return _lent(loan, side=side)
    if state is State.ASKED and loan.asker == side:
        return gettext("You proposed this. If it is left unanswered, it ends by itself.")
    if state is State.ASKED:
        return gettext("This is proposed to you. If it is left unanswered, it ends by itself.")
    return str(STANDINGS[state][0 if side is Side.LENDER else 1])


def _lent(loan: Loan, *, side: Side) -> str:
    left = (loan.due_on - hours.town_day(context.now())).days if loan.due_on is not None else 1
    if left == 0:
        return gettext("To bring back today.") if side is Side.BORROWER else gettext("It comes back today.")
    if left < 0:
        return gettext("The day agreed on has passed. Write to each other, or agree on a few more days.")
    return gettext("You have it.") if side is Side.BORROWER else gettext("You lent it.")


def _wish(loan: Loan, *, side: Side) -> str | None:
    if loan.wished_on is None:
        return None
    day = _day(loan.wished_on)
    if side is Side.BORROWER:
        return gettext("You asked to keep it until %(day)s. If it is left unanswered, the day stays as it is.", day=day)
    return gettext("To keep it until %(day)s is asked for. If you leave it, the day stays as it is.", day=day)


def _other(session: Session, *, loan: Loan, side: Side, reader: Reader) -> Byline | None:
    if loan.state == State.OUTSIDE or loan.conversation_id is None:
        return None
    return Byline(name=conditions.name(session, loan=loan, side=side.other, reader=reader))


def card(session: Session, *, loan: Loan, by: Resident, reader: Reader) -> Card:
    """One loan in brief."""
    side, far = loan.side(by.id), far_loans.of(session, conversation=loan.conversation)
    assert side is not None
    listing, agreed = loan.listing, loan.pickup_at is not None
    readable = listing.is_live or listing.author_id == by.id
    return Card(
        url=url_for("loans.loan", public_id=loan.public_id),
        title=listing.title or gettext("a notice that was taken down"),
        title_url=url_for("notices.notice", public_id=listing.public_id) if readable else None,
        kind=slips.kind(listing),
        other=_other(session, loan=loan, side=side, reader=reader),
        standing=far_loans.standing(loan, far=far) or _standing(loan, side=side),
        wish=_wish(loan, side=side),
        pickup=loan.pickup_at,
        place=_where(loan, far=far) if agreed else None,
        due=moments.noon(loan.due_on) if loan.due_on is not None else None,
        next=_next(loan, side=side) if far is None or far.waits is None else None,
        over=loan.state in lending.OVER,
        amount=far.amount if far is not None else None,
        far=far is not None,
    )


def _is_alone(loan: Loan, *, far: Far | None) -> bool:
    """Whether nobody could grant it longer here: its lender's town keeps no loans."""
    return far is not None and not far.may_propose and loan.state == State.LENT


def _where(loan: Loan, *, far: Far | None) -> str:
    """Where it is picked up: a hall is known only to those who live in the town."""
    return loan.place or (gettext("in the lender’s hall") if far is None else gettext("to be said in a letter"))


def sheet(session: Session, *, loan: Loan, by: Resident, reader: Reader) -> Sheet:
    """One loan in full."""
    side = loan.side(by.id)
    assert side is not None
    talk, far = loan.conversation, far_loans.of(session, conversation=loan.conversation)
    is_heard = far is None or far.waits is None
    asks = loan.state == State.ASKED and talk is not None and (far is None or (far.may_propose and is_heard))
    return Sheet(
        public_id=loan.public_id,
        card=card(session, loan=loan, by=by, reader=reader),
        more=_more(loan, side=side) if is_heard and not _is_alone(loan, far=far) else (),
        otherwise_url=url_for("loans.ask", public_id=talk.public_id) if asks and talk is not None else None,
        letters_url=url_for("conversations.conversation", public_id=talk.public_id) if talk is not None else None,
        thanks=_thanks(session, loan=loan, side=side),
        album=conditions.album(session, loan=loan, by=by, reader=reader),
    )


def _thanks(session: Session, *, loan: Loan, side: Side) -> Thanks:
    mine, theirs = (thanks.said(session, loan=loan, by=one) for one in (side, side.other))
    over = loan.state == State.RETURNED and None not in {loan.lender_id, loan.borrower_id}
    return Thanks(
        to_me=theirs.words if theirs is not None else None,
        by_me=mine.words if mine is not None else None,
        may=over and mine is None,
        report_url=url_for("reports.report", target=Target.THANKS.value, public_id=theirs.public_id)
        if theirs is not None
        else None,
    )


def cards(session: Session, *, side: Side, by: Resident, reader: Reader) -> tuple[Card, ...]:
    """What somebody lends or borrows: what goes on first, then what is over."""
    found = [
        card(session, loan=one, by=by, reader=reader) for one in loans.of_resident(session, resident=by, side=side)
    ]
    return tuple(sorted(found, key=lambda one: one.over))


# --- beside a notice, in a conversation, in a line


def _place(listing: Listing, *, back: bool) -> Place:
    return Place(
        title=listing.title,
        url=url_for("notices.notice", public_id=listing.public_id),
        back=back,
        stop=Step(
            label=gettext("I no longer wait for it"), url=url_for("loans.stop_waiting", public_id=listing.public_id)
        ),
    )


def places(session: Session, *, by: Resident, reader: Reader) -> tuple[Place, ...]:
    """What somebody waits for, among what they may still see."""
    held = waiting.of_resident(session, resident=by)
    live = [one for one in held if one.listing.is_live]
    seen = [one for one in live if may_read(reader, audience=one.listing.audience, circle=one.listing.circle)]
    return tuple(_place(one.listing, back=one.told_at is not None) for one in seen)


def on_notice(session: Session, *, notice: Notice, by: Resident | None) -> OnNotice | None:
    """What can be done about lending an offer; None where nothing can."""
    if by is None or not isinstance(notice, Listing) or notice.direction != Direction.OFFER or not notice.is_live:
        return None
    if notice.is_remote:
        return None
    loan = loans.held(session, listings=[notice]).get(notice.id)
    mine = notice.author_id == by.id
    place = waiting.find(session, listing=notice, resident=by)
    party = loan is not None and loan.side(by.id) is not None
    may_wait = loan is not None and not party and place is None
    wait_url = url_for("loans.wait", public_id=notice.public_id)
    return OnNotice(
        loan_url=url_for("loans.loan", public_id=loan.public_id) if loan is not None and party else None,
        outside_url=url_for("loans.lend_outside", public_id=notice.public_id) if mine and loan is None else None,
        wait=Step(label=gettext("Tell me when it is back"), url=wait_url, icon="bell") if may_wait else None,
        place=_place(notice, back=place.told_at is not None) if place is not None else None,
    )


def in_conversation(
    session: Session, *, conversation: Conversation, by: Resident, reader: Reader
) -> InConversation | None:
    """The loan of a conversation, and whether one may be proposed; None where it is about no notice."""
    if conversation.listing is None:
        return None
    far = far_loans.of(session, conversation=conversation)
    loan = loans.last_in(session, conversation=conversation)
    goes_on = loan is not None and loan.state in lending.UNDER_WAY
    may_ask = not goes_on and far_loans.may_ask(conversation=conversation, far=far, by=by)
    return InConversation(
        card=card(session, loan=loan, by=by, reader=reader) if loan is not None and goes_on else None,
        ask_url=url_for("loans.ask", public_id=conversation.public_id) if may_ask else None,
        waits=far.waits if far is not None and not goes_on else None,
    )
