"""The public page of an organisation or of an opened quarter: who it is, its public news, how to follow it."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, current_app, render_template, url_for
from flask_babel import gettext, lazy_gettext
from flask_babel.speaklater import LazyString

from instance import news, organisations, places
from instance.base import Refused
from instance.organisations import Kind, Organisation
from instance.places import Quarter
from web.frame import context
from web.frame.slips import Slip
from web.views import slips

pages = Blueprint("profiles", __name__)

# Made by the page of follows; linked once that page exists.
FOLLOWS: Final = "follows.index"

KINDS: Final[dict[Kind, LazyString]] = {
    Kind.TOWN_HALL: lazy_gettext("Town hall"),
    Kind.COMMITTEE: lazy_gettext("Quarter committee"),
    Kind.ASSOCIATION: lazy_gettext("Association"),
    Kind.SHOP: lazy_gettext("Shop"),
    Kind.LANDLORD: lazy_gettext("Landlord"),
    Kind.MANAGER: lazy_gettext("Property manager"),
    Kind.DEVELOPER: lazy_gettext("Developer"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A public page. `handle` is what people elsewhere search for; the two addresses are for its members."""

    name: str
    kind: str
    verified: bool
    summary: str
    quarter: str | None
    quarter_url: str | None
    handle: str
    actor: str
    slips: tuple[Slip, ...]
    write_url: str | None
    follows_url: str | None
    screens_url: str | None
    letters_url: str | None


@pages.get("/@<slug>")
def profile(slug: str) -> str:
    """An organisation or an opened quarter; the same answer as for none for a quarter that is not open."""
    return render_template("profiles/profile.html", profile=_profile(slug))


def _profile(slug: str) -> Profile:
    try:
        return _of_organisation(organisations.by_slug(context.home(), slug=slug))
    except Refused:
        quarter = places.quarter(context.home(), slug=slug)
    if quarter.opened_at is None:
        raise Refused("not_found")
    return _of_quarter(quarter)


def _handle(slug: str) -> str:
    return f"@{slug}@{context.settings().authority}"


def _of_organisation(organisation: Organisation) -> Profile:
    quarter = organisation.quarter
    opened = quarter is not None and quarter.opened_at is not None
    member = organisation.id in context.reader().organisation_ids
    shown = news.public(context.home(), organisation=organisation)
    return Profile(
        name=organisation.name,
        kind=str(KINDS[Kind(organisation.kind)]),
        verified=organisation.verified_at is not None,
        summary=organisation.summary,
        quarter=quarter.name if quarter else None,
        quarter_url=url_for("profiles.profile", slug=quarter.slug) if quarter and opened else None,
        handle=_handle(organisation.slug),
        actor=context.absolute(f"/users/{organisation.slug}"),
        slips=slips.board(context.home(), notices=shown, reader=context.reader()),
        write_url=url_for("news.compose", slug=organisation.slug) if member else None,
        follows_url=_follows(organisation) if member else None,
        screens_url=url_for("screens.index", slug=organisation.slug) if member else None,
        letters_url=url_for("letters.index", slug=organisation.slug) if member and _prints(organisation) else None,
    )


def _prints(organisation: Organisation) -> bool:
    return Kind(organisation.kind) in organisations.PRINTERS


def _follows(organisation: Organisation) -> str | None:
    known = FOLLOWS in current_app.view_functions
    return url_for(FOLLOWS, slug=organisation.slug) if known else None


def _of_quarter(quarter: Quarter) -> Profile:
    shown = news.public(context.home(), quarter=quarter)
    return Profile(
        name=quarter.name,
        kind=gettext("Quarter of %(city)s", city=quarter.city.name),
        verified=False,
        summary=gettext("The public news about this quarter, told by the organisations that work in it."),
        quarter=None,
        quarter_url=None,
        handle=_handle(quarter.slug),
        actor=context.absolute(f"/users/{quarter.slug}"),
        slips=slips.board(context.home(), notices=shown, reader=context.reader()),
        write_url=None,
        follows_url=None,
        screens_url=None,
        letters_url=None,
    )
