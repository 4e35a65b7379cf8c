"""Joining without a letter, and the page that says how one is known here, what that opens, and what would open more."""

import uuid
from typing import Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import InputRequired

from instance import introductions, joining, moving, residents, verification, vouching
from instance.assurance import Level
from instance.base import Refused
from instance.places import Lot
from web.frame import arrivals, context, locale
from web.frame.forms import PageForm
from web.pages import mail_settings
from web.pages.account import JoinForm
from web.views import assurance as views
from web.views import documents as papers
from web.views.assurance import VouchLine

pages = Blueprint("joining", __name__)

NEEDED: Final = lazy_gettext("Fill in this field.")


class LetterForm(PageForm):
    """The code of a letter."""

    code = StringField(lazy_gettext("Letterbox code"), [InputRequired(NEEDED)])


class HallForm(PageForm):
    """The code on the wall, and the lot."""

    code = StringField(lazy_gettext("Code in the hall"), [InputRequired(NEEDED)])
    lot = StringField(lazy_gettext("Your lot"), [InputRequired(NEEDED)])


class WordForm(PageForm):
    """The lot that neighbours will be told."""

    lot = StringField(lazy_gettext("Your lot"), [InputRequired(NEEDED)])


@pages.route("/join/without-letter", methods=["GET", "POST"])
def without_letter() -> str | Response:
    """Sign up first, and show where one lives afterwards."""
    if context.resident() is not None:
        return redirect(url_for("joining.known"))
    form = JoinForm()
    if form.validate_on_submit():
        try:
            resident = residents.register(
                context.home(),
                login=form.login.data,
                first_name=form.first_name.data,
                last_name=form.last_name.data,
                password=form.password.data,
                email=mail_settings.at_once(form.email.data),
                locale=locale.current(),
                now=context.now(),
            )
            mail_settings.ask(resident, email=form.email.data)
        except Refused as refused:
            context.rollback()
            form.refuse(refused)
        else:
            answer = arrivals.arrive(resident, onward=url_for("joining.known"))
            flash(gettext("You have an account. Now show where you live."))
            return answer
    return render_template("joining/without_letter.html", form=form)


@pages.get("/account/known")
def known() -> str:
    """How one is known here."""
    return _page()


def _page(*, letter: LetterForm | None = None, hall: HallForm | None = None, word: WordForm | None = None) -> str:
    session, resident = context.home(), context.require_resident()
    present = introductions.current(session, resident=resident, pepper=context.letterbox_pepper(), now=context.now())
    return render_template(
        "joining/known.html",
        homes=views.homes(session, resident=resident),
        level=views.LEVELS[Level.ACCOUNT],
        opens=views.OPENS[Level.ACCOUNT],
        letter=letter or LetterForm(None, prefix="letter"),
        hall=hall or HallForm(None, prefix="hall"),
        word=word or WordForm(None, prefix="word", lot=present.lot_number if present else ""),
        present=present,
        papers=papers.cards(session, resident=resident, now=context.now()),
        asked={one.public_id for one in moving.asked(session, resident=resident)},
        may_vouch=bool(vouching.may_vouch(session, resident=resident)),
        vouches=[
            VouchLine(
                public_id=one.proof.public_id,
                name=one.newcomer.short_name,
                where=one.building.name,
                since=one.proof.created_at,
            )
            for one in vouching.given(session, by=resident)
        ],
    )


@pages.post("/account/known/letter")
def letter() -> str | Response:
    """Type the code of a letter: a first home, or one more."""
    form = LetterForm(prefix="letter")
    if form.validate_on_submit() and _try_code(form) and (done := form.carry_out(lambda: _enter(form))):
        return _opened(gettext("Your home in %(building)s is open to you.", building=done.what.building.name))
    return _page(letter=form)


def _enter(form: LetterForm) -> Lot:
    return residents.enter(
        context.home(),
        resident=context.require_resident(),
        code=form.code.data,
        pepper=context.letterbox_pepper(),
        now=context.now(),
    )


def _try_code(form: LetterForm) -> bool:
    found = verification.check(
        context.home(), code=form.code.data, pepper=context.letterbox_pepper(), now=context.now()
    )
    context.commit()  # a wrong try is counted, whatever comes next
    if isinstance(found, verification.Good):
        return True
    form.refuse(Refused("code_dead", field="code"))
    return False


def _opened(said: str) -> Response:
    flash(said)
    return redirect(url_for("joining.known"))


@pages.post("/account/known/hall")
def hall() -> str | Response:
    """Type the code on the wall of the hall."""
    form = HallForm(prefix="hall")
    if done := form.carry_out(
        lambda: joining.in_the_hall(
            context.home(),
            resident=context.require_resident(),
            code=form.code.data,
            lot_number=form.lot.data,
            key=context.hall_key(),
            now=context.now(),
        )
    ):
        return _opened(
            gettext("It is noted that you were in the hall of %(building)s.", building=done.what.building.name)
        )
    return _page(hall=form)


@pages.post("/account/known/word")
def word() -> str | Response:
    """Draw a word to read out to neighbours."""
    form = WordForm(prefix="word")
    if form.carry_out(
        lambda: introductions.introduce(
            context.home(),
            resident=context.require_resident(),
            lot_number=form.lot.data,
            pepper=context.letterbox_pepper(),
            now=context.now(),
        )
    ):
        return redirect(url_for("joining.known", _anchor="word"))
    return _page(word=form)


@pages.route("/account/homes/<uuid:public_id>/move-out", methods=["GET", "POST"])
def move_out(public_id: uuid.UUID) -> str | Response:
    """Say what ends and what stays, then leave a home."""
    resident = context.require_resident()
    lot = moving.home(context.home(), public_id=public_id, resident=resident)
    form, where = PageForm(), views.where(lot.building.name, lot=lot.number)
    if form.carry_out(lambda: moving.move_out(context.home(), resident=resident, lot=lot, now=context.now())):
        return _opened(gettext("You no longer live in %(home)s here. Your account remains.", home=where))
    return render_template("joining/move_out.html", form=form, where=where)


@pages.post("/account/homes/<uuid:public_id>/stay")
def stay(public_id: uuid.UUID) -> Response:
    """Say that one still lives there."""
    resident = context.require_resident()
    lot = moving.home(context.home(), public_id=public_id, resident=resident)
    moving.stay(context.home(), resident=resident, lot=lot)
    context.commit()
    return _opened(gettext("Noted: you still live there."))
