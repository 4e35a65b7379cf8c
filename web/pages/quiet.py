"""Quiet: muting and leaving a conversation, blocking somebody, hours without mail. Nobody else is told of any of it."""

import uuid
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from instance import conversations, partings, quiet, residents
from instance.base import Refused
from instance.conversations import Conversation
from instance.quiet import Kind
from instance.residents import Resident
from web.frame import context
from web.frame.forms import PageForm
from web.views import letters
from web.views import meetings as meeting_views

pages = Blueprint("quiet", __name__)

MOST_NEW = (1, 2, 3, 5, 10, 20)


class HoursForm(PageForm):
    """From when until when no mail, and of how many new conversations a month."""

    begins = SelectField(lazy_gettext("No mail from"), coerce=int, validate_choice=False)
    ends = SelectField(lazy_gettext("No mail until"), coerce=int, validate_choice=False)
    most_new = SelectField(lazy_gettext("Mail about new conversations"), coerce=int, validate_choice=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """Somebody one blocks."""

    public_id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What the account page shows of all this."""

    form: HoursForm
    blocked: tuple[Blocked, ...]


def section(form: HoursForm | None = None) -> Section:
    """One's own quiet, as the account page shows it; `form` is one that was sent and needs another look."""
    session, resident = context.home(), context.require_resident()
    own = quiet.hours(session, resident=resident)
    form = form or HoursForm(None, begins=own.begins, ends=own.ends, most_new=own.most_new or 0)
    form.begins.choices = form.ends.choices = [SelectChoice(one, f"{one:02}:00") for one in range(24)]
    form.most_new.choices = [
        SelectChoice(0, gettext("Every time")),
        *(SelectChoice(one, gettext("%(most)d a month at most", most=one)) for one in MOST_NEW),
    ]
    return Section(
        form=form,
        blocked=tuple(
            Blocked(
                public_id=one.public_id,
                name=residents.name_for(session, resident=one.blocked, reader=context.reader()),
            )
            for one in quiet.blocked_by(session, resident=resident)
        ),
    )


def keep(form: HoursForm) -> bool:
    """Keep the hours that were sent; False when they were refused, and the form says why."""
    done = form.carry_out(
        lambda: quiet.set_hours(
            context.home(),
            resident=context.require_resident(),
            begins=form.begins.data,
            ends=form.ends.data,
            most_new=form.most_new.data or None,
            now=context.now(),
        )
    )
    return done is not None


def _find(public_id: uuid.UUID) -> tuple[Conversation, Resident]:
    found = conversations.find(context.home(), public_id=public_id, reader=context.reader())
    return found, context.require_resident()


@pages.get("/conversations/<uuid:public_id>/quiet")
def page(public_id: uuid.UUID) -> str:
    """Mute, leave, block: what each does, before one does it."""
    found, resident = _find(public_id)
    session, reader = context.home(), context.reader()
    return render_template(
        "conversations/quiet.html",
        public_id=public_id,
        other=letters.other(session, conversation=found, reader=reader),
        muted=quiet.is_muted(session, conversation_id=found.id, resident_id=resident.id),
        meeting=meeting_views.card(session, conversation=found, reader=reader, now=context.now()),
        has_other=found.other(resident.id) is not None and not found.is_remote,
    )


@pages.post("/conversations/<uuid:public_id>/mute")
def mute(public_id: uuid.UUID) -> Response:
    """No mail about this conversation, or mail again."""
    found, resident = _find(public_id)
    act = quiet.come_back if request.form.get("wanted") == "no" else quiet.stand_aside
    act(context.home(), conversation_id=found.id, resident=resident, kind=Kind.MUTED, now=context.now())
    context.commit()
    flash(gettext("Your settings are kept."))
    return redirect(url_for("conversations.conversation", public_id=public_id))


@pages.post("/conversations/<uuid:public_id>/leave")
def leave(public_id: uuid.UUID) -> Response:
    """Leave a conversation, silently."""
    found, resident = _find(public_id)
    partings.leave(context.home(), conversation=found, by=resident, now=context.now())
    context.commit()
    flash(gettext("The conversation is gone from your list."))
    return redirect(url_for("conversations.index"))


@pages.post("/conversations/<uuid:public_id>/block")
def block(public_id: uuid.UUID) -> Response:
    """Block the other one, silently."""
    found, resident = _find(public_id)
    whom = found.other(resident.id)
    if whom is None or found.is_remote:
        raise Refused("not_found")
    partings.block(context.home(), by=resident, whom=whom, now=context.now())
    context.commit()
    flash(gettext("You will hear nothing more from this person. Under “My account” you can change it."))
    return redirect(url_for("conversations.index"))


@pages.post("/account/blocked/<uuid:public_id>")
def unblock(public_id: uuid.UUID) -> Response:
    """Hear from somebody again."""
    partings.unblock(context.home(), public_id=public_id, by=context.require_resident(), now=context.now())
    context.commit()
    flash(gettext("This person can write to you again."))
    return redirect(url_for("account.account"))
