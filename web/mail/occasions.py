"""From a row of outgoing mail to what it says now: by its kind, from what is true at the moment of sending."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import conversations, doorbell, loan_calendar, loans, mailboxes, passes
from instance.audience import Audience
from instance.conversations import Conversation
from instance.lending import News, Side, State
from instance.listings import Listing
from instance.loans import Loan
from instance.outgoing import Kind, OutgoingMail
from instance.passes import Pass
from instance.residents import Resident
from instance.waiting import Waiter
from web.mail import content, links, loan_content
from web.mail.content import Content
from web.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """What is said, and to which address."""

    content: Content
    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Nothing:
    """There is nothing to say any more, and why."""

    why: str


NO_ADDRESS = Nothing(why="no confirmed address")


def occasion(session: Session, *, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
    """What this mail says now, in the language being spoken."""
    return KINDS[Kind(mail.kind)](session, mail, settings, now)


def _by_pass(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
    one = session.scalar(select(Pass).where(Pass.public_id == mail.subject_id))
    if one is None or not one.is_good(now=now):
        return Nothing(why="the link is used, replaced or too old")
    token = passes.token(one, key=links.key(settings))
    if mail.kind == Kind.CONFIRM:
        url = links.confirm(settings, token=token)
        return Occasion(content=content.confirm(place=settings.name, url=url), to=one.address)
    if mailboxes.address(session, resident=mail.resident) != one.address:
        return NO_ADDRESS
    url, login = links.reset(settings, token=token), mail.resident.login
    return Occasion(content=content.reset(place=settings.name, url=url, login=login), to=one.address)


def _answer(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
    del now
    found = conversations.by_public_id(session, public_id=mail.subject_id or uuid.UUID(int=0))
    to = mailboxes.address(session, resident=mail.resident)
    if found is None or to is None:
        return NO_ADDRESS
    wrote_last = conversations.wrote_last(session, conversation=found, by=mail.resident)
    if doorbell.is_stale(session, mail=mail, wrote_last=wrote_last):
        return Nothing(why="answered meanwhile, or told already")
    listing = found.listing
    audience = Audience.NETWORK if listing.is_remote else listing.audience
    who, town = _other(found, reader=mail.resident)
    said = content.answer(
        place=settings.name,
        url=links.conversation(settings, public_id=found.public_id),
        stop_url=links.stop(settings, resident=mail.resident),
        audience=audience,
        # What hangs in a building does not leave this place, not even to one of its own residents' mailboxes elsewhere.
        title=None if audience is Audience.BUILDING else listing.title or None,
        who=None if audience is Audience.BUILDING else who,
        town=town,
    )
    return Occasion(content=said, to=to)


def _other(conversation: Conversation, *, reader: Resident) -> tuple[str | None, str | None]:
    """The other one: a first name, or the byline they chose for us and the town they wrote from."""
    if conversation.is_remote:
        return conversation.remote_name or conversation.remote_host, conversation.remote_host
    other = conversation.other(reader.id)
    return (other.first_name if other is not None else None), None


def _loan(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
    loan = loans.by_public_id(session, public_id=mail.subject_id or uuid.UUID(int=0))
    to = _hearing(session, mail)
    if loan is None or to is None:
        return NO_ADDRESS
    news = News(mail.cause.rpartition(":")[2])
    if not _still(loan, news=news, side=loan.side(mail.resident_id), now=now):
        return Nothing(why="the loan has moved on")
    said = loan_content.loan(
        place=settings.name,
        url=links.loan(settings, public_id=loan.public_id),
        stop_url=links.stop(settings, resident=mail.resident),
        news=news,
        due_on=loan.due_on,
        title=_title(loan.listing),
    )
    return Occasion(content=said, to=to)


def _still(loan: Loan, *, news: News, side: Side | None, now: datetime) -> bool:
    """Whether it is still so when the mail is sent."""
    state = State(loan.state)
    match news:
        case News.ASKED:
            return state is State.ASKED and side is not None and side.value != loan.asker
        case News.AGREED:
            return state is State.AGREED
        case News.CALLED_OFF:
            return state is State.CALLED_OFF
        case News.WISH:
            return state is State.LENT and loan.wished_on is not None
        case News.LONGER:
            return state is State.LENT
        case News.EVE | News.DAY | News.AFTER:
            return loan_calendar.reminder(loan, now=now) is news


def _back(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
    del now
    waiter = session.scalar(select(Waiter).where(Waiter.public_id == mail.subject_id))
    to = _hearing(session, mail)
    if to is None:
        return NO_ADDRESS
    if waiter is None or waiter.told_at is None or not waiter.listing.is_live:
        return Nothing(why="promised again, or waited for no longer")
    said = loan_content.back(
        place=settings.name,
        url=links.notice(settings, public_id=waiter.listing.public_id),
        stop_url=links.stop(settings, resident=mail.resident),
        audience=waiter.listing.audience,
        title=_title(waiter.listing),
    )
    return Occasion(content=said, to=to)


def _hearing(session: Session, mail: OutgoingMail) -> str | None:
    """Where somebody is written to who wishes to be."""
    wanted = doorbell.wanted(session, to=mail.resident)
    return mailboxes.address(session, resident=mail.resident) if wanted else None


def _title(listing: Listing) -> str | None:
    return None if listing.audience is Audience.BUILDING else listing.title or None


def _told(write: Callable[..., Content]) -> "Sayer":
    def say(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
        del now
        to = mail.address or mailboxes.address(session, resident=mail.resident)
        if to is None:
            return NO_ADDRESS
        url = links.account(settings)
        return Occasion(content=write(place=settings.name, url=url, login=mail.resident.login), to=to)

    return say


Sayer = Callable[[Session, OutgoingMail, Settings, datetime], Occasion | Nothing]

KINDS: Mapping[Kind, Sayer] = {
    Kind.CONFIRM: _by_pass,
    Kind.RESET: _by_pass,
    Kind.ANSWER: _answer,
    Kind.PASSWORD: _told(content.password),
    Kind.ADDRESS: _told(content.address),
    Kind.CARD: _told(content.card),
    Kind.LOAN: _loan,
    Kind.BACK: _back,
}
