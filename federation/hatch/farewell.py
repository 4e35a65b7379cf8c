"""Stopping somebody's letters to other towns at the hatch: what has not crossed never does, what waits is forgotten."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import delivery
from federation.models import Activity, Crossing, Delivery, DeliveryState
from instance.journal import Outcome

TOGETHER: Final = 200
# What failed is stopped as well: its words wait for somebody who might replay it.
_STOPPED: Final = (DeliveryState.DUE, DeliveryState.LEASED, DeliveryState.FAILED)


def stop(session: Session, *, changes: Sequence[uuid.UUID], now: datetime) -> int:
    """Let the letters of these changes not leave any more; returns how many had not arrived. Twice changes nothing.

    The verdict is written here and not at home, because the worker asks here first: one that has a letter in hand at
    this moment finds the verdict, or fails on it and finds it at its next look.
    """
    parts = (changes[begin : begin + TOGETHER] for begin in range(0, len(changes), TOGETHER))
    return sum(_stop(session, wanted=set(part), now=now) for part in parts)


def _stop(session: Session, *, wanted: set[uuid.UUID], now: datetime) -> int:
    crossed = set(session.scalars(select(Crossing.change_uuid).where(Crossing.change_uuid.in_(wanted))))
    for one in sorted(wanted - crossed):
        session.add(Crossing(change_uuid=one, outcome=Outcome.WITHHOLD.value, why=delivery.TAKEN_BACK, at=now))
    waiting = (
        select(Delivery)
        .join(Activity, Activity.id == Delivery.activity_id)
        .where(Activity.change_uuid.in_(crossed), Delivery.state.in_(_STOPPED))
    )
    found = session.scalars(waiting).all()
    delivery.abandon(session, deliveries=found, why=delivery.TAKEN_BACK)
    session.flush()
    return len(wanted - crossed) + len(found)
