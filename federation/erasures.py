"""Erasures said once more: after a restored backup knows as standing what was withdrawn since it was made.

A backup is older than the last withdrawal. Whoever keeps the ledger beside it (`kept`) has everything in it withdrawn
again (`reapply`) before anything is served.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation import addresses, identity, ledger, policy, publications
from federation.base import PeerRefused
from federation.models import Document, DocumentState

EVENT: Final = "Event"
TOGETHER: Final = 500
MOST_INBOXES: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """One withdrawal as it is kept outside of the stores: what, at which version, by whom, and who may have it."""

    notice: uuid.UUID
    author: str
    version: int
    withdrawn: datetime
    inboxes: tuple[str, ...]
    # News with a date stands at another address than news without.
    is_event: bool = False


def kept(session: Session) -> list[Erasure]:
    """Everything that was ever withdrawn, also what nobody got: it must not hang again either."""
    found: list[Erasure] = []
    before: int | None = None
    while more := ledger.withdrawn(session, before=before, limit=TOGETHER, everything=True):
        found += [_erasure(session, entry=one) for one in more]
        before = more[-1].key
    return found


def _erasure(session: Session, *, entry: ledger.Entry) -> Erasure:
    return Erasure(
        notice=entry.notice,
        author=entry.author,
        version=entry.version,
        withdrawn=entry.withdrawn_at or entry.published,
        inboxes=tuple(ledger.inboxes(session, uri=entry.uri)),
        is_event=entry.type == EVENT,
    )


def write(erasures: Iterable[Erasure]) -> list[dict[str, Any]]:
    """The ledger as plain values, for a file (JSON, moments as RFC 3339)."""
    return [
        {
            "notice": str(one.notice),
            "author": one.author,
            "version": one.version,
            "withdrawn": one.withdrawn.isoformat(),
            "inboxes": list(one.inboxes),
            "event": one.is_event,
        }
        for one in erasures
    ]


def read(rows: object) -> list[Erasure]:
    """What such a file holds. Raises PeerRefused("erasures_malformed") when it is not one; nothing is half read."""
    if not isinstance(rows, list):
        raise PeerRefused("erasures_malformed", field="file")
    try:
        return [_read(row) for row in rows]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise PeerRefused("erasures_malformed", field="file") from None


def _read(row: dict[str, Any]) -> Erasure:
    inboxes = [str(one) for one in row["inboxes"]]
    version, withdrawn = int(row["version"]), datetime.fromisoformat(row["withdrawn"])
    if withdrawn.tzinfo is None or len(inboxes) > MOST_INBOXES or not policy.fit(inboxes) or version < 1:
        raise ValueError(row["notice"])
    return Erasure(
        notice=uuid.UUID(row["notice"]),
        author=str(row["author"]),
        version=version,
        withdrawn=withdrawn,
        inboxes=tuple(inboxes),
        is_event=row.get("event") is True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reapplied:
    """How many were withdrawn now, and how many cannot be: their author is not known in this store any more."""

    again: int
    lost: int


def reapply(session: Session, *, erasures: Sequence[Erasure], origin: str, now: datetime) -> Reapplied:
    """Withdraw all of these, from everybody who may have them, and remember them as gone.

    What the restored store never knew is withdrawn as well: it left after the backup was made. Doing it again changes
    nothing.
    """
    again = lost = 0
    for one in erasures:
        known = session.scalar(select(Document).where(Document.subject_uuid == one.notice))
        if known is not None and known.state == DocumentState.GONE:
            continue
        if identity.find(session, one.author) is None:
            lost += 1
            continue
        _reapply(session, erasure=one, known=known, origin=origin, now=now)
        again += 1
    return Reapplied(again=again, lost=lost)


def _reapply(session: Session, *, erasure: Erasure, known: Document | None, origin: str, now: datetime) -> None:
    organisation = None if erasure.author == identity.DESK else erasure.author
    if known is None and erasure.inboxes:
        session.add(_lost(erasure, organisation=organisation, origin=origin))
        session.flush()
    publications.retract(
        session,
        notice_id=erasure.notice,
        version=max(erasure.version, known.version if known is not None else 0),
        organisation=organisation,
        # Whoever had it of a quarter is among those who may have it, and is told by its author.
        quarter=None,
        change=uuid.uuid4(),
        origin=origin,
        now=now,
        given=erasure.inboxes,
    )


def _address(erasure: Erasure, *, organisation: str | None, origin: str) -> str:
    if organisation is None:
        return addresses.listing(origin, erasure.notice)
    address = addresses.event if erasure.is_event else addresses.news
    return address(origin, organisation, erasure.notice)


def _lost(erasure: Erasure, *, organisation: str | None, origin: str) -> Document:
    """A place for what the backup does not know: it stands for one moment, without a word, and is withdrawn in it."""
    return Document(
        uri=_address(erasure, organisation=organisation, origin=origin),
        subject_uuid=erasure.notice,
        version=erasure.version,
        actor_username=erasure.author,
        type="Note" if organisation is None else EVENT if erasure.is_event else "Article",
        state=DocumentState.LIVE,
        body=b"",
        published=erasure.withdrawn,
        updated=None,
        listed=False,
    )
