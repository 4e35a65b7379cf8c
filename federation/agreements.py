"""Words about a loan as FEP-0837 has them: an offered Agreement, its Accept or Reject, its Update by who leads."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import assert_never

from activitypub.details import Commitment, Measure
from activitypub.vocabulary import Accept, Agreement, Offer, Reject, Update
from federation import addresses, identity
from federation.shareables import LoanSpeech, LoanWord

# In the language of the listing, whoever runs the worker.
GONE: Mapping[str, str] = {
    "fr": "Ce n’est plus disponible.",
    "en": "This is no longer available.",
}

Speech = Offer | Accept | Reject | Update


def write(item: LoanWord, *, origin: str, change: uuid.UUID) -> Speech:
    """The activity that says it, to one desk and nobody else."""
    desk, to = identity.uri(origin, identity.DESK), (item.to_actor,)
    offered = item.offer_of_theirs or ""
    match item.speech:
        case LoanSpeech.OFFER:
            number = item.lending.sequence if item.lending else 0
            uri = addresses.offer(origin, item.bond_id, number)
            return Offer(id=uri, actor=desk, to=to, object=_agreement(item, origin=origin))
        case LoanSpeech.ACCEPT:
            answer = f"{desk}/answers/{change}"
            return Accept(id=answer, actor=desk, to=to, object=offered, result=_agreement(item, origin=origin))
        case LoanSpeech.REJECT:
            content = GONE.get(item.language, GONE["fr"])
            return Reject(id=f"{desk}/answers/{change}", actor=desk, to=to, object=offered, content=content)
        case LoanSpeech.UPDATE:
            word = _agreement(item, origin=origin)
            number = item.lending.version if item.lending else 0
            return Update(id=f"{word.id}/updates/{number}", actor=desk, to=to, object=word)
        case _:
            assert_never(item.speech)


def thread(item: LoanWord, *, origin: str) -> str:
    """The thread it belongs to: words of one thread keep their order."""
    ours = addresses.thread(origin, item.root_id) if item.root_id else None
    return item.thread_of_theirs or ours or item.offer_of_theirs or item.to_actor


def _agreement(item: LoanWord, *, origin: str) -> Agreement:
    is_made = item.speech is not LoanSpeech.OFFER and item.loan_id is not None
    uri = addresses.agreement(origin, item.loan_id) if is_made and item.loan_id else None
    ours = addresses.listing(origin, item.listing_id) if item.listing_id else None
    lending = item.lending
    return Agreement(
        id=uri,
        attributed_to=identity.uri(origin, identity.DESK),
        stipulates=Commitment(
            id=f"{uri}#primary" if uri else None,
            satisfies=addresses.intent(item.listing_of_theirs or ours or ""),
            quantity=Measure(unit=item.unit or "one", value=item.amount or "1"),
            begins=lending.pick_up if lending else None,
            ends=datetime.combine(lending.due, time(), UTC) if lending and lending.due else None,
        ),
        context=thread(item, origin=origin),
        lending=lending,
    )
