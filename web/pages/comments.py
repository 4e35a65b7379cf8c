"""Comments under news: add one, take one's own back."""

import uuid

from flask import Blueprint, flash, redirect, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from instance import comments, notices
from instance.base import Refused
from instance.news import NewsItem
from web.frame import context
from web.pages import notices as notice_pages
from web.pages.notice_forms import CommentForm

pages = Blueprint("comments", __name__)


@pages.post("/notices/<uuid:public_id>/comments")
def add(public_id: uuid.UUID) -> str | Response:
    """Comment on news one can see."""
    resident = context.require_resident()
    notice = notices.find(context.home(), public_id=public_id, reader=context.reader())
    if not isinstance(notice, NewsItem):
        raise Refused("not_found")
    form = CommentForm()
    if done := form.carry_out(
        lambda: comments.add(context.home(), notice=notice, by=resident, body=form.body.data, now=context.now())
    ):
        flash(gettext("Your comment hangs under the news."))
        anchor = f"comment-{done.what.public_id}"
        return redirect(url_for("notices.notice", public_id=public_id, _anchor=anchor))
    return notice_pages.page(notice, form=form)


@pages.post("/comments/<uuid:public_id>/withdraw")
def withdraw(public_id: uuid.UUID) -> Response:
    """Take one's own comment back; another's is the same as none."""
    resident = context.require_resident()
    comment = comments.find(context.home(), public_id=public_id, reader=context.reader())
    if comment.author_id != resident.id:
        raise Refused("not_found")
    comments.withdraw(context.home(), comment=comment, by=resident)
    context.commit()
    flash(gettext("Your comment is taken back."))
    return redirect(url_for("notices.notice", public_id=comment.notice.public_id))
