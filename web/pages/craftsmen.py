"""Craftsmen whom neighbours recommend: by trade and name, one's own words for them, and nothing to the contrary."""

import uuid
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from instance import recommendations
from instance.recommendations import Recommendation, Trade, Words
from web.frame import context
from web.pages.beside_forms import CraftsmanForm, in_order
from web.views import beside
from web.views.beside import Business

pages = Blueprint("craftsmen", __name__, url_prefix="/neighbours/craftsmen")

# Where all trades stand on one page, so many of each; a trade by itself has pages.
SOME, A_PAGE = 5, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One trade with businesses of it; `further_url` leads to those that follow."""

    trade: str
    url: str
    businesses: tuple[Business, ...]
    further_url: str | None


@pages.get("")
def index() -> str:
    """By trade: all of them with the first businesses of each, or one with all of its own, page by page."""
    there = recommendations.trades(context.home(), reader=context.reader(), now=context.now())
    chosen = next((one for one in Trade if one.value == request.args.get("trade")), None)
    shown = [chosen] if chosen is not None else [one for one, _ in in_order() if one in there]
    return render_template(
        "neighbours/craftsmen.html",
        sections=[_section(one, alone=chosen is not None) for one in shown],
        chosen=str(beside.TRADES[chosen]) if chosen is not None else None,
        begun=bool(request.args.get("after")),
    )


def _section(trade: Trade, *, alone: bool) -> Section:
    found = recommendations.of_trade(
        context.home(),
        reader=context.reader(),
        trade=trade,
        now=context.now(),
        after=request.args.get("after", "") if alone else "",
        limit=A_PAGE if alone else SOME,
    )
    further = url_for("craftsmen.index", trade=trade.value, after=found.after) if found.after else None
    return Section(
        trade=str(beside.TRADES[trade]),
        url=url_for("craftsmen.index", trade=trade.value),
        businesses=beside.businesses(found.rows, reader=context.reader()),
        further_url=further,
    )


# --- one's own


@pages.get("/mine")
def mine() -> str:
    """Whom one recommends oneself."""
    held = recommendations.of_resident(context.home(), resident=context.require_resident())
    return render_template("neighbours/my_craftsmen.html", businesses=beside.businesses(held, reader=context.reader()))


@pages.route("/new", methods=["GET", "POST"])
def add() -> str | Response:
    """Recommend somebody."""
    form = CraftsmanForm()
    form.open_doors()
    if form.carry_out(
        lambda: recommendations.write(
            context.home(),
            by=context.require_resident(),
            words=_words(form),
            audience=form.chosen(),
            building=form.where(),
            now=context.now(),
        )
    ):
        flash(gettext("Thank you. It stands for two years, unless you take it away."))
        return redirect(url_for("craftsmen.mine"))
    return _form(form, heading=gettext("Recommend a craftsman"))


def _words(form: CraftsmanForm) -> Words:
    return recommendations.read(
        trade=form.trade.data,
        name=form.name.data,
        phone=form.phone.data or "",
        site=form.site.data or "",
        done=form.done.data,
    )


def _form(form: CraftsmanForm, *, heading: str) -> str:
    return render_template(
        "neighbours/recommend.html",
        form=form,
        heading=heading,
        longest=recommendations.LONGEST_WORDS,
        longest_name=recommendations.LONGEST_NAME,
    )


@pages.route("/<uuid:public_id>/edit", methods=["GET", "POST"])
def edit(public_id: uuid.UUID) -> str | Response:
    """Say it otherwise."""
    found = recommendations.own(context.home(), public_id=public_id, by=context.require_resident())
    form = CraftsmanForm()
    form.open_doors()
    if request.method == "GET":
        _show(found, form)
    if form.carry_out(lambda: _change(found, form)):
        flash(gettext("Your change is kept."))
        return redirect(url_for("craftsmen.mine"))
    return _form(form, heading=gettext("Change your recommendation"))


def _show(found: Recommendation, form: CraftsmanForm) -> None:
    form.trade.data, form.name.data, form.done.data = found.trade, found.name, found.done
    form.phone.data, form.site.data = found.phone, found.site
    form.independent.data = True
    form.show_circle(found)


def _change(found: Recommendation, form: CraftsmanForm) -> None:
    recommendations.change(
        context.home(),
        row=found,
        by=context.require_resident(),
        words=_words(form),
        audience=form.chosen(),
        building=form.where(),
        now=context.now(),
    )


@pages.post("/<uuid:public_id>/take-away")
def take_away(public_id: uuid.UUID) -> Response:
    """Recommend somebody no longer."""
    resident = context.require_resident()
    found = recommendations.own(context.home(), public_id=public_id, by=resident)
    recommendations.take_away(context.home(), row=found, by=resident)
    context.commit()
    flash(gettext("Your recommendation is gone, and nothing of it is kept."))
    return redirect(url_for("craftsmen.mine"))
