"""Addresses for administrators: found as people type them, to add a building there or to say where one stands."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from instance import cities, places, streets
from instance.base import Refused
from instance.places import Building
from instance.streets import Address
from web.frame import context, guards
from web.frame.forms import PageForm

pages = Blueprint("addresses", __name__, url_prefix="/admin")
pages.before_request(guards.administrators_only)

NEEDED = lazy_gettext("Fill in this field.")


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildingLink:
    """A building that stands at an address."""

    public_id: uuid.UUID
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressLine:
    """An address that was found; `here` are the buildings that stand there."""

    id: str
    line: str
    town: str
    here: Sequence[BuildingLink]


class BuildingForm(PageForm):
    """A new building at an address."""

    address = HiddenField()
    name = StringField(lazy_gettext("Name of the building"), [InputRequired(NEEDED)])
    street = StringField(lazy_gettext("Street and number"), [InputRequired(NEEDED)])
    quarter = SelectField(lazy_gettext("Quarter"), [InputRequired(NEEDED)])
    lots = TextAreaField(lazy_gettext("Lots"), [InputRequired(NEEDED)])


class AddressForm(PageForm):
    """One of the addresses shown."""

    address = HiddenField()


def lines(found: Sequence[Address]) -> Sequence[AddressLine]:
    """Addresses as a page shows them."""
    return [
        AddressLine(
            id=one.id,
            line=one.line,
            town=f"{one.street.postcode} {one.street.city.name}".strip(),
            here=[
                BuildingLink(public_id=building.public_id, name=building.name)
                for building in streets.buildings_at(context.home(), address=one)
            ],
        )
        for one in found
    ]


def _wish() -> str:
    return request.args.get("q", "").strip()


def _found() -> Sequence[AddressLine]:
    return lines(streets.search(context.home(), text=_wish())) if _wish() else ()


# --- a new building


@pages.get("/addresses")
def index() -> str:
    """Find an address; each one leads to a building there, or to a new one."""
    return render_template(
        "admin/addresses.html", wish=_wish(), found=_found(), empty=not streets.count(context.home())
    )


@pages.get("/addresses/building")
def new_building() -> str:
    """A form for a building at the address named in the query; street and quarter are filled in."""
    found = streets.address(context.home(), id=request.args.get("address", ""))
    return _new_building(found, form=_building_form(found, sent=False))


@pages.post("/addresses/building")
def add_building() -> str | Response:
    """Add a building at an address."""
    home = context.home()
    found = streets.address(home, id=request.form.get("address", ""))
    form = _building_form(found, sent=True)
    if done := form.carry_out(lambda: _add(form, address=found)):
        flash(gettext("The building is entered. Print the letters for its letterboxes."))
        return redirect(url_for("places.building", public_id=done.what.public_id))
    return _new_building(found, form=form)


def _add(form: BuildingForm, *, address: Address) -> Building:
    home = context.home()
    building = places.add_building(
        home,
        quarter=places.quarter(home, slug=form.quarter.data),
        name=form.name.data,
        street=form.street.data,
        lots=places.read_lots(form.lots.data),
        now=context.now(),
    )
    streets.put(home, building=building, address=address)
    return building


def _building_form(address: Address, *, sent: bool) -> BuildingForm:
    """The form, with the quarters of the address's city: those of its postcode first, chosen if there is but one."""
    every = cities.quarters_of(context.home(), city=address.street.city)
    near = [one for one in every if one.postcode == address.street.postcode]
    given = {"address": address.id, "street": address.line, "quarter": near[0].slug if len(near) == 1 else ""}
    form = BuildingForm(**given) if sent else BuildingForm(None, **given)
    form.quarter.choices = [
        SelectChoice("", gettext("Choose its quarter")),
        *(SelectChoice(one.slug, f"{one.name}, {one.postcode}") for one in near),
        *(SelectChoice(one.slug, f"{one.name}, {one.postcode}") for one in every if one not in near),
    ]
    return form


def _new_building(address: Address, *, form: BuildingForm) -> str:
    [line] = lines([address])
    return render_template("admin/address_building.html", address=line, form=form)


# --- where a building stands


@pages.get("/buildings/<uuid:public_id>/addresses")
def of_building(public_id: uuid.UUID) -> str:
    """The addresses of one building, and a search for further ones."""
    return _of_building(places.building(context.home(), public_id=public_id), form=AddressForm(None))


def _of_building(found: Building, *, form: AddressForm) -> str:
    there = lines(streets.of_building(context.home(), building=found))
    known = {one.id for one in there}
    return render_template(
        "admin/building_addresses.html",
        building=BuildingLink(public_id=found.public_id, name=found.name),
        street=found.street,
        quarter=(found.quarter.slug, found.quarter.name),
        there=there,
        form=form,
        wish=_wish(),
        found=[one for one in _found() if one.id not in known],
        empty=not streets.count(context.home()),
    )


@pages.post("/buildings/<uuid:public_id>/addresses")
def put(public_id: uuid.UUID) -> str | Response:
    """Say that the building stands at an address, too."""
    found = places.building(context.home(), public_id=public_id)
    form = AddressForm()
    if form.carry_out(lambda: streets.put(context.home(), building=found, address=_chosen(form))):
        flash(gettext("Kept."))
        return redirect(url_for("addresses.of_building", public_id=public_id))
    return _of_building(places.building(context.home(), public_id=public_id), form=form)


@pages.post("/buildings/<uuid:public_id>/addresses/remove")
def remove(public_id: uuid.UUID) -> str | Response:
    """Say that the building does not stand at an address."""
    found = places.building(context.home(), public_id=public_id)
    form = AddressForm()
    if form.carry_out(lambda: streets.take_away(context.home(), building=found, address=_chosen(form))):
        flash(gettext("Kept."))
        return redirect(url_for("addresses.of_building", public_id=public_id))
    return _of_building(places.building(context.home(), public_id=public_id), form=form)


def _chosen(form: AddressForm) -> Address:
    if not form.address.data:
        raise Refused("address_missing")
    return streets.address(context.home(), id=form.address.data)
