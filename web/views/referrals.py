"""Reports that were passed on to other towns, as moderators read them: the words, and whether they arrived."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.models import Activity, Delivery, DeliveryState
from instance import referrals
from instance.journal import Change, Outcome
from instance.referrals import Referral
from instance.reports import Report
from instance.residents import Resident
from web.frame import reasons
from web.views import traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a town was told about one report, and how that stands."""

    public_id: uuid.UUID
    report: uuid.UUID
    town: str
    words: str
    at: datetime
    state: str
    word: str
    why: str


def of_report(home: Session, *, outside: Session, entry: Report) -> Told | None:
    """How a report was passed on, if it was."""
    found = referrals.of_report(home, entry=entry)
    return _told(home, outside, referral=found) if found is not None else None


def latest(home: Session, *, outside: Session, by: Resident | None, limit: int = 50) -> Sequence[Told]:
    """What was passed on, newest first."""
    return [_told(home, outside, referral=one) for one in referrals.latest(home, by=by, limit=limit)]


def _told(home: Session, outside: Session, *, referral: Referral) -> Told:
    state, word, why = _standing(home, outside, referral=referral)
    return Told(
        public_id=referral.public_id,
        report=referral.report.public_id,
        town=referral.host,
        words=referral.words,
        at=referral.created_at,
        state=state,
        word=word,
        why=reasons.sentence(why),
    )


def _standing(home: Session, outside: Session, *, referral: Referral) -> tuple[str, str, str]:
    """The boundary's verdict as long as nothing left, then what became of the parcel."""
    change = home.scalar(select(Change).where(Change.subject_id == referral.public_id))
    verdict = change.verdict if change is not None else None
    if change is None or verdict is None:
        return DeliveryState.DUE, str(traffic.DELIVERIES[DeliveryState.DUE]), ""
    sent = select(Delivery).join(Activity, Activity.id == Delivery.activity_id)
    parcel = outside.scalar(sent.where(Activity.change_uuid == change.public_id))
    if parcel is None:
        outcome = Outcome(verdict.outcome)
        return outcome, str(traffic.OUTCOMES[outcome]), verdict.why
    state = DeliveryState(parcel.state)
    answered = f"answered {parcel.last_status}" if parcel.last_status and state is not DeliveryState.SENT else ""
    return state, str(traffic.DELIVERIES[state]), parcel.last_error or answered
