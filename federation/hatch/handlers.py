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
from activitypub.vocabulary import (
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
from federation import (
    blocks,
    charters,
    documents,
    exchange,
    letters,
    peers,
    pictures,
    policy,
    quarters,
    stumbling,
)
from federation.base import passing
from federation.hatch import accusations, clippings, lendings, pinning
from federation.hatch.incoming import Handler, Incoming, require
from federation.models import Letter, LetterState
from instance import comments, departures, notices, reports
from instance.base import Refused

log = logging.getLogger(__name__)

BATCH = 100
# Said on the other side, which learns no number of anything at home.
TAKEN_DOWN = "taken down"


def sweep(
    home: sessionmaker[Session],
    federation: sessionmaker[Session],
    *,
    origin: str,
    now: datetime,
) -> int:
    """Handle every verified letter, oldest first; returns how many ended."""
    ready = (Letter.state == LetterState.VERIFIED) & (Letter.due_at.is_(None) | (Letter.due_at <= now))
    with federation() as session:
        waiting = session.scalars(select(Letter.id).where(ready).order_by(Letter.id).limit(BATCH)).all()
    for letter_id in waiting:
        try:
            _handle(home, federation, letter_id=letter_id, origin=origin, now=now)
        except Exception as error:  # noqa: BLE001 — one letter must not cost the others their turn
            with federation.begin() as session:
                stumbling.put_aside(session, letter_id=letter_id, error=error, now=now)
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
        if not isinstance(incoming, str) and not is_refused:
            _look_after_pictures(session, incoming, sentence=sentence, now=now)
    passing("in: marked")


def _look_after_pictures(session: Session, incoming: Incoming, *, sentence: str, now: datetime) -> None:
    """Want the pictures of what hangs now, drop those of what came down."""
    if incoming.thing is not None and sentence == pinning.HANGS:
        clippings.follow_up(session, thing=incoming.thing, received_at=incoming.received_at, now=now)
    elif sentence == TAKEN_DOWN:
        pictures.forget(session, object_uri=incoming.thing_uri)


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
    "another_kind": "it is of another kind than before",
    "no_thread": "it answers nothing of ours",
    "not_agreed": "nobody here agreed to that",
    "not_found": "it answers nothing of ours",
    "host_wrote_enough": "its town wrote enough here for a day",
    "enough_written": "enough was written under that for a day",
    "odd_day": "names a day that nobody can mean",
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
    # Letters behind one that was put aside are handled before it: also the one that takes its text back.
    if letter.attempts and thing is not None and letters.is_gone(session, uri=thing.id, by=author_uri):
        return letters.WITHDRAWN
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


def _named(activity: Activity) -> str:
    return "" if isinstance(activity, Flag) else identify(activity.object)


def take_down(session: Session, incoming: Incoming) -> str:
    """What its host withdrew comes down here, with its words."""
    uri = incoming.thing_uri
    if uri == incoming.author_uri:
        gone = departures.farewell(session, actor_uri=uri, now=incoming.received_at)
        return f"its author is gone: {gone} taken down"
    notice = notices.farewell(session, uri=uri, actor_host=incoming.host, now=incoming.received_at)
    if notice is not None:
        return TAKEN_DOWN
    comment = comments.farewell(session, uri=uri, actor_host=incoming.host)
    return "it never hung here" if comment is None else TAKEN_DOWN


def file_report(session: Session, incoming: Incoming) -> str:
    """Another city reports something of ours: it goes to the moderators, without a name."""
    flag = incoming.activity
    assert isinstance(flag, Flag)
    require(incoming, exchange.Report())
    filed = accusations.meant(session, incoming, uris=flag.object)
    for target, target_id in filed:
        reports.report_from_elsewhere(
            session,
            target=target,
            target_id=target_id,
            reason=flag.content or "",
            host=incoming.host,
            now=incoming.received_at,
        )
    return f"{len(filed)} reports filed"


HANDLERS: Mapping[tuple[type, type], Handler] = {
    (Create, Article): pinning.pin_news,
    (Create, Event): pinning.pin_news,
    (Create, Note): pinning.pin_note,
    (Update, Article): pinning.pin_news,
    (Update, Event): pinning.pin_news,
    (Update, Note): pinning.pin_note,
    (Announce, Article): pinning.pin_news,
    (Announce, Event): pinning.pin_news,
    (Announce, Note): pinning.pin_note,
    (Delete, type(None)): take_down,
    # An Announce without an object is a withdrawal that a quarter passes on.
    (Announce, type(None)): take_down,
    (Flag, type(None)): file_report,
    (Offer, type(None)): lendings.take_offer,
    (Accept, type(None)): lendings.take_word,
    (Update, type(None)): lendings.take_word,
}
