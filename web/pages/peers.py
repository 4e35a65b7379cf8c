"""Neighbouring towns: adding them, following their quarters, and who follows us; for administrators."""

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField

from federation import approvals, identity, lookups, peers
from federation.base import PeerRefused
from instance.base import Refused
from web.frame import context, guards
from web.frame.forms import PageForm
from web.pages.accords import ADMISSIONS
from web.views import accords, arriving, towns
from web.views import lookups as views

pages = Blueprint("peers", __name__, url_prefix="/admin/peers")
pages.before_request(guards.administrators_only)


class TownForm(PageForm):
    """A town to add."""

    host = StringField(lazy_gettext("Address of the town"))


class FollowForm(PageForm):
    """Somebody to follow, by address or by name."""

    target = StringField(lazy_gettext("Address or name"))


@pages.get("")
def index() -> str:
    """The towns we know, whom we follow there, and who follows us."""
    return _index()


def _index(*, town: TownForm | None = None, follow: FollowForm | None = None) -> str:
    outside = context.federation()
    return render_template(
        "peers/index.html",
        towns=towns.towns(outside, own_username=identity.APPLICATION),
        follows=towns.follows(outside, own_username=identity.APPLICATION),
        followers=towns.followers(outside),
        requests=accords.requests(outside),
        queues=arriving.queues(outside),
        healths=arriving.words(outside),
        chartered=accords.chartered(outside),
        admission=approvals.admission(outside),
        admissions=ADMISSIONS,
        town=town or TownForm(None),
        follow=follow or FollowForm(None),
    )


@pages.post("")
def add() -> str | Response:
    """Add a town by its address; it is looked up a moment later, by a process that may speak to it."""
    form = TownForm()
    if done := form.carry_out(
        lambda: peers.add(context.federation(), host=form.host.data or "", now=context.now()),
        commit=context.commit_federation,
    ):
        host = done.what.host
        flash(gettext("%(host)s is being looked up. Load the page again in a moment.", host=host))
        return redirect(url_for("accords.town", host=host))
    return _index(town=form)


@pages.post("/follow")
def follow() -> str | Response:
    """Follow somebody elsewhere on behalf of everybody here."""
    form = FollowForm()
    if form.carry_out(
        lambda: peers.follow(
            context.federation(),
            own_username=identity.APPLICATION,
            target=form.target.data or "",
            now=context.now(),
        ),
        commit=context.commit_federation,
    ):
        flash(gettext("The request is on its way. Their answer shows below."))
        return redirect(_back())
    return _index(follow=form)


@pages.post("/look")
def look() -> str | Response:
    """Have somebody looked up, to see who it is before everybody here follows them."""
    form = FollowForm()
    if done := form.carry_out(
        lambda: lookups.ask(
            context.federation(),
            own_username=identity.APPLICATION,
            target=form.target.data or "",
            now=context.now(),
        ),
        commit=context.commit_federation,
    ):
        return redirect(url_for("peers.looked_up", public_id=done.what.key))
    return _index(follow=form)


@pages.get("/look/<uuid:public_id>")
def looked_up(public_id: uuid.UUID) -> str:
    """Who it is, as soon as the courier knows."""
    outside = context.federation()
    row = lookups.find(outside, key=public_id, own_username=identity.APPLICATION)
    if row is None:
        abort(404)
    back = url_for("peers.index")
    return render_template(
        "follows/look.html",
        look=views.look(outside, row=row),
        trail_to=[
            (url_for("administration.index"), gettext("Administration")),
            (back, gettext("Neighbouring towns")),
        ],
        follow_url=url_for("peers.follow"),
        back=back,
    )


def _back() -> str:
    """The town's page when the button was there, else the list."""
    host = request.form.get("host")
    return url_for("accords.town", host=host) if host else url_for("peers.index")


@pages.post("/follows/<int:follow_id>/end")
def unfollow(follow_id: int) -> Response:
    """Stop following; the other side is told."""
    outside = context.federation()
    if not towns.may_end(outside, follow_id=follow_id, own_username=identity.APPLICATION):
        abort(404)
    peers.unfollow(outside, follow_id=follow_id, now=context.now())
    context.commit_federation()
    flash(gettext("No longer followed."))
    return redirect(_back())


@pages.post("/<host>/look")
def look_again(host: str) -> Response:
    """Have a town looked up again now."""
    if towns.town(context.federation(), host=host, own_username=identity.APPLICATION) is None:
        abort(404)
    try:
        peers.add(context.federation(), host=host, now=context.now())
    except PeerRefused as refused:
        raise Refused(refused.code) from refused
    context.commit_federation()
    flash(gettext("%(host)s is being looked up. Load the page again in a moment.", host=host))
    return redirect(url_for("accords.town", host=host))
