"""What a day brought on this side: where each change went, what was refused on the way in, what did not arrive."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from federation import delivery
from federation.models import Activity, Delivery, DeliveryState, Letter, LetterState

TOGETHER: Final = 500
_OVER: Final = (DeliveryState.FAILED, DeliveryState.ABANDONED, DeliveryState.SHELVED)
_MEANT: Final = (delivery.RECALLED, delivery.TAKEN_BACK)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Letters of one kind from one host that were not let in for one reason."""

    host: str
    type: str
    why: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Parcels of one kind to one host that did not arrive for one reason."""

    host: str
    type: str
    why: str
    count: int


def hosts(session: Session, *, changes: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
    """Which hosts each of these changes was sent to, or is still to be sent to, by name; none for what went nowhere."""
    found: dict[uuid.UUID, set[str]] = {}
    wanted = list(changes)
    for begin in range(0, len(wanted), TOGETHER):
        part = wanted[begin : begin + TOGETHER]
        rows = (
            select(Activity.change_uuid, Delivery.host)
            .join(Delivery, Delivery.activity_id == Activity.id)
            .where(Activity.change_uuid.in_(part))
            .distinct()
        )
        for change, host in session.execute(rows):
            if change is not None:
                found.setdefault(change, set()).add(host)
    return {change: sorted(names) for change, names in found.items()}


def refused(session: Session, *, begins: datetime, ends: datetime) -> list[Refused]:
    """What came in between two moments and was refused, most often first."""
    count = func.count()
    wanted = (
        select(Letter.host, Letter.type, Letter.sentence, count)
        .where(Letter.state == LetterState.REFUSED, Letter.received_at >= begins, Letter.received_at < ends)
        .group_by(Letter.host, Letter.type, Letter.sentence)
        .order_by(count.desc(), Letter.host, Letter.type, Letter.sentence)
    )
    return [Refused(host=row[0], type=row[1], why=row[2], count=row[3]) for row in session.execute(wanted)]


def failed(session: Session, *, begins: datetime, ends: datetime) -> list[Failed]:
    """What was last tried between two moments and will not be tried again by itself, most often first."""
    why = func.coalesce(Delivery.last_error, "")
    count = func.count()
    wanted = (
        select(Delivery.host, Activity.type, why, Delivery.last_status, count)
        .join(Activity, Activity.id == Delivery.activity_id)
        .where(Delivery.state.in_(_OVER), Delivery.due_at >= begins, Delivery.due_at < ends, why.not_in(_MEANT))
        .group_by(Delivery.host, Activity.type, why, Delivery.last_status)
        .order_by(count.desc(), Delivery.host, Activity.type, why)
    )
    return [
        Failed(host=row[0], type=row[1], why=row[2] or (f"answered {row[3]}" if row[3] else ""), count=row[4])
        for row in session.execute(wanted)
    ]
