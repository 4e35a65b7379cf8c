"""What a letter brings to the board: news, events, listings, comments, and letters to somebody here."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from activitypub.details import EventStatus, ObjectLink, Purpose
from activitypub.vocabulary import (
    PUBLIC,
    Article,
    Event,
    Note,
)
from federation import (
    addresses,
    exchange,
    identity,
    policy,
)
from federation.hatch import quotas, shown
from federation.hatch.incoming import Incoming, require
from instance import bonds, comments, correspondence, listings, news, notices, prose
from instance.happenings import LONGEST_PLACE, Happening
from instance.listings import Direction, Listing
from instance.notices import Notice, Origin

TITLE_FROM_TEXT = 90
# Said on the other side, which learns no number of anything at home.
HANGS = "hangs on the board"


def _origin(incoming: Incoming, thing: Article | Event | Note) -> Origin:
    return Origin(
        uri=thing.id,
        actor_uri=thing.attributed_to,
        name=incoming.author_name,
        host=incoming.host,
        url=shown.page(thing),
        updated=shown.moment(thing, received_at=incoming.received_at),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a text of another town says as news."""

    title: str
    summary: str
    html: str
    happening: Happening | None = None


def pin_news(session: Session, incoming: Incoming) -> str:
    """A text by somebody who is followed here hangs on the board as news, or is brought up to date."""
    thing = incoming.thing
    assert thing is not None
    if not incoming.is_followed:
        return "nobody here follows its author"
    require(incoming, exchange.News())
    told = _told(thing)
    news.welcome(
        session,
        origin=_origin(incoming, thing),
        title=told.title,
        summary=prose.excerpt(told.summary, longest=news.LONGEST_SUMMARY),
        html=told.html,
        language=thing.language or "",
        now=incoming.received_at,
        happening=told.happening,
    )
    return HANGS


def _told(thing: Article | Event | Note) -> _Told:
    match thing:
        case Article():
            return _Told(
                title=_title(thing), summary=prose.plain(thing.summary or thing.content), html=shown.words(thing)
            )
        case Event():
            summary, html = shown.event(thing)
            return _Told(title=_title(thing), summary=summary, html=html, happening=_happening(thing))
        case Note():
            # On the board the warning stands for the text it warns of.
            text = shown.line(thing.summary) or prose.plain(thing.content)
            title = prose.excerpt(shown.line(thing.name) or policy.visible(text), longest=TITLE_FROM_TEXT)
            return _Told(title=title or _last_resort(thing), summary=text, html=shown.words(thing))


def _title(thing: Article | Event) -> str:
    return prose.excerpt(shown.line(thing.name), longest=notices.LONGEST_TITLE) or _from_text(thing)


def _happening(thing: Event) -> Happening | None:
    """When and where; a moment that nobody can mean leaves news without a date."""
    if not shown.is_near(thing.start):
        return None
    # No calendar can be given an end that comes first; some software writes the same moment twice.
    has_end = thing.end is not None and thing.start < thing.end and shown.is_near(thing.end)
    return Happening(
        begins=thing.start,
        ends=thing.end if has_end else None,
        place=prose.excerpt(shown.where(thing), longest=LONGEST_PLACE),
        called_off=thing.status is EventStatus.CANCELLED,
    )


def pin_note(session: Session, incoming: Incoming) -> str:
    """A Note is a private letter, a listing, a public answer to our news, or a short piece of news."""
    thing = incoming.thing
    assert isinstance(thing, Note)
    bonds.know(session, actor=incoming.author_uri, keeps=incoming.keeps_loans)
    if PUBLIC not in {*thing.to, *thing.cc}:
        return _deliver(session, incoming, thing)
    if thing.proposal is not None:
        return _pin_listing(session, incoming, thing)
    if thing.in_reply_to is not None:
        return _pin_comment(session, incoming, thing)
    return pin_news(session, incoming)


def _deliver(session: Session, incoming: Incoming, thing: Note) -> str:
    if identity.uri(incoming.origin, identity.DESK) not in {*thing.to, *thing.cc}:
        return "a private letter to nobody here"
    listing_id = addresses.read_listing(thing.in_reply_to, origin=incoming.origin)
    listing = notices.by_public_id(session, public_id=listing_id) if listing_id else None
    ours = addresses.read_letter(thing.in_reply_to, origin=incoming.origin)
    letter = correspondence.Letter(
        uri=thing.id,
        sender=thing.attributed_to,
        sender_name=incoming.author_name,
        host=incoming.host,
        html=thing.content,
        reply_to_message=ours,
        reply_to_uri=None if ours or listing_id else thing.in_reply_to,
        listing=listing_id,
        thread=thing.context,
        our_thread=addresses.read_thread(thing.context, origin=incoming.origin),
    )
    correspondence.receive(
        session,
        letter=letter,
        listing=listing if isinstance(listing, Listing) else None,
        now=incoming.received_at,
    )
    return "delivered to its conversation"


def _pin_listing(session: Session, incoming: Incoming, thing: Note) -> str:
    if not incoming.is_followed or thing.proposal is None:
        return "nobody here follows its author"
    require(incoming, exchange.Offer(quarter=incoming.quarter))
    title = _listing_title(thing)
    listings.welcome(
        session,
        origin=_origin(incoming, thing),
        direction=Direction.OFFER if thing.proposal.purpose is Purpose.OFFER else Direction.REQUEST,
        title=title,
        html=_without_title(thing.content, title=title),
        language=thing.language or "",
        now=incoming.received_at,
    )
    return HANGS


def _listing_title(thing: Note) -> str:
    """A Note has no title: the name of its Proposal is one, else its first line."""
    named = [tag.name for tag in thing.tags if isinstance(tag, ObjectLink) and tag.name]
    first_line = prose.plain(thing.content).split("\n", 1)[0]
    found = policy.visible(named[0] if named else first_line)
    return prose.excerpt(found, longest=TITLE_FROM_TEXT) or _last_resort(thing)


def _without_title(html: str, *, title: str) -> str:
    """A Note begins with its title for software that knows no titles; ours has shown it above already."""
    first, end, rest = html.partition("</p>")
    return rest if end and rest and prose.plain(first).endswith(title) else html


def _from_text(thing: Article | Event | Note) -> str:
    """The beginning of a text that has no title."""
    return prose.excerpt(shown.line(thing.content), longest=TITLE_FROM_TEXT) or _last_resort(thing)


def _last_resort(thing: Article | Event | Note) -> str:
    """A last resort for a text without words: its address."""
    return prose.excerpt(thing.id, longest=TITLE_FROM_TEXT)


def _pin_comment(session: Session, incoming: Incoming, thing: Note) -> str:
    notice = _answered(session, incoming, uri=thing.in_reply_to or "")
    if notice is None:
        return "it answers nothing of ours"
    quotas.check_comment(session, incoming, thing=thing, notice=notice)
    why = _why_held(incoming, thing)
    comments.welcome(
        session,
        notice=notice,
        origin=_origin(incoming, thing),
        html=thing.content,
        held=why is not None,
        now=incoming.received_at,
    )
    return why or "pinned under the news it answers"


def _answered(session: Session, incoming: Incoming, *, uri: str) -> Notice | None:
    """The news that a text answers: directly, or by an answer that hangs under them."""
    article_id = addresses.read_news(uri, origin=incoming.origin)
    if article_id is None:
        return comments.answered(session, uri=uri)
    return notices.by_public_id(session, public_id=article_id)


def _why_held(incoming: Incoming, thing: Note) -> str | None:
    """Why a moderator looks first, if one does."""
    if incoming.is_limited:
        return "held for a moderator: its town is limited"
    return "held for a moderator: it mentions many" if quotas.mentions_many(thing) else None
