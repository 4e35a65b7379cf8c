"""What the composers of listings and of news share: the look while one types, the look before it leaves, hanging it."""

from collections.abc import Callable

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from instance.audience import Audience
from instance.base import Refused
from instance.notices import Notice
from web.frame import context
from web.pages import attached, refusals
from web.pages.notice_forms import AudienceForm
from web.views import leaving
from web.views.leaving import Leaving

LOOK, EDIT, PUBLISH = "look", "edit", "publish"


def asked(step: str) -> bool:
    """Whether the form was sent for this step."""
    return request.form.get("step") == step


def look(form: AudienceForm, *, hang: Callable[[], Notice]) -> str:
    """The part of the composer that shows, while one types, who will see it and what leaves."""
    word = form.audience.data
    shown: Leaving | None = None
    missing = None
    if word == Audience.NETWORK.word and form.validate_on_submit():
        try:
            shown = _leaving(hang())
        except Refused as refused:
            missing = refusals.sentence(refused.code)
        finally:
            context.rollback()
    who = dict(form.audience.choices).get(word)
    return render_template("listings/look.html", leaving=shown, door=word if who else None, who=who, missing=missing)


def take(
    form: AudienceForm, *, hang: Callable[[], Notice], again: Callable[[], str], later: str | None = None
) -> str | Response:
    """Publish, or show what would leave: the same domain call, rolled back, so that the look is the truth.

    `again` draws the composer with what was typed, for a refusal; `later` says when it leaves, if not at once.
    """
    try:
        notice = hang()
        if notice.audience is Audience.NETWORK and not asked(PUBLISH):
            shown = _leaving(notice)
            context.rollback()
            return render_template("listings/preview.html", leaving=shown, fields=carried(form), form=form, later=later)
    except Refused as refused:
        context.rollback()
        form.refuse(refused)
        return again()
    context.commit()
    flash(leaving.hung(context.outside(), notice=notice, origin=context.settings().origin))
    return redirect(url_for("notices.notice", public_id=notice.public_id))


def carried(form: AudienceForm) -> dict[str, object]:
    """What was typed, to be carried on unseen: pictures cannot be, so they and their words are asked for again."""
    return {name: value for name, value in form.data.items() if name not in attached.NAMES}


def _leaving(notice: Notice) -> Leaving:
    return leaving.of_notice(context.outside(), notice=notice, origin=context.settings().origin)
