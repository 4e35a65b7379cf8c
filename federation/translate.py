"""Shareables into words: what a notice, a profile or a letter looks like to other software."""

import html
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from activitypub import codec, dialects
from activitypub.details import (
    Action,
    EventStatus,
    Intent,
    JoinMode,
    Measure,
    Mention,
    ObjectLink,
    Place,
    ProposalTerms,
    Purpose,
)
from activitypub.dialects import Dialect, Wares
from activitypub.outlines import Point
from activitypub.vocabulary import (
    PUBLIC,
    Announce,
    Article,
    Create,
    Delete,
    Event,
    Flag,
    Note,
    Proposal,
    Tombstone,
    Update,
)
from federation import addresses, dates, identity
from federation.shareables import Complaint, DeskLetter, PublicEvent, PublicListing, PublicNews

PROPOSAL_REL = ("payment", "https://w3id.org/valueflows/ont/vf#Proposal")
PROPOSAL_TYPE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrases:
    """The few words the desk adds to what a resident wrote."""

    offer: str
    request: str
    byline: str
    how_to_answer: str
    quarter: str


# They go out in the language the notice was written in, whoever runs the worker: no reader's locale exists here.
PHRASES: Mapping[str, Phrases] = {
    "fr": Phrases(
        offer="Proposé : {title}",
        request="Cherché : {title}",
        byline="Signé : {byline}, {quarter}.",
        how_to_answer="Pour répondre : un message privé en réponse à cette annonce. La bourse d’entraide le transmet.",
        quarter="quartier {name}",
    ),
    "en": Phrases(
        offer="Offered: {title}",
        request="Wanted: {title}",
        byline="Signed: {byline}, {quarter}.",
        how_to_answer="To answer, reply to this notice with a private message. The exchange desk passes it on.",
        quarter="quarter of {name}",
    ),
}


def phrases(language: str) -> Phrases:
    """The desk's words in a language; French when it has none for it."""
    return PHRASES.get(language, PHRASES["fr"])


def _followers(actor_uri: str) -> str:
    return f"{actor_uri}/followers"


def news(item: PublicNews, *, origin: str) -> Article:
    """News as an Article: a summary that stands alone, because Mastodon shows nothing else."""
    author = identity.uri(origin, item.organisation)
    uri = addresses.news(origin, item.organisation, item.notice_id)
    quarter = identity.uri(origin, item.quarter) if item.quarter else None
    return Article(
        id=uri,
        attributed_to=author,
        name=item.title,
        summary=f"<p>{html.escape(item.summary)}</p>",
        content=item.html,
        url=addresses.page(origin, item.notice_id),
        published=item.published,
        updated=item.updated,
        to=(PUBLIC, quarter) if quarter else (PUBLIC,),
        cc=(_followers(author),),
        audience=quarter,
        context=f"{uri}/context",
        language=item.language,
        quotable_by=(PUBLIC,),
    )


def when(item: PublicEvent) -> str:
    """When and where, in one line of the language it was written in, and before it whether it was called off."""
    span = dates.span(begins=item.begins, ends=item.ends, zone=item.zone, language=item.language)
    line = f"{span}, {item.place}" if item.place else span
    return dates.called_off(line, language=item.language) if item.called_off else line


def event_html(item: PublicEvent) -> str:
    """The text of an event as it leaves: it begins with the date, for software that knows no events."""
    return f"<p><strong>{html.escape(when(item))}</strong></p>{item.html}"


def event(item: PublicEvent, *, origin: str) -> Event:
    """News with a date as an Event (Mobilizon, FEP-8a8e); one takes part by coming, and reads how on our page."""
    author = identity.uri(origin, item.organisation)
    uri = addresses.event(origin, item.organisation, item.notice_id)
    quarter = identity.uri(origin, item.quarter) if item.quarter else None
    page = addresses.page(origin, item.notice_id)
    return Event(
        id=uri,
        attributed_to=author,
        organizers=(author,),
        name=item.title,
        start=item.begins,
        end=item.ends,
        timezone=item.zone,
        summary=f"<p>{html.escape(when(item))}</p><p>{html.escape(item.summary)}</p>",
        content=event_html(item),
        url=page,
        published=item.published,
        updated=item.updated,
        to=(PUBLIC, quarter) if quarter else (PUBLIC,),
        cc=(_followers(author),),
        audience=quarter,
        context=f"{uri}/context",
        language=item.language,
        location=Place(name=item.place) if item.place else None,
        join_mode=JoinMode.EXTERNAL,
        participation_url=page,
        status=EventStatus.CANCELLED if item.called_off else EventStatus.CONFIRMED,
        category="COMMUNITY",
        is_online=False,
        has_comments=True,
        quotable_by=(PUBLIC,),
    )


def listing_html(item: PublicListing) -> str:
    """The text of a listing as it leaves: exactly what its author saw in the preview."""
    words = phrases(item.language)
    headline = (words.offer if item.purpose is Purpose.OFFER else words.request).format(title=item.title)
    quarter = words.quarter.format(name=item.quarter_name)
    signed = words.byline.format(byline=item.byline, quarter=quarter)
    return (
        f"<p><strong>{html.escape(headline)}</strong></p>{item.html}"
        f"<p>{html.escape(signed)}</p><p>{words.how_to_answer}</p>"
    )


def _terms(item: PublicListing, *, uri: str) -> ProposalTerms:
    one = Measure(unit="one", value="1")
    primary = Intent(
        id=f"{addresses.proposal(uri)}#primary", action=Action.DELIVER_SERVICE, quantity=one, available=one
    )
    return ProposalTerms(purpose=item.purpose, primary=primary)


def listing(item: PublicListing, *, origin: str) -> Note:
    """A listing as the desk's Note with FEP-0837 terms inline; no name and no summary, which others fold."""
    desk = identity.uri(origin, identity.DESK)
    uri = addresses.listing(origin, item.notice_id)
    return Note(
        id=uri,
        attributed_to=desk,
        content=listing_html(item),
        url=addresses.page(origin, item.notice_id),
        published=item.published,
        updated=item.updated,
        to=(PUBLIC,),
        cc=(_followers(desk),),
        language=item.language,
        location=Place(name=item.quarter_name),
        tags=(ObjectLink(href=addresses.proposal(uri), rel=PROPOSAL_REL, media_type=PROPOSAL_TYPE, name=item.title),),
        proposal=_terms(item, uri=uri),
        quotable_by=(desk,),
    )


def in_dialect(
    item: PublicListing, deed: Mapping[str, Any], *, dialect: Dialect, place: Point | None, origin: str
) -> Mapping[str, Any]:
    """The activity of a listing as a marketplace reads it; `place` is the middle of its quarter, if that is public."""
    text = " ".join(re.sub(r"<[^>]*>", " ", item.html).split())
    wares = Wares(name=item.title, description=html.unescape(text), original_id=str(item.notice_id), place=place)
    pure = codec.write(proposal(item, origin=origin))
    return dialects.speak(dict(deed), dialect=dialect, wares=wares, proposal=dict(pure))


def proposal(item: PublicListing, *, origin: str) -> Proposal:
    """The listing in FEP-0837's pure form, linked from the Note."""
    uri = addresses.listing(origin, item.notice_id)
    return Proposal(
        id=addresses.proposal(uri),
        attributed_to=identity.uri(origin, identity.DESK),
        name=item.title,
        content=item.html,
        url=addresses.page(origin, item.notice_id),
        published=item.published,
        updated=item.updated,
        to=(PUBLIC,),
        location=Place(name=item.quarter_name),
        terms=_terms(item, uri=uri),
    )


def create(word: Article | Event | Note) -> Create:
    """The activity that brings an object into the world."""
    return Create(
        id=f"{word.id}/activity",
        actor=word.attributed_to,
        to=word.to,
        cc=word.cc,
        audience=word.audience,
        published=word.published,
        object=word,
    )


def update(word: Article | Event | Note, *, version: int) -> Update:
    """The activity of a newer version: the whole object, and an id of its own (ActivityPub §7.3)."""
    return Update(
        id=f"{word.id}/updates/{version}",
        actor=word.attributed_to,
        to=word.to,
        cc=word.cc,
        audience=word.audience,
        published=word.updated,
        object=word,
    )


def tombstone(uri: str, *, former_type: str, now: datetime) -> Tombstone:
    """What stands where an object was."""
    return Tombstone(id=uri, former_type=former_type, deleted=now)


def delete(uri: str, *, actor: str, former_type: str, version: int, now: datetime) -> Delete:
    """The activity that takes an object back from everybody who got it."""
    return Delete(
        id=f"{uri}/deletes/{version}",
        actor=actor,
        to=(PUBLIC,),
        published=now,
        object=tombstone(uri, former_type=former_type, now=now),
    )


def announce(
    inner: Create | Update | Delete | str, *, origin: str, quarter: str, seed: uuid.UUID, part: int, now: datetime
) -> Announce:
    """The quarter passes something on: an embedded activity (FEP-1b12) or a bare id, as microblogs boost."""
    actor = identity.uri(origin, quarter)
    return Announce(
        id=addresses.announce(origin, quarter, seed, part),
        actor=actor,
        to=(PUBLIC,),
        cc=(_followers(actor),),
        published=now,
        object=inner,
    )


def flag(item: Complaint, *, origin: str) -> Flag:
    """A report to another town, in Mastodon's form: by the instance itself, about an actor and what they wrote."""
    actor = identity.uri(origin, identity.APPLICATION)
    return Flag(
        id=addresses.flag(origin, item.complaint_id),
        actor=actor,
        to=(item.to_actor,),
        object=(item.to_actor, item.object_uri),
        content=item.words,
    )


def flag_to_community(item: Complaint, *, community: str, origin: str) -> Flag:
    """The same to a community of Lemmy or PieFed: to it alone, about one text, and by the desk.

    Lemmy reads one receiver and, as the actor, a Service and no Application; PieFed one object and no list.
    """
    return Flag(
        id=addresses.flag(origin, item.complaint_id),
        actor=identity.uri(origin, identity.DESK),
        to=(community,),
        object=(item.object_uri,),
        content=item.words,
    )


def letter(item: DeskLetter, *, origin: str, mention: str) -> Create:
    """A resident's letter in the desk's envelope, to one actor and nobody else.

    `mention` is the receiver's handle (`@name@host`): some software notifies only who is mentioned.
    """
    desk = identity.uri(origin, identity.DESK)
    uri = addresses.letter(origin, item.letter_id)
    answered = addresses.letter(origin, item.reply_to_ours) if item.reply_to_ours else item.reply_to_theirs
    note = Note(
        id=uri,
        attributed_to=desk,
        content=f"{item.html}<p>{html.escape(item.byline)}</p>",
        published=item.written,
        to=(item.to_actor,),
        in_reply_to=answered,
        context=item.thread_of_theirs or addresses.thread(origin, item.root_id),
        tags=(Mention(href=item.to_actor, name=mention),),
    )
    return Create(id=f"{uri}/activity", actor=desk, to=note.to, published=item.written, object=note)
