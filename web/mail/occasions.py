"""From a row of outgoing mail to what it says now: by its kind, from what is true at the moment of sending."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import (
    bookings,
    conversations,
    doorbell,
    endings,
    loan_calendar,
    loans,
    lookouts,
    mailboxes,
    meetings,
    notices,
    passes,
    recommendations,
)
from instance.audience import Audience
from instance.conversations import Conversation
from instance.decisions import Decision
from instance.hours import TOWN_TIME
from instance.lending import News, Side, State
from instance.listings import Listing
from instance.loans import Loan
from instance.meetings import Phase
from instance.notices import Notice
from instance.outgoing import Kind, OutgoingMail
from instance.passes import Pass
from instance.residents import Resident
from instance.waiting import Waiter
from web.mail import advice_content, booking_content, content, desk_content, links, loan_content, search_content
from web.mail.content import Content
from web.mail.links import Act
from web.settings import Settings
from web.views.decisions import told


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
    found = conversations.by_public_id(session, public_id=mail.subject_id or uuid.UUID(int=0))
    to = mailboxes.address(session, resident=mail.resident)
    if found is None or to is None:
        return NO_ADDRESS
    if conversations.is_quiet(session, conversation=found, to=mail.resident):
        return Nothing(why="its receiver wants no mail about it")
    wrote_last = conversations.wrote_last(session, conversation=found, by=mail.resident)
    if doorbell.is_stale(session, mail=mail, wrote_last=wrote_last):
        return Nothing(why="answered meanwhile, or told already")
    if not _has_come(session, mail=mail, conversation=found, now=now):
        return Nothing(why="what was proposed was taken back, or has passed")
    subject = found.subject
    audience = Audience.NETWORK if subject.is_remote else subject.audience
    who, town = _other(found, reader=mail.resident)
    said = content.answer(
        place=settings.name,
        url=links.conversation(settings, public_id=found.public_id),
        stop_url=links.stop(settings, resident=mail.resident),
        audience=audience,
        # What hangs in a building does not leave this place, not even to one of its own residents' mailboxes elsewhere.
        title=None if audience is Audience.BUILDING else subject.title or None,
        who=None if audience is Audience.BUILDING else who,
        town=town,
        asked=found.skill_id is not None,
    )
    return Occasion(content=said, to=to)


def _has_come(session: Session, *, mail: OutgoingMail, conversation: Conversation, now: datetime) -> bool:
    """Whether there is still what this mail tells of: a letter stays, a proposal may be taken back meanwhile."""
    to, cause = mail.resident.id, mail.cause.removeprefix("letter:")
    held = conversations.letters_for(session, conversation=conversation, reader_id=to)
    if any(str(one.public_id) == cause or (one.author_id != to and one.created_at >= mail.created_at) for one in held):
        return True
    return meetings.current(session, conversation=conversation, reader_id=to, now=now) is not None


def _meeting(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
    found = meetings.by_public_id(session, public_id=mail.subject_id or uuid.UUID(int=0))
    phase = found.phase(now) if found is not None else None
    # Each of the two phases has a mail of its own: what was agreed on and called off meanwhile is told once.
    if found is None or phase not in {Phase.AGREED, Phase.CALLED_OFF} or not mail.cause.endswith(f":{phase}"):
        return Nothing(why="the meeting is another one by now")
    to, talk = mailboxes.address(session, resident=mail.resident), found.conversation
    if to is None or not doorbell.wanted(session, to=mail.resident):
        return NO_ADDRESS
    if conversations.is_quiet(session, conversation=talk, to=mail.resident):
        return Nothing(why="its receiver wants no mail about it")
    said = content.meeting(
        place=settings.name,
        url=links.conversation(settings, public_id=talk.public_id),
        stop_url=links.stop(settings, resident=mail.resident),
        audience=talk.subject.audience,
        agreed=phase is Phase.AGREED,
    )
    return Occasion(content=said, to=to)


def _other(conversation: Conversation, *, reader: Resident) -> tuple[str | None, str | None]:
    """The other one: a first name, or the byline they chose for us and the town they wrote from."""
    if conversation.is_remote:
        return conversation.remote_name or conversation.remote_host, conversation.remote_host
    other = conversation.other(reader.id)
    return (other.first_name if other is not None else None), None


def _ending(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
    found = notices.by_public_id(session, public_id=mail.subject_id or uuid.UUID(int=0))
    to = mailboxes.address(session, resident=mail.resident)
    if to is None or not doorbell.wanted(session, to=mail.resident):
        return NO_ADDRESS
    days = _days_left(found, now=now)
    if not isinstance(found, Listing) or days not in {0, 1}:
        return Nothing(why="taken down or renewed meanwhile")
    longer = endings.renewed_until(found, now=now)
    said = content.ending(
        place=settings.name,
        renew_url=links.act_on(settings, act=Act.RENEW, notice=found) if longer is not None else None,
        close_url=links.act_on(settings, act=Act.CLOSE, notice=found),
        edit_url=links.act_on(settings, act=Act.EDIT, notice=found),
        stop_url=links.stop(settings, resident=mail.resident),
        audience=found.audience,
        title=None if found.audience is Audience.BUILDING else found.title,
        tomorrow=days == 1,
    )
    return Occasion(content=said, to=to)


def _advice(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
    found = recommendations.by_public_id(session, public_id=mail.subject_id or uuid.UUID(int=0))
    to = _hearing(session, mail)
    if to is None:
        return NO_ADDRESS
    if found is None or not found.is_live or not now < found.expires_at <= now + endings.ADVICE_AHEAD:
        return Nothing(why="taken away or said anew meanwhile")
    said = advice_content.advice(
        place=settings.name,
        url=links.recommended(settings),
        stop_url=links.stop(settings, resident=mail.resident),
        day=found.expires_at.astimezone(TOWN_TIME).date(),
    )
    return Occasion(content=said, to=to)


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


def _booking(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
    found = bookings.by_public_id(session, public_id=mail.subject_id or uuid.UUID(int=0))
    to = _hearing(session, mail)
    if found is None or to is None:
        return NO_ADDRESS
    news = bookings.News(mail.cause.rpartition(":")[2])
    wanted = bookings.Phase.BOOKED if news is bookings.News.BOOKED else bookings.Phase.CANCELLED
    if found.phase(now) is not wanted or found.starts_at <= now:
        return Nothing(why="the booking has moved on")
    if conversations.is_quiet(session, conversation=found.conversation, to=mail.resident):
        return Nothing(why="its receiver wants no mail about it")
    said = booking_content.booking(
        place=settings.name,
        url=links.booking(settings, public_id=found.public_id),
        stop_url=links.stop(settings, resident=mail.resident),
        news=news,
        audience=found.listing.audience,
        title=_title(found.listing),
    )
    return Occasion(content=said, to=to)


def _days_left(notice: Notice | None, *, now: datetime) -> int | None:
    """In how many days of the town's calendar it ends; None when it hangs no longer."""
    if notice is None or not notice.is_live or notice.expires_at is None or notice.expires_at <= now:
        return None
    return (notice.expires_at.astimezone(TOWN_TIME).date() - now.astimezone(TOWN_TIME).date()).days


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


def _found(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
    del now
    to, many = _hearing(session, mail), lookouts.told_in(session, mail=mail)
    if to is None:
        return NO_ADDRESS
    if not many:
        return Nothing(why="taken down meanwhile, or no longer looked for")
    url, stop_url = links.kept_searches(settings), links.stop(settings, resident=mail.resident)
    return Occasion(content=search_content.found(place=settings.name, url=url, stop_url=stop_url, many=many), to=to)


def _hearing(session: Session, mail: OutgoingMail) -> str | None:
    """Where somebody is written to who wishes to be."""
    wanted = doorbell.wanted(session, to=mail.resident)
    return mailboxes.address(session, resident=mail.resident) if wanted else None


def _title(listing: Listing) -> str | None:
    return None if listing.audience is Audience.BUILDING else listing.title or None


def _decision(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
    del now
    found = session.scalar(select(Decision).where(Decision.public_id == mail.subject_id))
    if found is None or mail.address is None:
        return Nothing(why="the decision is no longer kept")
    said = desk_content.decision(
        place=settings.name,
        url=links.decisions(settings),
        told=told(found),
        stays=found.stays,
        write_to=settings.contact_email,
    )
    return Occasion(content=said, to=mail.address)


def _told(write: Callable[..., Content], *, at: Callable[[Settings], str] = links.account) -> "Sayer":
    def say(session: Session, mail: OutgoingMail, settings: Settings, now: datetime) -> Occasion | Nothing:
        del now
        to = mail.address or mailboxes.address(session, resident=mail.resident)
        if to is None:
            return NO_ADDRESS
        return Occasion(content=write(place=settings.name, url=at(settings), login=mail.resident.login), to=to)

    return say


Sayer = Callable[[Session, OutgoingMail, Settings, datetime], Occasion | Nothing]

KINDS: Mapping[Kind, Sayer] = {
    Kind.CONFIRM: _by_pass,
    Kind.RESET: _by_pass,
    Kind.ANSWER: _answer,
    Kind.MEETING: _meeting,
    Kind.PASSWORD: _told(content.password),
    Kind.ADDRESS: _told(content.address),
    Kind.CARD: _told(content.card),
    Kind.DOCUMENT: _told(desk_content.document, at=links.known),
    Kind.ENDING: _ending,
    Kind.ADVICE: _advice,
    Kind.LOAN: _loan,
    Kind.BACK: _back,
    Kind.BOOKING: _booking,
    Kind.DECISION: _decision,
    Kind.LOOKED: _told(desk_content.looked),
    Kind.FOUND: _found,
}
