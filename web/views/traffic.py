"""What crosses the boundary, as administrators read it: verdicts, parcels under way, letters."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask_babel import gettext, lazy_gettext
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from federation.models import Activity, Delivery, DeliveryState, Letter, LetterState
from instance import notices
from instance.audience import Audience
from instance.base import Refused
from instance.journal import Change, Outcome, Subject
from web.frame import reasons

SUBJECTS: Final = {
    Subject.NOTICE: lazy_gettext("Notice"),
    Subject.MESSAGE: lazy_gettext("Private letter"),
    Subject.ORGANISATION: lazy_gettext("Organisation"),
    Subject.QUARTER: lazy_gettext("Quarter"),
    Subject.LOAN: lazy_gettext("Loan across towns"),
}
OUTCOMES: Final = {
    Outcome.ANNOUNCE: lazy_gettext("Left"),
    Outcome.RETRACT: lazy_gettext("Called back"),
    Outcome.WITHHOLD: lazy_gettext("Stayed"),
    Outcome.POST: lazy_gettext("Sent to one person"),
    Outcome.PROFILE: lazy_gettext("Profile shown"),
}
DELIVERIES: Final = {
    DeliveryState.DUE: lazy_gettext("Waiting"),
    DeliveryState.LEASED: lazy_gettext("Being sent"),
    DeliveryState.SENT: lazy_gettext("Arrived"),
    DeliveryState.FAILED: lazy_gettext("Refused there"),
    DeliveryState.ABANDONED: lazy_gettext("Given up"),
    DeliveryState.SHELVED: lazy_gettext("Kept for the record"),
}
LETTERS: Final = {
    LetterState.WAITING: lazy_gettext("Waiting to be checked"),
    LetterState.VERIFIED: lazy_gettext("Genuine"),
    LetterState.REFUSED: lazy_gettext("Refused here"),
    LetterState.HANDLED: lazy_gettext("Done"),
}
OVER: Final = (DeliveryState.FAILED, DeliveryState.ABANDONED)
UNSENT: Final = (DeliveryState.DUE, DeliveryState.LEASED, *OVER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One change and its verdict. The words of a notice that stayed are not shown: they are not the administrators'."""

    public_id: uuid.UUID
    at: datetime
    decided: datetime | None
    subject: Subject
    outcome: Outcome | None
    outcome_word: str
    why: str
    title: str | None
    notice: uuid.UUID | None

    @property
    def subject_word(self) -> str:
        """What was changed, in words."""
        return str(SUBJECTS[self.subject])


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Something owed to another town. `delivery_id` is the number by which its button on the page calls it."""

    delivery_id: int
    activity: str
    inbox: str
    host: str
    type: str
    state: DeliveryState
    attempts: int
    why: str
    due: datetime | None
    since: datetime
    may_replay: bool

    @property
    def state_word(self) -> str:
        """How it stands, in words."""
        return str(DELIVERIES[self.state])

    @property
    def key(self) -> str:
        """What names it for good: an activity goes to an inbox once."""
        return f"{self.activity} {self.inbox}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A letter from elsewhere; what it says is not shown. `key` is the hash by which a second copy is known."""

    key: str
    activity: str
    actor: str
    host: str
    type: str
    state: LetterState
    at: datetime
    why: str

    @property
    def waiting(self) -> bool:
        """Whether it still has to be checked."""
        return self.state is LetterState.WAITING

    @property
    def state_word(self) -> str:
        """How it stands, in words."""
        return str(LETTERS[self.state])


# --- verdicts


def line(session: Session, *, change: Change) -> Line:
    """One line of the boundary's book."""
    verdict = change.verdict
    outcome = Outcome(verdict.outcome) if verdict is not None else None
    notice = None
    if outcome is Outcome.ANNOUNCE:
        notice = notices.by_public_id(session, public_id=change.subject_id)
    left = notice is not None and notice.is_live and notice.reach == Audience.NETWORK
    return Line(
        public_id=change.public_id,
        at=change.created_at,
        decided=verdict.decided_at if verdict is not None else None,
        subject=Subject(change.subject),
        outcome=outcome,
        outcome_word=str(OUTCOMES[outcome]) if outcome else gettext("Not decided yet"),
        why=reasons.sentence(verdict.why if verdict else ""),
        title=notice.title if notice is not None and left else None,
        notice=notice.public_id if notice is not None and left else None,
    )


# --- parcels


def parcels(
    session: Session,
    *,
    states: Collection[DeliveryState] = UNSENT,
    host: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Sequence[Parcel]:
    """What is owed, newest first, the stretch that follows the parcel called `after`. Raises Refused("not_found")."""
    wanted = _owed().where(Delivery.state.in_(states))
    if host is not None:
        wanted = wanted.where(Delivery.host == host)
    if after is not None:
        wanted = wanted.where(Delivery.id < _delivery_id(session, key=after))
    rows = session.execute(wanted.order_by(Delivery.id.desc()).limit(limit))
    return [_parcel(row, activity=activity) for row, activity in rows]


def _owed() -> Select[Delivery, Activity]:
    return select(Delivery, Activity).join(Activity, Activity.id == Delivery.activity_id)


def _delivery_id(session: Session, *, key: str) -> int:
    activity, _, inbox = key.partition(" ")
    wanted = (
        select(Delivery.id)
        .join(Activity, Activity.id == Delivery.activity_id)
        .where(Activity.uri == activity, Delivery.inbox == inbox)
    )
    found = session.scalar(wanted)
    if found is None:
        raise Refused("not_found", field="after")
    return found


def _parcel(row: Delivery, *, activity: Activity) -> Parcel:
    state = DeliveryState(row.state)
    return Parcel(
        delivery_id=row.id,
        activity=activity.uri,
        inbox=row.inbox,
        host=row.host,
        type=activity.type,
        state=state,
        attempts=row.attempts,
        why=reasons.sentence(row.last_error or (f"answered {row.last_status}" if row.last_status else "")),
        due=row.due_at if state is DeliveryState.DUE or state is DeliveryState.LEASED else None,
        since=row.created_at,
        may_replay=state in OVER and not activity.blanked,
    )


# --- letters


def arrivals(
    session: Session,
    *,
    states: Collection[LetterState] = (LetterState.REFUSED, LetterState.WAITING),
    host: str | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Sequence[Arrival]:
    """What came in, newest first, the stretch that follows the letter called `after`. Raises Refused("not_found")."""
    wanted = select(Letter).where(Letter.state.in_(states))
    if host is not None:
        wanted = wanted.where(Letter.host == host)
    if after is not None:
        wanted = wanted.where(Letter.id < _letter(session, key=after, field="after").id)
    return [_arrival(row) for row in session.scalars(wanted.order_by(Letter.id.desc()).limit(limit))]


def arrival(session: Session, *, key: str) -> Arrival:
    """One letter. Raises Refused("not_found")."""
    return _arrival(_letter(session, key=key, field="letter"))


def _letter(session: Session, *, key: str, field: str) -> Letter:
    found = session.scalar(select(Letter).where(Letter.dedupe_key == key))
    if found is None:
        raise Refused("not_found", field=field)
    return found


def _arrival(row: Letter) -> Arrival:
    return Arrival(
        key=row.dedupe_key,
        activity=row.activity_uri,
        actor=row.actor_uri,
        host=row.host,
        type=row.type,
        state=LetterState(row.state),
        at=row.received_at,
        why=reasons.sentence(row.sentence),
    )
