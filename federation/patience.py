"""What has waited too long: letters that nobody takes are given up, and what was given up is kept for a while."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from federation import delivery, policy
from federation.models import Activity, Delivery, DeliveryState

KEPT: Final = timedelta(days=90)  # shown to the administrator, and replayable
TOGETHER: Final = 500
GIVEN_UP: Final = "nobody took it in time"
PURGED: Final = "somebody here gave it up"


def give_up(session: Session, *, now: datetime) -> int:
    """Abandon what is older than we try it; its host may be too dead to be asked for each. Returns how many."""
    old = (
        select(Delivery)
        .join(Activity, Activity.id == Delivery.activity_id)
        .where(
            Delivery.state == DeliveryState.DUE,
            or_(
                and_(Activity.type != policy.WITHDRAWAL, Delivery.created_at < now - policy.patience("")),
                Delivery.created_at < now - policy.patience(policy.WITHDRAWAL),
            ),
        )
        .order_by(Delivery.id)
        .limit(TOGETHER)
    )
    found = session.scalars(old).all()
    delivery.abandon(session, deliveries=found, why=GIVEN_UP)
    return len(found)


def forget(session: Session, *, now: datetime) -> int:
    """Forget what failed or was given up and nobody replayed in ninety days. Returns how many."""
    # A Delete may be given up on its ninetieth day: what counts is when it was last due.
    return _drop(session, Delivery.due_at < now - KEPT)


def purge(session: Session, *, host: str) -> int:
    """Have nothing wait for a host any more, and forget what failed there. Returns how many.

    Withdrawals are not given up by this: whoever was given something has to learn that it is gone.
    """
    waiting = (
        select(Delivery)
        .join(Activity, Activity.id == Delivery.activity_id)
        .where(Delivery.host == host, Delivery.state == DeliveryState.DUE, Activity.type != policy.WITHDRAWAL)
    )
    delivery.abandon(session, deliveries=session.scalars(waiting).all(), why=PURGED)
    dropped = 0
    while more := _drop(session, Delivery.host == host, Activity.type != policy.WITHDRAWAL):
        dropped += more
    return dropped


def _drop(session: Session, *which: ColumnElement[bool]) -> int:
    over = Delivery.state.in_((DeliveryState.FAILED, DeliveryState.ABANDONED))
    old = (
        select(Delivery, Activity.type)
        .join(Activity, Activity.id == Delivery.activity_id)
        .where(over, *which)
        .order_by(Delivery.id)
        .limit(TOGETHER)
    )
    found = session.execute(old).all()
    # Nobody can replay it any more: a desk letter loses its words with the last of its rows.
    delivery.abandon(session, deliveries=[row for row, _ in found], why=None)
    for row, kind in found:
        if kind == policy.WITHDRAWAL:
            # It has no words, and whoever asks must be told to whom it never came: see `ledger`.
            row.state = DeliveryState.SHELVED
        else:
            session.delete(row)
    session.flush()
    return len(found)
