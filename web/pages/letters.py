"""Letters for the letterboxes of the buildings that an organisation answers for, for whoever writes in its name.

The rules are those of administrators: a letter for every lot, codes shown once, and nothing that tells who used one.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, render_template, url_for
from werkzeug.wrappers import Response

from instance import organisations, places
from instance.base import Refused
from instance.organisations import Organisation
from instance.places import Building
from web.frame import context, moments
from web.pages import lettering

pages = Blueprint("letters", __name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingLine:
    """A building the organisation answers for, and the form for one of its lots."""

    public_id: uuid.UUID
    name: str
    street: str
    lots: int
    delivered_on: datetime | None  # to come
    form: lettering.LotForm


@pages.get("/organisations/<slug>/letters")
def index(slug: str) -> str:
    """The buildings whose letters the organisation prints."""
    organisation = _printing(slug)
    return render_template(
        "letters/index.html", organisation=organisation.name, slug=organisation.slug, buildings=_lines(organisation)
    )


def _lines(organisation: Organisation) -> Sequence[BuildingLine]:
    return [
        BuildingLine(
            public_id=one.public_id,
            name=one.name,
            street=one.street,
            lots=len(one.lots),
            delivered_on=moments.to_come(one),
            form=lettering.form(one),
        )
        for one in organisations.answered(context.home(), organisation=organisation)
    ]


@pages.post("/organisations/<slug>/letters/<uuid:public_id>")
def sheet(slug: str, public_id: uuid.UUID) -> str | Response:
    """A letter for every lot of such a building."""
    return lettering.every(_answered_for(slug, public_id), back=url_for("letters.index", slug=slug))


@pages.post("/organisations/<slug>/letters/<uuid:public_id>/one")
def one(slug: str, public_id: uuid.UUID) -> str | Response:
    """A letter for one lot of such a building."""
    return lettering.one(_answered_for(slug, public_id), back=url_for("letters.index", slug=slug))


def _printing(slug: str) -> Organisation:
    resident = context.require_resident()
    organisation = organisations.by_slug(context.home(), slug=slug)
    if not organisations.may_print(context.home(), organisation=organisation, resident=resident):
        raise Refused("not_found")
    return organisation


def _answered_for(slug: str, public_id: uuid.UUID) -> Building:
    organisation = _printing(slug)
    building = places.building(context.home(), public_id=public_id)
    if building.installer_id != organisation.id:
        raise Refused("not_found")
    return building
