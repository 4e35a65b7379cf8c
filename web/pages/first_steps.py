"""The first steps of a new place: what is done, what comes next and why; each leads to its ordinary page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext, lazy_gettext, ngettext
from flask_babel.speaklater import LazyString
from werkzeug.wrappers import Response

from instance import beginnings, cities, places
from instance.beginnings import Stage, Step, There
from instance.residents import Resident
from web.frame import context, guards

pages = Blueprint("first_steps", __name__, url_prefix="/admin/start")
pages.before_request(guards.administrators_only)

# Says "later" and nothing else: the guide then keeps out of the way, and stays under Administration.
COOKIE: Final = "palier_start"
LATER: Final = "later"
KEPT: Final = 180 * 24 * 3600
# Where a reminder stands above the page: where the steps are taken.
BESIDE: Final = frozenset({"places", "cities", "codes", "organisations"})

NAMES: Final = {
    Step.PLACE: lazy_gettext("Say where you are"),
    Step.BUILDING: lazy_gettext("Enter a building"),
    Step.ORGANISATION: lazy_gettext("Say who writes, and who answers for the building"),
    Step.LETTERS: lazy_gettext("Print the letters"),
    Step.SCREEN: lazy_gettext("Put up the screen in the hall"),
}
REASONS: Final = {
    Step.PLACE: lazy_gettext(
        "A city and at least one quarter. Buildings stand in a quarter, and news can be for one quarter only."
    ),
    Step.BUILDING: lazy_gettext(
        "Its name, its street, and its lots as they are written on the letterboxes. What is written for a building "
        "never leaves it."
    ),
    Step.ORGANISATION: lazy_gettext(
        "News come from an organisation: the town hall, a committee, the building's manager. People write in its name, "
        "and one organisation answers for the building and has the first part of its screen."
    ),
    Step.LETTERS: lazy_gettext(
        "Each letterbox gets a letter with a code. Whoever can open the letterbox lives there: no other proof is asked "
        "for."
    ),
    Step.SCREEN: lazy_gettext(
        "Any display that can open a web page. It shows the board of the building to whoever walks past, and no names."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A part of a step: what it is, where it is done, and whether it is."""

    name: str
    url: str
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step as it is drawn."""

    number: int
    name: LazyString
    why: LazyString
    stage: Stage
    duration: str
    parts: Sequence[Part]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminder:
    """The line above an administrator's page while something is missing."""

    done: int
    of: int
    following: str
    url: str


@pages.get("")
def start() -> str:
    """All steps and how they stand."""
    there = beginnings.look(context.home())
    stages = beginnings.stages(there=there)
    return render_template(
        "admin/start.html",
        steps=[_view(stage, number=number, there=there) for number, stage in enumerate(stages, start=1)],
        done=sum(one.done for one in stages),
        minutes=beginnings.minutes_left(stages=stages),
        opened=there.opened,
        quarter_url=_quarter_url(),
        put_off=_put_off(),
    )


@pages.post("/later")
def later() -> Response:
    """Keep the guide out of the way, in this browser."""
    answer = redirect(url_for("administration.index"))
    secure = context.settings().secure
    answer.set_cookie(COOKIE, LATER, max_age=KEPT, httponly=True, samesite="Lax", secure=secure)
    return answer


@pages.post("/resume")
def resume() -> Response:
    """Take it up again."""
    answer = redirect(url_for("first_steps.start"))
    answer.delete_cookie(COOKIE)
    return answer


def _put_off() -> bool:
    return request.cookies.get(COOKIE) == LATER


def _view(stage: Stage, *, number: int, there: There) -> StepView:
    return StepView(
        number=number,
        name=NAMES[stage.step],
        why=REASONS[stage.step],
        stage=stage,
        duration=ngettext("about a minute", "about %(num)d minutes", stage.minutes),
        parts=_parts(stage.step, there=there),
    )


def _parts(step: Step, *, there: There) -> Sequence[Part]:
    match step:
        case Step.PLACE:
            return [
                Part(name=gettext("Enter the city and its quarters"), url=url_for("cities.index"), done=there.quarter)
            ]
        case Step.BUILDING:
            return [Part(name=gettext("Enter the building"), url=f"{_quarter_url()}#add", done=there.building)]
        case Step.ORGANISATION:
            return _organisation_parts(there)
        case Step.LETTERS:
            return [Part(name=gettext("Make the letters"), url=_building_url("letters"), done=there.letters)]
        case Step.SCREEN:
            return [Part(name=gettext("Add the screen"), url=_building_url("screens"), done=there.screen)]


def _organisation_parts(there: There) -> Sequence[Part]:
    latest = beginnings.latest_organisation(context.home())
    founding = f"{url_for('organisations.index')}#add"
    its_page = url_for("organisations.organisation", slug=latest.slug) if latest is not None else founding
    return [
        Part(name=gettext("Enter the organisation"), url=founding, done=there.organisation),
        Part(name=gettext("Say who writes in its name"), url=f"{its_page}#writers", done=there.writer),
        Part(name=gettext("Say who answers for the building"), url=_building_url("answers"), done=there.answered),
    ]


def _quarter_url() -> str:
    """The one quarter there is, else the list to choose from."""
    home = context.home()
    if cities.count_quarters(home) == 1:
        return url_for("places.quarter", slug=places.quarters(home)[0].slug)
    return url_for("places.quarters")


def _building_url(section: str) -> str:
    latest = beginnings.latest_building(context.home())
    if latest is None:
        return _quarter_url()
    return f"{url_for('places.building', public_id=latest.public_id)}#{section}"


def reminder() -> Reminder | None:
    """What stands above the pages where the steps are taken; None for everybody and everywhere else."""
    resident = context.resident()
    if request.blueprint not in BESIDE or resident is None or not resident.is_administrator or _put_off():
        return None
    return _reminder()


def standing() -> Reminder | None:
    """The same for the administration's first page, also after it was put off."""
    return _reminder()


def _reminder() -> Reminder | None:
    stages = beginnings.stages(there=beginnings.look(context.home()))
    following = next((one for one in stages if one.following), None)
    if following is None:
        return None
    return Reminder(
        done=sum(one.done for one in stages),
        of=len(stages),
        following=str(NAMES[following.step]),
        url=url_for("first_steps.start"),
    )


def after_signing_in(resident: Resident, *, onward: str) -> str:
    """Where to go after signing in: an administrator of a place that is not ready begins with the steps."""
    if onward != "/" or not resident.is_administrator or _put_off() or _reminder() is None:
        return onward
    return url_for("first_steps.start")
