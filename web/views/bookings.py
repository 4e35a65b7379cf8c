"""Standing offers and bookings as neighbours see them: free slots by day, what is booked, when and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final
from urllib.parse import urlsplit

from flask import url_for
from flask_babel import format_date, gettext
from sqlalchemy.orm import Session

from instance import bookings, conversations, openings, residents
from instance.audience import Audience, Reader
from instance.bookings import Booking, Choice, Phase
from instance.conversations import Conversation
from instance.hours import TOWN_TIME
from instance.listings import Direction, Listing
from instance.notices import Notice
from instance.openings import Opening
from instance.residents import Resident
from web.frame import context, moments
from web.frame.parts import Day, Slot
from web.frame.slips import Byline
from web.views.calendar import Event
from web.views.meetings import day_and_hour

# More at once is a wall of buttons; the later ones show as days go by.
MOST_SHOWN: Final = 40
A_MONDAY: Final = date(2024, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One weekly window in words; `remove_url` is for who offers it."""

    words: str
    place: str
    season: str | None
    remove_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One booking for one of its two."""

    url: str
    title: str
    title_url: str | None
    mine: bool
    other: Byline | None
    at: datetime
    when: str
    until: datetime
    where: str
    standing: str
    phase: Phase
    cancel_url: str | None
    calendar_url: str | None
    letters_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OnNotice:
    """When an offer can be had, on its page. `days` are for who may book, `manage_url` is for its author."""

    lines: tuple[Line, ...]
    days: tuple[Day, ...]
    any_free: bool
    book_url: str | None
    manage_url: str | None
    own: tuple[Card, ...]


# --- windows


def weekdays() -> list[tuple[str, str]]:
    """The days of a week as a form offers them, Monday first."""
    return [(str(day), str(format_date(A_MONDAY + timedelta(days=day), "EEEE"))) for day in range(7)]


def _clock(minutes: int) -> str:
    moment = datetime(2024, 1, 1, minutes // 60, minutes % 60, tzinfo=TOWN_TIME)
    return moments.hour(moment)


def lines(session: Session, *, listing: Listing) -> tuple[Line, ...]:
    """The windows of an offer in words, as a week has them."""
    return tuple(_line(one) for one in openings.of(session, listing=listing))


def _line(opening: Opening) -> Line:
    return Line(
        words=gettext(
            "%(day)s, %(begin)s to %(end)s",
            day=dict(weekdays())[str(opening.weekday)],
            begin=_clock(opening.begins),
            end=_clock(opening.ends),
        ),
        place=opening.place,
        season=_season(opening),
        remove_url=url_for("bookings.remove", public_id=opening.public_id),
    )


def _season(opening: Opening) -> str | None:
    """From when until when, where that says anything."""
    first = opening.first_on if opening.first_on > context.now().astimezone(TOWN_TIME).date() else None
    if first and opening.last_on:
        return gettext("from %(first)s until %(last)s", first=_day(first), last=_day(opening.last_on))
    if first:
        return gettext("from %(day)s", day=_day(first))
    return gettext("until %(day)s", day=_day(opening.last_on)) if opening.last_on else None


def _day(day: date) -> str:
    return moments.day(moments.noon(day))


# --- slots


def on_notice(session: Session, *, notice: Notice, by: Resident | None, reader: Reader) -> OnNotice | None:
    """What the page of a live offer of this place says about its windows; None where it has nothing to say."""
    if by is None or not isinstance(notice, Listing) or notice.is_remote or not notice.is_live:
        return None
    if notice.author_id == by.id:
        return _for_author(session, listing=notice)
    found = bookings.choices(session, listing=notice, by=by, now=context.now())
    if not found:
        return None
    # Windows that were cut anew may have two slots that meet one booking.
    mine = dict.fromkeys(one.mine for one in found if one.mine is not None)
    own = [bookings.find(session, public_id=one, reader=reader) for one in mine]
    return OnNotice(
        lines=lines(session, listing=notice),
        days=_days(found),
        any_free=any(one.free for one in found),
        book_url=url_for("bookings.book", public_id=notice.public_id),
        manage_url=None,
        own=tuple(card(session, booking=one, by=by, reader=reader) for one in own),
    )


def _for_author(session: Session, *, listing: Listing) -> OnNotice | None:
    """The windows of one's own offer, and where they are changed; nothing to say of a request."""
    if listing.direction != Direction.OFFER:
        return None
    return OnNotice(
        lines=lines(session, listing=listing),
        days=(),
        any_free=False,
        book_url=None,
        manage_url=url_for("bookings.windows", public_id=listing.public_id),
        own=(),
    )


def _days(found: Sequence[Choice]) -> tuple[Day, ...]:
    """Whole days, until there is enough to choose from."""
    shown: list[Day] = []
    for name, held in groupby(found, key=lambda one: moments.day(one.slot.starts_at)):
        if sum(len(day.slots) for day in shown) < MOST_SHOWN:
            shown.append(Day(name=name, slots=tuple(_slot(one) for one in held)))
    return tuple(shown)


def _slot(choice: Choice) -> Slot:
    note = gettext("yours") if choice.mine else None if choice.free else gettext("taken")
    value = choice.slot.starts_at.isoformat()
    return Slot(value=value, hours=moments.hour(choice.slot.starts_at), free=choice.free, note=note)


# --- bookings


def card(session: Session, *, booking: Booking, by: Resident, reader: Reader) -> Card:
    """One booking for one of its two."""
    phase = booking.phase(context.now())
    booked = phase is Phase.BOOKED
    here = booking.public_id
    readable = booking.listing.is_live or booking.listing.author_id == by.id
    return Card(
        url=url_for("bookings.booking", public_id=here),
        title=booking.listing.title or gettext("a notice that was taken down"),
        title_url=url_for("notices.notice", public_id=booking.listing.public_id) if readable else None,
        mine=booking.booker_id == by.id,
        other=_other(session, booking=booking, by=by, reader=reader),
        at=booking.starts_at,
        when=day_and_hour(booking.starts_at),
        until=booking.ends_at,
        where=booking.place,
        standing=_standing(booking, phase=phase),
        phase=phase,
        cancel_url=url_for("bookings.cancel", public_id=here) if booked else None,
        calendar_url=None if phase is Phase.DONE else url_for("bookings.calendar_file", public_id=here),
        letters_url=_letters_url(session, booking=booking, reader=reader),
    )


def _standing(booking: Booking, *, phase: Phase) -> str:
    match phase:
        case Phase.BOOKED:
            return gettext("It is booked.")
        case Phase.DONE:
            return gettext("This has passed.")
        case Phase.CANCELLED if not booking.listing.is_live:
            return gettext("The offer was taken down, so this is called off.")
        case Phase.CANCELLED:
            return gettext("This was called off.")


def _other(session: Session, *, booking: Booking, by: Resident, reader: Reader) -> Byline | None:
    other = booking.other(by.id)
    return None if other is None else Byline(name=residents.name_for(session, resident=other, reader=reader))


def _letters_url(session: Session, *, booking: Booking, reader: Reader) -> str | None:
    """The conversation of the two, unless this reader left it."""
    held = conversations.is_open_for(session, conversation=booking.conversation, reader=reader)
    return url_for("conversations.conversation", public_id=booking.conversation.public_id) if held else None


def cards(session: Session, *, by: Resident, reader: Reader, own_offers: bool) -> tuple[Card, ...]:
    """What somebody booked, or what is booked of theirs: what is to come first, then what is over."""
    held = bookings.of_resident(session, resident=by, own_offers=own_offers)
    shown = [card(session, booking=one, by=by, reader=reader) for one in held]
    return tuple(sorted(shown, key=lambda one: one.phase is not Phase.BOOKED))


def in_conversation(session: Session, *, conversation: Conversation, by: Resident, reader: Reader) -> tuple[Card, ...]:
    """What the two of a conversation have ahead of them."""
    held = bookings.in_conversation(session, conversation=conversation, now=context.now())
    return tuple(card(session, booking=one, by=by, reader=reader) for one in held)


def event(booking: Booking, *, by: Resident, origin: str) -> Event:
    """A booking for a calendar, which is often kept elsewhere: the title of a building's notice is not in it."""
    other, listing = booking.other(by.id), booking.listing
    name = other.short_name if other is not None else gettext("a former neighbour")
    named = listing.title and listing.audience is not Audience.BUILDING
    summary = (
        gettext("Meeting with %(name)s: %(title)s", name=name, title=listing.title)
        if named
        else gettext("Meeting with %(name)s", name=name)
    )
    return Event(
        uid=booking.public_id,
        host=urlsplit(origin).hostname or "palier.invalid",
        stamp=booking.moved_at,
        begins=booking.starts_at,
        lasts=booking.ends_at - booking.starts_at,
        summary=summary,
        location=booking.place,
        called_off=booking.phase(context.now()) is Phase.CANCELLED,
    )


def read_slot(value: str | None) -> datetime | None:
    """A slot as the form sends it; None for what is none."""
    try:
        found = datetime.fromisoformat(value or "")
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
