"""What an association follows in neighbouring towns, managed from its own page by whoever writes for it."""

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField

from federation import lookups, peers
from instance import boards, organisations
from instance.organisations import Organisation
from web.frame import context
from web.frame.forms import PageForm
from web.views import lookups as views
from web.views import slips, towns

pages = Blueprint("follows", __name__, url_prefix="/organisations")


class FollowForm(PageForm):
    """Somebody to follow, by address or by name."""

    target = StringField(lazy_gettext("Address or name"))


def _organisation(slug: str) -> Organisation:
    """The organisation, for its writers; for everybody else the page is not there."""
    found = organisations.by_slug(context.home(), slug=slug)
    if not organisations.may_write(context.home(), organisation=found, resident=context.require_resident()):
        abort(404)
    return found


@pages.get("/<slug>/follows")
def index(slug: str) -> str:
    """What this organisation follows, and what came of it."""
    return _page(_organisation(slug), form=FollowForm(None))


def _page(organisation: Organisation, *, form: FollowForm) -> str:
    outside, home = context.federation(), context.home()
    received = boards.from_actors(
        home, actor_uris=towns.accepted_uris(outside, own_username=organisation.slug), limit=12
    )
    known = towns.towns(outside, own_username=organisation.slug)
    return render_template(
        "follows/index.html",
        slug=organisation.slug,
        name=organisation.name,
        follows=towns.follows(outside, own_username=organisation.slug),
        towns=[one for one in known if one.entries and not one.blocked],
        news=slips.board(home, notices=received, reader=context.reader()),
        form=form,
    )


@pages.post("/<slug>/follows")
def follow(slug: str) -> str | Response:
    """Ask to follow somebody in the organisation's name."""
    organisation = _organisation(slug)
    form = FollowForm()
    if form.carry_out(
        lambda: peers.follow(
            context.federation(), own_username=organisation.slug, target=form.target.data or "", now=context.now()
        ),
        commit=context.commit_federation,
    ):
        flash(gettext("The request is on its way. Their answer shows below."))
        return redirect(url_for("follows.index", slug=slug))
    return _page(organisation, form=form)


@pages.post("/<slug>/follows/look")
def look(slug: str) -> str | Response:
    """Have somebody looked up, to see who it is before following them."""
    organisation = _organisation(slug)
    form = FollowForm()
    if done := form.carry_out(
        lambda: lookups.ask(
            context.federation(), own_username=organisation.slug, target=form.target.data or "", now=context.now()
        ),
        commit=context.commit_federation,
    ):
        return redirect(url_for("follows.looked_up", slug=slug, public_id=done.what.key))
    return _page(organisation, form=form)


@pages.get("/<slug>/follows/look/<uuid:public_id>")
def looked_up(slug: str, public_id: uuid.UUID) -> str:
    """Who it is, as soon as the courier knows."""
    organisation, outside = _organisation(slug), context.federation()
    row = lookups.find(outside, key=public_id, own_username=organisation.slug)
    if row is None:
        abort(404)
    back = url_for("follows.index", slug=slug)
    return render_template(
        "follows/look.html",
        look=views.look(outside, row=row),
        trail_to=[
            (url_for("profiles.profile", slug=slug), organisation.name),
            (back, gettext("What %(name)s follows", name=organisation.name)),
        ],
        follow_url=url_for("follows.follow", slug=slug),
        back=back,
    )


@pages.post("/<slug>/follows/<int:follow_id>/end")
def unfollow(slug: str, follow_id: int) -> Response:
    """Stop following; the other side is told."""
    organisation = _organisation(slug)
    if not towns.may_end(context.federation(), follow_id=follow_id, own_username=organisation.slug):
        abort(404)
    peers.unfollow(context.federation(), follow_id=follow_id, now=context.now())
    context.commit_federation()
    flash(gettext("No longer followed."))
    return redirect(url_for("follows.index", slug=slug))
