"""The moderators' desk: open reports, what was decided and why, what is hidden, who is suspended, who is blocked."""

import uuid
from collections.abc import Callable
from typing import Final, cast

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from instance import moderation, parties, places, prose, reports, residents, suspensions
from instance.base import Refused
from instance.comments import Comment
from instance.moderation import Step
from instance.nearby import Nearby
from instance.notices import Notice
from instance.reports import Report
from instance.residents import Resident, State
from web.acts import blocking, deciding, referring
from web.frame import context, guards
from web.frame.forms import PageForm
from web.pages.verdicts import ReasonForm, ReportForm
from web.views import conditions, photos, referrals
from web.views import desk as views

pages = Blueprint("moderation", __name__, url_prefix="/moderation")
pages.before_request(guards.moderators_only)


class BlockForm(PageForm):
    """A town to block, and why."""

    host = StringField(lazy_gettext("Address of the town"))
    reason = TextAreaField(lazy_gettext("Reason"))


@pages.get("")
def desk() -> str:
    """Everything that waits, and everything that was done."""
    return _desk(form=BlockForm(None))


def _desk(*, form: BlockForm) -> str:
    home, me = context.home(), context.require_resident()
    return render_template(
        "moderation/desk.html",
        reports=[views.report_line(one) for one in reports.open_reports(home, by=me)],
        stranded=reports.stranded(home) if me.is_administrator else 0,
        hidden=[views.hidden_line(home, notice=one, by=me) for one in moderation.hidden(home, by=me)],
        comments=[views.hidden_comment(home, comment=one, by=me) for one in moderation.hidden_comments(home, by=me)],
        beside=[views.hidden_beside(home, row=one, by=me) for one in moderation.hidden_beside(home, by=me)],
        suspended=[views.account_line(home, resident=one, by=me) for one in suspensions.suspended(home, by=me)],
        quarter=places.quarter_by_id(home, id=me.desk_quarter_id).name if me.desk_quarter_id is not None else None,
        blocked=views.blocked_towns(context.federation()),
        measures=[views.measure_line(home, measure=one) for one in moderation.measures(home, by=me)],
        form=form,
    )


# --- reports


@pages.get("/reports/<uuid:public_id>")
def report(public_id: uuid.UUID) -> str:
    """One report and what can be done about it; of a closed one, what was reported and that it is decided."""
    entry = reports.find_report(context.home(), public_id=public_id, by=context.require_resident())
    return _report_page(entry, form=ReportForm(None))


def _report_page(entry: Report, *, form: ReportForm) -> str:
    me, home, outside = context.require_resident(), context.home(), context.federation()
    view = views.report_view(home, entry=entry, by=me, reader=context.reader())
    shown = (*photos.reported(home, entry=entry), *conditions.reported(home, entry=entry, by=me))
    return render_template(
        "moderation/report.html",
        report=view,
        photos=shown,
        tells=referring.town(home, outside=outside, entry=entry),
        told=referrals.of_report(home, outside=outside, entry=entry),
        form=form,
    )


@pages.post("/reports/<uuid:public_id>")
def decide(public_id: uuid.UUID) -> str | Response:
    """Hide, warn, suspend or dismiss, with the reason. Of two at once, the second is told that it is decided."""
    entry = reports.find_report(context.home(), public_id=public_id, by=context.require_resident())
    step = next((one for one in DONE if one == request.form.get("step")), None)
    if step is None:
        abort(400)
    form = ReportForm()
    if form.carry_out(
        lambda: referring.decide(
            context.home(),
            outside=context.federation(),
            entry=deciding.open_report(context.home(), public_id=public_id, by=context.require_resident()),
            step=step,
            verdict=form.verdict(),
            told=form.told.data or "",
            by=context.require_resident(),
            now=context.now(),
        )
    ):
        flash(str(DONE[step]))
        return redirect(url_for("moderation.desk"))
    return _report_page(entry, form=form)


DONE: Final[dict[Step, LazyString]] = {
    Step.HIDE: lazy_gettext("It is hidden. The reason is in the book."),
    Step.WARN: lazy_gettext("They are told, with the reason. It is in the book, too."),
    Step.SUSPEND: lazy_gettext("The account is suspended. The reason is in the book."),
    Step.DISMISS: lazy_gettext("The report is closed. The reason is in the book."),
}


# --- taking a measure back


@pages.route("/notices/<uuid:public_id>", methods=["GET", "POST"])
def restore(public_id: uuid.UUID) -> str | Response:
    """Hang a hidden notice again."""
    notice = deciding.hidden_notice(context.home(), public_id=public_id, by=context.require_resident())
    return _with_reason(
        act=lambda reason, by: _restore(notice, reason, by),
        done=gettext("The notice hangs again."),
        title=gettext("Hang this notice again?"),
        subject=notice.title,
        label=gettext("Hang it again"),
        hint=gettext("It hangs again here. Where it was taken down outside, it stays down."),
    )


def _restore(notice: Notice, reason: str, by: Resident) -> None:
    moderation.restore(context.home(), notice=notice, reason=reason, by=by, now=context.now())


@pages.route("/comments/<uuid:public_id>", methods=["GET", "POST"])
def restore_comment(public_id: uuid.UUID) -> str | Response:
    """Put a hidden comment back."""
    comment = deciding.hidden_comment(context.home(), public_id=public_id, by=context.require_resident())
    return _with_reason(
        act=lambda reason, by: _restore_comment(comment, reason, by),
        done=gettext("The comment is back."),
        title=gettext("Put this comment back?"),
        subject=prose.excerpt(prose.plain(comment.html), longest=200),
        label=gettext("Put it back"),
        hint=gettext("It stands under the news again."),
    )


def _restore_comment(comment: Comment, reason: str, by: Resident) -> None:
    moderation.restore_comment(context.home(), comment=comment, reason=reason, by=by, now=context.now())


@pages.route("/beside/<uuid:public_id>", methods=["GET", "POST"])
def restore_beside(public_id: uuid.UUID) -> str | Response:
    """Put back what somebody can be asked for, or whom they recommend."""
    row = deciding.hidden_beside(context.home(), public_id=public_id, by=context.require_resident())
    return _with_reason(
        act=lambda reason, by: _restore_beside(row, reason, by),
        done=gettext("It stands there again."),
        title=gettext("Put this back?"),
        subject=prose.excerpt(row.wording, longest=200),
        label=gettext("Put it back"),
        hint=gettext("Neighbours see it again where it was."),
    )


def _restore_beside(row: Nearby, reason: str, by: Resident) -> None:
    moderation.restore_beside(context.home(), row=row, reason=reason, by=by, now=context.now())


@pages.route("/accounts/<uuid:public_id>", methods=["GET", "POST"])
def reinstate(public_id: uuid.UUID) -> str | Response:
    """Give a suspended account back."""
    somebody = residents.find(context.home(), public_id=public_id)
    if somebody.state != State.SUSPENDED or not _looked_after(somebody):
        raise Refused("not_found")
    return _with_reason(
        act=lambda reason, by: _reinstate(somebody, reason, by),
        done=gettext("The account can be used again."),
        title=gettext("Give this account back?"),
        subject=somebody.short_name,
        label=gettext("Give it back"),
        hint=gettext("Its notices stay hidden until you hang each of them again."),
    )


def _looked_after(somebody: Resident) -> bool:
    return parties.looks_after(context.home(), by=context.require_resident(), resident=somebody)


def _reinstate(somebody: Resident, reason: str, by: Resident) -> None:
    suspensions.reinstate(context.home(), resident=somebody, reason=reason, by=by, now=context.now())


def _with_reason(
    *,
    act: Callable[[str, Resident], object],
    done: str,
    title: str,
    subject: str,
    label: str,
    hint: str,
    told: bool = True,
) -> str | Response:
    """A page that asks for the reason of one act, then does it; `told` says that somebody here will read the reason."""
    form = ReasonForm()
    if form.carry_out(lambda: act(cast("str", form.reason.data or ""), context.require_resident())):
        flash(done)
        return redirect(url_for("moderation.desk"))
    words = {"title": title, "subject": subject, "label": label, "hint": hint}
    return render_template("moderation/reason.html", form=form, told=told, **words)


# --- towns: they concern the whole town, so a moderator of one quarter has no page of them


def _impose(host: str, reason: str, by: Resident) -> str:
    return blocking.impose(
        context.home(), outside=context.federation(), host=host, reason=reason, by=by, now=context.now()
    )


def _lift(host: str, reason: str, by: Resident) -> None:
    blocking.lift(context.home(), outside=context.federation(), host=host, reason=reason, by=by, now=context.now())


def _whole_town() -> None:
    if context.require_resident().desk_quarter_id is not None:
        abort(404)


@pages.post("/towns")
def block() -> str | Response:
    """Block a town."""
    _whole_town()
    form = BlockForm()
    if blocked := form.carry_out(
        lambda: _impose(form.host.data or "", form.reason.data or "", context.require_resident())
    ):
        flash(gettext("%(host)s is blocked. What hung here of it is taken down.", host=blocked.what))
        return redirect(url_for("moderation.desk"))
    return _desk(form=form)


@pages.route("/towns/<host>/block", methods=["GET", "POST"])
def block_one(host: str) -> str | Response:
    """Block a town one comes to from its own page or from a report."""
    _whole_town()
    return _with_reason(
        act=lambda reason, by: _impose(host, reason, by),
        done=gettext("%(host)s is blocked. What hung here of it is taken down.", host=host),
        title=gettext("Block this town?"),
        subject=host,
        label=gettext("Block it"),
        hint=gettext("Nothing more is exchanged with it, and what hangs here of it is taken down."),
        told=False,
    )


@pages.route("/towns/<host>/unblock", methods=["GET", "POST"])
def unblock(host: str) -> str | Response:
    """Lift a block."""
    _whole_town()
    return _with_reason(
        act=lambda reason, by: _lift(host, reason, by),
        done=gettext("%(host)s is no longer blocked.", host=host),
        title=gettext("Speak to this town again?"),
        subject=host,
        label=gettext("Lift the block"),
        hint=gettext("What was taken down stays down, and nothing is followed again by itself."),
        told=False,
    )
