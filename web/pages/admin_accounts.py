"""Accounts: what somebody may do here, and locking or giving back an account; for administrators."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from instance import moderation, passkeys, places, residents, roles, second_factor, suspensions
from instance.places import Quarter
from instance.residents import Resident, Role, State
from web.acts import deciding
from web.frame import context, guards
from web.frame.forms import PageForm
from web.pages.verdicts import ReasonForm, VerdictForm

pages = Blueprint("accounts", __name__, url_prefix="/admin/accounts")
pages.before_request(guards.administrators_only)

STRETCH: Final = 100
# Two forms of one page ask for a reason.
UNLOCK: Final = "unlock-"

ROLES: Final = {
    Role.RESIDENT: lazy_gettext("Neighbour"),
    Role.MODERATOR: lazy_gettext("Moderator"),
    Role.ADMINISTRATOR: lazy_gettext("Administrator"),
}
STATES: Final = {
    State.ACTIVE: lazy_gettext("In use"),
    State.SUSPENDED: lazy_gettext("Suspended"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """An account by its login name. Name, address and e-mail are not shown: nothing here needs them."""

    public_id: uuid.UUID
    login: str
    role: str
    state: str
    suspended: bool
    since: datetime
    own: bool


class RoleForm(PageForm):
    """What somebody may do."""

    role = SelectField(
        lazy_gettext("May act as"), choices=[SelectChoice(one.value, word) for one, word in ROLES.items()]
    )
    quarter = SelectField(lazy_gettext("A moderator looks after"), default="")

    def offer(self, quarters: Sequence[Quarter]) -> "RoleForm":
        """Let a quarter be chosen of those that are there."""
        whole = SelectChoice("", lazy_gettext("the whole town"))
        self.quarter.choices = [whole, *(SelectChoice(one.slug, one.name) for one in quarters)]
        return self


def _line(resident: Resident) -> AccountLine:
    return AccountLine(
        public_id=resident.public_id,
        login=resident.login,
        role=str(ROLES[Role(resident.role)]),
        state=str(STATES[State(resident.state)]),
        suspended=resident.state == State.SUSPENDED,
        since=resident.created_at,
        own=resident.id == context.require_resident().id,
    )


@pages.get("")
def index() -> str:
    """All accounts by login name, a stretch at a time."""
    after = request.args.get("after", "")
    found = roles.accounts(context.home(), after=after, limit=STRETCH + 1)
    shown = found[:STRETCH]
    return render_template(
        "admin/accounts.html",
        accounts=[_line(one) for one in shown],
        further=shown[-1].login if len(found) > STRETCH else None,
    )


@pages.get("/<uuid:public_id>")
def account(public_id: uuid.UUID) -> str:
    """One account."""
    return _page(residents.find(context.home(), public_id=public_id))


def _role_form(resident: Resident) -> RoleForm:
    home = context.home()
    quarter = places.quarter_by_id(home, id=resident.desk_quarter_id).slug if resident.desk_quarter_id else ""
    return RoleForm(None, role=resident.role, quarter=quarter).offer(places.quarters(home))


def _page(
    resident: Resident,
    *,
    role: RoleForm | None = None,
    reason: ReasonForm | None = None,
    suspend: VerdictForm | None = None,
    unlock: ReasonForm | None = None,
) -> str:
    return render_template(
        "admin/account.html",
        account=_line(resident),
        protected=second_factor.is_on(context.home(), resident=resident)
        or passkeys.count(context.home(), resident=resident) > 0,
        role=role or _role_form(resident),
        reason=reason or ReasonForm(None),
        suspend=suspend or VerdictForm(None),
        unlock=unlock or ReasonForm(None, prefix=UNLOCK),
    )


@pages.post("/<uuid:public_id>/role")
def change_role(public_id: uuid.UUID) -> str | Response:
    """Make somebody a moderator, an administrator, or a neighbour like the others."""
    resident = residents.find(context.home(), public_id=public_id)
    form = RoleForm().offer(places.quarters(context.home()))
    if form.carry_out(
        lambda: roles.give(
            context.home(),
            resident=resident,
            role=Role(form.role.data),
            quarter=places.quarter(context.home(), slug=form.quarter.data) if form.quarter.data else None,
            by=context.require_resident(),
        )
    ):
        word = str(ROLES[Role(resident.role)])
        flash(gettext("%(login)s may act as: %(role)s.", login=resident.login, role=word))
        return redirect(url_for("accounts.account", public_id=public_id))
    return _page(resident, role=form)


@pages.post("/<uuid:public_id>/suspend")
def suspend(public_id: uuid.UUID) -> str | Response:
    """Lock an account: signed out everywhere, its notices hidden."""
    resident, form = residents.find(context.home(), public_id=public_id), VerdictForm()
    said = gettext("The account %(login)s is suspended.", login=resident.login)

    def act(session: Session, **given: Any) -> None:
        verdict = form.verdict()
        until = deciding.until(verdict.days, now=context.now())
        suspensions.suspend(session, rule=deciding.ruled(verdict), until=until, **given)

    return _decided(resident, form=form, act=act, said=said) or _page(resident, suspend=form)


@pages.post("/<uuid:public_id>/reinstate")
def reinstate(public_id: uuid.UUID) -> str | Response:
    """Give an account back."""
    resident, form = residents.find(context.home(), public_id=public_id), ReasonForm()
    said = gettext("The account %(login)s can be used again.", login=resident.login)
    return _decided(resident, form=form, act=suspensions.reinstate, said=said) or _page(resident, reason=form)


@pages.post("/<uuid:public_id>/second-step")
def take_away(public_id: uuid.UUID) -> str | Response:
    """Turn off the second step and the passkeys of somebody who lost their means."""
    resident, form = residents.find(context.home(), public_id=public_id), ReasonForm(prefix=UNLOCK)
    said = gettext("%(login)s signs in with the password alone again.", login=resident.login)
    return _decided(resident, form=form, act=moderation.take_away_second_step, said=said) or _page(
        resident, unlock=form
    )


def _decided(resident: Resident, *, form: ReasonForm, act: Callable[..., object], said: str) -> Response | None:
    """Do something with an account for the reason in the form; None when the form says why not."""
    if not form.carry_out(
        lambda: act(
            context.home(),
            resident=resident,
            reason=form.reason.data or "",
            by=context.require_resident(),
            now=context.now(),
        )
    ):
        return None
    flash(said)
    return redirect(url_for("accounts.account", public_id=resident.public_id))
