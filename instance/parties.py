"""Parties: who may decide on something as a moderator. Nobody does who has a part in it, or is a neighbour of it.

Why it is so is in decision 0025.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from instance import residents
from instance.base import Refused
from instance.places import Quarter
from instance.residents import Resident, Role, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """Something to decide on: the persons that have a part in it, the buildings it comes from, and its quarters."""

    resident_ids: frozenset[int]
    building_ids: frozenset[int]
    quarter_ids: frozenset[int]


def matter(
    session: Session,
    *,
    concerned: Iterable[Resident],
    part_ids: Iterable[int],
    building_ids: Iterable[int | None],
    quarter_ids: Iterable[int | None],
) -> Matter:
    """What a decision is about. Whoever it concerns and whoever complained brings in the buildings they live in.

    That is where they say they live, however far it is known: who meets on the stairs does not wait for proofs.
    """
    persons = list(concerned)
    homes = {one for person in persons for one in residents.buildings_claimed(session, resident=person)}
    return Matter(
        resident_ids=frozenset({*part_ids, *(one.id for one in persons)}),
        building_ids=frozenset(homes | {one for one in building_ids if one is not None}),
        quarter_ids=frozenset(one for one in quarter_ids if one is not None),
    )


def in_scope(by: Resident, *, quarter_ids: Iterable[int | None]) -> bool:
    """Whether this moderator looks after these quarters: the whole town, or the one quarter they were given."""
    return by.desk_quarter_id is None or by.desk_quarter_id in set(quarter_ids)


def is_party(session: Session, *, matter: Matter, by: Resident) -> bool:
    """Whether this person has a part in the matter or lives in a building it comes from."""
    if by.id in matter.resident_ids:
        return True
    return not matter.building_ids.isdisjoint(residents.buildings_claimed(session, resident=by))


def check(session: Session, *, matter: Matter, by: Resident) -> None:
    """Let a moderator decide on it.

    Raises Refused (not_moderator, suspended, party; not_found beyond the quarter they look after).
    """
    if not by.is_moderator:
        raise Refused("not_moderator")
    residents.check_active(session, resident=by)
    if not in_scope(by, quarter_ids=matter.quarter_ids):
        raise Refused("not_found")
    if is_party(session, matter=matter, by=by):
        raise Refused("party")


def deciders(session: Session, *, matter: Matter) -> Sequence[Resident]:
    """Who may decide on it: moderators first, then administrators, who are moderators of the whole town."""
    wanted = select(Resident).where(
        Resident.role.in_([Role.MODERATOR.value, Role.ADMINISTRATOR.value]), Resident.state == State.ACTIVE.value
    )
    found = [
        one
        for one in session.scalars(wanted.order_by(Resident.id))
        if in_scope(one, quarter_ids=matter.quarter_ids) and not is_party(session, matter=matter, by=one)
    ]
    return sorted(found, key=lambda one: one.is_administrator)


def quarters(session: Session, *, resident: Resident) -> Sequence[Quarter]:
    """The quarters somebody lives in: their moderators may decide on the account."""
    return residents.quarters_known(session, resident=resident)


def looks_after(session: Session, *, by: Resident, resident: Resident) -> bool:
    """Whether an account is of the quarter that this moderator looks after."""
    return in_scope(by, quarter_ids=[one.id for one in quarters(session, resident=resident)])


def assign(session: Session, *, resident: Resident, quarter: Quarter | None) -> None:
    """Say which quarter a moderator looks after; None is the whole town, and what every other role has."""
    only = quarter is not None and resident.role == Role.MODERATOR
    resident.desk_quarter_id = quarter.id if quarter is not None and only else None
    session.flush()
