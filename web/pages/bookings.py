"""Standing offers: saying when and where, booking a free slot in one request, calling it off, keeping it in mind."""

import uuid
from datetime import date

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from instance import bookings, notices, openings, slots
from instance.base import Refused
from instance.bookings import Booking, Phase
from instance.hours import TOWN_TIME
from instance.listings import Direction, Listing
from instance.openings import Opening
from instance.residents import Resident
from instance.slots import Window
from web.frame import context, moments
from web.pages import ics
from web.pages import notices as notice_pages
from web.pages.booking_forms import BookForm, WindowForm
from web.pages.notice_forms import AnswerForm
from web.views import bookings as views

pages = Blueprint("bookings", __name__)


# --- windows


def _own_offer(public_id: uuid.UUID, *, resident: Resident) -> Listing:
    found = notice_pages.find_own(public_id, resident=resident)
    if not isinstance(found, Listing) or found.direction != Direction.OFFER:
        raise Refused("not_found")
    return found


@pages.route("/notices/<uuid:public_id>/windows", methods=["GET", "POST"])
def windows(public_id: uuid.UUID) -> str | Response:
    """When and where one's own offer can be had, and a form for one window more."""
    resident = context.require_resident()
    found, form = _own_offer(public_id, resident=resident), WindowForm()
    form.offer()
    if form.carry_out(lambda: _add(found, form=form, resident=resident)):
        flash(gettext("From now on neighbours can book it then."))
        return redirect(url_for("bookings.windows", public_id=public_id))
    if not form.is_submitted():
        form.place.data = gettext("In the entrance hall")
    return render_template(
        "bookings/windows.html",
        form=form,
        title=found.title,
        lines=views.lines(context.home(), listing=found),
        today=moments.machine_day(context.now()),
        longest=openings.LONGEST_PLACE,
        back=url_for("notices.notice", public_id=public_id),
    )


def _add(found: Listing, *, form: WindowForm, resident: Resident) -> Opening:
    window = Window(
        weekday=_number(form.weekday.data),
        begins=slots.read_time(form.begins.data or "", field="begins"),
        ends=slots.read_time(form.ends.data or "", field="ends"),
        minutes=_number(form.minutes.data),
        first=_date(form.first.data, field="first") or context.now().astimezone(TOWN_TIME).date(),
        last=_date(form.last.data, field="last"),
    )
    return openings.add(
        context.home(), listing=found, by=resident, window=window, place=form.place.data or "", now=context.now()
    )


def _number(value: str | None) -> int:
    """A choice of a list; none of it for what is no number."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 5 else -1


def _date(value: str | None, *, field: str) -> date | None:
    try:
        return moments.read_day(value or "")
    except ValueError:
        raise Refused("day_shape", field=field) from None


@pages.post("/windows/<uuid:public_id>/remove")
def remove(public_id: uuid.UUID) -> Response:
    """Offer a window no longer."""
    resident, home = context.require_resident(), context.home()
    found = openings.find_own(home, public_id=public_id, by=resident, reader=context.reader())
    notice_id = found.listing.public_id
    openings.remove(home, opening=found, by=resident)
    context.commit()
    flash(gettext("It is no longer offered then. What is booked stays booked until one of you calls it off."))
    return redirect(url_for("bookings.windows", public_id=notice_id))


# --- booking


@pages.post("/notices/<uuid:public_id>/book")
def book(public_id: uuid.UUID) -> str | Response:
    """Book a free slot: one request, and it is confirmed."""
    resident = context.require_resident()
    found = notices.find(context.home(), public_id=public_id, reader=context.reader())
    if not isinstance(found, Listing) or found.is_remote or not found.is_live or found.direction != Direction.OFFER:
        raise Refused("not_found")
    form = BookForm()
    if done := form.carry_out(lambda: _book(found, form=form, resident=resident)):
        flash(gettext("It is booked."))
        return redirect(url_for("bookings.booking", public_id=done.what.public_id))
    answer = AnswerForm(None)
    answer.form_errors = [one.message for one in form.problems]
    return notice_pages.page(found, form=answer)


def _book(found: Listing, *, form: BookForm, resident: Resident) -> Booking:
    at = views.read_slot(form.slot.data)
    if at is None:
        raise Refused("slot_gone")
    return bookings.book(context.home(), listing=found, by=resident, starts_at=at, now=context.now())


# --- one's bookings


@pages.get("/bookings")
def index() -> str:
    """What one booked, and what neighbours booked of one's own offers."""
    home, resident, reader = context.home(), context.require_resident(), context.reader()
    return render_template(
        "bookings/index.html",
        mine=views.cards(home, by=resident, reader=reader, own_offers=False),
        of_mine=views.cards(home, by=resident, reader=reader, own_offers=True),
    )


def _find(public_id: uuid.UUID) -> Booking:
    return bookings.find(context.home(), public_id=public_id, reader=context.reader())


@pages.get("/bookings/<uuid:public_id>")
def booking(public_id: uuid.UUID) -> str:
    """One booking, for its two: when, where, with whom."""
    resident, reader = context.require_resident(), context.reader()
    card = views.card(context.home(), booking=_find(public_id), by=resident, reader=reader)
    return render_template("bookings/booking.html", card=card)


@pages.post("/bookings/<uuid:public_id>/cancel")
def cancel(public_id: uuid.UUID) -> Response:
    """Call it off, by either of the two."""
    resident = context.require_resident()
    bookings.cancel(context.home(), booking=_find(public_id), by=resident, now=context.now())
    context.commit()
    flash(gettext("It is called off. The other one of you is told."))
    return redirect(url_for("bookings.booking", public_id=public_id))


@pages.get("/bookings/<uuid:public_id>/booking.ics")
def calendar_file(public_id: uuid.UUID) -> Response:
    """What is booked, for a calendar (RFC 5545); called off, to strike it out there, as long as it is kept."""
    resident, found = context.require_resident(), _find(public_id)
    if found.phase(context.now()) is Phase.DONE:
        raise Refused("not_found")
    return ics.answer(views.event(found, by=resident, origin=context.settings().origin))
