"""What is owed to a host since its block was lifted: it may still show what was withdrawn in the meantime."""

from datetime import datetime
from typing import Final

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session

from federation import blocks, delivery, policy
from federation.models import Activity, Delivery, DeliveryState, Document, DocumentState, Exposure

_GIVEN_UP: Final = (DeliveryState.ABANDONED, DeliveryState.SHELVED)


def owe(session: Session, *, host: str, now: datetime) -> int:
    """Ask those whom the block of `host` covered to forget what was withdrawn meanwhile; returns how many times.

    Whoever is blocked otherwise still is not asked.
    """
    found = [(uri, inbox) for uri, inbox in session.execute(_unasked()) if _is_under(inbox, host=host)]
    blocked = blocks.among(session, hosts={policy.authority(inbox) for _, inbox in found})
    asked = [(uri, inbox) for uri, inbox in found if policy.authority(inbox) not in blocked]
    for uri, inbox in asked:
        _ask(session, uri=uri, inbox=inbox, now=now)
    session.flush()
    return len(asked)


def _is_under(inbox: str, *, host: str) -> bool:
    return host in blocks.with_parents(policy.authority(inbox))


def _unasked() -> Select[str, str]:
    """What is gone and where it may still be: no withdrawal was written for there, or a block stopped it."""
    stands = or_(
        Delivery.state.not_in(_GIVEN_UP), Delivery.last_error.is_(None), Delivery.last_error != delivery.BLOCKED
    )
    asked = exists().where(
        Delivery.object_uri == Exposure.object_uri,
        Delivery.inbox == Exposure.inbox,
        Delivery.activity_id == Activity.id,
        Activity.type == policy.WITHDRAWAL,
        stands,
    )
    gone = select(Exposure.object_uri, Exposure.inbox).join(Document, Document.uri == Exposure.object_uri)
    return gone.where(Document.state == DocumentState.GONE, ~asked).order_by(Exposure.id)


def _ask(session: Session, *, uri: str, inbox: str, now: datetime) -> None:
    written = select(Activity).where(Activity.document_uri == uri, Activity.type == policy.WITHDRAWAL)
    activity = session.scalars(written.order_by(Activity.id.desc()).limit(1)).one()
    stopped = session.scalar(select(Delivery).where(Delivery.activity_id == activity.id, Delivery.inbox == inbox))
    if stopped is None:
        delivery.post(session, activity=activity, inboxes=[inbox], object_uri=uri, now=now)
    else:
        delivery.begin_anew(stopped, now=now)
