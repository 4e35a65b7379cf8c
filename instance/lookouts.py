"""Kept searches: "tell me when …", held against what is hung, and told about once a day at most.

A kept search belongs to whoever keeps it; nobody else learns of it, of its words, or of what it found. It looks on the
boards it was made for only, and there only while they are its keeper's: whoever moved out hears nothing.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Delete, ForeignKey, Index, String, UniqueConstraint, delete, func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import arrivals, doorbell, outgoing, quiet, reading, residents, search
from instance.arrivals import Arrival
from instance.audience import Reader
from instance.base import Home, Refused, Row
from instance.notices import Notice, State
from instance.outgoing import Kind, OutgoingMail
from instance.residents import Resident
from instance.search import Place, Wish

MOST: Final = 10
ONCE_IN: Final = timedelta(hours=24)
FOUND_KEPT: Final = timedelta(days=30)
ARRIVAL_KEPT: Final = timedelta(days=1)
SHOWN: Final = 5


class Lookout(Row):
    """Somebody's kept search. `circles` are the boards it looks at, each with a space behind it."""

    __tablename__ = "lookout"

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    words: Mapped[str] = mapped_column(String(search.LONGEST_TYPED))
    kind: Mapped[str | None] = mapped_column(String(20))
    place: Mapped[str | None] = mapped_column(String(10))
    circles: Mapped[str] = mapped_column(String(1000))
    resident: Mapped[Resident] = relationship()


class LookoutKey(Home):
    """By which word of a notice on which board a kept search is found: one of its words must be there.

    Ten thousand keep a search of the town's board: a notice is held against those only whose word it has.
    """

    __tablename__ = "lookout_key"
    __table_args__ = ({"sqlite_with_rowid": False},)

    circle: Mapped[str] = mapped_column(String(40), primary_key=True)
    stem: Mapped[str] = mapped_column(String(200), primary_key=True)
    lookout_id: Mapped[int] = mapped_column(ForeignKey("lookout.id"), primary_key=True, index=True)


class LookoutFind(Row):
    """A kept search found a notice, once and for all. `told_at` is the moment of the mail it stands in, if any."""

    __tablename__ = "lookout_find"
    __table_args__ = (
        UniqueConstraint("lookout_id", "notice_id"),
        Index(
            "ix_lookout_find_untold",
            "tell_at",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )

    lookout_id: Mapped[int] = mapped_column(ForeignKey("lookout.id"))
    notice_id: Mapped[int] = mapped_column(ForeignKey("notice.id"), index=True)
    tell_at: Mapped[datetime] = mapped_column()
    told_at: Mapped[datetime | None] = mapped_column()
    lookout: Mapped[Lookout] = relationship()
    notice: Mapped[Notice] = relationship()


# --- keeping


def keep(session: Session, *, by: Resident, reader: Reader, wish: Wish, now: datetime) -> Lookout:
    """Keep a search of one's own; the same one again is the one there is. `since` plays no part.

    Raises Refused (words_missing at "q", place_missing, lookouts_many).
    """
    residents.check_active(session, resident=by)
    terms, words = search.read(wish.words), " ".join(wish.words.split())[: search.LONGEST_TYPED]
    if not terms:
        raise Refused("words_missing", field="q")
    circles = search.circles(reader, place=wish.place)
    if not circles:
        raise Refused("place_missing", field="where")
    quiet.hold(session, resident=by)  # two clicks at once count together
    mine = of_resident(session, resident=by)
    place = wish.place.value if wish.place else None
    known = next((one for one in mine if (one.words, one.kind, one.place) == (words, wish.kind, place)), None)
    if known is not None:
        return known
    if len(mine) >= MOST:
        raise Refused("lookouts_many")
    made = Lookout(
        resident=by,
        words=words,
        kind=wish.kind,
        place=place,
        circles="".join(f"{one} " for one in circles)[:1000],
        created_at=now,
    )
    session.add(made)
    session.flush()
    # The longest word is the rarest one, mostly.
    key = max((term.stems for term in terms), key=lambda one: max(map(len, one)))
    session.add_all(LookoutKey(circle=circle, stem=stem, lookout_id=made.id) for circle in circles for stem in key)
    session.flush()
    return made


def of_resident(session: Session, *, resident: Resident) -> Sequence[Lookout]:
    """Somebody's own kept searches, the newest first."""
    wanted = select(Lookout).where(Lookout.resident_id == resident.id).order_by(Lookout.id.desc())
    return session.scalars(wanted).all()


def forget(session: Session, *, public_id: uuid.UUID, by: Resident) -> None:
    """Keep a search no longer, with all it found. Raises Refused("not_found") for one that is not one's own."""
    residents.check_active(session, resident=by)
    found = session.scalar(select(Lookout).where(Lookout.public_id == public_id, Lookout.resident_id == by.id))
    if found is None:
        raise Refused("not_found")
    session.execute(delete(LookoutKey).where(LookoutKey.lookout_id == found.id))
    session.execute(delete(LookoutFind).where(LookoutFind.lookout_id == found.id))
    session.delete(found)
    session.flush()


def finds(session: Session, *, lookout: Lookout, reader: Reader, limit: int = SHOWN) -> Sequence[Notice]:
    """What a kept search found that still hangs and is still its keeper's to read, the newest first."""
    wanted = (
        select(Notice)
        .join(LookoutFind, LookoutFind.notice_id == Notice.id)
        .where(
            LookoutFind.lookout_id == lookout.id,
            Notice.state == State.LIVE.value,
            Notice.circle.in_(reader.circles),
        )
    )
    return session.scalars(wanted.order_by(Notice.id.desc()).limit(limit)).all()


def is_silent(lookout: Lookout, *, reader: Reader) -> bool:
    """Whether none of the boards it looks at is its keeper's any more."""
    return not set(lookout.circles.split()) & set(reader.circles)


# --- looking


def look(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Hold what is new against the kept searches; returns how many notices were looked at.

    Doing it again finds nothing twice, and a change of a notice finds only whoever it did not before.
    """
    seen = arrivals.held(session, limit=limit)
    for one in seen:
        notice = session.get(Notice, one.notice_id)
        if notice is not None and notice.is_live:
            _hold_against(session, notice=notice, now=now)
        session.delete(one)
    session.flush()
    return len(seen)


def _hold_against(session: Session, *, notice: Notice, now: datetime) -> None:
    have = frozenset(notice.search_text.split())
    keyed = select(LookoutKey.lookout_id).where(LookoutKey.circle == notice.circle, LookoutKey.stem.in_(have))
    known = select(LookoutFind.lookout_id).where(LookoutFind.notice_id == notice.id)
    wanted = select(Lookout).where(Lookout.id.in_(keyed), Lookout.id.not_in(known)).order_by(Lookout.id)
    for lookout in session.scalars(wanted).all():
        if _says(lookout, have=have) and _is_for(session, lookout=lookout, notice=notice, now=now):
            _find(session, lookout=lookout, notice=notice, now=now)


def _says(lookout: Lookout, *, have: frozenset[str]) -> bool:
    """Whether a notice found by these words and marks is what is looked for: each word whole, by its stem."""
    marks = {f":kind:{lookout.kind}"} if lookout.kind else set()
    marks |= {Place.TOWN.value: {":from:here"}, Place.AWAY.value: {":from:away"}}.get(lookout.place or "", set())
    return marks <= have and all(term.stems & have for term in search.read(lookout.words))


def _is_for(session: Session, *, lookout: Lookout, notice: Notice, now: datetime) -> bool:
    """Whether its keeper is to hear of it: not of their own, nor of whom they block, nor on a board not theirs."""
    keeper = lookout.resident
    if notice.author_id == keeper.id or notice.circle not in _boards(session, resident=keeper, now=now):
        return False
    return notice.author is None or not quiet.blocks(session, by=keeper, whom=notice.author)


def _boards(session: Session, *, resident: Resident, now: datetime) -> frozenset[str]:
    """The boards that are somebody's at this moment; none for a suspended one."""
    if resident.state != residents.State.ACTIVE.value:
        return frozenset()
    return frozenset(reading.reader(session, resident=resident, now=now).circles)


def _find(session: Session, *, lookout: Lookout, notice: Notice, now: datetime) -> None:
    try:
        with session.begin_nested():
            session.add(LookoutFind(lookout=lookout, notice=notice, created_at=now, tell_at=now, told_at=None))
    except IntegrityError:
        return  # found by another look at the same moment


# --- telling


def is_due(session: Session, *, now: datetime) -> bool:
    """Whether anybody is to be told of anything: asked every second."""
    wanted = select(LookoutFind.id).where(LookoutFind.told_at.is_(None), LookoutFind.tell_at <= now)
    return session.scalar(wanted.limit(1)) is not None


def tell(session: Session, *, now: datetime, limit: int = 100) -> int:
    """Have keepers told of what was found: one mail a day each, of all of it; returns how many were seen to.

    Who wishes no mail finds it on the page.
    """
    due = (
        select(Lookout.resident_id)
        .join(LookoutFind, LookoutFind.lookout_id == Lookout.id)
        .where(LookoutFind.told_at.is_(None), LookoutFind.tell_at <= now)
        .group_by(Lookout.resident_id)
        .order_by(func.min(LookoutFind.tell_at), Lookout.resident_id)
        .limit(limit)
    )
    keepers = session.scalars(due).all()
    for one in keepers:
        _tell(session, keeper=session.get_one(Resident, one), now=now)
    session.flush()
    return len(keepers)


def _tell(session: Session, *, keeper: Resident, now: datetime) -> None:
    last = session.scalar(
        select(OutgoingMail)
        .where(OutgoingMail.resident_id == keeper.id, OutgoingMail.kind == Kind.FOUND.value)
        .order_by(OutgoingMail.id.desc())
        .limit(1)
    )
    untold = _untold(session, keeper=keeper)
    if not doorbell.wanted(session, to=keeper):
        for one in untold:
            one.told_at = now
    elif last is not None and last.state == outgoing.State.WAITING and not last.tries:
        for one in untold:  # it has not left yet and takes these along
            one.told_at = last.created_at
    elif last is not None and last.created_at > now - ONCE_IN:
        for one in untold:
            one.tell_at = last.created_at + ONCE_IN
    else:
        _post(session, keeper=keeper, untold=untold, now=now)


def _untold(session: Session, *, keeper: Resident) -> Sequence[LookoutFind]:
    mine = select(Lookout.id).where(Lookout.resident_id == keeper.id)
    return session.scalars(
        select(LookoutFind).where(LookoutFind.lookout_id.in_(mine), LookoutFind.told_at.is_(None))
    ).all()


def _post(session: Session, *, keeper: Resident, untold: Sequence[LookoutFind], now: datetime) -> None:
    for one in untold:
        one.told_at = now
    outgoing.post(
        session,
        kind=Kind.FOUND,
        cause=f"found:{keeper.public_id}:{now:%Y%m%d%H%M%S}",
        to=keeper,
        now=now,
        due_at=doorbell.due(session, to=keeper, now=now),
    )


def told_in(session: Session, *, mail: OutgoingMail) -> int:
    """How many notices a mail still has to tell of: those that hang, on boards that are its receiver's."""
    boards = _boards(session, resident=mail.resident, now=mail.due_at)
    wanted = (
        select(func.count(Notice.id.distinct()))
        .join(LookoutFind, LookoutFind.notice_id == Notice.id)
        .join(Lookout, Lookout.id == LookoutFind.lookout_id)
        .where(
            Lookout.resident_id == mail.resident_id,
            LookoutFind.told_at == mail.created_at,
            Notice.state == State.LIVE.value,
            Notice.circle.in_(boards),
        )
    )
    return session.scalar(wanted) or 0


def spent(now: datetime) -> tuple[Delete, ...]:
    """What has had its time."""
    return (
        delete(LookoutFind).where(LookoutFind.created_at <= now - FOUND_KEPT),
        delete(Arrival).where(Arrival.created_at <= now - ARRIVAL_KEPT),
    )
