"""The register of accounts and who looks after the place: for administrators only."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from instance.base import Refused
from instance.residents import Resident, Role


def accounts(session: Session, *, after: str = "", limit: int = 100) -> Sequence[Resident]:
    """Accounts by login name, the stretch that follows `after`."""
    wanted = select(Resident).where(Resident.login > after).order_by(Resident.login).limit(limit)
    return session.scalars(wanted).all()


def count(session: Session) -> int:
    """How many accounts there are."""
    return session.scalar(select(func.count()).select_from(Resident)) or 0


def give(session: Session, *, resident: Resident, role: Role, by: Resident) -> None:
    """Say what somebody may do here.

    One's own role is out of reach, so that the last administrator cannot step down by a slip of the hand.
    Raises Refused("not_administrator"|"not_yourself").
    """
    if not by.is_administrator:
        raise Refused("not_administrator")
    if resident.id == by.id:
        raise Refused("not_yourself", field="role")
    resident.role = role.value
    session.flush()
