"""Loans across towns through the hatch: what somebody elsewhere offers or wishes, and how a loan they lead stands."""

from datetime import date

from sqlalchemy.orm import Session

from activitypub.details import Lending
from activitypub.vocabulary import Accept, Agreement, Offer, Update
from federation import addresses, identity, policy
from federation.hatch import shown
from federation.hatch.incoming import Incoming
from instance import bonds, correspondence, far_loans, notices
from instance.base import Refused
from instance.bonds import Said, Told, Wish
from instance.far_loans import Offered
from instance.lending import Side
from instance.listings import Listing

LONGEST_MEASURE = 40
UNKNOWN = "a word about a loan that we do not speak"


def take_offer(session: Session, incoming: Incoming) -> str:
    """An Agreement is offered: a proposal in its conversation, or the next wish of a borrower elsewhere."""
    offer = incoming.activity
    assert isinstance(offer, Offer)
    agreement = offer.object
    assert isinstance(agreement, Agreement)
    if not _is_for_desk(incoming):
        return "an offer to nobody here"
    _check_days(agreement)
    said = _said(agreement.lending)
    if agreement.lending is not None and said is None:
        return UNKNOWN
    if said is not None:
        bonds.know(session, actor=incoming.author_uri, keeps=True)
    listing_id = addresses.read_intent(agreement.stipulates.satisfies, origin=incoming.origin)
    listing = notices.by_public_id(session, public_id=listing_id) if listing_id else None
    quantity, begins, ends = (agreement.stipulates.quantity, agreement.stipulates.begins, agreement.stipulates.ends)
    offered = Offered(
        letter=_letter(incoming, agreement),
        said=said,
        amount=policy.visible(quantity.value)[:LONGEST_MEASURE] if quantity else None,
        unit=policy.visible(quantity.unit)[:LONGEST_MEASURE] if quantity else None,
        begins=begins,
        ends=ends,
    )
    listing = listing if isinstance(listing, Listing) else None
    counted = far_loans.hear(session, offered=offered, listing=listing, now=incoming.received_at)
    return "taken to its conversation" if counted else "nothing comes of it as things stand"


def take_word(session: Session, incoming: Incoming) -> str:
    """The town that leads a loan says how it stands, by itself (Update) or in answer to an offer of ours (Accept)."""
    activity = incoming.activity
    agreement = _agreement(activity)
    if agreement is None or agreement.attributed_to != activity.actor or not _is_for_desk(incoming):
        return "an agreement with nobody here"
    told = _told(agreement, incoming)
    if told is None:
        return UNKNOWN
    _check_days(agreement)
    bonds.know(session, actor=incoming.author_uri, keeps=True)
    letter = _letter(incoming, agreement)
    is_news = far_loans.take_over(session, told=told, letter=letter, now=incoming.received_at)
    return "the loan stands as they say" if is_news else "an older word than the last one"


def _agreement(activity: object) -> Agreement | None:
    found = activity.result if isinstance(activity, Accept) else None
    if isinstance(activity, Update):
        found = activity.object
    return found if isinstance(found, Agreement) else None


def _is_for_desk(incoming: Incoming) -> bool:
    activity = incoming.activity
    return identity.uri(incoming.origin, identity.DESK) in {*activity.to, *activity.cc}


def _check_days(agreement: Agreement) -> None:
    """Raise Refused("odd_day") for a day that nobody can mean: no page could show it."""
    stipulates, lending = agreement.stipulates, agreement.lending
    days: list[date | None] = [stipulates.begins, stipulates.ends]
    if lending is not None:
        days += [lending.pick_up, lending.due, lending.longer_until]
    if not all(shown.is_near(day) for day in days if day is not None):
        raise Refused("odd_day")


def _letter(incoming: Incoming, agreement: Agreement) -> correspondence.Letter:
    return correspondence.Letter(
        uri=incoming.activity.id,
        sender=incoming.author_uri,
        sender_name=incoming.author_name,
        host=incoming.host,
        html="",
        thread=agreement.context,
        our_thread=addresses.read_thread(agreement.context, origin=incoming.origin),
    )


def _said(lending: Lending | None) -> Said | None:
    if lending is None or lending.act is None or lending.act not in set(Wish):
        return None
    return Said(
        wish=Wish(lending.act),
        sequence=lending.sequence,
        terms=lending.terms,
        pickup_at=lending.pick_up,
        day=lending.longer_until if lending.act == Wish.LONGER else lending.due,
        place=policy.visible(lending.place) if lending.place else None,
    )


def _told(agreement: Agreement, incoming: Incoming) -> Told | None:
    """How it stands; None when it is said in words that we do not know."""
    there = incoming.author_uri.removesuffix(f"/users/{identity.DESK}")
    loan, lending = addresses.read_agreement(agreement.id, origin=there), agreement.lending
    if loan is None or lending is None:
        return None
    if lending.state not in far_loans.TOLD or lending.asker not in set(Side):
        return None
    return Told(
        loan=loan,
        version=lending.version,
        heard=lending.heard,
        state=lending.state,
        asker=lending.asker,
        terms=lending.terms,
        pickup_at=lending.pick_up,
        due_on=lending.due,
        place=policy.visible(lending.place) if lending.place else None,
        wished_on=lending.longer_until,
    )
