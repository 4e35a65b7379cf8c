"""Private conversations: the answer that opens one, the list, the letters."""

import uuid

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from instance import conversations, notices, quiet
from instance.base import Refused
from instance.conversations import Conversation
from instance.listings import Listing
from instance.residents import Resident
from web.frame import context
from web.pages import notices as notice_pages
from web.pages.notice_forms import AnswerForm, ReplyForm
from web.views import bookings, letters, loans, meetings

pages = Blueprint("conversations", __name__)


@pages.post("/notices/<uuid:public_id>/answer")
def answer(public_id: uuid.UUID) -> str | Response:
    """Answer an offer or a request: it opens a conversation, or goes on with it."""
    resident = context.require_resident()
    listing = notices.find(context.home(), public_id=public_id, reader=context.reader())
    if not isinstance(listing, Listing):
        raise Refused("not_found")
    form = AnswerForm()
    if done := form.carry_out(
        lambda: conversations.answer(
            context.home(),
            listing=listing,
            by=resident,
            body=form.body.data,
            now=context.now(),
            byline=form.byline.data,
        )
    ):
        flash(gettext("Your answer is on its way. Only the two of you read it."))
        return redirect(url_for("conversations.conversation", public_id=done.what.public_id))
    return notice_pages.page(listing, form=form)


@pages.get("/conversations")
def index() -> str:
    """One's conversations, the last to move first."""
    resident = context.require_resident()
    held = conversations.of_resident(context.home(), resident=resident)
    return render_template(
        "conversations/index.html", entries=letters.entries(context.home(), held=held, reader=context.reader())
    )


@pages.get("/conversations/<uuid:public_id>")
def conversation(public_id: uuid.UUID) -> str | Response:
    """One conversation, for the two who take part.

    `?since=` a last letter, with `&meeting=` a state of the meeting, answers 204 while neither has changed.
    """
    resident = context.require_resident()
    found = conversations.find(context.home(), public_id=public_id, reader=context.reader())
    held = conversations.letters_for(context.home(), conversation=found, reader_id=resident.id)
    if held and request.args.get("since") == str(held[-1].public_id) and _has_meeting(found):
        return Response(status=204)
    return _page(found, resident=resident, form=ReplyForm(None))


@pages.post("/conversations/<uuid:public_id>")
def reply(public_id: uuid.UUID) -> str | Response:
    """Write the next letter."""
    resident = context.require_resident()
    found = conversations.find(context.home(), public_id=public_id, reader=context.reader())
    form = ReplyForm()
    if form.validate_on_submit() and conversations.reachable(found, by=resident):
        try:
            message = conversations.reply(
                context.home(), conversation=found, by=resident, body=form.body.data, now=context.now()
            )
        except Refused as refused:
            context.rollback()
            form.refuse(refused)
        else:
            context.commit()
            anchor = f"letter-{message.public_id}"
            return redirect(url_for("conversations.conversation", public_id=public_id, _anchor=anchor))
    return _page(found, resident=resident, form=form)


def _has_meeting(found: Conversation) -> bool:
    """Whether the page that asks shows the meeting as it is now."""
    card = meetings.card(context.home(), conversation=found, reader=context.reader(), now=context.now())
    return request.args.get("meeting") == meetings.mark(card)


def _page(found: Conversation, *, resident: Resident, form: ReplyForm) -> str:
    session, reader = context.home(), context.reader()
    meeting = meetings.card(session, conversation=found, reader=reader, now=context.now())
    return render_template(
        "conversations/conversation.html",
        thread=letters.thread(session, conversation=found, by=resident, reader=reader, mark=meetings.mark(meeting)),
        meeting=meeting,
        muted=quiet.is_muted(session, conversation_id=found.id, resident_id=resident.id),
        form=form,
        lending=loans.in_conversation(session, conversation=found, by=resident, reader=reader),
        booked=bookings.in_conversation(session, conversation=found, by=resident, reader=reader),
    )
