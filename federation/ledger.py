"""The erasure ledger: to whom an object of ours was given, and who confirmed that it is gone.

Nothing is written down a second time: it is read from the rows that deliveries leave anyway, so it cannot differ from
what was sent. An inbox is one line below; a host with several has confirmed once all of them have.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from sqlalchemy import CursorResult, delete, exists, select
from sqlalchemy.orm import Session

from federation import policy
from federation.models import Activity, Delivery, DeliveryState, Document, DocumentState, Exposure

# How long it can be asked whether a text was taken back: what is claimed in a civil court lapses after five years
# (French Civil Code, art. 2224); to show that others were told is asked for by GDPR art. 5(2) and 19.
KEPT: Final = timedelta(days=5 * 365)
TOGETHER: Final = 200
_UNDER_WAY: Final = (DeliveryState.DUE, DeliveryState.LEASED)


class Standing(StrEnum):
    """How one host stands to one object, the worst first: of several inboxes the worst counts."""

    NOT_ASKED = "not_asked"  # nothing is sent to a host that is blocked
    REFUSED = "refused"  # it answered, and did not take our word
    GIVEN_UP = "given_up"
    ASKED = "asked"
    WAITING = "waiting"  # it is to get the object, and has not got it yet
    HELD = "held"  # it has the object, as it may
    CONFIRMED = "confirmed"


_ORDER: Final = {one: place for place, one in enumerate(Standing)}
OPEN: Final = frozenset({Standing.NOT_ASKED, Standing.REFUSED, Standing.GIVEN_UP, Standing.ASKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """One host that may have an object.

    `given_at` is when it first took it, None when it was tried and nobody knows whether it arrived. After a withdrawal
    `asked_at` is when the `Delete` was written, `ended_at` when it was confirmed, refused or last tried, and `until`
    how long it is tried; `tries` counts, and `why` is what was noted.
    """

    host: str
    standing: Standing
    given_at: datetime | None
    asked_at: datetime | None = None
    ended_at: datetime | None = None
    until: datetime | None = None
    tries: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One object of ours and all who may have it. `key` goes on in a list; `withdrawn_at` is None while it stands."""

    key: int
    notice: UUID
    uri: str
    type: str
    author: str
    version: int
    published: datetime
    withdrawn_at: datetime | None
    receivers: tuple[Receiver, ...]

    def count(self, *standings: Standing) -> int:
        """How many hosts stand so."""
        return sum(one.standing in standings for one in self.receivers)

    @property
    def is_settled(self) -> bool:
        """Whether everybody who may have it confirmed that it is gone."""
        return self.withdrawn_at is not None and all(one.standing is Standing.CONFIRMED for one in self.receivers)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """One delivery, as far as the ledger cares."""

    type: str
    change: UUID | None
    written: datetime
    row: Delivery


def find(session: Session, *, notice: UUID) -> Entry | None:
    """The entry of one notice; None when nothing of it was ever known outside."""
    row = session.scalar(select(Document).where(Document.subject_uuid == notice))
    return None if row is None else _entries(session, [row])[0]


def of_notices(session: Session, *, notices: Iterable[UUID]) -> Mapping[UUID, Entry]:
    """The entries of several notices, by their ids; who has none never left."""
    wanted = select(Document).where(Document.subject_uuid.in_(list(notices)))
    return {one.notice: one for one in _entries(session, session.scalars(wanted).all())}


def withdrawn(
    session: Session, *, before: int | None = None, limit: int = 50, everything: bool = False
) -> Sequence[Entry]:
    """What was taken back from others, newest object first, the stretch that follows the entry of key `before`.

    With `everything` also what nobody ever got: a restored backup may know it as standing.
    """
    wanted = select(Document).where(Document.state == DocumentState.GONE, Document.subject_uuid.is_not(None))
    if not everything:
        wanted = wanted.where(exists().where(Exposure.object_uri == Document.uri))
    if before is not None:
        wanted = wanted.where(Document.id < before)
    return _entries(session, session.scalars(wanted.order_by(Document.id.desc()).limit(limit)).all())


def forget(session: Session, *, now: datetime) -> int:
    """Forget who had what was withdrawn five years ago; its address answers 410 for ever. Returns how many rows."""
    old = (
        select(Document.uri)
        .where(
            Document.state == DocumentState.GONE,
            Document.updated < now - KEPT,
            exists().where(Exposure.object_uri == Document.uri),
        )
        .limit(TOGETHER)
    )
    uris = session.scalars(old).all()
    gone = 0
    for statement in (
        delete(Delivery).where(Delivery.object_uri.in_(uris)),
        delete(Activity).where(Activity.document_uri.in_(uris)),
        delete(Exposure).where(Exposure.object_uri.in_(uris)),
    ):
        done = session.execute(statement.execution_options(synchronize_session=False))
        gone += done.rowcount if isinstance(done, CursorResult) else 0
    return gone


def inboxes(session: Session, *, uri: str) -> list[str]:
    """Every inbox that may have an object, in a fixed order."""
    return sorted(session.scalars(select(Exposure.inbox).where(Exposure.object_uri == uri)))


def _entries(session: Session, documents: Sequence[Document]) -> list[Entry]:
    uris = [one.uri for one in documents]
    exposed: dict[str, list[str]] = {uri: [] for uri in uris}
    shown = select(Exposure.object_uri, Exposure.inbox).where(Exposure.object_uri.in_(uris))
    for uri, inbox in session.execute(shown):
        exposed[uri].append(inbox)
    sent: dict[tuple[str, str], list[_Sent]] = {}
    wanted = select(Delivery, Activity.type, Activity.change_uuid, Activity.created_at).join(
        Activity, Activity.id == Delivery.activity_id
    )
    # The newest withdrawal is the one that counts, so in the order in which they were owed.
    wanted = wanted.where(Delivery.object_uri.in_(uris)).order_by(Delivery.id)
    for row, kind, change, written in session.execute(wanted):
        one = _Sent(type=kind, change=change, written=written, row=row)
        sent.setdefault((row.object_uri, row.inbox), []).append(one)
    return [_entry(one, exposed=exposed[one.uri], sent=sent) for one in documents]


def _entry(document: Document, *, exposed: Sequence[str], sent: Mapping[tuple[str, str], list[_Sent]]) -> Entry:
    assert document.subject_uuid is not None
    gone = document.state == DocumentState.GONE
    by_host: dict[str, list[Receiver]] = {}
    for inbox in exposed:
        read = _withdrawn if gone else _standing
        line = read(policy.authority(inbox), sent.get((document.uri, inbox), ()))
        by_host.setdefault(line.host, []).append(line)
    return Entry(
        key=document.id,
        notice=document.subject_uuid,
        uri=document.uri,
        type=document.type,
        author=document.actor_username,
        version=document.version,
        published=document.published,
        withdrawn_at=document.updated if gone else None,
        receivers=tuple(_worst(lines) for _, lines in sorted(by_host.items())),
    )


def _worst(lines: Sequence[Receiver]) -> Receiver:
    """The line of a host: the worst of its inboxes, and of equal ones the latest."""
    return min(lines, key=lambda one: (_ORDER[one.standing], -one.ended_at.timestamp() if one.ended_at else 0.0))


def _taken(sent: Iterable[_Sent]) -> datetime | None:
    return min((one.row.sent_at for one in sent if one.row.sent_at is not None), default=None)


def _standing(host: str, sent: Sequence[_Sent]) -> Receiver:
    given = _taken(sent)
    standing = Standing.WAITING if given is None else Standing.HELD
    return Receiver(host=host, standing=standing, given_at=given)


def _withdrawn(host: str, sent: Sequence[_Sent]) -> Receiver:
    asked = next((one for one in reversed(sent) if one.type == policy.WITHDRAWAL), None)
    # A quarter passes a withdrawal on as it passed the object on: what goes with it gave nobody anything.
    given = _taken(one for one in sent if asked is None or one.change != asked.change)
    if asked is None:
        return Receiver(host=host, standing=Standing.NOT_ASKED, given_at=given)
    row = asked.row
    return Receiver(
        host=host,
        standing=_asked(row),
        given_at=given,
        asked_at=asked.written,
        ended_at=None if row.state in _UNDER_WAY else row.sent_at or row.due_at,
        # Whoever replays it begins anew, so this counts from the delivery and not from the withdrawal.
        until=row.created_at + policy.patience(policy.WITHDRAWAL) if row.state in _UNDER_WAY else None,
        tries=row.attempts,
        why=row.last_error or (f"answered {row.last_status}" if row.last_status and row.sent_at is None else ""),
    )


def _asked(row: Delivery) -> Standing:
    match DeliveryState(row.state):
        case DeliveryState.DUE | DeliveryState.LEASED:
            return Standing.ASKED
        case DeliveryState.SENT:
            return Standing.CONFIRMED
        case DeliveryState.FAILED:
            return Standing.REFUSED
        case DeliveryState.ABANDONED | DeliveryState.SHELVED:
            return Standing.GIVEN_UP
