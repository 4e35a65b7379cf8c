"""Organisations that publish: founding them, who writes in their name, which buildings they answer for."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from werkzeug.wrappers import Response
from wtforms import BooleanField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from instance import organisations, places, residents
from instance.organisations import Kind, Organisation
from instance.places import Quarter
from instance.residents import Resident
from web.frame import context, guards
from web.frame.forms import PageForm
from web.pages import profiles

pages = Blueprint("organisations", __name__, url_prefix="/admin/organisations")
pages.before_request(guards.administrators_only)

NEEDED = lazy_gettext("Fill in this field.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody who writes in the organisation's name."""

    public_id: uuid.UUID
    login: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A building the organisation answers for."""

    public_id: uuid.UUID
    name: str
    street: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrganisationView:
    """One organisation, in the list or on its page."""

    slug: str
    name: str
    kind: str
    quarter: str | None
    verified: bool
    members: Sequence[Member]
    buildings: Sequence[Answered]


class FoundForm(PageForm):
    """A new organisation."""

    name = StringField(lazy_gettext("Name"), [InputRequired(NEEDED)])
    kind = SelectField(lazy_gettext("What it is"))
    summary = TextAreaField(lazy_gettext("What it does, in a few words"), [InputRequired(NEEDED)])
    quarter = SelectField(lazy_gettext("Quarter"))
    slug = StringField(lazy_gettext("Short name"))
    verified = BooleanField(lazy_gettext("We know that it is who it says it is"))


class ProfileForm(PageForm):
    """Its public name and summary."""

    name = StringField(lazy_gettext("Name"), [InputRequired(NEEDED)])
    summary = TextAreaField(lazy_gettext("What it does, in a few words"), [InputRequired(NEEDED)])


class MemberForm(PageForm):
    """Who may write in its name."""

    login = StringField(lazy_gettext("Login name"), [InputRequired(NEEDED)])


class BuildingForm(PageForm):
    """A building it answers for."""

    building = SelectField(lazy_gettext("Building"))


def _view(found: Organisation) -> OrganisationView:
    answered = organisations.answered(context.home(), organisation=found)
    return OrganisationView(
        slug=found.slug,
        name=found.name,
        kind=str(profiles.KINDS[Kind(found.kind)]),
        quarter=found.quarter.name if found.quarter else None,
        verified=found.verified_at is not None,
        members=sorted(
            (Member(public_id=one.resident.public_id, login=one.resident.login) for one in found.members),
            key=lambda one: one.login,
        ),
        buildings=[Answered(public_id=one.public_id, name=one.name, street=one.street) for one in answered],
    )


def _found_form() -> FoundForm:
    form = FoundForm() if request.method == "POST" else FoundForm(None)
    form.kind.choices = [SelectChoice(one.value, profiles.KINDS[one]) for one in Kind]
    every = [SelectChoice(one.slug, f"{one.name} ({one.postcode})") for one in places.quarters(context.home())]
    form.quarter.choices = [SelectChoice("", gettext("The whole town")), *every]
    return form


@pages.route("", methods=["GET", "POST"])
def index() -> str | Response:
    """All organisations, and a form to found one."""
    form = _found_form()
    if done := form.carry_out(
        lambda: organisations.found(
            context.home(),
            name=form.name.data,
            kind=Kind(form.kind.data),
            summary=form.summary.data,
            slug=(form.slug.data or "").strip() or None,
            quarter=_quarter(form.quarter.data),
            verified=form.verified.data,
            now=context.now(),
        )
    ):
        flash(gettext("%(name)s is entered. Say who writes in its name.", name=done.what.name))
        return redirect(url_for("organisations.organisation", slug=done.what.slug))
    every = [_view(one) for one in organisations.every(context.home())]
    return render_template("admin/organisations.html", organisations=every, form=form)


def _quarter(slug: str | None) -> Quarter | None:
    return places.quarter(context.home(), slug=slug) if slug else None


@pages.get("/<slug>")
def organisation(slug: str) -> str:
    """One organisation: its profile, its members, its buildings."""
    return _page(organisations.by_slug(context.home(), slug=slug))


def _page(found: Organisation, *, profile: ProfileForm | None = None, member: MemberForm | None = None) -> str:
    view = _view(found)
    return render_template(
        "admin/organisation.html",
        organisation=view,
        profile=profile or ProfileForm(None, name=found.name, summary=found.summary),
        member=member or MemberForm(None),
        building=_building_form(found, reading=True),
    )


def _building_form(found: Organisation, *, reading: bool) -> BuildingForm:
    form = BuildingForm(None) if reading else BuildingForm()
    others = [one for one in places.buildings(context.home()) if one.installer_id != found.id]
    form.building.choices = [SelectChoice(str(one.public_id), f"{one.name}, {one.street}") for one in others]
    return form


@pages.post("/<slug>/profile")
def describe(slug: str) -> str | Response:
    """Change its public name and summary."""
    found = organisations.by_slug(context.home(), slug=slug)
    form = ProfileForm()
    if form.carry_out(
        lambda: organisations.describe(
            context.home(),
            organisation=found,
            name=form.name.data,
            summary=form.summary.data,
            now=context.now(),
        )
    ):
        flash(gettext("Kept."))
        return redirect(url_for("organisations.organisation", slug=slug))
    return _page(found, profile=form)


@pages.post("/<slug>/members")
def add_member(slug: str) -> str | Response:
    """Let somebody write in its name."""
    found = organisations.by_slug(context.home(), slug=slug)
    form = MemberForm()
    if done := form.carry_out(lambda: _add_member(found, login=form.login.data)):
        flash(gettext("%(login)s writes for %(name)s.", login=done.what.login, name=found.name))
        return redirect(url_for("organisations.organisation", slug=slug))
    return _page(found, member=form)


def _add_member(found: Organisation, *, login: str) -> Resident:
    somebody = residents.by_login(context.home(), login=login)
    organisations.add_member(context.home(), organisation=found, resident=somebody, now=context.now())
    return somebody


@pages.post("/<slug>/members/<uuid:public_id>/remove")
def remove_member(slug: str, public_id: uuid.UUID) -> Response:
    """Take that right back; what was written stays."""
    found = organisations.by_slug(context.home(), slug=slug)
    somebody = residents.find(context.home(), public_id=public_id)
    organisations.remove_member(context.home(), organisation=found, resident=somebody)
    context.commit()
    flash(gettext("%(login)s no longer writes for %(name)s.", login=somebody.login, name=found.name))
    return redirect(url_for("organisations.organisation", slug=slug))


@pages.post("/<slug>/buildings")
def add_building(slug: str) -> Response:
    """Let it write on a building's board and first pane."""
    found = organisations.by_slug(context.home(), slug=slug)
    form = _building_form(found, reading=False)
    if form.validate_on_submit():
        chosen = places.building(context.home(), public_id=uuid.UUID(form.building.data))
        organisations.answer_for(context.home(), building=chosen, organisation=found)
        context.commit()
        flash(gettext("%(name)s answers for %(building)s.", name=found.name, building=chosen.name))
    return redirect(url_for("organisations.organisation", slug=slug))
