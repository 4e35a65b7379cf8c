"""Assurance: what is known of somebody's living in a lot, kept as proofs, and the level that follows from them.

Nobody sets a level. It is computed anew from the proofs that stand whenever it is asked for, by one pure function, so
that taking a proof back lowers it at once, and so does suspending the neighbour whose word it is.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from sqlalchemy import (
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    case,
    column,
    distinct,
    func,
    or_,
    select,
    table,
    text,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column

from instance.base import Row
from instance.places import Building, Lot


class Kind(StrEnum):
    """How somebody showed that they live in a lot."""

    LETTER = "letter"  # opened its letterbox
    CHECKED = "checked"  # showed a document to an administrator
    VOUCHED = "vouched"  # a neighbour of the building answers for them
    PRESENCE = "presence"  # read the code on the wall of the hall
    NOTE = "note"  # an administrator knows them and says why
    LOT_LIST = "lot_list"  # stands on the list of lots


class Level(IntEnum):
    """How far somebody is known in a lot, and what that opens."""

    ACCOUNT = 0  # public pages
    QUARTER = 1  # the quarter and the town
    BUILDING = 2  # the building
    LOT_LIST = 3  # the building, and later its votes


# One of these is enough for the building. Whoever answers for others holds one: see `instance.vouching`.
STRONG = frozenset({Kind.LETTER, Kind.CHECKED})
# Of these it takes two, from two sides.
WEAK = frozenset({Kind.PRESENCE, Kind.NOTE})
ENOUGH = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A proof that stands: its kind, and for a neighbour's word the lot that neighbour lives in."""

    kind: Kind
    household: int | None = None


def level(marks: Iterable[Mark], *, home: int) -> Level:
    """How far somebody is known in the lot `home`, by what stands for them there. Pure.

    A letter or a check opens the building. Of what is weaker one opens the quarter, and two from different sides open
    the building: the hall, an administrator's note, and each household of neighbours are a side; one's own is none. The
    list of lots adds to the building and opens nothing alone: it does not say who an account belongs to.
    """
    found = list(marks)
    kinds = {one.kind for one in found}
    households = {one.household for one in found if one.kind is Kind.VOUCHED} - {home, None}
    sides = len(kinds & WEAK) + len(households)
    if not kinds & STRONG and sides < ENOUGH:
        return Level(sides)
    return Level.LOT_LIST if Kind.LOT_LIST in kinds else Level.BUILDING


class Proof(Row):
    """Something that speaks for a resident's living in a lot, until it is revoked.

    `by_id` and `household_id` say who answers for it and from which lot; `reason` is what staff say of it: to a note
    when it is made, and to any when they end it. The resident reads it.
    """

    __tablename__ = "proof"
    __table_args__ = (
        # The same neighbour cannot answer twice, whatever two sessions read before.
        Index(
            "uq_proof_standing",
            "resident_id",
            "lot_id",
            "kind",
            "by_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )

    resident_id: Mapped[int] = mapped_column(ForeignKey("resident.id"), index=True)
    lot_id: Mapped[int] = mapped_column(ForeignKey("lot.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("resident.id"), index=True)
    household_id: Mapped[int | None] = mapped_column(ForeignKey("lot.id"))
    reason: Mapped[str | None] = mapped_column(Text)
    revoked_at: Mapped[datetime | None] = mapped_column(index=True)

    @property
    def mark(self) -> Mark:
        """What counts of it."""
        return Mark(kind=Kind(self.kind), household=self.household_id)


_VOUCHER = table("resident", column("id"), column("state")).alias("voucher")  # residents are a room above this one
# Whether whoever answers for it can use their account no more.
_LOCKED = select(_VOUCHER.c.id).where(_VOUCHER.c.id == Proof.by_id, _VOUCHER.c.state == "suspended").correlate(Proof)
# What counts: until it is revoked, and a neighbour's word only while whoever gave it may use their account.
COUNTS: Final[ColumnElement[bool]] = Proof.revoked_at.is_(None) & or_(
    Proof.kind != Kind.VOUCHED.value, ~_LOCKED.exists()
)


def give(
    session: Session,
    *,
    resident_id: int,
    lot_id: int,
    kind: Kind,
    now: datetime,
    by_id: int | None = None,
    household_id: int | None = None,
    reason: str | None = None,
) -> Proof:
    """Keep a proof; the same one again, by the same person, changes nothing."""
    known = session.scalar(
        select(Proof).where(
            Proof.resident_id == resident_id,
            Proof.lot_id == lot_id,
            Proof.kind == kind.value,
            Proof.by_id.is_not_distinct_from(by_id),
            Proof.revoked_at.is_(None),
        )
    )
    if known is not None:
        return known
    proof = Proof(
        resident_id=resident_id,
        lot_id=lot_id,
        kind=kind.value,
        by_id=by_id,
        household_id=household_id,
        reason=reason,
        created_at=now,
    )
    session.add(proof)
    session.flush()
    return proof


def revoke(session: Session, *, proof: Proof, now: datetime, reason: str | None = None) -> None:
    """End a proof. With a reason when staff do so."""
    proof.revoked_at = now
    if reason is not None:
        proof.reason = reason
    session.flush()


def revoke_all(session: Session, *, resident_id: int, lot_id: int, now: datetime, reason: str | None = None) -> None:
    """End what speaks for somebody in a lot they leave, or do not live in: then with a reason, as `revoke`."""
    ended = update(Proof).where(Proof.resident_id == resident_id, Proof.lot_id == lot_id, Proof.revoked_at.is_(None))
    session.execute(ended.values(revoked_at=now) if reason is None else ended.values(revoked_at=now, reason=reason))


def _known(session: Session, *where: ColumnElement[bool]) -> Iterator[tuple[int, int, int]]:
    """Whose living in a lot is known well enough to open its building: keys of resident, lot and building."""
    wanted = (
        select(Proof.resident_id, Proof.lot_id, Lot.building_id, Proof.kind, Proof.household_id)
        .join(Lot, Lot.id == Proof.lot_id)
        .where(COUNTS, *where)
    )
    marks: dict[tuple[int, int, int], list[Mark]] = {}
    for resident_id, lot_id, building_id, kind, household in session.execute(wanted):
        marks.setdefault((resident_id, lot_id, building_id), []).append(Mark(kind=Kind(kind), household=household))
    return (who for who, found in marks.items() if level(found, home=who[1]) >= Level.BUILDING)


def known_in(session: Session, *, building_id: int) -> frozenset[tuple[int, int]]:
    """Whose living in a building is known well enough to open it: pairs of resident and lot."""
    return frozenset((who, lot) for who, lot, _ in _known(session, Lot.building_id == building_id))


def known_among(session: Session, *, resident_ids: Collection[int], building_ids: Collection[int]) -> frozenset[int]:
    """Which of these residents are known to live in one of these buildings."""
    if not resident_ids or not building_ids:
        return frozenset()
    here = _known(session, Proof.resident_id.in_(resident_ids), Lot.building_id.in_(building_ids))
    return frozenset(who for who, _, _ in here)


def is_known(
    resident_id: InstrumentedAttribute[int], *, least: Level, where: ColumnElement[bool]
) -> ColumnElement[bool]:
    """What `level` says, as a part of another question: whether a row's resident is known so far in a lot of `where`.

    `where` is about Lot and Building; `least` is QUARTER or BUILDING: the list of lots opens nothing. A test holds this
    and `level` to the same answers.
    """
    weak = case((Proof.kind.in_([one.value for one in WEAK]), Proof.kind))
    spoken = (Proof.kind == Kind.VOUCHED.value) & (Proof.household_id != Proof.lot_id)
    strong = func.sum(case((Proof.kind.in_([one.value for one in STRONG]), 1), else_=0))
    sides = func.count(distinct(weak)) + func.count(distinct(case((spoken, Proof.household_id))))
    wanted = (
        select(Proof.lot_id)
        .join(Lot, Lot.id == Proof.lot_id)
        .join(Building, Building.id == Lot.building_id)
        .where(Proof.resident_id == resident_id, COUNTS, where)
        .group_by(Proof.lot_id)
        .having(or_(strong > 0, sides >= least.value))
    )
    return wanted.correlate(resident_id.class_).exists()


def lots_known(session: Session, *, quarter_id: int) -> Mapping[int, int]:
    """In how many lots of each building of a quarter somebody lives, by the building's key; none: it is left out."""
    in_quarter = Lot.building_id.in_(select(Building.id).where(Building.quarter_id == quarter_id))
    return Counter(building for building, _ in {(building, lot) for _, lot, building in _known(session, in_quarter)})


def strong_in(session: Session, *, resident_id: int) -> frozenset[int]:
    """The lots for which somebody holds a proof of their own, that needs no neighbour: from there they may vouch."""
    wanted = select(Proof.lot_id).where(
        Proof.resident_id == resident_id,
        Proof.revoked_at.is_(None),
        Proof.kind.in_([one.value for one in STRONG]),
    )
    return frozenset(session.scalars(wanted))


def of_resident(session: Session, *, resident_id: int) -> list[Proof]:
    """All that stands or stood for somebody, newest first."""
    return list(session.scalars(select(Proof).where(Proof.resident_id == resident_id).order_by(Proof.id.desc())))


def paused(session: Session, *, resident_id: int) -> frozenset[int]:
    """Which of somebody's proofs stand and do not count now: neighbours' words whose account is suspended, by key."""
    wanted = select(Proof.id).where(Proof.resident_id == resident_id, Proof.revoked_at.is_(None), ~COUNTS)
    return frozenset(session.scalars(wanted))
