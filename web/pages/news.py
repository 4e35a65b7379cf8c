"""Writing news in an organisation's name: the audience door first, then headline, summary and text."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from flask import Blueprint, render_template, url_for
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from instance import happenings, news, notices, organisations, places
from instance.audience import Audience
from instance.base import Refused
from instance.news import NewsItem
from instance.organisations import Organisation
from instance.places import Building, Quarter
from instance.residents import Resident
from web.frame import context, moments
from web.pages import composing
from web.pages import notices as notice_pages
from web.pages.notice_forms import NewsForm
from web.views import reach

pages = Blueprint("news", __name__)


def writing_for(slug: str, *, resident: Resident) -> Organisation:
    """The organisation of this slug, for somebody who writes for it. Raises Refused("not_found") otherwise."""
    organisation = organisations.by_slug(context.home(), slug=slug)
    if not organisations.may_write(context.home(), organisation=organisation, resident=resident):
        raise Refused("not_found")
    return organisation


@pages.route("/organisations/<slug>/news/new", methods=["GET", "POST"])
def compose(slug: str) -> str | Response:
    """Compose a piece of news."""
    resident = context.require_resident()
    organisation = writing_for(slug, resident=resident)
    buildings = notice_pages.installed_by(organisation)
    form = NewsForm()
    _offer_doors(form, organisation=organisation, buildings=buildings)
    post = partial(_post, form, organisation=organisation, resident=resident, buildings=buildings)
    again = partial(_composer, form, organisation=organisation, several=len(buildings) > 1)
    if composing.asked(composing.LOOK):
        return composing.look(form, hang=post)
    if not composing.asked(composing.EDIT) and form.validate_on_submit():
        return composing.take(form, hang=post, again=again)
    return again()


def _offer_doors(form: NewsForm, *, organisation: Organisation, buildings: Sequence[Building]) -> None:
    doors = reach.for_organisation(
        context.home(), organisation=organisation, buildings=buildings, place=context.settings().name
    )
    form.offer(doors=doors, homes=reach.homes(buildings))
    every = () if organisation.quarter is not None else places.quarters(context.home())
    form.quarter.choices = [
        ("", lazy_gettext("None in particular")),
        *((one.slug, f"{one.name} ({one.postcode})") for one in every),
    ]


def _composer(form: NewsForm, *, organisation: Organisation, several: bool) -> str:
    return render_template(
        "news/compose.html",
        form=form,
        organisation=organisation.name,
        back=url_for("profiles.profile", slug=organisation.slug),
        several=several,
        ask_quarter=organisation.quarter is None,
        whom=dict(form.audience.choices),
        longest=notices.LONGEST_TITLE,
        longest_summary=news.LONGEST_SUMMARY,
        longest_place=happenings.LONGEST_PLACE,
    )


def _quarter(form: NewsForm, *, organisation: Organisation) -> Quarter | None:
    if organisation.quarter is not None:
        return organisation.quarter
    if form.quarter.data:
        return places.quarter(context.home(), slug=form.quarter.data)
    if form.chosen() is Audience.QUARTER:
        raise Refused("quarter_missing", field="quarter")
    return None


def _building(form: NewsForm, *, buildings: Sequence[Building]) -> Building | None:
    if form.chosen() is not Audience.BUILDING:
        return None
    if len(buildings) == 1:
        return buildings[0]
    building = reach.chosen(buildings, value=form.building.data)
    if building is None:
        raise Refused("place_missing", field="building")
    return building


def _post(form: NewsForm, *, organisation: Organisation, resident: Resident, buildings: Sequence[Building]) -> NewsItem:
    return news.post(
        context.home(),
        organisation=organisation,
        by=resident,
        title=form.title.data,
        summary=form.summary.data,
        body=form.body.data,
        audience=form.chosen(),
        now=context.now(),
        building=_building(form, buildings=buildings),
        quarter=_quarter(form, organisation=organisation),
        urgent_until=_urgent_until(form),
        happening=form.happening(now=context.now()),
    )


def _urgent_until(form: NewsForm) -> datetime | None:
    try:
        return moments.read(form.urgent_until.data or "")
    except ValueError:
        raise Refused("urgent_shape", field="urgent_until") from None
