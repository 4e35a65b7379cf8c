"""What neighbours may be asked for: the directory, one's own lines in it, and the letter that asks."""

import uuid
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response

from instance import conversations, skills
from instance.audience import Audience
from instance.skills import Skill
from web.frame import context
from web.pages.beside_forms import AskForm, SkillForm
from web.views import beside

pages = Blueprint("skills", __name__, url_prefix="/neighbours/skills")

CIRCLES: Final = {
    "": lazy_gettext("My building and my quarter"),
    Audience.BUILDING.word: lazy_gettext("My building only"),
    Audience.QUARTER.word: lazy_gettext("My quarter only"),
}


@pages.get("")
def index() -> str:
    """What the reader's neighbours may be asked for, in the order of the alphabet."""
    reader, typed = context.reader(), request.args.get("q", "")[: skills.LONGEST_TYPED]
    reach = _circle()
    found = skills.directory(
        context.home(),
        reader=reader,
        typed=typed,
        hung=Audience.parse(reach) if reach else None,
        after=request.args.get("from", type=uuid.UUID),
    )
    return render_template(
        "neighbours/skills.html",
        lines=[beside.skill(one, reader=reader) for one in found.skills],
        typed=typed,
        circle=reach,
        circles=CIRCLES,
        longest=skills.LONGEST_TYPED,
        lives_here=bool(reader.building_ids | reader.quarter_ids),
        further_url=_further(found.after, typed=typed, circle=reach) if found.after else None,
    )


def _further(after: uuid.UUID, *, typed: str, circle: str) -> str:
    given: dict[str, Any] = {"q": typed or None, "circle": circle or None, "from": after}
    return url_for("skills.index", **given)


def _circle() -> str:
    word = request.args.get("circle", "")
    return word if word in CIRCLES else ""


# --- one's own


@pages.get("/mine")
def mine() -> str:
    """What one may be asked for oneself, and one thing more."""
    form = SkillForm(None)
    form.open_doors()
    return _mine(form)


@pages.post("/mine")
def add() -> str | Response:
    """Say one thing more that one may be asked for."""
    form = SkillForm()
    form.open_doors()
    if form.carry_out(
        lambda: skills.offer(
            context.home(),
            by=context.require_resident(),
            title=form.title.data,
            audience=form.chosen(),
            building=form.where(),
            now=context.now(),
        )
    ):
        flash(gettext("Neighbours see it now. You can take it away at any time."))
        return redirect(url_for("skills.mine"))
    return _mine(form)


def _mine(form: SkillForm) -> str:
    held = skills.of_resident(context.home(), resident=context.require_resident())
    lines = [beside.skill(one, reader=context.reader()) for one in held]
    full = len(lines) >= skills.MOST
    return render_template("neighbours/my_skills.html", form=form, lines=lines, full=full, longest=skills.LONGEST)


@pages.route("/<uuid:public_id>/edit", methods=["GET", "POST"])
def edit(public_id: uuid.UUID) -> str | Response:
    """Other words, or another circle."""
    resident = context.require_resident()
    found = skills.own(context.home(), public_id=public_id, by=resident)
    form = SkillForm()
    form.open_doors()
    if request.method == "GET":
        form.title.data = found.title
        form.show_circle(found)
    if form.carry_out(lambda: _change(found, form)):
        flash(gettext("Your change is kept."))
        return redirect(url_for("skills.mine"))
    return render_template("neighbours/edit_skill.html", form=form, longest=skills.LONGEST)


def _change(found: Skill, form: SkillForm) -> None:
    skills.change(
        context.home(),
        skill=found,
        by=context.require_resident(),
        title=form.title.data,
        audience=form.chosen(),
        building=form.where(),
        now=context.now(),
    )


@pages.post("/<uuid:public_id>/take-away")
def take_away(public_id: uuid.UUID) -> Response:
    """Be asked for it no longer."""
    resident = context.require_resident()
    found = skills.own(context.home(), public_id=public_id, by=resident)
    skills.take_away(context.home(), skill=found, by=resident, now=context.now())
    context.commit()
    flash(gettext("It is gone from the list. Letters about it stay with you both."))
    return redirect(url_for("skills.mine"))


# --- asking


@pages.route("/<uuid:public_id>", methods=["GET", "POST"])
def skill(public_id: uuid.UUID) -> str | Response:
    """Ask a neighbour for it: it opens a conversation, or goes on with it."""
    resident = context.require_resident()
    found = skills.find(context.home(), public_id=public_id, reader=context.reader())
    form = AskForm()
    if done := form.carry_out(
        lambda: conversations.ask(context.home(), skill=found, by=resident, body=form.body.data, now=context.now())
    ):
        flash(gettext("Your letter is on its way. Only the two of you read it."))
        return redirect(url_for("conversations.conversation", public_id=done.what.public_id))
    return render_template("neighbours/skill.html", form=form, line=beside.skill(found, reader=context.reader()))
