"""What a new place still lacks before its first neighbours can use it: five steps, read from the rows there are.

Nothing is kept about the guide itself: what is done is what exists.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from instance.halls import Screen
from instance.organisations import Membership, Organisation
from instance.places import Building, Quarter
from instance.residents import Occupancy
from instance.verification import LetterboxCode


class Step(StrEnum):
    """The steps, in the order that spares walking back."""

    PLACE = "place"
    BUILDING = "building"
    ORGANISATION = "organisation"
    LETTERS = "letters"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """What there is at least one of.

    `writer`: somebody writes for an organisation. `answered`: somebody answers for a building. `letters`: a letterbox
    code was made, or somebody who lives here has used one.
    """

    quarter: bool = False
    opened: bool = False
    building: bool = False
    organisation: bool = False
    writer: bool = False
    answered: bool = False
    letters: bool = False
    screen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How one step stands. `ready`: what it builds on is there; `following`: it is the one to do now."""

    step: Step
    done: bool
    ready: bool
    following: bool
    minutes: int


# About how long each takes, in minutes: estimates for somebody who reads and types at leisure.
MINUTES = {Step.PLACE: 1, Step.BUILDING: 2, Step.ORGANISATION: 3, Step.LETTERS: 1, Step.SCREEN: 2}


def stages(*, there: There) -> Sequence[Stage]:
    """Every step and how it stands; exactly one is the following one unless all are done."""
    done = {
        Step.PLACE: there.quarter,
        Step.BUILDING: there.building,
        Step.ORGANISATION: there.organisation and there.writer and there.answered,
        Step.LETTERS: there.letters,
        Step.SCREEN: there.screen,
    }
    ready = {
        Step.PLACE: True,
        Step.BUILDING: there.quarter,
        Step.ORGANISATION: there.building,
        Step.LETTERS: there.building,
        Step.SCREEN: there.building,
    }
    first = next((step for step in Step if not done[step]), None)
    return tuple(
        Stage(step=step, done=done[step], ready=ready[step], following=step is first, minutes=MINUTES[step])
        for step in Step
    )


def minutes_left(*, stages: Sequence[Stage]) -> int:
    """About how many minutes the steps that are not done take."""
    return sum(one.minutes for one in stages if not one.done)


def look(session: Session) -> There:
    """What there is: a look at one row of each table."""

    def any_of(wanted: InstrumentedAttribute[int], *where: ColumnElement[bool]) -> bool:
        return session.scalar(select(wanted).where(*where).limit(1)) is not None

    return There(
        quarter=any_of(Quarter.id),
        opened=any_of(Quarter.id, Quarter.opened_at.is_not(None)),
        building=any_of(Building.id),
        organisation=any_of(Organisation.id),
        writer=any_of(Membership.id),
        answered=any_of(Building.id, Building.installer_id.is_not(None)),
        letters=any_of(LetterboxCode.id) or any_of(Occupancy.id),
        screen=any_of(Screen.id, Screen.removed_at.is_(None), Screen.building_id.is_not(None)),
    )


def latest_building(session: Session) -> Building | None:
    """The building entered last: the one that whoever follows the steps is busy with."""
    return session.scalar(select(Building).order_by(Building.id.desc()).limit(1))


def latest_organisation(session: Session) -> Organisation | None:
    """The organisation entered last."""
    return session.scalar(select(Organisation).order_by(Organisation.id.desc()).limit(1))
