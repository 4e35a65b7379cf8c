"""What we missed while we were down, and what was there before we followed: read in the outboxes of those we follow.

Hosts that try for days lose nothing when this one is down for a while. Others try for minutes, or once. So after an
absence the outbox of everybody who is followed is read, newest first, until something that came before it; after a new
follow, the newest few. What is found becomes a letter like any other: without a word of what it is about, which is
fetched from its own host, weighed, sealed and handled as if it had been sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, sessionmaker

from activitypub import codec
from activitypub.vocabulary import Announce, Create, Delete
from federation import blocks, documents, identity, outboxes, peers, policy
from federation.absences import Reading
from federation.base import OwnKey, Unreachable
from federation.models import Letter, LetterState
from federation.outboxes import Budget, Item, Outbox

if TYPE_CHECKING:
    from federation.http import Client

BATCH: Final = 20
HANDS: Final = 4  # hosts read at once
NEWEST: Final = 5  # of a new follow: enough to see what it is like, too few to bury the board
SKEW: Final = timedelta(hours=1)  # as far as clocks may differ
# Some tell the day only, among them our own listings: what is unknown and a day older than the absence may be of it.
LEEWAY: Final = timedelta(days=1)
PATIENCE: Final = timedelta(days=2)
# While so many of a host's letters wait to be looked at, none of its outboxes is read further.
WAITING_LIMIT: Final = 200
WAIT: Final = timedelta(minutes=2)
# In place of the HTTP method of a request, which is never this one, and of the address it came from.
READ: Final = "READ"
OUTBOX: Final = "outbox"
NO_OUTBOX: Final = "it shows no outbox"
UNFOLLOWED: Final = "no longer followed"


@dataclass(frozen=True, slots=True)
class _Desk:
    """What reading takes; no transaction is open while the network is used."""

    federation: sessionmaker[Session]
    client: Client
    key: OwnKey | None
    now: datetime


def run(federation: sessionmaker[Session], *, client: Client, now: datetime) -> int:
    """Read the outboxes that are due; returns how many were looked at."""
    with federation() as session:
        due = select(Reading.host, Reading.actor_uri).where(Reading.due_at <= now)
        rows = session.execute(due.order_by(Reading.due_at, Reading.actor_uri).limit(BATCH)).all()
        key = identity.fetching_key(session)
    if not rows:
        return 0
    by_host: dict[str, list[str]] = {}
    for host, uri in rows:
        by_host.setdefault(host, []).append(uri)
    desk = _Desk(federation, client, key, now)
    with ThreadPoolExecutor(HANDS, thread_name_prefix="catching") as pool:
        return sum(pool.map(partial(_read_host, desk), by_host.values()))


def _read_host(desk: _Desk, uris: Sequence[str]) -> int:
    """Read the outboxes of one host, one after the other, and leave the rest for later when it does not answer."""
    for place, uri in enumerate(uris, start=1):
        if not _read(desk, uri=uri):
            return place
    return len(uris)


def _read(desk: _Desk, *, uri: str) -> bool:
    """Read one outbox; False when its host could not be reached."""
    with desk.federation.begin() as session:
        reading = session.get_one(Reading, uri)
        since = reading.since
        address = _admit(session, reading, now=desk.now)
    if address is None:
        return True
    found, budget = _Found(since=since, now=desk.now), Budget()
    try:
        outbox = Outbox(client=desk.client, actor=uri, address=address, key=desk.key)
        trouble = _gather(desk, outbox, found=found, budget=budget)
    except Unreachable as error:
        with desk.federation.begin() as session:
            _postpone(session.get_one(Reading, uri), error, now=desk.now)
        return False
    with desk.federation.begin() as session:
        row = session.get_one(Reading, uri)
        row.found = _write(session, items=found.items, outbox=address, now=desk.now)
        row.was_cut, row.read_at = budget.is_spent, desk.now
        row.due_at, row.last_error = None, trouble
    return True


def _admit(session: Session, reading: Reading, *, now: datetime) -> str | None:
    """The address to read; None when there is nothing to be read, or not yet."""
    uri, host = reading.actor_uri, reading.host
    if not peers.follows(session, remote_uri=uri) or blocks.is_blocked(session, host):
        reading.due_at, reading.last_error = None, UNFOLLOWED
        return None
    actor = documents.stored_actor(session, uri)
    if actor is None or actor.outbox is None:
        reading.due_at, reading.last_error = None, NO_OUTBOX
        return None
    waiting = select(func.count()).where(
        Letter.sender == OUTBOX, Letter.state == LetterState.WAITING, Letter.host == host
    )
    if (session.scalar(waiting) or 0) >= WAITING_LIMIT:
        reading.due_at = now + WAIT
        return None
    return actor.outbox


def _postpone(row: Reading, error: Unreachable, *, now: datetime) -> None:
    """Try again later, for two days."""
    row.attempts += 1
    row.last_error = error.why
    wait = policy.delay(row.attempts, kind="Lookup")
    row.due_at = None if wait is None or now - row.asked_at > PATIENCE else now + wait


# --- what is new


def _gather(desk: _Desk, outbox: Outbox, *, found: _Found, budget: Budget) -> str | None:
    """Find what is new to us, newest first; why not all of it was read, if something stood in the way.

    Raises Unreachable when it is worth another try.
    """
    try:
        for page in outboxes.pages(outbox, budget=budget):
            with desk.federation() as session:
                found.sift(page, known=_Known.of(session, page))
            if found.is_over:
                break
    except codec.Malformed as error:
        return str(error)
    except Unreachable as error:
        if error.transient:
            raise
        return error.why
    return None


@dataclass(frozen=True, slots=True)
class _Known:
    """When activities came, and letters about things, of those that came at all."""

    activities: dict[str, datetime]
    things: dict[str, datetime]

    @classmethod
    def of(cls, session: Session, page: Sequence[Item]) -> _Known:
        """Look all entries of a page up at once."""
        acts, things = {one.activity.id for one in page}, {one.object_uri for one in page}
        came = (
            select(Letter.activity_uri, Letter.object_uri, Letter.received_at)
            .where(or_(Letter.activity_uri.in_(acts), Letter.object_uri.in_(things)))
            .order_by(Letter.id.desc())
        )
        rows = session.execute(came).all() if page else []
        return cls({act: at for act, _, at in rows}, {thing: at for _, thing, at in rows if thing})


@dataclass(slots=True, kw_only=True)
class _Found:
    """What is taken from an outbox, and when enough of it was seen."""

    since: datetime | None
    now: datetime
    items: list[Item] = field(default_factory=list)
    is_over: bool = False
    _things: set[str] = field(default_factory=set)

    def sift(self, page: Sequence[Item], *, known: _Known) -> None:
        """Take what is new of one more page."""
        dated = [one for one in page if self._dated(one) is not None]
        for one in page:
            if self._reaches_back(one, known=known):
                self.is_over = True
                return
            if self._is_new(one, known=known):
                self.items.append(one)
                self._things.add(one.object_uri)
            if self.since is None and len(self.items) >= NEWEST:
                self.is_over = True
                return
        # A page that is older than the absence as a whole ends the look back, even where nothing of it ever came.
        self.is_over = self.since is not None and bool(dated) and all(self._is_old(one) for one in dated)

    def _dated(self, one: Item) -> datetime | None:
        """When it says it was told; a moment that has not come yet says nothing."""
        return None if one.told is None or one.told > self.now + SKEW else one.told

    def _is_old(self, one: Item) -> bool:
        told = self._dated(one)
        return self.since is not None and told is not None and told < self.since - LEEWAY

    def _reaches_back(self, one: Item, *, known: _Known) -> bool:
        """Whether it came before the absence: whatever follows is older, and came or was let be, too.

        What came since proves nothing: a host that was quicker than this look may have sent its newest letter again.
        That a thing was known does not either, where it is passed on or changed later.
        """
        if self.since is None:
            return False
        came = known.activities.get(one.activity.id)
        thing = known.things.get(one.object_uri)
        told_then = isinstance(one.activity, Create) or self._is_old(one)
        was_there = thing is not None and thing < self.since and told_then and not one.is_change
        return (came is not None and came < self.since) or was_there

    def _is_new(self, one: Item, *, known: _Known) -> bool:
        if one.activity.id in known.activities or one.object_uri in self._things or self._is_old(one):
            return False
        if self.since is None:
            is_worth = isinstance(one.activity, Create | Announce)
            return is_worth and one.object_uri not in known.things
        return one.is_change or isinstance(one.activity, Delete) or one.object_uri not in known.things


def _write(session: Session, *, items: Sequence[Item], outbox: str, now: datetime) -> int:
    """Make letters of what was found, oldest first; returns how many."""
    for one in reversed(items):
        activity = one.activity
        raw = codec.encode(codec.write(activity))
        kind = type(activity).__name__
        key = policy.dedupe_key(activity_uri=activity.id, kind=kind, body=raw)
        session.add(
            Letter(
                activity_uri=activity.id,
                # Its own name until it is settled: a genuine letter may come meanwhile, and is the same then.
                dedupe_key=policy.digest(key, OUTBOX, one.object_uri, now.isoformat()),
                type=kind,
                actor_uri=activity.actor,
                host=policy.authority(activity.actor),
                sender=OUTBOX,
                method=READ,
                target=outbox,
                raw=raw,
                object_uri=one.object_uri,
                received_at=now,
                state=LetterState.WAITING,
                due_at=now,
            )
        )
    session.flush()
    return len(items)
