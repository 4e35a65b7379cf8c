"""Lending: proposing when and where, the steps from hand to hand, thanks, and the list of one's own loans."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from instance import (
    bonds,
    conversations,
    extensions,
    far_loans,
    hours,
    lending,
    loan_calendar,
    loan_terms,
    loans,
    notices,
    thanks,
)
from instance.base import Refused
from instance.lending import Act, Side
from instance.listings import Direction, Listing
from instance.loans import Loan
from instance.residents import Resident
from web.frame import context, locale, moments
from web.frame.forms import PageForm
from web.pages import notices as notice_pages
from web.pages.loan_forms import AskForm, OutsideForm, ThanksForm
from web.pages.notice_forms import AnswerForm
from web.views import loans as views

pages = Blueprint("loans", __name__)

# What most loans are like, to be changed where one is not: tomorrow evening, for three days.
USUAL_HOUR: Final = time(18, 30)
USUAL_DAYS: Final = timedelta(days=3)
LONGEST: Final = {"place": loan_terms.LONGEST_PLACE, "thanks": thanks.LONGEST_WORDS}

DONE: Final[Mapping[str, LazyString]] = {
    Act.AGREE.value: lazy_gettext("It is agreed."),
    Act.CALL_OFF.value: lazy_gettext("It is called off."),
    Act.HAND_OVER.value: lazy_gettext("Noted: it has changed hands."),
    Act.GIVE_BACK.value: lazy_gettext("Noted: you gave it back."),
    Act.CONFIRM.value: lazy_gettext("Noted: it is back."),
    Act.MISS.value: lazy_gettext("Noted: it is not back yet."),
    views.EXTEND: lazy_gettext("The new day is agreed."),
}


@pages.get("/loans")
def index() -> str:
    """What one lent, what one borrowed, what one waits for."""
    resident, reader, home = context.require_resident(), context.reader(), context.home()
    return render_template(
        "loans/index.html",
        lent=views.cards(home, side=Side.LENDER, by=resident, reader=reader),
        borrowed=views.cards(home, side=Side.BORROWER, by=resident, reader=reader),
        places=views.places(home, by=resident, reader=reader),
    )


@pages.get("/loans/<uuid:public_id>")
def loan(public_id: uuid.UUID) -> str:
    """One loan, for its two."""
    resident = context.require_resident()
    return _page(_find(public_id), resident=resident)


def _find(public_id: uuid.UUID) -> Loan:
    return loans.find(context.home(), public_id=public_id, reader=context.reader())


def _page(found: Loan, *, resident: Resident, form: PageForm | None = None) -> str:
    view = views.sheet(context.home(), loan=found, by=resident, reader=context.reader())
    given = form if isinstance(form, ThanksForm) else ThanksForm(None)
    return render_template("loans/loan.html", sheet=view, form=form or given, thanks=given, longest=LONGEST)


# --- when, where, until when


@pages.route("/conversations/<uuid:public_id>/loan", methods=["GET", "POST"])
def ask(public_id: uuid.UUID) -> str | Response:
    """Propose a loan to the other one of a conversation, or otherwise than they did."""
    resident = context.require_resident()
    talk = conversations.find(context.home(), public_id=public_id, reader=context.reader())
    far = talk.is_remote
    if talk.listing is None or (far and not bonds.keeps_loans(context.home(), actor=talk.remote_actor)):
        raise Refused("not_found")
    form = AskForm()
    if request.method == "GET":
        _suggest(form, earlier=loans.last_in(context.home(), conversation=talk))

    def propose() -> Loan | None:
        return (far_loans.ask if far else loans.ask)(
            context.home(),
            conversation=talk,
            by=resident,
            pickup_at=_pickup(form.pickup.data),
            due_on=_due(form.due.data),
            place=form.place.data,
            now=context.now(),
        )

    if done := form.carry_out(propose):
        flash(gettext("It is proposed. You will see here when it is agreed."))
        if done.what is None:
            return redirect(url_for("conversations.conversation", public_id=public_id))
        return redirect(url_for("loans.loan", public_id=done.what.public_id))
    return render_template(
        "loans/ask.html", form=form, title=talk.listing.title, conversation_id=public_id, longest=LONGEST, far=far
    )


def _pickup(value: str | None) -> datetime | None:
    try:
        return moments.read(value or "")
    except ValueError:
        raise Refused("moment_shape", field="pickup") from None


def _due(value: str | None) -> date | None:
    try:
        return moments.read_day(value or "")
    except ValueError:
        raise Refused("day_shape", field="due") from None


def _suggest(form: AskForm, *, earlier: Loan | None) -> None:
    """Fill in what is proposed already, else what most loans are like."""
    zone = ZoneInfo(locale.TIMEZONE)
    pickup: datetime = datetime.combine(hours.town_day(context.now()) + timedelta(days=1), USUAL_HOUR, zone)
    due: date | None = pickup.date() + USUAL_DAYS
    if earlier is not None and earlier.state == lending.State.ASKED and earlier.pickup_at is not None:
        pickup, due, form.place.data = earlier.pickup_at.astimezone(zone), earlier.due_on, earlier.place
    form.pickup.data = f"{pickup:%Y-%m-%dT%H:%M}"
    form.due.data = due.isoformat() if due is not None else ""


# --- from hand to hand


@pages.post('/loans/<uuid:public_id>/<any(agree,"call-off","hand-over","give-back",confirm,miss,extend):step>')
def step(public_id: uuid.UUID, step: str) -> str | Response:
    """Take the next step; a page that was overtaken says so and shows how it stands."""
    resident = context.require_resident()
    found, form = _find(public_id), PageForm()
    if form.carry_out(lambda: _take(found, step=step, resident=resident)):
        flash(str(DONE[step]) if far_loans.follows(context.home(), loan=found) is None else _said())
        return redirect(url_for("loans.loan", public_id=public_id))
    return _page(found, resident=resident, form=form)


def _take(found: Loan, *, step: str, resident: Resident) -> None:
    home, now = context.home(), context.now()
    if far_loans.follows(home, loan=found) is not None:
        wish = far_loans.WISHES.get(Act(step)) if step != views.EXTEND else None
        if wish is None:
            raise Refused("loan_moved")
        far_loans.wish(home, loan=found, wish=wish, by=resident, now=now, terms=_terms())
    elif step == views.EXTEND:
        extensions.extend(home, loan=found, by=resident, until=_until(), now=now)
    elif step == Act.AGREE:
        loans.agree(home, loan=found, by=resident, terms=_terms(), now=now)
    else:
        loans.move(home, loan=found, act=Act(step), by=resident, now=now)


def _said() -> str:
    return gettext("Said. It counts once the other town has it.")


def _terms() -> int:
    return request.form.get("terms", 0, type=int)


def _until() -> date | None:
    try:
        return moments.read_day(request.form.get("until", ""))
    except ValueError:
        return None


@pages.post("/loans/<uuid:public_id>/longer")
def longer(public_id: uuid.UUID) -> str | Response:
    """Ask to keep it some days more, in one tap."""
    resident = context.require_resident()
    found, form = _find(public_id), PageForm()
    days = request.form.get("days", 0, type=int)
    if form.carry_out(lambda: _ask_longer(found, days=days, resident=resident)):
        flash(gettext("It is asked. If it is left unanswered, the day stays as it is."))
        return redirect(url_for("loans.loan", public_id=public_id))
    return _page(found, resident=resident, form=form)


def _ask_longer(found: Loan, *, days: int, resident: Resident) -> None:
    home, now = context.home(), context.now()
    if far_loans.follows(home, loan=found) is None:
        extensions.wish(home, loan=found, by=resident, days=days, now=now)
    else:
        far_loans.ask_longer(home, loan=found, by=resident, days=days, now=now)


@pages.post("/loans/<uuid:public_id>/thanks")
def thank(public_id: uuid.UUID) -> str | Response:
    """Say thank you, once; only the other one reads it."""
    resident = context.require_resident()
    found, form = _find(public_id), ThanksForm()
    said: dict[str, Any] = {"loan": found, "by": resident, "now": context.now()}
    if form.carry_out(lambda: thanks.say(context.home(), words=form.words.data, **said)):
        flash(gettext("Said. Nobody else reads it."))
        return redirect(url_for("loans.loan", public_id=public_id))
    return _page(found, resident=resident, form=form)


# --- beside a notice


def _offer(public_id: uuid.UUID) -> Listing:
    """A live offer of this place that the reader may see. Raises Refused("not_found") for anything else."""
    found = notices.find(context.home(), public_id=public_id, reader=context.reader())
    if not isinstance(found, Listing) or found.is_remote or not found.is_live or found.direction != Direction.OFFER:
        raise Refused("not_found")
    return found


@pages.route("/notices/<uuid:public_id>/lent", methods=["GET", "POST"])
def lend_outside(public_id: uuid.UUID) -> str | Response:
    """Its author lent it without this application, to nobody in particular."""
    resident = context.require_resident()
    offer, form = _offer(public_id), OutsideForm()
    if offer.author_id != resident.id:
        raise Refused("not_found")

    def lend() -> Loan:
        due = _due(form.due.data)
        return loans.lend_outside(context.home(), listing=offer, by=resident, due_on=due, now=context.now())

    if form.carry_out(lend):
        flash(gettext("It shows as lent."))
        return redirect(url_for("notices.notice", public_id=public_id))
    return render_template("loans/outside.html", form=form, title=offer.title, notice_id=public_id)


@pages.post("/notices/<uuid:public_id>/wait")
def wait(public_id: uuid.UUID) -> str | Response:
    """Put oneself down to be told when it is back."""
    resident = context.require_resident()
    offer, form = _offer(public_id), PageForm()
    if form.carry_out(lambda: loan_calendar.wait(context.home(), listing=offer, by=resident, now=context.now())):
        flash(gettext("You will be told when it is back. Nobody else sees that you wait."))
        return redirect(url_for("notices.notice", public_id=public_id))
    answer = AnswerForm(None)
    answer.form_errors = form.form_errors
    return notice_pages.page(offer, form=answer)


@pages.post("/notices/<uuid:public_id>/wait/stop")
def stop_waiting(public_id: uuid.UUID) -> Response:
    """Wait no longer; twice is once."""
    resident = context.require_resident()
    offer = _offer(public_id)
    loan_calendar.stop_waiting(context.home(), listing=offer, by=resident, now=context.now())
    context.commit()
    return redirect(url_for("loans.index"))
