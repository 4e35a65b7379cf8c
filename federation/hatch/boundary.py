"""What may leave: pure decisions from rows at home to verdicts. Whatever is not expressly allowed stays."""

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import assert_never

from activitypub.details import Lending, Purpose
from federation.shareables import (
    Complaint,
    DeskLetter,
    LoanSpeech,
    LoanWord,
    Notice,
    OrganisationProfile,
    Profile,
    PublicEvent,
    PublicListing,
    PublicNews,
    QuarterProfile,
)
from instance import prose
from instance.audience import Audience
from instance.bonds import Bond, Said, Told, Wish
from instance.conversations import Conversation, Message
from instance.happenings import Happening
from instance.hours import TOWN_TIME
from instance.lending import State
from instance.listings import Direction, Listing
from instance.news import NewsItem
from instance.notices import Notice as HomeNotice
from instance.organisations import Organisation
from instance.outlines import Outline
from instance.places import Quarter
from instance.referrals import Referral


@dataclass(frozen=True, slots=True, kw_only=True)
class Announce:
    """It may be told to everybody."""

    shareable: Notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Retract:
    """It was once for everybody and no longer is; nothing of its words goes along."""

    notice_id: uuid.UUID
    version: int
    organisation: str | None
    quarter: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Show:
    """Who an organisation or a quarter is."""

    shareable: Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A private letter, or a word about a loan, to exactly one actor elsewhere."""

    shareable: DeskLetter | LoanWord


@dataclass(frozen=True, slots=True, kw_only=True)
class Withhold:
    """It stays, and why."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refer:
    """A moderator's report to the town that what is reported came from."""

    shareable: Complaint


Verdict = Announce | Retract | Show | Post | Refer | Withhold


def judge_notice(notice: HomeNotice | None, *, version: int) -> Verdict:
    """Decide about one change of a notice, by the row as it is now.

    An older change than the row is superseded: the newer one tells the truth, so a narrowed notice
    cannot leave through a change that was made while it was still wide.
    """
    if notice is None:
        return Withhold(why="no such notice")
    if notice.is_remote:
        return Withhold(why="came from elsewhere")
    if notice.version != version:
        return Withhold(why="superseded by a newer version")
    if notice.is_live and notice.audience is Audience.NETWORK:
        return _announce(notice)
    if notice.reached_network:
        return Retract(
            notice_id=notice.public_id,
            version=notice.version,
            organisation=notice.organisation.slug if notice.organisation else None,
            quarter=notice.quarter.slug if notice.quarter and notice.quarter.opened_at else None,
        )
    return Withhold(why=f"audience {notice.audience.word}")


def _announce(notice: HomeNotice) -> Verdict:
    match notice:
        case NewsItem(organisation=Organisation() as organisation):
            happening = notice.happening
            if happening is not None:
                return Announce(shareable=_event(notice, happening, organisation=organisation))
            return Announce(shareable=_news(notice, organisation=organisation))
        case Listing(byline=str() as byline, quarter=Quarter() as quarter):
            return Announce(shareable=_listing(notice, byline=byline, quarter=quarter))
        case Listing():
            return Withhold(why="no byline or no quarter")
        case _:
            return Withhold(why="not a kind of notice that may leave")


def _news(item: NewsItem, *, organisation: Organisation) -> PublicNews:
    return PublicNews(
        notice_id=item.public_id,
        version=item.version,
        organisation=organisation.slug,
        quarter=item.quarter.slug if item.quarter and item.quarter.opened_at else None,
        title=item.title,
        summary=item.summary,
        html=item.html,
        language=item.language,
        published=item.created_at,
        updated=item.updated_at,
    )


def _event(item: NewsItem, happening: Happening, *, organisation: Organisation) -> PublicEvent:
    return PublicEvent(
        notice_id=item.public_id,
        version=item.version,
        organisation=organisation.slug,
        quarter=item.quarter.slug if item.quarter and item.quarter.opened_at else None,
        title=item.title,
        summary=item.summary,
        html=item.html,
        begins=happening.begins,
        ends=happening.ends,
        zone=TOWN_TIME.key,
        place=happening.place,
        called_off=happening.called_off,
        language=item.language,
        published=item.created_at,
        updated=item.updated_at,
    )


def _listing(listing: Listing, *, byline: str, quarter: Quarter) -> PublicListing:
    return PublicListing(
        notice_id=listing.public_id,
        version=listing.version,
        purpose=_purpose(Direction(listing.direction)),
        title=listing.title,
        html=listing.html,
        byline=byline,
        quarter_name=quarter.name,
        quarter=quarter.slug if quarter.opened_at else None,
        language=listing.language,
        published=day(listing.created_at),
        # Newer than the version before, as others demand, without telling the hour either.
        updated=day(listing.updated_at) + timedelta(seconds=listing.version - 1),
    )


def _purpose(direction: Direction) -> Purpose:
    match direction:
        case Direction.OFFER:
            return Purpose.OFFER
        case Direction.REQUEST:
            return Purpose.REQUEST
        case _:
            assert_never(direction)


def day(moment: datetime) -> datetime:
    """The day of a moment: the hour at which somebody writes tells who they are."""
    return moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def judge_organisation(organisation: Organisation | None, *, version: int) -> Verdict:
    """An organisation's profile is public by nature."""
    if organisation is None:
        return Withhold(why="no such organisation")
    if organisation.version != version:
        return Withhold(why="superseded by a newer version")
    return Show(
        shareable=OrganisationProfile(
            organisation_id=organisation.public_id,
            version=organisation.version,
            slug=organisation.slug,
            name=organisation.name,
            summary=prose.plain(prose.render(organisation.summary)),
        )
    )


def judge_quarter(quarter: Quarter | None, *, outline: Outline | None) -> Verdict:
    """A quarter is seen from outside once somebody opened it, and so is where it lies."""
    if quarter is None or quarter.opened_at is None:
        return Withhold(why="the quarter is not open")
    return Show(
        shareable=QuarterProfile(
            quarter_id=quarter.public_id,
            version=1 + (outline.version if outline is not None else 0),
            slug=quarter.slug,
            name=quarter.name,
            city_name=quarter.city.name,
            outline=(outline.wkt or None) if outline is not None else None,
        )
    )


def judge_message(message: Message | None, *, previous: Message | None, root: Message | None) -> Verdict:
    """A letter leaves only from a resident, only to the one actor elsewhere in its conversation."""
    if message is None or root is None:
        return Withhold(why="no such letter")
    conversation = message.conversation
    if message.author_id is None or message.remote_uri is not None:
        return Withhold(why="came from elsewhere")
    if conversation.remote_actor is None or conversation.byline is None:
        return Withhold(why="both live here")
    return Post(
        shareable=DeskLetter(
            letter_id=message.public_id,
            to_actor=conversation.remote_actor,
            byline=conversation.byline,
            html=message.html,
            reply_to_theirs=previous.remote_uri if previous else _listing_uri(conversation),
            reply_to_ours=previous.public_id if previous and previous.remote_uri is None else None,
            thread_of_theirs=conversation.remote_thread,
            root_id=root.public_id,
            written=message.created_at,
        )
    )


def judge_loan(bond: Bond | None, *, word: Told | Said | None, root: Message | None, version: int) -> Verdict:
    """A word about a loan leaves only to the desk of the one other town in it, and says nothing but the loan."""
    if bond is None:
        return Withhold(why="no such loan")
    if version != (bond.version if bond.leads else bond.sequence):
        return Withhold(why="superseded by a newer version")
    speech = _speech(bond, word=word)
    if speech is None:
        return Withhold(why="nothing that the other town has to know")
    talk = bond.conversation
    listing = talk.listing if talk is not None else bond.listing
    return Post(
        shareable=LoanWord(
            speech=speech,
            bond_id=bond.public_id,
            loan_id=word.loan if isinstance(word, Told) else None,
            to_actor=bond.actor,
            listing_id=listing.public_id if listing is not None and not listing.is_remote else None,
            listing_of_theirs=listing.origin_uri if listing is not None else None,
            offer_of_theirs=bond.offer_uri,
            amount=bond.amount,
            unit=bond.unit,
            language=listing.language if listing is not None else "",
            thread_of_theirs=talk.remote_thread if talk is not None else None,
            root_id=root.public_id if root is not None else None,
            lending=_lending(word) if bond.keeps and word is not None else None,
        )
    )


def _speech(bond: Bond, *, word: Told | Said | None) -> LoanSpeech | None:
    """How it is said; a town that keeps no loans learns only a yes, or that there is nothing left."""
    if isinstance(word, Said):
        return LoanSpeech.OFFER
    if word is not None and word.state == State.AGREED and bond.offer_uri is not None:
        return LoanSpeech.ACCEPT
    if bond.keeps:
        return LoanSpeech.UPDATE if word is not None else None
    return LoanSpeech.REJECT if bond.turned_away else None


def _lending(word: Told | Said) -> Lending:
    if isinstance(word, Said):
        longer = word.wish is Wish.LONGER
        return Lending(
            act=word.wish.value,
            sequence=word.sequence,
            terms=word.terms,
            pick_up=word.pickup_at,
            due=None if longer else word.day,
            place=word.place,
            longer_until=word.day if longer else None,
        )
    return Lending(
        state=word.state,
        version=word.version,
        heard=word.heard,
        asker=word.asker,
        terms=word.terms,
        pick_up=word.pickup_at,
        due=word.due_on,
        place=word.place,
        longer_until=word.wished_on,
    )


def _listing_uri(conversation: Conversation) -> str | None:
    return conversation.listing.origin_uri if conversation.listing is not None else None


def judge_referral(referral: Referral | None) -> Verdict:
    """A moderator's words leave only to whoever wrote what they are about, and only about that."""
    if referral is None:
        return Withhold(why="no such report")
    return Refer(
        shareable=Complaint(
            complaint_id=referral.public_id,
            to_actor=referral.actor_uri,
            object_uri=referral.object_uri,
            words=referral.words,
        )
    )
