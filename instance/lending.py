"""The steps of a loan, pure: which step each of the two may take when, and what is said on which day."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from instance.base import Refused


class State(StrEnum):
    """Where a loan stands. Whether it is due is the calendar's word and no state."""

    ASKED = "asked"
    AGREED = "agreed"
    LENT = "lent"
    GIVEN_BACK = "given_back"
    OUTSIDE = "outside"
    RETURNED = "returned"
    CALLED_OFF = "called_off"
    LAPSED = "lapsed"
    ENDED = "ended"


class Side(StrEnum):
    """Which of the two somebody is."""

    LENDER = "lender"
    BORROWER = "borrower"

    @property
    def other(self) -> "Side":
        """The other one of the two."""
        return Side.BORROWER if self is Side.LENDER else Side.LENDER


class Act(StrEnum):
    """What one of the two can do about a loan."""

    AGREE = "agree"
    CALL_OFF = "call-off"
    HAND_OVER = "hand-over"
    GIVE_BACK = "give-back"
    CONFIRM = "confirm"
    MISS = "miss"


class News(StrEnum):
    """What one of the two is told about a loan."""

    ASKED = "asked"
    AGREED = "agreed"
    CALLED_OFF = "called-off"
    WISH = "wish"
    LONGER = "longer"
    EVE = "eve"
    DAY = "day"
    AFTER = "after"

    @property
    def reminds(self) -> bool:
        """Whether the calendar says it, and not the other one of the two."""
        return self in {News.EVE, News.DAY, News.AFTER}


# The thing is promised, out of the house, or on its way back: nobody else can be promised it.
HELD: Final = (State.AGREED, State.LENT, State.GIVEN_BACK, State.OUTSIDE)
# The two are at it: no second loan begins in their conversation.
UNDER_WAY: Final = (State.ASKED, State.AGREED, State.LENT, State.GIVEN_BACK)
OVER: Final = (State.RETURNED, State.CALLED_OFF, State.LAPSED, State.ENDED)
# Once the thing has changed hands, only its lender's word (or their silence after "I gave it back") ends the loan.
OUT: Final = (State.LENT, State.GIVEN_BACK, State.OUTSIDE)

BOTH: Final = frozenset(Side)
_LENDER: Final = frozenset({Side.LENDER})
_BORROWER: Final = frozenset({Side.BORROWER})

# What is asked can be agreed to or left alone: there is no step that says no. Only who asked can take it back.
STEPS: Final[Mapping[tuple[State, Act], tuple[frozenset[Side], State]]] = {
    (State.ASKED, Act.AGREE): (BOTH, State.AGREED),
    (State.ASKED, Act.CALL_OFF): (BOTH, State.CALLED_OFF),
    (State.AGREED, Act.CALL_OFF): (BOTH, State.CALLED_OFF),
    (State.AGREED, Act.HAND_OVER): (BOTH, State.LENT),
    (State.LENT, Act.GIVE_BACK): (_BORROWER, State.GIVEN_BACK),
    (State.LENT, Act.CONFIRM): (_LENDER, State.RETURNED),
    (State.GIVEN_BACK, Act.CONFIRM): (_LENDER, State.RETURNED),
    (State.GIVEN_BACK, Act.MISS): (_LENDER, State.LENT),
    (State.OUTSIDE, Act.CONFIRM): (_LENDER, State.RETURNED),
}

PICKUP_WITHIN: Final = timedelta(days=60)
LONGEST: Final = timedelta(days=90)
LONGER_BY: Final = (3, 7)
TELL_AFTER: Final = timedelta(days=3)
# A worker that was away that long says nothing any more.
AFTER_WITHIN: Final = timedelta(days=4)


def step(state: State, act: Act, *, by: Side, asker: Side) -> State:
    """Where an act of one side leads. Raises Refused("loan_moved") where it is not theirs to take, or not now."""
    sides, after = STEPS.get((state, act), (frozenset[Side](), state))
    if by not in sides:
        raise Refused("loan_moved")
    if state is State.ASKED and (act is Act.AGREE) is (by is asker):
        raise Refused("loan_moved")
    return after


def reminder(*, due_on: date, today: date) -> News | None:
    """What its borrower is reminded of today: the day before, on the day, and three days after. Pure."""
    left = due_on - today
    if left == timedelta(days=1):
        return News.EVE
    if left == timedelta(0):
        return News.DAY
    if TELL_AFTER <= -left < TELL_AFTER + AFTER_WITHIN:
        return News.AFTER
    return None
