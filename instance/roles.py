"""The register of accounts and who looks after the place: for administrators only."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instance import parties, residents
from instance.base import Refused
from instance.places import Quarter
from instance.residents import Resident, Role


def accounts(session: Session, *, after: str = "", limit: int = 100) -> Sequence[Resident]:
    """Accounts by login name, the stretch that follows `after`."""
    wanted = select(Resident).where(Resident.login > after).order_by(Resident.login).limit(limit)
    return session.scalars(wanted).all()


def count(session: Session) -> int:
    """How many accounts there are."""
    return session.scalar(select(func.count()).select_from(Resident)) or 0


def give(session: Session, *, resident: Resident, role: Role, by: Resident, quarter: Quarter | None = None) -> None:
    """Say what somebody may do here; `quarter` is the one a moderator looks after, None the whole town.

    One's own role is out of reach, so that the last administrator cannot step down by a slip of the hand.
    Raises Refused("not_administrator"|"not_yourself").
    """
    residents.check_active(session, resident=by)
    if not by.is_administrator:
        raise Refused("not_administrator")
    if resident.id == by.id:
        raise Refused("not_yourself", field="role")
    resident.role = role.value
    parties.assign(session, resident=resident, quarter=quarter)
