"""How a lent thing was, as its two see it: each photograph with who put it there and when, and what may be added."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from sqlalchemy.orm import Session

from instance import conditions, loans, reports, residents
from instance.audience import Reader
from instance.conditions import Condition, Moment
from instance.evidence import Target
from instance.lending import Act, Side, State
from instance.loans import Loan
from instance.reports import Report
from instance.residents import Resident
from web.frame.slips import Photograph

ALT: Final[Mapping[Moment, LazyString]] = {
    Moment.BEFORE: lazy_gettext("The thing as it was handed over"),
    Moment.AFTER: lazy_gettext("The thing as it came back"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One photograph, who put it there and when. `remove_url` is there as long as its author can take it away."""

    picture: Photograph
    by: str
    at: datetime
    words: str | None
    remove_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One button below the picture: its word, and the step it stands for."""

    step: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """All photographs of a loan, by what they show; `add_url` is there while one more may be added."""

    before: tuple[Shot, ...]
    after: tuple[Shot, ...]
    add_url: str | None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look at."""
        return not (self.before or self.after)


def album(session: Session, *, loan: Loan, by: Resident, reader: Reader) -> Album:
    """The photographs of a loan for one of its two."""
    side = loan.side(by.id)
    assert side is not None
    shots: dict[str, list[Shot]] = {one.value: [] for one in Moment}
    for one in conditions.of(session, loan=loan):
        shots[one.moment].append(_shot(session, one, side=side, reader=reader))
    may = State(loan.state) in conditions.OPEN
    return Album(
        before=tuple(shots[Moment.BEFORE.value]),
        after=tuple(shots[Moment.AFTER.value]),
        add_url=url_for("conditions.add", public_id=loan.public_id) if may else None,
    )


def _shot(session: Session, one: Condition, *, side: Side, reader: Reader) -> Shot:
    mine = one.side == side
    return Shot(
        picture=_picture(one),
        by=gettext("you") if mine else name(session, loan=one.loan, side=side.other, reader=reader),
        at=one.created_at,
        words=one.words,
        remove_url=_remove_url(one) if conditions.may_remove(one, side=side) else None,
    )


def name(session: Session, *, loan: Loan, side: Side, reader: Reader) -> str:
    """What one of the two is called."""
    person, talk = loan.person(side), loan.conversation
    if person is None and talk is not None and talk.is_remote:
        return talk.remote_name or talk.remote_host or ""
    if person is None or person.state != residents.State.ACTIVE:
        return gettext("a former neighbour")
    return residents.name_for(session, resident=person, reader=reader)


def _picture(one: Condition) -> Photograph:
    return Photograph(
        url=url_for("conditions.picture", public_id=one.public_id),
        small_url=url_for("conditions.picture", public_id=one.public_id, size="small"),
        alt=one.words or str(ALT[Moment(one.moment)]),
        width=one.width,
        height=one.height,
        remove_url=_remove_url(one),
    )


def _remove_url(one: Condition) -> str:
    return url_for("conditions.remove", public_id=one.public_id)


def reported(session: Session, *, entry: Report, by: Resident) -> tuple[Photograph, ...]:
    """The photographs of a loan that was reported, for the moderator who has to decide about it."""
    if entry.target != Target.LOAN:
        return ()
    loan = loans.by_public_id(session, public_id=entry.target_id)
    if loan is None or not reports.handles(session, target=Target.LOAN, target_id=entry.target_id, by=by):
        return ()
    return tuple(_picture(one) for one in conditions.of(session, loan=loan))


# --- adding one


ALONE: Final[Mapping[Moment, LazyString]] = {
    Moment.BEFORE: lazy_gettext("Put the photo: when it changed hands"),
    Moment.AFTER: lazy_gettext("Put the photo: when it came back"),
}
TOGETHER: Final[Mapping[tuple[State, Side], tuple[Act, LazyString]]] = {
    (State.AGREED, Side.LENDER): (Act.HAND_OVER, lazy_gettext("Put the photo and say: I handed it over")),
    (State.AGREED, Side.BORROWER): (Act.HAND_OVER, lazy_gettext("Put the photo and say: I have it now")),
    (State.LENT, Side.LENDER): (Act.CONFIRM, lazy_gettext("Put the photo and say: it is back")),
    (State.LENT, Side.BORROWER): (Act.GIVE_BACK, lazy_gettext("Put the photo and say: I gave it back")),
    (State.GIVEN_BACK, Side.LENDER): (Act.CONFIRM, lazy_gettext("Put the photo and say: it is back")),
}


def presses(loan: Loan, *, side: Side) -> tuple[Press, ...]:
    """What a picture may be put to, alone or together with the next step."""
    state = State(loan.state)
    alone = tuple(Press(step=one.value, label=str(ALONE[one])) for one in conditions.OPEN.get(state, ()))
    step = TOGETHER.get((state, side))
    return alone if step is None else (*alone, Press(step=step[0].value, label=str(step[1])))
