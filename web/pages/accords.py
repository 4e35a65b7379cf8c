"""How we stand with a neighbouring town: charter, neighbouring quarters, limits, who may follow; for administrators."""

from collections.abc import Callable
from typing import Final

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from activitypub.dialects import Dialect
from federation import approvals, charters, identity, markets, outlines, quarters
from federation.base import PeerRefused
from federation.exchange import Offers
from federation.neighbours import Admission
from instance.base import Refused
from web.acts import blocking
from web.frame import context, guards
from web.frame.forms import PageForm
from web.views import accords, catching, towns

pages = Blueprint("accords", __name__, url_prefix="/admin/peers")
pages.before_request(guards.administrators_only)

ADMISSIONS: Final = {
    Admission.OPEN: lazy_gettext("Everybody may follow what is public here"),
    Admission.APPROVAL: lazy_gettext("Towns nobody here knows wait until somebody decides"),
}


class CharterForm(PageForm):
    """What we exchange with a town."""

    news = BooleanField(lazy_gettext("News of organisations"))
    offers = RadioField(
        lazy_gettext("Offers and requests"),
        choices=[SelectChoice(key.value, word) for key, word in accords.OFFERS.items()],
        default=Offers.ALL.value,
    )
    reports = BooleanField(lazy_gettext("Reports of what is not right"))


class LimitForm(PageForm):
    """Why a town is limited, or no longer."""

    reason = TextAreaField(lazy_gettext("Reason"))


@pages.get("/<host>")
def town(host: str) -> str:
    """One town: how we stand with it, and whom one can follow there."""
    return _page(host)


def _page(host: str, *, charter: CharterForm | None = None, limit: LimitForm | None = None) -> str:
    outside = context.federation()
    found = towns.town(outside, host=host, own_username=identity.APPLICATION)
    if found is None:
        abort(404)
    return render_template(
        "peers/town.html",
        town=found,
        accord=accords.accord(outside, context.home(), host=host),
        missed=catching.missed(outside, host=host),
        charter=charter or _charter_form(outside, host=host),
        limit=limit or LimitForm(None),
        markets=accords.MARKETS,
        market=markets.chosen(outside, host=host),
    )


def _charter_form(outside: Session, *, host: str) -> CharterForm:
    row = charters.ours(outside, host=host)
    if row is None:
        return CharterForm(None, news=True, offers=Offers.ALL.value, reports=True)
    return CharterForm(None, news=row.news, offers=row.offers, reports=row.reports)


def _back(host: str) -> Response:
    return redirect(url_for("accords.town", host=host))


@pages.post("/<host>/charter")
def promise(host: str) -> str | Response:
    """Say what we exchange with this town; the other side reads it at its next look."""
    form = CharterForm()
    if form.carry_out(
        lambda: charters.promise(
            context.federation(),
            host=host,
            news=bool(form.news.data),
            offers=Offers(form.offers.data),
            reports=bool(form.reports.data),
            now=context.now(),
        ),
        commit=context.commit_federation,
    ):
        flash(gettext("The charter stands. It holds from now on; what was given before stays there."))
        return _back(host)
    return _page(host, charter=form)


def _do(act: Callable[[], object], *, done: str) -> None:
    """Do what a button asks for on the federation side; a refusal is shown as a page."""
    try:
        act()
    except PeerRefused as refused:
        raise Refused(refused.code) from refused
    context.commit_federation()
    flash(done)


@pages.post("/<host>/charter/end")
def end(host: str) -> Response:
    """Have no charter with this town any more."""
    _do(
        lambda: charters.end(context.federation(), host=host, now=context.now()),
        done=gettext("There is no charter with this town any more."),
    )
    return _back(host)


@pages.post("/<host>/quarters")
def declare(host: str) -> Response:
    """Declare two quarters neighbours."""
    _do(lambda: _declare(host), done=gettext("Kept."))
    return _back(host)


def _declare(host: str) -> None:
    outside = context.federation()
    quarters.declare(
        outside,
        host=host,
        own_username=request.form.get("own", ""),
        their_uri=request.form.get("their", ""),
        now=context.now(),
    )
    charters.touch(outside, host=host, now=context.now())


@pages.post("/<host>/quarters/suggested")
def declare_suggested(host: str) -> Response:
    """Declare all quarters neighbours that lie side by side on the map."""
    _do(lambda: _declare_suggested(host), done=gettext("Kept."))
    return _back(host)


def _declare_suggested(host: str) -> None:
    outside = context.federation()
    if outlines.declare_all(outside, host=host, now=context.now()):
        charters.touch(outside, host=host, now=context.now())


@pages.post("/<host>/quarters/remove")
def undeclare(host: str) -> Response:
    """Take a declaration back."""
    _do(lambda: _undeclare(host), done=gettext("Removed."))
    return _back(host)


def _undeclare(host: str) -> None:
    outside = context.federation()
    quarters.undeclare(outside, own_username=request.form.get("own", ""), their_uri=request.form.get("their", ""))
    charters.touch(outside, host=host, now=context.now())


@pages.post("/<host>/limit")
def limit(host: str) -> str | Response:
    """Keep this town at a distance."""
    return _at_a_distance(blocking.limit, host=host, done=gettext("%(host)s is limited.", host=host))


@pages.post("/<host>/unlimit")
def unlimit(host: str) -> str | Response:
    """Meet this town as any other again."""
    return _at_a_distance(blocking.unlimit, host=host, done=gettext("%(host)s is no longer limited.", host=host))


def _at_a_distance(act: Callable[..., str], *, host: str, done: str) -> str | Response:
    """Change how near a town is, for a reason that is typed."""
    form = LimitForm()
    if form.carry_out(
        lambda: act(
            context.home(),
            outside=context.federation(),
            host=host,
            reason=form.reason.data or "",
            by=context.require_resident(),
            now=context.now(),
        )
    ):
        flash(done)
        return _back(host)
    return _page(host, limit=form)


@pages.post("/<host>/approve")
def approve(host: str) -> Response:
    """Speak to this town from now on; whoever waits there is accepted."""
    _do(
        lambda: approvals.approve(context.federation(), host=host, now=context.now()),
        done=gettext("%(host)s is approved.", host=host),
    )
    return _back(host)


@pages.post("/<host>/market")
def market(host: str) -> Response:
    """Send offers to this town as a marketplace reads them, or as to everybody else."""
    wish = request.form.get("market", "")
    if wish not in {*Dialect, ""}:
        abort(400)
    _do(
        lambda: markets.choose(context.federation(), host=host, dialect=Dialect(wish) if wish else None),
        done=gettext("Kept."),
    )
    return _back(host)


@pages.post("/requests/accept")
def accept() -> Response:
    """Let somebody follow who waits."""
    _do(
        lambda: approvals.accept(
            context.federation(), activity_uri=request.form.get("activity", ""), now=context.now()
        ),
        done=gettext("They follow from now on."),
    )
    return redirect(url_for("peers.index"))


@pages.post("/requests/refuse")
def refuse() -> Response:
    """Tell somebody who waits that they do not follow."""
    _do(
        lambda: approvals.refuse(
            context.federation(), activity_uri=request.form.get("activity", ""), now=context.now()
        ),
        done=gettext("They were told no."),
    )
    return redirect(url_for("peers.index"))


@pages.post("/admission")
def admission() -> Response:
    """Change how towns are met that nobody here decided about."""
    wish = request.form.get("admission", "")
    if wish not in set(Admission):
        abort(400)
    _do(
        lambda: approvals.admit(context.federation(), admission=Admission(wish), now=context.now()),
        done=gettext("Kept."),
    )
    return redirect(url_for("peers.index"))
