"""How a lent thing was: photographs of its two, at handing over and at return, that nobody but these two looks at.

Why a photograph stays once its step is past is in decision 0028.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from instance import loans, photos, storage
from instance.audience import Reader
from instance.base import Refused, Row
from instance.lending import Side, State
from instance.loans import Loan
from instance.pictures import Picture
from instance.residents import Resident

MOST = 3
LONGEST_WORDS = 120
# Below the data folder of the home side.
FOLDER = "conditions"


class Moment(StrEnum):
    """What a photograph shows: the thing as it was handed over, or as it came back."""

    BEFORE = "before"
    AFTER = "after"


# What can be shown while a loan stands so. Whoever unpacks it at home still shows how it was when they got it.
OPEN: Final[Mapping[State, tuple[Moment, ...]]] = {
    State.AGREED: (Moment.BEFORE,),
    State.LENT: (Moment.BEFORE, Moment.AFTER),
    State.GIVEN_BACK: (Moment.AFTER,),
}
# What its author can still take away. Once its step is past the other one may rely on it, and it stays with the loan.
LOOSE: Final[Mapping[State, Moment]] = {State.AGREED: Moment.BEFORE, State.LENT: Moment.AFTER}


class Condition(Row):
    """One photograph of a loan; its two files have its public id. Width and height are those of the big one."""

    __tablename__ = "condition"
    # Two uploads at once cannot become a fourth photograph.
    __table_args__ = (UniqueConstraint("loan_id", "side", "moment", "position"),)

    loan_id: Mapped[int] = mapped_column(ForeignKey("loan.id"))
    # Who put it there.
    side: Mapped[str] = mapped_column(String(10))
    moment: Mapped[str] = mapped_column(String(10))
    position: Mapped[int] = mapped_column()
    words: Mapped[str | None] = mapped_column(String(LONGEST_WORDS))
    width: Mapped[int] = mapped_column()
    height: Mapped[int] = mapped_column()
    loan: Mapped[Loan] = relationship()


def put(
    session: Session,
    *,
    root: Path,
    loan: Loan,
    by: Resident,
    moment: Moment,
    picture: Picture,
    words: str,
    now: datetime,
) -> Condition:
    """Put a photograph on a loan; its files are written first: the row never names what is not there.

    Raises Refused as `check` does, by the loan as it stands now.
    """
    side = loans.hold(session, loan=loan, by=by)
    free = _free(session, loan=loan, side=side, moment=moment)
    note = _note(words)
    name = uuid.uuid4()
    photos.keep_files(root, name=name, picture=picture)
    made = Condition(public_id=name, loan=loan, side=side.value, moment=moment.value, position=free, created_at=now)
    made.words, made.width, made.height = note, picture.width, picture.height
    try:
        with session.begin_nested():
            session.add(made)
    except IntegrityError:
        raise Refused("conditions_many", field="file") from None
    return made


def check(session: Session, *, loan: Loan, by: Resident, moment: Moment, words: str) -> None:
    """Whether one more would be taken, before anybody draws it; `put` looks again.

    Raises Refused (not_found, loan_moved; conditions_many with the field file, too_long with the field words).
    """
    side = loan.side(by.id)
    if side is None:
        raise Refused("not_found")
    _free(session, loan=loan, side=side, moment=moment)
    _note(words)


def _free(session: Session, *, loan: Loan, side: Side, moment: Moment) -> int:
    """The first place that is free for one side at one moment."""
    if moment not in OPEN.get(State(loan.state), ()):
        raise Refused("loan_moved")
    wanted = select(Condition.position).where(
        Condition.loan_id == loan.id, Condition.side == side.value, Condition.moment == moment.value
    )
    free = sorted(set(range(1, MOST + 1)) - set(session.scalars(wanted)))
    if not free:
        raise Refused("conditions_many", field="file")
    return free[0]


def _note(words: str) -> str | None:
    note = " ".join(words.split())
    if len(note) > LONGEST_WORDS:
        raise Refused("too_long", field="words")
    return note or None


def of(session: Session, *, loan: Loan) -> Sequence[Condition]:
    """The photographs of a loan, in the order in which they were put there."""
    return session.scalars(select(Condition).where(Condition.loan_id == loan.id).order_by(Condition.id)).all()


def find(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Condition:
    """A photograph of a loan the reader has a part in. Raises Refused("not_found") for any other, as for none."""
    found = by_public_id(session, public_id=public_id)
    if found is None or reader.resident_id is None or found.loan.side(reader.resident_id) is None:
        raise Refused("not_found")
    return found


def find_own(session: Session, *, public_id: uuid.UUID, reader: Reader) -> Condition:
    """A photograph that the reader put there. Raises Refused("not_found") for any other, as for none."""
    found = find(session, public_id=public_id, reader=reader)
    if reader.resident_id is None or found.side != found.loan.side(reader.resident_id):
        raise Refused("not_found")
    return found


def by_public_id(session: Session, *, public_id: uuid.UUID) -> Condition | None:
    """A photograph by its public id, whoever asks: for the moderators' desk."""
    return session.scalar(select(Condition).where(Condition.public_id == public_id))


def may_remove(found: Condition, *, side: Side) -> bool:
    """Whether this side can still take a photograph away: it is theirs, and what it shows is not past."""
    return found.side == side and LOOSE.get(State(found.loan.state)) == found.moment


def remove(session: Session, *, found: Condition, by: Resident) -> None:
    """Take one's own photograph away; its files go once that is committed.

    Raises Refused (not_found, suspended; condition_stays where it is the other one's, or its step is past by now).
    """
    side = loans.hold(session, loan=found.loan, by=by)
    if not may_remove(found, side=side):
        raise Refused("condition_stays")
    session.delete(found)
    session.flush()


def sweep_files(session: Session, *, root: Path, now: datetime) -> int:
    """Take away all files that no photograph of a loan names; returns how many."""

    def known(names: set[uuid.UUID]) -> set[uuid.UUID]:
        return set(session.scalars(select(Condition.public_id).where(Condition.public_id.in_(names))))

    return storage.sweep(root, known=known, now=now)
