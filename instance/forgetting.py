"""What has had its time goes: each period of the register as a rule, run by the home worker's clock.

A rule says which period it keeps, how long that is and from when it is measured. The quick ones are statements that
delete all that is due. Conversations, notices and the book go in batches, whole, children first; what somebody still
needs holds them back: a loan, a booking, an open report, a change that the boundary has not judged.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    CursorResult,
    Delete,
    SQLColumnExpression,
    Table,
    delete,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from instance import (
    bookings,
    clippings,
    documents,
    lookouts,
    mailboxes,
    meetings,
    moving,
    photos,
    recommendations,
    relays,
    rings,
    spent,
    waiting,
)
from instance.arrivals import Arrival
from instance.assurance import Proof
from instance.base import EPOCH, Home
from instance.bonds import Bond
from instance.bookings import Booking
from instance.clippings import Clipping
from instance.comments import Comment
from instance.conversations import Conversation, Message
from instance.halls import PAIRING_KEPT, Pairing
from instance.introductions import Introduction
from instance.journal import Change, Verdict
from instance.listings import Listing
from instance.loans import Loan
from instance.logins import Login
from instance.lookouts import LookoutFind
from instance.meetings import Meeting
from instance.news import NewsItem
from instance.notices import Notice, State
from instance.openings import Opening
from instance.photos import Photo
from instance.quiet import Aside
from instance.referrals import Referral
from instance.relays import RelayedNotice
from instance.reports import Report
from instance.retention import Kept
from instance.rings import Widening
from instance.waiting import Waiter

NOTHING: Final = timedelta(0)
NOTICE_KEPT: Final = photos.HIDDEN_KEPT
TALK_KEPT: Final = timedelta(days=365)
BOOK_KEPT: Final = timedelta(days=730)
# As long as the other side says who had a notice: its author asks there by the row that is left here.
ADDRESS_KEPT: Final = timedelta(days=5 * 365)
BATCH: Final = 200

Forget = Callable[[Session, datetime, int], int]
Statements = Callable[[datetime], tuple[Delete, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One period that is kept: of which tables, how long, and from when it is measured.

    `forget` takes the session, the moment and how many rows at most (of batches); it returns how many went.
    """

    kept: Kept
    after: timedelta
    since: str
    tables: frozenset[str]
    forget: Forget


# --- in batches


def _columns(*named: tuple[type[Home], str]) -> tuple[Column[Any], ...]:
    return tuple(Home.metadata.tables[model.__tablename__].c[name] for model, name in named)


# By which column each row belongs to what goes, children before what they belong to.
TALK: Final = _columns(
    (Aside, "conversation_id"), (Bond, "conversation_id"), (Message, "conversation_id"), (Conversation, "id")
)
AROUND: Final = _columns(
    (Arrival, "notice_id"),
    (LookoutFind, "notice_id"),
    (RelayedNotice, "notice_id"),
    (Clipping, "notice_id"),
    (Comment, "notice_id"),
    (Widening, "listing_id"),
    (Photo, "listing_id"),
    (Opening, "listing_id"),
    (Waiter, "listing_id"),
)
SLIP: Final = _columns((Listing, "id"), (NewsItem, "id"), (Notice, "id"))
# What holds them back, each by its own period.
TALK_HOLDS: Final = _columns((Loan, "conversation_id"), (Meeting, "conversation_id"), (Booking, "conversation_id"))
SLIP_HOLDS: Final = _columns(
    (Conversation, "listing_id"), (Loan, "listing_id"), (Booking, "listing_id"), (Bond, "listing_id")
)
BOOK: Final = _columns((Verdict, "change_id"), (Change, "id"))
BONDS: Final = _columns((Bond, "id"))

WHOLE: Final = (*AROUND, *SLIP)

_BOND: Final = Home.metadata.tables[Bond.__tablename__]
_CHANGE: Final = Home.metadata.tables[Change.__tablename__]
_NOTICE: Final = Home.metadata.tables[Notice.__tablename__]
_TALK: Final = Home.metadata.tables[Conversation.__tablename__]


def _held(table: Table, holds: tuple[Column[Any], ...]) -> ColumnElement[bool]:
    return or_(*(exists().where(one == table.c.id) for one in holds))


def _unjudged(subject: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    return exists().where(Change.subject_id == subject, Change.pending)


def _reported(target: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    return exists().where(Report.target_id == target, Report.closed_at.is_(None))


def _due_talk(now: datetime) -> ColumnElement[bool]:
    letters = exists().where(
        Message.conversation_id == _TALK.c.id, or_(_unjudged(Message.public_id), _reported(Message.public_id))
    )
    bound = exists().where(Bond.conversation_id == _TALK.c.id, _unjudged(Bond.public_id))
    return (_TALK.c.last_at <= now - TALK_KEPT) & ~_held(_TALK, TALK_HOLDS) & ~letters & ~bound


def _due_bond(now: datetime) -> ColumnElement[bool]:
    """Offers from elsewhere that were turned away, and opened no conversation."""
    return Bond.conversation_id.is_(None) & (Bond.created_at <= now - TALK_KEPT) & ~_unjudged(Bond.public_id)


def _crossed() -> ColumnElement[bool]:
    return or_(_NOTICE.c.reached_network, _NOTICE.c.origin_uri.is_not(None))


def _due_notice(now: datetime) -> ColumnElement[bool]:
    """Down for six months, and told outside that it is: the boundary judged its last change."""
    said = exists().where(Comment.notice_id == _NOTICE.c.id, _reported(Comment.public_id))
    held = or_(_held(_NOTICE, SLIP_HOLDS), _unjudged(_NOTICE.c.public_id), _reported(_NOTICE.c.public_id), said)
    down = _NOTICE.c.state != State.LIVE.value
    return down & (_NOTICE.c.updated_at <= now - NOTICE_KEPT) & (_NOTICE.c.circle != "") & ~held


def _due_slip(now: datetime) -> ColumnElement[bool]:
    return _due_notice(now) & ~_crossed()


def _due_address(now: datetime) -> ColumnElement[bool]:
    return (_NOTICE.c.circle == "") & (_NOTICE.c.updated_at <= now - ADDRESS_KEPT)


def _due_change(now: datetime) -> ColumnElement[bool]:
    judged = exists().where(Verdict.change_id == Change.id, Verdict.decided_at <= now - BOOK_KEPT)
    # What was passed on to another town is shown with its report.
    shown = exists().where(Referral.public_id == Change.subject_id)
    return judged & ~Change.pending & ~shown


def _hold(session: Session, *, table: Table, due: ColumnElement[bool], limit: int) -> list[int]:
    """The oldest that are due, held until the transaction ends; looked at once more under the lock."""
    wanted = select(table.c.id).where(due).order_by(table.c.id).limit(limit)
    ids = session.scalars(wanted.with_for_update(of=table, skip_locked=True)).all()
    return list(session.scalars(select(table.c.id).where(table.c.id.in_(ids), due))) if ids else []


def _delete(session: Session, *, by: tuple[Column[Any], ...], ids: list[int]) -> None:
    for column in by:
        session.execute(delete(column.table).where(column.in_(ids)))


def _whole(table: Table, by: tuple[Column[Any], ...], due: Callable[[datetime], ColumnElement[bool]]) -> Forget:
    def forget(session: Session, now: datetime, limit: int) -> int:
        ids = _hold(session, table=table, due=due(now), limit=limit)
        _delete(session, by=by, ids=ids)
        return len(ids)

    return forget


def _blank(session: Session, now: datetime, limit: int) -> int:
    """Leave of a notice that crossed its address only: it must not hang again, and its author may ask who had it."""
    ids = _hold(session, table=_NOTICE, due=_due_notice(now) & _crossed(), limit=limit)
    _delete(session, by=AROUND, ids=ids)
    none = dict.fromkeys(("building_id", "quarter_id", "expires_at", "origin_name", "origin_url"))
    # Nobody hangs again what has no words: no moderator either.
    words = {**dict.fromkeys(("title", "body", "html", "language", "search_text", "circle"), ""), **none}
    session.execute(update(_NOTICE).where(_NOTICE.c.id.in_(ids)).values(state=State.WITHDRAWN.value, **words))
    listing, news = (Home.metadata.tables[one.__tablename__] for one in (Listing, NewsItem))
    session.execute(update(listing).where(listing.c.id.in_(ids)).values(byline=None, need=None))
    told = {"summary": "", **dict.fromkeys(("urgent_until", "begins_at", "ends_at", "place"))}
    session.execute(update(news).where(news.c.id.in_(ids)).values(told))
    return len(ids)


# --- at once


def _at_once(statements: Statements) -> Forget:
    def forget(session: Session, now: datetime, limit: int) -> int:  # noqa: ARG001 - all that is due
        gone = 0
        for statement in statements(now):
            done = session.execute(statement)
            gone += done.rowcount if isinstance(done, CursorResult) else 0
        return gone

    return forget


def _quick(kept: Kept, after: timedelta, since: str, statements: Statements) -> Rule:
    tables = frozenset(spent.table_of(one) for one in statements(EPOCH))
    return Rule(kept=kept, after=after, since=since, tables=tables, forget=_at_once(statements))


def _batched(kept: Kept, after: timedelta, since: str, by: tuple[Column[Any], ...], forget: Forget) -> Rule:
    return Rule(kept=kept, after=after, since=since, tables=frozenset(one.table.name for one in by), forget=forget)


# What goes by the clock. In this order: what holds something back goes before it.
RULES: Final[tuple[Rule, ...]] = (
    _quick(Kept.SIGNED_IN, NOTHING, "when it runs out", lambda now: (delete(Login).where(Login.expires_at <= now),)),
    _quick(Kept.MINUTES, NOTHING, "when it runs out", spent.minutes),
    _quick(Kept.CODE, spent.CODE_KEPT, "its use, or when it runs out", spent.codes),
    _quick(Kept.LINK, spent.LINK_KEPT, "its use, or when it runs out", spent.links),
    _quick(Kept.TYPED, spent.LINK_KEPT, "when it was typed or hung", spent.typed),
    _quick(Kept.MAIL, spent.MAIL_KEPT, "when it was sent or given up", spent.mails),
    _quick(Kept.CARD, spent.CODE_KEPT, "its use, or when it runs out", spent.cards),
    _quick(
        Kept.WORD,
        NOTHING,
        "when it runs out",
        lambda now: (delete(Introduction).where(Introduction.expires_at <= now),),
    ),
    _quick(
        Kept.PROOF,
        spent.CODE_KEPT,
        "when it was taken back",
        lambda now: (delete(Proof).where(Proof.revoked_at <= now - spent.CODE_KEPT),),
    ),
    _quick(
        Kept.PAIRING,
        PAIRING_KEPT,
        "when its code ran out",
        lambda now: (delete(Pairing).where(Pairing.expires_at <= now - PAIRING_KEPT),),
    ),
    _quick(Kept.MEETING, meetings.KEPT, "its moment", meetings.spent),
    _quick(Kept.BOOKING, bookings.KEPT, "its moment", bookings.spent),
    _quick(Kept.PHOTO, photos.KEPT, "when its notice came down", photos.spent),
    _quick(Kept.CLIPPING, NOTHING, "when its notice came down", clippings.spent),
    _quick(Kept.PAPER, documents.TOLD_FOR, "when somebody looked, or it ran out", documents.spent),
    _quick(Kept.FOUND, lookouts.FOUND_KEPT, "when it was found", spent.finds),
    _quick(Kept.LOAN, spent.LOAN_KEPT, "when it ended", spent.loans),
    _quick(Kept.ADVICE, NOTHING, "when it runs out", lambda now: (recommendations.spent(now),)),
    _quick(Kept.FILE, spent.FILE_KEPT, "when the case was closed, or the measure taken", spent.files),
    _quick(Kept.LINE, NOTHING, "when its notice came down", spent.lines),
    _batched(Kept.TALK, TALK_KEPT, "its last letter", TALK, _whole(_TALK, TALK, _due_talk)),
    _batched(Kept.TALK, TALK_KEPT, "when it was turned away", BONDS, _whole(_BOND, BONDS, _due_bond)),
    _quick(Kept.SKILL, NOTHING, "when it was taken away", spent.skills_taken_away),
    _batched(Kept.NOTICE, NOTICE_KEPT, "when it came down", WHOLE, _whole(_NOTICE, WHOLE, _due_slip)),
    _batched(Kept.NOTICE, NOTICE_KEPT, "when it came down, having crossed", AROUND, _blank),
    _batched(Kept.NOTICE, ADDRESS_KEPT, "when it came down, having crossed", SLIP, _whole(_NOTICE, SLIP, _due_address)),
    _batched(Kept.BOOK, BOOK_KEPT, "when it was decided", BOOK, _whole(_CHANGE, BOOK, _due_change)),
)

# What goes by somebody's act, or by another clock, and what does it. Empty: as the register says, nobody but the
# operator, by hand (docs/privacy.md).
ACTS: Final[Mapping[Kept, tuple[Callable[..., object], ...]]] = {
    Kept.PLACE: (),
    Kept.ACCOUNT: (),
    Kept.HOME: (moving.move_out,),
    Kept.ADDRESS: (mailboxes.forget,),
    Kept.CONSENT: (relays.let_go,),
    Kept.MARK: (relays.let_go,),
    Kept.WIDENING: (rings.open_due,),
    Kept.LINE: (waiting.move_up,),
}


def forget_spent(session: Session, *, now: datetime, limit: int = BATCH) -> int:
    """Run every rule once; returns how many rows and wholes went."""
    return sum(rule.forget(session, now, limit) for rule in RULES)
