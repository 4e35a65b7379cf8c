"""Inward through the hatch: each verified letter is handled at home once, and ends as a sentence in its row.

The letter is read, its effect committed at home, then it is marked handled. A crash in between does it
again, and every effect is an upsert under the address of what it brings: the second time changes nothing.
"""

import logging
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from activitypub import codec
from activitypub.details import EventStatus, ObjectLink, Purpose
from activitypub.vocabulary import (
    PUBLIC,
    Accept,
    Activity,
    Announce,
    Article,
    Create,
    Delete,
    Event,
    Flag,
    Note,
    Offer,
    Update,
    identify,
)
from federation import addresses, blocks, charters, documents, exchange, identity, letters, peers, policy, quarters
from federation.base import passing
from federation.exchange import Matter
from federation.hatch import lendings, shown
from federation.hatch.incoming import Handler, Incoming
from federation.models import Letter, LetterState
from instance import bonds, comments, correspondence, listings, news, notices, prose, reports
from instance.base import Refused
from instance.happenings import LONGEST_PLACE, Happening
from instance.listings import Direction, Listing
from instance.notices import Origin

log = logging.getLogger(__name__)

BATCH = 100
TITLE_FROM_TEXT = 90
# Said on the other side, which learns no number of anything at home.
HANGS = "hangs on the board"


def sweep(
    home: sessionmaker[Session],
    federation: sessionmaker[Session],
    *,
    origin: str,
    now: datetime,
) -> int:
    """Handle every verified letter, oldest first; returns how many ended."""
    with federation() as session:
        wanted = select(Letter.id).where(Letter.state == LetterState.VERIFIED).order_by(Letter.id).limit(BATCH)
        waiting = session.scalars(wanted).all()
    for letter_id in waiting:
        _handle(home, federation, letter_id=letter_id, origin=origin, now=now)
    return len(waiting)


def _handle(
    home: sessionmaker[Session],
    federation: sessionmaker[Session],
    *,
    letter_id: int,
    origin: str,
    now: datetime,
) -> None:
    with federation() as session:
        incoming = _read(session, letter=session.get_one(Letter, letter_id), origin=origin)
    if isinstance(incoming, str):
        sentence, is_refused = incoming, True
    else:
        sentence, is_refused = _apply(home, incoming=incoming)
    with federation.begin() as session:
        letter = session.get_one(Letter, letter_id)
        # The words live at home now, or were not wanted: in transit they are kept no longer than needed.
        letters.finish(session, letter=letter, sentence=sentence, now=now, refused=is_refused)
    passing("in: marked")


def _apply(home: sessionmaker[Session], *, incoming: Incoming) -> tuple[str, bool]:
    """Handle a letter in one transaction at home; its sentence, and whether it was refused."""
    handler = HANDLERS.get((type(incoming.activity), type(incoming.thing)))
    if handler is None:
        return "nothing here answers to that", False
    try:
        with home.begin() as session:
            sentence = handler(session, incoming)
            passing("in: before home commits")
        passing("in: handled at home")
        return sentence, False
    except Refused as refusal:
        return REFUSALS.get(refusal.code, refusal.code), True


REFUSALS: Mapping[str, str] = {
    "stranger": "its sender is not the one it belongs to",
    "no_thread": "it answers nothing of ours",
    "not_agreed": "nobody here agreed to that",
    "not_found": "it answers nothing of ours",
    "not_live": "what it answers is no longer public",
    "charter_news": "our charter with its town takes no news",
    "charter_offers": "our charter with its town does not take this offer",
    "charter_reports": "our charter with its town takes no reports",
}


def _read(session: Session, *, letter: Letter, origin: str) -> Incoming | str:
    """Put a letter and what we know of its author together; a sentence when it cannot be read."""
    try:
        activity = codec.read_activity(codec.load(letter.raw))
        thing = codec.read_object(codec.load(letter.content)) if letter.content else None
    except codec.Malformed as reason:
        return f"unreadable: {reason}"
    if not isinstance(activity, Activity):
        return "an activity we do not speak"
    if not isinstance(thing, Article | Event | Note | None):
        return "an object we do not speak"
    author_uri = letter.author_uri or letter.actor_uri
    author = documents.stored_actor(session, author_uri)
    hosts = {letter.host, policy.authority(author_uri)}
    is_limited = any(blocks.is_limited(session, host) for host in hosts)
    # What somebody followed passes on of a limited town is not what anybody asked for.
    asked = {author_uri} if is_limited else {author_uri, letter.actor_uri}
    return Incoming(
        activity=activity,
        thing=thing,
        thing_uri=letter.object_uri or (thing.id if thing else _named(activity)),
        author_uri=author_uri,
        author_name=(author.name or author.username) if author else letter.host,
        host=letter.host,
        is_followed=any(peers.follows(session, remote_uri=one) for one in asked),
        terms=tuple(charters.own_terms(session, host=host, origin=origin) for host in hosts),
        quarter=_quarter(session, thing=thing, host=policy.authority(author_uri)),
        is_limited=is_limited,
        keeps_loans=author is not None and author.keeps_loans,
        origin=origin,
        received_at=letter.received_at,
    )


def _quarter(session: Session, *, thing: Article | Event | Note | None, host: str) -> str | None:
    place = thing.location if isinstance(thing, Note) else None
    return quarters.named(session, host=host, name=place.name) if place else None


def _require(incoming: Incoming, matter: Matter) -> None:
    """Raise Refused (charter_news, charter_offers, charter_reports) for what comes against a charter of ours."""
    if all(exchange.may_come(matter, ours=terms) for terms in incoming.terms):
        return
    match matter:
        case exchange.News():
            raise Refused("charter_news")
        case exchange.Offer():
            raise Refused("charter_offers")
        case exchange.Report():
            raise Refused("charter_reports")


def _named(activity: Activity) -> str:
    return "" if isinstance(activity, Flag) else identify(activity.object)


def _origin(incoming: Incoming, thing: Article | Event | Note) -> Origin:
    return Origin(
        uri=thing.id,
        actor_uri=thing.attributed_to,
        name=incoming.author_name,
        host=incoming.host,
        url=shown.page(thing),
        updated=thing.updated or thing.published or incoming.received_at,
    )


def pin_news(session: Session, incoming: Incoming) -> str:
    """An Article by somebody who is followed here hangs on the board, or is brought up to date."""
    thing = incoming.thing
    assert isinstance(thing, Article)
    if not incoming.is_followed:
        return "nobody here follows its author"
    _require(incoming, exchange.News())
    news.welcome(
        session,
        origin=_origin(incoming, thing),
        title=prose.excerpt(shown.line(thing.name), longest=notices.LONGEST_TITLE) or _from_text(thing),
        summary=prose.excerpt(prose.plain(thing.summary or thing.content), longest=news.LONGEST_SUMMARY),
        html=shown.words(thing),
        language=thing.language or "",
        now=incoming.received_at,
    )
    return HANGS


def pin_event(session: Session, incoming: Incoming) -> str:
    """An Event by somebody who is followed here hangs on the board as news with a date, or is brought up to date."""
    thing = incoming.thing
    assert isinstance(thing, Event)
    if not incoming.is_followed:
        return "nobody here follows its author"
    _require(incoming, exchange.News())
    summary, html = shown.event(thing)
    news.welcome(
        session,
        origin=_origin(incoming, thing),
        title=prose.excerpt(shown.line(thing.name), longest=notices.LONGEST_TITLE) or _from_text(thing),
        summary=prose.excerpt(summary, longest=news.LONGEST_SUMMARY),
        html=html,
        language=thing.language or "",
        now=incoming.received_at,
        happening=_happening(thing),
    )
    return HANGS


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
    return _pin_short_news(session, incoming, thing)


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
    _require(incoming, exchange.Offer(quarter=incoming.quarter))
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
    article_id = addresses.read_news(thing.in_reply_to, origin=incoming.origin)
    notice = notices.by_public_id(session, public_id=article_id) if article_id else None
    if notice is None:
        return "it answers nothing of ours"
    comments.welcome(
        session,
        notice=notice,
        origin=_origin(incoming, thing),
        html=thing.content,
        held=incoming.is_limited,
        now=incoming.received_at,
    )
    return "held for a moderator: its town is limited" if incoming.is_limited else "pinned under the news it answers"


def _pin_short_news(session: Session, incoming: Incoming, thing: Note) -> str:
    if not incoming.is_followed:
        return "nobody here follows its author"
    _require(incoming, exchange.News())
    # On the board the warning stands for the text it warns of.
    text = shown.line(thing.summary) or prose.plain(thing.content)
    news.welcome(
        session,
        origin=_origin(incoming, thing),
        title=prose.excerpt(shown.line(thing.name) or policy.visible(text), longest=TITLE_FROM_TEXT)
        or _last_resort(thing),
        summary=prose.excerpt(text, longest=news.LONGEST_SUMMARY),
        html=shown.words(thing),
        language=thing.language or "",
        now=incoming.received_at,
    )
    return HANGS


def take_down(session: Session, incoming: Incoming) -> str:
    """What its host withdrew comes down here, with its words."""
    uri = incoming.thing_uri
    notice = notices.farewell(session, uri=uri, actor_host=incoming.host, now=incoming.received_at)
    if notice is not None:
        return "taken down"
    comment = comments.farewell(session, uri=uri, actor_host=incoming.host)
    return "it never hung here" if comment is None else "taken down"


def file_report(session: Session, incoming: Incoming) -> str:
    """Another city reports something of ours: it goes to the moderators, without a name."""
    flag = incoming.activity
    assert isinstance(flag, Flag)
    _require(incoming, exchange.Report())
    filed = 0
    for uri in flag.object:
        public_id = addresses.read_listing(uri, origin=incoming.origin) or addresses.read_news(
            uri, origin=incoming.origin
        )
        notice = notices.by_public_id(session, public_id=public_id) if public_id else None
        if notice is not None and notice.reached_network:
            reports.report_from_elsewhere(
                session, notice=notice, reason=flag.content or "", host=incoming.host, now=incoming.received_at
            )
            filed += 1
    return f"{filed} reports filed"


HANDLERS: Mapping[tuple[type, type], Handler] = {
    (Create, Article): pin_news,
    (Create, Event): pin_event,
    (Create, Note): pin_note,
    (Update, Article): pin_news,
    (Update, Event): pin_event,
    (Update, Note): pin_note,
    (Announce, Article): pin_news,
    (Announce, Event): pin_event,
    (Announce, Note): pin_note,
    (Delete, type(None)): take_down,
    # An Announce without an object is a withdrawal that a quarter passes on.
    (Announce, type(None)): take_down,
    (Flag, type(None)): file_report,
    (Offer, type(None)): lendings.take_offer,
    (Accept, type(None)): lendings.take_word,
    (Update, type(None)): lendings.take_word,
}
