"""Meetings: moments proposed in a conversation, one of them agreed on in a tap, called off, and taken to a calendar."""

import uuid
from typing import Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField

from instance import conversations, meetings
from instance.base import Refused
from instance.conversations import Conversation
from instance.meetings import MOST_MOMENTS, Meeting, Place
from web.frame import context, moments
from web.frame.forms import PageForm
from web.pages import ics, refusals
from web.views import letters
from web.views import meetings as views

pages = Blueprint("meetings", __name__)

NEVER: Final = uuid.UUID(int=0)


class MeetingForm(PageForm):
    """Up to three moments, and where."""

    day_1 = StringField(lazy_gettext("First moment: day"))
    hour_1 = StringField(lazy_gettext("First moment: hour"))
    day_2 = StringField(lazy_gettext("Second moment: day"))
    hour_2 = StringField(lazy_gettext("Second moment: hour"))
    day_3 = StringField(lazy_gettext("Third moment: day"))
    hour_3 = StringField(lazy_gettext("Third moment: hour"))
    hall = RadioField(lazy_gettext("Where?"), validate_choice=False)
    place = StringField(lazy_gettext("Another place, in words"))

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Day and hour of each moment, as they were typed."""
        return [
            (self[f"day_{number}"].data or "", self[f"hour_{number}"].data or "")
            for number in range(1, MOST_MOMENTS + 1)
        ]


def _conversation(public_id: uuid.UUID) -> Conversation:
    """A conversation in which one may meet. Raises Refused("not_found") for any other."""
    found = conversations.find(context.home(), public_id=public_id, reader=context.reader())
    if found.is_remote or not conversations.reachable(found, by=context.require_resident()):
        raise Refused("not_found")
    return found


@pages.route("/conversations/<uuid:public_id>/meeting", methods=["GET", "POST"])
def propose(public_id: uuid.UUID) -> str | Response:
    """Propose up to three moments and a place."""
    found, form = _conversation(public_id), MeetingForm()
    halls = meetings.halls(context.home(), conversation=found, now=context.now())
    form.hall.choices = views.choices(halls)
    if request.method == "GET":
        form.hall.data = form.hall.choices[0][0]
    if form.carry_out(lambda: _propose(found, form)):
        flash(gettext("Your moments are proposed."))
        return redirect(url_for("conversations.conversation", public_id=public_id))
    other = letters.other(context.home(), conversation=found, reader=context.reader())
    first, last = (moments.machine_day(one) for one in (context.now(), context.now() + meetings.FURTHEST))
    return render_template(
        "meetings/propose.html",
        form=form,
        public_id=public_id,
        other=other,
        has_hall=bool(halls),
        first=first,
        last=last,
    )


def _propose(found: Conversation, form: MeetingForm) -> Meeting:
    halls = meetings.halls(context.home(), conversation=found, now=context.now())
    wish = form.hall.data or ""
    hall = next((one for one in halls if str(one.public_id) == wish), None)
    if wish and hall is None:
        raise Refused("hall_unknown", field="hall")
    return meetings.propose(
        context.home(),
        conversation=found,
        by=context.require_resident(),
        moments=meetings.read(form.rows, now=context.now()),
        place=Place(building=hall, words=form.place.data or ""),
        now=context.now(),
    )


@pages.post("/conversations/<uuid:public_id>/meeting/pick")
def pick(public_id: uuid.UUID) -> Response:
    """Agree to one of the moments."""
    found = _conversation(public_id)
    try:
        meetings.pick(
            context.home(),
            conversation=found,
            by=context.require_resident(),
            meeting_id=_meeting_id(),
            number=request.form.get("number", 0, type=int),
            now=context.now(),
        )
    except Refused as refused:
        context.rollback()
        flash(refusals.sentence(refused.code))
    else:
        context.commit()
        flash(gettext("It is agreed."))
    return redirect(url_for("conversations.conversation", public_id=public_id))


@pages.post("/conversations/<uuid:public_id>/meeting/call-off")
def call_off(public_id: uuid.UUID) -> Response:
    """Call off what was agreed, or take back what one proposed."""
    found = conversations.find(context.home(), public_id=public_id, reader=context.reader())
    by, now = context.require_resident(), context.now()
    meetings.call_off(context.home(), conversation=found, by=by, meeting_id=_meeting_id(), now=now)
    context.commit()
    flash(gettext("It is called off."))
    return redirect(url_for("conversations.conversation", public_id=public_id))


def _meeting_id() -> uuid.UUID:
    """Which meeting a button is about: a page may be older than the proposal that is there now."""
    return request.form.get("meeting", NEVER, type=uuid.UUID)


@pages.get("/conversations/<uuid:public_id>/meeting.ics")
def calendar_file(public_id: uuid.UUID) -> Response:
    """What was agreed, for a calendar (RFC 5545); called off, to strike it out there, as long as it is kept."""
    found, by = _conversation(public_id), context.require_resident()
    meeting = meetings.noted(context.home(), conversation=found, now=context.now())
    other = found.other(by.id)
    if meeting is None or other is None:
        raise Refused("not_found")
    origin = context.settings().origin
    event = views.event(meeting, other=other.short_name, reader=context.reader(), origin=origin)
    if event is None:
        raise Refused("not_found")
    return ics.answer(event)
