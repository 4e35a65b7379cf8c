"""The administrators' first page: what there is to look after, and how it stands."""

from dataclasses import dataclass

from flask import Blueprint, render_template, url_for
from flask_babel import gettext, ngettext
from sqlalchemy import func, select

from federation.models import Delivery, DeliveryState, Peer, PeerState
from instance import checking, organisations, places, reports, roles
from web.frame import context, guards
from web.pages import first_steps

pages = Blueprint("administration", __name__, url_prefix="/admin")
pages.before_request(guards.administrators_only)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One thing to look after: where it is done, its icon, and how it stands."""

    url: str
    icon: str
    name: str
    standing: str


@pages.get("")
def index() -> str:
    """Everything an administrator looks after."""
    return render_template("admin/index.html", tasks=[*_at_home(), *_around()], first_steps=first_steps.standing())


def _at_home() -> list[Task]:
    home = context.home()
    buildings = places.count_buildings(home)
    founded = len(organisations.every(home))
    accounts = roles.count(home)
    waiting = len(checking.queue(home, by=context.require_resident(), now=context.now()))
    reported = len(reports.open_reports(home, by=context.require_resident()))
    return [
        Task(
            url=url_for("places.quarters"),
            icon="building-2",
            name=gettext("Quarters and buildings"),
            standing=ngettext("%(num)d building", "%(num)d buildings", buildings),
        ),
        Task(
            url=url_for("organisations.index"),
            icon="badge-check",
            name=gettext("Organisations"),
            standing=ngettext("%(num)d organisation", "%(num)d organisations", founded),
        ),
        Task(
            url=url_for("accounts.index"),
            icon="users",
            name=gettext("Accounts"),
            standing=ngettext("%(num)d account", "%(num)d accounts", accounts),
        ),
        Task(
            url=url_for("papers.index"),
            icon="badge-check",
            name=gettext("Documents of newcomers"),
            standing=ngettext("%(num)d document waits", "%(num)d documents wait", waiting),
        ),
        Task(
            url=url_for("moderation.desk"),
            icon="shield",
            name=gettext("Moderation"),
            standing=ngettext("%(num)d open report", "%(num)d open reports", reported),
        ),
    ]


def _around() -> list[Task]:
    outside = context.federation()
    known = outside.scalar(select(func.count()).select_from(Peer).where(Peer.state == PeerState.KNOWN)) or 0
    owed = select(func.count()).select_from(Delivery)
    failed = outside.scalar(owed.where(Delivery.state.in_((DeliveryState.FAILED, DeliveryState.ABANDONED)))) or 0
    return [
        Task(
            url=url_for("peers.index"),
            icon="map-pin",
            name=gettext("Neighbouring towns"),
            standing=ngettext("%(num)d known town", "%(num)d known towns", known),
        ),
        Task(
            url=url_for("crossings.index"),
            icon="globe",
            name=gettext("What leaves, what comes in"),
            standing=ngettext("%(num)d parcel not delivered", "%(num)d parcels not delivered", failed),
        ),
    ]
