"""What has waited too long: letters that nobody takes are given up, and what was given up is kept for a while."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from federation import delivery, policy
from federation.models import Activity, Delivery, DeliveryState

KEPT: Final = timedelta(days=90)  # shown to the administrator, and replayable
TOGETHER: Final = 500
GIVEN_UP: Final = "nobody took it in time"


def give_up(session: Session, *, now: datetime) -> int:
    """Abandon what is older than we try it; its host may be too dead to be asked for each. Returns how many."""
    old = (
        select(Delivery)
        .join(Activity, Activity.id == Delivery.activity_id)
        .where(
            Delivery.state == DeliveryState.DUE,
            or_(
                and_(Activity.type != "Delete", Delivery.created_at < now - policy.patience("")),
                Delivery.created_at < now - policy.patience("Delete"),
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
    over = Delivery.state.in_((DeliveryState.FAILED, DeliveryState.ABANDONED))
    # A Delete may be given up on its ninetieth day: what counts is when it was last due.
    old = select(Delivery).where(over, Delivery.due_at < now - KEPT).order_by(Delivery.id).limit(TOGETHER)
    found = session.scalars(old).all()
    # Nobody can replay it any more: a desk letter loses its words with the last of its rows.
    delivery.abandon(session, deliveries=found, why=GIVEN_UP)
    for one in found:
        session.delete(one)
    session.flush()
    return len(found)
