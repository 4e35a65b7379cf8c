"""Lists of blocks: read, looked at, applied, and given away; for administrators."""

import uuid

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf.file import FileField
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as Answer
from wtforms import BooleanField, HiddenField, StringField

from federation import block_plans, policy
from federation.neighbours import BlocklistDraft
from web.acts import blocking
from web.frame import context, guards
from web.frame.forms import PageForm
from web.views import accords

pages = Blueprint("blocklists", __name__, url_prefix="/admin/blocklist")
pages.before_request(guards.administrators_only)


class ListForm(PageForm):
    """A list to look at."""

    file = FileField(lazy_gettext("The file"))
    loosen = BooleanField(lazy_gettext("It may loosen what somebody here blocked by hand"))


class ApplyForm(PageForm):
    """The list that was shown, and why it is applied."""

    mark = HiddenField()
    reason = StringField(lazy_gettext("Where the list is from"))


def _own_host() -> str:
    return policy.authority(context.settings().origin)


@pages.get("")
def index() -> str:
    """How many towns are shut out here, and a list to look at."""
    return _index(ListForm(None))


def _index(form: ListForm) -> str:
    words = request.args.get("q", "").strip()
    found = accords.shut(context.federation(), containing=words)
    return render_template("peers/blocklist.html", form=form, shut=found, words=words)


@pages.post("")
def preview() -> str | Answer:
    """Look at a list; nothing is changed."""
    form = ListForm()
    if done := form.carry_out(lambda: _keep(form), commit=context.commit_federation):
        return redirect(url_for("blocklists.shown", draft=done.what))
    return _index(form)


def _keep(form: ListForm) -> uuid.UUID:
    sent = form.file.data
    data = sent.stream.read() if isinstance(sent, FileStorage) else b""
    outside = context.federation()
    loosen = bool(form.loosen.data)
    # What cannot be read is said at once, beside the file.
    block_plans.plan(outside, data=data, own_host=_own_host(), loosen=loosen)
    return block_plans.keep(outside, data=data, loosen=loosen, now=context.now())


@pages.get("/<uuid:draft>")
def shown(draft: uuid.UUID) -> str:
    """What a list would do."""
    return _shown(draft)


def _shown(draft: uuid.UUID, *, form: ApplyForm | None = None) -> str:
    outside = context.federation()
    row = outside.get(BlocklistDraft, draft)
    if row is None:
        abort(404)
    plan = block_plans.plan(outside, data=row.content, own_host=_own_host(), loosen=row.loosen)
    form = form or ApplyForm(None)
    # Shown again after a refusal, it is applied as it is shown now.
    form.mark.data = plan.mark
    return render_template(
        "peers/blocklist_shown.html",
        draft=draft,
        form=form,
        plan=plan,
        problems=accords.problems(plan),
        most=accords.SHOWN,
    )


@pages.post("/<uuid:draft>")
def apply(draft: uuid.UUID) -> str | Answer:
    """Apply a list exactly as it was shown."""
    form = ApplyForm()
    if done := form.carry_out(
        lambda: blocking.apply_list(
            context.home(),
            outside=context.federation(),
            draft=draft,
            mark=form.mark.data or "",
            own_host=_own_host(),
            reason=form.reason.data or "",
            by=context.require_resident(),
            now=context.now(),
        )
    ):
        count = len(done.what.new) + len(done.what.changed)
        flash(gettext("The list is applied: %(count)d towns.", count=count))
        return redirect(url_for("blocklists.index"))
    return _shown(draft, form=form)


@pages.get("/blocks.csv")
def export() -> Response:
    """Our own list, as a table that other software reads."""
    answer = Response(block_plans.export(context.federation()), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="blocks.csv"'
    return answer
