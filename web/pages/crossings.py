"""The boundary's audit book: what was decided about each change, what is still to deliver, what was refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from federation import delivery
from federation.models import Activity, Delivery, DeliveryState, Letter, LetterState
from instance import journal, notices
from instance.audience import Audience
from instance.journal import Change, Outcome, Subject
from web.frame import context, guards, reasons

pages = Blueprint("crossings", __name__, url_prefix="/admin/crossings")
pages.before_request(guards.administrators_only)

SHOWN: Final = 50

SUBJECTS: Final = {
    Subject.NOTICE: lazy_gettext("Notice"),
    Subject.MESSAGE: lazy_gettext("Private letter"),
    Subject.ORGANISATION: lazy_gettext("Organisation"),
    Subject.QUARTER: lazy_gettext("Quarter"),
}
OUTCOMES: Final = {
    Outcome.ANNOUNCE: lazy_gettext("Left"),
    Outcome.RETRACT: lazy_gettext("Called back"),
    Outcome.WITHHOLD: lazy_gettext("Stayed"),
    Outcome.POST: lazy_gettext("Sent to one person"),
    Outcome.PROFILE: lazy_gettext("Profile shown"),
}
ICONS: Final = {
    Outcome.ANNOUNCE: "globe",
    Outcome.RETRACT: "x",
    Outcome.WITHHOLD: "house",
    Outcome.POST: "mail",
    Outcome.PROFILE: "globe",
}
DELIVERIES: Final = {
    DeliveryState.DUE: lazy_gettext("Waiting"),
    DeliveryState.LEASED: lazy_gettext("Being sent"),
    DeliveryState.FAILED: lazy_gettext("Refused there"),
    DeliveryState.ABANDONED: lazy_gettext("Given up"),
}
OVER: Final = (DeliveryState.FAILED, DeliveryState.ABANDONED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One change and its verdict. The words of a notice that stayed are not shown: they are not the administrators'."""

    at: datetime
    subject: str
    outcome: str
    icon: str
    why: str
    title: str | None
    url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """Something that did not arrive yet, or will not by itself."""

    delivery_id: int
    host: str
    type: str
    state: str
    attempts: int
    why: str
    due: datetime | None
    may_replay: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A letter that was not let in, or that waits."""

    host: str
    type: str
    at: datetime
    why: str
    waiting: bool


@pages.get("")
def index() -> str:
    """The newest lines of each of the three lists."""
    outside = context.federation()
    return render_template(
        "crossings/index.html",
        lines=[_line(one) for one in journal.latest(context.home(), limit=SHOWN)],
        parcels=_parcels(outside),
        letters=_letters(outside),
    )


def _line(change: Change) -> Line:
    verdict = change.verdict
    outcome = Outcome(verdict.outcome) if verdict is not None else None
    notice = None
    if outcome is Outcome.ANNOUNCE:
        notice = notices.by_public_id(context.home(), public_id=change.subject_id)
    left = notice is not None and notice.is_live and notice.reach == Audience.NETWORK
    return Line(
        at=change.created_at,
        subject=str(SUBJECTS[Subject(change.subject)]),
        outcome=str(OUTCOMES[outcome]) if outcome else gettext("Not decided yet"),
        icon=ICONS[outcome] if outcome else "clock",
        why=reasons.sentence(verdict.why if verdict else ""),
        title=notice.title if notice is not None and left else None,
        url=url_for("notices.notice", public_id=notice.public_id) if notice is not None and left else None,
    )


def _parcels(session: Session) -> Sequence[Parcel]:
    rows = session.execute(
        select(Delivery, Activity.type, Activity.blanked)
        .join(Activity, Activity.id == Delivery.activity_id)
        .where(Delivery.state != DeliveryState.SENT)
        .order_by(Delivery.id.desc())
        .limit(SHOWN)
    )
    return [
        Parcel(
            delivery_id=row.id,
            host=row.host,
            type=kind,
            state=str(DELIVERIES[DeliveryState(row.state)]),
            attempts=row.attempts,
            why=reasons.sentence(row.last_error or (f"answered {row.last_status}" if row.last_status else "")),
            due=None if row.state in OVER else row.due_at,
            may_replay=row.state in OVER and not blanked,
        )
        for row, kind, blanked in rows
    ]


def _letters(session: Session) -> Sequence[Refused]:
    rows = session.scalars(
        select(Letter)
        .where(Letter.state.in_((LetterState.REFUSED, LetterState.WAITING)))
        .order_by(Letter.id.desc())
        .limit(SHOWN)
    )
    return [
        Refused(
            host=row.host,
            type=row.type,
            at=row.received_at,
            why=reasons.sentence(row.sentence),
            waiting=row.state == LetterState.WAITING,
        )
        for row in rows
    ]


@pages.post("/deliveries/<int:delivery_id>/replay")
def replay(delivery_id: int) -> Response:
    """Try again what was given up or refused."""
    row = context.federation().get(Delivery, delivery_id)
    if row is None:
        abort(404)
    if delivery.replay(context.federation(), delivery=row, now=context.now()):
        context.commit_federation()
        flash(gettext("It is tried again."))
    else:
        flash(gettext("There is nothing to send any more."))
    return redirect(url_for("crossings.index"))
