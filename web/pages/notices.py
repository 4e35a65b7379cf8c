"""The page of one notice, what its author may do with it, and the list of one's own."""

import uuid
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from instance import boards, conversations, happenings, news, notices, organisations, residents
from instance.audience import Audience
from instance.base import Refused
from instance.listings import Direction, Listing
from instance.news import NewsItem
from instance.notices import Notice, State
from instance.organisations import Organisation
from instance.places import Building
from instance.residents import Resident
from web.acts import writing
from web.frame import context
from web.frame.forms import PageForm
from web.frame.slips import Slip
from web.pages import ics
from web.pages.booking_forms import BookForm
from web.pages.notice_forms import AnswerForm, CommentForm, EditListingForm, EditNewsForm, NarrowForm
from web.views import askings, bookings, leaving, loans, photos, reach, sheet, slips
from web.views import happenings as dates
from web.views.askings import Doing

pages = Blueprint("notices", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """One of one's own notices.

    `doing` is what can be done while it hangs, `ending` the closing sentence, `again_url` a fresh start with the same
    words.
    """

    slip: Slip
    doing: Doing | None
    ending: str | None
    again_url: str | None


@pages.get("/notices/<uuid:public_id>")
def notice(public_id: uuid.UUID) -> str:
    """One notice, for whoever may see it; the same answer as for none to everybody else."""
    return page(notices.find(context.home(), public_id=public_id, reader=context.reader()))


def page(shown: Notice, *, form: PageForm | None = None) -> str:
    """The page of a notice; `form` is the answer or comment that was just refused."""
    view = sheet.sheet(
        context.home(),
        notice=shown,
        by=context.resident(),
        reader=context.reader(),
        origin=context.settings().origin,
    )
    if form is None:
        form = CommentForm(None) if view.news else AnswerForm(None)
    lending = loans.on_notice(context.home(), notice=shown, by=context.resident())
    home, reader = context.home(), context.reader()
    return render_template(
        "listings/notice.html",
        sheet=view,
        form=form,
        lending=lending,
        photos=photos.gallery(home, notice=shown, reader=reader),
        booking=bookings.on_notice(home, notice=shown, by=context.resident(), reader=reader),
        booking_form=BookForm(None),
    )


def find_own(public_id: uuid.UUID, *, resident: Resident) -> Notice:
    """A live notice this resident may change. Raises Refused("not_found") for any other, whatever it is."""
    return writing.own(context.home(), public_id=public_id, by=resident, reader=context.reader())


@pages.get("/notices/<uuid:public_id>/event.ics")
def calendar_file(public_id: uuid.UUID) -> Response:
    """What news announces, for a calendar (RFC 5545), for whoever may see it. Nobody notes who takes it."""
    found = notices.find(context.home(), public_id=public_id, reader=context.reader())
    shown = found if isinstance(found, NewsItem) and found.is_live else None
    event = dates.event(shown, origin=context.settings().origin) if shown is not None else None
    if event is None:
        raise Refused("not_found")
    return ics.answer(event)


# --- changing the words


@pages.route("/notices/<uuid:public_id>/edit", methods=["GET", "POST"])
def edit(public_id: uuid.UUID) -> str | Response:
    """Change the words; where they leave town, show first what leaves."""
    resident = context.require_resident()
    found = find_own(public_id, resident=resident)
    form = _edit_form(found)
    if request.form.get("step") != "edit" and form.validate_on_submit():
        try:
            _change(found, form=form, resident=resident)
            if found.audience is Audience.NETWORK and request.form.get("step") != "publish":
                return preview(found, form=form)
        except Refused as refused:
            context.rollback()
            form.refuse(refused)
        else:
            context.commit()
            flash(gettext("Your change is on the board."))
            return redirect(url_for("notices.notice", public_id=public_id))
    return render_template(
        "listings/edit.html",
        form=form,
        slip=slips.on_board(context.home(), notice=found, reader=context.reader()),
        news=isinstance(found, NewsItem),
        longest_place=happenings.LONGEST_PLACE,
        back=url_for("notices.notice", public_id=public_id),
    )


def _edit_form(found: Notice) -> PageForm:
    if isinstance(found, NewsItem):
        return EditNewsForm(obj=found, **happenings.typed(found.happening))
    return EditListingForm(obj=found)


def _change(found: Notice, *, form: PageForm, resident: Resident) -> None:
    words = {name: form[name].data or "" for name in writing.as_typed(found)}
    writing.change(context.home(), notice=found, by=resident, words=words, now=context.now())


def preview(found: Notice, *, form: PageForm) -> str:
    """What would leave town of a notice as it is now; nothing of it is kept."""
    shown = leaving.of_notice(context.outside(), notice=found, origin=context.settings().origin)
    context.rollback()
    return render_template("listings/preview.html", leaving=shown, fields=form.data)


# --- calling off what it announces


@pages.route("/notices/<uuid:public_id>/call-off", methods=["GET", "POST"])
def call_off(public_id: uuid.UUID) -> str | Response:
    """Ask once, then say that what news announces does not take place."""
    resident = context.require_resident()
    found = find_own(public_id, resident=resident)
    if not isinstance(found, NewsItem) or found.happening is None:
        raise Refused("not_found")
    back = url_for("notices.notice", public_id=public_id)
    if request.method == "POST":
        news.call_off(context.home(), item=found, by=resident, now=context.now())
        context.commit()
        flash(gettext("It is called off."))
        return redirect(back)
    return render_template(
        "news/call_off.html",
        form=PageForm(None),
        slip=slips.on_board(context.home(), notice=found, reader=context.reader()),
        reached=found.reached_network,
        back=back,
    )


# --- taking it down


@pages.route("/notices/<uuid:public_id>/withdraw", methods=["GET", "POST"])
def withdraw(public_id: uuid.UUID) -> str | Response:
    """Ask once, then take it down."""
    resident = context.require_resident()
    found = find_own(public_id, resident=resident)
    if request.method == "POST":
        notices.withdraw(context.home(), notice=found, by=resident, now=context.now())
        context.commit()
        flash(gettext("The notice is taken down."))
        return redirect(url_for("notices.mine") if found.organisation is None else "/")
    return render_template(
        "listings/withdraw.html",
        form=PageForm(None),
        slip=slips.on_board(context.home(), notice=found, reader=context.reader()),
        reached=found.reached_network,
        back=url_for("notices.notice", public_id=public_id),
    )


# --- letting fewer people see it


@pages.route("/notices/<uuid:public_id>/narrow", methods=["GET", "POST"])
def narrow(public_id: uuid.UUID) -> str | Response:
    """Choose a narrower audience."""
    resident = context.require_resident()
    found = find_own(public_id, resident=resident)
    homes = _homes(found, resident=resident)
    form = NarrowForm()
    form.offer(doors=_doors(found, resident=resident, homes=homes), homes=reach.homes(homes))
    if form.carry_out(lambda: _narrow(found, form=form, resident=resident, homes=homes)):
        flash(leaving.hung(context.outside(), notice=found, origin=context.settings().origin))
        return redirect(url_for("notices.notice", public_id=public_id))
    return render_template(
        "listings/narrow.html",
        form=form,
        whom=dict(form.audience.choices),
        several=len(homes) > 1,
        slip=slips.on_board(context.home(), notice=found, reader=context.reader()),
        reached=found.reached_network,
        back=url_for("notices.notice", public_id=public_id),
    )


def installed_by(organisation: Organisation) -> list[Building]:
    """The buildings an organisation answers for."""
    return list(organisations.answered(context.home(), organisation=organisation))


def _homes(found: Notice, *, resident: Resident) -> list[Building]:
    if found.organisation is not None:
        return installed_by(found.organisation)
    return list(residents.buildings_of(context.home(), resident=resident))


def _doors(found: Notice, *, resident: Resident, homes: list[Building]) -> tuple[reach.Door, ...]:
    place = context.settings().name
    if found.organisation is None:
        doors = reach.for_resident(context.home(), resident=resident, place=place, now=context.now())
    else:
        doors = reach.for_organisation(context.home(), organisation=found.organisation, buildings=homes, place=place)
        if found.quarter is None:
            doors = tuple(one for one in doors if one.audience is not Audience.QUARTER)
    return reach.narrower(doors, than=found.audience)


def _narrow(found: Notice, *, form: NarrowForm, resident: Resident, homes: list[Building]) -> None:
    building = homes[0] if len(homes) == 1 else reach.chosen(homes, value=form.building.data)
    writing.narrow(
        context.home(), notice=found, by=resident, audience=form.chosen(), building=building, now=context.now()
    )


# --- one's own


@pages.get("/mine")
def mine() -> str:
    """One's own notices, whatever became of them."""
    resident = context.require_resident()
    answered = {one.listing_id for one in conversations.of_resident(context.home(), resident=resident)}
    held = boards.of_author(context.home(), author=resident)
    return render_template("listings/mine.html", own=[_own(one, answered=one.id in answered) for one in held])


def _own(held: Notice, *, answered: bool) -> Own:
    over = isinstance(held, Listing) and held.state in {State.EXPIRED, State.WITHDRAWN}
    again = url_for("listings.compose", kind=slips.kind(held), again=held.public_id) if over else None
    return Own(
        slip=slips.on_board(context.home(), notice=held, reader=context.reader()),
        doing=askings.of(context.home(), notice=held),
        ending=_ending(held, answered=answered),
        again_url=again,
    )


def _ending(held: Notice, *, answered: bool) -> str | None:
    """How a notice ended, politely: silence says that nobody was free, never how many saw it."""
    if not isinstance(held, Listing) or held.state != State.EXPIRED:
        return None
    if held.direction == Direction.REQUEST and not answered:
        return gettext("Its time is over; nobody was free this time.")
    return gettext("Its time is over.")
