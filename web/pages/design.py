"""Every component in each of its states, on one page: for whoever builds or judges the look."""

from datetime import timedelta

from flask import Blueprint, abort, render_template
from flask_babel import gettext, lazy_gettext
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from instance.audience import Audience
from instance.base import Refused
from web.frame import context
from web.frame.forms import PageForm
from web.frame.slips import Byline, Slip

pages = Blueprint("design", __name__)


class SampleForm(PageForm):
    """A form in its three states."""

    title = StringField(lazy_gettext("Title"))
    body = TextAreaField(lazy_gettext("Details"))
    audience = RadioField(
        lazy_gettext("Who will see this?"), choices=[SelectChoice(one.word, one.word) for one in Audience]
    )


def _slips() -> list[Slip]:
    moment = context.now()
    neighbour, near = Byline(name="Nadia Exemple"), Byline(name="Nadia E.")
    committee = Byline(name=gettext("Committee of the Sample quarter"), verified=True)
    return [
        Slip(
            kind="request",
            title=gettext("A tall ladder for Saturday morning"),
            excerpt=gettext("To change a bulb on the landing of the third floor. Back by noon."),
            audience=Audience.BUILDING,
            place=gettext("12 Sample street"),
            byline=neighbour,
            since=moment - timedelta(minutes=40),
        ),
        Slip(
            kind="offer",
            title=gettext("A pressure cooker to lend"),
            excerpt=gettext("Eight litres, with its book. Come and fetch it any evening."),
            audience=Audience.QUARTER,
            place=gettext("Sample quarter"),
            byline=near,
            since=moment - timedelta(days=1),
            status=gettext("lent until Saturday"),
        ),
        Slip(
            kind="news",
            title=gettext("The small market moves to the school square"),
            excerpt=gettext("From the first Tuesday of next month, 8 am to 1 pm, during the works."),
            audience=Audience.NETWORK,
            byline=committee,
            since=moment - timedelta(days=3),
        ),
        Slip(
            kind="fault",
            title=gettext("Lift B: technician on Thursday at 9 am"),
            excerpt=gettext("It stays on the ground floor until then. The stairs of lift A are open."),
            audience=Audience.BUILDING,
            place=gettext("12 Sample street"),
            byline=Byline(name=gettext("Sample Property"), verified=True),
            since=moment - timedelta(hours=5),
            urgent=True,
        ),
        Slip(
            kind="offer",
            title=gettext("Apricots from the garden"),
            excerpt=gettext("Two crates too many. Bring a basket."),
            audience=Audience.INSTANCE,
            byline=Byline(name="Léo", town=gettext("a neighbouring town")),
            since=moment - timedelta(days=9),
        ),
    ]


@pages.get("/design")
def design() -> str:
    """The components; in development for everybody signed in, elsewhere for staff."""
    resident = context.require_resident()
    if not context.settings().development and not resident.is_moderator:
        abort(404)
    plain, wrong = SampleForm(None, prefix="plain"), SampleForm(None, prefix="wrong")
    wrong.title.errors = [gettext("Fill in this field.")]
    wrong.refuse(Refused("no_home"))
    return render_template("design/design.html", slips=_slips(), audiences=list(Audience), plain=plain, wrong=wrong)
